"""Ruby's string literals: what one says, with its interpolations, and how a value is written as one.

A value never breaks out of its quotes: what would end the literal or start an interpolation is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tree_sitter import Node

from chittyactions.publish.formula import FormulaError


@dataclass(frozen=True)
class Interpolation:
    """`#{version.major}` in a literal: the text between the braces."""

    expression: str


@dataclass(frozen=True)
class Literal:
    """A string in a formula: where it stands (bytes, with its quotes), its quote, and its parts in order."""

    start: int
    end: int
    quote: str
    parts: tuple[str | Interpolation, ...]
    line: int

    @property
    def plain(self) -> bool:
        """Whether it says the same always."""
        return all(isinstance(part, str) for part in self.parts)

    def uses(self, name: str) -> bool:
        """Whether it interpolates `name`, or a method of it."""
        return any(
            isinstance(part, Interpolation) and re.match(rf"{name}\b", part.expression) is not None
            for part in self.parts
        )

    def value(self, names: Mapping[str, str]) -> str:
        """What it says where `names` (version, arch, os) have these values. Raises FormulaError for other names."""
        return "".join(part if isinstance(part, str) else self._look_up(part, names) for part in self.parts)

    def _look_up(self, part: Interpolation, names: Mapping[str, str]) -> str:
        name, *methods = part.expression.split(".")
        if name not in names:
            raise FormulaError(
                f"#{{{part.expression}}} in a string: its value is not known, only version and a cask's arch and os",
                line=self.line,
            )
        value = names[name]
        for method in methods:
            value = _changed(value, method, part, self.line)
        return value


def _changed(value: str, method: str, part: Interpolation, line: int) -> str:
    numbers = value.split(".")
    if method == "to_s":
        return value
    if method in ("major", "minor", "patch"):
        return [*numbers, "", "", ""][("major", "minor", "patch").index(method)]
    if method in ("major_minor", "major_minor_patch"):
        return ".".join(numbers[: method.count("_") + 1])
    if method.startswith("dots_to_") and method[8:] in _SIGNS:
        return value.replace(".", _SIGNS[method[8:]])
    if method == "no_dots":
        return value.replace(".", "")
    raise FormulaError(f"#{{{part.expression}}} in a string: the method {method} is not known", line=line)


_SIGNS = {"hyphens": "-", "underscores": "_"}


def read_literal(node: Node, source: bytes) -> Literal:
    """The literal at `node`. Raises FormulaError when it is no plain string in quotes."""
    line = node.start_point[0] + 1
    kinds = {
        "heredoc_beginning": "a heredoc",
        "chained_string": "strings side by side",
        "binary": "an expression",
        "simple_symbol": "a symbol",
    }
    if node.type != "string":
        raise FormulaError(
            f"{kinds.get(node.type, 'something computed')} where a string in quotes is expected", line=line
        )
    quote = source[node.start_byte : node.start_byte + 1].decode("ascii", "replace")
    if quote not in ("'", '"'):
        raise FormulaError(f"a string that starts with {quote}: only quotes are known", line=line)
    parts: list[str | Interpolation] = []
    for child in node.named_children:
        text = source[child.start_byte : child.end_byte].decode("utf-8", "surrogateescape")
        if child.type == "string_content" and "\\" not in text:  # in single quotes an escape is no node of its own
            parts.append(text)
        elif child.type == "interpolation":
            parts.append(Interpolation(text[2:-1].strip()))
        else:
            raise FormulaError(f"the escape {text} in a string that would be edited", line=line)
    return Literal(node.start_byte, node.end_byte, quote, tuple(parts), line)


def written(value: str, quote: str = '"') -> str:
    """`value` as a Ruby string literal, on one line, that says exactly it."""
    if quote == "'" and not re.search(r"[\x00-\x1f\x7f]", value):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    text = value.replace("\\", "\\\\").replace('"', '\\"')
    text = re.sub(r"#(?=[{$@])", r"\\#", text)
    return '"' + re.sub(r"[\x00-\x1f\x7f\u0085\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", text) + '"'


def written_with_version(value: str, version: str) -> str:
    """`value` as a literal in double quotes, with `#{version}` wherever it says `version` as a whole."""
    whole = rf"(?<![0-9])(?<![0-9]\.){re.escape(version)}(?![0-9A-Za-z]|\.[0-9])"
    pieces = re.split(whole, value)
    return '"' + "#{version}".join(written(piece)[1:-1] for piece in pieces) + '"'
