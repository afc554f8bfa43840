"""What is kept of each commit between two audits, and every way in which its file may be broken."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from chittyactions.compliance.audit.guarded import Guarded
from chittyactions.compliance.audit.record import CheckRecord
from chittyactions.compliance.audit.state import AHEAD, FIRST, Kept, KeptService, State
from chittyactions.compliance.model import Outcome, Severity
from chittyactions.ecosystem.github_guard import Switches
from chittyactions.errors import ConfigError


def kept(name: str, commit: str = "c", text: str = "é\n") -> Kept:
    """What is known of a repository."""
    check = CheckRecord(
        id="a.b", dimension="a", title="T", outcome=Outcome.PASS, severity=Severity.LOW, required=True, reason=text
    )
    service = KeptService(name="n", type="tool", tier=None, domain="", organization="made", checks=(check,))
    return Kept(
        repository=f"made/{name}", commit=commit, digest="d", off=(), settings=text, services={"made/n": service}
    )


def test_what_was_tried(path: Path) -> None:
    """It is when GitHub was asked, for the order, and lets nothing stand; what was told later than it counts then."""
    path.parent.mkdir()
    path.write_bytes(FIRST + old("one"))
    state = State(path, lambda: 1000.0)
    state.keep(kept("two").model_copy(update={"tried": 6}))
    for tried, last in ((7, 7), (0, 7), (1000 + AHEAD + 1, 0), (8, 8)):
        state.ask("made/one", None, None, tried)
        found = state.get("made/one")
        assert found
        assert (found.asked, found.tried, state.asked("made/one")) == (0, last, last)
    state.ask("made/one", Switches((), "", 9), Guarded(5, "main", ()))
    assert state.asked("made/one") == 8
    state.ask("made/one", None, Guarded(10, "main", ()))
    state.close()
    state = State(path, lambda: 1000.0)
    assert (state.asked("made/one"), state.asked("made/two")) == (9, 6)
    state.close()


def old(name: str) -> bytes:
    """The line of a repository from before the states of workflows were kept."""
    lacking = ("asked", "etag", "why", "tried")
    told = {key: value for key, value in kept(name).model_dump(mode="json").items() if key not in lacking}
    for service in told["services"].values():
        del service["unsure"]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet, in a folder that is not."""
    return tmp_path / "folder/state.ndjson"


def written(path: Path, *ones: Kept) -> None:
    state = State(path)
    for one in ones:
        state.keep(one)
    state.close()


def test_what_is_kept_is_there_the_next_time(path: Path) -> None:
    """The last word counts, whatever case the name is in; one line of each remains."""
    written(path, kept("one"), kept("two"), kept("one", "later"))
    state = State(path)
    assert ("made/ONE" in state, "made/three" in state, state.get("made/three")) == (True, False, None)
    assert (state.get("Made/One"), state.get("made/two")) == (kept("one", "later"), kept("two"))
    state.close()
    assert path.read_bytes().startswith(FIRST)
    assert path.read_bytes().count(b"\n") == 3
    assert [one.name for one in path.parent.iterdir()] == ["state.ndjson"]


def test_states_of_workflows_that_were_told_again(path: Path) -> None:
    """They are noted beside what was kept, also of lines from before such a thing was kept."""
    path.parent.mkdir()
    path.write_bytes(FIRST + old("one") + old("two"))
    state = State(path)
    assert (state.get("made/one"), state.asked("made/one"), state.asked("made/three")) == (kept("one"), 0, 0)
    for switches in (Switches((), 'W/"e"', 7), Switches((), "", 8), Switches((), '"\\"e', 9)):
        state.ask("MADE/one", switches)
        told = kept("one").model_copy(update={"asked": switches.asked, "etag": switches.etag})
        assert (state.get("made/one"), state.asked("made/One")) == (told, switches.asked)
    state.ask("made/three", Switches(()))
    state.close()
    state = State(path)
    assert (state.get("made/one"), state.asked("made/one"), state.get("made/two")) == (told, 9, kept("two"))
    assert state.get("made/one") != kept("one")
    state.close()
    assert path.read_bytes().count(b"\n") == 3


def test_protection_that_was_told(path: Path) -> None:
    """It is noted beside the states, neither of which touches the other; the older of both is when it was told."""
    path.parent.mkdir()
    path.write_bytes(FIRST + old("one") + old("two"))
    state = State(path)
    state.ask("made/one", Switches((), '"e"', 7))
    for guarded in (Guarded(5, "main", ()), Guarded(9, 'a"é}', (True, False, True)), Guarded(0), Guarded()):
        state.ask("MADE/one", None, guarded)
        found = state.get("made/one")
        assert found
        assert (found.protection, found.switches) == (guarded, Switches((), '"e"', 7))
        assert state.asked("made/one") == min(7, guarded.asked)
    state.ask("made/two", None, Guarded(5, "main", ()))
    state.ask("made/two", Switches((), "", 8), None)
    state.close()
    state = State(path)
    (one, two) = (state.get("made/one"), state.get("made/two"))
    assert one
    assert two
    assert (one.protection, two.protection, two.asked) == (Guarded(), Guarded(5, "main", ()), 8)
    assert (state.asked("made/one"), state.asked("made/two")) == (7, 5)
    state.close()


@pytest.mark.parametrize("ahead, told", [(AHEAD, 1000 + AHEAD), (AHEAD + 1, 0)])
def test_what_was_told_in_the_future(path: Path, ahead: int, told: int) -> None:
    """A clock may be off by some minutes; what is later than that was never told."""
    some = kept("one").model_copy(update={"asked": 1000 + ahead, "guarded": 1000 + ahead, "guard": ()})
    state = State(path, lambda: 1000.0)
    state.keep(some)
    for _ in range(2):
        found = state.get("made/one")
        assert found
        assert (found.asked, found.guarded, state.asked("made/one")) == (told, told, told)
        state.close()
        state = State(path, lambda: 1000.0)
    state.close()


@pytest.mark.parametrize("etag", ["€", '"a\nb"', '"\x7f"', '"a b"', " "])
def test_a_name_of_an_answer_that_cannot_be_sent(path: Path, etag: str) -> None:
    """It is dropped: whoever sent it would never have an answer."""
    written(path, kept("one").model_copy(update={"etag": etag, "asked": 5}), kept("two"))
    state = State(path)
    found = state.get("made/one")
    assert found
    assert (found.etag, found.asked) == ("", 5)
    state.close()


def test_nothing_is_kept_without_a_file() -> None:
    """And nothing goes wrong."""
    state = State(None)
    state.keep(kept("one"))
    state.ask("made/one", Switches(()))
    assert ("made/one" in state, state.get("made/one"), state.asked("made/one")) == (False, None, 0)
    state.close()


def test_an_audit_that_was_killed(path: Path) -> None:
    """What it had written is there, at whatever byte it ended."""
    state = State(path)
    state.keep(kept("one"))
    state.keep(kept("two"))
    whole = path.read_bytes()
    second = whole.index(b"\n", len(FIRST)) + 1
    state.close()
    line = len(FIRST)
    for end in (0, 1, line - 1, line, line + 1, line + 30, second - 2, second - 1, second, second + 1, len(whole) - 1):
        path.write_bytes(whole[:end])
        again = State(path)
        assert ("made/one" in again, "made/two" in again) == (end >= second, False), end
        again.keep(kept("three"))
        again.close()
        last = State(path)
        assert last.get("made/three") == kept("three")
        assert last.get("made/one") == (kept("one") if end >= second else None)
        last.close()


@pytest.mark.parametrize(
    "line", [b"\n", b"{}\n", b'{"repository":"made/one"}\n', b"\xff\xfe\n", b'{"repository":"\n', b"x" * 9]
)
def test_lines_that_are_broken_are_nothing(path: Path, line: bytes) -> None:
    """Those around them count."""
    written(path, kept("two"))
    path.write_bytes(path.read_bytes() + line + b"\n")
    state = State(path)
    assert (state.get("made/one"), state.get("made/two")) == (None, kept("two"))
    state.close()


def test_the_state_of_another_format_is_begun_anew(path: Path) -> None:
    """It is only a saving, and no reason to fail."""
    path.parent.mkdir()
    path.write_bytes(b'chittyops-audit-state 1\n{"repository":"made/one"}\n')
    written(path, kept("two"))
    assert path.read_bytes().startswith(FIRST)
    assert b"made/one" not in path.read_bytes()


@pytest.mark.parametrize("text", ["My notes\n", "{}", "\n", "chittyops"])
def test_what_is_no_state_is_left_alone(path: Path, text: str) -> None:
    """Somebody's file is not overwritten; the beginning of our own first line is ours."""
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    if text == "chittyops":
        State(path).close()
        return
    with pytest.raises(ConfigError, match="can't hold the audit's state"):
        State(path)
    assert path.read_text("utf-8") == text


def test_one_audit_at_a_time(path: Path) -> None:
    """The second one is told, and the file is free once the first one has ended."""
    first = State(path)
    with pytest.raises(ConfigError) as raised:
        State(path)
    assert "Another audit is writing it." in str(raised.value)
    first.keep(kept("one"))
    first.close()
    second = State(path)
    assert second.get("made/one") == kept("one")
    second.close()


def test_whoever_waited_at_the_old_file_gets_the_new_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An audit that ends puts another file in its place: what is written to the old one would be lost."""
    first = State(path)
    first.keep(kept("one"))
    opened = Path.open
    closing = [first.close]

    def late(self: Path, *words: object, **more: object) -> object:
        file = opened(self, *words, **more)  # type: ignore[call-overload]
        if words == ("a+b",) and closing:
            closing.pop()()
        return file

    monkeypatch.setattr(Path, "open", late)
    second = State(path)
    second.keep(kept("two"))
    monkeypatch.undo()
    assert path.read_bytes().count(b"\n") == 3
    second.close()


@pytest.mark.parametrize("ended", [True, False])
def test_a_file_that_is_another_ones_by_now_is_left_alone(path: Path, ended: bool) -> None:
    """Somebody deleted it while an audit ran, and another audit began, or even ended: what that one knows is kept."""
    written(path, kept("a/one"))
    late = State(path)
    late.keep(kept("a/two"))
    path.unlink()
    other = State(path)
    other.keep(kept("a/three"))
    for one in (other, late) if ended else (late, other):
        one.close()
        assert b"a/three" in path.read_bytes()
    assert b"a/two" not in path.read_bytes()
    assert [path.name] == [each.name for each in path.parent.iterdir()]


def test_a_file_that_was_deleted_is_written_again(path: Path) -> None:
    """Where nobody else has put one there, what was looked at is kept."""
    state = State(path)
    state.keep(kept("a/one"))
    path.unlink()
    state.close()
    assert b"a/one" in path.read_bytes()


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    """It is said before anything is asked."""
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(ConfigError, match="can't hold"):
        State(tmp_path / "file/state")
    with pytest.raises(ConfigError, match="can't hold"):
        State(tmp_path)


def test_a_disk_that_is_full(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file stays as it was."""
    written(path, kept("one"))
    before = path.read_bytes()
    state = State(path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="can't hold") as raised:
        state.close()
    assert "No space left on device" in raised.value.why
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["state.ndjson"]
