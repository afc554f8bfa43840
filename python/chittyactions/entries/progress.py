"""How far long work is: one line that is overwritten on a terminal, a line now and then in a log."""

from __future__ import annotations

import shutil
import time
from collections import deque
from collections.abc import Callable
from typing import TextIO

EVERY = {True: 0.1, False: 15.0}
"""Seconds between two lines, on a terminal and in a log."""
RECENT = 30.0
FEWEST = 10
"""The time that is left goes by what was done in so many seconds, and by no fewer steps than that."""
SURE = 5.0
"""Seconds before which it is told only where a tenth is done."""


class Line:
    """Progress through `whole` things. `clock` gives seconds and only runs forward."""

    def __init__(self, stream: TextIO, whole: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._whole = whole
        self._clock = clock
        self._begun = clock()
        self._told = float("-inf")
        self._terminal = stream.isatty()
        self._open = False
        self._steps: deque[tuple[float, int]] = deque()

    def show(self, done: int, more: str) -> None:
        """So many are done. The last one is always shown."""
        now = self._clock()
        last = done >= self._whole
        self._steps.append((now, done))
        while len(self._steps) > FEWEST and self._steps[0][0] < now - RECENT:
            self._steps.popleft()
        if now - self._told < EVERY[self._terminal] and not last:
            return
        self._told = now
        text = f"{done} of {self._whole}{self._left(done, now)}, {more}"
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1  # a line that wraps can't be overwritten
            self._stream.write(f"\r\x1b[2K{text[:width]}" + ("\n" if last else ""))
            self._open = not last
        else:
            self._stream.write(text + "\n")
        self._stream.flush()

    def say(self, text: str) -> None:
        """Something that stays, such as a wait."""
        if self._terminal:
            self._stream.write("\r\x1b[2K")
            self._open = False
        self._stream.write(text + "\n")
        self._stream.flush()

    def end(self) -> None:
        """Nothing more is shown here: what others write begins a line of its own."""
        if self._open:
            self._stream.write("\n")
            self._stream.flush()
            self._open = False

    def _left(self, done: int, now: float) -> str:
        """How long the rest takes, as fast as the recent ones; nothing where there are too few to tell."""
        since, before = self._steps[0]
        spent = now - since
        early = now - self._begun < SURE and done * 10 < self._whole
        if early or spent < 1 or not before < done < self._whole:
            return ""
        seconds = spent / (done - before) * (self._whole - done)
        return f" (about {seconds:.0f} s left)" if seconds < 90 else f" (about {seconds / 60:.0f} min left)"
