"""Findings, each text once with the services that it is of: a page of ten thousand services has a few hundred texts.

Where a text differs between services by their own name alone (a file to paste has it), it is one text with gaps.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from chittyactions.compliance.audit.record import CheckRecord, FindingRecord, ServiceRecord
from chittyactions.compliance.audit.reports.html_text import linked, pasted, words
from chittyactions.compliance.audit.reports.saying import file_address
from chittyactions.compliance.audit.reports.verdict import bad, checked, told
from chittyactions.compliance.model import is_apart
from chittyactions.compliance.reports.wording import WORDS, block, lapsed, line, plural
from chittyactions.errors import DOCS

GAPS = {"repository": "\ue000", "domain": "\ue001", "name": "\ue002"}
"""Signs for what is each service's own. They are in no text, since `visible` writes them as escapes."""

FEW = 8
"""As many services are named at once; more open when they are clicked on."""


@dataclass(frozen=True)
class Place:
    """One finding of one service. `text` counts the texts from 0."""

    service: ServiceRecord
    check: CheckRecord
    finding: FindingRecord
    text: int

    @property
    def apart(self) -> bool:
        """Whether it is reported apart."""
        return is_apart(self.check.dimension)


@dataclass(frozen=True)
class Findings:
    """All of them. `by_text` has the places of each text, `by_service` those of each service, by its key."""

    by_text: tuple[tuple[Place, ...], ...]
    by_service: Mapping[str, tuple[Place, ...]]


def gather(services: Iterable[ServiceRecord]) -> Findings:
    """The findings of the services, each text once."""
    numbers: dict[tuple[str, ...], int] = {}
    by_text: dict[int, list[Place]] = defaultdict(list)
    by_service: dict[str, tuple[Place, ...]] = {}
    for service in services:
        gaps = _gaps(service)
        places = []
        for check in (*bad(service), *bad(service, apart=True)):
            for finding in told(check):
                parts = (finding.message, finding.why, finding.remediation)
                texts = (*(gaps(line(part)) for part in parts), gaps("\n".join(block(finding.fix))))
                number = numbers.setdefault((check.id, check.outcome.value, *texts), len(numbers))
                place = Place(service, check, finding, number)
                places.append(place)
                by_text[number].append(place)
        by_service[service.key] = tuple(places)
    return Findings(tuple(tuple(by_text[number]) for number in range(len(numbers))), by_service)


class _Gaps:
    """Puts the signs in the place of what is a service's own."""

    def __init__(self, service: ServiceRecord) -> None:
        own = {line(getattr(service, field)): sign for field, sign in GAPS.items() if getattr(service, field)}
        longest = sorted(own, key=len, reverse=True)
        self.own = own
        self.pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")

    def __call__(self, text: str) -> str:
        return self.pattern.sub(lambda found: self.own[found[0]], text) if text else ""


def _gaps(service: ServiceRecord) -> _Gaps:
    return _Gaps(service)


def by_check(findings: Findings, ids: Mapping[str, str], *, apart: bool = False) -> Iterator[str]:
    """A part for each check, the worst and most widespread first. `ids` has each service's anchor.

    Those that are reported apart, or the others.
    """
    checks: dict[str, list[int]] = defaultdict(list)
    for number, places in enumerate(findings.by_text):
        if places[0].apart is apart:
            checks[places[0].check.id].append(number)

    def weight(name: str) -> tuple[int, int, int]:
        places = [place for number in checks[name] for place in findings.by_text[number]]
        required = sum(place.check.required for place in places)
        return (places[0].check.severity.rank if required or apart else 9, -required, -len(places))

    for name in sorted(checks, key=weight):
        texts = sorted(checks[name], key=lambda number: -len(findings.by_text[number]))
        yield _check([(number, findings.by_text[number]) for number in texts], ids)


def _check(texts: list[tuple[int, tuple[Place, ...]]], ids: Mapping[str, str]) -> str:
    check = texts[0][1][0].check
    services = {place.service.key for _, places in texts for place in places}
    required = {place.service.key for _, places in texts for place in places if place.check.required}
    standing = "" if texts[0][1][0].apart else f", required of {len(required) or 'none'}"
    head = (
        f"<summary>{_severity(check)} <b>{words(check.title)}</b> <code>{words(check.id)}</code> "
        f'<span class="of">{plural(len(services), "service")}{standing}</span></summary>'
    )
    return f'<details class="check">{head}{"".join(_text(number, places, ids) for number, places in texts)}</details>'


def _text(number: int, places: tuple[Place, ...], ids: Mapping[str, str]) -> str:
    first = places[0]
    own = _gaps(first.service)
    several = len({place.service.key for place in places}) > 1

    def filled(text: str) -> str:
        gapped = own(line(text))
        return _filled(words_with_gaps(gapped), first.service)

    finding = first.finding
    parts = [f"<p>{filled(finding.message)}{f' {filled(finding.why)}' if finding.why else ''}</p>"]
    docs = linked("How to fix it", DOCS + first.check.docs) if first.check.docs else ""
    if finding.remediation or docs:
        parts.append(f"<p><b>Fix</b> {filled(finding.remediation)} {docs}</p>")
    if finding.fix:
        gapped = own("\n".join(block(finding.fix)))
        note = f" (as for {words(first.service.name)}: the underlined words are each service's own)"
        said = note if several and any(sign in gapped for sign in GAPS.values()) else ""
        shown = _filled(words_with_gaps(gapped), first.service)
        parts.append(f'<p class="paste">To paste{said}</p><pre tabindex="0">{shown}</pre>')
    if first.check.outcome.value == "error":
        parts.insert(0, f"<p><i>{WORDS[first.check.outcome]}</i></p>")
    return f'<div class="text"><div id="f{number}">{"".join(parts)}</div>{_whose(places, ids)}</div>'


def words_with_gaps(text: str) -> str:
    """Lines with signs in them, escaped: the signs stay."""
    return "".join(one if one in GAPS.values() else pasted_part(one) for one in _SPLIT.split(text))


def pasted_part(text: str) -> str:
    """A piece of lines: the spaces at its ends stay."""
    return pasted(f"{text}\u00b7").removesuffix("\u00b7") if text else ""


_SPLIT = re.compile(f"([{''.join(GAPS.values())}])")


def _filled(html: str, service: ServiceRecord) -> str:
    for field, sign in GAPS.items():
        html = html.replace(sign, f'<b class="own {field}">{words(getattr(service, field))}</b>')
    return html


def _whose(places: tuple[Place, ...], ids: Mapping[str, str]) -> str:
    named = {place.service.key: place.service for place in places}
    links = [
        f'<a href="#{ids[key]}">{words(one.name)}</a>' if key in ids else words(one.name) for key, one in named.items()
    ]
    if len(links) <= FEW:
        return f'<p class="whose">{", ".join(links)}</p>'
    return f'<details class="whose"><summary>{len(links)} services</summary><p>{", ".join(links)}</p></details>'


def of_service(places: Iterable[Place]) -> str:
    """The findings of one service, each leading to its text; where scripts run they are put in below it."""
    return f"<ul>{''.join(map(_item, places))}</ul>"


def _item(place: Place) -> str:
    check, finding = place.check, place.finding
    where = words(f"{finding.path}:{finding.line}" if finding.line else finding.path)
    place_ = f" {linked(f'<code>{where}</code>', file_address(place.service, finding))}" if where else ""
    over = lapsed(checked(check, place.service))
    need = "" if check.required or place.apart else ' <span class="of">not required</span>'
    return (
        f'<li><a href="#f{place.text}">{words(check.title)}</a> '
        f"{_severity(check)}{need}{place_}"
        f"{f' <b>{words(over)}</b>' if over else ''}</li>"
    )


def _severity(check: CheckRecord) -> str:
    return f'<span class="sev {check.severity.value}">{check.severity.value}</span>'
