"""What each service's issue should be about, by an audit alone."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from chittyactions.compliance.audit.record import Audit, CheckRecord, Scope, ServiceRecord, Standing
from chittyactions.compliance.model import Outcome, is_apart
from chittyactions.compliance.remediation.fingerprint import digest
from chittyactions.errors import InputError

BAD = (Outcome.FAIL, Outcome.ERROR)
UNSETTLED = (Outcome.UNKNOWN, Outcome.NOT_EVALUATED)
WORDING = 1
"""Raised when the text of an issue is worded so differently that the open ones are worth writing anew."""
MOST_NAMED = 5
"""Checks in one sentence."""

_NUMBERS = re.compile(r"\d+")


class State(str, Enum):
    """How a service stands, as far as its issue is concerned."""

    FAILS = "fails"
    WELL = "well"
    OPEN_QUESTION = "open question"
    """It was not judged, or what is required could not be settled: whatever there is stays as it is."""


@dataclass(frozen=True)
class Wanted:
    """What a service's issue should be about.

    Attributes:
        why: of an open question, half a sentence.
        checks: the required checks that fail, each with a digest of what it found.
        unsettled: the ids of checks that this audit could not settle, or did not ask.
        narrowed: whether the audit left out dimensions, so that a check that is not there may fail all the same.
        digest: of all that the issue's text shows.
    """

    service: ServiceRecord
    state: State
    why: str = ""
    checks: Mapping[str, str] = field(default_factory=dict)
    unsettled: frozenset[str] = frozenset()
    narrowed: bool = False
    digest: str = ""

    @property
    def repository(self) -> str:
        """owner/name, as GitHub has it now."""
        return self.service.moved_to or self.service.repository

    def open_still(self, check: str) -> bool:
        """Whether nobody knows what became of a check that failed before."""
        here = any(one.id == check for one in self.service.checks)
        return check in self.unsettled or (self.narrowed and not here)


def wanted(service: ServiceRecord, scope: Scope) -> Wanted:
    """What the issue of one service should be about."""
    if service.standing is not Standing.JUDGED or service.outcome is None:
        said = service.reason or f"its repository is {service.standing.value.replace('_', ' ')}"
        return Wanted(service, State.OPEN_QUESTION, f"not judged: {said}")
    unsettled = frozenset(one.id for one in service.checks if one.outcome in UNSETTLED)
    narrowed = bool(scope.except_dimensions)
    checks = {one.id: _found(one) for one in service.failing()}
    if checks:
        return Wanted(service, State.FAILS, "", checks, unsettled, narrowed, _shown(service))
    unknown = [one.id for one in service.checks if one.required and one.outcome is Outcome.UNKNOWN]
    if unknown or service.outcome is not Outcome.PASS:
        return Wanted(service, State.OPEN_QUESTION, f"unknown: {named(unknown) or 'what is required'}")
    return Wanted(service, State.WELL, "", {}, unsettled, narrowed, _shown(service))


def named(checks: Sequence[str]) -> str:
    """Checks in a sentence, not more than it holds."""
    left_out = len(checks) - MOST_NAMED
    return ", ".join([*checks[:MOST_NAMED], f"and {left_out} more"] if left_out > 0 else checks)


def _found(check: CheckRecord) -> str:
    """What is worth a word when it changes: not a line that moved, nor a number of milliseconds."""
    return digest([check.outcome.value, sorted({(one.path, _NUMBERS.sub("0", one.message)) for one in check.findings})])


def _shown(service: ServiceRecord) -> str:
    """All that the text shows. What is unsettled, the commit and the moment are none of it: they make no edit."""
    shown = [
        one.model_dump(mode="json", exclude={"docs", "reason", *(("findings",) if is_apart(one.dimension) else ())})
        for one in service.checks
        if one.outcome in BAD or one.outcome is Outcome.WAIVED
    ]
    return digest([WORDING, service.name, service.type, service.tier, shown])


@dataclass(frozen=True)
class Choice:
    """Which services are remedied. Empty tuples: all."""

    services: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    private: bool = False
    """Whether those that are not known to be public are among them: what a run prints may be public."""


def chosen(audit: Audit, choice: Choice) -> tuple[tuple[ServiceRecord, ...], int]:
    """The services, in the order of their keys, and how many were passed over that are not known to be public.

    Raises InputError.
    """
    services = sorted(audit.services, key=lambda one: one.key)
    known = {one.organization.lower() for one in services}
    _check("organisation", "--org", choice.organizations, known)
    names = {one.name.lower() for one in services} | {one.key for one in services}
    _check("service", "--service", choice.services, names)
    organizations = {one.lower() for one in choice.organizations}
    named_ones = {one.lower() for one in choice.services}
    asked = [
        one
        for one in services
        if (not organizations or one.organization.lower() in organizations)
        and (not named_ones or {one.name.lower(), one.key} & named_ones)
    ]
    if not asked:
        raise InputError(
            "No service of the audit is in every choice at once.",
            why=f"It has {len(services)} services; --service and --org together leave none of them.",
            fix="Leave one of the two out.",
            docs="remediation.md#choosing",
        )
    shown = tuple(one for one in asked if choice.private or one.is_public)
    return shown, len(asked) - len(shown)


def _check(kind: str, option: str, given: Sequence[str], known: set[str]) -> None:
    for one in given:
        if one.lower() not in known:
            close = difflib.get_close_matches(one.lower(), sorted(known), 3)
            raise InputError(
                f"The audit has no {kind} {one!r}.",
                why=f"Did you mean {' or '.join(close)}?" if close else "Nothing in it has a name like that.",
                fix=f"Correct {option}; the audit's file has the names.",
                docs="remediation.md#choosing",
            )
