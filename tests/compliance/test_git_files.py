"""A commit's files as git keeps them are the same as in its checkout."""

from __future__ import annotations

import os
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from chittyactions.compliance.checkout import open_checkout
from chittyactions.compliance.files import Files, Kind, Unreadable
from chittyactions.compliance.git_files import GitFiles
from chittyactions.compliance.links import MOST_LINKS
from chittyactions.ecosystem.git_fetch import fetch_commit, header
from chittyactions.errors import ServiceError

LIMIT = 1000
FILES = {
    "a.txt": b"a\n",
    "dir/b.txt": b"\xef\xbb\xbfb\r\n",
    "dir/deep/c": b"\xff\xfea",
    "dir/latin": b"gr\xfcn\n",
    "dir/binary": b"a\0b",
    "sp ace/\xfcml\u00e4ut.txt": b"u",
    "exact": b"x" * LIMIT,
    "larger": b"x" * (LIMIT + 1),
}
LINKS = {
    "to-file": "a.txt",
    "to-link": "to-file",
    "dir/up": "../a.txt",
    "through": "to-dir/b.txt",
    "to-dir": "dir",
    "dir/back": "../to-dir/deep/../b.txt",
    "to-nothing": "gone",
    "out": "../../etc/passwd",
    "far-out": "/etc/passwd",
    "in-and-out": "dir/../../x",
    "to-git": ".git/config",
    "circle": "circle",
    "below-a-file": "a.txt/b",
}


def git(folder: Path, *words: str) -> str:
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    done = subprocess.run(["git", *words], cwd=folder, env=os.environ | who, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository with what real ones hold."""
    folder = tmp_path / "owner" / "name.git"
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch", "trunk")
    for path, content in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    for path, target in LINKS.items():
        (folder / path).symlink_to(target)
    git(folder, "add", "--all")
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    git(folder, "commit", "--quiet", "--message", "all of it")
    git(folder, "config", "uploadpack.allowFilter", "true")
    git(folder, "config", "uploadpack.allowAnySHA1InWant", "true")
    return folder


def fetched(origin: Path, into: Path, commit: str) -> None:
    server = f"file://{origin.parent.parent}"
    environ = os.environ | {"GITHUB_SERVER_URL": server}
    fetch_commit("owner/name", commit, into, token="", environ=environ, largest=LIMIT)


def told(files: Files, path: str) -> object:
    try:
        return files.read(path, LIMIT)
    except Unreadable as error:
        return error.reason, error.ours, error.too_large


@pytest.mark.parametrize("own", [True, False], ids=["with all its objects", "fetched without large files"])
def test_a_commit_reads_as_its_checkout_does(origin: Path, tmp_path: Path, own: bool) -> None:
    """Text, links of all kinds, submodules, encodings, sizes."""
    commit = git(origin, "rev-parse", "HEAD")
    checkout, _ = open_checkout(origin)
    folder = origin / ".git" if own else tmp_path / "bare"
    if not own:
        fetched(origin, folder, commit)
    with closing(GitFiles(folder, commit, name="name", remote="r")) as files:
        assert files.paths == checkout.paths
        assert {path: told(files, path) for path in files.paths} == {
            path: told(checkout, path) for path in checkout.paths
        }
        assert files.paths["sub"] is Kind.SUBMODULE
        assert files.read("gone", LIMIT) is None
        assert told(files, "larger") == ("it has more than 0 KiB", True, True)
        assert (files.name, files.remote, files.commit) == ("name", "r", commit)


def test_what_stayed_away_is_never_fetched(origin: Path, tmp_path: Path) -> None:
    """The fetched repository has no server any more."""
    fetched(origin, tmp_path / "bare", git(origin, "rev-parse", "HEAD"))
    assert "remote" not in (tmp_path / "bare/config").read_text("utf-8")
    assert not (tmp_path / "bare/shallow").read_text("utf-8").startswith("x")


def test_links_are_followed_so_far(tmp_path: Path) -> None:
    """Forty on one way, as the system does."""
    git(tmp_path, "init", "--quiet")
    (tmp_path / "l0").write_text("end", "utf-8")
    for one in range(1, MOST_LINKS + 2):
        (tmp_path / f"l{one}").symlink_to(f"l{one - 1}")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "links")
    with closing(GitFiles(tmp_path / ".git", "HEAD", name="x")) as files:
        assert files.read(f"l{MOST_LINKS}", LIMIT) == "end"
        assert told(files, f"l{MOST_LINKS + 1}") == ("it is a link that leads in a circle", True, False)


def test_a_commit_that_is_gone_is_no_verdict(origin: Path, tmp_path: Path) -> None:
    """Neither one that the server has not, nor one that was not fetched, says anything of files."""
    with pytest.raises(ServiceError, match=r"^owner/name could not be fetched at 222222222222\.") as failed:
        fetched(origin, tmp_path / "bare", "2" * 40)
    assert "the commit is gone" in failed.value.why
    with pytest.raises(Unreadable) as unreadable:
        GitFiles(origin / ".git", "2" * 40, name="x")
    assert not unreadable.value.ours


def test_a_token_goes_in_a_header_that_can_be_masked() -> None:
    """As GitHub takes it for any kind of token."""
    assert header("t") == "Basic eC1hY2Nlc3MtdG9rZW46dA=="
