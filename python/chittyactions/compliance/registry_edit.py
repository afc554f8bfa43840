"""Changes to the text of a registry, each between what stands there: comments, order and layout stay as they are.

All edits of a text are worked out on it as it is and made at once; what comes out is read again and has to say what
was meant (docs/decisions/0007-fix-writes-between-lines.md).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from chittyactions.compliance.documents import Malformed
from chittyactions.compliance.fixing.templates import scalar
from chittyactions.compliance.yaml_text import plain, read_yaml

FIELDS = ("repo", "tier", "type", "domain", "territory", "active", "description")
"""The order in which a service's fields stand."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BARE = re.compile(r"[A-Za-z_.-][\w./-]*", re.ASCII)

Pair = tuple[yaml.Node, yaml.Node]


class CannotEdit(Exception):
    """A change for which the text has no place. The message is the reason, half a sentence."""


@dataclass(frozen=True)
class Edit:
    """A change to one service: a new one, fields of one that is there, or another name for it.

    Attributes:
        organization, service: where it stands, spelled as it does there.
        fields: what is put in place of what its fields say, or beside them; of a new service all of them.
        new: whether there is no such service yet.
        name: what it is to be called; "" for what it is called.
    """

    organization: str
    service: str
    fields: Mapping[str, str | int | bool]
    new: bool = False
    name: str = ""


@dataclass(frozen=True)
class _Splice:
    """What goes in place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text after all edits. Raises CannotEdit where one has no place, or would change anything else."""
    wanted_edits = list(edits)
    try:
        document = read_yaml(text)
        root = yaml.compose(text, Loader=_LOADER)
    except (Malformed, yaml.YAMLError):
        raise CannotEdit("it is no YAML") from None
    sheet = _Sheet(text, root)
    splices = [splice for edit in wanted_edits for splice in sheet.splices(edit)]
    pieces, at = [], 0
    for splice in sorted(splices, key=lambda one: (one.start, one.text.lower())):
        pieces += [text[at : splice.start], splice.text]
        at = splice.end
    made = "".join([*pieces, text[at:]])
    wanted = json.loads(json.dumps(document.data))  # what an alias repeats is a value of its own here
    for edit in wanted_edits:
        _apply(wanted["organizations"][edit.organization]["services"], edit)
    try:
        says = read_yaml(made).data
    except Malformed:
        says = None
    if json.dumps(says, sort_keys=True) != json.dumps(wanted, sort_keys=True):
        raise CannotEdit("there is no place for it that leaves all else as it is")
    return made


def _apply(services: dict[str, Any], edit: Edit) -> None:
    services.setdefault(edit.service, {}).update(edit.fields)
    if edit.name:
        services[edit.name] = services.pop(edit.service)


class _Table:
    """The services of an organisation as they stand in the text."""

    def __init__(self, node: yaml.MappingNode) -> None:
        self.node = node
        self.pairs: dict[str, Pair] = {key.value: (key, value) for key, value in node.value}
        self.names = [name.lower() for name in self.pairs]
        self.ordered = self.names == sorted(self.names)


class _Sheet:
    """A text with the nodes of its YAML, which say where everything stands."""

    def __init__(self, text: str, root: yaml.Node | None) -> None:
        self.text = text
        self.root = root
        self.newline = "\r\n" if re.match(r"[^\n]*\r\n", text) else "\n"
        self._tables: dict[str, _Table] = {}

    def splices(self, edit: Edit) -> list[_Splice]:
        """Where an edit goes."""
        services = self._services(edit.organization)
        if edit.new:
            return [self._addition(services, edit)]
        pair = services.pairs.get(edit.service)
        entry = None if pair is None else _mapping(*pair)
        if pair is None or entry is None:
            raise CannotEdit(f"{edit.organization}/{edit.service} is no table of its own there")
        made = [self._field(entry, field, value) for field, value in edit.fields.items()]
        if edit.name:
            key = pair[0]
            made.append(_Splice(key.start_mark.index, key.end_mark.index, written(edit.name)))
        return made

    def _services(self, organization: str) -> _Table:
        if organization not in self._tables:
            self._tables[organization] = _Table(self._find(organization))
        return self._tables[organization]

    def _find(self, organization: str) -> yaml.MappingNode:
        node = self.root if isinstance(self.root, yaml.MappingNode) else None
        for key in ("organizations", organization, "services"):
            pair = _pair(node, key) if node else None
            node = _mapping(*pair) if pair else None
        if node is None:
            raise CannotEdit(f"the services of {organization} are no table of their own there")
        return node

    def _field(self, entry: yaml.MappingNode, field: str, value: str | int | bool) -> _Splice:
        """A field of a service that is there: its value anew, or a field more."""
        pair = _pair(entry, field)
        if pair is not None:
            return self._value(pair, field, value)
        before = FIELDS[: FIELDS.index(field)]
        above = [one for one in entry.value if one[0].value in before]
        said = f"{field}: {written(value)}"
        if not entry.value:
            return _Splice(entry.start_mark.index + 1, entry.start_mark.index + 1, said)
        if entry.flow_style:
            at = self._end(above[-1]) if above else entry.value[0][0].start_mark.index
            return _Splice(at, at, f", {said}" if above else f"{said}, ")
        indent = entry.value[0][0].start_mark.column
        if above:
            return self._below(self._end(above[-1]), indent, [said])
        at = entry.value[0][0].start_mark.index
        return _Splice(at, at, f"{said}{self.newline}{' ' * indent}")

    def _value(self, pair: Pair, field: str, value: str | int | bool) -> _Splice:
        key, node = pair
        at = key.end_mark.index
        if not isinstance(node, yaml.ScalarNode) or node.style in ("|", ">") or node.start_mark.index < at:
            raise CannotEdit(f"what its {field} says is no plain text there")
        if node.start_mark.index == node.end_mark.index and not node.style:  # `tier:` with nothing behind it
            at = self.text.index(":", at) + 1
            return _Splice(at, at, f" {written(value)}")
        return _Splice(node.start_mark.index, node.end_mark.index, written(value))

    def _addition(self, table: _Table, edit: Edit) -> _Splice:
        """A new service, where its name belongs if the names are in order, else behind the last."""
        services = table.node
        fields = {field: edit.fields[field] for field in FIELDS if field in edit.fields}
        shown = [f"{field}: {written(value)}" for field, value in fields.items()]
        flow = f"{written(edit.service)}: {{{', '.join(shown)}}}"
        if not services.value:
            return _Splice(services.start_mark.index + 1, services.start_mark.index + 1, flow)
        number = bisect_left(table.names, edit.service.lower()) if table.ordered else len(table.names)
        if services.flow_style:
            at = self._end(services.value[number - 1]) if number else services.value[0][0].start_mark.index
            return _Splice(at, at, f", {flow}" if number else f"{flow}, ")
        indent = services.value[0][0].start_mark.column
        inner = next((one for _, one in services.value if isinstance(one, yaml.MappingNode) and one.value), None)
        lines = [flow]
        if inner is None or not inner.flow_style:
            deeper = inner.value[0][0].start_mark.column - indent if inner else 2
            lines = [f"{written(edit.service)}:", *(" " * deeper + one for one in shown)]
        if number:
            return self._below(self._end(services.value[number - 1]), indent, lines)
        at = self._above(services.value[0][0].start_mark.index)
        return _Splice(at, at, "".join(f"{' ' * indent}{line}{self.newline}" for line in lines))

    def _below(self, at: int, indent: int, lines: Sequence[str]) -> _Splice:
        """On lines of their own, below the one that `at` is in."""
        end = self.text.find("\n", at) + 1
        new = "".join(f"{' ' * indent}{line}{self.newline}" for line in lines)
        if end:
            return _Splice(end, end, new)
        return _Splice(len(self.text), len(self.text), self.newline + new)

    def _above(self, at: int) -> int:
        """The beginning of the line that `at` is in, or of the comments right above it, which belong to it."""
        start = self.text.rfind("\n", 0, at) + 1
        while start:
            above = self.text.rfind("\n", 0, start - 1) + 1
            if not self.text[above:start].lstrip().startswith("#"):
                break
            start = above
        return start

    def _end(self, pair: Pair) -> int:
        """Where a key with its value ends; the node of an alias lies elsewhere, so that its key tells."""
        key, node = pair
        if node.start_mark.index < key.end_mark.index:
            return int(key.end_mark.index)
        if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
            return self._end(node.value[-1])
        end = int(node.end_mark.index)
        while end and self.text[end - 1].isspace():
            end -= 1
        return end


def written(value: str | int | bool) -> str:
    """A value, or a key, as it is written on one line."""
    bare = isinstance(value, str) and _BARE.fullmatch(value) and value.strip(".-") and plain(value) == value
    return str(value) if bare else scalar(value)


def _pair(node: yaml.MappingNode, name: str) -> Pair | None:
    return next((pair for pair in node.value if pair[0].value == name), None)


def _mapping(key: yaml.Node, node: yaml.Node) -> yaml.MappingNode | None:
    """The value of a key, if it is a mapping that stands there and is no alias of one elsewhere."""
    return node if isinstance(node, yaml.MappingNode) and node.start_mark.index >= key.end_mark.index else None
