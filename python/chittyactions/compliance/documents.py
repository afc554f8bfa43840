"""Committed files as data with places: JSON, JSONC, TOML and the front matter of Markdown. YAML is in yaml_text.py.

Every reader is bounded, and says line and column of what it can't read.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from dataclasses import dataclass, field
from typing import Any, NamedTuple

toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

Path = tuple[str | int, ...]
"""Keys and positions from the top of a document down to a value."""

DEEPEST = 100
"""Levels of nesting in JSON and YAML."""

LARGEST = 200_000
"""Values of a document in JSON or YAML, those that aliases repeat included."""


class Spot(NamedTuple):
    """A place in a text, counted from 1; 0 where it is not known."""

    line: int = 0
    column: int = 0


class Malformed(ValueError):
    """A text that can't be read. `reason` is half a sentence."""

    def __init__(self, reason: str, spot: Spot) -> None:
        super().__init__(f"line {spot.line}, column {spot.column}: {reason}" if spot.line else reason)
        self.reason = reason
        self.spot = spot


class Places:
    """Where a value stands, and those in it: a tree, as a path for each takes gigabytes where it is deep."""

    __slots__ = ("inner", "spot")

    def __init__(self, spot: Spot | None = None) -> None:
        self.spot = spot
        self.inner: dict[str | int, Places] = {}

    def put(self, step: str | int, spot: Spot) -> Places:
        """What stands at `step`, in place of whatever stood there before."""
        made = self.inner[step] = Places(spot)
        return made


@dataclass(frozen=True)
class Document:
    """What a text says, and where it says it."""

    data: Any
    places: Places = field(default_factory=Places)

    def get(self, *path: str | int) -> Any:
        """The value at `path`, or None where there is none on the way."""
        found = self.data
        for step in path:
            if not holds(found, step):
                return None
            found = found[step]
        return found

    def has(self, *path: str | int) -> bool:
        """Whether there is a value at `path`; null is one."""
        return not path or holds(self.get(*path[:-1]), path[-1])

    def spot(self, *path: str | int) -> Spot:
        """Where the key at `path` stands, or the nearest thing around it."""
        nearest, places = Spot(1, 1), self.places
        for step in path:
            if step not in places.inner:
                break
            places = places.inner[step]
            nearest = places.spot or nearest
        return nearest


def holds(value: Any, step: str | int) -> bool:
    """Whether there is something at `step` of a mapping or a list."""
    if isinstance(value, dict):
        return step in value
    return isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value)


def read_json(text: str) -> Document:
    """A JSON document. Raises Malformed."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise Malformed(error.msg[:1].lower() + error.msg[1:], Spot(error.lineno, error.colno)) from None
    except (ValueError, RecursionError):  # a number of thousands of digits; "[[[[…"
        raise Malformed("it holds a number that is too long, or is nested too deeply", Spot(1, 1)) from None
    return Document(data, _places(text))


def read_jsonc(text: str) -> Document:
    """JSON with comments and trailing commas, as wrangler and TypeScript read it. Raises Malformed."""
    return read_json(_TRAILING.sub(_blanked_comma, _COMMENT.sub(_blanked, text)))


def read_toml(text: str) -> Document:
    """A TOML document; its places are those of whole keys at the beginning of a line. Raises Malformed."""
    if long := _LONG_KEY.search(text):
        line = text.count("\n", 0, long.start()) + 1
        raise Malformed("a key has more than 100 parts", Spot(line, long.start() - text.rfind("\n", 0, long.start())))
    try:
        data = toml.loads(text)
    except ValueError as error:
        at = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        reason = re.sub(r" \(at .*", "", str(error))
        raise Malformed(reason[:1].lower() + reason[1:], Spot(int(at[1]), int(at[2])) if at else Spot(1, 1)) from None
    except RecursionError:
        raise Malformed("it is nested too deeply", Spot(1, 1)) from None
    return Document(data, _toml_places(text))


def front_matter(text: str) -> tuple[str, int] | None:
    """The YAML between the `---` lines that a Markdown file begins with, and how many lines are above it; else None."""
    lines = text.splitlines()
    if not lines or lines[0].rstrip() != "---":
        return None
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() in ("---", "..."):
            return "\n".join(lines[1:number]), 1
    return None


# -- places ------------------------------------------------------------------------------------------------------

# A string or comment that never ends is taken to the end of the text, so that no pattern begins in it over and over.
_STRING = r'"(?:[^"\\]|\\.?)*(?:"|\Z)'
_COMMENT = re.compile(rf"{_STRING}|//[^\n\r]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_TRAILING = re.compile(
    rf"{_STRING}|[{{\[]\s*,|,(?=\s*[}}\]])", re.DOTALL
)  # a comma with nothing before it trails nothing
_TOKEN = re.compile(rf"{_STRING}|[{{}}\[\],:]|\n")


def _blanked(found: re.Match[str]) -> str:
    text = found[0]
    return text if text.startswith('"') else re.sub(r"[^\n\r]", " ", text)


def _blanked_comma(found: re.Match[str]) -> str:
    return " " if found[0] == "," else found[0]


def _places(text: str) -> Places:
    """Where each key and each item of a valid JSON text stands. Raises Malformed of one beyond the bounds."""
    root = Places()
    around: list[Places] = []
    steps: list[str | int] = []
    wants_key = False
    line, start, values = 1, 0, 1
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign == "\n":
            line, start = line + 1, token.end()
            continue
        spot = Spot(line, token.start() - start + 1)
        if sign[0] in '{["' and steps and isinstance(steps[-1], int):
            around[-1].put(steps[-1], spot)
        if sign in "{[":
            if len(around) >= DEEPEST:
                raise Malformed(f"it is nested more than {DEEPEST} levels deep", spot)
            around.append(around[-1].inner[steps[-1]] if around else root)
            steps.append("" if sign == "{" else 0)
            wants_key = sign == "{"
        elif sign in "}]":
            around.pop()
            steps.pop()
            wants_key = False
        elif sign == ",":
            if isinstance(steps[-1], int):
                steps[-1] += 1
            else:
                wants_key = True
        elif sign[0] == '"' and wants_key:
            steps[-1] = json.loads(sign, strict=False)
            around[-1].put(steps[-1], spot)
            wants_key = False
        values += sign in "{[,"
        if values > LARGEST:
            raise Malformed(f"it holds more than {LARGEST} values", spot)
    return root


LONGEST_NAME = 300
"""Signs of a line of TOML in which a table's or a key's name is looked for."""

# Python's reader takes minutes for a key of many thousand parts.
_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){100}""")
_TABLE = re.compile(r"\[\[?[ \t]*([\w.\"'-](?:[\w.\"' -]*[\w.\"'-])?)[ \t]*\]\]?[ \t]*(?:#.*)?")
_PAIR = re.compile(r"([ \t]*)([\w.\"'-]+)[ \t]*=")


def _toml_places(text: str) -> Places:
    root = table = Places()
    for number, whole in enumerate(text.split("\n"), 1):
        line = whole[:LONGEST_NAME]
        if line.lstrip().startswith("["):
            if found := _TABLE.fullmatch(line.strip()):
                table = _placed(root, found[1], Spot(number, 1))
        elif found := _PAIR.match(line):
            _placed(table, found[2], Spot(number, len(found[1]) + 1))
    return root


def _placed(places: Places, name: str, spot: Spot) -> Places:
    """What a dotted name stands for, with the place where it first stands."""
    for part in name.split("."):
        places = places.inner.setdefault(part.strip().strip("\"'"), Places())
    places.spot = places.spot or spot
    return places
