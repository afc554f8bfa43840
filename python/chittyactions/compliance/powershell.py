"""PowerShell scripts as the commands in them, read like those of a shell: see shell.py.

A small reading: quotes, backticks at ends of lines, comments, `$name` and `$env:NAME`, assignments, and tables that are
handed on as `@name`. What is computed stays `{}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chittyactions.compliance.command import Command
from chittyactions.compliance.shell_words import DEEPEST, Budget, Lookup

_TOKEN = re.compile(
    r"(?P<skip><\#.*?(?:\#>|\Z)|(?<![^\s;(){}|])\#[^\n]*|`\r?\n|[ \t\r]+)"
    r"|(?P<here>@(?P<sign>[\"'])[ \t]*\n(?P<body>.*?)(?:\n(?P=sign)@|\Z))"
    r"|(?P<table>@\{)"
    r"|(?P<end>\n|;|\|\|?|&&|&|[(){}])"
    r"|(?P<word>(?:'(?:[^']|'')*(?:'|\Z)|\"(?:[^\"`]|`.|\"\"|`\Z)*(?:\"|\Z)|\$\{[^{}]*\}|\$\([^()]*\)|`.|[^\s;|&(){}'\"`])+|.)",
    re.DOTALL,
)
_PIECE = re.compile(
    r"'((?:[^']|'')*)(?:'|\Z)|\"((?:[^\"`]|`.|\"\"|`\Z)*)(?:\"|\Z)|(\$(?:\{[^{}]*\}|\([^()]*\)|[\w:?]+))|`(.)|([^'\"$`]+|.)",
    re.DOTALL,
)
_VARIABLE = re.compile(r"`(.)|\$(?:\{([^{}]*)\}|\([^()]*\)|((?:env:)?\w+))|\"\"", re.IGNORECASE | re.DOTALL)
_ALONE = re.compile(r"\$\(\s*\$((?:env:)?\w+)\s*\)", re.IGNORECASE)
"""A variable in brackets of its own."""
_NAME = re.compile(r"(?:\[[\w.]+\])?\$((?:env:)?\w+|\{(?:env:)?\w+\})", re.IGNORECASE)
"""What something is assigned to, its type in front of it."""
_KEYWORDS = frozenset(
    {"if", "elseif", "else", "while", "do", "try", "catch", "finally", "foreach", "return", "throw", "."}
)


def commands(script: str, lookup: Lookup, budget: Budget) -> Iterator[Command]:
    """The commands of a script; each variable has the value that was assigned last."""
    reading = _Reading(lookup, budget)
    reading.read(script.replace("\r\n", "\n"))
    yield from reading.found


class _Reading:
    def __init__(self, lookup: Lookup, budget: Budget) -> None:
        self.lookup = lookup
        self.budget = budget
        self.assigned: dict[str, str] = {}
        self.env: dict[str, str] = {}
        self.tables: dict[str, list[str]] = {}
        self.functions: dict[str, str] = {}
        self.found: list[Command] = []
        self.depth = 0

    def read(self, script: str) -> None:
        """Take what a script assigns, and keep what it runs."""
        words: list[str] = []
        at = 0
        while token := _TOKEN.match(script, at):
            at = token.end()
            if token["end"] is not None:
                if token["end"] == "{" and len(words) > 1 and words[0].lower() == "function":
                    begun, at = at, _closing(script, at)
                    self.functions[words[1].lower()] = script[begun : at - 1]
                    words.clear()
                elif token["end"] == "(" and words and words[-1].lower() not in _KEYWORDS:
                    begun, at = at, _closing(script, at, "(", ")")
                    words.append(self._computed(script[begun : at - 1]))
                else:
                    self._end(words)
            elif token["table"]:
                begun, at = at, _closing(script, at)
                if words[1:] == ["="] and (named := _NAME.fullmatch(words[0])):
                    self.tables[named[1].strip("{}").lower()] = self._table(script[begun : at - 1])
                    words.clear()
                else:
                    words.append("{}")
            elif token["here"]:
                words.append(token["body"])
            elif token["word"]:
                words += self._words(token["word"], first=not words)
        self._end(words)

    def _computed(self, text: str) -> str:
        """What `( … )` comes to: texts that are added, or what its commands say, which is not known."""
        parts = [part.strip() for part in text.split("+")]
        if all(map(_is_word, parts)):
            return "".join(map(self._text, parts))
        if self.depth < DEEPEST and self.budget.take(len(text) + 100):
            self.depth += 1
            self.read(text)
            self.depth -= 1
        return "{}"

    def _end(self, words: list[str]) -> None:
        """A command ends."""
        rest = list(words)
        words.clear()
        if len(rest) > 1 and rest[1] in ("=", "+=") and (named := _NAME.fullmatch(rest[0])):
            before = self._value(named[1].strip("{}")) if rest[1] == "+=" else ""
            name = named[1].strip("{}").lower()
            rest = rest[2:]
            adds = bool(rest) and set(rest[1::2]) <= {"+"} and len(rest) % 2
            value = before + "".join(rest[::2]) if adds and self.budget.take(len(before)) else "{}"
            if name.startswith("env:"):
                self.env[name[4:].upper()] = value
            self.assigned[name] = value
            if adds or not rest or not re.match(r"[\w./]", rest[0]):
                return
        while rest and rest[0].lower() in _KEYWORDS:
            del rest[0]
        if not rest:
            return
        if rest[0].lower() in self.functions:
            if self.depth < DEEPEST and self.budget.take(len(body := self.functions[rest[0].lower()]) + 100):
                self.depth += 1
                self.read(body)
                self.depth -= 1
            return
        self.found.append(Command(tuple(rest), env=dict(self.env)))

    def _words(self, word: str, *, first: bool) -> list[str]:
        """A word, or those of the table that it names. The name that something is assigned to stays as it is."""
        if first and _NAME.fullmatch(word):
            return [word]
        if re.fullmatch(r"@\w+", word):
            return self.tables.get(word[1:].lower(), ["{}"])
        return [self._text(word)]

    def _table(self, text: str) -> list[str]:
        """The parameters that a table `@{ Name = value }` stands for."""
        found = re.findall(r"(?:^|;)[ \t]*[\"']?(\w+)[\"']?[ \t]*=[ \t]*([^\n;]*)", text, re.MULTILINE)
        out: list[str] = []
        for name, value in found:
            out += [f"-{name}", self._text(value.strip()) if _is_word(value.strip()) else "{}"]
        return out

    def _text(self, word: str) -> str:
        word = _ALONE.sub(r"${\1}", word)
        out = []
        for single, double, variable, escaped, plain in _PIECE.findall(word):
            if double:
                out.append(_VARIABLE.sub(self._filled, double))
            elif variable:
                out.append(_VARIABLE.sub(self._filled, variable))
            else:
                out.append(single.replace("''", "'") or escaped or plain)
        return "".join(out)

    def _filled(self, found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        name = found[2] or found[3]
        if not name:
            return '"' if found[0] == '""' else "{}"
        value = self._value(name)
        return value if self.budget.take(len(value)) else "{}"

    def _value(self, name: str) -> str:
        if (known := self.assigned.get(name.lower())) is not None:
            return known
        if name.lower().startswith("env:"):
            value = self.lookup(name[4:])
            return f"{{{name[4:]}}}" if value is None else value
        return f"{{{name}}}"


def _is_word(text: str) -> bool:
    """Whether a text is one word, and nothing but that."""
    token = _TOKEN.match(text)
    return token is not None and token["word"] == text


def _closing(text: str, at: int, opens: str = "{", closes: str = "}") -> int:
    """Behind the bracket that closes the one in front of `at`."""
    depth = 1
    while depth and (token := _TOKEN.match(text, at)):
        at = token.end()
        sign = token["table"] or token["end"]
        depth += (sign in (opens, f"@{opens}")) - (sign == closes)
    return at
