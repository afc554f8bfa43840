"""The workflow-command protocol from the runner's side: command files, `::commands::`, annotations."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass

from protocol.masking import Masker


def unescape_data(text: str) -> str:
    """The data of a workflow command as the runner reads it."""
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def unescape_property(text: str) -> str:
    """A property of a workflow command as the runner reads it."""
    return unescape_data(text.replace("%3A", ":").replace("%2C", ","))


def parse_command_file(text: str) -> dict[str, str]:
    """`NAME=value` and `NAME<<DELIMITER` blocks as the runner reads them.

    Anything else would fail the step on GitHub, so it raises AssertionError here.
    """
    values: dict[str, str] = {}
    lines = text.split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    position = 0
    while position < len(lines):
        line = lines[position]
        position += 1
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            values[line[:equals]] = line[equals + 1 :]
            continue
        if heredoc <= 0 or heredoc + 2 == len(line):
            raise AssertionError(f"the runner refuses this line of a command file: {len(line)} characters")
        name, delimiter = line[:heredoc], line[heredoc + 2 :]
        try:
            end = lines.index(delimiter, position)
        except ValueError:
            raise AssertionError(f"the block of {name!r} has no closing delimiter") from None
        values[name] = "\n".join(lines[position:end])
        position = end + 1
    return values


@dataclass(frozen=True)
class Annotation:
    """An `::error::`, `::warning::` or `::notice::`, masked."""

    level: str
    message: str
    properties: dict[str, str]


_COMMAND = re.compile(r"^\s*::(?P<name>[a-z-]+)(?: (?P<props>[^:]*(?::(?!:)[^:]*)*))?::(?P<data>.*)$")


class StepLog:
    """Reads a step's lines one by one, as they come, and does what the runner does with each."""

    def __init__(self, masker: Masker) -> None:
        self.masker = masker
        self.shown: list[str] = []
        self.raw: list[str] = []
        self.annotations: list[Annotation] = []
        self.legacy: list[str] = []
        self._stopped = ""
        self._lock = threading.Lock()

    def line(self, text: str) -> None:
        with self._lock:
            self.raw.append(text)
            match = _COMMAND.match(text)
            if self._stopped:
                if match and match["name"] == self._stopped:
                    self._stopped = ""
                else:
                    self.shown.append(self.masker.mask(text))
                return
            if not match:
                self.shown.append(self.masker.mask(text))
                return
            name, data = match["name"], unescape_data(match["data"])
            if name == "add-mask":
                self.masker.add(data)
            elif name == "stop-commands":
                self._stopped = data
            elif name in ("error", "warning", "notice"):
                pairs = (pair.partition("=") for pair in (match["props"] or "").split(",") if pair)
                self.annotations.append(
                    Annotation(
                        name,
                        self.masker.mask(data),
                        {key.strip(): unescape_property(value) for key, _, value in pairs},
                    )
                )
                self.shown.append(self.masker.mask(data))
            elif name in ("group", "debug", "endgroup"):
                self.shown.append(self.masker.mask(data))
            else:
                self.legacy.append(name)
                self.shown.append(self.masker.mask(text))
