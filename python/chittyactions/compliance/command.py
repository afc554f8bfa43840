"""A command that a script runs, whichever shell reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Command:
    """One command: its program first."""

    words: tuple[str, ...]
    stdin: str = ""
    """The here-document that it reads, or the text that is piped into it."""
    directory: str = ""
    """The folder that `cd` led to."""
    env: Mapping[str, str] = field(default_factory=dict)
    """The variables that the script hands on to it."""
    to: str = ""
    """The file that its output goes to."""

    @property
    def program(self) -> str:
        """The program's name without its folder."""
        return self.words[0].rpartition("/")[2]
