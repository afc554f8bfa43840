"""The report in a terminal: a table, the findings with what to paste, and what nobody could say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chittyactions.compliance.fail_on import BAD, Decision
from chittyactions.compliance.model import Checked, Finding, Outcome, Verdict
from chittyactions.compliance.reports.wording import (
    NEEDS,
    NO_DUTY,
    SECURITY,
    UNSETTLED,
    WARNED,
    WORDS,
    address,
    block,
    failed,
    headline,
    lapsed,
    leave,
    line,
    names_of,
    passed_of,
    place,
    score_of,
    security_of,
    visible,
    weight,
)
from chittyactions.runner import inert

RED, GREEN, YELLOW, GREY, BOLD = "31", "32", "33", "90", "1"

COLOURS = {
    Outcome.PASS: GREEN,
    Outcome.FAIL: RED,
    Outcome.ERROR: RED,
    Outcome.WAIVED: YELLOW,
    Outcome.UNKNOWN: YELLOW,
}


def render(verdict: Verdict, decision: Decision, *, colour: bool = False) -> str:
    """The report. `colour` is for a terminal alone."""
    paint = _Paint(colour=colour)
    parts = [paint(BOLD, _subject(verdict)), *_section(verdict, paint, apart=False)]
    if security := security_of(verdict):
        parts += [f"{paint(BOLD, SECURITY)}: {security}. It is {NO_DUTY}.", *_section(verdict, paint, apart=True)]
    parts.append(_ending(verdict, decision, paint))
    return inert("\n\n".join(parts)) + "\n"


def _section(verdict: Verdict, paint: _Paint, *, apart: bool) -> list[str]:
    """A table with its findings, and what is open: of what is reported apart, or of the rest."""
    checks = [one for one in verdict.checks if one.apart is apart]
    parts = [_table(verdict, paint, apart=apart)]
    parts += ["\n".join(_told(check, paint)) for check in failed(verdict, apart=apart)]
    return parts + [part for part in (_waived(checks, paint), _unsettled(checks, paint)) if part]


class _Paint:
    """Colours, or none."""

    def __init__(self, *, colour: bool) -> None:
        self.colour = colour

    def __call__(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self.colour and colour and text else text


def _subject(verdict: Verdict) -> str:
    service = verdict.service
    parts = [
        service.type,
        f"tier {service.tier}" if service.tier is not None else "",
        service.domain,
        " + ".join(service.stacks),
        verdict.commit[:12],
    ]
    said = ", ".join(line(part, 100) for part in parts if part)
    return f"{line(service.name, 100) or 'Repository'}{f' ({said})' if said else ''}"


def _table(verdict: Verdict, paint: _Paint, *, apart: bool) -> str:
    dimensions = [one for one in verdict.dimensions if one.apart is apart]
    rows = [
        (
            visible(one.title),
            "advisory" if one.advisory else NEEDS[one.need],
            WORDS[one.outcome],
            passed_of(verdict, one.name),
        )
        for one in dimensions
    ]
    heads = ("dimension", "need", "outcome", "passed")
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(3)]

    def laid(row: tuple[str, str, str, str], colour: str) -> str:
        cells = [one.ljust(width) for one, width in zip(row, widths, strict=False)]
        return "  ".join([*cells[:2], paint(colour, cells[2]), row[3]])

    colours = [COLOURS.get(one.outcome, GREY) for one in dimensions]
    return "\n".join([laid(heads, ""), *(laid(row, colour) for row, colour in zip(rows, colours, strict=True))])


def _told(check: Checked, paint: _Paint) -> Iterator[str]:
    colour = RED if check.required else YELLOW
    yield f"{paint(colour, WORDS[check.outcome])}  {paint(BOLD, check.id)}  {line(check.title)} ({weight(check)})"
    if lapsed(check):
        yield f"  {lapsed(check)}"
    for finding in check.findings:
        yield from _lines(finding)
    if check.docs:
        yield f"  Docs: {paint(GREY, address(check))}"


def _lines(finding: Finding) -> Iterator[str]:
    yield "  " + ": ".join(part for part in (place(finding), line(finding.message)) if part)
    if finding.why:
        yield f"    Why: {line(finding.why)}"
    if finding.remediation:
        yield f"    Fix: {line(finding.remediation)}"
    if finding.fix:
        yield from (f"      {one}".rstrip() for one in block(finding.fix))


def _waived(checks: Iterable[Checked], paint: _Paint) -> str:
    return "\n".join(
        f"{paint(YELLOW, WORDS[one.outcome])}  {one.id}  {line(one.title)}: {leave(one)}"
        for one in checks
        if one.outcome is Outcome.WAIVED
    )


def _unsettled(checks: Iterable[Checked], paint: _Paint) -> str:
    return "\n".join(
        f"{paint(COLOURS.get(one.outcome, GREY), WORDS[one.outcome])}  {one.id}"
        f"{f': {line(one.reason)}' if one.reason else ''}"
        for one in checks
        if one.outcome in UNSETTLED
    )


def _ending(verdict: Verdict, decision: Decision, paint: _Paint) -> str:
    colour = RED if decision.fails else YELLOW if verdict.outcome in BAD else COLOURS[verdict.outcome]
    ending = f"{paint(colour, headline(verdict, decision) + '.')} {score_of(verdict)}."
    return f"{ending}\nWould fail: {names_of(decision)}. {WARNED}" if decision.would_fail else ending
