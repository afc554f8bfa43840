"""An audit on a terminal: its numbers, and who fails what."""

from __future__ import annotations

from chittyactions.compliance.audit.record import Audit, ServiceRecord, Standing
from chittyactions.compliance.audit.totals import totals
from chittyactions.compliance.reports.wording import line, plural

MOST_ROWS = 40
"""Services that are named."""


def summary(audit: Audit) -> str:
    """The summary as lines: dimensions with their rates, then the services that fail, the worst first."""
    numbers = totals(audit.services)
    cost = audit.cost
    counts = f"{numbers.passing} pass, {numbers.failing} fail, {numbers.unknown} unknown"
    unjudged = sum(numbers.unjudged.values())
    asked = f"{plural(cost.graphql_requests, 'query', 'queries')} ({plural(cost.graphql_points, 'point')})"
    more = f"{plural(cost.rest_requests, 'REST request')}, {plural(cost.archives, 'whole commit')}"
    out = [
        f"{plural(numbers.services, 'service')}: {counts}, {unjudged} not judged.",
        f"Of those that pass or fail, {numbers.rate} pass.",
        f"Asked: {asked}, {more}, {plural(cost.probes, 'probe')}; {cost.seconds:.0f} s. Not moved: {cost.reused}.",
        "",
    ]
    titles = {name: one.title for service in audit.services for name, one in service.dimensions.items()}
    width = max((len(one) for one in titles.values()), default=0)
    out += [
        f"  {titles.get(name, name):<{width}}  {rate!s:>5}  {rate.passed} of {rate.whole}"
        for name, rate in sorted(numbers.dimensions.items(), key=lambda one: [*titles].index(one[0]))
    ]
    failing = sorted((one for one in audit.services if one.failing()), key=lambda one: (one.score or 0, one.key))
    if failing:
        out += ["", "Failing:"]
        out += [f"  {_failing(one)}" for one in failing[:MOST_ROWS]]
        if len(failing) > MOST_ROWS:
            out.append(f"  … and {len(failing) - MOST_ROWS} more")
    others = [one for one in audit.services if one.standing is not Standing.JUDGED]
    if others:
        out += ["", "Not judged:"]
        out += [
            f"  {one.key}: {one.standing.value.replace('_', ' ')}. {line(one.reason)}" for one in others[:MOST_ROWS]
        ]
        if len(others) > MOST_ROWS:
            out.append(f"  … and {len(others) - MOST_ROWS} more")
    return "\n".join(out)


def _failing(service: ServiceRecord) -> str:
    names = [one.id for one in service.failing()]
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    score = " none" if service.score is None else f"{service.score:>3} %"
    return f"{score}  {line(service.key)}: {', '.join(names[:4])}{more}"
