"""Turn the runner's cancellation into one exception, and keep it out of work that must not be cut short.

The runner sends SIGINT, SIGTERM seven and a half seconds later, and kills after ten.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from chittyactions.errors import Cancelled

SIGNALS = (signal.SIGINT, signal.SIGTERM)


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
