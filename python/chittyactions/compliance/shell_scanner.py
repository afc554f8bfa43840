"""One reading of a shell script from left to right: its commands, and the functions that they call."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping

from chittyactions.compliance.command import Command
from chittyactions.compliance.shell_branches import MOST_BRANCHES
from chittyactions.compliance.shell_redirections import Redirections
from chittyactions.compliance.shell_words import DEEPEST, Budget, Lookup

MOST_EXPORTED = 200
"""Variables that are handed on to what a script starts."""

Sourced = Callable[[str, str], "str | None"]
"""The text of a file that a script reads into itself, by its name and the folder; None where it is not there."""

_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\+?)=(.*)", re.DOTALL)
_ARITHMETIC = re.compile(r"\(\((?:[^()\n]|\([^()\n]*\))*\)\)")
_PIPE = re.compile(r"(?<!\|)\|(?!\|)")
_FUNCTION = re.compile(
    r"(?:function[ \t]+([\w:.-]+)[ \t]*(?:\([ \t]*\))?|([\w:.-]+)[ \t]*\([ \t]*\))[ \t\n]{0,20}(?=[{(])"
)

_OPENERS = frozenset({"if", "then", "elif", "else", "while", "until", "do", "!", "{", "time"})
"""Words that a command may come behind."""
_MOST_OPENERS = 20
"""Of them before one function; a line of a hundred thousand words is not gone through for each of these."""
_WRAPPERS = frozenset(
    {"sudo", "exec", "command", "builtin", "nohup", "env", "xargs", "timeout", "nice", "retry", "parallel"}
)
"""Programs that run the command that follows them."""
_TAKE = frozenset({"-I", "-u", "-g", "-d"})
"""Options of those that take a value, other than a number."""
_ENDS = {"fi": "if", "esac": "case"}
_LOOKS_UP = (["command", "-v"], ["command", "-V"])
_DECLARES = frozenset({"export", "local", "readonly", "declare", "typeset"})


class Scanner(Redirections):
    """One reading of a script, from left to right."""

    def __init__(self, text: str, lookup: Lookup, parameters: tuple[str, ...] | None, budget: Budget) -> None:
        super().__init__(text, lookup, parameters, budget)
        self.sourced: Sourced = lambda _file, _directory: None
        self.functions: dict[str, str] = {}
        self.directory = ""
        self.depth = 0
        self.braces = 0
        self.line = 0
        """How many commands there were before those that pipes tie together here."""

    # -- commands ----------------------------------------------------------------------------------------------

    def scan(self, until: str = "", *, body: bool = False) -> None:
        """Read commands up to `until`, to the end of the `{ … }` that begins here (`body`), or to the end."""
        words: list[str] = []
        folders: list[str] = []
        level = self.braces
        while self.at < len(self.text):
            sign = self.text[self.at]
            if sign in " \t":
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
            elif sign == until and (not folders or sign == "`"):
                break
            elif sign == "#":
                self.at = self.next("\n")
            elif sign in "<>" or self.text.startswith("&>", self.at):
                self.redirection(words)
            elif sign in "\n;&|()":
                self._between(words, folders)
                if body and self.braces <= level:
                    return
            elif (
                len(words) < _MOST_OPENERS
                and _OPENERS.issuperset(words)
                and (function := _FUNCTION.match(self.text, self.at))
            ):
                self._end(words)
                self.at = function.end()
                self._function(function[1] or function[2])
            else:
                words.extend(self.fields(until))
        self._end(words)
        self.at += 1  # past `until`

    def _between(self, words: list[str], folders: list[str]) -> None:
        """A sign between commands, and the brackets that may stand for something else."""
        sign = self.text[self.at]
        if sign == "(" and words and self.is_array(words[-1]):
            self.array(words.pop(), keep=not self.defining)
            return
        if arithmetic := _ARITHMETIC.match(self.text, self.at):
            self.at = arithmetic.end()
            return
        pipes = _PIPE.match(self.text, self.at)
        double, last = self.text[self.at : self.at + 2], list(words)
        self.at += 1
        if sign == ")" and not folders and self._in_pattern(words):
            words.clear()
            del self.found[self.line :]  # what `|` parts from it is one as well
        self._end(words)
        if not self.defining:
            self._branches(double, last)
        self.piped = len(self.found) if pipes else self.piped if sign == "\n" else 0
        self.line = self.line if pipes else len(self.found)
        if sign == "(":
            folders.append(self.directory)
        elif sign == ")" and folders:
            self.directory = folders.pop()
        elif sign == "\n":
            self.bodies()

    def _in_pattern(self, words: list[str]) -> bool:
        """Whether words before a bracket are a pattern of `case`, other than the one behind its `in`."""
        first = next((one for one in words if one not in _OPENERS), "")
        return self.branches.innermost == "case" and not self.defining and first != "case"

    def _branches(self, double: str, last: list[str]) -> None:
        """What a sign between commands, `double` with the one behind it, means for the branches that are open."""
        branches = self.branches
        if double in ("&&", "||"):
            if branches.innermost != "&&":
                branches.opens("&&")
            elif double == "||":
                branches.turns("&&", one_runs=True)
        elif last:
            if branches.innermost == "&&":
                branches.closes("&&")
            if double[0] == ")":
                branches.turns("case", one_runs=last[-1] == "*")

    def _end(self, words: list[str]) -> None:
        """A command ends: take what it assigns, and keep what it runs."""
        rest = list(words)
        words.clear()
        own: dict[str, str] = {}
        to, self.to = self.to, ""
        while rest:
            if assigned := _ASSIGNED.fullmatch(rest[0]):
                own[assigned[1]] = (self.value(assigned[1]) or "" if assigned[2] else "") + assigned[3]
            elif rest[0] in _DECLARES:
                self._declared(rest)
                return
            elif rest[0] in _WRAPPERS and rest[:2] not in _LOOKS_UP:
                while len(rest) > 1 and (rest[1].startswith("-") or re.fullmatch(r"[\d.]+[smhd]?", rest[1])):
                    del rest[1 : 3 if rest[1] in _TAKE else 2]
            elif rest[0] not in _OPENERS:
                self._runs(tuple(rest), own, to)
                return
            elif not self.defining and rest[0] == "if":
                self.branches.opens("if")
            elif not self.defining and rest[0] in ("elif", "else"):
                self.branches.turns("if", one_runs=rest[0] == "else")
            self.braces += rest[0] == "{"
            del rest[0]
        for name, value in own.items():
            self._assign(name, value)

    def _assign(self, name: str, value: str) -> None:
        if not self.defining:
            self.assign(name, value)
            held = self.branches
            if name in held.exported:
                held.exported = {**held.exported, name: held.assigned[name]}

    def _declared(self, words: list[str]) -> None:
        for word in words[1:]:
            assigned = _ASSIGNED.fullmatch(word)
            if assigned:
                self._assign(assigned[1], assigned[3])
            name = assigned[1] if assigned else word
            exports = words[0] == "export" or any(re.fullmatch(r"-\w*x\w*", one) for one in words)
            held = self.branches
            if exports and name in held.assigned and len(held.exported) < MOST_EXPORTED and not self.defining:
                held.exported = {**held.exported, name: held.assigned[name]}

    def _runs(self, words: tuple[str, ...], own: Mapping[str, str], to: str) -> None:
        """A command that is no assignment: what it does to the shell itself, and what it runs."""
        self.braces -= words[0] == "}"
        if self.defining:
            return
        if words[0] in self.functions:
            self._inner(self.functions[words[0]], words[1:])
            return
        if words[0] == "eval":
            self._inner(" ".join(words[1:]), self.parameters)
        elif words[0] == "trap" and len(words) > 2 and words[1] != "-":
            self._inner(words[1], self.parameters)
        elif words[0] == "shift" and self.parameters:
            self.parameters = self.parameters[int(words[1]) if re.fullmatch(r"[0-9]{1,4}", words[-1]) else 1 :]
        elif words[0] in ("cd", "pushd"):
            self._moved([word for word in words[1:] if not word.startswith("-")])
        elif words[0] == "for" and words[2:3] == ("in",) and len(words) > 3:
            several = len(words) > MOST_BRANCHES + 3
            self._assign(words[1], "{}" if several else self.branches.among(list(words[3:])))
        elif words[0] == "case":
            self.branches.opens("case")
        elif words[0] in _ENDS:
            self.branches.closes(_ENDS[words[0]])
        elif words[0] in ("source", ".") and len(words) > 1:
            text = self.sourced(words[1], self.directory)
            if text is not None:
                self._inner(text, words[2:] or self.parameters)
        exported = self.branches.exported
        env = {**exported, **own} if own else exported
        command = Command(words, self.fed(), self.directory, env, to)
        self.found.append(command)

    def _moved(self, folders: list[str]) -> None:
        folder = folders[0] if folders else ""
        if folder.startswith(("/", "{GITHUB_WORKSPACE}", "{github.workspace}")):
            self.directory = folder
        elif "{" not in folder:
            self.directory = posixpath.join(self.directory, folder)

    def _inner(self, text: str, parameters: tuple[str, ...] | None) -> None:
        """Commands that this shell runs from another text."""
        if self.depth >= DEEPEST or not self.budget.take(len(text) + 100):
            return
        inner = Scanner(text, self.lookup, parameters, self.budget)
        inner.sourced, inner.branches, inner.arrays = self.sourced, self.branches, self.arrays
        inner.functions = self.functions
        inner.directory, inner.depth = self.directory, self.depth + 1
        within = len(self.branches.blocks)
        inner.scan()
        del self.branches.blocks[within:]
        self.found += inner.found
        self.directory = inner.directory

    def _function(self, name: str) -> None:
        """Pass over the body of a function, and keep it for those that call it."""
        if self.depth >= DEEPEST:
            self.at = len(self.text)
            return
        begun, defining, folder = self.at, self.defining, self.directory
        self.defining = True
        self.depth += 1
        if self.text[self.at] == "(":
            self.at += 1
            self.scan(")")
        else:
            self.scan(body=True)
        self.depth -= 1
        self.defining, self.directory = defining, folder
        if not defining:
            self.functions[name] = self.text[begun : self.at]

    # -- words -------------------------------------------------------------------------------------------------

    def nested(self, until: str) -> None:
        """The commands in $( … ), ` … ` or <( … ) run as well."""
        if self.depth >= DEEPEST:
            self.at = len(self.text)
            return
        self.depth += 1
        outer = self.waiting, self.to, self.piped, self.line, self.directory, self.braces
        self.waiting, self.to, self.piped, self.line = [], "", 0, len(self.found)
        within = len(self.branches.blocks)
        self.scan(until)
        del self.branches.blocks[within:]
        self.waiting, self.to, self.piped, self.line, self.directory, self.braces = outer
        self.depth -= 1
