"""GitHub's expressions, as far as the files alone decide them: constants, and the names whose values are known.

What only a run can tell is `Open`. `&&`, `||` and `!` may be decided all the same: `github.ref && false` never holds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST = 10_000
"""Signs of a text that is filled in, and of what it becomes."""

MOST_WORDS = 200
"""Of an expression that is read."""

Known = Mapping[str, Mapping[str, Any]]
"""Values by context and name: {"inputs": {"sync": False}}. A name that is not in it is open, or as EVERY_OTHER says."""

EVERY_OTHER = "*"
"""The name of a context's values that it does not name."""

EXPRESSION = re.compile(r"\$\{\{((?:[^'}]|'[^']*(?:'|\Z)|\}(?!\}))*)(?:\}\}|\Z)")
"""`${{ … }}`, where `}}` within a text ends nothing. One without an end is taken to the end, to bound the search."""

_WORD = re.compile(
    r"\s*('(?:[^']|'')*'|-?\d{1,15}(?:\.\d+)?(?![\w.])|[A-Za-z_][\w-]*(?:\.(?:[A-Za-z_][\w-]*|\*))*"
    r"|&&|\|\||[!=<>]=|[!<>()\[\],.])"
)
_POWERS = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4}
_CONSTANTS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Open:
    """A value that the files do not tell."""

    truth: bool | None = None
    """Whether it holds, where that is certain all the same."""


class _Odd(ValueError):
    """No expression, or none that is understood."""


def evaluated(expression: str, known: Known) -> Any:
    """The value of what stands between `${{` and `}}`: a bool, a number, a text, None, or Open."""
    words: list[str] = []
    at = 0
    expression = expression.strip()
    while at < len(expression):
        found = _WORD.match(expression, at)
        if not found or len(words) == MOST_WORDS:
            return Open()
        words.append(found[1])
        at = found.end()
    reading = _Reading(words, known)
    try:
        value = reading.expression()
    except _Odd:
        return Open()
    return Open() if reading.next() else value


def holds(value: Any) -> bool | None:
    """Whether a value counts as true; None where nobody can tell."""
    return value.truth if isinstance(value, Open) else bool(value)


def filled(text: str, known: Known) -> str:
    """A text with each `${{ … }}` in it replaced by its value; what is open, or would grow too long, stays."""
    room = LONGEST

    def value(found: re.Match[str]) -> str:
        nonlocal room
        one = evaluated(found[1], known) if found[0].endswith("}}") else Open()
        if isinstance(one, Open):
            return found[0]
        room -= len(said(one))
        return said(one) if room >= 0 else found[0]

    return EXPRESSION.sub(value, text) if len(text) <= LONGEST else text


def said(value: Any) -> str:
    """A value as GitHub writes it into a text."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@dataclass
class _Reading:
    """Reads and evaluates in one go; an operator binds what has more power first."""

    words: list[str]
    known: Known
    at: int = 0

    def next(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def take(self, wanted: str = "") -> str:
        word = self.next()
        if not word or (wanted and word != wanted):
            raise _Odd
        self.at += 1
        return word

    def expression(self, above: int = 0) -> Any:
        left = self.operand()
        while (power := _POWERS.get(self.next(), 0)) > above:
            sign = self.take()
            left = _joined(left, sign, self.expression(power))
        return left

    def operand(self) -> Any:
        word = self.take()
        if word == "!":
            truth = holds(self.operand())
            return Open() if truth is None else not truth
        if word == "(":
            value = self.expression()
            self.take(")")
        elif word.startswith("'"):
            value = word[1:-1].replace("''", "'")
        elif re.match(r"-?\d", word):
            value = float(word) if "." in word else int(word)
        elif re.match(r"\w", word):
            after = self.next()
            value = self.called(word) if after == "(" else self.indexed(word) if after == "[" else self.named(word)
        else:
            raise _Odd
        while self.next() in ("[", "."):
            value = Open()
            if self.take() == ".":
                self.take()
            else:
                self.expression()
                self.take("]")
        return value

    def indexed(self, name: str) -> Any:
        """`inputs['name']`, as `inputs.name`."""
        self.take()
        key = self.expression()
        self.take("]")
        return self.named(f"{name}.{key}")

    def called(self, name: str) -> Any:
        self.take()
        while self.next() != ")":
            self.expression()
            if self.next() != ")":
                self.take(",")
        self.take()
        return True if name.lower() == "always" else Open()

    def named(self, name: str) -> Any:
        name = name.lower()
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        context, _, key = name.partition(".")
        held = self.known.get(context, {})
        value = next((value for one, value in held.items() if one.lower() == key), held.get(EVERY_OTHER, Open()))
        return value if _is_plain(value) else Open()


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return "${{" not in value
    return value is None or (isinstance(value, (int, float)) and abs(value) < 1e15)


def _joined(left: Any, sign: str, right: Any) -> Any:
    if sign in ("&&", "||"):
        ends = sign == "||"
        truth = holds(left)
        if truth is not None:
            return left if truth is ends else right
        return Open(ends) if holds(right) is ends else Open()
    if isinstance(left, Open) or isinstance(right, Open):
        return Open()
    one, two = _alike(left, right)
    if sign in ("==", "!="):
        return (one == two) is (sign == "==")
    return one < two if sign == "<" else one > two if sign == ">" else one <= two if sign == "<=" else one >= two


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Two values as GitHub compares them: texts whatever their case, values of different kinds as numbers."""
    if isinstance(left, str) and isinstance(right, str):
        return left.lower(), right.lower()
    return _number(left), _number(right)


def _number(value: Any) -> float:
    if isinstance(value, str):
        text = value.strip()
        return float(text or 0) if re.fullmatch(r"(?:-?\d+(?:\.\d+)?)?", text) else math.nan
    return float(value or 0)
