"""`chittyops check` as a person and as pre-commit run it: exit codes, formats, what it asks, where it writes."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from chittyactions import VERSION
from chittylocal import Fault, Local
from compliance.compliant import compliant
from protocol.runner import ROOT
from scenarios.command import COMMAND, chittyops, environment, laid_out

REMOTE = "https://x:secret-in-a-url@github.com/acme/hello.git"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A repository that passes."""
    return laid_out(tmp_path / "hello", compliant(), remote=REMOTE)


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """One that has no charter."""
    files = compliant()
    del files["CHARTER.md"]
    return laid_out(tmp_path / "hello", files, remote=REMOTE)


def test_a_repository_that_passes(good: Path) -> None:
    """Exit 0; what was not asked for is shown and counts for nothing."""
    done = chittyops(good, "check", "--offline")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hello passes" in done.stdout
    assert "not evaluated  chittycanon.protection" in done.stdout
    assert "\x1b" not in done.stdout, "no colours into a pipe"
    assert "secret-in-a-url" not in done.stdout + done.stderr


def test_a_repository_that_does_not(bad: Path) -> None:
    """Exit 1 without any settings: who runs it at a terminal has asked; `--fail-on none` only tells."""
    done = chittyops(bad, "check", "--offline")
    assert done.returncode == 1, done.stderr
    assert "CHARTER.md: There is no CHARTER.md." in done.stdout
    assert chittyops(bad, "check", "--offline", "--fail-on", "none").returncode == 0


@pytest.mark.parametrize(
    "words, said",
    [
        (["--format", "html"], "invalid choice"),
        (["--fail-on", "abc"], "invalid choice"),
        (["--tier", "seven"], "invalid int"),
        (["--tier", "9"], "tiers go from 0 to 5"),
        (["--type", "cloudflare-workr"], "did you mean cloudflare-worker?"),
        (["--config", "none.yml"], "none.yml"),
        (["no/such/folder"], "no/such/folder"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_a_wrong_command_line_exits_2(good: Path, words: list[str], said: str) -> None:
    """A typo never passes: it says what is wrong, and judges nothing."""
    done = chittyops(good, "check", "--offline", *words)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "settings, said",
    [
        ("waivers: [", "line"),
        ("fail_on: requird\n", "did you mean required?"),
        (
            "waivers:\n  - {check: chittycanon.chartr, reason: r, owner: o, expires: 2099-01-01}\n",
            "chittycanon.charter",
        ),
        ("checks:\n  - {id: own.a, title: t, evaluate: file_presnt}\n", "did you mean file_present?"),
    ],
)
def test_settings_with_a_mistake_exit_2(good: Path, settings: str, said: str) -> None:
    """Broken settings stop everything, with the line or the word that was meant."""
    (good / ".chittyops.yml").write_text(settings)
    done = chittyops(good, "check", "--offline")
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr


def test_what_could_not_be_learned_exits_3(good: Path) -> None:
    """With a token GitHub is asked; where it answers 500 a required check is unknown, and the run incomplete."""
    with Local(allowed=("acme",)) as local:
        local.fault("github", "*", "*", Fault("status", status=500))
        done = chittyops(good, "check", env=local.env("none") | {"GH_TOKEN": "ghp_a-token-of-a-person"})
        assert local.requests("github")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "unknown  chittycanon.protection" in done.stdout
    assert "ghp_a-token-of-a-person" not in done.stdout + done.stderr


def test_offline_asks_nobody(good: Path) -> None:
    """Not even with a token."""
    with Local(allowed=("acme",)) as local:
        done = chittyops(good, "check", "--offline", env=local.env("none") | {"GITHUB_TOKEN": local.github.token})
        assert done.returncode == 0, done.stdout + done.stderr
        assert local.requests() == []


def test_every_format_is_what_it_says(bad: Path) -> None:
    """JSON, SARIF and JUnit parse, and each names the same failure; the exit code is that of the verdict."""
    reports = {}
    for name in ("json", "sarif", "junit", "markdown"):
        done = chittyops(bad, "check", "--offline", "--format", name)
        assert done.returncode == 1
        reports[name] = done.stdout
    checks = {one["id"]: one["outcome"] for one in json.loads(reports["json"])["checks"]}
    assert checks["chittycanon.charter"] == "fail"
    results = json.loads(reports["sarif"])["runs"][0]["results"]
    assert "chittycanon.charter" in {one["ruleId"] for one in results}
    failures = ET.fromstring(reports["junit"]).findall(".//failure/..")
    assert any(one.get("name", "").startswith("chittycanon.charter") for one in failures)
    assert "#### ❌ CHARTER.md says what the service is for" in reports["markdown"]


def test_a_report_goes_into_a_file(bad: Path) -> None:
    """`-o` writes it there and nothing to the terminal; a folder that is not there is exit 2."""
    done = chittyops(bad, "check", "--offline", "--format", "json", "-o", "report.json")
    assert (done.returncode, done.stdout) == (1, "")
    assert json.loads((bad / "report.json").read_text("utf-8"))["outcome"] == "fail"
    assert chittyops(bad, "check", "--offline", "-o", "none/report.txt").returncode == 2


def test_a_folder_of_a_monorepo_and_one_without_git(tmp_path: Path) -> None:
    """The path names the service; a folder that is in no repository is looked at as it lies there."""
    files = {
        (f"services/hello/{path}" if not path.startswith(".github") else path): text
        for path, text in compliant().items()
    }
    repository = laid_out(tmp_path / "hello", files, remote=REMOTE)
    assert chittyops(repository, "check", "services/hello", "--offline").returncode == 0
    assert chittyops(repository / "services/hello", "check", "--offline").returncode == 0
    assert chittyops(repository, "check", "--offline").returncode == 1
    above = chittyops(repository, "check", "services", "--offline")
    assert (above.returncode, above.stdout) == (2, "")
    assert above.stderr.startswith("services is not known to be the folder of a service.\n")
    plain = tmp_path / "plain"
    (repository / ".git").rename(tmp_path / "was-git")
    repository.rename(plain)
    done = chittyops(plain, "check", "services/hello", "--offline")
    assert "hello" in done.stdout


def test_what_is_staged_or_new_is_looked_at_and_what_is_ignored_is_not(bad: Path) -> None:
    """A new file counts before it is committed; one that git ignores is not in the repository."""
    (bad / "CHARTER.md").write_text("# Charter\n\nSays hello.\n")
    assert chittyops(bad, "check", "--offline").returncode == 0
    (bad / ".gitignore").write_text("CHARTER.md\n")
    assert chittyops(bad, "check", "--offline").returncode == 1


def test_the_pre_commit_hook_does_what_it_says(tmp_path: Path) -> None:
    """The entry of .pre-commit-hooks.yaml runs, asks nobody, passes a good repository and stops a bad one."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert (hook["language"], hook["pass_filenames"], hook["always_run"]) == ("python", False, True)
    program, *words = shlex.split(hook["entry"])
    assert program == "chittyops"
    assert "--offline" in words
    assert f"rev: v{VERSION} " in (ROOT / "docs/compliance.md").read_text("utf-8"), "pre-commit wants no tag that moves"
    folder = laid_out(tmp_path / "hello", compliant(), remote=REMOTE)
    committed = as_hook(folder, words)
    assert committed("CLAUDE.md").returncode == 1, "what is not staged is not there for CI either"
    assert committed(".").returncode == 0
    (folder / "CLAUDE.md").write_text("\n")
    done = committed("CHARTER.md", "--allow-empty")
    assert done.returncode == 0, "an empty file that stays on the disk"
    for options in (("--all",), ("CLAUDE.md",)):  # git has an index of its own for each
        done = committed("CHARTER.md", *options)
        assert done.returncode == 1
        assert "CLAUDE.md is empty." in done.stdout + done.stderr


def as_hook(folder: Path, words: Sequence[str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Stages a path, and commits with options, in a repository whose hook runs the command."""
    hook = folder / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec {shlex.join([*COMMAND, *words])}\n")
    hook.chmod(0o755)
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")

    def committed(path: str, *options: str) -> subprocess.CompletedProcess[str]:
        subprocess.run([*git, "add", path], cwd=folder, check=True)
        return subprocess.run(
            [*git, "commit", "--quiet", "-m", "x", *options], cwd=folder, env=environment(folder), check=False,
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    return committed


def test_what_is_staged_is_looked_at_only_in_git(tmp_path: Path) -> None:
    """Elsewhere there is nothing staged, and --fix writes to the disk."""
    for words, said in (([], "is no git repository."), (["--fix"], "--staged and --fix do not go together.")):
        done = chittyops(tmp_path, "check", "--offline", "--staged", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
