"""Shell scripts as the commands in them, their words with quotes taken off and variables filled in.

No shell is run. What only running would tell is kept as `{name}`, or `{}` where it has no name. Comments, the bodies of
here-documents and the texts that are merely printed are no commands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

DEEPEST = 20
"""Levels of $( … ) within each other."""

Lookup = Callable[[str], "str | None"]
"""The value of a variable, None where it is not known."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(:?[-=?+]|%%?|##?|/|(?=\}))([^{}]*)\}")
_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\+?=(.*)", re.DOTALL)
_HERE = re.compile(r"<<-?[ \t]*(?:'([^'\n]+)'|\"([^\"\n]+)\"|\\?([^\s;&|<>()]+))")

_SPECIAL = "0123456789@*#?!-$"
"""Signs that are a variable's name by themselves."""

_OPENERS = frozenset({"if", "then", "elif", "else", "while", "until", "do", "!", "{", "time"})
"""Words that a command may come behind."""
_WRAPPERS = frozenset({"sudo", "exec", "command", "builtin", "nohup", "env", "xargs", "timeout", "nice", "retry"})
"""Programs that run the command that follows them."""
_DECLARES = frozenset({"export", "local", "readonly", "declare", "typeset"})


@dataclass(frozen=True)
class Command:
    """One command: its program first. `stdin` is the here-document that it reads."""

    words: tuple[str, ...]
    stdin: str = ""

    @property
    def program(self) -> str:
        """The program's name without its folder."""
        return self.words[0].rpartition("/")[2]


def commands(script: str, lookup: Lookup) -> Iterator[Command]:
    """The commands of a script in the order of their ends; each variable has the value that was assigned last."""
    scanner = _Scanner(script, lookup)
    scanner.scan()
    yield from scanner.found


class _Scanner:
    """One reading of a script, from left to right."""

    def __init__(self, text: str, lookup: Lookup) -> None:
        self.text = text.replace("\r\n", "\n")
        self.lookup = lookup
        self.assigned: dict[str, str] = {}
        self.found: list[Command] = []
        self.at = 0
        self.depth = 0
        self.waiting: list[tuple[str, int]] = []
        """Here-documents whose bodies begin on the next line: how each ends, and the command that reads it."""

    def value(self, name: str) -> str | None:
        """The value of a variable."""
        return self.assigned[name] if name in self.assigned else self.lookup(name)

    # -- commands ----------------------------------------------------------------------------------------------

    def scan(self, until: str = "") -> None:
        """Read commands up to `until`, or to the end."""
        words: list[str] = []
        open_ = 0
        while self.at < len(self.text):
            sign = self.text[self.at]
            if sign in " \t":
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
            elif sign == until and (not open_ or sign == "`"):
                break
            elif sign == "#":
                self.at = self._next("\n")
            elif sign in "\n;&|()":
                if self.text.startswith("&>", self.at):
                    self.at += 2
                    self._redirected()
                    continue
                open_ += (sign == "(") - (sign == ")")
                self.at += 1
                self._end(words)
                if sign == "\n":
                    self._bodies()
            elif sign in "<>":
                self._redirection(words)
            else:
                words.append(self._word(until))
        self._end(words)
        self.at += 1  # past `until`

    def _end(self, words: list[str]) -> None:
        """A command ends: take what it assigns, and keep what it runs."""
        rest = list(words)
        words.clear()
        while rest:
            if assigned := _ASSIGNED.fullmatch(rest[0]):
                self.assigned[assigned[1]] = assigned[2]
            elif rest[0] in _DECLARES:
                for word in rest[1:]:
                    if assigned := _ASSIGNED.fullmatch(word):
                        self.assigned[assigned[1]] = assigned[2]
                return
            elif rest[0] in _WRAPPERS:
                while len(rest) > 1 and (rest[1].startswith("-") or re.fullmatch(r"[\d.]+[smhd]?", rest[1])):
                    del rest[1]
            elif rest[0] not in _OPENERS:
                self.found.append(Command(tuple(rest)))
                return
            del rest[0]

    def _next(self, mark: str) -> int:
        """Where a mark comes next; the end of the text where it does not."""
        try:
            return self.text.index(mark, self.at)
        except ValueError:
            return len(self.text)

    # -- redirections ------------------------------------------------------------------------------------------

    def _redirection(self, words: list[str]) -> None:
        if here := _HERE.match(self.text, self.at):
            self.waiting.append((here[1] or here[2] or here[3], len(self.found)))
            self.at = here.end()
            return
        if self.text.startswith(("<(", ">("), self.at):
            self.at += 2
            self._nested(")")
            return
        if words and words[-1].isdigit() and self.text[self.at - 1].isdigit():
            words.pop()  # the 2 of 2>file
        while self.at < len(self.text) and self.text[self.at] in "<>&|":
            self.at += 1
        self._redirected()

    def _redirected(self) -> None:
        """Pass over the file of a redirection."""
        while self.at < len(self.text) and self.text[self.at] in " \t":
            self.at += 1
        self._word("")

    def _bodies(self) -> None:
        """Pass over the here-documents that begin here, each for the command that reads it."""
        for end, reader in self.waiting:
            closing = re.compile(rf"^\t*{re.escape(end)}[ \t]*$", re.MULTILINE).search(self.text, self.at)
            body = self.text[self.at : closing.start() if closing else len(self.text)]
            self.at = min(closing.end() + 1, len(self.text)) if closing else len(self.text)
            if reader < len(self.found):
                self.found[reader] = Command(self.found[reader].words, body)
        self.waiting.clear()

    # -- words -------------------------------------------------------------------------------------------------

    def _word(self, until: str) -> str:
        """The next word."""
        out: list[str] = []
        while self.at < len(self.text):
            sign = self.text[self.at]
            if sign in f" \t\n;&|()<>{until}":
                break
            if sign == "'":
                self.at += 1
                end = self._next("'")
                out.append(self.text[self.at : end])
                self.at = end + 1
            elif sign == '"':
                self.at += 1
                self._quoted(out)
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
            self._nested("`")
            out.append("{}")
        else:
            out.append(sign)
            self.at += 1

    def _dollar(self) -> str:
        """What a `$` stands for."""
        if self.text.startswith("$((", self.at):
            self.at = self._next("))") + 2
            return "{}"
        if self.text.startswith("$(", self.at):
            self.at += 2
            self._nested(")")
            return "{}"
        if braced := _BRACED.match(self.text, self.at):
            self.at = braced.end()
            return self._braced(braced[1], braced[2], braced[3])
        if name := _NAME.match(self.text, self.at + 1):
            self.at = name.end()
            found = self.value(name[0])
            return f"{{{name[0]}}}" if found is None else found
        if self.text.startswith("${", self.at):  # ${a[0]}, ${!a}, ${#a}
            self.at = self._next("}") + 1
            return "{}"
        self.at += 2 if self.text[self.at + 1 : self.at + 2] in _SPECIAL else 1
        return "{}"

    def _braced(self, name: str, sign: str, rest: str) -> str:
        found = self.value(name)
        if sign[-1:] in ("-", "=") and not found:
            inner = _Scanner(f'"{rest}"', self.value)
            return inner._word("")
        if found is None:
            return f"{{{name}}}"
        return found.rstrip("/") if sign.startswith("%") and rest == "/" else found

    def _nested(self, until: str) -> None:
        """The commands in $( … ), ` … ` or <( … ) run as well."""
        if self.depth >= DEEPEST:
            self.at = len(self.text)
            return
        self.depth += 1
        waiting, self.waiting = self.waiting, []
        self.scan(until)
        self.waiting = waiting
        self.depth -= 1
