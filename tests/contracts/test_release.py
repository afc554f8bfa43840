"""A release commit refers to itself by its version; main refers to @v2."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from chittylocal.actrun.workflows import needs_of
from contracts.files import ROOT


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("release_tool", ROOT / "tools" / "release.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


release = _tool()


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with this one's actions and workflows, committed."""
    for name in ("actions", ".github"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("node_modules"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "t")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "t@localhost")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "start")
    return tmp_path


def test_main_refers_to_v2() -> None:
    """Between releases every reference to this repository has the major version."""
    assert {ref for _, ref in release.references(ROOT)} == {"v2"}


def test_every_reference_is_stamped(repository: Path) -> None:
    """The tagged commit has its own version everywhere, and the branch does not see it."""
    before = git(repository, "rev-parse", "main")
    commit = release.release(repository, "v2.1.0")
    assert git(repository, "rev-parse", "v2.1.0^{commit}") == git(repository, "rev-parse", "v2^{commit}") == commit
    assert git(repository, "rev-parse", "HEAD") == before
    assert git(repository, "status", "--porcelain") == ""
    text = git(repository, "grep", "-h", "uses:.*chittyos/chittyops", "v2.1.0", "--", "*.yml")
    assert text
    assert all(line.endswith("@v2.1.0") for line in text.splitlines())


def test_a_caller_at_a_release_gets_no_moving_part(repository: Path, tmp_path: Path) -> None:
    """Everything of ours that the released workflow reaches is at that release; everything else is at a SHA."""
    release.stamp(repository, "v2.1.0")
    caller = tmp_path / "caller" / "deploy.yml"
    caller.parent.mkdir()
    sample = (ROOT / "examples" / "worker" / ".github" / "workflows" / "deploy.yml").read_text("utf-8")
    caller.write_text(sample.replace("@v2", "@v2.1.0"), "utf-8")
    reached = set(needs_of(caller, caller.parent, repository).local)
    assert {name for name in reached if name.startswith("chittyos/")} == {"chittyos/chittyops@v2.1.0"}
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name) for name in reached if name.startswith("actions/"))
    assert len(reached) > 3


def test_a_released_version_never_moves(repository: Path) -> None:
    """The second release of one version is refused; the next one moves the major tag."""
    release.release(repository, "v2.1.0")
    with pytest.raises(SystemExit, match="never moves"):
        release.release(repository, "v2.1.0")
    commit = release.release(repository, "v2.1.1")
    assert git(repository, "rev-parse", "v2^{commit}") == commit


def test_a_release_holds_nothing_else(repository: Path) -> None:
    """Uncommitted changes, or a version in another form, stop it before anything is written."""
    (repository / "stray").write_text("x")
    with pytest.raises(SystemExit, match="changes"):
        release.release(repository, "v2.1.0")
    with pytest.raises(SystemExit, match="reads v2"):
        release.release(repository, "2.1")
