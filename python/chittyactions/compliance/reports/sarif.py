"""SARIF 2.1.0 for GitHub's Security tab, and for whatever else reads it.

Format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; what GitHub reads of it:
https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning

Two things follow from GitHub and not from the standard. It takes a suppressed result for an open alert
(https://github.com/github/codeql-action/issues/1230), so what is waived is a notification and no result. And it drops a
result without a place, so what is of no file is put at the file that stands for the service.

And one from how alerts end: each upload closes those of its category that it does not name. So what the checkout
decides is a run with a category of its own, and what services are asked for one for each dimension. Code scanning takes
a run only if everything in it was looked at. What is reported apart has a run for each dimension as well, so that a
scan which nobody asks for keeps no other alert as it is. That of a repository's own checks is there without any as
well, or alerts of one that is gone would stay open.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from chittyactions import VERSION
from chittyactions.compliance.model import Checked, Finding, Outcome, Severity, Verdict
from chittyactions.compliance.reports.key import key_of
from chittyactions.compliance.reports.wording import (
    UNSETTLED,
    WORDS,
    address,
    block,
    dumped,
    failed,
    findings,
    lapsed,
    leave,
    line,
)
from chittyactions.compliance.settings import OWN
from chittyactions.runner import as_bytes

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

STANDS_FOR_THE_SERVICE = ".chittyconnect.yml"
"""Where a finding is shown that is of no file, such as a branch that anybody may push to."""

CHECKOUT = "checkout"
"""The category of what the checkout alone decides."""

MOST_RESULTS = 5_000
"""Results that GitHub shows of one run."""

LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}

SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
"""`security-severity`: GitHub shows over 9.0 as critical, from 7.0 as high, from 4.0 as medium, below as low."""


def render(verdict: Verdict, version: str = VERSION) -> str:
    """The report as text."""
    return dumped(document(verdict, version))


def document(verdict: Verdict, version: str = VERSION) -> dict[str, Any]:
    """The report as plain values, with every run: that of the checkout, then those of what services are asked for."""
    return _document(_run(verdict, category, version) for category in _categories(verdict))


def to_hand_over(verdict: Verdict, version: str = VERSION) -> tuple[str, tuple[Checked, ...]]:
    """What code scanning may take: the report without the runs in which something was not looked at, "" for nothing.

    And the checks that were not looked at.
    """
    unsettled = [one for one in verdict.checks if one.outcome in UNSETTLED]
    unseen = set(map(category_of, unsettled))
    # Of what is reported apart, a part is never asked for: nobody has to be told so each time.
    open_ends = tuple(one for one in unsettled if not one.apart or one.outcome is Outcome.UNKNOWN)
    whole = [category for category in _categories(verdict) if category not in unseen]
    text = dumped(_document(_run(verdict, category, version) for category in whole))
    return text if whole else "", open_ends


def category_of(check: Checked) -> str:
    """The category of the run that a check is in."""
    return check.dimension if check.asks or check.apart else CHECKOUT


def _categories(verdict: Verdict) -> list[str]:
    """Of the runs, that of the checkout first. GitHub takes 20 runs of a file."""
    return list(dict.fromkeys((CHECKOUT, *map(category_of, verdict.checks), OWN)))


def _document(runs: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": list(runs)}


def _run(verdict: Verdict, category: str, version: str) -> dict[str, Any]:
    checks = [one for one in verdict.checks if category_of(one) == category]
    rules = {one.id: number for number, one in enumerate(checks)}
    bad = (one for apart in (False, True) for one in failed(verdict, apart=apart))
    told = [(check, finding) for check, finding in findings(bad) if category_of(check) == category]
    return {
        "tool": {
            "driver": {
                "name": "ChittyOps",
                "semanticVersion": version,
                "informationUri": "https://github.com/chittyos/chittyops",
                "rules": [_rule(one) for one in checks],
            }
        },
        # Several services of one repository: each upload replaces the alerts of its own category alone.
        "automationDetails": {"id": f"compliance/{key_of(verdict.service)}/{category}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {"executionSuccessful": True, "toolExecutionNotifications": list(_notifications(checks, rules, len(told)))}
        ],
        "results": _results(told[:MOST_RESULTS], rules, verdict.service.folder),
    }


def _level(check: Checked) -> str:
    """GitHub fails a pull request by an error, and by a severity of high: what is reported apart has neither."""
    level = LEVELS[check.severity]
    return "warning" if check.apart and level == "error" else level


def _rule(check: Checked) -> dict[str, Any]:
    page = address(check)
    severity = {} if check.apart else {"security-severity": SCORES[check.severity]}
    return {
        "id": check.id,
        "name": "".join(part.capitalize() for part in check.id.replace("_", "-").replace(".", "-").split("-")),
        "shortDescription": {"text": line(check.title)},
        "fullDescription": {"text": line(check.title)},
        "defaultConfiguration": {"level": _level(check)},
        **({"helpUri": page, "help": {"text": f"How to fix it: {page}"}} if page else {}),
        "properties": {
            # GitHub shows the four severities by name only of a rule that is tagged so.
            "tags": [*([] if check.apart else ["security"]), "compliance", check.dimension],
            **severity,
            "precision": "very-high",
            "required": check.required,
        },
    }


def _results(told: list[tuple[Checked, Finding]], rules: dict[str, int], folder: str) -> list[dict[str, Any]]:
    seen: dict[str, int] = {}
    results = []
    for check, finding in told:
        same = f"{check.id}\0{finding.path}\0{finding.message}"
        seen[same] = seen.get(same, 0) + 1
        # Without the line, which moves with every edit above it.
        fingerprint = hashlib.sha256(f"{same}\0{seen[same]}".encode("utf-8", "replace")).hexdigest()[:32]
        results.append(
            {
                "ruleId": check.id,
                "ruleIndex": rules[check.id],
                "level": _level(check),
                "message": {"text": _text(check, finding)},
                "locations": [_location(finding, folder)],
                "partialFingerprints": {
                    # GitHub would count its own from the line's text, which is the same for two findings of one line.
                    "primaryLocationLineHash": f"{fingerprint}:1",
                    "chittyopsFinding/v1": fingerprint,
                },
                **({"properties": {"fix": "\n".join(block(finding.fix))}} if finding.fix else {}),
            }
        )
    return results


def _text(check: Checked, finding: Finding) -> str:
    parts = (finding.message, finding.why, lapsed(check), finding.remediation and f"Fix: {finding.remediation}")
    # `[text](address)` would be a link, which is ours alone to make (3.11.6 of the standard).
    return " ".join(line(part) for part in parts if part).replace("](", "] (")


def _location(finding: Finding, folder: str) -> dict[str, Any]:
    path = finding.path or (f"{folder}/{STANDS_FOR_THE_SERVICE}" if folder else STANDS_FOR_THE_SERVICE)
    region = {"startLine": finding.line or 1}
    if finding.line and finding.column:
        region["startColumn"] = finding.column
    uri = quote(as_bytes(path))  # a name that is not UTF-8 as the bytes that it is on the disk
    return {"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "region": region}}


def _notifications(checks: Sequence[Checked], rules: dict[str, int], found: int) -> Iterator[dict[str, Any]]:
    """What was not settled, what is waived, and what was left out."""
    for check in checks:
        if check.outcome in (*UNSETTLED, Outcome.WAIVED):
            why = leave(check) if check.outcome is Outcome.WAIVED else line(check.reason)
            yield {
                "level": "warning" if check.outcome is Outcome.UNKNOWN else "note",
                "message": {"text": f"{check.id} is {WORDS[check.outcome]}: {why}"},
                "associatedRule": {"id": check.id, "index": rules[check.id]},
            }
    if found > MOST_RESULTS:
        text = f"{found - MOST_RESULTS} more findings are left out; the JSON report holds all {found}."
        yield {"level": "warning", "message": {"text": text}}
