"""How far an audit is, on a terminal and in a log."""

from __future__ import annotations

import io

import pytest

from chittyactions.entries.progress import Line


class Stream(io.StringIO):
    """A stream that is a terminal, or not."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


class Clock:
    """A clock that moves when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """It stands still."""
    return Clock()


def test_a_log_has_a_line_now_and_then(clock: Clock) -> None:
    """The first one, one in fifteen seconds with the time that is left, and the last one."""
    stream = Stream(terminal=False)
    line = Line(stream, 100, clock)
    for done in range(1, 101):
        clock.now = done * 1.0
        line.show(done, "0 failing")
    shown = stream.getvalue().splitlines()
    assert shown[0] == "1 of 100, 0 failing"
    assert shown[1] == "16 of 100 (about 84 s left), 0 failing"
    assert shown[-1] == "100 of 100, 0 failing"
    assert len(shown) == 8


def shown_at(clock: Clock, whole: int, *steps: tuple[float, int]) -> list[str]:
    """What is said of the time that is left, at some moments with what is done by then."""
    stream = Stream(terminal=True)
    clock.now = 0.0
    line = Line(stream, whole, clock)
    for moment, done in steps:
        clock.now = moment
        line.show(done, "")
    return [one.partition("(")[2].partition(" left")[0] for one in stream.getvalue().split("\r\x1b[2K")[1:]]


def test_the_first_moments_tell_no_time(clock: Clock) -> None:
    """What comes before the first one, as a query, is not what each of the others takes."""
    assert shown_at(clock, 62, (1.4, 1), (2.4, 2), (4.9, 6)) == ["", "", ""]
    assert shown_at(clock, 62, (1.4, 1), (2.4, 8)) == ["", "about 8 s"]
    assert shown_at(clock, 62, (1.4, 1), (6.4, 6)) == ["", "about 56 s"]


def test_the_time_left_goes_by_the_recent_ones(clock: Clock) -> None:
    """Those that were not read again were quick, and say nothing of the others."""
    quick = [(one / 100, one) for one in range(1, 501)]
    slow = [(5.0 + one, 500 + one) for one in range(1, 101)]
    assert shown_at(clock, 1000, *quick, *slow)[-1] == "about 7 min"


def test_a_terminal_has_one_line(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is overwritten and never wraps; what is said stays above it."""
    monkeypatch.setenv("COLUMNS", "24")
    stream = Stream(terminal=True)
    line = Line(stream, 3, clock)
    line.show(1, "a text that is much longer than the terminal")
    clock.now = 0.05
    line.show(2, "too early to be shown")
    line.say("A wait.")
    clock.now = 200
    line.show(2, "1 failing")
    line.show(3, "1 failing")
    begin = "\r\x1b[2K"
    assert stream.getvalue().split(begin) == [
        "", "1 of 3, a text that is ", "A wait.\n", "2 of 3 (about 3 min lef", "3 of 3, 1 failing\n",
    ]  # fmt: skip


def test_what_ends_early_leaves_the_line(clock: Clock) -> None:
    """An error begins a line of its own; a log and a line that is whole need nothing."""
    for terminal, done, expected in ((True, 1, True), (True, 2, True), (False, 1, True)):
        stream = Stream(terminal)
        line = Line(stream, 2, clock)
        line.show(done, "")
        line.end()
        line.end()
        assert stream.getvalue().endswith("\n") is expected
        assert stream.getvalue().count("\n") == 1
