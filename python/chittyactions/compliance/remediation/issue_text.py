"""What an issue says, and the comments that tell what changed. What comes out of a repository stays text in it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from chittyactions.compliance.audit.record import CheckRecord, ServiceRecord
from chittyactions.compliance.audit.reports.verdict import checked
from chittyactions.compliance.model import Checked, Outcome
from chittyactions.compliance.remediation.fingerprint import Mark, line_of, told_line
from chittyactions.compliance.remediation.reconcile import Decision, Difference, Verb
from chittyactions.compliance.remediation.wanted import BAD, Wanted
from chittyactions.compliance.reports.markdown import piece
from chittyactions.compliance.reports.markup import MARKS, code, fitted, folded, text, utf16
from chittyactions.compliance.reports.wording import WORDS, findings, leave, line, plural
from chittyactions.errors import DOCS
from chittyactions.runner import as_bytes

LIMIT = 65_536
"""Characters that GitHub takes as one text."""

MOST_LISTED = 100
"""Checks in one comment."""

ABOUT = (
    f"_[ChittyOps]({DOCS}remediation.md) keeps this text: it is written anew when the findings change, and the issue "
    "is closed when everything that is required passes. To fail a check for a while with leave, add a "
    f"[waiver]({DOCS}compliance.md#waivers); to hear no more of it, close the issue as not planned._"
)


@dataclass(frozen=True)
class Links:
    """Addresses that a text leads to. `server` is GitHub's own; `report` the audit's report, "" where there is none."""

    server: str = "https://github.com"
    report: str = ""


def title_of(service: ServiceRecord) -> str:
    """The title. It stays the same, so that people find it again."""
    return f"Compliance: {line(service.name, 100)}"


def body_of(aim: Wanted, decision: Decision, links: Links, limit: int = LIMIT) -> str:
    """The issue's text after a decision, with its mark as the first line."""
    assert decision.mark
    if decision.verb is Verb.CLOSE:
        return _settled(aim, decision.mark)
    service = aim.service
    checks = [checked(one, service) for one in service.checks]
    bad = sorted((one for one in checks if one.required and one.outcome in BAD), key=lambda one: one.severity.rank)
    source = f"{links.server}/{quote(as_bytes(aim.repository))}/blob/{service.commit}" if service.commit else ""
    head = [line_of(decision.mark), _headline(service, bad)]
    told = [piece(check, finding, source) for check, finding in findings(bad)]
    elsewhere = f"[the report]({links.report}) has them all" if links.report else _by_yourself()
    tail = [*_carried(decision), *_optional(checks), *_apart(checks, elsewhere), *_waived(checks), ABOUT]
    return fitted(head, told, tail, limit=limit, size=utf16, elsewhere=elsewhere)


def duplicate_of(number: int) -> str:
    """The last text of an issue that another run opened at the same time. It has no mark: it is nobody's any more."""
    return (
        f"A duplicate of #{number}: two runs opened an issue at the same time. The one with the lower number goes on.\n"
    )


def comment_of(aim: Wanted, decision: Decision) -> str:
    """The comment that tells of a decision; "" where there is nothing to tell."""
    if not decision.difference or not decision.mark or decision.verb is Verb.CREATE:
        return ""
    mark, difference = decision.mark, decision.difference
    if decision.verb is Verb.CLOSE:
        said = ["Everything that is required passes. Thank you.", *_listed(aim, difference)]
    elif decision.verb is Verb.REOPEN:
        count = plural(len(difference.added), "required check")
        said = [f"{count} fail{'s' if len(difference.added) == 1 else ''} again:", *_lines(aim, difference.added)]
    else:
        said = ["The findings changed:", *_listed(aim, difference)]
    commit = f"\n\nAs of commit {code(aim.service.commit[:12])}." if aim.service.commit else ""
    change = [decision.verb.value, difference.added, difference.fixed, difference.changed]
    return "\n".join([told_line(mark, change), said[0], "", *said[1:]]).rstrip() + commit + "\n"


def _listed(aim: Wanted, difference: Difference) -> list[str]:
    parts = (("New", difference.added), ("Fixed", difference.fixed), ("Changed", difference.changed))
    return [one for word, checks in parts for one in _lines(aim, checks, word)]


def _lines(aim: Wanted, checks: tuple[str, ...], word: str = "") -> list[str]:
    known = {one.id: one for one in aim.service.checks}
    lines = [f"- {_kind(word, known.get(one))}{code(one)}{_title(known.get(one))}" for one in checks[:MOST_LISTED]]
    left_out = len(checks) - MOST_LISTED
    return [*lines, f"- and {plural(left_out, 'further check')}"] if left_out > 0 else lines


def _kind(word: str, check: CheckRecord | None) -> str:
    """`Fixed`, or what else made a check no failure any more."""
    if word == "Fixed" and check is None:
        word = "No longer asked for"
    elif word == "Fixed" and check and check.outcome is Outcome.WAIVED:
        word = "Waived"
    elif word == "Fixed" and check and not check.required:
        word = "No longer required"
    return f"**{word}:** " if word else ""


def _title(check: CheckRecord | None) -> str:
    return f" {text(check.title, 200)}" if check else ""


def _headline(service: ServiceRecord, bad: list[Checked]) -> str:
    required = [one for one in service.checks if one.required and one.outcome is not Outcome.NOT_APPLICABLE]
    kind = ", ".join([code(service.type), *([f"tier {service.tier}"] if service.tier is not None else [])])
    commit = f" at commit {code(service.commit[:12])}" if service.commit else ""
    count = f"{len(bad)} of {plural(len(required), 'required check')}"
    return f"**{text(service.name, 100)}** ({kind}) fails {count}{commit}."


def _carried(decision: Decision) -> list[str]:
    if not decision.carried:
        return []
    names = "\n".join(f"- {code(one)}" for one in decision.carried[:MOST_LISTED])
    return [f"#### {MARKS[Outcome.UNKNOWN]} Failed before, and could not be looked up this time\n\n{names}"]


def _optional(checks: list[Checked]) -> list[str]:
    bad = [one for one in checks if not one.required and not one.apart and one.outcome in BAD]
    lines = [f"- {code(one.id)} {text(one.title)}{_first(one)}" for one in bad]
    return [folded(f"Not required: {plural(len(lines), 'check')}", "\n".join(lines))] if lines else []


def _apart(checks: list[Checked], elsewhere: str) -> list[str]:
    """The security programme's, by name alone: who watches a repository is told of no hole by mail."""
    lines = [f"- {code(one.id)} {text(one.title)}" for one in checks if one.apart and one.outcome in BAD]
    if not lines:
        return []
    head = f"Security, reported apart: {plural(len(lines), 'check')}"
    return [folded(head, "\n".join([*lines, "", f"They count in nothing here; {elsewhere}."]))]


def _first(check: Checked) -> str:
    return f": {text(check.findings[0].message)}" if check.findings else ""


def _waived(checks: list[Checked]) -> list[str]:
    lines = [
        f"- {code(one.id)} {text(one.title)}, {text(leave(one))}" for one in checks if one.outcome is Outcome.WAIVED
    ]
    return [f"#### {MARKS[Outcome.WAIVED]} Waived\n\n" + "\n".join(lines)] if lines else []


def _settled(aim: Wanted, mark: Mark) -> str:
    service = aim.service
    commit = f" as of commit {code(service.commit[:12])}" if service.commit else ""
    checks = [checked(one, service) for one in service.checks]
    passed = f"{MARKS[Outcome.PASS]} **{text(service.name, 100)}** {WORDS[Outcome.PASS]} everything required{commit}."
    return "\n\n".join([line_of(mark), passed, *_waived(checks), ABOUT]) + "\n"


def _by_yourself() -> str:
    return f"[`chittyops check`]({DOCS}compliance.md#command-line) in the repository shows them all"
