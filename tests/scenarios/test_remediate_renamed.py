"""`chittyops remediate` after the registry changed: issues of services that nobody knows are told, and left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chittyactions.compliance.audit.document import dumped
from chittyactions.compliance.audit.record import Audit, ServiceRecord, Standing
from chittyactions.compliance.model import Outcome
from chittyactions.compliance.remediation import pace
from chittyactions.entries import remediate_command
from chittylocal import Local
from compliance.remediation.audits import OWNERS, audit, check, service, unjudged

NAME = "chittyos/auth"
OLD, NEW, WEB = "auth", "chittyauth", "web"
NOTE = "#1 is of chittyos/auth, which is not among the services: close it by hand where that one is gone"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Iterator[Local]:
    """GitHub with one repository."""
    with Local() as running:
        running.github.repository(NAME, {"README.md": "Auth"})
        monkeypatch.setenv("GITHUB_API_URL", running.urls()["GITHUB_API_URL"])
        monkeypatch.setenv("GITHUB_TOKEN", running.github_token)
        for name in ("GH_TOKEN", "GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY", "GITHUB_SERVER_URL"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(pace, "BETWEEN", 0.0)
        yield running


@pytest.fixture
def remediate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command over an audit, by a registry of these services of the repository."""

    def run(found: Audit, registered: str, *words: str) -> tuple[int, str, str]:
        (tmp_path / "audit.json").write_text(dumped(found), "utf-8")
        lines = ["schema_version: 1", "compliance_profiles: {tool: {chittycanon: required}}", "organizations:"]
        lines += [
            "  ChittyOS:",
            "    services:",
            *(f"      {one}: {{repo: {NAME}, type: tool}}" for one in registered.split()),
        ]
        (tmp_path / "registry.yml").write_text("\n".join(lines) + "\n", "utf-8")
        given = [str(tmp_path / "audit.json"), "--mode", "issues", "--registry", str(tmp_path / "registry.yml"), *words]
        return remediate_command.main(given), *capsys.readouterr()

    return run


def one(name: str, outcome: Outcome = Outcome.FAIL, repository: str = NAME) -> ServiceRecord:
    return service(check(OWNERS, outcome), name=name, repository=repository)


def state(local: Local) -> list[tuple[int, str, str]]:
    """Number, state, and the service of its hidden line."""
    return [
        (made["number"], made["state"], made["body"].partition("service=")[2].partition(" ")[0])
        for made in local.github.issues.of(NAME)
    ]


def changes(local: Local) -> list[str]:
    asked = [made for made in local.requests("github") if not made["path"].endswith("/graphql")]
    return [made["method"] for made in asked if made["method"] != "GET"]


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.PASS])
def test_a_renamed_service_begins_with_a_new_issue(local: Local, remediate: Run, outcome: Outcome) -> None:
    """Whose the old one is nobody knows for certain: the row tells of it, in plan and run, each time; it is left."""
    remediate(audit(one(OLD)), OLD)
    before, found = local.github.issues.of(NAME)[0], audit(one(NEW, outcome))
    for words in (["--dry-run"], [], []):
        code, out, _ = remediate(found, NEW, *words)
        assert (code, [line.strip() for line in out.splitlines()].count(NOTE)) == (0, 1)
    assert local.github.issues.of(NAME)[0] == before
    assert local.github.comments(NAME, 1) == []
    assert state(local)[1:] == ([(2, "open", "chittyos/chittyauth")] if outcome is Outcome.FAIL else [])


def test_of_several_services_one_tells_it(local: Local, remediate: Run) -> None:
    """Once, though all of them are in the repository."""
    remediate(audit(one(OLD)), OLD)
    out = remediate(audit(one(NEW), one(WEB, Outcome.PASS)), f"{NEW} {WEB}")[1]
    assert out.count(NOTE) == 1


@pytest.mark.parametrize(
    "scope, registered",
    [
        ({"services": ("chittyos/chittyauth",)}, NEW),
        ({"organizations": ("chittyos",)}, NEW),
        ({}, f"{OLD} {NEW}"),
    ],
    ids=["service", "organisation", "one that rests"],
)
def test_where_a_service_may_be_alive_nothing_is_told(
    local: Local, remediate: Run, scope: dict[str, Any], registered: str
) -> None:
    """After an audit of a part, and while the registry has it, active or not."""
    remediate(audit(one(OLD)), OLD)
    assert "by hand" not in remediate(audit(one(NEW), **scope), registered)[1]
    assert state(local) == [(1, "open", "chittyos/auth"), (2, "open", "chittyos/chittyauth")]


@pytest.mark.parametrize(
    "other", [one(OLD, repository="chittyos/other"), unjudged(Standing.UNKNOWN, OLD)], ids=["moved", "unknown"]
)
def test_a_service_that_is_elsewhere_or_unknown_is_alive(local: Local, remediate: Run, other: ServiceRecord) -> None:
    """The audit names it: its issue is left, and nobody is told to close it."""
    local.github.repository("chittyos/other", {"README.md": "x"})
    remediate(audit(one(OLD)), OLD)
    assert "by hand" not in remediate(audit(one(NEW), other), NEW)[1]
    assert state(local)[0] == (1, "open", "chittyos/auth")


def test_two_registries_leave_each_others_issues(local: Local, remediate: Run) -> None:
    """Turn by turn: after the first of each nothing is written any more."""
    whole, some = audit(one(OLD), one(WEB)), audit(one(WEB))
    remediate(whole, f"{OLD} {WEB}")
    before = len(changes(local))
    for found, registered in ((some, WEB), (whole, f"{OLD} {WEB}"), (some, WEB)):
        remediate(found, registered)
    assert len(changes(local)) == before


def test_what_is_closed_or_a_persons_is_not_told(local: Local, remediate: Run) -> None:
    """It is nobody's business any more, or was never ours."""
    remediate(audit(one(OLD)), OLD)
    local.github.issues.change(NAME, 1, state="closed", state_reason="not_planned")
    assert "by hand" not in remediate(audit(one(NEW)), NEW)[1]
    local.github.issues.change(NAME, 1, state="open", user={"login": "mallory", "type": "User"})
    assert "by hand" not in remediate(audit(one(NEW)), NEW)[1]
