"""Words of shell scripts: quotes taken off, variables filled in, and split where a shell would split them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from chittyactions.compliance.shell_branches import Branches

DEEPEST = 20
"""Levels of $( … ) and of functions within each other."""

LONGEST_VALUE = 20_000
"""Signs of a variable's value that are kept; a longer one is not known."""

Lookup = Callable[[str], "str | None"]
"""The value of a variable, None where it is not known."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACED = re.compile(
    r"\$\{([A-Za-z_][A-Za-z0-9_]*|[0-9]{1,4})(:?[-=?+]|%%?|##?|/|(?=\}))"
    r"((?:[^{}]|(?<=\$)\{(?:[^{}]|(?<=\$)\{[^{}]*\})*\})*)\}"
)
_ELEMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\[([@*]|[0-9]{1,4})\]\}")
_ANSI = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ARRAY = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\+?)=")
_ASSIGNS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=", re.DOTALL)

_SIGNS = {"n": "\n", "t": "\t", "r": "\r"}
_DIGITS = "0123456789"
_SPECIAL = f"{_DIGITS}@*#?!-$"
"""Signs that are a variable's name by themselves."""

_SPLIT = "\0"
"""Between the words that one expansion becomes. No text holds it."""


@dataclass
class Budget:
    """How many more signs one reading may write or read again, whatever its text says."""

    left: int = 1_000_000

    def take(self, signs: int) -> bool:
        """Whether there is room for as many, which are then taken."""
        self.left -= signs
        return self.left >= 0


class Words:
    """A text that is read word by word, from left to right."""

    def __init__(self, text: str, lookup: Lookup, parameters: tuple[str, ...] | None, budget: Budget) -> None:
        self.text = text.replace("\r\n", "\n").replace(_SPLIT, "")
        self.lookup = lookup
        self.parameters = parameters
        """What `$1` and its like are, None where that is not known."""
        self.budget = budget
        self.branches = Branches()
        self.arrays: dict[str, list[str]] = {}
        self.at = 0

    def value(self, name: str) -> str | None:
        """The value of a variable or parameter."""
        if name.isdigit():
            if self.parameters is None or name == "0":
                return None
            return self.parameters[int(name) - 1] if int(name) <= len(self.parameters) else ""
        assigned = self.branches.assigned
        return assigned[name] if name in assigned else self.lookup(name)

    def assign(self, name: str, value: str) -> None:
        """Keep what a variable is from here on."""
        self.branches.assign(name, value if len(value) <= LONGEST_VALUE else "{}")

    def nested(self, until: str) -> None:
        """Read the commands in $( … ) or ` … `."""
        raise NotImplementedError

    def next(self, mark: str) -> int:
        """Where a mark comes next; the end of the text where it does not."""
        try:
            return self.text.index(mark, self.at)
        except ValueError:
            return len(self.text)

    def fields(self, until: str) -> list[str]:
        """The next word, or the words that it becomes."""
        word = self.word(until)
        return [one for one in word.split(_SPLIT) if one] if _SPLIT in word else [word]

    def word(self, until: str) -> str:
        """The next word, with _SPLIT where it becomes several."""
        out: list[str] = []
        begun = self.at
        while self.at < len(self.text):
            sign = self.text[self.at]
            if sign in f" \t\n;&|()<>{until}":
                break
            if ansi := _ANSI.match(self.text, self.at):
                out.append(re.sub(r"\\(.)", lambda one: _SIGNS.get(one[1], one[1]), ansi[1], flags=re.DOTALL))
                self.at = ansi.end()
            elif sign == "'":
                self.at += 1
                end = self.next("'")
                out.append(self.text[self.at : end])
                self.at = end + 1
            elif sign == '"':
                self.at += 1
                self._quoted(out)
            elif sign == "$" and not _ASSIGNS.match(self.text, begun):
                out.append(re.sub(r"\s+", _SPLIT, self._dollar()))
            else:
                self._piece(out)
        return "".join(out)

    def _quoted(self, out: list[str]) -> None:
        while self.at < len(self.text) and self.text[self.at] != '"':
            self._piece(out, '$`"\\\n')
        self.at += 1

    def _piece(self, out: list[str], escapable: str = "") -> None:
        """A sign, an escaped one, or an expansion."""
        sign = self.text[self.at]
        if sign == "\\":
            after = self.text[self.at + 1 : self.at + 2]
            self.at += 2
            if after != "\n":
                out.append(after if not escapable or after in escapable else f"\\{after}")
        elif sign == "$":
            out.append(self._dollar())
        elif sign == "`":
            self.at += 1
            self.nested("`")
            out.append("{}")
        else:
            out.append(sign)
            self.at += 1

    # -- arrays ------------------------------------------------------------------------------------------------

    def is_array(self, word: str) -> bool:
        """Whether the bracket that comes next begins the array that `word` assigns."""
        return self.text[self.at - 1] == "=" and _ARRAY.fullmatch(word) is not None

    def array(self, word: str, *, keep: bool) -> None:
        """Pass over the words of `name=( … )`, and keep them."""
        self.at += 1
        held: list[str] = []
        while self.at < len(self.text) and self.text[self.at] != ")":
            sign = self.text[self.at]
            if sign == "#":
                self.at = self.next("\n")
            elif sign in " \t\n;&|(<>":
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
            else:
                held += self.fields("")
        self.at += 1
        if keep and (named := _ARRAY.fullmatch(word)):
            self.arrays[named[1]] = [*(self.arrays.get(named[1], ()) if named[2] else ()), *held]

    # -- expansions ---------------------------------------------------------------------------------------------

    def _dollar(self) -> str:
        """What a `$` stands for, as far as there is room for it."""
        found = self._expanded()
        return found if self.budget.take(len(found)) else "{}"

    def _expanded(self) -> str:
        if self.text.startswith("$((", self.at):
            self.at = self.next("))") + 2
            return "{}"
        if self.text.startswith("$(", self.at):
            self.at += 2
            self.nested(")")
            return "{}"
        if element := _ELEMENT.match(self.text, self.at):
            self.at = element.end()
            return self._element(self.arrays.get(element[1]), element[2])
        if braced := _BRACED.match(self.text, self.at):
            self.at = braced.end()
            return self._braced(braced[1], braced[2], braced[3])
        if name := _NAME.match(self.text, self.at + 1):
            self.at = name.end()
            return _known(name[0], self.value(name[0]))
        if self.text.startswith("${", self.at):  # ${!a}, ${#a}
            self.at = self.next("}") + 1
            return "{}"
        sign = self.text[self.at + 1 : self.at + 2]
        self.at += 2 if sign and sign in _SPECIAL else 1
        if sign in ("@", "*") and self.parameters is not None:
            return _SPLIT.join(self.parameters)
        return _known(sign, self.value(sign)) if sign and sign in _DIGITS else "{}"

    def _element(self, array: list[str] | None, which: str) -> str:
        if array is None:
            return "{}"
        if not which.isdigit():
            return _SPLIT.join(array)
        return array[int(which)] if int(which) < len(array) else ""

    def _braced(self, name: str, sign: str, rest: str) -> str:
        found = self.value(name)
        if sign[-1:] in ("-", "=") and not found:
            default = type(self)(f'"{rest}"', self.value, self.parameters, self.budget).word("")
            if sign.endswith("="):
                self.assign(name, default)
            return default
        if found is None:
            return _known(name, None)
        if sign.endswith("+"):
            return rest if found else ""
        return found.rstrip("/") if sign.startswith("%") and rest == "/" else found


def _known(name: str, value: str | None) -> str:
    """A variable's value, or what stands for it."""
    if value is not None:
        return value
    return "{}" if name.isdigit() else f"{{{name}}}"
