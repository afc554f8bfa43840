"""The table of services by dimension, with filters over it where scripts run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from chittyactions.compliance.audit.record import DimensionRecord, ServiceRecord, Standing
from chittyactions.compliance.audit.reports.html_text import words
from chittyactions.compliance.audit.reports.saying import STANDINGS, workstream
from chittyactions.compliance.audit.reports.view import View
from chittyactions.compliance.audit.totals import Rate
from chittyactions.compliance.model import Need, Outcome, is_apart
from chittyactions.compliance.reports.wording import WORDS

CLASSES = {
    Outcome.PASS: "p",
    Outcome.FAIL: "f",
    Outcome.ERROR: "e",
    Outcome.WAIVED: "w",
    Outcome.UNKNOWN: "u",
    Outcome.NOT_EVALUATED: "s",
    Outcome.NOT_APPLICABLE: "n",
}
"""Of a cell and of a row: the sign and the colour come from them, the word is in the cell."""

LOT = 100
"""Rows of one body of the table. A browser lays out only those bodies that are on the screen."""

NOT_JUDGED = "x"

FILTERS = {"f": "fails", "u": "unknown", "p": "passes", NOT_JUDGED: "not judged"}

APART_FILTERS = {"f": "has findings", "u": "unknown", "p": "has none"}


def matrix(view: View, services: Sequence[ServiceRecord], ids: Mapping[str, str], *, apart: bool = False) -> str:
    """The filters and the table: of what is reported apart, or of the rest.

    `ids` has the anchors of services that there is more to say of.
    """
    name = "security" if apart else "services"
    titles = view.titles(apart=apart)
    rows = [_apart_row(one, titles, ids) if apart else _row(one, titles, ids) for one in services]
    lots = "\n".join(f"<tbody>\n{chr(10).join(rows[at : at + LOT])}\n</tbody>" for at in range(0, len(rows), LOT))
    caption = "Security, reported apart: services by workstream" if apart else "Services by dimension"
    return (
        f"{_filters(services, name, apart=apart)}\n"
        f'<div class="box" tabindex="0" role="region" aria-label="Table: {name}">\n'
        f'<table class="matrix" id="table-{name}"><caption class="away">{caption}, the worst first</caption>\n'
        f"<thead>{_head(view, titles, apart=apart)}</thead>\n{lots}</table></div>\n{_legend(apart=apart)}"
    )


def _head(view: View, titles: Mapping[str, str], *, apart: bool) -> str:
    advisory = {
        name for service in view.audit.services for name, one in service.dimensions.items() if one.advisory
    } - view.totals.dimensions.keys()
    names = "".join(
        f'<th scope="col" class="d"><span>{words(workstream(title) if apart else title)}'
        f"{'<br><i>advisory</i>' if name in advisory and not apart else ''}</span></th>"
        for name, title in titles.items()
    )
    shares = view.apart.dimensions if apart else view.totals.dimensions
    rates = "".join(f"<td>{_percent(shares.get(name))}</td>" for name in titles)
    return (
        '<tr><th scope="col">Service</th><th scope="col">Type</th><th scope="col" class="r">Tier</th>'
        f'<th scope="col" class="r">{"Fail" if apart else "Score"}</th>{names}</tr>\n'
        f'<tr class="rates"><th scope="row">Checks that pass</th><td></td><td></td><td></td>{rates}</tr>'
    )


def _percent(share: Rate | None) -> str:
    return "" if share is None or share.percent is None else f"{share.percent}<small> %</small>"


def _row(service: ServiceRecord, titles: Mapping[str, str], ids: Mapping[str, str]) -> str:
    head = _start(service, row_class(service), ids)
    if service.standing is not Standing.JUDGED:
        return f'{head}<td></td><td class="why" colspan="{len(titles)}"><b>{STANDINGS[service.standing]}</b></td></tr>'
    score = "" if service.score is None else service.score
    return f'{head}<td class="r">{score}</td>{"".join(_cell(service.dimensions.get(one)) for one in titles)}</tr>'


def _apart_row(service: ServiceRecord, titles: Mapping[str, str], ids: Mapping[str, str]) -> str:
    own = [service.dimensions.get(one) for one in titles]
    failing = sum(one.failed for one in own if one)
    head = _start(service, apart_class(service), ids)
    return f'{head}<td class="r">{failing or ""}</td>{"".join(_cell(one, apart=True) for one in own)}</tr>'


def _start(service: ServiceRecord, kind: str, ids: Mapping[str, str]) -> str:
    """A row as far as both tables have the same."""
    name = words(service.name)
    anchor = ids.get(service.key)
    domain = f' data-d="{words(service.domain)}"' if service.domain else ""
    return (
        f'<tr class="{kind}"{domain}><th scope="row">{f"""<a href="#{anchor}">{name}</a>""" if anchor else name}'
        f" <small>{words(service.organization)}</small></th><td>{words(service.type)}</td>"
        f'<td class="r">{"" if service.tier is None else service.tier}</td>'
    )


def row_class(service: ServiceRecord) -> str:
    """By what came of it."""
    if service.standing is not Standing.JUDGED:
        return NOT_JUDGED
    return {Outcome.PASS: "p", Outcome.FAIL: "f"}.get(service.outcome or Outcome.UNKNOWN, "u")


def apart_class(service: ServiceRecord) -> str:
    """By what came of what is reported apart."""
    own = {one.outcome for name, one in service.dimensions.items() if is_apart(name)}
    return "f" if own & {Outcome.FAIL, Outcome.ERROR} else "u" if Outcome.UNKNOWN in own else "p"


def _cell(one: DimensionRecord | None, *, apart: bool = False) -> str:
    if one is None or one.outcome is Outcome.NOT_APPLICABLE:
        return '<td class="n">n/a</td>'
    optional = "" if apart or (one.need is Need.REQUIRED and not one.advisory) else " o"
    return f'<td class="{CLASSES[one.outcome]}{optional}">{WORDS[one.outcome]}</td>'


def _filters(services: Sequence[ServiceRecord], name: str, *, apart: bool) -> str:
    organizations = Counter(one.organization for one in services)
    types = Counter(one.type for one in services)
    outcomes = Counter(map(apart_class if apart else row_class, services))
    filters = APART_FILTERS if apart else FILTERS
    of = "services of security" if apart else "services"
    return (
        f'<form id="filters-{name}" class="filters" hidden role="search" aria-label="Filter the {of}">'
        '<label>Find <input type="search" name="q" autocomplete="off" placeholder="name, domain"></label>'
        f"{_select('org', 'Organisation', [(one, one, count) for one, count in sorted(organizations.items())])}"
        f"{_select('type', 'Type', [(one, one, count) for one, count in sorted(types.items())])}"
        f"{_select('outcome', 'Outcome', [(one, word, outcomes[one]) for one, word in filters.items()])}"
        '<button type="reset">Clear</button></form>'
        f'<p id="count-{name}" class="count" role="status" aria-live="polite">{len(services)} services</p>'
    )


def _select(name: str, label: str, options: Sequence[tuple[str, str, int]]) -> str:
    listed = "".join(
        f'<option value="{words(value)}">{words(shown)} ({count})</option>' for value, shown, count in options if count
    )
    return f'<label>{label} <select name="{name}"><option value="">all</option>{listed}</select></label>'


def _legend(*, apart: bool) -> str:
    return f'<p class="legend">{" ".join(_signs(apart=apart))}</p>'


def _signs(*, apart: bool) -> Iterator[str]:
    for outcome, kind in CLASSES.items():
        yield f'<span><i class="sign {kind}"></i>{WORDS[outcome]}</span>'
    if not apart:
        yield '<span><i class="sign f o"></i>fails, and is not required</span>'
