"""What the commands of a shell script read and where they write: redirections, here-documents and pipes."""

from __future__ import annotations

import re
from dataclasses import replace

from chittyactions.compliance.command import Command
from chittyactions.compliance.shell_words import Budget, Lookup, Words

_HERE = re.compile(r"<<-?[ \t]*(?:'([^'\n]+)'|\"([^\"\n]+)\"|\\?([^\s;&|<>()]+))")


class Redirections(Words):
    """The commands that were found so far, with what each reads and writes."""

    def __init__(self, text: str, lookup: Lookup, parameters: tuple[str, ...] | None, budget: Budget) -> None:
        super().__init__(text, lookup, parameters, budget)
        self.found: list[Command] = []
        self.to = ""
        """The file that the command which is read writes to."""
        self.defining = False
        """Whether a function's body is passed over, which runs where it is called."""
        self.piped = 0
        """How many commands there were at the last pipe; 0 where the next one reads from none."""
        self.waiting: list[tuple[str, int]] = []
        """Here-documents whose bodies begin on the next line: how each ends, and the command that reads it."""

    def redirection(self, words: list[str]) -> None:
        """Pass over one, and keep where the command writes; `words` are those before it."""
        if here := _HERE.match(self.text, self.at):
            self.waiting.append((here[1] or here[2] or here[3], -1 if self.defining else len(self.found)))
            self.at = here.end()
            return
        if self.text.startswith(("<(", ">("), self.at):
            self.at += 2
            self.nested(")")
            return
        if words and words[-1].isdigit() and self.text[self.at - 1].isdigit():
            words.pop()  # the 2 of 2>file
        begun = self.at
        while self.at < len(self.text) and self.text[self.at] in "<>&|":
            self.at += 1
        writes = self.text[begun : self.at] in (">", ">>", "&>")
        file = self._redirected()
        if writes:
            self.to = file

    def _redirected(self) -> str:
        """Pass over the file of a redirection."""
        while self.at < len(self.text) and self.text[self.at] in " \t":
            self.at += 1
        return self.word("")

    def fed(self) -> str:
        """The text that is piped into a command, where the one before it only prints one."""
        if not 0 < self.piped == len(self.found):
            return ""
        before = self.found[-1]
        if before.words[0] == "echo":
            return " ".join(before.words[1:])
        return before.stdin if before.words == ("cat",) else ""

    def bodies(self) -> None:
        """Pass over the here-documents that begin here, each for the command that reads it."""
        for end, reader in self.waiting:
            closing = re.compile(rf"^\t*{re.escape(end)}[ \t]*$", re.MULTILINE).search(self.text, self.at)
            body = self.text[self.at : closing.start() if closing else len(self.text)]
            self.at = min(closing.end() + 1, len(self.text)) if closing else len(self.text)
            if 0 <= reader < len(self.found):
                pipes = self.found[reader].words in (("cat",), ("cat", "-")) and reader == len(self.found) - 2
                for one in (reader, reader + 1) if pipes else (reader,):
                    self.found[one] = replace(self.found[one], stdin=body)
        self.waiting.clear()
