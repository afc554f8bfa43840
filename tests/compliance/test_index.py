"""What is staged, told apart from what lies on the disk, by real git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from chittyactions.compliance.checkout import Checkout, open_checkout
from chittyactions.compliance.files import Kind
from chittyactions.compliance.index import staged
from chittyactions.errors import ConfigError


def git(root: Path, *words: str) -> None:
    """Run git, away from this machine's own settings."""
    settings = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always"]
    subprocess.run(["git", *settings, *words], cwd=root, check=True, capture_output=True, timeout=30)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of a staged file and a link to it."""
    folder = tmp_path / "\u00e4 b"
    folder.mkdir()
    (folder / "same.md").write_text("as it is\n")
    (folder / "link.md").symlink_to("same.md")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    return folder


def looked_at(root: Path) -> Checkout:
    """The repository as it would be committed."""
    return staged(open_checkout(root)[0])


def test_what_is_on_the_disk_alone_is_not_there(root: Path) -> None:
    """A new file, and one whose name is staged without its content."""
    (root / "new.md").write_text("new\n")
    (root / "intended.md").write_text("later\n")
    git(root, "add", "--intent-to-add", "intended.md")
    assert looked_at(root).paths == {"same.md": Kind.FILE, "link.md": Kind.LINK}


def test_what_is_staged_is_read_whatever_lies_on_the_disk(root: Path) -> None:
    """Changed, removed, or made another kind of thing since, under any name; through a link as well."""
    names = ("changed.md", "gone.md", "folder.md", "\u00f6 '\n.md")
    for name in names:
        (root / name).write_bytes(b"\xef\xbb\xbfstaged\r\n")
    git(root, "add", ".")
    for name in names:
        (root / name).unlink()
    (root / "changed.md").write_text("since\n")
    (root / "folder.md").mkdir()
    (root / "same.md").write_text("since\n")
    found = looked_at(root)
    assert found.paths.keys() == {"same.md", "link.md", *names}
    assert {found.read(name, 100) for name in names} == {"staged\r\n"}
    assert found.read("link.md", 100) == found.read("same.md", 100) == "as it is\n"


def test_a_submodule_stays_one(root: Path, tmp_path: Path) -> None:
    """Its files are another repository's, changed or not."""
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    git(other, "commit", "--quiet", "--allow-empty", "-m", "x")
    git(root, "submodule", "--quiet", "add", str(other), "sub")
    git(root / "sub", "commit", "--quiet", "--allow-empty", "-m", "y")
    found = looked_at(root)
    assert found.paths["sub"] is Kind.SUBMODULE
    assert "sub" not in found.left_out


def test_an_index_of_its_own_is_taken_where_git_names_one(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`git commit --all` does, by a name from the top; an index of another repository is none of ours."""
    (root / "same.md").unlink()
    (root / ".git/index").rename(root / ".git/other.lock")
    (root / ".git/other.lock").replace(tmp_path / "elsewhere")
    git(root, "read-tree", "--empty")
    (root / ".git/other.lock").write_bytes((tmp_path / "elsewhere").read_bytes())
    for told, count in ((".git/other.lock", 2), (str(root / ".git/other.lock"), 2), (str(tmp_path / "elsewhere"), 0)):
        monkeypatch.setenv("GIT_INDEX_FILE", told)
        assert len(looked_at(root).paths) == count


def test_outside_of_git_nothing_is_staged(tmp_path: Path) -> None:
    """It says what to do instead."""
    with pytest.raises(ConfigError, match="is no git repository"):
        looked_at(tmp_path)
