"""JUnit XML for whatever shows test results: a suite for each dimension, a test for each check.

A test is red where its check fails the run. What does not count, is waived, unknown or not evaluated is skipped, with
its findings in the output: a viewer of tests knows no third colour, and must not stop what this run lets through.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from chittyactions.compliance.fail_on import BAD, Decision
from chittyactions.compliance.model import Checked, Outcome, Verdict
from chittyactions.compliance.reports.wording import (
    WORDS,
    address,
    block,
    lapsed,
    leave,
    line,
    place,
    plural,
    visible,
    weight,
)


def render(verdict: Verdict, decision: Decision) -> str:
    """The report as text."""
    red = {one.id for one in decision.counting} if decision.fails else set()
    name = line(verdict.service.name) or "repository"
    suites = [_suite(one.name, one.title, verdict, red) for one in verdict.dimensions]
    root = ET.Element("testsuites", {"name": f"compliance of {name}", **_counts(list(verdict.checks), red)})
    root.extend(suite for suite in suites if len(suite))
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    # A runner that prints this looks for its commands anywhere in a line, or at the start of one.
    safe = re.sub(r"(?m)^(\s*):(?=:)", r"\1&#58;", text.replace("##[", "#&#35;["))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{safe}\n'


def _suite(dimension: str, title: str, verdict: Verdict, red: set[str]) -> ET.Element:
    checks = [one for one in verdict.checks if one.dimension == dimension]
    suite = ET.Element("testsuite", {"name": visible(title), **_counts(checks, red)})
    for check in checks:
        suite.append(_case(check, red=check.id in red))
    return suite


def _counts(checks: list[Checked], red: set[str]) -> dict[str, str]:
    counting = [one.outcome for one in checks if one.id in red]
    failures, errors = counting.count(Outcome.FAIL), counting.count(Outcome.ERROR)
    passed = sum(one.outcome is Outcome.PASS for one in checks)
    return {
        "tests": str(len(checks)),
        "failures": str(failures),
        "errors": str(errors),
        "skipped": str(len(checks) - passed - failures - errors),
    }


def _case(check: Checked, *, red: bool) -> ET.Element:
    attributes = {"classname": f"compliance.{check.dimension}", "name": f"{check.id}: {line(check.title)}"}
    first = next((one for one in check.findings if one.path), None)
    if first:
        attributes |= {"file": visible(first.path)} | ({"line": str(first.line)} if first.line else {})
    case = ET.Element("testcase", attributes)
    if red:
        kind = "failure" if check.outcome is Outcome.FAIL else "error"
        problem = ET.SubElement(case, kind, {"message": _message(check, red=red), "type": check.severity.value})
        problem.text = _told(check)
    elif check.outcome is not Outcome.PASS:
        ET.SubElement(case, "skipped", {"message": _message(check, red=red)})
        if check.findings:
            ET.SubElement(case, "system-out").text = _told(check)
    return case


def _message(check: Checked, *, red: bool) -> str:
    if check.outcome in BAD:
        first = line(check.findings[0].message) if check.findings else WORDS[check.outcome]
        more = f" (and {plural(len(check.findings) - 1, 'more finding')})" if check.findings[1:] else ""
        return f"{first}{more}" if red else f"{WORDS[check.outcome]} ({weight(check)}): {first}{more}"
    why = leave(check) if check.outcome is Outcome.WAIVED else line(check.reason)
    return f"{WORDS[check.outcome]}: {why}" if why else WORDS[check.outcome]


def _told(check: Checked) -> str:
    lines = [f"{check.id} ({weight(check)})"]
    lines += [lapsed(check)] if lapsed(check) else []
    for finding in check.findings:
        lines.append(": ".join(part for part in (place(finding), line(finding.message)) if part))
        lines += [f"  Why: {line(finding.why)}"] if finding.why else []
        lines += [f"  Fix: {line(finding.remediation)}"] if finding.remediation else []
        lines += [f"    {one}".rstrip() for one in block(finding.fix)] if finding.fix else []
    lines += [f"Docs: {address(check)}"] if check.docs else []
    return "\n" + "\n".join(lines) + "\n"
