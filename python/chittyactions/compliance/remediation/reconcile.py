"""What is to be done about one service's issue: a pure function of what is wanted and what GitHub has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from chittyactions.compliance.remediation.fingerprint import Mark, read_mark
from chittyactions.compliance.remediation.wanted import State, Wanted, named
from chittyactions.ecosystem.github_issues import Issue

REFUSED = ("not_planned", "duplicate")
"""Reasons of a closed issue that only a person gives: ours are completed."""


class Verb(str, Enum):
    """What happens to an issue."""

    CREATE = "create"
    EDIT = "edit"
    REOPEN = "reopen"
    CLOSE = "close"
    KEEP = "keep"
    """It is, or is not there, as it should be."""
    LEAVE = "leave"
    """It is not ours to change now; `why` says so."""


CHANGES = (Verb.CREATE, Verb.EDIT, Verb.REOPEN, Verb.CLOSE)


@dataclass(frozen=True)
class Seen:
    """One of our issues as GitHub has it."""

    issue: Issue
    mark: Mark

    @property
    def number(self) -> int:
        """The issue's number."""
        return self.issue.number

    @property
    def is_open(self) -> bool:
        """Whether it is open."""
        return self.issue.state == "open"


@dataclass(frozen=True)
class Difference:
    """The required checks by what became of them since the text before."""

    added: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.fixed or self.changed)

    def __str__(self) -> str:
        parts = (("new", self.added), ("fails no more", self.fixed), ("changed", self.changed))  # fixed, or waived
        return "; ".join(f"{word}: {named(checks)}" for word, checks in parts if checks)


@dataclass(frozen=True)
class Decision:
    """What is to be done.

    Attributes:
        why: half a sentence for a person.
        seen: the issue, None where there is none.
        mark: what its first line will be, where it is written.
        difference: what a comment tells; empty: none is written.
        carried: checks that failed before and could not be settled now: they stay in the issue, by name.
        duplicates: further open issues of the service, which are closed.
        strays: open issues of ours about services that nobody knows: they are told, and left.
    """

    verb: Verb
    why: str
    seen: Seen | None = None
    mark: Mark | None = None
    difference: Difference = Difference()
    carried: tuple[str, ...] = ()
    duplicates: tuple[Seen, ...] = ()
    strays: tuple[Seen, ...] = ()

    @property
    def acts(self) -> bool:
        """Whether anything is changed."""
        return self.verb in CHANGES or bool(self.duplicates)


def ours(issues: Iterable[Issue], me: str, service: str) -> tuple[Seen, ...]:
    """Of a repository's issues those that `me` wrote about a service, the lowest number first."""
    return tuple(one for one in _marked(issues, me) if one.mark.service == service)


def strays(issues: Iterable[Issue], me: str, known: Collection[str]) -> tuple[Seen, ...]:
    """Of a repository's open issues those that `me` wrote about services that are not among `known`.

    `known` are the keys of all services, wherever they are; none: nobody knows them all.
    """
    return tuple(one for one in _marked(issues, me) if known and one.is_open and one.mark.service not in known)


def _marked(issues: Iterable[Issue], me: str) -> list[Seen]:
    found = [
        Seen(issue, mark)
        for issue in issues
        if issue.author.lower() == me.lower() and not issue.is_pull_request and (mark := read_mark(issue.body))
    ]
    return sorted(found, key=lambda one: one.number)


def decide(aim: Wanted, seen: Sequence[Seen]) -> Decision:
    """What is to be done about a service; `seen` are its issues as `ours` gives them. The lowest number is the one."""
    if aim.state is State.OPEN_QUESTION:
        return Decision(Verb.LEAVE, aim.why)
    if not seen:
        if aim.state is State.WELL:
            return Decision(Verb.KEEP, "passes, and has no issue")
        mark = Mark(aim.service.key, 1, aim.digest, aim.checks)
        return Decision(Verb.CREATE, f"fails {named(sorted(aim.checks))}", None, mark)
    kept, *others = seen
    duplicates = tuple(one for one in others if one.is_open)
    decision = _kept(aim, kept)
    return Decision(decision.verb, decision.why, kept, decision.mark, decision.difference, decision.carried, duplicates)


def _kept(aim: Wanted, kept: Seen) -> Decision:
    before = kept.mark
    carried = tuple(sorted(one for one in before.checks if one not in aim.checks and aim.open_still(one)))
    checks = {**{one: before.checks[one] for one in carried}, **aim.checks}
    after = Mark(before.service, before.revision + 1, aim.digest, checks)
    difference = _difference(before, after)
    if not kept.is_open:
        return _closed(aim, kept, after, carried)
    if aim.state is State.WELL and carried:
        return Decision(Verb.LEAVE, f"not closed: not settled this time are {named(carried)}")
    if aim.state is State.WELL and not before.checks:
        return Decision(Verb.LEAVE, f"passes, and somebody reopened #{kept.number}")
    if aim.state is State.WELL:
        return Decision(Verb.CLOSE, "passes", None, after, difference)
    if difference:
        return Decision(Verb.EDIT, str(difference), None, after, difference, carried)
    if carried or before.digest == after.digest:
        return Decision(Verb.KEEP, f"fails as #{kept.number} says")
    return Decision(Verb.EDIT, "details differ, without a comment", None, after)


def _closed(aim: Wanted, kept: Seen, after: Mark, carried: tuple[str, ...]) -> Decision:
    if aim.state is State.WELL:
        return Decision(Verb.KEEP, f"passes, and #{kept.number} is closed")
    if kept.issue.state_reason in REFUSED:
        reason = (kept.issue.state_reason or "").replace("_", " ")
        return Decision(Verb.LEAVE, f"fails, but somebody closed #{kept.number} as {reason}")
    again = Difference(added=tuple(sorted(aim.checks)))
    return Decision(Verb.REOPEN, f"fails {named(again.added)}", None, after, again, carried)


def _difference(before: Mark, after: Mark) -> Difference:
    old, new = before.checks, after.checks
    return Difference(
        added=tuple(sorted(new.keys() - old.keys())),
        fixed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(sorted(one for one in old.keys() & new.keys() if old[one] != new[one])),
    )
