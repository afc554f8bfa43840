"""What is reported apart, in numbers of its own: they are in no rate of totals.py, and that is in none of these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chittyactions.compliance.audit.record import ServiceRecord, Standing
from chittyactions.compliance.audit.totals import SETTLED, Rate
from chittyactions.compliance.model import Outcome, is_apart

BAD = (Outcome.FAIL, Outcome.ERROR)


@dataclass(frozen=True)
class Apart:
    """The security programme over some services.

    Attributes:
        services: judged services that it was looked at in.
        failing: those of them where a check fails.
        dimensions, checks: checks that pass, of those that were settled; a waiver raises neither.
    """

    services: int
    failing: int
    dimensions: Mapping[str, Rate]
    checks: Rate


def apart(services: Iterable[ServiceRecord]) -> Apart:
    """The numbers of some services."""
    looked_at = failing = 0
    passed: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    names: dict[str, None] = {}
    for service in services:
        own = [one for one in service.checks if is_apart(one.dimension)]
        looked_at += bool(own) and service.standing is Standing.JUDGED
        failing += any(one.outcome in BAD for one in own)
        for check in own:
            names[check.dimension] = None
            if check.outcome in SETTLED:
                whole[check.dimension] += 1
                passed[check.dimension] += check.outcome is Outcome.PASS
    return Apart(
        services=looked_at,
        failing=failing,
        dimensions={name: Rate(passed[name], whole[name]) for name in names},
        checks=Rate(sum(passed.values()), sum(whole.values())),
    )
