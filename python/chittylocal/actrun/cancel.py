"""Ctrl-C as GitHub's cancel button, and the end of what a run left behind.

act answers SIGINT by killing its step with SIGKILL, so that a deploy could restore nothing. GitHub's runner signals
the step's own process: SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL; then come the steps with `if: always()` and
the post steps. The first Ctrl-C does that here, the second one ends act as act would, the third kills it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from types import FrameType, TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
"""What a cancelled step gets, one after the other."""
PATIENCE = (7.5, 2.5, 1.0)
"""Seconds after each of them until the next."""
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
    """While the `with` block starts act and waits for it, SIGINT and SIGTERM to this process cancel its steps.

    A step is signalled while its main part runs, and so is the next one where that did not stop the job: there was
    no process yet, or it ended well. Once a step failed of it, act goes on with what always runs, and nothing more
    is signalled.

    Args:
        spared: (job's id, step's id) of the steps that run in a cancelled job as well.

    Attributes:
        asked: how often somebody asked for it.
    """

    def __init__(self, spared: Collection[tuple[str, str]] = ()) -> None:
        self.asked = 0
        self._spared = spared
        self._act: subprocess.Popen[str] | None = None
        self._before: dict[int, signal._HANDLER] = {}
        self._worker: threading.Thread | None = None
        self._left = threading.Event()
        self._begun = 0
        self._running: dict[str, int] = {}
        self._failed: set[str] = set()
        self._jobs_then: set[str] = set()

    def __enter__(self) -> Cancellation:  # noqa: PYI034 - typing.Self came with 3.11
        if threading.current_thread() is threading.main_thread():
            self._before = {n: signal.signal(n, self._ask) for n in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._left.set()
        if self._worker is not None:
            self._worker.join()

    def watch(self, act: subprocess.Popen[str]) -> None:
        """From now on it is this process whose steps are cancelled."""
        self._act = act

    def line(self, text: str) -> None:
        """One line of act's log: it tells when the main part of a step begins and how it ends."""
        if '"stepID"' not in text:
            return
        try:
            entry = json.loads(text)
        except ValueError:
            return
        if not isinstance(entry, dict) or entry.get("stage") != "Main":
            return
        job, ids, result = str(entry.get("job")), entry.get("stepID") or [], entry.get("stepResult")
        if result == "failure" and self.asked:
            self._failed.add(job)
        if len(ids) != 1:
            return
        if result:
            self._running.pop(job, None)
        elif "Run Main" in str(entry.get("msg", "")):
            self._begun += 1
            if (str(entry.get("jobID")), str(ids[0])) not in self._spared:
                self._running[job] = self._begun

    def _ask(self, number: int, _: FrameType | None) -> None:
        self.asked += 1
        if self.asked == 1:
            self._jobs_then = set(self._running)
            self._worker = threading.Thread(target=self._cancel)
            self._worker.start()
        elif self._act is not None:
            self._act.send_signal(signal.SIGINT if self.asked == 2 else signal.SIGKILL)

    def _to_stop(self) -> set[int]:
        """The steps that run and should not: after a failure that is left to act, but for jobs beside it."""
        jobs = dict(self._running)
        return {
            step
            for job, step in jobs.items()
            if job not in self._failed and (not self._failed or job in self._jobs_then)
        }

    def _cancel(self) -> None:
        """Signal the steps that run, each ever more firmly; those that come after a failure are meant to run."""
        while self._act is None and not self._left.wait(0.01):
            pass
        act = self._act
        if act is None:
            return
        if not self._begun:
            act.send_signal(signal.SIGINT)
        since: dict[int, tuple[float, int]] = {}
        while not self._left.is_set():
            steps = self._to_stop()
            found = children(act.pid)
            # act says that a step ended before it starts the next: wait for the news, lest the next is hit.
            self._left.wait(0.05)
            since = {each: known for each, known in since.items() if each in found}
            if steps and steps <= self._to_stop():
                since = dict.fromkeys(found, (0.0, 0)) | since
            for process, (last, sent) in since.items():
                if sent and time.monotonic() - last < PATIENCE[sent - 1]:
                    continue
                _send([process], SIGNALS[min(sent, len(SIGNALS) - 1)])
                since[process] = (time.monotonic(), min(sent + 1, len(SIGNALS)))


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
