"""Whether an audit looked at everything, and what it was that stayed unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from chittyactions.compliance.audit.record import CheckRecord, ServiceRecord, Standing
from chittyactions.compliance.model import Outcome
from chittyactions.compliance.reports.wording import line, plural

NAMED = 5
"""Services that a sentence names."""
MOST_CHECKS = 3
"""Checks that a sentence names."""
LONGEST = 160
"""Characters of a reason."""


def incomplete(services: Iterable[ServiceRecord], *, unsaid: Collection[str] = ()) -> tuple[str, ...]:
    """Why an audit did not look at everything, a sentence each; () where it did.

    A reason that has one of the words of `unsaid` (small letters) in it is left out.
    """
    held = list(services)
    unread = [one for one in held if one.standing is Standing.UNKNOWN]
    unknown = undecided(held)
    said = []
    for ones, what in ((unread, "could not be looked at"), (unknown, "have required checks that are unknown")):
        if ones:
            names = ", ".join(sorted(one.key for one in ones)[:NAMED])
            more = f" and {len(ones) - NAMED} more" if len(ones) > NAMED else ""
            said.append(f"{len(ones)} of {len(held)} services {what}: {names}{more}.")
    if unknown:
        said.append(_checks([check for one in unknown for check in one.checks if _is_open(check)], unsaid))
    return tuple(said)


def undecided(services: Iterable[ServiceRecord]) -> list[ServiceRecord]:
    """Services with a required check that is unknown."""
    return [one for one in services if any(map(_is_open, one.checks))]


def _is_open(check: CheckRecord) -> bool:
    return check.required and check.outcome is Outcome.UNKNOWN


def _checks(ones: list[CheckRecord], unsaid: Collection[str]) -> str:
    """The checks that are unknown most often, of how many services, and why, where most of these have one reason."""
    counts = Counter(one.id for one in ones)
    order = sorted(counts, key=lambda one: (-counts[one], one))
    said = []
    for name in order[:MOST_CHECKS]:
        reason, times = Counter(one.reason for one in ones if one.id == name).most_common(1)[0]
        tells = reason and 2 * times > counts[name] and not any(word in reason.lower() for word in unsaid)
        why = f": {line(reason, LONGEST).rstrip('.')}" if tells else ""
        said.append(f"{name} ({counts[name]}){why}")
    more = f"; and {plural(len(order) - MOST_CHECKS, 'check')} more" if len(order) > MOST_CHECKS else ""
    return f"Unknown are {'; '.join(said)}{more}."
