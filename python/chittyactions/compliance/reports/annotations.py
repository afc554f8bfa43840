"""Annotations at file and line, within what GitHub shows of one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chittyactions.compliance.fail_on import Decision
from chittyactions.compliance.model import Checked, Finding, Outcome, Severity, Verdict
from chittyactions.compliance.reports.wording import (
    NO_DUTY,
    SECURITY,
    WARNED,
    address,
    failed,
    findings,
    lapsed,
    line,
    names_of,
    plural,
    security_of,
)

MOST = 10
"""Errors, and warnings, and notices, that GitHub shows of one step:
https://docs.github.com/actions/reference/limits#job-execution-limits
"""

LONGEST = 2_000
"""Characters of a part of an annotation."""


@dataclass(frozen=True)
class Annotation:
    """One call of the runner's `error`, `warning` or `notice`."""

    level: Literal["error", "warning", "notice"]
    title: str
    message: str
    path: str = ""
    line: int = 0


def annotate(verdict: Verdict, decision: Decision, *, warned: int = 0) -> list[Annotation]:
    """The findings that fail the run as errors, the others as warnings, the worst of each first.

    `MOST` of each level, the `warned` warnings that this step has shown before among them. Where the run is only
    warned, the first warning says what would fail. A notice says how many more there are, and another which required
    checks are unknown. Of what is reported apart only the critical is told, in one notice.
    """
    counting = {one.id for one in decision.counting} if decision.fails else set()
    told = list(findings(failed(verdict)))
    errors = [_annotation("error", *one) for one in told if one[0].id in counting]
    warnings = [_annotation("warning", *one) for one in told if one[0].id not in counting]
    if decision.would_fail:
        text = f"This would fail: {names_of(decision)}.\n{WARNED}"
        warnings.insert(0, Annotation("warning", "Compliance would fail", text))
    shown = [*errors[:MOST], *warnings[: max(0, MOST - warned)]]
    left_out = len(errors) + len(warnings) - len(shown)
    if left_out:
        text = f"{plural(left_out, 'more finding is', 'more findings are')} in the job summary and in the reports."
        shown.append(Annotation("notice", "Compliance", text))
    if risks := [one for one in failed(verdict, apart=True) if one.severity is Severity.CRITICAL]:
        named = ", ".join(one.id for one in risks[:MOST])
        more = f" and {len(risks) - MOST} more" if len(risks) > MOST else ""
        text = f"{security_of(verdict)}: {named}{more}.\nIt is {NO_DUTY}. The job summary has what was found."
        shown.append(Annotation("notice", SECURITY, text))
    unknown = [one for one in verdict.checks if one.required and one.outcome is Outcome.UNKNOWN]
    if unknown:
        reasons = "\n".join(f"{one.id}{f': {line(one.reason, 300)}' if one.reason else ''}" for one in unknown[:MOST])
        text = f"Nobody could say how {plural(len(unknown), 'required check stands', 'required checks stand')}:"
        shown.append(Annotation("notice", "Compliance is incomplete", f"{text}\n{reasons}"))
    return shown


def _annotation(level: Literal["error", "warning"], check: Checked, finding: Finding) -> Annotation:
    page = address(check)
    parts = (
        finding.message,
        finding.why,
        lapsed(check),
        finding.remediation and f"Fix: {finding.remediation}",
        page and f"Docs: {page}",
    )
    message = "\n".join(line(part, LONGEST) for part in parts if part)
    return Annotation(level, f"{check.id}: {line(check.title, 100)}", message, line(finding.path), finding.line)
