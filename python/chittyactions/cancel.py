"""Turn the runner's cancellation into one exception, and keep it out of work that must not be cut short.

The runner sends SIGINT, SIGTERM seven and a half seconds later, and kills after ten.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any, Generic, TypeVar, cast

from chittyactions.errors import Cancelled

SIGNALS = (signal.SIGINT, signal.SIGTERM)

LOOK = 0.1
"""Seconds between looks for a signal that arrived just as a wait began: it does not wake the thread."""

_T = TypeVar("_T")


class Cancellation:
    """Within `with`, the first signal raises Cancelled in the main thread; later ones are noted."""

    def __init__(self) -> None:
        self.arrived = False
        self._held: Callable[[], None] | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Cancellation:  # noqa: PYI034 - Self came with Python 3.11
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._signal)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def held(self, hurry: Callable[[], None]) -> Iterator[None]:
        """Nothing is raised within; `hurry` is called when the job is cancelled, or was already."""
        self._held = hurry
        try:
            if self.arrived:
                hurry()
            yield
        finally:
            self._held = None

    def _signal(self, _number: int, _frame: FrameType | None) -> None:
        first, self.arrived = not self.arrived, True
        if self._held:
            self._held()
        elif first:
            raise Cancelled(
                "The job was cancelled.",
                why="The runner asked this step to stop.",
                fix="Run it again when it is wanted after all.",
            )


@contextmanager
def ended_by(end: Callable[[], None]) -> Iterator[None]:
    """Call `end` when the block is left, whatever happens; a signal that arrives meanwhile waits for it."""
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            late: list[int] = []
            before = {number: signal.signal(number, lambda one, _frame: late.append(one)) for number in SIGNALS}
            try:
                end()
            finally:
                for number, handler in before.items():
                    signal.signal(number, handler)
                for arrived in late[:1]:
                    signal.raise_signal(arrived)
        else:  # where no signal arrives
            end()


def taken(queue: SimpleQueue[_T]) -> _T:
    """Wait for the next of `queue`, in the thread where signals arrive: none is noticed later than after LOOK."""
    while True:
        try:
            return queue.get(timeout=LOOK)
        except Empty:  # noqa: PERF203 - Python has called the signals' handlers by now
            continue


def beside(work: Callable[[], _T], leave: Callable[[], None]) -> _T:
    """Do `work` in another thread, and return or raise what it does.

    What is raised here meanwhile (by a signal) calls `leave`, which should let the work end soon; when it has ended,
    it is raised on. A signal's exception may come between any two lines. In code that hands work to threads that may
    be while a lock is held that nobody would give back, and everybody would wait for it for ever: so such code runs
    where no signal arrives.
    """
    begin: SimpleQueue[Callable[[], _T] | None] = SimpleQueue()
    ended: SimpleQueue[None] = SimpleQueue()
    over: list[_Over[_T]] = []

    def other() -> None:
        try:
            given = begin.get()
            over.append(_Over(value=given()) if given else _Over())
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
            over.append(_Over(error=error))
        ended.put(None)

    def waited() -> None:
        while not over:
            taken(ended)

    threading.Thread(target=other, name="beside", daemon=True).start()
    try:
        begin.put(work)
        waited()
    except BaseException:
        begin.put(None)  # what has not begun by now never does
        leave()
        waited()
        raise
    if over[0].error:
        raise over[0].error
    return cast("_T", over[0].value)


@dataclass(frozen=True)
class _Over(Generic[_T]):
    value: _T | None = None
    error: BaseException | None = None
