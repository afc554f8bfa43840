"""The Markdown report, short enough for a comment on a pull request."""

from __future__ import annotations

from chittyactions.compliance.fail_on import Decision
from chittyactions.compliance.model import Checked, Finding, Outcome, Verdict
from chittyactions.compliance.reports.key import key_of
from chittyactions.compliance.reports.markup import MARKS, code, fence, fitted, folded, place, table, text, utf16
from chittyactions.compliance.reports.wording import (
    NO_DUTY,
    SECURITY,
    UNSETTLED,
    WARNED,
    WORDS,
    address,
    failed,
    findings,
    headline,
    lapsed,
    leave,
    names_of,
    plural,
    score_of,
    security_of,
    weight,
)

LIMIT = 65_536
"""Characters that GitHub takes as one comment."""

MOST_LINES, LONGEST_LINE = 15, 300
"""Findings that are reported apart, and characters of each message."""


def marker(verdict: Verdict) -> str:
    """The line by which the comment of this service is found again."""
    return f"<!-- chittyops:compliance-check:{key_of(verdict.service)} -->"


def render(verdict: Verdict, decision: Decision, *, source: str = "", run_url: str = "", limit: int = LIMIT) -> str:
    """The report. `source` is the address of the repository at the commit, `run_url` that of the run; both may miss."""
    head = [marker(verdict), title(verdict, decision), *about(verdict), standing(verdict, decision), table(verdict)]
    told = [piece(check, finding, source) for check, finding in findings(failed(verdict))]
    run = [f"[Run]({run_url})"] if run_url else []
    tail = [*waived(verdict), *unsettled(verdict), *security(verdict, source), *run]
    elsewhere = "the job summary and the JSON report hold them all"
    return fitted(head, told, tail, limit=limit, size=utf16, elsewhere=elsewhere)


def title(verdict: Verdict, decision: Decision) -> str:
    """The heading: what came of it. A failure that fails no job is a warning."""
    mark = MARKS[verdict.outcome]
    if decision.fails or verdict.outcome is Outcome.FAIL:
        mark = MARKS[Outcome.FAIL if decision.fails else Outcome.ERROR]
    return f"### {mark} Compliance: {text(headline(verdict, decision))}"


def standing(verdict: Verdict, decision: Decision) -> str:
    """The score and the policy; where the job is only warned, what would fail it and how to be held to it."""
    said = f"{score_of(verdict)}; {code(f'fail_on: {decision.policy.value}')}."
    if decision.would_fail:
        said += f" **Would fail:** {names_of(decision, code)}. {WARNED}"
    return said


def about(verdict: Verdict) -> list[str]:
    """Which service at which commit."""
    service = verdict.service
    parts = [
        code(service.type),
        f"tier {service.tier}" if service.tier is not None else "",
        code(service.domain),
        code(" + ".join(service.stacks)),
        f"commit {code(verdict.commit[:12])}" if verdict.commit else "",
    ]
    said = ", ".join(part for part in parts if part)
    return [said] if said else []


def piece(check: Checked, finding: Finding, source: str) -> str:
    """One finding: where, what, why, what to do, what to paste."""
    where = place(finding, source)
    lines = [
        f"#### {MARKS[check.outcome]} {text(check.title)}",
        f"{code(check.id)}, {weight(check)}{f', {where}' if where else ''}",
        " ".join(text(part) for part in (finding.message, finding.why, lapsed(check)) if part),
    ]
    page = address(check)
    more = f" [More]({page})" if page else ""
    if finding.remediation or more:
        lines.append(f"**Fix:** {text(finding.remediation)}{more}" if finding.remediation else more.strip())
    if finding.fix:
        lines.append(fence(finding.fix, finding.path))
    return "\n\n".join(lines)


def security(verdict: Verdict, source: str) -> list[str]:
    """What is reported apart, folded: the table, and the findings in a line each. The job summary has them whole."""
    told = security_of(verdict)
    if not told:
        return []
    lines = []
    for check, finding in findings(failed(verdict, apart=True)):
        where = place(finding, source)
        said = text(finding.message, LONGEST_LINE)
        lines.append(f"- {code(check.id)} {check.severity.value}{f', {where}' if where else ''}: {said}")
    more = len(lines) - MOST_LINES
    lines[MOST_LINES:] = [f"- and {plural(more, 'more finding')}, in the job summary"] if more > 0 else []
    body = "\n\n".join(part for part in (table(verdict, apart=True), "\n".join(lines)) if part)
    return [folded(f"{SECURITY}: {told}, {NO_DUTY}", body)]


def waived(verdict: Verdict) -> list[str]:
    """What is waived, apart."""
    lines = [
        f"- {code(one.id)} {text(one.title)}, {text(leave(one))}"
        for one in verdict.checks
        if one.outcome is Outcome.WAIVED
    ]
    return [f"#### {MARKS[Outcome.WAIVED]} Waived\n\n" + "\n".join(lines)] if lines else []


def unsettled(verdict: Verdict) -> list[str]:
    """What nobody could say, and what this run did not ask for."""
    lines = [
        f"- {MARKS[one.outcome]} {code(one.id)} {WORDS[one.outcome]}{f': {text(one.reason)}' if one.reason else ''}"
        for one in sorted(verdict.checks, key=lambda one: one.outcome is not Outcome.UNKNOWN)
        if one.outcome in UNSETTLED and not one.apart  # the table says it, and few wonder
    ]
    return [folded(f"Not settled: {len(lines)}", "\n".join(lines))] if lines else []
