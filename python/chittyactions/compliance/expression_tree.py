"""GitHub's expressions as trees, and whose words the text that one comes to may have in it.

However a name is written, it is the same: `github.head_ref`, `github['head_ref']` and `GitHub . Head_Ref` are the parts
("github", "head_ref"). An index that is no text is `*`, as in `commits[0]`, since it may be any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from chittyactions.compliance.expressions import EXPRESSION

MOST_WORDS = 5_000
"""Of an expression that is read; GitHub takes none of more than 21,000 signs."""

DEEPEST = 50
"""Levels of brackets, as GitHub has them."""

_WORD = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>[+-]?(?:0x[0-9a-fA-F]+|0o[0-7]+|\d*\.?\d+(?:[eE][+-]?\d+)?|NaN|Infinity))"
    r"(?![\w.])|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>&&|\|\||[!=<>]=|[!<>()\[\],.*]))"
)
_NAME = re.compile(r"[A-Za-z_][\w-]*(?:\s*\.\s*(?:[A-Za-z_][\w-]*|\*)|\s*\[[^\[\]]{0,200}\])*")
_STEP = re.compile(r"\[\s*'((?:[^']|'')*)'\s*\]|(\[[^\[\]]*\])|([\w*-]+)")
_POWERS = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4}
_CONSTANTS = {"true": True, "false": False, "null": None}
_DECIDES = frozenset({"contains", "startswith", "endswith", "hashfiles", "always", "success", "failure", "cancelled"})
"""Functions that come to true or false, or to a hash."""


@dataclass(frozen=True)
class Literal:
    """A constant; of a number its text is enough."""

    value: str | bool | None
    quoted: bool = False
    """Whether it is a text."""


@dataclass(frozen=True)
class Name:
    """What a run tells, by its parts in lower case."""

    parts: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """A function's value."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Joined:
    """Two values with an operator between them."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Negated:
    """`!` of a value."""

    inner: Node


@dataclass(frozen=True)
class Within:
    """What lies in the value of brackets or of a function."""

    inner: Node
    parts: tuple[str, ...]


Node = Literal | Name | Call | Joined | Negated | Within


@dataclass(frozen=True)
class Source:
    """What a text may come from."""

    parts: tuple[str, ...]
    whole: bool = False
    """Whether everything in it is in the text, as toJSON writes it."""

    def __str__(self) -> str:
        return ".".join(self.parts)

    def fits(self, pattern: str) -> bool:
        """Whether it is, may be, or has in it what a pattern names; `a.*` is all in a, `a.**` also what is in that."""
        wanted = pattern.split(".")
        deep = wanted[-1] == "**"
        wanted = wanted[:-1] if deep else wanted
        same = len(self.parts) == len(wanted) and not deep
        long = deep and len(self.parts) > len(wanted)
        short = self.whole and len(self.parts) <= len(wanted)
        pairs = zip(self.parts, wanted, strict=False)
        return (same or long or short) and all(one == "*" or fnmatchcase(one, other) for one, other in pairs)


def tree_of(expression: str) -> Node | None:
    """The tree of what stands between `${{` and `}}`; None of what is no expression."""
    words: list[tuple[str, str]] = []
    at, end = 0, len(expression.rstrip())
    while at < end:
        found = _WORD.match(expression, at)
        if not found or len(words) == MOST_WORDS:
            return None
        words.append((str(found.lastgroup), found[0].strip()))
        at = found.end()
    reading = _Reading(words)
    try:
        tree = reading.expression(0, 0)
    except _Odd:
        return None
    return tree if reading.at == len(words) else None


def condition_of(text: str) -> Node | None:
    """The tree of an `if`, with `${{ }}` around it or without; None of what is none, or always true as a text."""
    text = text.strip()
    whole = EXPRESSION.fullmatch(text)
    return tree_of(whole[1] if whole and text.endswith("}}") else text)


def sources(expression: str) -> Iterator[Source]:
    """What the text of an expression may come from; all that it names where it is no expression that is understood."""
    tree = tree_of(expression)
    if tree is not None:
        yield from _sources(tree)
        return
    for found in _NAME.findall(expression):
        steps = _STEP.findall(found)
        yield Source(tuple((quoted or ("*" if index else name)).lower() for quoted, index, name in steps), whole=True)


def alternatives(tree: Node, sign: str) -> list[Node]:
    """`a`, `b` and `c` of `a || b || c`, for a sign such as `||`; of all else the tree itself."""
    found: list[Node] = []
    while isinstance(tree, Joined) and tree.sign == sign:  # a long chain leans to the left
        found.append(tree.right)
        tree = tree.left
    return [tree, *reversed(found)]


def _sources(tree: Node) -> Iterator[Source]:
    for one in alternatives(tree, "||"):
        last = alternatives(one, "&&")[-1]  # what `&&` has before it is the value only where it is empty or false
        if isinstance(last, Name):
            yield Source(last.parts)
        elif isinstance(last, Within):
            for source in _sources(last.inner):
                yield source if source.whole else Source(source.parts + last.parts)
        elif isinstance(last, Call) and last.name not in _DECIDES:
            for argument in last.arguments:
                for source in _sources(argument):
                    yield Source(source.parts, source.whole or last.name == "tojson")
        elif isinstance(last, Joined) and last.sign in ("||", "&&"):
            yield from _sources(last)


class _Odd(ValueError):
    """No expression."""


@dataclass
class _Reading:
    """Reads words one after the other; an operator binds what has more power first."""

    words: list[tuple[str, str]]
    at: int = 0

    def next(self) -> str:
        """The next word; "" behind the last."""
        return self.words[self.at][1] if self.at < len(self.words) else ""

    def take(self, wanted: str = "") -> tuple[str, str]:
        if self.at == len(self.words) or (wanted and self.next() != wanted):
            raise _Odd
        self.at += 1
        return self.words[self.at - 1]

    def expression(self, above: int, depth: int) -> Node:
        if depth > DEEPEST:
            raise _Odd
        left = self.operand(depth)
        while (power := _POWERS.get(self.next(), 0)) > above:
            left = Joined(self.take()[1], left, self.expression(power, depth))
        return left

    def operand(self, depth: int) -> Node:
        if self.next() != "!":
            return self.value(depth)
        self.take()
        if depth >= DEEPEST:
            raise _Odd
        return Negated(self.operand(depth + 1))

    def value(self, depth: int) -> Node:
        kind, word = self.take()
        if kind == "text":
            return Literal(word[1:-1].replace("''", "'"), quoted=True)
        if kind == "number":
            return Literal(word)
        if word == "(":
            inner = self.expression(0, depth + 1)
            self.take(")")
        elif kind == "name" and self.next() == "(":
            inner = self.called(word.lower(), depth)
        elif kind != "name":
            raise _Odd
        elif word.lower() in _CONSTANTS:
            return Literal(_CONSTANTS[word.lower()])
        else:
            inner = Name((word.lower(),))
        parts = self.steps(depth)
        if isinstance(inner, Name):
            return Name(inner.parts + parts)
        return Within(inner, parts) if parts else inner

    def called(self, name: str, depth: int) -> Call:
        self.take()
        arguments: list[Node] = []
        while self.next() != ")":
            if arguments:
                self.take(",")
            arguments.append(self.expression(0, depth + 1))
        self.take()
        return Call(name, tuple(arguments))

    def steps(self, depth: int) -> tuple[str, ...]:
        """What follows a value: `.name`, `.*`, `['name']`, or an index."""
        parts: list[str] = []
        while self.next() in (".", "["):
            if self.take()[1] == ".":
                kind, word = self.take()
                if kind != "name" and word != "*":
                    raise _Odd
                parts.append(word.lower())
            elif self.next() == "*":
                self.take()
                self.take("]")
                parts.append("*")
            else:
                index = self.expression(0, depth + 1)
                self.take("]")
                parts.append(str(index.value).lower() if isinstance(index, Literal) and index.quoted else "*")
        return tuple(parts)
