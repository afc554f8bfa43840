"""YAML as data with places: bounded, by the rules of YAML 1.2, from events of the C parser.

Events and not PyYAML's composer: nothing recurses, so that nesting can't end the process; an alias is the very object
of its anchor, counted at its full size, so that a bomb is refused before it goes off; a key that stands twice is an
error, as it is to GitHub. `on`, `yes` and `no` are words (YAML 1.2, which GitHub reads), tags are passed over.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

import yaml

from chittyactions.compliance.documents import DEEPEST, LARGEST, Document, Malformed, Places, Spot

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


@dataclass
class _Open:
    """A mapping or a list that is being read."""

    value: Any
    places: Places
    anchor: str | None
    weight: int = 1
    key: str = ""
    """The key whose value comes next; keys are their text, whatever it may mean as a value."""
    waiting: bool = False
    """Whether `key` is set."""


@dataclass
class _Reader:
    """The state of one reading."""

    root: Any = None
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    places: Places = field(default_factory=Places)

    @property
    def wants_key(self) -> bool:
        """Whether the next scalar is a key."""
        top = self.stack[-1] if self.stack else None
        return top is not None and isinstance(top.value, dict) and not top.waiting

    def place(self, spot: Spot) -> Places:
        """The places in the mapping or list that comes next."""
        if not self.stack:
            return self.places
        top = self.stack[-1]
        return top.places.put(len(top.value), spot) if isinstance(top.value, list) else top.places.inner[top.key]

    def begin(self, value: Any, anchor: str | None, spot: Spot) -> None:
        """A mapping or a list begins."""
        if self.wants_key:
            raise Malformed("a key is a mapping or a list; is this a template with {{ … }} that needs quotes?", spot)
        if len(self.stack) >= DEEPEST:
            raise Malformed(f"it is nested more than {DEEPEST} levels deep", spot)
        places = self.place(spot)
        if anchor:
            self.anchors.pop(anchor, None)
        self.stack.append(_Open(value, places, anchor))

    def end(self) -> None:
        """The innermost mapping or list ends."""
        done = self.stack.pop()
        if done.anchor:
            self.anchors[done.anchor] = (done.value, done.weight)
        self.add(done.value, done.weight)

    def add(self, value: Any, weight: int, spot: Spot | None = None) -> None:
        """A whole value goes where it belongs; a scalar may be a key."""
        if not self.stack:
            self.root = value
            return
        top = self.stack[-1]
        top.weight += weight
        if top.weight > LARGEST:
            raise Malformed(f"it holds more than {LARGEST} values, with what its aliases repeat", spot or Spot())
        if isinstance(top.value, list):
            if spot:
                top.places.put(len(top.value), spot)
            top.value.append(value)
        elif top.waiting:
            top.value[top.key] = value
            top.waiting = False
        else:
            if not isinstance(value, str):
                raise Malformed("a key is a mapping or a list", spot or Spot())
            if value in top.value:
                raise Malformed(f"the key {value} stands twice", spot or Spot())
            top.key, top.waiting = value, True
            top.places.put(value, spot or Spot())


class _Lines:
    """Lines as editors count them. libyaml also begins one at U+2028 and its like, which YAML 1.2 does not."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def spot(self, mark: Any) -> Spot:
        """The place of a mark."""
        if mark is None:
            return Spot(1, 1)
        line = bisect_right(self._starts, mark.index)
        return Spot(line, mark.index - self._starts[line - 1] + 1)


def read_yaml(text: str) -> Document:
    """The document in `text`; an empty one holds None. Raises Malformed with line and column."""
    reader = _Reader()
    lines = _Lines(text)
    documents = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            spot = lines.spot(event.start_mark)
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise Malformed("it holds more than one document", spot)
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                reader.begin({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor, spot)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                reader.end()
            elif isinstance(event, yaml.ScalarEvent):
                value = event.value if reader.wants_key or not event.implicit[0] else plain(event.value)
                if event.anchor:
                    reader.anchors[event.anchor] = (value, 1)
                reader.add(value, 1, spot)
            elif isinstance(event, yaml.AliasEvent):
                if event.anchor not in reader.anchors:
                    raise Malformed(f"the alias *{event.anchor} comes before its anchor, or inside it", spot)
                reader.add(*reader.anchors[event.anchor], spot)
    except yaml.MarkedYAMLError as error:
        raise Malformed(_said(error), lines.spot(error.problem_mark or error.context_mark)) from None
    except yaml.YAMLError as error:  # a character that YAML does not allow
        above = text.encode()[: getattr(error, "position", 0)].decode("utf-8", "ignore")
        spot = Spot(above.count("\n") + 1, len(above) - above.rfind("\n"))
        raise Malformed(str(getattr(error, "reason", "") or "it is no YAML"), spot) from None
    return Document(reader.root, reader.places)


def plain(text: str) -> Any:
    """What an unquoted scalar means in YAML 1.2's core schema."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        if len(text) > 400:  # no number that anybody means
            return text
        return int(text, 0 if text[:2] in ("0o", "0x") else 10)
    return float(text) if _FLOAT.fullmatch(text) and len(text) <= 400 else text


def _said(error: yaml.MarkedYAMLError) -> str:
    return " ".join(part for part in (error.problem, error.context) if part) or "it is no YAML"
