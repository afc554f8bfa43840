"""An audit on a terminal: its numbers, and who fails what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chittyactions.compliance.audit.apart import BAD, apart
from chittyactions.compliance.audit.record import Audit, CheckRecord, ServiceRecord, Standing
from chittyactions.compliance.audit.totals import Rate, totals
from chittyactions.compliance.model import is_apart
from chittyactions.compliance.reports.wording import NO_DUTY, SECURITY, line, plural

MOST_ROWS = 40
"""Services that are named."""


def summary(audit: Audit) -> str:
    """The summary as lines: dimensions with their rates, the services that fail, the worst first, then security."""
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
    ]
    if cost.states_before:
        stood = plural(cost.states_before, "answer")
        out.append(f"{stood} of an earlier audit stood in for REST's, whose hour was used up.")
    out.append("")
    out += _rates(audit, numbers.dimensions)
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
    return "\n".join([*out, *_security(audit)])


def _rates(audit: Audit, rates: Mapping[str, Rate]) -> list[str]:
    """A line for each dimension, as wide as all of them need."""
    titles = {name: one.title for service in audit.services for name, one in service.dimensions.items()}
    width = max((len(one) for one in titles.values()), default=0)
    order = [*titles, *rates]
    return [
        f"  {line(titles.get(name, name)):<{width}}  {rate!s:>5}  {rate.passed} of {rate.whole}"
        for name, rate in sorted(rates.items(), key=lambda one: order.index(one[0]))
    ]


def _security(audit: Audit) -> Iterator[str]:
    """What is reported apart: its numbers, and each check that fails with its services, the worst first."""
    numbers = apart(audit.services)
    if not numbers.services:
        return
    of_whom = f"{numbers.failing} of {plural(numbers.services, 'service')} have findings"
    yield from ("", f"{SECURITY}: {numbers.checks} of its checks pass, {of_whom}. It is {NO_DUTY}.", "")
    yield from _rates(audit, numbers.dimensions)
    found: dict[str, list[tuple[CheckRecord, ServiceRecord]]] = {}
    for service in audit.services:
        for check in service.checks:
            if is_apart(check.dimension) and check.outcome in BAD:
                found.setdefault(check.id, []).append((check, service))
    if found:
        yield from ("", f"Findings of {SECURITY.lower()}; `chittyops report` has each with its remedy:")
    for name, places in sorted(found.items(), key=lambda one: (one[1][0][0].severity.rank, -len(one[1]))):
        keys = [line(service.key) for _, service in places]
        more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
        yield f"  {places[0][0].severity.value:<8}  {line(name)}: {', '.join(keys[:3])}{more}"


def _failing(service: ServiceRecord) -> str:
    names = [one.id for one in service.failing()]
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    score = " none" if service.score is None else f"{service.score:>3} %"
    return f"{score}  {line(service.key)}: {', '.join(names[:4])}{more}"
