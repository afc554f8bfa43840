"""Audits of shards become one: of the same plan, each shard once."""

from __future__ import annotations

from collections.abc import Sequence

from chittyactions.compliance.audit.completeness import incomplete
from chittyactions.compliance.audit.plan import MOST_SHARDS
from chittyactions.compliance.audit.record import Audit, Cost, Scope
from chittyactions.errors import InputError

DOCS = "audit.md#shards"


def merged(audits: Sequence[Audit]) -> Audit:
    """One audit. A shard that is missing makes it incomplete.

    Raises InputError where the parts are of different plans, or one is there twice.
    """
    first = audits[0]
    problems = []
    if len({(one.scope.plan, one.scope.runtime, one.scope.except_dimensions) for one in audits}) > 1:
        problems.append("they are of different plans: other services, other rules, or another version")
    counts = {one.scope.shard.partition("/")[2] for one in audits}
    if len(counts) > 1:
        problems.append(f"they divide the plan differently: by {' and by '.join(sorted(counts))}")
    shards = [int(one.scope.shard.partition("/")[0]) for one in audits]
    if strange := [one.scope.shard for one in audits if not _is_shard(one.scope.shard)]:
        problems.append(f"there is no shard {strange[0]}")
    twice = sorted({one for one in shards if shards.count(one) > 1})
    if twice:
        problems.append(f"shard {twice[0]} is there twice")
    if problems:
        raise InputError(
            f"These audits are no parts of one: {'; '.join(problems)}.",
            why="Their numbers would be added up as if they were.",
            fix="Take the shards of one run, or audit again.",
            docs=DOCS,
        )
    missing = sorted(set(range(1, int(counts.pop()) + 1)) - set(shards))
    services = tuple(sorted((one for audit in audits for one in audit.services), key=lambda one: one.key))
    lacking = [f"Shard {one} is missing: its services were not looked at." for one in missing]
    earlier = [why for one in audits for why in one.incomplete if why not in incomplete(one.services)]  # of a merge
    why = (*earlier, *lacking, *incomplete(services))
    return Audit(
        started=min(one.started for one in audits),
        finished=max(one.finished for one in audits),
        scope=Scope(**{**first.scope.model_dump(), "shard": "1/1"}),
        complete=not why,
        incomplete=why,
        cost=_added([one.cost for one in audits]),
        services=services,
    )


def _is_shard(text: str) -> bool:
    index, _, count = text.partition("/")
    return 1 <= int(index) <= int(count) <= MOST_SHARDS


def _added(costs: Sequence[Cost]) -> Cost:
    """Sums; of seconds the longest, since shards run side by side."""
    sums = {name: sum(getattr(one, name) for one in costs) for name in Cost.model_fields}
    return Cost(**{**sums, "seconds": max(one.seconds for one in costs)})
