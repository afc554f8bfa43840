"""The local GitHub knows how the commits of a staged repository stand to each other, over several runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from chittyactions.ecosystem.github import GitHub
from chittyactions.errors import Refused
from chittyactions.http import Client, Deadline
from chittylocal import Local
from chittylocal.actrun.history import remember
from chittylocal.actrun.stage import git, stage_repository

COMMIT = ("-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-q", "--allow-empty", "-m")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of two commits."""
    folder = tmp_path / "hello"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "origin", "git@github.com:acme/hello.git")
    for number in range(2):
        git(folder, *COMMIT, f"commit {number}")
    return folder


def run(local: Local, root: Path, copy: Path) -> str:
    """Stage a run as `local run` does; returns the commit that it is of."""
    staged = stage_repository(root, copy)
    remember(local.github, staged, root, local.state.folder)
    return staged.sha


def client(local: Local) -> GitHub:
    """What the deploy asks."""
    url = local.urls()["GITHUB_API_URL"]
    http = Client("GitHub's API", Deadline(10), environ={})
    return GitHub(http, repository="acme/hello", token=local.github_token, base_url=url)


def test_commits_of_the_repository_compare(root: Path, tmp_path: Path) -> None:
    """The copy has one commit, and GitHub would know them all; one that nobody made is unknown."""
    with Local() as local:
        newer = run(local, root, tmp_path / "copy")
        older = git(root, "rev-parse", "HEAD~1")
        assert client(local).compare(older, newer) == "ahead"
        assert client(local).compare(newer, older) == "behind"
        with pytest.raises(Refused):
            client(local).compare("f" * 40, newer)


def test_uncommitted_changes_of_an_earlier_run_are_known(root: Path, tmp_path: Path) -> None:
    """With a state that is kept, the second run compares with what the first deployed, whose copy is gone."""
    (root / "file").write_text("one")
    with Local(tmp_path / "state") as local:
        first = run(local, root, tmp_path / "copy")
    (tmp_path / "copy").rename(tmp_path / "gone")
    (root / "file").write_text("two")
    with Local(tmp_path / "state") as local:
        second = run(local, root, tmp_path / "copy")
        committed = git(root, "rev-parse", "HEAD")
        assert client(local).compare(committed, second) == "ahead"
        assert client(local).compare(first, committed) == "behind"
        assert client(local).compare(first, second) == "diverged"


def test_a_folder_without_git_is_no_trouble(tmp_path: Path) -> None:
    """Its runs have nothing in common, and that is what GitHub says."""
    (tmp_path / "plain").mkdir()
    with Local() as local:
        run(local, tmp_path / "plain", tmp_path / "copy")
