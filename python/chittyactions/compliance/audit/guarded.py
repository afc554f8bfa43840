"""What REST said of a branch's protection, kept for audits that meet REST's limit."""

from __future__ import annotations

from dataclasses import dataclass

from chittyactions.compliance.facts import Fact, State
from chittyactions.compliance.repository import Protection

NOTHING_TO_ASK = 2**40
"""For when something was told, where there is nothing that REST would be asked for."""


@dataclass(frozen=True)
class Guarded:
    """What was said of a default branch, and when.

    Attributes:
        asked: in seconds since 1970; 0: never.
        branch: what the default branch was called then.
        found: whether there are reviews, status checks, force pushes; () where nothing protects the branch, None where
            GitHub did not tell.
    """

    asked: int = NOTHING_TO_ASK
    branch: str = ""
    found: tuple[bool, ...] | None = None

    @property
    def fact(self) -> Fact[Protection]:
        """The protection, of one that was told."""
        return Fact.present(Protection(*self.found)) if self.found else Fact.absent()


def guarded(fact: Fact[Protection], branch: str, now: int) -> Guarded:
    """What was said just now, to be kept."""
    one = fact.found
    known = (one.reviews, one.status_checks, one.force_pushes) if one else () if fact.state is State.ABSENT else None
    return Guarded(now, branch, known)
