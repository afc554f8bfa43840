"""The locked environment is made once, whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chittyactions import entries, environment
from chittyactions.errors import ToolError
from chittyactions.runner import Runner

ROOT = Path(__file__).parents[1]


def test_the_toolkit_is_found_beside_the_package() -> None:
    """The lock that the actions install from is the repository's own."""
    assert environment.toolkit() == ROOT
    assert (environment.toolkit() / environment.LOCK).is_file()


@pytest.mark.engines
def test_a_failed_installation_leaves_nothing_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that can't be satisfied gives the installer's reason, and no half-made folder is found later."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_OFFLINE", "1")
    lock = tmp_path / "runtime.txt"
    lock.write_text("chitty-nothing==1.0 --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(ToolError, match="could not be installed") as caught:
        environment.ensure(lock, tmp_path / "cache")
    assert "chitty-nothing" in caught.value.why
    assert list((tmp_path / "cache").iterdir()) == []


def test_an_existing_folder_is_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second job on a runner installs nothing: it needs neither network nor installer."""
    lock = tmp_path / "runtime.txt"
    lock.write_text("# nothing to install\n")
    monkeypatch.setattr(environment, "_install", lambda lock, target: (target / "mark").write_text("made once"))
    first = environment.ensure(lock, tmp_path / "cache")
    monkeypatch.setattr(environment, "_install", lambda lock, target: pytest.fail("installed twice"))
    assert environment.ensure(lock, tmp_path / "cache") == first
    assert (first / "mark").read_text() == "made once"


def test_another_lock_gets_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed lock never meets packages of the old one."""
    lock = tmp_path / "runtime.txt"
    monkeypatch.setattr(environment, "_install", lambda lock, target: None)
    lock.write_text("a==1\n")
    first = environment.ensure(lock, tmp_path / "cache")
    lock.write_text("a==2\n")
    assert environment.ensure(lock, tmp_path / "cache") != first


@pytest.mark.parametrize("trusted", [{"RUNNER_ENVIRONMENT": "github-hosted"}, {"CHITTY_TRUST_TOOL_CACHE": "1"}])
def test_a_runner_that_is_trusted_keeps_its_tools(tmp_path: Path, trusted: dict[str, str]) -> None:
    """A hosted runner is new for each job, and a local run says that it is its owner's."""
    job = {"RUNNER_TOOL_CACHE": str(tmp_path / "cache"), "RUNNER_TEMP": str(tmp_path / "temp"), **trusted}
    assert environment.tool_cache(job) == tmp_path / "cache" / "chittyops"


@pytest.mark.parametrize("kind", [{"RUNNER_ENVIRONMENT": "self-hosted"}, {}])
def test_what_an_earlier_job_left_is_never_run(tmp_path: Path, kind: dict[str, str]) -> None:
    """Elsewhere the tools lie in a new folder with a name that nobody could guess, and later steps are told of it."""
    job = {"RUNNER_TOOL_CACHE": str(tmp_path / "cache"), "RUNNER_TEMP": str(tmp_path), **kind}
    first = environment.tool_cache(job)
    assert first.parent == tmp_path
    assert first.stat().st_mode & 0o777 == 0o700
    assert list(first.iterdir()) == []
    assert environment.tool_cache(job) != first
    assert environment.tool_cache({**job, environment.JOB_TOOLS: str(first)}) == first


def test_the_steps_of_a_job_share_their_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first step's folder is handed to those after it, and an installer's own cache is not trusted either."""
    told = tmp_path / "env"
    monkeypatch.setenv("RUNNER_ENVIRONMENT", "self-hosted")
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path))
    monkeypatch.setenv("GITHUB_ENV", str(told))
    for name in (environment.JOB_TOOLS, environment.TRUST):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    used: list[Path] = []
    monkeypatch.setattr(environment, "activate", lambda cache, _action: used.append(cache))
    for action in ("worker-build", "package-publish"):
        entries.prepare(action, Runner())
    assert used[0] == used[1]
    assert told.read_text().count(environment.JOB_TOOLS) == 1
    assert str(used[0]) in told.read_text()
    assert "--no-cache-dir" in environment.options(tmp_path / "lock", tmp_path)


@pytest.mark.engines
def test_the_locked_packages_shadow_the_machine(tmp_path: Path) -> None:
    """With the environment on, pydantic comes from the locked folder, and the machine's packages are out of sight."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from chittyactions.environment import activate\n"
        "activate(Path(sys.argv[2]))\n"
        "import pydantic, json5\n"
        "print(pydantic.__file__)\n"
        "print(any('site-packages' in part for part in sys.path))\n"
    )
    cache = Path(os.environ.get("RUNNER_TOOL_CACHE") or ROOT / ".tools" / "tool-cache") / "chittyops"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(ROOT / "python"), str(cache)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    where, machine = done.stdout.splitlines()
    assert Path(where).is_relative_to(cache)
    assert machine == "False"
