"""The audit as one HTML page that needs nothing else: no network, no font, and scripts only for filters and copying.

Its policy lets run only the one style and the one script whose digests it names, so that no foreign text can, were it
ever to get past the escaping.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from chittyactions.compliance.audit.record import ServiceRecord
from chittyactions.compliance.audit.reports import findings as texts
from chittyactions.compliance.audit.reports import lists
from chittyactions.compliance.audit.reports.history import history
from chittyactions.compliance.audit.reports.html_text import linked, words
from chittyactions.compliance.audit.reports.matrix import LOT, matrix, row_class
from chittyactions.compliance.audit.reports.saying import (
    PAGE,
    asked,
    headline,
    left_out,
    rate,
    repository_address,
    security,
    spent,
    unlooked,
    workstream,
)
from chittyactions.compliance.audit.reports.view import View
from chittyactions.compliance.audit.totals import Rate
from chittyactions.compliance.model import Outcome, is_apart
from chittyactions.compliance.reports.wording import SECURITY, WORDS, plural

MANY = 500
"""From so many services on, a browser is told to lay out only what is on the screen; no sooner, since what it has not
laid out it tells to no screen reader.
"""

STYLE = Path(__file__).with_name("dashboard.css")
SCRIPT = Path(__file__).with_name("dashboard.js")


def render(view: View) -> str:
    """The page."""
    style, script = STYLE.read_text("utf-8"), SCRIPT.read_text("utf-8")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    services = [*view.judged(), *view.unjudged()]
    found = texts.gather(view.judged())
    ids = {one.key: f"s{number}" for number, one in enumerate(services) if _has_more(one)}
    body = "\n".join(
        (
            _header(view),
            "<main>",
            f'<div class="top">{_numbers(view)}',
            f"{_section('history', 'Over time', history(view.history))}</div>",
            _section("changes", "Changes", lists.changes(view, ids)),
            _section("services", "Services", matrix(view, services, ids)),
            _section("findings", "What to fix", _findings(found, ids)),
            *([_section("security", SECURITY, _security(view, found, ids))] if view.apart.services else []),
            _section("by-service", "Service by service", _by_service(services, found, ids)),
            _section("waivers", "Waivers", lists.waivers(view, ids)),
            _section("unjudged", "Not judged", lists.unjudged(view)),
            "</main>",
            _footer(view),
        )
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        '<meta name="robots" content="noindex">\n<link rel="icon" href="data:,">\n'
        f"<title>Compliance: {words(headline(view))}</title>\n<style>{style}</style>\n</head>\n"
        f"<body class={'many' if len(services) > MANY else 'few'}>\n{body}\n"
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _section(name: str, title: str, body: str) -> str:
    return f'<section aria-labelledby="h-{name}"><h2 id="h-{name}">{title}</h2>\n{body}\n</section>'


def _has_more(service: ServiceRecord) -> bool:
    """Whether there is more to say of a service than its row does."""
    quiet = (Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.NOT_EVALUATED)
    return any(one.outcome not in quiet for one in service.checks)


def _header(view: View) -> str:
    audit = view.audit
    share = view.totals.rate
    big = "" if share.percent is None else f'<span class="big">{share.percent}<small> %</small></span> '
    said = headline(view).removesuffix(f" ({share})")
    when = f'<time datetime="{audit.finished.isoformat()}">{audit.finished:%Y-%m-%d %H:%M} UTC</time>'
    of_whom = " " * asked(view).startswith(" ") + words(asked(view))
    link = f" {_link(view)}" if view.link else ""
    parts = [
        '<header><p class="kicker">Ecosystem compliance</p>',
        f"<h1>{big}<span>{words(said)}</span></h1>",
        f'<p class="meta">Audited {when}{of_whom}. {words(left_out(view))}{link}</p>',
    ]
    if not audit.complete:
        reasons = "".join(f"<li>{words(one)}</li>" for one in audit.incomplete)
        parts.append(
            f'<div class="banner" role="note"><b>{words(unlooked(view))}</b>'
            f"{f'<ul>{reasons}</ul>' if reasons else ''}</div>"
        )
    links = {
        "changes": "Changes",
        "services": "Services",
        "findings": "What to fix",
        **({"security": SECURITY} if view.apart.services else {}),
        "by-service": "Service by service",
        "waivers": "Waivers",
        "unjudged": "Not judged",
    }
    jumps = "".join(f'<a href="#h-{name}">{title}</a>' for name, title in links.items())
    return "".join([*parts, f'<nav aria-label="On this page">{jumps}</nav></header>'])


def _link(view: View) -> str:
    return f'<a href="{words(view.link)}">The whole report</a>'


def _numbers(view: View) -> str:
    numbers = view.totals
    unjudged = sum(numbers.unjudged.values())
    tiles = (
        ("", numbers.services, "services"),
        ("p", numbers.passing, "pass"),
        ("f", numbers.failing, "fail"),
        ("u", numbers.unknown, "unknown"),
        ("x", unjudged, "not judged"),
    )
    listed = "".join(f'<div class="{kind}"><dt>{word}</dt><dd>{count}</dd></div>' for kind, count, word in tiles)
    rows = [_bar(title, numbers.dimensions.get(name)) for name, title in view.titles().items()]
    rows.append(_bar("All", numbers.required_checks, last=True))
    return (
        '<section aria-labelledby="h-numbers"><h2 id="h-numbers" class="away">Summary</h2>'
        f'<dl class="tiles">{listed}</dl>{_bars("Required checks that pass", "Dimension", rows)}</section>'
    )


def _bars(caption: str, of: str, rows: Sequence[str]) -> str:
    return (
        f'<table class="bars"><caption>{caption}</caption><thead class="away"><tr><th scope="col">{of}</th>'
        '<th scope="col">Share</th><th scope="col">Passed of settled</th><td></td></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _bar(title: str, share: Rate | None, *, last: bool = False) -> str:
    if share is None or share.percent is None:
        head = f'<tr class="none"><th scope="row">{words(title)}</th>'
        return f'{head}<td></td><td class="r">none</td><td></td></tr>'
    drawing = (
        '<svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="track" width="100" height="1"/><rect class="done" width="{share.percent}" height="1"/></svg>'
    )
    return (
        f'<tr{" class=all" if last else ""}><th scope="row">{words(title)}</th><td class="r">{share}</td>'
        f'<td class="r of">{share.passed} of {share.whole}</td><td class="bar">{drawing}</td></tr>'
    )


def _findings(found: texts.Findings, ids: Mapping[str, str]) -> str:
    return "".join(texts.by_check(found, ids)) or "<p>Nothing: no check fails.</p>"


def _security(view: View, found: texts.Findings, ids: Mapping[str, str]) -> str:
    """What is reported apart, whole: its numbers, its table, what changed, what to fix."""
    numbers = view.apart
    rows = [_bar(workstream(title), numbers.dimensions.get(name)) for name, title in view.titles(apart=True).items()]
    rows.append(_bar("All", numbers.checks, last=True))
    services = sorted(
        (one for one in view.judged() if any(is_apart(name) for name in one.dimensions)),
        key=lambda one: worst(found.by_service[one.key]),
    )
    changed = f"<h3>Changes</h3>{lists.changes(view, ids, apart=True)}" if view.previous else ""
    told = "".join(texts.by_check(found, ids, apart=True)) or "<p>Nothing: no check fails.</p>"
    return (
        f"<p>{words(security(view))}</p>{_bars('Checks of security that pass', 'Workstream', rows)}\n{changed}\n"
        f"<h3>Services</h3>{matrix(view, services, ids, apart=True)}\n<h3>What to fix</h3>{told}"
    )


def worst(places: Sequence[texts.Place]) -> tuple[int, int]:
    """What puts a service before others by its findings that are reported apart: the worst, then how many there are."""
    checks = {one.check.id: one.check.severity.rank for one in places if one.apart}
    return (min(checks.values(), default=9), -len(checks))


def _by_service(services: list[ServiceRecord], found: texts.Findings, ids: Mapping[str, str]) -> str:
    told = [_service(one, found, ids) for one in services if one.key in ids]
    lots = (f'<div class="lot">{chr(10).join(told[at : at + LOT])}</div>' for at in range(0, len(told), LOT))
    return "\n".join(lots) or "<p>There is nothing to say of any.</p>"


def _service(service: ServiceRecord, found: texts.Findings, ids: Mapping[str, str]) -> str:
    places = found.by_service.get(service.key, ())
    failing = len(service.failing())
    others = len({one.check.id for one in places if not one.apart}) - failing
    apart = len({one.check.id for one in places if one.apart})
    counts = [
        plural(failing, "required check fails", "required checks fail") if failing else "",
        f"{others} not required" if others else "",
        f"{apart} of security" if apart else "",
    ]
    score = "no score" if service.score is None else f"{service.score} %"
    outcome = "" if failing or others or not service.outcome else WORDS[service.outcome]
    said = ", ".join(one for one in (outcome, *counts) if one)
    facts = [
        linked(f"<code>{words(service.repository)}</code>", repository_address(service)),
        f"moved to <code>{words(service.moved_to)}</code>" if service.moved_to else "",
        f"branch <code>{words(service.branch)}</code>" if service.branch else "",
        f"commit <code>{words(service.commit[:12])}</code>" if service.commit else "",
        f"domain <code>{words(service.domain)}</code>" if service.domain else "",
    ]
    told = "".join(
        f"<h3>{SECURITY}, reported apart</h3>{one}" if apart else one
        for apart in (False, True)
        if (one := _told(service, places, apart=apart))
    )
    values = "".join(f' data-{field}="{words(getattr(service, field))}"' for field in texts.GAPS)
    return (
        f'<details class="service {row_class(service)}"{values}><summary><b>{words(service.name)}</b> '
        f'<small>{words(service.organization)}</small> <span class="of">{said}, {score}</span></summary>'
        f'<div id="{ids[service.key]}"><p class="facts">{" · ".join(one for one in facts if one)}</p>'
        f"{told}</div></details>"
    )


def _told(service: ServiceRecord, places: Sequence[texts.Place], *, apart: bool) -> str:
    """The findings of a service and what is open: of what is reported apart, or of the rest."""
    own = [one for one in places if one.apart is apart]
    open_ends = "".join(
        f"<li>{words(one.title)}: {WORDS[one.outcome]}{f'. {words(one.reason)}' if one.reason else ''}</li>"
        for one in service.checks
        if one.outcome in (Outcome.UNKNOWN, Outcome.WAIVED) and is_apart(one.dimension) is apart
    )
    return f"{texts.of_service(own) if own else ''}{f'<ul>{open_ends}</ul>' if open_ends else ''}"


def _footer(view: View) -> str:
    return (
        "<footer><p>Shares are of what was settled: passed of passed, failed, waived and what could not be checked. "
        "They are rounded down, so that 100 % is all of them. Unknown is neither for nor against a service. "
        f'All required checks: {rate(view.totals.required_checks)}. <a href="{PAGE}">What the words mean</a></p>'
        f"<p>{words(view.audit.tool)}: {spent(view.audit.cost)}, {view.audit.cost.seconds:.0f} s.</p></footer>"
    )
