"""Committed files as data with places: JSON, JSONC, TOML and the front matter of Markdown. YAML is in yaml_text.py.

Every reader is bounded, and says line and column of what it can't read.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

Path = tuple[str | int, ...]
"""Keys and positions from the top of a document down to a value."""


@dataclass(frozen=True)
class Spot:
    """A place in a text, counted from 1; 0 where it is not known."""

    line: int = 0
    column: int = 0


class Malformed(ValueError):
    """A text that can't be read. `reason` is half a sentence."""

    def __init__(self, reason: str, spot: Spot) -> None:
        super().__init__(f"line {spot.line}, column {spot.column}: {reason}" if spot.line else reason)
        self.reason = reason
        self.spot = spot


@dataclass(frozen=True)
class Document:
    """What a text says, and where it says it."""

    data: Any
    spots: Mapping[Path, Spot] = field(default_factory=dict)

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
        for length in range(len(path), 0, -1):
            if path[:length] in self.spots:
                return self.spots[path[:length]]
        return Spot(1, 1)


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
    return Document(data, _spots(text))


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
    return Document(data, _toml_spots(text))


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


def _spots(text: str) -> dict[Path, Spot]:
    """Where each key and each item of a valid JSON text stands."""
    spots: dict[Path, Spot] = {}
    path: list[str | int] = []
    line, start = 1, 0
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign[0] in '{["' and path and isinstance(path[-1], int):
            spots.setdefault(tuple(path), Spot(line, token.start() - start + 1))
        if sign == "\n":
            line, start = line + 1, token.end()
        elif sign in "{[":
            path.append("" if sign == "{" else 0)
        elif sign in "}]":
            path.pop()
        elif sign == "," and isinstance(path[-1], int):
            path[-1] += 1
        elif sign[0] == '"' and path and isinstance(path[-1], str):
            after = text[token.end() : token.end() + 200].lstrip()
            if after.startswith(":"):
                path[-1] = json.loads(sign, strict=False)
                spots[tuple(path)] = Spot(line, token.start() - start + 1)
    return spots


LONGEST_NAME = 300
"""Signs of a line of TOML in which a table's or a key's name is looked for."""

# Python's reader takes minutes for a key of many thousand parts.
_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){100}""")
_TABLE = re.compile(r"[ \t]*\[\[?[ \t]*([\w.\"' -]+?)[ \t]*\]\]?[ \t]*(?:#.*)?")
_PAIR = re.compile(r"([ \t]*)([\w.\"'-]+)[ \t]*=")


def _toml_spots(text: str) -> dict[Path, Spot]:
    spots: dict[Path, Spot] = {}
    table: Path = ()
    for number, whole in enumerate(text.split("\n"), 1):
        line = whole[:LONGEST_NAME].rstrip("\r")
        if found := _TABLE.fullmatch(line):
            table = _dotted(found[1])
            spots.setdefault(table, Spot(number, 1))
        elif found := _PAIR.match(line):
            spots.setdefault((*table, *_dotted(found[2])), Spot(number, len(found[1]) + 1))
    return spots


def _dotted(name: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in name.split("."))
