"""The copy that a workflow sees is what GitHub would check out, with the uncommitted changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chittylocal.actrun.problems import CannotRun
from chittylocal.actrun.stage import git, stage_repository, stage_toolkit


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit, an ignored file and a remote."""
    root = tmp_path / "hello"
    root.mkdir()
    (root / ".gitignore").write_text("ignored\n")
    (root / "ignored").write_text("big")
    (root / "kept").write_text("one")
    (root / "gone").write_text("two")
    git(root, "init", "-q", "-b", "trunk")
    git(root, "remote", "add", "origin", "git@github.com:acme/hello.git")
    git(root, "add", "-A")
    git(root, "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-qm", "First words")
    return root


def test_an_unchanged_tree_keeps_its_commit(repository: Path, tmp_path: Path) -> None:
    """The run names the commit that exists, its branch and its repository."""
    staged = stage_repository(repository, tmp_path / "copy")
    assert staged.sha == git(repository, "rev-parse", "HEAD")
    assert (staged.full_name, staged.owner, staged.branch) == ("acme/hello", "acme", "trunk")
    assert (staged.message, staged.changed) == ("First words", False)
    assert git(staged.folder, "status", "--porcelain") == ""


def test_the_tags_of_the_commit_come_newest_first(repository: Path, tmp_path: Path) -> None:
    """A run may be of one of them; a push of it has the tag's ref."""
    for tag in ("v1.9.0", "v1.10.0", "nightly"):
        git(repository, "tag", tag)
    staged = stage_repository(repository, tmp_path / "copy")
    assert staged.tags == ("v1.10.0", "v1.9.0", "nightly")
    assert staged.ref == "refs/heads/trunk"
    assert replace(staged, tag="v1.10.0").ref == "refs/tags/v1.10.0"


def test_changes_come_along_and_ignored_files_stay(repository: Path, tmp_path: Path) -> None:
    """Edits, new files and deletions are in the copy, as one commit on top; the original is untouched."""
    (repository / "kept").write_text("changed")
    (repository / "new").write_text("new")
    (repository / "gone").unlink()
    staged = stage_repository(repository, tmp_path / "copy")
    assert sorted(p.name for p in staged.folder.iterdir()) == [".git", ".gitignore", "kept", "new"]
    assert (staged.folder / "kept").read_text() == "changed"
    assert staged.changed
    assert git(staged.folder, "rev-parse", "HEAD~1") == git(repository, "rev-parse", "HEAD")
    assert git(repository, "status", "--porcelain").splitlines() == [" D gone", " M kept", "?? new"]


def test_links_stay_links(repository: Path, tmp_path: Path) -> None:
    """A link is copied as one, wherever it leads."""
    (repository / "link").symlink_to("/etc/hostname")
    (repository / "folder").symlink_to(tmp_path)
    staged = stage_repository(repository, tmp_path / "copy")
    assert (staged.folder / "link").readlink() == Path("/etc/hostname")
    assert (staged.folder / "folder").is_symlink()


def test_a_folder_inside_means_the_repository(repository: Path, tmp_path: Path) -> None:
    """Started from a subfolder, the whole repository is staged."""
    (repository / "sub").mkdir()
    assert (stage_repository(repository / "sub", tmp_path / "copy").folder / "kept").exists()


@pytest.mark.parametrize("born", [True, False])
def test_a_folder_without_commits_works(tmp_path: Path, born: bool) -> None:
    """No git, or no commit yet: the folder as it is becomes one commit."""
    root = tmp_path / "plain folder"
    (root / "node_modules").mkdir(parents=True)
    (root / "node_modules" / "x").write_text("x")
    (root / ".gitignore").write_text("node_modules\n")
    (root / "a").write_text("a")
    if born:
        git(root, "init", "-q")
    staged = stage_repository(root, tmp_path / "copy")
    assert sorted(p.name for p in staged.folder.iterdir()) == [".git", ".gitignore", "a"]
    assert staged.changed
    assert staged.full_name.startswith("local/plain")


def test_no_folder_is_explained(tmp_path: Path) -> None:
    """A path that is no folder is named."""
    with pytest.raises(CannotRun, match="is no folder"):
        stage_repository(tmp_path / "nothing", tmp_path / "copy")


def test_the_toolkit_is_only_what_runs(tmp_path: Path) -> None:
    """Actions, reusable workflows, checks, templates, the package and the locks; no tests, no tools, no cache."""
    staged = stage_toolkit(tmp_path / "toolkit")
    assert sorted(path.name for path in staged.iterdir()) == [
        ".github",
        "actions",
        "compliance",
        "python",
        "requirements",
        "templates",
    ]
    assert (staged / ".github" / "workflows" / "reusable-worker-deploy.yml").is_file()
    assert (staged / "python" / "chittyactions" / "run.py").is_file()
    assert not list(staged.rglob("__pycache__"))
    assert not list(staged.rglob("node_modules"))
