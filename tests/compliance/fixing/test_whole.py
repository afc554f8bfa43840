"""`--fix` as a whole: a repository, the real checks, the plan, the writing, and the checks again."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from chittyactions.compliance.assemble import load
from chittyactions.compliance.checkout import default_branch, open_checkout
from chittyactions.compliance.claims import Claim, asked
from chittyactions.compliance.fixing.plan import Plan, plan_fixes
from chittyactions.compliance.fixing.values import known_values
from chittyactions.compliance.fixing.write import write
from chittyactions.compliance.identity import identify
from chittyactions.compliance.model import Outcome, Verdict
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.settings import FILE, read_settings

TODAY = date(2026, 11, 21)
OWNERS = ("@CHITTYOS/core",)

WORKER = {
    "wrangler.jsonc": '{\n  // the Worker\n  "name": "hello",\n  "main": "src/index.ts",\n}\n',
    "package.json": '{"name": "hello", "private": true}\n',
    "src/index.ts": "export default {};\n",
}


def git(root: Path, *words: str) -> None:
    """Run git, away from this machine's own settings."""
    settings = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *settings, *words], cwd=root, check=True, capture_output=True, timeout=30)


def project(root: Path, files: Mapping[str, str], remote: str = "https://github.com/CHITTYOS/hello.git") -> Path:
    """A git repository of these files, with a remote and a default branch that is not called main."""
    root.mkdir(exist_ok=True)
    git(root, "init", "--quiet", "--initial-branch", "trunk")
    git(root, "remote", "add", "origin", remote)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return root


def judged(root: Path, given: Claim | None = None) -> tuple[Verdict, Repository, dict[str, str]]:
    """The verdict on what lies in a folder, by the toolkit's own checks, and what is known for templates."""
    checkout, folder = open_checkout(root)
    repository = Repository(checkout, folder)
    settings = read_settings(repository.text(repository.find(FILE)) if repository.find(FILE) else None)
    assembled = load(settings)
    service = identify(repository, assembled.registry, settings, given)
    verdict = assembled.engine.judge(repository, service, today=TODAY)
    return verdict, repository, known_values(verdict, repository, assembled.registry, owners=OWNERS, today=TODAY)


def fixed(root: Path, given: Claim | None = None) -> Plan:
    """Plan and write; the plan."""
    verdict, repository, values = judged(root, given)
    plan = plan_fixes(verdict, repository, values)
    written, left = write(repository.checkout.root, plan.changes)
    assert (written, left) == (plan.changes, ())
    return plan


def failing(verdict: Verdict) -> list[str]:
    """What fails of all checks; what --fix does not write, security, is reported apart."""
    bad = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN)
    return [one.id for one in verdict.checks if one.outcome in bad and not one.apart]


PROFILES = {
    "cloudflare-worker": WORKER,
    "npm-package": {"package.json": '{"name": "@chittyos/hello", "version": "1.0.0"}\n'},
    "tool": {"pyproject.toml": '[project]\nname = "hello"\n'},
    "client-sdk": {"Cargo.toml": '[package]\nname = "hello"\n'},
    "documentation": {"README.md": "# Hello\n"},
    "org-config": {"profile/README.md": "# Hello\n"},
}


def test_every_profile_is_tried_here() -> None:
    """A type that the registry gains has to be fixable as well."""
    assert set(PROFILES) == set(load().registry.compliance_profiles)


@pytest.mark.parametrize("kind", PROFILES)
def test_what_onboarding_installs_passes_every_dimension(kind: str, tmp_path: Path) -> None:
    """Known failure 11: after --fix on an empty repository of any type nothing fails, and a second run does nothing.

    What only services can say is not evaluated offline, and nothing else.
    """
    root = project(tmp_path / "hello", PROFILES[kind])
    given = asked(kind=kind, tier=3, domain="hello.chitty.cc" if kind == "cloudflare-worker" else "")
    before, *_ = judged(root, given)
    assert before.outcome is Outcome.FAIL
    plan = fixed(root, given)
    assert plan.left == ()
    after, repository, values = judged(root)  # with nothing said: what was written says it now
    assert (after.service.type, after.service.tier) == (kind, 3)
    assert failing(after) == []
    assert after.score == 100
    assert after.service.disagreements == ()
    static = [one for one in after.checks if one.required and one.outcome is not Outcome.PASS]
    assert {one.id for one in static} <= {
        "chittycanon.protection",
        "chittyregister.registered",
        "chittyrouter.routed",
        "health_endpoint.health",
    }
    assert plan_fixes(after, repository, values) == Plan()


def test_a_worker_without_a_domain_passes_as_well(tmp_path: Path) -> None:
    """The simplest case: nothing but a Worker's files, nothing said on the command line."""
    root = project(tmp_path / "hello", WORKER)
    assert failing(judged(root)[0]) != []
    fixed(root)
    assert failing(judged(root)[0]) == []


def test_a_service_in_a_folder_of_a_monorepo_gets_its_files_there(tmp_path: Path) -> None:
    """Its own files beside it, what GitHub reads at the root, and links and inputs that lead the right way."""
    files = {f"services/hello/{path}": text for path, text in WORKER.items()}
    root = project(tmp_path / "mono", {**files, "README.md": "# Mono\n"}, "git@github.com:CHITTYOS/mono.git")
    fixed(root / "services/hello")
    assert failing(judged(root / "services/hello")[0]) == []
    written = {path for path in open_checkout(root)[0].paths if path not in {*files, "README.md"}}
    assert written == {
        ".github/CODEOWNERS",
        ".github/workflows/chittyconnect-sync.yml",
        ".github/workflows/compliance.yml",
        ".github/workflows/deploy.yml",
        "services/hello/.chittyconnect.yml",
        "services/hello/.chittyops.yml",
        "services/hello/CHARTER.md",
        "services/hello/CLAUDE.md",
    }
    for name in ("deploy", "compliance"):
        assert "working_directory: services/hello\n" in (root / f".github/workflows/{name}.yml").read_text("utf-8")
    assert "(../../.github/CODEOWNERS)" in (root / "services/hello/CHARTER.md").read_text("utf-8")
    assert fixed(root / "services/hello") == Plan()


def test_each_service_of_a_monorepo_gets_a_deploy_and_a_self_check(tmp_path: Path) -> None:
    """What the first one has does nothing for the second, whose workflows are called after its folder."""
    names = ("apps/auth", "apps/billing", "old/auth")
    files = {
        f"{name}/{path}": text.replace("hello", name.replace("/", "-"))
        for name in names
        for path, text in WORKER.items()
    }
    root = project(tmp_path / "mono", files)
    for name in names:
        fixed(root / name)
        assert failing(judged(root / name)[0]) == []
    for name, suffix in zip(names, ("", "-billing", "-auth"), strict=True):
        for kind in ("deploy", "compliance"):
            text = (root / f".github/workflows/{kind}{suffix}.yml").read_text("utf-8")
            assert f"working_directory: {name}\n" in text
        assert f"\n  compliance{suffix}:\n" in text, "a required check goes by its job's name"
        assert f"`compliance{suffix} / compliance`" in text
    assert [fixed(root / name) for name in names] == [Plan()] * 3


def test_what_git_ignores_is_not_written(tmp_path: Path) -> None:
    """The check would not see it, and nobody else would get it; the rest is written."""
    root = project(tmp_path / "hello", {**WORKER, ".gitignore": "CLAUDE.md\n/.github/\n"})
    verdict, repository, values = judged(root)
    plan = plan_fixes(verdict, repository, values)
    assert {one.path for one in plan.changes} == {".chittyconnect.yml", ".chittyops.yml", "CHARTER.md"}
    assert {one.path.partition("/")[0] for one in plan.left} == {"CLAUDE.md", ".github"}
    assert all(one.reason.startswith("git ignores it, so that neither the check") for one in plan.left)


def test_a_connect_file_that_lacks_fields_gets_them_and_keeps_the_rest(tmp_path: Path) -> None:
    """By its BOM, its CRLF, its comments and its order; a value that is there stays, right or wrong."""
    text = "# ours\r\nservice:\r\n  name: 'hello' # since 2019\r\nonboarding:\r\n  provisions: [chitty_id]\r\n"
    root = project(tmp_path / "hello", WORKER)
    path = root / ".chittyconnect.yml"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    fixed(root)
    assert path.read_bytes().decode("utf-8") == (
        "\ufeff# ours\r\nservice:\r\n  name: 'hello' # since 2019\r\nonboarding:\r\n"
        "  provisions: [chitty_id, service_token, certificate, trust_chain]\r\n"
        "  endpoint: https://get.chitty.cc/api/onboard\r\n"
        "auth:\r\n  provider: chittyauth\r\n"
    )
    assert failing(judged(root)[0]) == []


def test_what_is_known_of_a_registered_service_comes_from_the_registry(tmp_path: Path) -> None:
    """Tier, territory and description of a service that the registry has stand in its charter."""
    named = {path: text.replace("hello", "chittyconnect") for path, text in WORKER.items()}
    root = project(tmp_path / "x", named)
    git(root, "remote", "set-url", "origin", "https://github.com/CHITTYOS/chittyconnect")
    fixed(root)
    charter = (root / "CHARTER.md").read_text("utf-8")
    assert "\nnamespace: chittyos.operations.chittyconnect\n" in charter
    assert "\ntier: 2\nterritory: operations\n" in charter
    assert "Issues short-lived credentials" in charter
    assert failing(judged(root)[0]) == []


@pytest.mark.parametrize(
    "done, branch",
    [
        ([], "trunk"),
        ([("commit", "--allow-empty", "-m", "a"), ("checkout", "-b", "feature")], ""),
        ([("commit", "--allow-empty", "-m", "a"), ("checkout", "-b", "main"), ("checkout", "-b", "feature")], "main"),
        ([("commit", "--allow-empty", "-m", "a"), ("branch", "main"), ("branch", "master")], ""),
        (
            [
                ("commit", "--allow-empty", "-m", "a"),
                ("branch", "main"),
                ("update-ref", "refs/remotes/origin/Ünüsual/1.x", "HEAD"),
                ("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/Ünüsual/1.x"),
            ],
            "Ünüsual/1.x",
        ),
        ([("commit", "--allow-empty", "-m", "a"), ("update-ref", "refs/remotes/origin/trunk", "HEAD")], ""),
    ],
)
def test_the_default_branch_is_what_git_knows_and_never_a_guess(
    done: list[tuple[str, ...]], branch: str, tmp_path: Path
) -> None:
    """Known failure 2: no name is hard-coded; a branch that somebody happens to be on is not the default one."""
    root = project(tmp_path / "hello", {})
    for words in done:
        git(root, *words)
    assert default_branch(root) == branch


def test_without_a_default_branch_no_workflow_is_written(tmp_path: Path) -> None:
    """A deploy from the wrong branch is worse than none, and what is left says how to tell it."""
    root = project(tmp_path / "hello", WORKER)
    git(root, "commit", "--allow-empty", "-m", "a")
    git(root, "checkout", "-b", "feature")
    verdict, repository, values = judged(root)
    plan = plan_fixes(verdict, repository, values)
    assert [one.path for one in plan.changes if "workflows" in one.path] == []
    assert {one.path for one in plan.left} == {
        ".github/workflows/chittyconnect-sync.yml",
        ".github/workflows/compliance.yml",
        ".github/workflows/deploy.yml",
    }
    assert all("`git fetch origin` and `git remote set-head origin --auto`" in one.reason for one in plan.left)


@pytest.mark.parametrize("git_there, said", [(True, "`git remote add origin URL`"), (False, "`git init` makes it one")])
def test_what_is_said_of_a_missing_default_branch_can_be_done(tmp_path: Path, *, git_there: bool, said: str) -> None:
    """Without a remote there is nobody to ask, and without git there is no branch."""
    root = project(tmp_path / "hello", WORKER)
    git(root, "remote", "remove", "origin")
    git(root, "commit", "--allow-empty", "-m", "a")
    git(root, "checkout", "-b", "feature")
    if not git_there:
        shutil.rmtree(root / ".git")
    verdict, repository, values = judged(root)
    workflows = [one for one in plan_fixes(verdict, repository, values).left if "workflows" in one.path]
    assert len(workflows) == 3
    assert all(said in one.reason for one in workflows)
