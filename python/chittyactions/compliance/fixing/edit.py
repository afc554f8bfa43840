"""Add what is missing to a YAML file that is there. What it holds stays as it is, byte for byte: new text goes between
its lines or its items, and what comes out is read again and has to say what was said before, with the new beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from chittyactions.compliance.documents import Malformed
from chittyactions.compliance.fixing.templates import scalar
from chittyactions.compliance.yaml_text import read_yaml

LONGEST = 200_000
"""Characters of a file that is edited; `.chittyconnect.yml` has a thousand."""

Path = tuple[str, ...]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the parser that yaml_text.py reads by


class CannotAdd(Exception):
    """A field that can't be added without changing something else. The text is the reason, half a sentence."""


@dataclass(frozen=True)
class _Place:
    """Where new text goes, and what stands there."""

    at: int
    text: str


def add_field(text: str, path: Path, value: Any) -> str:
    """`text` with `value` at `path`, where there is none, or with the items that a list or table there lacks.

    Raises CannotAdd; what is there is never changed.
    """
    if len(text) > LONGEST:
        raise CannotAdd("it is too long to be edited")
    try:
        data = read_yaml(text).data
        root = yaml.compose(text, Loader=_LOADER)
    except Malformed as error:
        raise CannotAdd(f"it cannot be read: {error}") from None
    except yaml.YAMLError:
        raise CannotAdd("it cannot be taken apart") from None
    if data is not None and not isinstance(data, dict):
        raise CannotAdd("it is no table of settings")
    wanted = _unshared({} if data is None else data)
    if not _set(wanted, path, value):
        return text
    place = _Editor(text, root).place(path, value)
    edited = text[: place.at] + place.text + text[place.at :]
    try:
        says = read_yaml(edited).data
    except Malformed:
        says = None
    if repr(says) != repr(wanted):
        raise CannotAdd("there is no place for it that leaves all else as it is")
    return edited


def _unshared(value: Any) -> Any:
    """A copy in which nothing is the same object twice, as what an alias repeats is."""
    if isinstance(value, dict):
        return {key: _unshared(one) for key, one in value.items()}
    return [_unshared(one) for one in value] if isinstance(value, list) else value


def _set(data: Any, path: Path, value: Any) -> bool:
    """Put a value where there is none; whether there was anything to do. Raises CannotAdd where another is there."""
    for depth, key in enumerate(path[:-1], 1):
        if data.get(key) is None:
            data[key] = {}
        data = data[key]
        if not isinstance(data, dict):
            raise CannotAdd(f"{'.'.join(path[:depth])} is no table, so that {path[depth]} cannot stand below it")
    there = data.get(path[-1])
    name = ".".join(path)
    if there is None:
        data[path[-1]] = value
        return True
    if not isinstance(value, list):
        raise CannotAdd(f"{name} is there already, with another value")
    lacking = _lacking(there, value, name)
    if isinstance(there, dict):
        there.update(dict.fromkeys(lacking, True))
    else:
        there.extend(lacking)
    return bool(lacking)


def _lacking(there: Any, value: list[str], name: str) -> list[str]:
    """The items that a list, or a table that switches them on, does not have."""
    if isinstance(there, list):
        return [one for one in value if one not in there]
    if not isinstance(there, dict):
        raise CannotAdd(f"{name} is neither a list nor a table")
    off = [one for one in value if one in there and (there[one] is None or there[one] is False)]
    if off:
        raise CannotAdd(f"{', '.join(off)} of {name} {'is' if len(off) == 1 else 'are'} switched off there")
    return [one for one in value if one not in there]


class _Editor:
    """A text with the nodes of its YAML, which say where everything stands."""

    def __init__(self, text: str, root: yaml.Node | None) -> None:
        self.text = text
        self.root = root
        self.newline = "\r\n" if re.match(r"[^\n]*\r\n", text) else "\n"

    def place(self, path: Path, value: Any) -> _Place:
        """Where `value` goes, so that it stands at `path`."""
        if not isinstance(self.root, yaml.MappingNode):
            return self._below(len(self.text), 0, _lines(path, value, 2))
        node: yaml.MappingNode = self.root
        for depth, key in enumerate(path):
            pair = next((pair for pair in node.value if pair[0].value == key), None)
            rest = path[depth:]
            if pair is None:
                return self._into(node, rest, value)
            if pair[1].start_mark.index < pair[0].end_mark.index:
                raise CannotAdd(f"{'.'.join(path[: depth + 1])} is an alias of something else")
            if _is_empty(pair[1]):
                return self._filling(node, pair, rest[1:], value)
            if isinstance(pair[1], yaml.MappingNode) and depth < len(path) - 1:
                node = pair[1]
                continue
            return self._among(pair[1], value, ".".join(path))
        raise AssertionError(path)  # the last key is either there or not

    def _into(self, node: yaml.MappingNode, rest: Path, value: Any) -> _Place:
        """A new key, behind the others of its table."""
        if node.flow_style or not node.value:
            return self._flow(node, f"{rest[0]}: {_flow(rest[1:], value)}")
        indent = min(key.start_mark.column for key, _ in node.value)
        lines = _lines(rest, value, self._step())
        if node is self.root and self._is_airy():
            lines = ["", *lines]
        return self._below(self._end(node), indent, lines)

    def _filling(self, node: yaml.MappingNode, pair: tuple[yaml.Node, yaml.Node], rest: Path, value: Any) -> _Place:
        """The value of a key that has none yet."""
        at = len(self.text[: pair[1].end_mark.index].rstrip(" \t"))
        if not rest or node.flow_style:
            return _Place(at, f" {_flow(rest, value)}")
        step = self._step()
        return self._below(at, pair[0].start_mark.column + step, _lines(rest, value, step))

    def _among(self, node: yaml.Node, value: Any, name: str) -> _Place:
        """The items that a list or a table lacks."""
        if not isinstance(node, yaml.CollectionNode):
            raise CannotAdd(f"{name} is {node.value!r} there")
        if isinstance(node, yaml.MappingNode):
            new = [f"{one}: true" for one in _lacking({key.value: True for key, _ in node.value}, value, name)]
        else:
            there = [one.value for one in node.value if isinstance(one, yaml.ScalarNode)]
            new = [scalar(one) for one in value if one not in there]
            if not node.flow_style:
                new = [f"- {one}" for one in new]
        if node.flow_style:
            return self._flow(node, ", ".join(new))
        return self._below(self._end(node), node.start_mark.column, new)

    def _flow(self, node: yaml.CollectionNode, new: str) -> _Place:
        """Behind the last item between brackets."""
        if not node.value:
            return _Place(node.start_mark.index + 1, new)
        last = node.value[-1]
        return _Place(self._end(last[1], last[0]) if isinstance(last, tuple) else self._end(last), f", {new}")

    def _below(self, at: int, indent: int, lines: Sequence[str]) -> _Place:
        """On lines of their own, below the one that `at` is in."""
        end = self.text.find("\n", at) + 1
        new = "".join(f"{' ' * indent if line else ''}{line}{self.newline}" for line in lines)
        if end:
            return _Place(end, new)
        return _Place(len(self.text), new if self.text.endswith("\n") or not self.text else self.newline + new)

    def _end(self, node: yaml.Node, key: yaml.Node | None = None) -> int:
        """Where what a node says ends; the node of an alias lies elsewhere, so that its key tells."""
        if key is not None and node.start_mark.index < key.end_mark.index:
            return int(key.end_mark.index)
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._end(last[1], last[0]) if isinstance(last, tuple) else self._end(last)
        end = int(node.end_mark.index)
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            return len(self.text[:end].rstrip())
        return end

    def _step(self) -> int:
        """How far this file indents."""
        assert isinstance(self.root, yaml.MappingNode)
        for _, value in self.root.value:
            if isinstance(value, yaml.MappingNode) and not value.flow_style and value.value:
                return max(1, int(value.value[0][0].start_mark.column))
        return 2

    def _is_airy(self) -> bool:
        """Whether blank lines stand between the topmost keys, or there is but one of them."""
        assert isinstance(self.root, yaml.MappingNode)
        keys = [key.start_mark.index for key, _ in self.root.value]
        blank = re.compile(r"\n[ \t]*\r?\n")
        return len(keys) == 1 or bool(blank.search(self.text, keys[0], keys[-1]))


def _is_empty(node: yaml.Node) -> bool:
    """Whether it is the value of a key that has none, `key:`."""
    return isinstance(node, yaml.ScalarNode) and node.start_mark.index == node.end_mark.index and not node.style


def _lines(path: Path, value: Any, step: int) -> list[str]:
    """A value below its keys, one a line."""
    keys = [f"{' ' * (step * depth)}{key}:" for depth, key in enumerate(path)]
    return [*keys[:-1], f"{keys[-1]} {_flow((), value)}"]


def _flow(path: Path, value: Any) -> str:
    """A value below its keys, on one line."""
    if path:
        return f"{{{path[0]}: {_flow(path[1:], value)}}}"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_flow((), one)}' for key, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(_flow((), one) for one in value)}]"
    return scalar(value)
