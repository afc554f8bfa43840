"""The code of a program as text: its strings and comments, its brackets, and what stands between them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable

from chittyactions.compliance.shell_words import Budget

LONGEST_CALL = 5_000
"""Signs of the arguments of one call, and of one value."""

# A text that never ends is taken to the end, so that no pattern begins there again and again.
PYTHON = re.compile(
    r"(?P<text>(?P<q>\"\"\"|''').*?(?:(?P=q)|\Z)|\"(?:[^\"\\\n]|\\.?)*(?:\"|$|\Z)|'(?:[^'\\\n]|\\.?)*(?:'|$|\Z))|#[^\n]*",
    re.DOTALL | re.MULTILINE,
)
"""Texts and comments of Python and Ruby."""
SCRIPT = re.compile(
    r"(?P<text>\"(?:[^\"\\\n]|\\.?)*(?:\"|$|\Z)|'(?:[^'\\\n]|\\.?)*(?:'|$|\Z)|`(?:[^`\\]|\\.?)*(?:`|\Z))"
    r"|//[^\n]*|/\*.*?(?:\*/|\Z)",
    re.DOTALL | re.MULTILINE,
)
"""Texts and comments of JavaScript and TypeScript."""

CALL = re.compile(r"(?<![\w$])([A-Za-z_$][\w$]{0,60})[ \t]{0,4}\(")
"""The name of a function that is called, and the bracket that opens its arguments."""
_BRACKET = re.compile(r"[()\[\]{},]")
_OPENS, _CLOSES = frozenset("([{"), frozenset(")]}")
_ENDS = re.compile(r"[()\[\]{}\n;]")
_PARTS = frozenset("\n;")


class Code:
    """A program without its comments. `masked` is the same with what is in quotes made unreadable, sign for sign."""

    def __init__(self, code: str, grammar: re.Pattern[str], budget: Budget) -> None:
        self.code = grammar.sub(lambda found: found["text"] or " ", code)
        self.grammar = grammar
        self.budget = budget
        self.masked = self.mask(self.code)

    def without(self, prints: re.Pattern[str]) -> str:
        """The code without what is given to functions of these names."""
        kept, at = [], 0
        for found in CALL.finditer(self.masked):
            if found.start() >= at and prints.fullmatch(found[1]):
                arguments, end = self.within(self.code, self.masked, found.end())
                kept.append(self.code[at : found.end()])
                at = end if arguments else found.end()
        return "".join([*kept, self.code[at:]])

    def insides(self) -> Callable[[int], str]:
        """Which bracket is the innermost at a place; places are asked for from left to right."""
        brackets = deque((found.start(), found[0]) for found in _BRACKET.finditer(self.masked))
        open_: list[str] = []

        def inside(at: int) -> str:
            while brackets and brackets[0][0] < at:
                sign = brackets.popleft()[1]
                if sign in _OPENS:
                    open_.append(sign)
                elif sign in _CLOSES and open_:
                    open_.pop()
            return open_[-1] if open_ else ""

        return inside

    def until(self, at: int) -> int:
        """Where a value ends: with its line, or with the bracket that it opens."""
        depth, end = 0, min(len(self.code), at + LONGEST_CALL)
        if self.budget.left < 0:
            return at
        for found in _ENDS.finditer(self.masked, at, end):
            depth += (found[0] in _OPENS) - (found[0] in _CLOSES)
            if depth < 0 or (not depth and found[0] in _PARTS):
                end = found.start()
                break
        self.budget.take((end - at) // 10)
        return end

    def mask(self, text: str) -> str:
        """The text with what is in quotes made unreadable, each sign at its place."""
        return self.grammar.sub(lambda found: found[0][:1] + "~" * (len(found[0]) - 2) + found[0][-1:], text)

    def within(self, code: str, masked: str, at: int) -> tuple[list[str], int]:
        """The arguments from `at` to the closing bracket, and where they end; none where they are too long."""
        arguments: list[str] = []
        begun, depth, end = at, 0, min(len(code), at + LONGEST_CALL)
        if self.budget.left < 0:
            return [], at
        for found in _BRACKET.finditer(masked, at, end):
            sign = found[0]
            if sign == "," and not depth:
                arguments.append(code[begun : found.start()])
                begun = found.end()
            elif sign in _OPENS:
                depth += 1
            elif sign in _CLOSES:
                depth -= 1
                if depth < 0:
                    end = found.end()
                    last = code[begun : found.start()]
                    arguments += [last] if last.strip() else []
                    break
        self.budget.take((end - at) // 10 + 20)
        return (arguments if depth < 0 else []), end

    def split(self, expression: str, sign: str) -> list[str]:
        """The parts of an expression between signs that stand in no quotes and brackets."""
        masked = self.mask(expression)
        parts, begun, depth = [], 0, 0
        for found in re.finditer(rf"[(\[{{]|[)\]}}]|{sign}", masked):
            if found[0] in _OPENS:
                depth += 1
            elif found[0] in _CLOSES:
                depth -= 1
            elif not depth:
                parts.append(expression[begun : found.start()])
                begun = found.end()
        return [*parts, expression[begun:]]


def without_printed(code: str, grammar: re.Pattern[str], prints: re.Pattern[str]) -> str:
    """A program without its comments, the texts that stand for themselves, and what functions that print are given."""

    def kept(found: re.Match[str]) -> str:
        text, near = found["text"], max(0, found.start() - 200)
        line = code.rfind("\n", near, found.start()) + 1 or near
        alone = text and text[:3] in ('"""', "'''") and not code[line : found.start()].strip()
        return " " if alone else found[0]

    return Code(grammar.sub(kept, code), grammar, Budget(4 * len(code))).without(prints)
