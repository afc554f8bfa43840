"""`chittyops remediate --mode prs`: real branches by real git, pull requests in the embedded GitHub."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chittyactions.compliance.audit.document import dumped
from chittyactions.compliance.audit.handing import part
from chittyactions.compliance.audit.record import Audit, Standing
from chittyactions.compliance.model import Outcome
from chittyactions.compliance.remediation import pace
from chittyactions.compliance.remediation.pull_text import BRANCH
from chittyactions.entries import remediate_command
from chittylocal import Fault, Local
from compliance.remediation.audits import audit, check, service, unjudged

NAME = "chittyos/auth"

Run = Callable[..., tuple[int, str, str]]


def ecosystem(outcome: Outcome = Outcome.FAIL) -> Audit:
    return audit(service(check("chittycanon.codeowners", outcome), type="tool"), unjudged(Standing.EMPTY, "empty"))


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Iterator[Local]:
    """GitHub with one repository, which git reaches as files."""
    with Local() as running:
        running.github.repository(NAME, {"README.md": "Auth\n"})
        monkeypatch.setenv("GITHUB_API_URL", running.urls()["GITHUB_API_URL"])
        monkeypatch.setenv("GITHUB_SERVER_URL", f"file://{running.state.folder}/github")
        monkeypatch.setenv("GITHUB_TOKEN", running.github_token)
        for name in ("GH_TOKEN", "GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(pace, "BETWEEN", 0.0)
        yield running


@pytest.fixture
def remediate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command over an audit: its exit code, stdout, stderr."""

    def run(found: Audit, *words: str) -> tuple[int, str, str]:
        path = tmp_path / "audit.json"
        path.write_text(dumped(found), "utf-8")
        code = remediate_command.main([str(path), "--mode", "prs", *words])
        return code, *capsys.readouterr()

    return run


def pulls(local: Local) -> list[tuple[int, str]]:
    return [(one["number"], one["state"]) for one in local.github.pull_requests(NAME)]


def files(local: Local, branch: str = BRANCH) -> set[str]:
    shown = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", branch], cwd=local.github.git_folder(NAME), capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    return set(shown.stdout.split())


def body(local: Local) -> str:
    return str(local.github.pull_requests(NAME)[-1]["body"])


def merge(local: Local) -> None:
    """Put on the default branch what the branch brings."""
    found: dict[str, Any] = {one: local.github.read(NAME, one, BRANCH) for one in files(local)}
    local.github.push(NAME, found)


def test_a_pull_request_with_what_can_be_written(local: Local, remediate: Run) -> None:
    """One commit on the newest of the default branch, with what was there before; then there is nothing to do."""
    code, out, _ = remediate(ecosystem())
    assert (code, pulls(local)) == (0, [(1, "open")])
    assert "2 services: 1 created, 1 left alone." in out
    assert {"README.md", "CLAUDE.md", "CHARTER.md"} <= files(local)
    assert files(local, "main") == {"README.md"}
    assert next(one.parent for one in local.github.log(NAME, BRANCH)) == local.github.log(NAME)[0].sha
    assert "- `CHARTER.md` new" in body(local)
    before = local.github.log(NAME, BRANCH)[0].sha
    code, out, _ = remediate(ecosystem())
    assert (code, local.github.log(NAME, BRANCH)[0].sha) == (0, before)
    assert "1 as it should be" in out


def test_a_rehearsal_pushes_nothing(local: Local, remediate: Run) -> None:
    """It says what it would do."""
    code, out, _ = remediate(ecosystem(), "--dry-run")
    assert (code, pulls(local), "1 would create" in out) == (0, [], True)
    with pytest.raises(KeyError):
        local.github.read(NAME, "README.md", BRANCH)


def test_it_is_written_anew_in_place(local: Local, remediate: Run) -> None:
    """When somebody writes a part of it themselves: the same pull request, on what is there now."""
    remediate(ecosystem())
    local.github.push(NAME, {"CHARTER.md": "# Ours\n"})
    code, out, _ = remediate(ecosystem())
    assert (code, pulls(local), "1 edited" in out) == (0, [(1, "open")], True)
    assert local.github.read(NAME, "CHARTER.md", BRANCH) == "# Ours\n"
    assert "CHARTER.md" not in body(local).split("Left to a person")[0]


def test_a_push_elsewhere_writes_nothing_anew(local: Local, remediate: Run) -> None:
    """Reviews stay."""
    remediate(ecosystem())
    before = local.github.log(NAME, BRANCH)[0].sha
    local.github.push(NAME, {"src/index.js": "//\n"})
    remediate(ecosystem())
    assert local.github.log(NAME, BRANCH)[0].sha == before


def test_a_branch_that_a_person_changed_is_left_alone(local: Local, remediate: Run) -> None:
    """Whatever happens on the default branch; and said."""
    remediate(ecosystem())
    mine = local.github.push(NAME, {"CHARTER.md": "# Mine\n"}, branch=BRANCH)
    local.github.push(NAME, {"CLAUDE.md": "# There\n"})
    code, out, _ = remediate(ecosystem())
    assert (code, local.github.log(NAME, BRANCH)[0].sha) == (0, mine)
    assert "somebody else committed to the branch" in out
    remediate(ecosystem(Outcome.PASS))
    assert pulls(local) == [(1, "open")]


def test_it_is_closed_when_nothing_is_left(local: Local, remediate: Run) -> None:
    """Since all passes, or since all that could be written is there."""
    remediate(ecosystem())
    code, out, _ = remediate(ecosystem(Outcome.PASS))
    assert (code, pulls(local), "1 closed" in out) == (0, [(1, "closed")], True)
    remediate(ecosystem())
    assert pulls(local) == [(1, "closed"), (2, "open")]
    merge(local)
    remediate(ecosystem())
    assert pulls(local) == [(1, "closed"), (2, "closed")]


def test_what_a_person_closed_is_proposed_again_only_when_it_is_another(local: Local, remediate: Run) -> None:
    """The same files are not wanted."""
    remediate(ecosystem())
    local.github.change_pull(NAME, 1, {"state": "closed"})
    _, out, _ = remediate(ecosystem())
    assert pulls(local) == [(1, "closed")]
    assert "somebody closed #1 with the same files" in out
    local.github.push(NAME, {"CHARTER.md": "# Ours\n"})
    remediate(ecosystem())
    assert pulls(local) == [(1, "closed"), (2, "open")]


def test_a_note_above_the_text_proposes_nothing_again(local: Local, remediate: Run) -> None:
    """It stays as long as nothing else is to be said, and who refuses it below a note has refused it."""
    remediate(ecosystem())
    note = f"Not now, see our roadmap.\n\n{body(local)}"
    local.github.change_pull(NAME, 1, {"body": note})
    assert "1 as it should be" in remediate(ecosystem())[1]
    assert body(local) == note
    local.github.change_pull(NAME, 1, {"state": "closed"})
    assert "somebody closed #1 with the same files" in remediate(ecosystem())[1]
    assert pulls(local) == [(1, "closed")]


CONNECT = "service:\n  name: auth\n  type: tool\n"


def shared(auth: Outcome = Outcome.FAIL, **scope: Any) -> Audit:
    """Two services of one repository, which the registry tells apart by their names alone."""
    return audit(
        service(check("chittycanon.codeowners", auth), type="tool"),
        service(check("chittycanon.codeowners"), name="web", type="tool", repository=NAME),
        **scope,
    )


def test_of_several_services_the_one_that_the_root_names(local: Local, remediate: Run) -> None:
    """What is written there is its own; the others are told why not, and neither open nor close anything."""
    local.github.push(NAME, {".chittyconnect.yml": CONNECT})
    code, out, _ = remediate(shared())
    assert (code, pulls(local)) == (0, [(1, "open")])
    assert "the root is that of auth, and which folder is its own is not known" in out
    assert "web" not in local.github.read(NAME, ".chittyconnect.yml", BRANCH)
    assert "auth" in local.github.read(NAME, "CHARTER.md", BRANCH)
    code, out, _ = remediate(
        audit(shared().services[0], service(check("x.y", Outcome.PASS), name="web", repository=NAME))
    )
    assert (code, pulls(local)) == (0, [(1, "open")])
    code, out, _ = remediate(shared(Outcome.PASS))
    assert (code, pulls(local)) == (0, [(1, "closed")])


def test_of_several_services_nobody_where_nothing_says_whose_the_root_is(local: Local, remediate: Run) -> None:
    """A guess would give the repository to one of them."""
    code, out, _ = remediate(shared())
    assert (code, pulls(local)) == (0, [])
    assert "shares the root with web, and nothing there says whose it is" in out
    assert "2 services: 2 left alone." in out


def test_an_audit_of_one_service_may_not_know_its_neighbours(local: Local, remediate: Run) -> None:
    """Where the root is another's it is left alone, although the audit has no other service of that repository."""
    local.github.push(NAME, {".chittyconnect.yml": CONNECT.replace("auth", "web")})
    code, out, _ = remediate(audit(*ecosystem().services, services=("chittyos/auth",)))
    assert (code, pulls(local)) == (0, [])
    assert "the root is that of web" in out


def registry(tmp_path: Path, **services: str) -> str:
    """A registry of services by their repositories."""
    lines = ["schema_version: 1", "compliance_profiles: {tool: {chittycanon: required}}", "organizations:"]
    lines += ["  chittyos:", "    services:", *(f"      {name}: {{{entry}}}" for name, entry in services.items())]
    path = tmp_path / "registry.yml"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return str(path)


AUTH, WEB = f"repo: {NAME}, type: tool", "repo: ChittyOS/Auth, type: tool"
PARTS: list[dict[str, Any]] = [{"services": ("chittyos/auth",)}, {"organizations": ("chittyos",)}]


@pytest.mark.parametrize("scope", PARTS, ids=["service", "org"])
def test_after_a_part_the_registry_says_who_shares_the_root(
    local: Local, remediate: Run, tmp_path: Path, scope: dict[str, Any]
) -> None:
    """A service that is alone there gets its pull request; one with a neighbour, or not in it, is left alone."""
    found = audit(*ecosystem().services, **scope)
    code, out, _ = remediate(found)
    assert (code, pulls(local)) == (0, [])
    assert "others may share the root: the audit is of a part" in out
    code, out, _ = remediate(found, "--registry", registry(tmp_path, auth=AUTH, web=f"{WEB}, active: false"))
    assert (code, pulls(local)) == (0, [])
    assert "shares the root with web" in out
    elsewhere = registry(tmp_path, auth="repo: chittyos/other, type: tool")
    assert "others may share" in remediate(found, "--registry", elsewhere)[1]
    code, _, _ = remediate(found, "--registry", registry(tmp_path, auth=AUTH, web="repo: a/b, type: tool"))
    assert (code, pulls(local)) == (0, [(1, "open")])


def test_after_a_part_the_root_says_whose_it_is(local: Local, remediate: Run) -> None:
    """Without any registry that has the service."""
    local.github.push(NAME, {".chittyconnect.yml": CONNECT})
    code, _, _ = remediate(audit(*ecosystem().services, **PARTS[0]))
    assert (code, pulls(local)) == (0, [(1, "open")])


def test_what_is_handed_on_without_somebody_leaves_nobody_alone(local: Local, remediate: Run, tmp_path: Path) -> None:
    """A neighbour of which nothing could be settled is not in a file for the public, nor what was asked for."""
    web = service(name="web", type="tool", repository=NAME, standing=Standing.UNKNOWN, outcome=None)
    found = Audit.model_validate_json(part(audit(shared().services[0], web, **PARTS[0]), public=True))
    assert ([one.name for one in found.services], found.scope.services) == (["auth"], ())
    code, out, _ = remediate(found)
    assert (code, pulls(local), "others may share the root" in out) == (0, [], True)
    code, out, _ = remediate(found, "--registry", registry(tmp_path, auth=AUTH, web=WEB))
    assert (code, pulls(local), "shares the root with web" in out) == (0, [], True)


def test_it_says_by_which_registry_it_goes_where_that_matters(local: Local, remediate: Run, tmp_path: Path) -> None:
    """Of a part, and where the own registry lacks services of the audit, which was so made with another one."""
    own = "Who shares a repository is asked of ChittyOps' own registry"
    known = service(name=".github", organization="ChittyCorp", outcome=Outcome.UNKNOWN)
    said = f"{own}, for the audit is of a part. --registry FILE names another one."
    assert said in remediate(audit(known, **PARTS[0]))[2]
    said = f"{own}, which lacks 1 of the 2 services of the audit. --registry FILE names another one."
    assert said in remediate(audit(known, *ecosystem().services[:1]))[2]
    assert own not in remediate(audit(known))[2]
    given = registry(tmp_path, auth="repo: chittyos/other, type: tool")
    assert own not in remediate(ecosystem(), "--registry", given)[2]
    assert own not in remediate(ecosystem(), "--mode", "plan")[2]


def test_a_registry_that_is_none(local: Local, remediate: Run) -> None:
    """2, before anything is asked."""
    code, out, err = remediate(ecosystem(), "--registry", "nowhere.yml")
    assert (code, out, "nowhere.yml could not be read" in err) == (2, "", True)
    assert local.requests("github") == []


@pytest.mark.parametrize("fault", [Fault("reset", after_effect=True, times=1), Fault("reset", times=1)])
def test_a_lost_answer_opens_no_second_one(local: Local, remediate: Run, fault: Fault) -> None:
    """It is looked up; where it was not opened, the next run does it, without another commit."""
    local.fault("github", "POST", "*/pulls", fault)
    code, _, _ = remediate(ecosystem())
    assert code == (0 if fault.after_effect else 1)
    before = local.github.log(NAME, BRANCH)[0].sha
    code, _, _ = remediate(ecosystem())
    assert (code, pulls(local), local.github.log(NAME, BRANCH)[0].sha) == (0, [(1, "open")], before)


def test_a_failure_is_told(local: Local, remediate: Run) -> None:
    """A repository that git may not push to."""
    (local.github.git_folder(NAME) / "hooks").mkdir(exist_ok=True)
    hook = local.github.git_folder(NAME) / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    hook.chmod(0o755)
    code, out, err = remediate(ecosystem())
    assert (code, pulls(local), "1 failed" in out) == (1, [], True)
    assert "does not take the branch" in err


def owned(local: Local, remediate: Run) -> str:
    """A pull request that has nothing in it but CODEOWNERS; the commit of its branch."""
    local.github.rules.set_teams(NAME, {"core": "admin"})
    remediate(ecosystem())
    found: dict[str, Any] = {one: local.github.read(NAME, one, BRANCH) for one in files(local) if "CODEOW" not in one}
    local.github.push(NAME, found)
    remediate(ecosystem())
    assert pulls(local) == [(1, "open")]
    return local.github.log(NAME, BRANCH)[0].sha


UNTOLD = [Fault("status", status=403), Fault("status", status=404), Fault("status", status=502)]


@pytest.mark.parametrize("fault", UNTOLD, ids=["403", "404", "502"])
def test_an_owner_who_is_not_known_now_changes_nothing(local: Local, remediate: Run, fault: Fault) -> None:
    """Neither is the pull request closed nor the branch written anew without CODEOWNERS; the row says why."""
    before = owned(local, remediate)
    local.fault("github", "GET", "*/teams", fault)
    for words in (("--dry-run",), ()):
        code, out, _ = remediate(ecosystem(), *words)
        assert (code, "who owns it is not known now" in out, "1 left alone" in out) == (0, True, False)
        assert (pulls(local), local.github.log(NAME, BRANCH)[0].sha) == ([(1, "open")], before)


@pytest.mark.parametrize("fault", UNTOLD, ids=["403", "404", "502"])
def test_a_branch_with_owners_is_not_written_anew_without_them(local: Local, remediate: Run, fault: Fault) -> None:
    """Although what else would be written changed; as soon as they are known it is."""
    local.github.rules.set_teams(NAME, {"core": "admin"})
    remediate(ecosystem())
    before = local.github.log(NAME, BRANCH)[0].sha
    local.github.push(NAME, {"CHARTER.md": "# Ours\n"})
    local.fault("github", "GET", "*/teams", fault)
    code, out, _ = remediate(ecosystem())
    assert (code, "who owns it is not known now" in out) == (0, True)
    assert (pulls(local), local.github.log(NAME, BRANCH)[0].sha) == ([(1, "open")], before)
    local.clear_faults()
    remediate(ecosystem())
    assert (".github/CODEOWNERS" in files(local), local.github.log(NAME, BRANCH)[0].sha == before) == (True, False)


def test_a_limit_while_owners_are_asked_ends_the_run(local: Local, remediate: Run) -> None:
    """3, and the pull request stays as it is."""
    before = owned(local, remediate)
    answer = Fault("status", status=403, headers={"Retry-After": "7200"}, body={"message": "secondary rate limit"})
    local.fault("github", "GET", "*/teams", answer)
    code, out, err = remediate(ecosystem())
    assert (code, "2 not reached" in out, "GitHub takes no more for another 120 min" in err) == (3, True, True)
    assert (pulls(local), local.github.log(NAME, BRANCH)[0].sha) == ([(1, "open")], before)


def test_a_failure_while_owners_are_asked_opens_nothing(local: Local, remediate: Run) -> None:
    """It may pass; the next run opens the whole of it."""
    local.github.rules.set_teams(NAME, {"core": "admin"})
    local.fault("github", "GET", "*/teams", Fault("status", status=502))
    code, out, _ = remediate(ecosystem())
    assert (code, pulls(local), "who owns it is not known now" in out) == (0, [], True)
    local.clear_faults()
    remediate(ecosystem())
    assert ".github/CODEOWNERS" in files(local)


def test_a_token_that_may_not_see_teams_proposes_the_rest(local: Local, remediate: Run) -> None:
    """It never will; what it wrote is kept, never closed for that, and whoever may adds the owners in place."""
    local.github.rules.set_teams(NAME, {"core": "admin"})
    local.fault("github", "GET", "*/teams", Fault("status", status=403))
    for _ in range(2):
        code, _, _ = remediate(ecosystem())
        assert (code, pulls(local), ".github/CODEOWNERS" in files(local)) == (0, [(1, "open")], False)
    merge(local)
    code, out, _ = remediate(ecosystem())
    assert (code, pulls(local), "who owns it is not known now" in out) == (0, [(1, "open")], True)
    local.clear_faults()
    remediate(ecosystem())
    assert (pulls(local), ".github/CODEOWNERS" in files(local)) == ([(1, "open")], True)


def by_hand(local: Local, *words: str) -> str:
    """What git says in the repository, to somebody who is not us."""
    who = ["git", "-c", "user.name=ann", "-c", "user.email=ann@example.org", *words]
    folder = local.github.git_folder(NAME)
    return subprocess.run(who, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def merged_and_reverted(local: Local) -> None:
    """A merge commit of the branch on main, and one after it that takes all of it back."""
    main, tip = by_hand(local, "rev-parse", "main"), by_hand(local, "rev-parse", BRANCH)
    merged = by_hand(local, "commit-tree", f"{tip}^{{tree}}", "-p", main, "-p", tip, "-m", "Merge")
    reverted = by_hand(local, "commit-tree", f"{main}^{{tree}}", "-p", merged, "-m", "Revert")
    by_hand(local, "update-ref", "refs/heads/main", reverted)


def test_what_was_merged_and_reverted_is_proposed_anew(local: Local, remediate: Run) -> None:
    """The branch, which was kept, has nothing that main lacks: it is written anew, as the plan says."""
    remediate(ecosystem())
    merged_and_reverted(local)
    code, out, _ = remediate(ecosystem(), "--dry-run")
    assert (code, "branch, pull request" in out) == (0, True)
    code, _, _ = remediate(ecosystem())
    assert (code, pulls(local)) == (0, [(1, "closed"), (2, "open")])
    assert next(one.parent for one in local.github.log(NAME, BRANCH)) == local.github.log(NAME)[0].sha


def test_a_branch_that_was_merged_without_a_pull_request(local: Local, remediate: Run) -> None:
    """Nothing says that it was merged but the history."""
    local.fault("github", "POST", "*/pulls", Fault("status", status=422, body={"message": "No"}, times=1))
    assert remediate(ecosystem())[0] == 1
    merged_and_reverted(local)
    code, out, _ = remediate(ecosystem(), "--dry-run")
    assert (code, "branch, pull request" in out) == (0, True)
    code, _, _ = remediate(ecosystem())
    assert (code, pulls(local)) == (0, [(1, "open")])


def test_no_commits_has_its_own_reason(local: Local, remediate: Run) -> None:
    """It is no lack of permission."""
    body = {"message": "Validation Failed", "errors": [{"message": f"No commits between main and {BRANCH}"}]}
    local.fault("github", "POST", "*/pulls", Fault("status", status=422, body=body))
    code, _, err = remediate(ecosystem())
    assert (code, "has nothing that main lacks" in err, "may write" in err) == (1, True, False)
