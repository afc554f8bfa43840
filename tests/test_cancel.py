"""A signal's exception in the thread that waits, and work in another one that may hold locks."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from chittyactions.cancel import SIGNALS, Cancellation, beside, ended_by
from chittyactions.errors import Cancelled


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_what_work_returns() -> None:
    assert beside(lambda: threading.current_thread().name, lambda: pytest.fail("nobody leaves")) == "beside"


@pytest.mark.parametrize("failure", [ValueError("x"), KeyboardInterrupt(), SystemExit(3)], ids=repr)
def test_what_work_raises(failure: BaseException) -> None:
    def work() -> None:
        raise failure

    with pytest.raises(type(failure)) as raised:
        beside(work, lambda: pytest.fail("nobody leaves"))
    assert raised.value is failure


def test_nothing_is_a_result() -> None:
    """None and an empty tuple are what came of it."""
    assert beside(lambda: None, lambda: None) is None
    assert beside(tuple, lambda: None) == ()


def test_a_signal_lets_the_work_end_and_is_raised() -> None:
    """`leave` is called once; the work is over before anybody goes on."""
    stop = threading.Event()
    left: list[bool] = []
    ended: list[bool] = []

    def work() -> None:
        interrupt()
        assert stop.wait(20)
        ended.append(True)

    def leave() -> None:
        left.append(bool(ended))
        stop.set()

    with Cancellation(), pytest.raises(Cancelled):
        beside(work, leave)
    assert (left, ended) == ([False], [True])


def test_what_work_raises_as_it_is_left_is_not_what_counts() -> None:
    """It was stopped: that it then fails says nothing."""
    stop = threading.Event()

    def work() -> None:
        interrupt()
        assert stop.wait(20)
        raise ValueError("cut short")

    with Cancellation(), pytest.raises(Cancelled):
        beside(work, stop.set)


def test_later_signals_wait_for_the_work_too() -> None:
    """The runner sends a second one seconds after the first."""
    stop, twice = threading.Event(), threading.Event()
    over: list[bool] = []

    def work() -> None:
        interrupt()
        assert stop.wait(20)
        os.kill(os.getpid(), signal.SIGTERM)
        assert twice.wait(20)
        over.append(True)

    def leave() -> None:
        threading.Timer(0.1, twice.set).start()
        stop.set()

    with Cancellation() as cancel, pytest.raises(Cancelled):
        beside(work, leave)
    assert (over, cancel.arrived) == ([True], True)


def test_a_signal_whenever_it_arrives() -> None:
    """Among the locks of a pool, or as a wait begins: it is noticed, and everything ends."""
    for _ in range(100):
        stop, begun = threading.Event(), threading.Event()

        def work(stop: threading.Event = stop, begun: threading.Event = begun) -> None:
            with ThreadPoolExecutor(4) as pool:
                while not stop.is_set():
                    wait([pool.submit(int) for _ in range(8)])
                    begun.set()

        def send(begun: threading.Event = begun) -> None:
            assert begun.wait(20)
            interrupt()

        sender = threading.Thread(target=send)
        with Cancellation():
            sender.start()
            with pytest.raises(Cancelled):
                beside(work, stop.set)
        sender.join(20)


# -- an end that is not cut short --------------------------------------------------------------------------------------


def test_an_end_is_not_cut_short() -> None:
    """A signal that arrives during it is raised when it is over."""
    seen: list[str] = []

    def end() -> None:
        interrupt()
        seen.append("ended")

    with Cancellation(), pytest.raises(Cancelled), ended_by(end):
        seen.append("work")
    assert seen == ["work", "ended"]


def test_an_end_after_a_failure() -> None:
    """It is made all the same, and the failure is raised; signals are then as they were."""
    ends: list[None] = []

    def fail() -> None:
        with ended_by(lambda: ends.append(None)):
            raise ValueError("x")

    before = [signal.getsignal(one) for one in SIGNALS]
    with pytest.raises(ValueError, match="x"):
        fail()
    assert (len(ends), [signal.getsignal(one) for one in SIGNALS]) == (1, before)


def test_an_end_in_another_thread() -> None:
    """No signal arrives there, and none may be handled there."""
    ends: list[None] = []

    def work() -> None:
        with ended_by(lambda: ends.append(None)):
            pass

    beside(work, lambda: None)
    assert len(ends) == 1
