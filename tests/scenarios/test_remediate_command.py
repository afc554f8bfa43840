"""`chittyops remediate` as a person runs it: exit codes, what is shown and written, over the embedded GitHub."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chittyactions.compliance.audit.document import dumped
from chittyactions.compliance.audit.record import Audit, Standing
from chittyactions.compliance.model import Outcome
from chittyactions.compliance.remediation import pace
from chittyactions.entries import remediate_command
from chittylocal import Fault, Local
from compliance.remediation.audits import OWNERS, TRUST, audit, check, service, unjudged
from protocol.runner import ROOT

AUTH, ID, MINT, GONE, SECRET = "ChittyOS/auth", "chittyos/id", "chittycorp/mint", "chittyos/gone", "chittyos/secret"

Run = Callable[..., tuple[int, str, str]]


def ecosystem(*, complete: bool = True, auth: Outcome = Outcome.FAIL) -> Audit:
    """Five services: one fails, one passes, one is unknown, one is archived, one is private and fails."""
    return audit(
        service(check(OWNERS, auth), name="auth", organization="ChittyOS"),
        service(check(OWNERS, Outcome.PASS), name="id"),
        service(check(OWNERS, Outcome.UNKNOWN), name="mint", organization="chittycorp"),
        unjudged(Standing.ARCHIVED, "gone"),
        service(check(OWNERS), name="secret", private=True),
        complete=complete,
    )


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Iterator[Local]:
    """GitHub with their repositories, a token for it, and no wait between changes."""
    with Local() as running:
        for name in (AUTH, ID, MINT, SECRET):
            running.github.repository(name, {"README.md": "Text"})
        running.github.profile(SECRET).private = True
        monkeypatch.setenv("GITHUB_API_URL", running.urls()["GITHUB_API_URL"])
        monkeypatch.setenv("GITHUB_TOKEN", running.github_token)
        for name in ("GH_TOKEN", "GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY", "GITHUB_SERVER_URL"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(pace, "BETWEEN", 0.0)
        yield running


@pytest.fixture
def remediate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command over an audit: its exit code, stdout, stderr."""

    def run(found: Audit, *words: str) -> tuple[int, str, str]:
        path = tmp_path / "audit.json"
        path.write_text(dumped(found), "utf-8")
        code = remediate_command.main([str(path), *words])
        return code, *capsys.readouterr()

    return run


def issues(local: Local, name: str = AUTH) -> list[tuple[int, str]]:
    return [(one["number"], one["state"]) for one in local.github.issues.of(name)]


def changes(local: Local) -> list[dict[str, Any]]:
    asked = [one for one in local.requests("github") if not one["path"].endswith("/graphql")]
    return [one for one in asked if one["method"] != "GET"]


def test_the_plan_shows_all_and_changes_nothing(local: Local, remediate: Run) -> None:
    """What would be done, and whom nothing is done to with the reason; no name that is private."""
    code, out, err = remediate(ecosystem())
    assert code == 0
    assert [line.split()[:2] for line in out.splitlines()[:4]] == [
        ["ACTION", "SERVICE"], ["leave", "chittycorp/mint"], ["create", "chittyos/auth"], ["leave", "chittyos/gone"],
    ]  # fmt: skip
    assert "4 services: 1 would create, 1 as it should be, 2 left alone." in out
    assert "1 repository was left out: private, or not known to be public." in err
    assert "secret" not in out + err
    assert changes(local) == []


def test_the_plan_comes_true(local: Local, remediate: Run) -> None:
    """The same table but for the number, and then there is nothing left to do."""
    _, planned, _ = remediate(ecosystem(), "--mode", "issues", "--dry-run")
    code, done, err = remediate(ecosystem(), "--mode", "issues")
    assert code == 0
    assert "create" in planned
    assert "ChittyOS/auth#1" in done
    assert "create chittyos/auth ChittyOS/auth#1: fails chittycanon.codeowners" in err
    assert issues(local) == [(1, "open")]
    before = len(changes(local))
    assert "4 services: 2 as it should be, 2 left alone." in remediate(ecosystem(), "--mode", "issues")[1]
    assert len(changes(local)) == before


KINDS = {
    ("POST", "labels"): "label compliance", ("POST", "issues"): "issue", ("POST", "comments"): "comment",
}  # fmt: skip


def steps(local: Local, before: int) -> list[str]:
    """What was changed since, in the words of a plan; what edits an issue, closes or reopens it is a PATCH."""
    found = []
    for one in changes(local)[before:]:
        last = one["path"].rpartition("/")[2]
        found.append(KINDS.get((one["method"], last), one["method"]))
    return found


def planned(out: str) -> list[str]:
    """The column of changes of a plan."""
    head, *lines = (line for line in out.splitlines() if "  " in line)
    begin, end = head.index("CHANGES"), head.index("WHY")
    return [word for line in lines for word in line[begin:end].strip().split(", ") if word]


def test_a_plan_names_every_change(local: Local, remediate: Run) -> None:
    """In their order and each once: labels that lack, issues, comments, texts, closings, reopenings, duplicates."""
    local.github.labels.make(ID, "compliance", "ffffff")
    stories = [
        [service(check(OWNERS), name="auth"), service(check(OWNERS, Outcome.PASS), name="id")],
        [service(check(OWNERS, Outcome.FAIL, "Differently."), name="auth"), service(check(OWNERS), name="id")],
        [service(check(OWNERS), check(TRUST), name="auth"), service(check(OWNERS, Outcome.PASS), name="id")],
        [service(check(OWNERS), check(TRUST, required=False), name="auth"), service(check(TRUST), name="id")],
        [service(check(OWNERS, Outcome.PASS), name="auth"), service(check(TRUST, Outcome.UNKNOWN), name="id")],
    ]
    for story in stories:
        found = audit(*story)
        _, out, _ = remediate(found, "--mode", "plan")
        before = len(changes(local))
        remediate(found, "--mode", "issues")
        told = ["PATCH" if one.startswith(("text", "close", "reopen")) else one for one in planned(out)]
        assert told == steps(local, before)
        assert told
        assert f"It takes {len(told)} change" in out


def test_services_of_one_repository_and_the_dashboard_share_its_labels(
    local: Local, remediate: Run, tmp_path: Path
) -> None:
    """A label is planned once for a repository, in whatever case; of however many changes none is cut off."""
    path = tmp_path / "report.md"
    path.write_text("# Numbers\n", "utf-8")
    labels = [f"a label that is number {number}, and long".replace(",", "") for number in range(6)]
    words = ("--labels", ",".join([*labels, labels[0].upper()]), "--dashboard", str(path), "--dashboard-issue", AUTH)
    found = audit(
        service(check(OWNERS), name="auth", organization="ChittyOS"),
        service(check(OWNERS), name="id"),
        service(check(OWNERS), name="web", repository="ChittyOS/Auth"),
    )
    _, out, _ = remediate(found, *words)
    told = planned(out)
    made = [f"label {one}" for one in labels]
    assert told == [*made, "issue", *made, "issue", "issue", "issue", "pin"]
    assert f"It takes {len(told)} changes" in out
    assert max(map(len, out.splitlines())) < 250
    remediate(found, "--mode", "issues", *words)
    done = [one["path"].rpartition("/")[2] for one in changes(local)]
    assert [*done, "pin"] == [
        one.partition(" ")[0].replace("label", "labels").replace("issue", "issues") for one in told
    ]


def test_a_plan_names_duplicates_and_what_was_told_already(local: Local, remediate: Run) -> None:
    """A further issue of ours is closed; a comment that a killed run has left is not made again."""
    remediate(ecosystem(), "--mode", "issues")
    mine = local.github.issues.of(AUTH)[0]
    local.github.issues.open(AUTH, mine["title"], mine["body"], author=mine["user"])
    worse = audit(service(check(OWNERS), check(TRUST), name="auth", organization="ChittyOS"))
    local.fault("github", "PATCH", f"/repos/{AUTH}/issues/1", Fault("status", status=422, body={"message": "No"}))
    assert planned(remediate(worse)[1]) == ["close #2", "comment", "text"]
    assert remediate(worse, "--mode", "issues")[0] == 1
    local.clear_faults()
    assert planned(remediate(worse)[1]) == ["text"]
    before = len(changes(local))
    remediate(worse, "--mode", "issues")
    assert steps(local, before) == ["PATCH"]


def test_duplicates_beside_what_stays_are_counted(local: Local, remediate: Run, tmp_path: Path) -> None:
    """A service's and the dashboard's text stay, and something changes all the same: plan and run say so alike."""
    path = tmp_path / "report.md"
    path.write_text("# Numbers\n", "utf-8")
    words = ("--dashboard", str(path), "--dashboard-issue", AUTH)
    found = audit(service(check(OWNERS), name="auth", organization="ChittyOS"))
    remediate(found, "--mode", "issues", *words)
    for mine in list(local.github.issues.of(AUTH)):
        local.github.issues.open(AUTH, mine["title"], mine["body"], author=mine["user"])
    out = remediate(found, *words)[1]
    assert planned(out) == ["close #3", "close #4", "pin"]
    assert "2 services: 2 would be tidied. It takes 3 changes at GitHub." in out
    done = remediate(found, "--mode", "issues", *words)[1]
    assert "2 services: 2 tidied." in done
    for told in (out, done):
        assert [line.split()[0] for line in told.splitlines()[1:3]] == ["tidy", "tidy"]
        assert ("closes the duplicate #3" in told, "closes the duplicate #4" in told) == (True, True)
    assert "2 as it should be." in remediate(found, "--mode", "issues", *words)[1]


def test_services_of_one_repository_share_its_list(local: Local, remediate: Run) -> None:
    """It is read once, and anew only when something was made; each has its own issue all the same."""

    def one(outcome: Outcome, *names: str) -> Audit:
        return audit(*(service(check(OWNERS, outcome), name=name, repository=AUTH) for name in names))

    def reads() -> int:
        asked = [entry for entry in local.requests("github") if entry["method"] == "GET"]
        return sum(entry["path"].partition("?")[0].endswith("/issues") for entry in asked)

    names = ("auth", "chat", "mail", "web")
    local.forget_requests()
    remediate(one(Outcome.FAIL, *names), "--mode", "issues")
    assert (issues(local), reads()) == ([(number, "open") for number in (1, 2, 3, 4)], 5)
    for outcome, state in ((Outcome.FAIL, "open"), (Outcome.PASS, "closed"), (Outcome.FAIL, "open")):
        local.forget_requests()
        remediate(one(outcome, *names), "--mode", "issues")
        assert (issues(local), reads()) == ([(number, state) for number in (1, 2, 3, 4)], 1)


def test_what_is_fixed_is_closed(local: Local, remediate: Run) -> None:
    """By the next audit."""
    remediate(ecosystem(), "--mode", "issues")
    code, out, _ = remediate(ecosystem(auth=Outcome.PASS), "--mode", "issues")
    assert (code, issues(local)) == (0, [(1, "closed")])
    assert "1 closed" in out


def test_private_ones_when_asked_for(local: Local, remediate: Run) -> None:
    """In their own repository."""
    remediate(ecosystem(), "--mode", "issues", "--include-private")
    assert (issues(local), issues(local, SECRET)) == ([(1, "open")], [(1, "open")])


def test_labels_and_choice(local: Local, remediate: Run) -> None:
    """Of one service, with labels of its own."""
    code, out, _ = remediate(ecosystem(), "--mode", "issues", "--service", "AUTH", "--labels", "a, b,a")
    assert (code, "1 service: 1 created." in out) == (0, True)
    assert local.github.issues.of(AUTH)[0]["labels"] == ["a", "b"]


def test_every_failure_is_told_and_the_others_go_on(local: Local, remediate: Run) -> None:
    """One that can't be written is exit code 1, with its reason; the rest is done."""
    local.github.profile(AUTH).has_issues = False
    code, out, err = remediate(ecosystem(), "--mode", "issues", "--include-private")
    assert code == 1
    assert "Issues are switched off there." in err
    assert "1 created" in out
    assert "1 failed" in out
    assert issues(local, SECRET) == [(1, "open")]


def test_switched_off_issues_are_told_by_the_plan(local: Local, remediate: Run) -> None:
    """With the exit code of the run itself; neither it nor the run makes a label there."""
    local.github.profile(AUTH).has_issues = False
    for words in ((), ("--mode", "issues")):
        code, out, err = remediate(ecosystem(), *words)
        assert (code, planned(out) if "CHANGES" in out else []) == (1, [])
        assert "Issues are switched off there." in err
    assert changes(local) == []
    assert remediate(ecosystem(auth=Outcome.PASS), "--mode", "issues")[0] == 0


def test_all_creates_failing_is_no_success(local: Local, remediate: Run) -> None:
    """A token that may not write."""
    local.github.read_only = True
    code, _, err = remediate(ecosystem(), "--mode", "issues")
    assert (code, issues(local)) == (1, [])
    assert "The token may not write issues there" in err


def test_an_incomplete_audit_ends_with_3(local: Local, remediate: Run) -> None:
    """After what is known was done."""
    code, _, err = remediate(ecosystem(complete=False), "--mode", "issues")
    assert (code, issues(local)) == (3, [(1, "open")])
    assert "The audit is incomplete" in err


def test_a_limit_ends_the_run_with_3_and_another_goes_on(local: Local, remediate: Run) -> None:
    """What was not reached is named; the next run does the rest, and no more."""
    first = ecosystem()
    answer = Fault("status", status=403, headers={"Retry-After": "3000"}, body={"message": "secondary rate limit"})
    local.fault("github", "POST", f"/repos/{SECRET}/issues", answer)
    code, out, err = remediate(first, "--mode", "issues", "--include-private", "--max-wait", "1")
    assert code == 3
    assert "not reached" in out
    assert "GitHub takes no more for another 50 min" in err
    local.clear_faults()
    code, out, _ = remediate(first, "--mode", "issues", "--include-private")
    assert (code, issues(local), issues(local, SECRET)) == (0, [(1, "open")], [(1, "open")])
    assert "1 created" in out


def test_the_hour_of_reading_ends_the_run_too(local: Local, remediate: Run) -> None:
    """The plan says how far it came."""
    local.github.rest_budget.use_up()
    code, out, err = remediate(ecosystem(), "--max-wait", "0")
    assert code == 3
    assert "1 repository was left out" in err
    assert "not reached" in out


def test_the_hour_of_graphql_ends_the_run_with_3(local: Local, remediate: Run) -> None:
    """It says so with 200 and an error."""
    spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 7200)}
    body = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit already exceeded for user ID 1."}]}
    local.fault("github", "POST", "*/graphql", Fault("status", status=200, body=body, headers=spent))
    code, _, err = remediate(ecosystem(), "--mode", "issues")
    assert (code, changes(local), "requests of this hour are used up" in err) == (3, [], True)


@pytest.mark.parametrize(
    "words, said",
    [
        (["--service", "aut"], "Did you mean auth"),
        (["--org", "chittyo"], "Did you mean chittyos"),
        (["--labels", "x" * 51], "is no label"),
        (["--max-wait", "nan"], "--max-wait is nan"),
        (["--max-wait", "-1"], "--max-wait is -1"),
    ],
)
def test_usage(remediate: Run, words: list[str], said: str) -> None:
    """2, before anything is asked."""
    code, out, err = remediate(ecosystem(), *words)
    assert (code, out) == (2, "")
    assert said in err


def test_no_audit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """2, with what would be one."""
    path = tmp_path / "x.json"
    assert remediate_command.main([str(path)]) == 2
    path.write_text(json.dumps({"services": []}), "utf-8")
    assert remediate_command.main([str(path)]) == 2
    assert capsys.readouterr().err.count("is no audit.") == 2


def test_no_token(remediate: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says where one is looked for."""
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_APP_ID"):
        monkeypatch.delenv(name, raising=False)
    code, _, err = remediate(ecosystem())
    assert (code, "Set GITHUB_TOKEN" in err) == (1, True)


def test_an_app_has_a_token_for_each_organisation(
    local: Local, remediate: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It finds its own issues again; where it is not installed that is told; its tokens are revoked."""
    key = local.github.app("123456", ["ChittyOS/*"], {"issues": "write"}, slug="chitty")
    monkeypatch.setenv("GITHUB_APP_ID", "123456")
    monkeypatch.setenv("GITHUB_APP_PRIVATE_KEY", key)
    local.github.repository("elsewhere/one", {"README.md": "x"})
    found = audit(*ecosystem().services, service(check(OWNERS), name="one", organization="elsewhere"))
    for _ in range(2):
        code, out, err = remediate(found, "--mode", "issues", "--include-private")
        assert (code, "1 failed" in out) == (1, True)
        assert "elsewhere" in err
    assert (issues(local), issues(local, SECRET)) == ([(1, "open")], [(1, "open")])
    assert local.github.issues.of(AUTH)[0]["user"]["login"] == "chitty[bot]"
    assert all(token.revoked_at for token in local.github.issued_tokens())


@pytest.mark.parametrize("mode", ["issues", "plan"])
def test_an_apps_token_that_dies_while_a_limit_is_waited_for(
    local: Local, remediate: Run, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """There is another one, and the run goes on where it waited."""
    key = local.github.app("123456", ["ChittyOS/*"], {"issues": "write"}, slug="chitty")
    monkeypatch.setenv("GITHUB_APP_ID", "123456")
    monkeypatch.setenv("GITHUB_APP_PRIVATE_KEY", key)

    def late(_pace: pace.Pace, seconds: float, _why: str) -> None:
        if seconds > 60:
            for token in local.github.issued_tokens():
                token.expires = 0.0

    monkeypatch.setattr(pace.Pace, "_wait", late)
    headers = {"Retry-After": "3600"}
    for where in (f"/repos/{AUTH}/labels*", f"/repos/{AUTH}/issues*"):
        answer = Fault("status", status=403, headers=headers, body={"message": "secondary rate limit"}, times=1)
        local.fault("github", "*", where, answer)
    code, out, err = remediate(ecosystem(), "--mode", mode)
    assert (code, "failed" in out, "Renew" in err) == (0, False, False)
    assert 401 in {one["status"] for one in local.requests("github")}
    assert len(local.github.issued_tokens()) > 1
    assert not any(token.live for token in local.github.issued_tokens())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
def test_stopped(local: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals) -> None:
    """130, how to go on, and the app's token is revoked."""
    key = local.github.app("123456", ["ChittyOS/*", "chittycorp/*"], {"issues": "write"}, slug="chitty")
    monkeypatch.setenv("GITHUB_APP_ID", "123456")
    monkeypatch.setenv("GITHUB_APP_PRIVATE_KEY", key)
    local.fault("github", "GET", "*/issues*", Fault("hold"))
    path = tmp_path / "audit.json"
    path.write_text(dumped(ecosystem()), "utf-8")
    command = [sys.executable, "-m", "chittyactions.cli", "remediate", str(path), "--mode", "issues"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        try:
            end = time.monotonic() + 20
            while not local.held("github"):
                assert time.monotonic() < end, "nothing was asked"
                time.sleep(0.02)
            child.send_signal(number)
            out, err = child.communicate(timeout=20)
        finally:
            child.kill()
    assert (child.returncode, out) == (130, "")
    assert "Run it again: it goes on where it stopped." in err
    assert "Traceback" not in err
    assert [one.live for one in local.github.issued_tokens()] == [False]


def test_the_dashboard(local: Local, remediate: Run, tmp_path: Path) -> None:
    """Kept beside the services' issues; where it can't be pinned that is said, and fails nothing."""
    path = tmp_path / "report.md"
    path.write_text("# Numbers\n", "utf-8")
    words = ("--mode", "issues", "--dashboard", str(path), "--dashboard-issue", ID)
    code, out, err = remediate(ecosystem(), *words)
    assert (code, issues(local, ID)) == (0, [(1, "open")])
    assert "chittyos/id#1" in out
    assert "pin it by hand" in err
    path.write_text(f"# Numbers of {SECRET}\n", "utf-8")
    code, out, err = remediate(ecosystem(), *words)
    assert (code, "1 failed" in out, "would name 1 repository that is private" in err) == (1, True, True)


LATER = {"Retry-After": "7200"}
SINCE_2025 = {"errors": [{"type": "RATE_LIMIT", "code": "graphql_rate_limit", "message": "Exceeded"}]}


@pytest.mark.parametrize("skip", [1, 2], ids=["asked", "pinned"])
@pytest.mark.parametrize(
    "answered", [(403, {"message": "secondary rate limit"}), (200, SINCE_2025)], ids=["refusal", "answer"]
)
def test_a_limit_while_the_dashboard_is_pinned(
    local: Local, remediate: Run, tmp_path: Path, skip: int, answered: tuple[int, dict[str, object]]
) -> None:
    """It ends the run with 3; nobody is told to pin by hand what the next run pins."""
    path = tmp_path / "report.md"
    path.write_text("# Numbers\n", "utf-8")
    words = ("--mode", "issues", "--dashboard", str(path), "--dashboard-issue", ID)
    answer = Fault("status", status=answered[0], headers=LATER, body=answered[1], skip=skip)
    local.fault("github", "POST", "*/graphql", answer)
    code, _, err = remediate(ecosystem(), *words)
    assert (code, issues(local, ID), "by hand" in err) == (3, [(1, "open")], False)


def test_a_plan_of_the_dashboard(local: Local, remediate: Run, tmp_path: Path) -> None:
    """What is made or edited, and the pin where it is not pinned."""
    path = tmp_path / "report.md"
    path.write_text("# Numbers\n", "utf-8")
    words = ("--dashboard", str(path), "--dashboard-issue", ID)
    only = audit(service(check(OWNERS, Outcome.PASS), name="id"))
    assert planned(remediate(only, *words)[1]) == ["label compliance", "issue", "pin"]
    remediate(only, "--mode", "issues", *words)
    assert planned(remediate(only, *words)[1]) == ["pin"]
    path.write_text("# Other numbers\n", "utf-8")
    code, out, _ = remediate(only, *words)
    assert (code, planned(out)) == (0, ["text", "pin"])


@pytest.mark.parametrize(
    "words", [["--dashboard", "x.md"], ["--dashboard-issue", "a/b"], ["--dashboard", "x", "--dashboard-issue", "ab"]]
)
def test_a_dashboard_needs_both(remediate: Run, words: list[str]) -> None:
    """Where, and what."""
    code, _, err = remediate(ecosystem(), *words)
    assert (code, "together" in err) == (2, True)


def test_a_dashboard_that_is_not_there(remediate: Run) -> None:
    """2, before anything is written."""
    code, _, err = remediate(ecosystem(), "--dashboard", "nowhere.md", "--dashboard-issue", ID)
    assert (code, "nowhere.md can't be read" in err) == (2, True)


def test_the_page_shows_what_is_printed(local: Local, remediate: Run) -> None:
    """The screen of docs/remediation.md is a run of it."""
    shown = (ROOT / "docs/remediation.md").read_text("utf-8").split("audit.json\n", 1)[1].split("```")[0]
    charter, trust, beacon = "chittycanon.charter", "chittytrust.provisions", "chittybeacon.installed"
    others = [f"s{number}" for number in range(57)]
    for name, number in (("api", 12), ("id", 3), ("registry", 8)):
        if name != "id":
            local.github.repository(f"chittyos/{name}", {"README.md": "Text"})
        for _ in range(number - 1):
            local.github.issues.open(f"chittyos/{name}", "Another", "", author={"login": "octocat", "type": "User"})
    for name in others:
        local.github.repository(f"chittyos/{name}", {"README.md": "Text"})
    before = audit(
        service(check(OWNERS), name="api"), service(check(charter), name="id"), service(check(OWNERS), name="registry")
    )
    remediate(before, "--mode", "issues")
    local.github.issues.change("chittyos/registry", 8, state="closed", state_reason="not_planned")
    now = audit(
        service(check("chittycanon.protection", Outcome.UNKNOWN), name="mint", organization="chittycorp"),
        service(check(OWNERS, Outcome.PASS), name="api"),
        service(check(OWNERS), check(trust), name="auth"),
        service(check(beacon), check(charter, Outcome.PASS), name="id"),
        service(check(OWNERS), name="registry"),
        *(service(check(OWNERS, Outcome.PASS), name=name) for name in others),
    )
    code, out, _ = remediate(now)
    assert (code, out) == (0, shown)
