"""A repository on the disk: what belongs to it, how its files are read, and what is never followed."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from chittyactions.compliance import checkout as module
from chittyactions.compliance.checkout import Checkout, open_checkout
from chittyactions.compliance.files import Kind, Unreadable
from chittyactions.compliance.index import staged
from chittyactions.errors import ConfigError

LIMIT = 1024 * 1024


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, with nobody's settings."""
    quiet = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "PATH": os.environ["PATH"]}
    who = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "protocol.file.allow=always")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, env=quiet, capture_output=True, check=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A git repository with one commit on a branch of an odd name."""
    root = tmp_path / "repo"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch", "trunk/of-it")
    (root / "README.md").write_text("hello\n", "utf-8")
    (root / ".gitignore").write_text("ignored/\n", "utf-8")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "begin")
    return root


def refusal(checkout: Checkout, path: str, limit: int = LIMIT) -> Unreadable:
    """Why a file can't be read."""
    with pytest.raises(Unreadable) as caught:
        checkout.read(path, limit)
    return caught.value


# -- what belongs to it ------------------------------------------------------------------------------------------


def test_in_git_what_is_committed_or_would_be_belongs_to_it(repo: Path) -> None:
    """Untracked files do, ignored and deleted ones do not; commit, branch and remote are told."""
    (repo / "new.txt").write_text("new", "utf-8")
    (repo / "ignored").mkdir()
    (repo / "ignored/x").write_text("x", "utf-8")
    (repo / "README.md").unlink()
    git(repo, "remote", "add", "origin", "https://user:secret@github.com/owner/name.git")
    found, place = open_checkout(repo)
    assert found.paths == {".gitignore": Kind.FILE, "new.txt": Kind.FILE}
    assert (found.root, place, found.branch) == (repo.resolve(), "", "trunk/of-it")
    assert found.commit == git(repo, "rev-parse", "HEAD")
    assert found.remote == "https://github.com/owner/name.git"


def test_a_file_that_is_ignored_and_committed_all_the_same_belongs_to_it(repo: Path) -> None:
    """What git keeps counts, whatever .gitignore says."""
    (repo / "ignored").mkdir()
    (repo / "ignored/x").write_text("x", "utf-8")
    git(repo, "add", "--force", "ignored/x")
    assert "ignored/x" in open_checkout(repo)[0].paths


def test_a_folder_within_is_the_place_of_the_service(repo: Path) -> None:
    """A service of a monorepo is named by its folder; the repository is still the whole of it."""
    (repo / "services/a").mkdir(parents=True)
    (repo / "services/a/x").write_text("x", "utf-8")
    found, place = open_checkout(repo / "services/a")
    assert place == "services/a"
    assert found.root == repo.resolve()
    assert {"README.md", "services/a/x"} <= set(found.paths)


def test_a_repository_without_a_commit_is_read(tmp_path: Path) -> None:
    """The first commit is yet to come."""
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    (tmp_path / "a").write_text("a", "utf-8")
    found, _ = open_checkout(tmp_path)
    assert (found.paths, found.commit, found.branch) == ({"a": Kind.FILE}, "", "main")


def test_a_shallow_clone_with_a_detached_head_is_read(repo: Path, tmp_path: Path) -> None:
    """As actions/checkout leaves it: one commit, no branch."""
    (repo / "second").write_text("2", "utf-8")
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--message", "second")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{repo}", str(clone))
    git(clone, "checkout", "--quiet", "--detach")
    found, _ = open_checkout(clone)
    assert set(found.paths) == {".gitignore", "README.md", "second"}
    assert found.commit == git(repo, "rev-parse", "HEAD")
    assert found.branch == ""


def test_a_worktree_is_read(repo: Path, tmp_path: Path) -> None:
    """Its `.git` is a file."""
    git(repo, "worktree", "add", "--quiet", str(tmp_path / "tree"))
    assert set(open_checkout(tmp_path / "tree")[0].paths) == {".gitignore", "README.md"}


def test_without_git_every_file_counts_but_what_tools_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No repository, or no git on the machine: the folder itself is taken."""
    for path in ("a", "sub/b", "node_modules/x/c", ".git/config", "sub/.venv/d", "sub/dist/e"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x", "utf-8")
    monkeypatch.setenv("PATH", "/nowhere")
    found, place = open_checkout(tmp_path)
    assert found.paths == {"a": Kind.FILE, "sub/b": Kind.FILE}
    assert (place, found.commit, found.branch, found.remote) == ("", "", "", "")


@pytest.mark.parametrize("inside_git", [True, False])
def test_names_of_every_kind_are_read(repo: Path, tmp_path: Path, inside_git: bool) -> None:
    """U+202F, line feeds, tabs, quotes, `CODEOWNERS copy`, and bytes that are no UTF-8."""
    root = repo if inside_git else tmp_path / "plain"
    root.mkdir(exist_ok=True)
    names = ["Screenshot 9.41\u202fAM.png", "a\nb", "tab\there", '"quoted"', "CODEOWNERS copy", "-dash", "\udcff\udcfe"]
    for name in names:
        (root / name).write_text("there", "utf-8")
    if inside_git:
        git(root, "add", "--all")
    found, _ = open_checkout(root)
    assert set(names) <= set(found.paths)
    assert [found.read(name, LIMIT) for name in names] == ["there"] * len(names)


def test_variables_of_another_repository_do_not_lead_astray(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook of another repository sets GIT_DIR and its like for its children."""
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    found, _ = open_checkout(repo)
    assert (found.root, set(found.paths)) == (repo.resolve(), {".gitignore", "README.md"})


def test_nothing_that_the_repositorys_settings_name_is_run(repo: Path, tmp_path: Path) -> None:
    """A repository may bring a file system monitor of its own, which git would start."""
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n", "utf-8")
    trap.chmod(0o755)
    for name in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "diff.external",
        "filter.x.clean",
        "filter.x.smudge",
    ):
        git(repo, "config", name, str(trap))
    (repo / ".gitattributes").write_text("* filter=x\n", "utf-8")
    assert "README.md" in open_checkout(repo)[0].paths
    assert not (tmp_path / "sprung").exists()


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    """A typo is told, not judged as an empty repository."""
    (tmp_path / "file").write_text("x", "utf-8")
    for path in (tmp_path / "gone", tmp_path / "file"):
        with pytest.raises(ConfigError, match="is no folder"):
            open_checkout(path)


def test_ten_thousand_files_are_listed_quickly(tmp_path: Path) -> None:
    """In git and without it; nothing is opened for the list."""
    for number in range(100):
        (tmp_path / f"{number}").mkdir()
        for inner in range(100):
            (tmp_path / f"{number}/{inner}").symlink_to("x")  # the cheapest to make
    begun = time.monotonic()
    assert len(open_checkout(tmp_path)[0].paths) == 10_000
    git(tmp_path, "init", "--quiet")
    assert len(open_checkout(tmp_path)[0].paths) == 10_000
    assert time.monotonic() - begun < 30


def test_more_files_than_any_repository_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of many repositories is somebody's home."""
    for number in range(4):
        (tmp_path / f"{number}").touch()
    monkeypatch.setattr(module, "MOST_PATHS", 4)
    assert len(open_checkout(tmp_path)[0].paths) == 4
    (tmp_path / "one-more").touch()
    with pytest.raises(ConfigError, match="more than 4 files"):
        open_checkout(tmp_path)
    git(tmp_path, "init", "--quiet")
    with pytest.raises(ConfigError, match="more than 4 files"):
        open_checkout(tmp_path)


# -- sparse checkouts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [("--cone", "kept"), ("--no-cone", "kept/*")])
def test_what_a_sparse_checkout_leaves_out_is_there_as_git_keeps_it(repo: Path, how: tuple[str, str]) -> None:
    """A clone with few of its files is judged by all of them; what was deleted by hand is gone all the same."""
    for path, text in {"kept/a": "a", "kept/gone": "g", "out/b": "b\n", "out/large": "x" * 2000}.items():
        (repo / path).parent.mkdir(exist_ok=True)
        (repo / path).write_text(text, "utf-8")
    (repo / "kept/link").symlink_to("../out/b")
    (repo / "out/link").symlink_to("b")
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--message", "more")
    git(repo, "sparse-checkout", "set", *how)
    (repo / "kept/gone").unlink()
    found, _ = open_checkout(repo)
    assert not (repo / "out").exists()
    assert set(found.left_out) >= {"out/b", "out/large", "out/link"}
    assert "kept/gone" not in found.paths
    assert [found.read(path, 1000) for path in ("README.md", "out/b", "kept/a")] == ["hello\n", "b\n", "a"]
    assert refusal(found, "out/large", 1000).too_large
    assert found.paths["out/link"] is Kind.LINK
    assert found.read("kept/link", 1000) == found.read("out/link", 1000) == "b\n"


def test_what_git_does_not_have_here_is_fetched_from_nowhere(repo: Path, tmp_path: Path) -> None:
    """A partial clone names a remote, and so a program, to have the rest from: it is not run, and no file missing."""
    git(repo, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--no-checkout", "--filter=blob:none", f"file://{repo}", str(clone))
    git(clone, "sparse-checkout", "set", "--no-cone", "nothing")
    git(clone, "read-tree", "-m", "-u", "HEAD")
    git(clone, "config", "remote.origin.url", f"ext::touch {tmp_path}/sprung")
    git(clone, "config", "protocol.ext.allow", "always")
    found, _ = open_checkout(clone)
    assert set(found.paths) == {"README.md", ".gitignore"}
    assert not refusal(found, "README.md").ours
    assert not (tmp_path / "sprung").exists()


# -- links and submodules ----------------------------------------------------------------------------------------


def test_links_are_followed_within_the_repository_and_not_out_of_it(repo: Path, tmp_path: Path) -> None:
    """A file, a folder, a chain; what leads out, to nothing, in a circle or into .git is told and not read."""
    (tmp_path / "outside").write_text("secret", "utf-8")
    (repo / "docs").mkdir()
    (repo / "docs/real.md").write_text("real", "utf-8")
    for name, target in {
        "in.md": "docs/real.md",
        "chain.md": "in.md",
        "out.md": "../outside",
        "absolute.md": str(tmp_path / "outside"),
        "through.md": "docs/../../outside",
        "nothing.md": "gone",
        "circle": "circle",
        "folder": "docs",
        "root": ".",
        "history": ".git/config",
        "device": "/dev/zero",
    }.items():
        (repo / name).symlink_to(target)
    git(repo, "add", "--all")
    found, _ = open_checkout(repo)
    assert found.paths["in.md"] is Kind.LINK
    assert found.read("in.md", LIMIT) == found.read("chain.md", LIMIT) == "real"
    for name in ("out.md", "absolute.md", "through.md", "history", "device"):
        assert "outside the repository" in refusal(found, name).reason
    assert "link to nothing" in refusal(found, "nothing.md").reason
    assert "circle" in refusal(found, "circle").reason
    assert refusal(found, "folder").ours
    assert refusal(found, "root").ours
    assert not any(path.startswith(("folder/", "root/")) for path in found.paths)


def test_package_json_as_a_link_out_of_the_tree_is_told(tmp_path: Path) -> None:
    """Without git as well."""
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "package.json").write_text("{}", "utf-8")
    (inside / "package.json").symlink_to("../package.json")
    found, _ = open_checkout(inside)
    assert found.paths == {"package.json": Kind.LINK}
    assert "outside the repository" in refusal(found, "package.json").reason


def test_a_folder_that_was_replaced_by_a_link_out_is_not_followed(repo: Path, tmp_path: Path) -> None:
    """The index still lists its files."""
    (repo / "docs").mkdir()
    (repo / "docs/a.md").write_text("a", "utf-8")
    git(repo, "add", "--all")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/a.md").write_text("secret", "utf-8")
    (repo / "docs/a.md").unlink()
    (repo / "docs").rmdir()
    (repo / "docs").symlink_to(tmp_path / "elsewhere")
    found, _ = open_checkout(repo)
    assert "docs/a.md" not in found.paths or "outside" in refusal(found, "docs/a.md").reason


def test_the_repository_may_itself_be_reached_by_a_link(repo: Path, tmp_path: Path) -> None:
    """Its own place is nobody's escape."""
    (tmp_path / "alias").symlink_to(repo)
    found, place = open_checkout(tmp_path / "alias")
    assert (found.read("README.md", LIMIT), place) == ("hello\n", "")


def test_gitlinks_are_known_and_their_files_are_anothers(repo: Path) -> None:
    """A submodule, and a gitlink that no .gitmodules names; neither hides what is beside it."""
    git(repo, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},vendor/lib")
    found, _ = open_checkout(repo)
    assert found.paths["vendor/lib"] is Kind.SUBMODULE
    assert "submodule" in refusal(found, "vendor/lib").reason
    assert found.read("vendor/lib/CLAUDE.md", LIMIT) is None
    assert found.read("README.md", LIMIT) == "hello\n"


def test_a_pipe_is_no_file_and_nobody_waits_for_it(repo: Path) -> None:
    """A link to a named pipe would hold up whoever opens it; git keeps none, so that it leads to nothing."""
    (repo / "ignored").mkdir()
    os.mkfifo(repo / "ignored/pipe")
    os.mkfifo(repo / "pipe")
    (repo / "link").symlink_to("ignored/pipe")
    found, _ = open_checkout(repo)
    assert "pipe" not in found.paths
    assert "link to nothing" in refusal(found, "link").reason
    (repo / ".git").rename(repo / "git")
    assert "no plain file" in refusal(open_checkout(repo)[0], "link").reason


@pytest.mark.parametrize("as_staged", [False, True])
def test_a_link_leads_to_no_more_than_every_clone_has(repo: Path, tmp_path: Path, *, as_staged: bool) -> None:
    """A submodule's files, ignored ones, and a folder that is on this disk alone: the same commit has one verdict."""
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    (other / "CHARTER.md").write_text("theirs", "utf-8")
    git(other, "add", ".")
    git(other, "commit", "--quiet", "--message", "x")
    git(repo, "submodule", "--quiet", "add", str(other), "sub")
    (repo / "ignored").mkdir()
    (repo / "ignored/OWN").write_text("* @a", "utf-8")
    (repo / "ignored/back").symlink_to("..")
    (repo / "whole").mkdir()
    (repo / "whole/OWN").write_text("* @b", "utf-8")
    links = {
        "CHARTER.md": "sub/CHARTER.md",
        "CODEOWNERS": "ignored/OWN",
        "by-way-of": "ignored/back/README.md",
        "absolute": str(repo / "README.md"),
        "well": "whole/OWN",
    }
    for name, target in links.items():
        (repo / name).symlink_to(target)
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--message", "links")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(repo), str(clone))
    for root in (repo, clone):
        found, _ = open_checkout(root)
        found = staged(found) if as_staged else found
        assert found.read("well", LIMIT) == "* @b"
        for name in ("CHARTER.md", "CODEOWNERS", "by-way-of"):
            assert (refusal(found, name).reason, refusal(found, name).ours) == ("it is a link to nothing", True)
        assert "outside the repository" in refusal(found, "absolute").reason


def test_a_link_that_vanishes_meanwhile_is_told(repo: Path) -> None:
    """Between the list and the reading; that is not the repository's fault."""
    (repo / "link").symlink_to("README.md")
    found, _ = open_checkout(repo)
    (repo / "link").unlink()
    assert (refusal(found, "link").ours, "cannot be read" in refusal(found, "link").reason) == (False, True)


def test_without_git_a_link_leads_to_whatever_is_there(tmp_path: Path) -> None:
    """Nobody says what a commit would hold."""
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/made").write_text("made", "utf-8")
    (tmp_path / "link").symlink_to("dist/made")
    found, _ = open_checkout(tmp_path)
    assert (set(found.paths), found.read("link", LIMIT)) == ({"link"}, "made")


# -- texts -------------------------------------------------------------------------------------------------------


def held(tmp_path: Path, data: bytes) -> Checkout:
    (tmp_path / "f").write_bytes(data)
    return open_checkout(tmp_path)[0]


@pytest.mark.parametrize(
    "data, text",
    [(b"", ""), (b"\xef\xbb\xbfa: 1\r\n", "a: 1\r\n"), ("é\u202f\n".encode(), "é\u202f\n")],
)
def test_a_text_is_read_without_its_byte_order_mark(tmp_path: Path, data: bytes, text: str) -> None:
    """Everything else stays as it is: the ends of lines, the odd spaces."""
    assert held(tmp_path, data).read("f", LIMIT) == text


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"a\nZ\xfcrich", "byte 3 (line 2) is not UTF-8"),
        (b"\xff\xfea\x00", "UTF-16"),
        (b"\xfe\xff\x00a", "UTF-16"),
        (b"\xed\xa0\x80", "is not UTF-8"),
        (b"ab\x00c", "byte 2 is NUL"),
    ],
)
def test_other_encodings_are_told(tmp_path: Path, data: bytes, reason: str) -> None:
    """With the place, and never guessed; the repository is to blame."""
    told = refusal(held(tmp_path, data), "f")
    assert reason in told.reason
    assert told.ours
    assert not told.too_large


def test_known_failure_14_a_file_of_5_mb_is_too_large_and_not_missing(tmp_path: Path) -> None:
    """It is read no further than the limit; a file of exactly that is read."""
    found = held(tmp_path, b"x" * 5 * 1024 * 1024)
    told = refusal(found, "f")
    assert told.too_large
    assert told.reason == "it has more than 1024 KiB"
    assert found.read("f", 5 * 1024 * 1024) == "x" * 5 * 1024 * 1024


def test_known_failure_1_what_the_disk_refuses_is_not_the_repositorys_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing file is none; one that can't be read is neither missing nor wrong."""
    found = held(tmp_path, b"x")
    assert found.read("gone", LIMIT) is None

    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refused)
    told = refusal(found, "f")
    assert (told.ours, told.reason) == (False, "it cannot be read: Permission denied")


def test_a_file_that_vanishes_meanwhile_is_told(tmp_path: Path) -> None:
    """Between the list and the reading."""
    found = held(tmp_path, b"x")
    (tmp_path / "f").unlink()
    assert refusal(found, "f").reason
