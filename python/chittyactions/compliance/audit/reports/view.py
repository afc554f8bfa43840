"""What every report of an audit shows: the services, their numbers, what changed, what came before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chittyactions.compliance.audit.apart import Apart, apart
from chittyactions.compliance.audit.completeness import incomplete
from chittyactions.compliance.audit.record import Audit, CheckRecord, ServiceRecord, Standing, WaiverRecord
from chittyactions.compliance.audit.totals import Change, Changed, Totals, changes, looked_at, totals
from chittyactions.compliance.model import Outcome, is_apart

SOON = timedelta(days=30)
"""A waiver that ends within this time is marked."""


@dataclass(frozen=True)
class Point:
    """An earlier audit, or this one, as its numbers."""

    finished: datetime
    totals: Totals
    complete: bool


@dataclass(frozen=True)
class Waived:
    """A waiver, with the check and the service that it is of."""

    service: ServiceRecord
    check: CheckRecord
    waiver: WaiverRecord


@dataclass(frozen=True)
class View:
    """An audit, as a report shows it.

    Attributes:
        audit: its services by their keys, without the private ones where the report is for the public.
        left_out: how many audited services are not in it: that took them out, or they were not handed on.
        totals: numbers of what is left.
        apart: numbers of what is reported apart of it.
        previous: when the audit before finished; None where there is none to compare with.
        changes: what changed since, the worst first.
        other_scope: whether the audit before looked at other services or checks, so that none is told as new or gone.
        lost: how many services of the audit before are not in this one, without those that `changes` names.
        fresh: how many of this one were not in the audit before, without those that `changes` names.
        history: this audit and those before, the oldest first.
        link: address of the whole report, or of the run; "" for none.
    """

    audit: Audit
    left_out: int
    totals: Totals
    apart: Apart
    previous: datetime | None
    changes: tuple[Changed, ...]
    other_scope: bool
    lost: int
    fresh: int
    history: tuple[Point, ...]
    link: str = ""

    @property
    def today(self) -> date:
        """The day that waivers are held against: that of the audit, so that a report is the same whenever made."""
        return self.audit.finished.date()

    def judged(self) -> list[ServiceRecord]:
        """Services with a verdict, the worst first."""
        return sorted((one for one in self.audit.services if one.standing is Standing.JUDGED), key=_badness)

    def unjudged(self) -> list[ServiceRecord]:
        """The others, by their standing."""
        order = list(Standing)
        others = (one for one in self.audit.services if one.standing is not Standing.JUDGED)
        return sorted(others, key=lambda one: (-order.index(one.standing), one.key))

    def waivers(self) -> list[Waived]:
        """All of them, those that ended or end first in front."""
        found = [
            Waived(service, check, check.waiver)
            for service in self.audit.services
            for check in service.checks
            if check.waiver
        ]
        return sorted(found, key=lambda one: (one.waiver.expires, one.service.key, one.check.id))

    def changed(self, *, apart: bool) -> list[Changed]:
        """What changed: of what is reported apart, or of the rest."""
        return [one for one in self.changes if _is_apart(one) is apart]

    def titles(self, *, apart: bool = False) -> dict[str, str]:
        """Each dimension with its title, those of the services with most of them first."""
        named = {
            name: one.title
            for service in sorted(self.audit.services, key=lambda one: -len(one.dimensions))
            for name, one in service.dimensions.items()
        }
        for name in (*self.totals.dimensions, *self.apart.dimensions):
            named.setdefault(name, name)
        return {name: title for name, title in named.items() if is_apart(name) is apart}


def view(
    audit: Audit,
    *,
    previous: Audit | None = None,
    history: Sequence[Point] = (),
    public: bool = False,
    link: str = "",
    already: int = 0,
) -> View:
    """The audit as a report shows it.

    `history` is of earlier audits, in any order; `already` is how many services `audit` was handed on without.
    """
    shown = for_the_public(audit) if public else audit
    shown = shown.model_copy(update={"services": tuple(sorted(shown.services, key=lambda one: one.key))})
    numbers = totals(shown.services)
    here = Point(audit.finished, numbers, audit.complete)
    earlier = {one.finished: one for one in history if one.finished < audit.finished}
    left_out = already + _lacking(audit, shown)
    changed, lost, fresh = _compared(previous, audit, shown, left_out, public=public) if previous else ((), 0, 0)
    return View(
        audit=shown,
        left_out=left_out,
        totals=numbers,
        apart=apart(shown.services),
        previous=previous.finished if previous else None,
        changes=changed,
        other_scope=previous is not None and looked_at(previous.scope) != looked_at(audit.scope),
        lost=lost,
        fresh=fresh,
        history=(*(earlier[moment] for moment in sorted(earlier)), here),
        link=link,
    )


def point(audit: Audit, *, public: bool = False) -> Point:
    """An audit as its numbers: of its public services alone where they are for the public."""
    services = [one for one in audit.services if one.is_public or not public]
    return Point(audit.finished, totals(services), audit.complete)


def for_the_public(audit: Audit) -> Audit:
    """The audit without what is not known to be public, the names of which no sentence holds either."""
    hidden = [one for one in audit.services if not one.is_public]
    words = {word.lower() for one in hidden for word in (one.name, one.repository, one.moved_to, one.domain) if word}
    public = tuple(one for one in audit.services if one.is_public)
    counted = incomplete(audit.services)
    known = set(counted) <= set(audit.incomplete)  # then these are said anew, of those that are shown
    others = (one for one in audit.incomplete if not known or one not in counted)
    told = [one for one in others if not any(word in one.lower() for word in words)]
    kept = {
        "services": public,
        "incomplete": (*told, *(incomplete(public, unsaid=words) if known else ())),
        "scope": audit.scope.model_copy(update={"services": ()}) if hidden else audit.scope,
    }
    return audit.model_copy(update=kept)


def _lacking(audit: Audit, shown: Audit) -> int:
    """How many services `shown` lacks: of the document, and those that the document lacks itself."""
    return len(audit.services) - len(shown.services) + (audit.summary.left_out if audit.summary else 0)


def _compared(
    before: Audit, after: Audit, shown: Audit, left_out: int, *, public: bool
) -> tuple[tuple[Changed, ...], int, int]:
    """What changed, and how many services are in the earlier or the later audit alone and not told by name.

    Both are compared as they are shown: in public, no sentence is of a service that was or is not known to be public.
    """
    old = for_the_public(before) if public else before
    kept = old.model_copy(update={"scope": before.scope}), shown.model_copy(update={"scope": after.scope})
    changed = changes(*kept, left_out_before=_lacking(before, old), left_out_after=left_out)
    earlier, later = ({one.key for one in audit.services} for audit in kept)
    named = Counter(one.change for one in changed)
    return changed, len(earlier - later) - named[Change.REMOVED], len(later - earlier) - named[Change.ADDED]


def _is_apart(changed: Changed) -> bool:
    return any(is_apart(one.dimension) for one in changed.service.checks if one.id == changed.check)


def _badness(service: ServiceRecord) -> tuple[int, int, int, str]:
    order = {Outcome.FAIL: 0, Outcome.UNKNOWN: 1, Outcome.PASS: 2}
    worst = min((check.severity.rank for check in service.failing()), default=9)
    score = 101 if service.score is None else service.score
    return (order.get(service.outcome, 1) if service.outcome else 1, score, worst, service.key)
