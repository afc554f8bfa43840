"""What is reported apart, in the Markdown of an audit: a part with numbers, a table and findings of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from chittyactions.compliance.audit.record import CheckRecord, FindingRecord, ServiceRecord
from chittyactions.compliance.audit.reports.pieces import (
    LEGEND,
    LONGEST,
    SHOWN,
    bar,
    cost,
    listed,
    more,
    named,
    that_fit,
)
from chittyactions.compliance.audit.reports.saying import CHANGES, file_address, rate, security, workstream
from chittyactions.compliance.audit.reports.verdict import bad, checked, told
from chittyactions.compliance.audit.reports.view import View
from chittyactions.compliance.audit.totals import Change
from chittyactions.compliance.reports.markup import MARKS, code, folded, text
from chittyactions.compliance.reports.wording import SECURITY, address, lapsed, plural

MOST_PLACES = (20, 8, 3, 1)
"""Findings of one check that are told: the most with which every check is told."""

Told = tuple[ServiceRecord, CheckRecord, FindingRecord]


def security_part(view: View, limit: int) -> list[str]:
    """The part, of at most about `limit` characters: nothing where not even its numbers fit."""
    if not view.apart.services:
        return []
    head = [f"## {SECURITY}", text(security(view)), _workstreams(view), *_changes(view)]
    room = limit - cost(head)
    if room < 0:
        head = head[:3]
        return head if cost(head) <= limit else []
    found = _findings(view, room)
    return [*head, *_matrix(view, room - cost(found)), *found]


def _workstreams(view: View) -> str:
    rows = ["| Workstream | Checks that pass | |", "|---|---:|---|"]
    for name, title in view.titles(apart=True).items():
        share = view.apart.dimensions.get(name)
        rows.append(f"| {text(workstream(title))} | {rate(share) if share else 'none settled'} | {bar(share)} |")
    return "\n".join(rows)


def _changes(view: View) -> Iterator[str]:
    changed = view.changed(apart=True)
    for kind in Change:
        lines = [f"- {named(one.service)} {text(one.said, LONGEST)}" for one in changed if one.change is kind]
        if lines:
            yield folded(f"{CHANGES[kind]} since {view.previous:%Y-%m-%d}: {len(lines)}", listed(lines, view))


def _matrix(view: View, limit: int) -> list[str]:
    """A row for each service where something of it fails, folded, as many as fit."""
    titles = view.titles(apart=True)
    services = [one for one in view.judged() if bad(one, apart=True)]
    rows = [
        f"| Service | {' | '.join(text(workstream(one)) for one in titles.values())} |",
        "|---|" + ":-:|" * len(titles),
    ]
    made = (f"| {named(one)} | {' | '.join(_mark(one, name) for name in titles)} |" for one in services)
    shown = that_fit(made, limit - cost(rows) - 700)
    if not shown:
        return []
    rest = more(len(services) - len(shown), view)
    body = "\n\n".join(["\n".join([*rows, *shown]), *rest, f"{LEGEND}."])
    return [folded(f"Services with findings: {len(services)}", body)]


def _mark(service: ServiceRecord, dimension: str) -> str:
    one = service.dimensions.get(dimension)
    return MARKS[one.outcome] if one and one.outcome in SHOWN else ""


def _findings(view: View, limit: int) -> list[str]:
    """Each check that fails, with what to do and where: the worst first, as many as fit."""
    by_check: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for service in view.judged():
        for check in bad(service, apart=True):
            for finding in told(check):
                by_check[check.id, finding.remediation].append((service, check, finding))
    ordered = sorted(by_check.values(), key=lambda one: (one[0][1].severity.rank, -len(one)))
    for most in MOST_PLACES:
        shown = that_fit([_piece(one, most) for one in ordered], limit - 300)
        if len(shown) == len(ordered):
            break
    left = len(ordered) - len(shown)
    return [*shown, *more(left, view, "check with findings", "checks with findings")]


def _piece(found: Sequence[Told], most: int) -> str:
    service, check, first = found[0]
    services = len({one.key for one, _, _ in found})
    page = f" [How]({address(checked(check, service))})" if check.docs else ""
    fix = f"**Fix:** {text(first.remediation, LONGEST)}{page}\n\n" if first.remediation else ""
    lines = [_line(*one) for one in found[:most]]
    if len(found) > most:
        lines.append(f"- … and {plural(len(found) - most, 'more finding')}")
    title = f"{text(check.title)}: {code(check.id)}, {check.severity.value}, {plural(services, 'service')}"
    return f"#### {title}\n\n{fix}" + "\n".join(lines)


def _line(service: ServiceRecord, check: CheckRecord, finding: FindingRecord) -> str:
    where = code(f"{finding.path}:{finding.line}" if finding.line else finding.path)
    link = file_address(service, finding)
    place = f" {f'[{where}]({link})' if link else where}" if where else ""
    known = lapsed(checked(check, service))
    return f"- {named(service)}{place}: {text(finding.message, LONGEST)}{f' {text(known)}' if known else ''}"
