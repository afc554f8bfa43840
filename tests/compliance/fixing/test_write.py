"""Files are written whole, never over anything that the plan does not know, and never outside of the repository."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from chittyactions.compliance.fixing.diff import diff
from chittyactions.compliance.fixing.plan import Change
from chittyactions.compliance.fixing.write import write


def new(path: str, text: str = "new\n") -> Change:
    """A file that is to be made."""
    return Change(path, None, text.encode(), ("a.b",))


def edit(path: str, before: str, after: str) -> Change:
    """A file that is to be changed."""
    return Change(path, before.encode(), after.encode(), ("a.b",))


def reason(root: Path, change: Change) -> str:
    """Why a change is not made; "" where it is."""
    written, left = write(root, [change])
    assert len(written) + len(left) == 1
    assert not left or (left[0].path, left[0].checks) == (change.path, change.checks)
    return left[0].reason if left else ""


def everything(root: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_new_files_are_made_with_their_folders(tmp_path: Path) -> None:
    """With the rights that new files have here, and nothing left beside them."""
    assert write(tmp_path, [new(".github/workflows/a.yml"), new("b.md")])[1] == ()
    assert everything(tmp_path) == {".github/workflows/a.yml": b"new\n", "b.md": b"new\n"}
    (tmp_path / "as-usual").touch()
    assert (tmp_path / "b.md").stat().st_mode == (tmp_path / "as-usual").stat().st_mode


def test_a_file_that_appeared_meanwhile_is_left(tmp_path: Path) -> None:
    """Whoever was faster wins; a link to nothing is something as well."""
    (tmp_path / "a.md").write_text("theirs", "utf-8")
    (tmp_path / "b.md").symlink_to("nowhere")
    assert reason(tmp_path, new("a.md")) == "somebody wrote it meanwhile"
    assert reason(tmp_path, new("b.md")) == "somebody wrote it meanwhile"
    assert everything(tmp_path) == {"a.md": b"theirs"}
    assert (tmp_path / "b.md").is_symlink()


def test_a_file_system_without_hard_links_is_written_to_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There, too, nothing is written over."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "b.md").write_text("theirs", "utf-8")
    assert reason(tmp_path, new("a.md")) == ""
    assert reason(tmp_path, new("b.md")) == "somebody wrote it meanwhile"
    assert everything(tmp_path) == {"a.md": b"new\n", "b.md": b"theirs"}


def test_a_file_is_changed_only_as_long_as_it_is_what_was_planned_for(tmp_path: Path) -> None:
    """Somebody's edit between the diff and the yes is not lost; neither is one that only adds."""
    path = tmp_path / "a.yml"
    path.write_text("old\n", "utf-8")
    path.chmod(0o640)
    assert reason(tmp_path, edit("a.yml", "old\n", "old\nnew\n")) == ""
    assert (path.read_text("utf-8"), path.stat().st_mode & 0o777) == ("old\nnew\n", 0o640)
    assert reason(tmp_path, edit("a.yml", "old\n", "lost\n")) == "somebody changed it meanwhile"
    assert everything(tmp_path) == {"a.yml": b"old\nnew\n"}


def test_a_file_that_is_a_link_by_now_is_left(tmp_path: Path) -> None:
    """What it leads to is not this file."""
    (tmp_path / "target").write_text("old\n", "utf-8")
    (tmp_path / "a.yml").symlink_to("target")
    assert reason(tmp_path, edit("a.yml", "old\n", "new\n")) == "it is gone, or a link by now"
    assert reason(tmp_path, edit("gone.yml", "old\n", "new\n")) == "it is gone, or a link by now"
    assert everything(tmp_path)["target"] == b"old\n"


def test_nothing_is_written_out_of_the_repository(tmp_path: Path) -> None:
    """A folder that is a link to outside is not followed, and `.git` is nobody's place; one to inside is."""
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    (root / ".git").mkdir(parents=True)
    (root / "real").mkdir()
    (root / "out").symlink_to(outside)
    (root / "in").symlink_to("real")
    (root / "hooks").symlink_to(".git")
    for path in ("out/a", "out/deep/a", "hooks/a", ".git/hooks/a", "../outside/a"):
        assert reason(root, new(path)) == "the way to it leads out of the repository, or into .git"
    assert reason(root, new("in/a")) == ""
    assert everything(outside) == {}
    assert everything(root) == {"real/a": b"new\n"}


def test_a_file_in_the_way_of_a_folder_is_told(tmp_path: Path) -> None:
    """`docs` may be a file; the other files are written all the same."""
    (tmp_path / "docs").write_text("x", "utf-8")
    written, left = write(tmp_path, [new("docs/a.md"), new("b.md")])
    assert [one.path for one in written] == ["b.md"]
    assert [one.reason for one in left] == ["there is a file where its folder would be"]


def test_a_write_that_fails_leaves_nothing_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk ends with the old file and no debris."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "a.yml").write_text("old\n", "utf-8")
    monkeypatch.setattr(os, "fchmod", full)
    assert reason(tmp_path, edit("a.yml", "old\n", "new\n")) == "it cannot be written: No space left on device"
    assert reason(tmp_path, new("b.yml")) == "it cannot be written: No space left on device"
    assert everything(tmp_path) == {"a.yml": b"old\n"}


def test_each_file_is_told_before_whoever_stops_it_is_heard(tmp_path: Path) -> None:
    """A signal waits until the file is whole and named; nothing is left beside it, and the next one is not begun."""
    told: list[str] = []

    def stopped_within(change: Change) -> None:
        signal.raise_signal(signal.SIGINT)
        told.append(change.path)

    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, [new("a.md"), new("b.md")], stopped_within)
    assert told == ["a.md"]
    assert everything(tmp_path) == {"a.md": b"new\n"}


@pytest.mark.parametrize("call", ["link", "fchmod", "replace"])
def test_whatever_ends_a_write_takes_its_temporary_file_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Not only an error of the disk."""

    def ended(*_: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "a.yml").write_text("old\n", "utf-8")
    monkeypatch.setattr(Path if call == "replace" else os, call, ended)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, [edit("a.yml", "old\n", "new\n") if call == "replace" else new("b.yml")])
    assert everything(tmp_path) == {"a.yml": b"old\n"}
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == set()


def test_what_a_killed_run_left_is_cleared_away(tmp_path: Path) -> None:
    """Its temporary file for the same place, and no file that only looks a little like it."""
    (tmp_path / ".a[1].md.chittyops-abcd1234.new").write_text("half", "utf-8")
    kept = (".a[1].md.new", ".b.md.chittyops-abcd1234.new", ".a1.md.chittyops-abcd1234.new")
    for name in kept:
        (tmp_path / name).write_text("theirs", "utf-8")
    assert reason(tmp_path, new("a[1].md")) == ""
    assert everything(tmp_path).keys() == {"a[1].md", *kept}


# -- what is shown before ----------------------------------------------------------------------------------------------


def test_a_new_file_is_shown_whole() -> None:
    """As git shows it."""
    assert diff(new("docs/a.md", "one\n\ntwo\n")) == (
        "--- /dev/null\n+++ b/docs/a.md\n@@ -0,0 +1,3 @@\n+one\n+\n+two\n"
    )


def test_a_change_is_shown_with_what_is_around_it() -> None:
    """Line ends of Windows and a mark at the beginning do not show as changes; a missing last line feed does."""
    before = "\ufeffa\r\nb"
    assert diff(edit("x.yml", before, f"{before}\r\nc\r\n")) == (
        "--- a/x.yml\n+++ b/x.yml\n@@ -1,2 +1,3 @@\n a\n-b\n\\ No newline at end of file\n+b\n+c\n"
    )


def test_what_a_terminal_would_obey_is_spelled_out() -> None:
    """A file of a stranger does not paint, move the cursor or set a title while its change is read."""
    shown = diff(edit("x.yml", "a: \x1b]0;title\x07\x9b31m\u202e\n", "a: \x1b]0;title\x07\x9b31m\u202e\nb: 1\n"))
    assert " a: \\x1b]0;title\\x07\\x9b31m\\u202e\n+b: 1\n" in shown
    assert diff(new("tab.md", "a\tb\n")).endswith("+a\tb\n")


def test_colours_are_for_terminals() -> None:
    """New is green, what goes is red; without a terminal there is not one escape."""
    change = edit("x.yml", "a\nb", "a\nb\nc\n")
    painted = diff(change, colour=True)
    assert "\x1b[32m+c\x1b[0m\n" in painted
    assert "\x1b[31m-b\x1b[0m\n" in painted
    assert "\x1b[1m+++ b/x.yml\x1b[0m\n" in painted
    assert "\x1b" not in diff(change)
