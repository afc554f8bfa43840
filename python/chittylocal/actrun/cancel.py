"""Ctrl-C as GitHub's cancel button, and the end of what a run left behind.

act answers SIGINT by killing its step with SIGKILL, so that a deploy could restore nothing. GitHub's runner signals
the step's own process: SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL; then come the steps with `if: always()` and
the post steps. The first Ctrl-C does that here, the second one ends act as act would, the third kills it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import FrameType, TracebackType

STEPS = ((signal.SIGINT, 7.5), (signal.SIGTERM, 2.5))
"""What a cancelled step gets, and how long it may take; then it is killed."""
LOOK_FOR_A_STEP = 2.0
"""Seconds that a cancellation waits for a step to be running, between two of them."""
LAST_WORDS = 2.0
"""Seconds between SIGTERM and SIGKILL for what is still there after act ended."""


def children(parent: int) -> set[int]:
    """The direct children of a process."""
    done = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=False)
    pairs = (line.split() for line in done.stdout.splitlines())
    return {int(pair[0]) for pair in pairs if len(pair) == 2 and int(pair[1]) == parent}


def _send(processes: Iterable[int], number: signal.Signals) -> None:
    for each in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, number)


class Cancellation:
    """While the `with` block waits for act, SIGINT and SIGTERM to this process cancel its steps.

    Attributes:
        asked: how often somebody asked for it.
    """

    def __init__(self, act: subprocess.Popen[str]) -> None:
        self.asked = 0
        self._act = act
        self._before: dict[int, signal._HANDLER] = {}
        self._worker: threading.Thread | None = None

    def __enter__(self) -> Cancellation:  # noqa: PYI034 - typing.Self came with 3.11
        if threading.current_thread() is threading.main_thread():
            self._before = {n: signal.signal(n, self._ask) for n in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._worker is not None:
            self._worker.join()

    def _ask(self, number: int, _: FrameType | None) -> None:
        self.asked += 1
        if self.asked == 1:
            self._worker = threading.Thread(target=self._cancel)
            self._worker.start()
        else:
            self._act.send_signal(signal.SIGINT if self.asked == 2 else signal.SIGKILL)

    def _cancel(self) -> None:
        """Signal the steps that run now, ever more firmly; those that come after are meant to run."""
        steps: set[int] = set()
        deadline = time.monotonic() + LOOK_FOR_A_STEP
        while not steps and self._act.poll() is None and time.monotonic() < deadline:
            steps = children(self._act.pid)
            time.sleep(0.05)
        if not steps:
            self._act.send_signal(signal.SIGINT)
        for number, patience in STEPS:
            _send(steps, number)
            deadline = time.monotonic() + patience
            while steps and time.monotonic() < deadline:
                time.sleep(0.05)
                steps &= children(self._act.pid)
        _send(steps, signal.SIGKILL)


def stragglers(mark: Mapping[str, str]) -> list[int]:
    """Processes whose environment has the run's mark (Linux; elsewhere none are found)."""
    needles = [f"{name}={value}".encode() for name, value in mark.items()]
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if set(needles) <= set(entry.read_bytes().split(b"\0")):
                found.append(int(entry.parent.name))
    return found


def end_stragglers(mark: Mapping[str, str]) -> None:
    """Steps run in sessions of their own: ask what is left of them to end, then kill it."""
    _send(stragglers(mark), signal.SIGTERM)
    deadline = time.monotonic() + LAST_WORDS
    while (left := stragglers(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    _send(left, signal.SIGKILL)
