"""The audit as a page of GitHub's Markdown, short enough for the body of an issue.

What does not fit is cut at whole services, the least bad of them first; a line says how many, and where they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from chittyactions.compliance.audit.record import CheckRecord, ServiceRecord
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
from chittyactions.compliance.audit.reports.saying import (
    CHANGES,
    PAGE,
    STANDINGS,
    asked,
    file_address,
    headline,
    left_out,
    rate,
    remaining,
    rest_of,
    spent,
    unchanged,
    uncompared,
    unlooked,
)
from chittyactions.compliance.audit.reports.security_markdown import security_part
from chittyactions.compliance.audit.reports.verdict import bad, checked, told
from chittyactions.compliance.audit.reports.view import View
from chittyactions.compliance.audit.totals import Change
from chittyactions.compliance.model import Need, Outcome
from chittyactions.compliance.reports.markup import MARKS, code, folded, text
from chittyactions.compliance.reports.wording import address, lapsed, plural

LIMIT = 65_536
"""Characters that GitHub takes as one issue or comment."""

MOST_FINDINGS = 20
"""Of one service."""

MOST_AUDITS = 12
"""Over time."""

MOST_WHYS, LONGEST_WHY = 50, 600
"""Why it is incomplete: sentences, and characters of one."""


def render(view: View, *, limit: int = LIMIT) -> str:
    """The page, of at most `limit` characters."""
    head = [*_head(view), _dimensions(view), *_over_time(view), *_changes(view)]
    tail = [*_unjudged(view), *_waivers(view), _foot(view)]
    room = limit - cost([*head, *tail])
    if room < 0:  # a list of a hundred hostile lines each: the numbers are worth more
        head, tail = [*_head(view), _dimensions(view)], [_foot(view)]
        room = limit - cost([*head, *tail])
    apart = security_part(view, room // 4)
    rest = room - cost(apart)
    matrix = _matrix(view, rest * 2 // 5)
    found = _findings(view, rest - cost(matrix))
    apart = security_part(view, room - cost(matrix) - cost(found))  # what the others leave is its own as well
    return "\n\n".join([*head, *matrix, *found, *apart, *tail]) + "\n"


def _head(view: View) -> Iterator[str]:
    numbers = view.totals
    mark = MARKS[Outcome.FAIL if numbers.failing else Outcome.PASS if numbers.passing else Outcome.UNKNOWN]
    yield f"# {mark} Ecosystem compliance: {text(headline(view))}"
    if not view.audit.complete:
        reasons = "".join(f"\n> - {text(one, LONGEST_WHY)}" for one in view.audit.incomplete[:MOST_WHYS])
        yield f"> [!WARNING]\n> **{unlooked(view)}**{reasons}"
    of_whom = text(f"UTC{asked(view)}", 0)
    when = f"{plural(numbers.services, 'service')} audited at {view.audit.finished:%Y-%m-%d %H:%M} {of_whom}"
    parts = [
        *rest_of(view),
        f"required checks: {rate(numbers.required_checks)} pass",
    ]
    yield f"{when}{'; ' if asked(view) else ', '}{', '.join(parts)}. {left_out(view)}".strip()


def _dimensions(view: View) -> str:
    rows = ["| Dimension | Required checks that pass | |", "|---|---:|---|"]
    for name, title in view.titles().items():
        share = view.totals.dimensions.get(name)
        rows.append(f"| {text(title)} | {rate(share) if share else 'required of nobody'} | {bar(share)} |")
    return "\n".join(rows)


def _over_time(view: View) -> Iterator[str]:
    """How it went, where there is more than one audit."""
    if len(view.history) < 2:
        return
    shown = view.history[-MOST_AUDITS:]
    rows = [
        f"| {one.finished:%Y-%m-%d %H:%M}{'' if one.complete else ' (incomplete)'} | {rate(one.totals.rate)} "
        f"| {bar(one.totals.rate)} | {rate(one.totals.required_checks)} |"
        for one in reversed(shown)
    ]
    table = ["| Audit (UTC) | Services that pass | | Required checks that pass |", "|---|---:|---|---:|", *rows]
    yield "## Over time"
    yield "\n".join(table)
    if len(shown) < len(view.history):
        yield f"The last {len(shown)} of {len(view.history)} audits."


def _changes(view: View) -> Iterator[str]:
    if view.previous is None:
        return
    changed = view.changed(apart=False)
    if not changed:
        yield f"## Changes\n\n{unchanged(view)} {uncompared(view)}".strip()
        return
    yield f"## Changes since {view.previous:%Y-%m-%d}"
    if uncompared(view):
        yield uncompared(view)
    for kind in Change:
        found = [one for one in changed if one.change is kind]
        lines = [f"- {named(one.service)} {text(one.said, LONGEST)}" for one in found]
        if found and kind is Change.BROKEN:
            yield f"**{CHANGES[kind]}: {len(found)}**\n\n{listed(lines, view)}"
        elif found:
            yield folded(f"{CHANGES[kind]}: {len(found)}", listed(lines, view))


def _matrix(view: View, limit: int) -> list[str]:
    """A row for each service with a verdict, as many as fit."""
    services = view.judged()
    titles = view.titles()
    rows = [
        "## Services",
        "| Service | Score | " + " | ".join(map(text, titles.values())) + " |",
        "|---|---:|" + ":-:|" * len(titles),
    ]
    shown = that_fit(
        [f"| {named(one)} | {_score(one)} | {' | '.join(_mark(one, name) for name in titles)} |" for one in services],
        limit - cost(rows) - 700,
    )
    if not shown:
        return []
    rest = more(len(services) - len(shown), view)
    return [rows[0], "\n".join([*rows[1:], *shown]), *rest, f"{LEGEND}; in brackets: not required."]


def _mark(service: ServiceRecord, dimension: str) -> str:
    one = service.dimensions.get(dimension)
    if one is None or one.outcome not in SHOWN:
        return ""
    return MARKS[one.outcome] if one.need is Need.REQUIRED and not one.advisory else f"({MARKS[one.outcome]})"


def _findings(view: View, limit: int) -> list[str]:
    """The services that something is wrong with, as many as fit, and how many more there are."""
    services = [one for one in view.judged() if bad(one)]
    title = "## Findings"
    if not services:
        return []
    shown = that_fit(map(_piece, services), limit - len(title) - 300)
    return [title, *shown, *more(len(services) - len(shown), view)]


def _piece(service: ServiceRecord) -> str:
    checks = bad(service)
    failing = sum(one.required for one in checks)
    mark = MARKS[service.outcome] if service.outcome else ""
    said = f"{plural(failing, 'required check')} failing" if failing else "nothing required fails"
    lines = [f"- {one}" for check in checks for one in _lines(check, service)]
    more = [f"- … and {plural(len(lines) - MOST_FINDINGS, 'more finding')}"] if len(lines) > MOST_FINDINGS else []
    return f"### {mark} {named(service)}: {said}, {_score(service)}\n\n" + "\n".join([*lines[:MOST_FINDINGS], *more])


def _lines(check: CheckRecord, service: ServiceRecord) -> Iterator[str]:
    known = checked(check, service)
    page = f" [How]({address(known)})" if check.docs else ""
    need = "" if check.required else ", not required"
    for finding in told(check):
        where = code(f"{finding.path}:{finding.line}" if finding.line else finding.path)
        link = file_address(service, finding)
        place = f" {f'[{where}]({link})' if link else where}" if where else ""
        fix = f" **Fix:** {text(finding.remediation, LONGEST)}" if finding.remediation else ""
        over = f" {text(lapsed(known))}" if lapsed(known) else ""
        head = f"{code(check.id)} ({check.severity.value}{need}){place}:"
        yield f"{head} {text(finding.message, LONGEST)}{over}{fix}{page}"


def _unjudged(view: View) -> Iterator[str]:
    services = view.unjudged()
    lines = [f"- {named(one)}: {STANDINGS[one.standing]}. {text(one.reason, LONGEST)}" for one in services]
    if lines:
        yield folded(f"Not judged: {len(lines)}", listed(lines, view))


def _waivers(view: View) -> Iterator[str]:
    lines = [
        f"- {named(one.service)} {code(one.check.id)}, {text(one.waiver.owner, 100)}: "
        f"{text(one.waiver.reason, LONGEST)} Until {one.waiver.expires.isoformat()}: "
        f"**{remaining(one.waiver, view.today)}**."
        for one in view.waivers()
    ]
    if lines:
        yield folded(f"Waivers: {len(lines)}", listed(lines, view))


def _foot(view: View) -> str:
    whole = f"[The whole report]({view.link}). " if view.link else ""
    return f"<sub>{whole}{text(view.audit.tool)}: {spent(view.audit.cost)}. [What the words mean]({PAGE}).</sub>"


def _score(service: ServiceRecord) -> str:
    return "no score" if service.score is None else f"{service.score} %"
