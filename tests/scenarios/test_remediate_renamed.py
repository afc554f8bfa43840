"""`chittyops remediate` after the registry changed: issues of services that are in a repository no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chittyactions.compliance.audit.record import Audit, ServiceRecord, dumped
from chittyactions.compliance.model import Outcome
from chittyactions.compliance.remediation import pace
from chittyactions.entries import remediate_command
from chittylocal import Fault, Local
from compliance.remediation.audits import BEACON, OWNERS, audit, check, service

NAME = "chittyos/auth"
OLD, NEW, WEB = "auth", "chittyauth", "web"

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


def one(name: str, outcome: Outcome = Outcome.FAIL, *more: str) -> ServiceRecord:
    return service(check(OWNERS, outcome), *map(check, more), name=name, repository=NAME)


def state(local: Local) -> list[tuple[int, str, str, str]]:
    """Number, state, title, and the service of its hidden line."""
    return [
        (made["number"], made["state"], made["title"], made["body"].partition("service=")[2].partition(" ")[0])
        for made in local.github.issues.of(NAME)
    ]


def comments(local: Local, number: int = 1) -> list[str]:
    return [str(made["body"]) for made in local.github.comments(NAME, number)]


def planned(out: str) -> list[str]:
    head, *lines = (line for line in out.splitlines() if "  " in line)
    begin, end = head.index("CHANGES"), head.index("WHY")
    return [word for line in lines for word in line[begin:end].strip().split(", ") if word]


def changes(local: Local) -> list[str]:
    asked = [made for made in local.requests("github") if not made["path"].endswith("/graphql")]
    return [made["method"] for made in asked if made["method"] != "GET"]


def test_a_renamed_service_keeps_its_issue(local: Local, remediate: Run) -> None:
    """With the new name in line, text and title; closed when all passes."""
    remediate(audit(one(OLD)), OLD)
    found = audit(one(NEW))
    code, out, _ = remediate(found, NEW, "--dry-run")
    assert (code, planned(out), "it was chittyos/auth" in out) == (0, ["text"], True)
    assert remediate(found, NEW)[0] == 0
    assert state(local) == [(1, "open", "Compliance: chittyauth", "chittyos/chittyauth")]
    assert "1 as it should be" in remediate(found, NEW)[1]
    remediate(audit(one(NEW, Outcome.PASS)), NEW)
    assert state(local) == [(1, "closed", "Compliance: chittyauth", "chittyos/chittyauth")]
    assert len(comments(local)) == 1


def test_a_service_that_is_renamed_and_passes(local: Local, remediate: Run) -> None:
    """Its issue does not stay open for good."""
    remediate(audit(one(OLD)), OLD)
    remediate(audit(one(NEW, Outcome.PASS)), NEW)
    assert state(local) == [(1, "closed", "Compliance: chittyauth", "chittyos/chittyauth")]


def test_a_title_of_a_persons_own_stays(local: Local, remediate: Run) -> None:
    """Theirs to change."""
    remediate(audit(one(OLD)), OLD)
    local.github.issues.change(NAME, 1, title="Mine")
    remediate(audit(one(NEW, Outcome.FAIL, BEACON)), NEW)
    assert state(local) == [(1, "open", "Mine", "chittyos/chittyauth")]


def test_a_repository_that_moved_with_its_organisation(local: Local, remediate: Run) -> None:
    """The name is the same, the registry's organisation another one: it is rewritten all the same."""
    remediate(audit(one(OLD)), OLD)
    local.github.issues.change(NAME, 1, body=local.github.issues.of(NAME)[0]["body"].replace("chittyos/", "before/", 1))
    remediate(audit(one(OLD)), OLD)
    assert state(local) == [(1, "open", "Compliance: auth", "chittyos/auth")]


def test_both_were_opened_by_an_earlier_version(local: Local, remediate: Run) -> None:
    """The service's own goes on; the other is closed, with a comment that says why, told once."""
    remediate(audit(one(OLD)), OLD)
    remediate(audit(one(NEW)), OLD)
    assert [made[:2] for made in state(local)] == [(1, "open"), (2, "open")]
    found = audit(one(NEW))
    assert planned(remediate(found, NEW, "--dry-run")[1]) == ["comment #1", "close #1"]
    local.fault("github", "PATCH", "*/issues/1", Fault("status", status=422, body={"message": "No"}, times=1))
    assert remediate(found, NEW)[0] == 1
    code, out, _ = remediate(found, NEW)
    assert (code, "closes #1 of chittyos/auth" in out) == (0, True)
    assert [(made[1], made[3]) for made in state(local)] == [("closed", ""), ("open", "chittyos/chittyauth")]
    (said,) = comments(local)
    assert "The registry has no service `chittyos/auth` in this repository any more" in said
    before = len(changes(local))
    remediate(found, NEW)
    assert len(changes(local)) == before


def test_of_several_services_none_takes_it(local: Local, remediate: Run) -> None:
    """Nobody can tell whose it became: it is closed once, whoever of them is first, in plan and deed."""
    remediate(audit(one(OLD)), OLD)
    found = audit(one(NEW), one(WEB, Outcome.PASS))
    steps = planned(remediate(found, f"{NEW} {WEB}", "--dry-run")[1])
    assert steps == ["comment #1", "close #1", "issue"]
    before = len(changes(local))
    remediate(found, f"{NEW} {WEB}")
    assert changes(local)[before:] == ["POST", "PATCH", "POST"]
    assert [(made[1], made[3]) for made in state(local)] == [("closed", ""), ("open", "chittyos/chittyauth")]


@pytest.mark.parametrize(
    "scope, registered",
    [
        ({"services": ("chittyos/chittyauth",)}, NEW),
        ({"organizations": ("chittyos",)}, NEW),
        ({}, WEB),
        ({}, f"{OLD} {NEW}"),
    ],
    ids=["service", "organisation", "another registry", "still registered"],
)
def test_where_it_is_not_certain_it_is_left(
    local: Local, remediate: Run, scope: dict[str, tuple[str, ...]], registered: str
) -> None:
    """After an audit of a part, by a registry without the service, or while it is still there, as one that rests."""
    remediate(audit(one(OLD)), OLD)
    remediate(audit(one(NEW), **scope), registered)
    assert [(made[1], made[3]) for made in state(local)] == [("open", "chittyos/auth"), ("open", "chittyos/chittyauth")]
    assert comments(local) == []


def test_what_was_closed_is_nobodys_business(local: Local, remediate: Run) -> None:
    """It is neither taken over nor touched: whoever closed it meant another service, maybe."""
    remediate(audit(one(OLD)), OLD)
    local.github.issues.change(NAME, 1, state="closed", state_reason="not_planned")
    remediate(audit(one(NEW)), NEW)
    assert [(made[1], made[3]) for made in state(local)] == [
        ("closed", "chittyos/auth"), ("open", "chittyos/chittyauth"),
    ]  # fmt: skip


def test_a_persons_issue_is_not_taken_over(local: Local, remediate: Run) -> None:
    """With our line pasted in."""
    remediate(audit(one(OLD)), OLD)
    local.github.issues.change(NAME, 1, user={"login": "mallory", "type": "User"})
    remediate(audit(one(NEW)), NEW)
    assert [(made[1], made[3]) for made in state(local)] == [("open", "chittyos/auth"), ("open", "chittyos/chittyauth")]
