"""An audit in numbers, and what changed since another one. Every report takes them from here: one denominator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from chittyactions.compliance.audit.record import Audit, CheckRecord, Scope, ServiceRecord, Standing
from chittyactions.compliance.model import Outcome

SETTLED = (Outcome.PASS, Outcome.FAIL, Outcome.WAIVED, Outcome.ERROR)
"""Outcomes that a rate is made of; unknown and not applicable are neither for nor against anybody."""


@dataclass(frozen=True)
class Rate:
    """How many of how many. `percent` is floored, so that 299 of 300 are 99; None of none."""

    passed: int
    whole: int

    @property
    def percent(self) -> int | None:
        """Whole percent."""
        return self.passed * 100 // self.whole if self.whole else None

    def __str__(self) -> str:
        return "none" if self.percent is None else f"{self.percent} %"


@dataclass(frozen=True)
class Totals:
    """Services by what came of them.

    `passing`, `failing` and `unknown` are judged; `unjudged` counts the others by their standing. `dimensions` has the
    rate of each dimension over the services that it is required of.
    """

    services: int
    passing: int
    failing: int
    unknown: int
    unjudged: Mapping[Standing, int]
    dimensions: Mapping[str, Rate]
    required_checks: Rate
    """Over all services."""

    @property
    def judged(self) -> int:
        """Services with a verdict."""
        return self.passing + self.failing + self.unknown

    @property
    def rate(self) -> Rate:
        """Services that pass, of those that pass or fail."""
        return Rate(self.passing, self.passing + self.failing)


def totals(services: Iterable[ServiceRecord]) -> Totals:
    """The numbers of some services."""
    held = list(services)
    outcomes = Counter(one.outcome for one in held if one.standing is Standing.JUDGED)
    passing, failing = outcomes[Outcome.PASS], outcomes[Outcome.FAIL]
    unjudged: Counter[Standing] = Counter(one.standing for one in held if one.standing is not Standing.JUDGED)
    passed: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    names: dict[str, None] = {}
    for check in _required(held):
        names[check.dimension] = None
        if check.outcome in SETTLED:
            whole[check.dimension] += 1
            passed[check.dimension] += check.outcome is Outcome.PASS
    return Totals(
        services=len(held),
        passing=passing,
        failing=failing,
        unknown=sum(outcomes.values()) - passing - failing,
        unjudged={one: unjudged[one] for one in Standing if one in unjudged},
        dimensions={name: Rate(passed[name], whole[name]) for name in names},
        required_checks=Rate(sum(passed.values()), sum(whole.values())),
    )


def _required(services: Iterable[ServiceRecord]) -> Iterator[CheckRecord]:
    return (check for one in services for check in one.checks if check.required)


class Change(str, Enum):
    """What can be different from the audit before."""

    BROKEN = "broken"
    """A check that passed fails."""
    FIXED = "fixed"
    """A check that failed passes, or is waived."""
    ADDED = "added"
    """A service that was not in the audit before, which told of all that it looked at."""
    REMOVED = "removed"
    """A service that the registry has no more, or not as an active one."""
    STANDING = "standing"
    """A repository that was archived, deleted, renamed, or came back, or has another default branch."""


@dataclass(frozen=True)
class Changed:
    """One difference. `check` is "" where it is of the service as a whole; `said` is a short sentence."""

    change: Change
    service: ServiceRecord
    check: str
    said: str


_BAD = (Outcome.FAIL, Outcome.ERROR)
_UNSEEN = {Standing.UNKNOWN, Standing.MISSING, Standing.NO_ACCESS}
"""Of such a repository GitHub tells neither its new name nor its branch."""
_WELL = (Outcome.PASS, Outcome.WAIVED, Outcome.NOT_APPLICABLE)


def looked_at(scope: Scope) -> tuple[object, ...]:
    """What has to be the same for two audits to be of the same services and checks."""
    words = (scope.organizations, scope.services, scope.except_dimensions)
    return (*(frozenset(word.lower() for word in one) for one in words), scope.runtime, scope.shard)


def changes(before: Audit, after: Audit, *, left_out_before: int = 0, left_out_after: int = 0) -> tuple[Changed, ...]:
    """What changed, the worst first. Neither to nor from unknown is a change.

    `left_out_…` is how many services the documents lack that were audited. A service that is in one of them alone is
    told only where that is certain to be the registry's doing: what became private, what GitHub did not answer for and
    what a missing shard had is not there either.
    """
    old = {one.key: one for one in before.services}
    new = {one.key: one for one in after.services}
    found: list[Changed] = []
    same = looked_at(before.scope) == looked_at(after.scope)
    if same and before.complete and not left_out_before:
        said = "was not in the audit before"
        found += [Changed(Change.ADDED, new[key], "", said) for key in new.keys() - old.keys()]
    if same and before.scope.plan != after.scope.plan and after.complete and not left_out_after:
        found += [Changed(Change.REMOVED, old[key], "", "is no longer audited") for key in old.keys() - new.keys()]
    for key in new.keys() & old.keys():
        found += _between(old[key], new[key])
    order = list(Change)
    return tuple(sorted(found, key=lambda one: (order.index(one.change), one.service.key, one.check)))


def _between(old: ServiceRecord, new: ServiceRecord) -> Iterator[Changed]:
    told = Standing.UNKNOWN not in (old.standing, new.standing)
    if told and old.standing is not new.standing:
        yield Changed(Change.STANDING, new, "", f"was {_said(old.standing)}, and is {_said(new.standing)}")
    seen = not _UNSEEN & {old.standing, new.standing}
    place = new.moved_to or new.repository
    if (seen or (told and new.moved_to)) and place.lower() != (old.moved_to or old.repository).lower():
        yield Changed(Change.STANDING, new, "", f"moved to {place}")
    if seen and old.branch and new.branch and old.branch != new.branch:
        yield Changed(Change.STANDING, new, "", f"default branch: {old.branch} \u2192 {new.branch}")
    earlier = {one.id: one for one in old.checks}
    for check in new.checks:
        was = earlier.get(check.id)
        if was and was.outcome in _WELL and check.outcome in _BAD:
            yield Changed(Change.BROKEN, new, check.id, f"{check.title}: fails")
        elif was and was.outcome in _BAD and check.outcome in _WELL:
            word = "waived" if check.outcome is Outcome.WAIVED else "fixed"
            yield Changed(Change.FIXED, new, check.id, f"{check.title}: {word}")


def _said(standing: Standing) -> str:
    return standing.value.replace("_", " ")
