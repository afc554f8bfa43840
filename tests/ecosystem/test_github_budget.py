"""What is left of GitHub's limits, and how long everybody waits for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import pytest

from chittyactions.ecosystem.github_budget import MOST_IN_A_ROW, PER_MINUTE, Budget, shown
from chittyactions.errors import BadAnswer, Refused
from chittyactions.http import Deadline

START = 1_767_225_600.0  # 2026-01-01T00:00:00Z


class Wall:
    """A clock that sleeping moves; `after` is called then."""

    def __init__(self) -> None:
        self.now = START
        self.said: list[str] = []
        self.after: Callable[[], None] = lambda: time.sleep(0)
        self._lock = threading.Lock()

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds
        self.after()

    def budget(self, longest: float = 900.0, deadline: Deadline | None = None, **more: Any) -> Budget:
        clock = lambda: self.now  # noqa: E731 - it is read anew each time
        return Budget(say=self.said.append, longest=longest, deadline=deadline, clock=clock, sleep=self.sleep, **more)


@pytest.fixture
def wall() -> Wall:
    """New Year."""
    return Wall()


def left(remaining: int, reset: float, date: float = START) -> dict[str, str]:
    """An answer's headers."""
    shown_date = formatdate(date, usegmt=True)
    return {"x-ratelimit-remaining": str(remaining), "x-ratelimit-reset": str(int(reset)), "date": shown_date}


def test_nobody_waits_without_a_reason(wall: Wall) -> None:
    """Nothing is known, or there are points left."""
    budget = wall.budget()
    budget.enter("a")
    budget.told("a", left(1, START + 100))
    budget.enter("a")
    assert (wall.now, wall.said, budget.waited) == (START, [], 0)


def test_an_hour_that_is_used_up(wall: Wall) -> None:
    """It is waited out, announced with length and end; afterwards what is left is not known."""
    budget = wall.budget()
    budget.told("a", left(0, START + 750))
    budget.enter("a")
    budget.enter("a")
    assert wall.now == START + 751
    assert wall.said == [
        "GitHub's API: this hour's points are used up. Waiting 12 min 31 s, until 00:12:31 UTC."
    ]  # fmt: skip
    assert (budget.waited, budget.left("a")[0]) == (751, None)


def test_accounts_have_limits_of_their_own(wall: Wall) -> None:
    """One organisation's installation does not wait for another's."""
    budget = wall.budget()
    budget.told("a", left(0, START + 750))
    budget.enter("b")
    assert wall.now == START


def test_a_clock_that_is_off(wall: Wall) -> None:
    """How long it takes is by GitHub's clock on both ends."""
    budget = wall.budget()
    budget.told("a", left(0, START + 500 + 100, date=START + 500))
    budget.enter("a")
    assert wall.now == START + 101


def test_answers_overtake_each_other(wall: Wall) -> None:
    """Of one hour the lowest number is true; a new hour begins anew, and an old one says nothing."""
    budget = wall.budget()
    for remaining in (10, 8, 9):
        budget.told("a", left(remaining, START + 100 + remaining % 3))
    assert budget.left("a")[0] == 8
    budget.told("a", left(5000, START + 3600))
    assert budget.left("a") == (5000, START + 3600)
    budget.told("a", left(3, START - 10))
    assert budget.left("a")[0] == 5000


@pytest.mark.parametrize(
    "headers", [{}, {"x-ratelimit-remaining": "0"}, {"x-ratelimit-remaining": "-1", "x-ratelimit-reset": "٣"},
                {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 400}],
)  # fmt: skip
def test_headers_that_tell_nothing(wall: Wall, headers: dict[str, str]) -> None:
    """They are passed over."""
    budget = wall.budget()
    budget.told("a", headers)
    assert budget.left("a")[0] is None


def test_a_secondary_limit_is_one_for_all_that_were_under_way(wall: Wall) -> None:
    """Four requests that meet it together are one reason to wait a minute, not four; the next is two minutes."""
    budget = wall.budget()
    turns = [budget.enter("a") for _ in range(4)]
    for turn in turns:
        budget.limited("a", turn, {}, hourly=False)
    turn = budget.enter("a")
    assert wall.now == START + 60
    budget.limited("a", turn, {}, hourly=False)
    turn = budget.enter("a")
    assert wall.now == START + 180
    budget.spent("a", 1)
    budget.limited("a", turn, {}, hourly=False)
    budget.enter("a")
    assert wall.now == START + 240
    assert len(wall.said) == 3


def test_retry_after_is_honoured(wall: Wall) -> None:
    """The longest that any of them was told."""
    budget = wall.budget()
    turns = [budget.enter("a") for _ in range(2)]
    budget.limited("a", turns[0], {"retry-after": "7"}, hourly=False)
    budget.limited("a", turns[1], {"retry-after": "9"}, hourly=False)
    budget.enter("a")
    assert wall.now == START + 9


def test_a_limit_of_the_hour_that_does_not_tell_its_end(wall: Wall) -> None:
    """A minute, as GitHub asks."""
    budget = wall.budget()
    budget.limited("a", budget.enter("a"), {}, hourly=True)
    budget.enter("a")
    assert wall.now == START + 60


def test_it_is_given_up_after_some_time(wall: Wall) -> None:
    """A service that refuses after each wait is not waited for without end."""
    budget = wall.budget()
    for _ in range(MOST_IN_A_ROW):
        budget.limited("a", budget.enter("a"), {"retry-after": "1"}, hourly=False)
    with pytest.raises(Refused, match="however long it is waited"):
        budget.limited("a", budget.enter("a"), {"retry-after": "1"}, hourly=False)


@pytest.mark.parametrize("longest, seconds", [(900.0, 120.0), (120.0, 9000.0)])
def test_a_wait_that_is_too_long(wall: Wall, longest: float, seconds: float) -> None:
    """Longer than a run waits, or beyond its deadline: it is refused before it begins, with the time to come back."""
    budget = wall.budget(longest, Deadline(seconds, lambda: wall.now))
    budget.told("a", left(0, START + 3000))
    with pytest.raises(Refused, match=r"takes no request before 00:50:01 UTC, in 50 min 1 s") as refused:
        budget.enter("a")
    assert (refused.value.code, wall.now, len(wall.said)) == ("rate limit", START, 1)
    assert wall.said[0].startswith(
        "GitHub's API takes no request before 00:50:01 UTC, in 50 min 1 s. This hour's points "
    )
    assert wall.said[0].endswith("Run again after that time, or with a token that has more left.")
    with pytest.raises(Refused):
        budget.enter("a")
    assert len(wall.said) == 1
    assert "waits 2 min at most" in refused.value.why


def test_a_deadline_that_is_brought_forward_ends_a_wait(wall: Wall) -> None:
    """A job that is cancelled does not wait on."""
    deadline = Deadline(9000, lambda: wall.now)
    budget = wall.budget(deadline=deadline)
    budget.told("a", left(0, START + 600))
    wall.after = lambda: deadline.shorten(2)
    with pytest.raises(Refused):
        budget.enter("a")
    assert wall.now <= START + 10


def test_requests_of_a_minute(wall: Wall) -> None:
    """They stay under the secondary limit that GitHub publishes; a server that tells of no limit has none."""
    budget = wall.budget()
    for _ in range(PER_MINUTE + 1):
        budget.enter("b")
    budget.told("a", left(5000, START + 3600))
    for _ in range(PER_MINUTE):
        budget.enter("a")
    assert wall.now == START
    budget.enter("a")
    assert wall.now == START + 60
    assert "1,900 requests in a minute" in wall.said[0]


def test_limits_of_another_kind(wall: Wall) -> None:
    """REST's are told in its own words, and are its own number in a minute."""
    budget = wall.budget(unit="requests", per_minute=2)
    budget.told("a", left(0, START + 50))
    budget.enter("a")
    budget.enter("a")
    budget.enter("a")
    assert [one.partition(". ")[0] for one in wall.said] == [
        "GitHub's API: this hour's requests are used up",
        "GitHub's API: there were 2 requests in a minute",
    ]


def test_many_wait_and_one_says_so(wall: Wall) -> None:
    """Whatever the number of threads, a wait is announced once, and counted once."""
    budget = wall.budget()
    budget.told("a", left(0, START + 300))
    threads = [threading.Thread(target=budget.enter, args=("a",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(wall.said) == 1
    assert 300 <= budget.waited <= 310


def test_an_account_that_is_shut(wall: Wall) -> None:
    """Who comes gets the failure; others go on."""
    budget = wall.budget()
    budget.shut("a", BadAnswer("No.", service="GitHub's API"))
    with pytest.raises(BadAnswer):
        budget.enter("a")
    assert budget.enter("b") == 0


def test_stopping_wakes_who_waits() -> None:
    """A wait of an hour ends at once."""
    budget = Budget(longest=9000)
    budget.told("a", left(0, time.time() + 3000, date=time.time()))
    failures: list[Refused] = []

    def wait() -> None:
        try:
            budget.enter("a")
        except Refused as refused:
            failures.append(refused)

    thread = threading.Thread(target=wait)
    thread.start()
    budget.stop()
    thread.join(5)
    assert [failure.code for failure in failures] == ["stopped"]


def test_counts_of_many_threads(wall: Wall) -> None:
    """No request and no point is lost."""
    budget = wall.budget()

    def work() -> None:
        for _ in range(200):
            budget.sent()
            budget.spent("a", 2)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (budget.requests, budget.points) == (1600, 3200)


@pytest.mark.parametrize(
    "seconds, text",
    [(0.4, "0 s"), (45, "45 s"), (60, "1 min"), (750, "12 min 30 s"), (3600, "1 h"), (3900, "1 h 5 min"), (-3, "0 s")],
)
def test_lengths_of_time(seconds: float, text: str) -> None:
    """As a person says them."""
    assert shown(seconds) == text
