"""What is reported apart is apart in every report of an audit: its own numbers, its own part, each with its remedy."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from chittyactions.compliance.audit.apart import apart
from chittyactions.compliance.audit.record import Audit, CheckRecord, ServiceRecord
from chittyactions.compliance.audit.reports import csv_report, dashboard, json_report, markdown, sarif
from chittyactions.compliance.audit.reports.verdict import bad, told
from chittyactions.compliance.audit.reports.view import View, point, view
from chittyactions.compliance.audit.totals import Rate, changes, totals
from chittyactions.compliance.model import Outcome, is_apart
from chittyactions.entries.audit_summary import summary
from compliance.audit.ecosystem import TOOL, audit, service

WELL = service("o", TOOL, "well", 0)
WORKSTREAMS = ("Inventory", "Identity", "CI/CD", "Dependencies", "Runtime", "Threats", "Remediation")


def without(made: Audit) -> Audit:
    """The same audit where nobody looked at security."""
    services = tuple(
        one.model_copy(
            update={
                "checks": tuple(check for check in one.checks if not is_apart(check.dimension)),
                "dimensions": {name: own for name, own in one.dimensions.items() if not is_apart(name)},
            }
        )
        for one in made.services
    )
    return made.model_copy(update={"services": services})


def with_checks(*outcomes: Outcome) -> ServiceRecord:
    """A service whose checks of security came to these."""
    spec = next(one for one in WELL.checks if is_apart(one.dimension))
    return WELL.model_copy(update={"checks": tuple(spec.model_copy(update={"outcome": one}) for one in outcomes)})


def found(made: View) -> list[tuple[ServiceRecord, CheckRecord]]:
    """What fails of security."""
    return [(one, check) for one in made.audit.services for check in bad(one, apart=True)]


# -- numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "outcome, share, failing",
    [
        (Outcome.PASS, (1, 1), 0),
        (Outcome.FAIL, (0, 1), 1),
        (Outcome.ERROR, (0, 1), 1),
        (Outcome.WAIVED, (0, 1), 0),
        (Outcome.UNKNOWN, (0, 0), 0),
        (Outcome.NOT_EVALUATED, (0, 0), 0),
        (Outcome.NOT_APPLICABLE, (0, 0), 0),
    ],
)
def test_its_denominator_is_that_of_the_other_rates(outcome: Outcome, share: tuple[int, int], failing: int) -> None:
    """Of checks that were settled: a waiver raises nothing, what nobody could say lowers nothing."""
    numbers = apart([with_checks(outcome)])
    assert (numbers.checks, numbers.services, numbers.failing) == (Rate(*share), 1, failing)
    assert numbers.dimensions == {"security-inventory": Rate(*share)}


def test_almost_all_is_not_all() -> None:
    """299 of 300 are 99 %."""
    numbers = apart([with_checks(*[Outcome.PASS] * 299, Outcome.FAIL)])
    assert str(numbers.checks) == "99 %"


def test_no_rate_of_compliance_has_security_in_it() -> None:
    """Whether somebody looked at it or not, the numbers of all others are the same, and so is who fails."""
    whole, less = audit(), without(audit())
    assert totals(whole.services) == totals(less.services)
    assert view(whole).titles() == view(less).titles()
    assert not set(view(whole).titles()) & set(view(whole).titles(apart=True))
    assert len(view(whole).titles(apart=True)) == 7


def test_one_denominator_in_every_report() -> None:
    """The same share stands in all of them."""
    made = view(audit())
    numbers = made.apart
    said = f"{numbers.checks} ({numbers.checks.passed} of {numbers.checks.whole}) of its checks pass"
    assert said in markdown.render(made)
    assert said in dashboard.render(made)
    assert said in sarif.render(made)
    assert f"{numbers.checks} of its checks pass" in summary(audit())
    numbered = json.loads(json_report.render(made))["summary"]["security"]
    assert numbered["checks"] == {"passed": numbers.checks.passed, "whole": numbers.checks.whole, "percent": 85}
    assert (numbered["services"], numbered["failing"]) == (numbers.services, numbers.failing)
    rows = [one for one in csv.DictReader(io.StringIO(csv_report.render(made))) if one["part"] == "security"]
    settled = [one for one in rows if one["outcome"] in ("pass", "fail", "waived", "error")]
    assert len(settled) == numbers.checks.whole
    assert {one["required"] for one in rows} == {"false"}


# -- reports -------------------------------------------------------------------------------------------------


def test_markdown_has_a_part_of_it() -> None:
    """Below the findings: shares, the table by workstream, and each finding with its remedy; nothing of it above."""
    made = view(audit(), previous=audit(-1))
    above, _, part = markdown.render(made).partition("## Security\n")
    assert "security-" not in above
    assert "Security" not in above
    assert f"| Service | {' | '.join(WORKSTREAMS)} |" in part
    assert "Broken since 2026-11-09: 1" in part
    for _, check in found(made):
        assert f"`{check.id}`, {check.severity.value}" in part
        assert all(one.remediation in part for one in check.findings)


@pytest.mark.parametrize("size", [200, 1500])
def test_markdown_has_room_for_it_however_many_services_fail(size: int) -> None:
    """A quarter of the page is its own: each check with its remedy, and how many more findings it has."""
    made = markdown.render(view(audit(size=size), link="https://ci.example/run/7"))
    part = made.partition("## Security\n")[2]
    bads = [check for _, check in found(view(audit(size=size)))]
    remedies = {(check.id, one.remediation) for check in bads for one in told(check)}
    assert part.count("\n#### ") == len(remedies)
    assert part.count("**Fix:**") == len({check.id for check in bads}) == 7
    assert re.search(r"… and \d+ more findings?", part)


def test_the_dashboard_has_a_section_of_it() -> None:
    """With its own bars, filters and table; what changed and what to fix of it stand there, and nowhere else."""
    made = view(audit(), previous=audit(-1), history=[point(audit(-1))])
    page = dashboard.render(made)
    sections = dict(re.findall(r'(?s)<section aria-labelledby="h-([a-z-]+)">(.*?)</section>', page))
    part = sections["security"]
    for word in WORKSTREAMS:
        assert f"<span>{word}</span>" in part
        assert f'<th scope="row">{word}</th>' in part
    assert 'id="filters-security"' in part
    assert "No credential in plain sight: fails" in part
    assert all(f"<code>{check.id}</code>" in part for _, check in found(made))
    for name in ("numbers", "changes", "services", "findings"):
        assert "security" not in sections[name].lower()
    assert "<h3>Security, reported apart</h3>" in sections["by-service"]
    assert '<a href="#h-security">Security</a>' in page


def test_sarif_has_a_run_of_it() -> None:
    """Whoever gates by the first run is not stopped by it; none of its results is an error."""
    first, second = json.loads(sarif.render(view(audit())))["runs"]
    assert [one["automationDetails"]["id"] for one in (first, second)] == ["audit/", "audit/security/"]
    assert not any(one["ruleId"].startswith("security-") for one in first["results"])
    assert all(one["ruleId"].startswith("security-") for one in second["results"])
    assert "error" not in {one["level"] for one in second["results"]}
    assert len(second["results"]) == len(found(view(audit())))
    assert all("Fix: " in one["message"]["text"] for one in second["results"] if one["ruleId"] not in broken(audit()))


def broken(made: Audit) -> set[str]:
    """Checks that could not be made, and so have no finding."""
    return {check.id for one in made.services for check in one.checks if check.outcome is Outcome.ERROR}


def test_the_terminal_tells_it_at_the_end() -> None:
    """The worst first, with the services; nothing of it among those that fail."""
    above, _, part = summary(audit()).partition("\nSecurity: ")
    assert "security" not in above.lower()
    assert "85 % of its checks pass, 37 of 57 services have findings" in part
    worst = part.partition("with its remedy:\n")[2].splitlines()[0]
    assert worst == "  critical  security-remediation.credentials: chittyos/chittycontext"


def test_where_nobody_looked_nothing_is_said_of_it() -> None:
    """An audit without these dimensions has no empty part."""
    made = view(without(audit()), previous=without(audit(-1)))
    assert "Security" not in markdown.render(made)
    assert "h-security" not in dashboard.render(made)
    assert len(json.loads(sarif.render(made))["runs"]) == 1
    assert json.loads(json_report.render(made))["summary"]["security"] is None
    assert "Security" not in summary(made.audit)


def test_a_change_of_security_is_told_in_its_part_alone() -> None:
    """All that changed is in one of the two, and nothing in both."""
    made = view(audit(), previous=audit(-1))
    parts = [made.changed(apart=which) for which in (False, True)]
    assert sorted(map(str, parts[0] + parts[1])) == sorted(map(str, changes(audit(-1), audit())))
    assert [one.check for one in parts[1]] == ["security-remediation.credentials"]
