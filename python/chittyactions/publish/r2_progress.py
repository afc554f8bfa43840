"""How far an upload is, told now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from chittyactions.publish.model import Say

EVERY = 2.0
"""Seconds between two lines at least."""

MEGABYTE = 1_000_000


def megabytes(size: int) -> str:
    """`12.3 MB`."""
    return f"{size / MEGABYTE:.1f} MB"


class Progress:
    """Of one file of `size` bytes, of which `there` had arrived before. Safe to use from several threads."""

    def __init__(self, name: str, size: int, there: int, say: Say, clock: Callable[[], float] = time.monotonic) -> None:
        self._name, self._size, self._say, self._clock = name, size, say, clock
        self._sent, self._there = 0, there
        self._begun = self._told = clock()
        self._lock = threading.Lock()

    def add(self, sent: int) -> None:
        """So many bytes more have arrived."""
        with self._lock:
            self._sent += sent
            now = self._clock()
            arrived = self._there + self._sent
            if arrived < self._size and now - self._told < EVERY:
                return
            self._told = now
            speed = self._sent / max(now - self._begun, 0.001)
            percent = 100 * arrived // max(self._size, 1)
            self._say(f"{self._name}: {percent} % of {megabytes(self._size)}, {megabytes(round(speed))}/s")
