"""Facts: what was observed of a repository. Each is present, absent, unknown, or was not asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from chittyactions.compliance.model import Finding

T = TypeVar("T")


class State(str, Enum):
    """What is known of a fact."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"
    NOT_ASKED = "not_asked"


class NotKnown(Exception):
    """A check needs a fact that could not be learned: its outcome is unknown. The text is the reason."""


class NotAsked(Exception):
    """A check needs a fact that this run does not ask for: it is not evaluated."""


class NotApplicable(Exception):
    """A check has nothing to say of this repository. The text is the reason."""


class Undecided(Exception):
    """A check could not be made because of what the repository holds: its outcome is error, with this finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class Wrong(Exception):
    """A check ends with this one finding: a file that it reads is malformed."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@dataclass(frozen=True)
class Fact(Generic[T]):
    """Something that may be there. `why` says how it is known to be absent, or why it is not known."""

    state: State
    found: T | None = None
    why: str = ""

    @classmethod
    def present(cls, found: T) -> Fact[T]:
        """It is there."""
        return cls(State.PRESENT, found)

    @classmethod
    def absent(cls, why: str = "") -> Fact[T]:
        """It is not there, for certain."""
        return cls(State.ABSENT, None, why)

    @classmethod
    def unknown(cls, why: str) -> Fact[T]:
        """Nobody could say."""
        return cls(State.UNKNOWN, None, why)

    @classmethod
    def not_asked(cls, why: str) -> Fact[T]:
        """This run does not ask."""
        return cls(State.NOT_ASKED, None, why)

    def known(self) -> T | None:
        """The value, or None where it is absent. Raises NotKnown and NotAsked."""
        if self.state is State.UNKNOWN:
            raise NotKnown(self.why)
        if self.state is State.NOT_ASKED:
            raise NotAsked(self.why)
        return self.found
