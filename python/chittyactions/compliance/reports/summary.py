"""The job summary: the table, every finding with what to paste, then every check."""

from __future__ import annotations

from chittyactions.compliance.fail_on import Decision
from chittyactions.compliance.model import Checked, Verdict
from chittyactions.compliance.reports.markdown import about, piece, standing, title, unsettled, waived
from chittyactions.compliance.reports.markup import MARKS, code, fitted, folded, table, text, utf8
from chittyactions.compliance.reports.wording import NO_DUTY, SECURITY, WORDS, failed, findings, security_of, weight

LIMIT = 1_000_000
"""Bytes. GitHub keeps 1 MiB of a step's summary, and drops a longer one whole."""


def render(verdict: Verdict, decision: Decision, *, source: str = "", limit: int = LIMIT) -> str:
    """The summary. `source` is the address of the repository at the commit, where there is one."""
    head = [title(verdict, decision), *about(verdict), standing(verdict, decision), table(verdict)]
    told = [piece(check, finding, source) for check, finding in findings(failed(verdict))]
    told += _security(verdict, source)
    rows = ["| | Check | Weight | Outcome | |", "|---|---|---|---|---|", *map(_row, verdict.checks)]
    checks = folded(f"All {len(verdict.checks)} checks", "\n".join(rows))
    elsewhere = "the JSON report holds them all"
    return fitted(
        head, told, [*waived(verdict), *unsettled(verdict), checks], limit=limit, size=utf8, elsewhere=elsewhere
    )


def _security(verdict: Verdict, source: str) -> list[str]:
    """What is reported apart, whole. Its heading is in one piece with what comes first, as pieces are counted."""
    counted = security_of(verdict)
    if not counted:
        return []
    pieces = [piece(check, finding, source) for check, finding in findings(failed(verdict, apart=True))]
    head = f"### {SECURITY}\n\n{counted}; it is {NO_DUTY}.\n\n{table(verdict, apart=True)}"
    return ["\n\n".join([head, *pieces[:1]]), *pieces[1:]]


def _row(check: Checked) -> str:
    cells = (MARKS[check.outcome], f"{code(check.id)} {text(check.title)}", weight(check), WORDS[check.outcome])
    return "| " + " | ".join([*cells, text(check.reason, 300)]) + " |"
