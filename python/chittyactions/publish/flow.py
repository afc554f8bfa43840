"""One release on several channels at once: each in a thread of its own, none stopping or undoing another.

The main thread starts them, waits, and is where a cancellation arrives; it then ends what the others wait for.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from time import monotonic

from chittyactions.cancel import taken
from chittyactions.errors import AnswerLost, BadAnswer, Cancelled, ChittyError, Unreachable
from chittyactions.publish.model import Result, Status
from chittyactions.publish.outcome import NAMES

STOP_SECONDS = 6.5
"""For what is under way to end after a cancellation, a token's revocation too; the runner kills after ten."""

PAGE = "package-publish.md"


@dataclass(frozen=True)
class Task:
    """A channel's part. `work` runs when the channels in `after` have ended, however, and gets all results so far."""

    channel: str
    work: Callable[[Mapping[str, Result]], Result]
    after: tuple[str, ...] = ()


def run_all(
    tasks: Sequence[Task],
    *,
    stopping: Callable[[], AbstractContextManager[None]],
    defect: Callable[[Exception], ChittyError],
    dry_run: bool = False,
    seconds: float = STOP_SECONDS,
) -> tuple[dict[str, Result], Cancelled | None]:
    """Run every task; the results by channel in the order of `tasks`, and the cancellation if there was one.

    Each task has a result, whatever it raised. Within `stopping()` all that the tasks wait for comes to its end; it
    is entered when this thread is cancelled, and left when they have ended or `seconds` are over. `defect` turns an
    exception that is none of the tree into one that is. In a `dry_run` nothing is unknown: whatever ended a channel, it
    has changed nothing.
    """
    ended: queue.SimpleQueue[tuple[str, Result]] = queue.SimpleQueue()
    results: dict[str, Result] = {}
    begun: set[str] = set()
    cancelled: Cancelled | None = None

    def work(task: Task, before: Mapping[str, Result]) -> None:
        ended.put((task.channel, _result_of(task, before, defect)))

    try:
        while len(results) < len(tasks):
            for task in tasks:
                if task.channel not in begun and all(name in results for name in task.after):
                    begun.add(task.channel)
                    given = (task, dict(results))
                    threading.Thread(target=work, args=given, name=task.channel, daemon=True).start()
            channel, result = taken(ended)
            results[channel] = result
    except Cancelled as signal:
        cancelled = signal
        with stopping():
            late = _collect(ended, begun - results.keys(), seconds)
        results |= {channel: _stopped(result) for channel, result in late.items()}
    found = {task.channel: results.get(task.channel) or _left(task, begun) for task in tasks}
    if dry_run:
        unknown = [result for result in found.values() if result.status is Status.UNKNOWN]
        found |= {result.channel: replace(result, status=Status.FAILED) for result in unknown}
    return found, cancelled


def _result_of(task: Task, before: Mapping[str, Result], defect: Callable[[Exception], ChittyError]) -> Result:
    try:
        return replace(task.work(before), channel=task.channel)
    except ChittyError as failure:
        return Result(task.channel, status_of(failure), failure=failure)
    except Exception as error:  # noqa: BLE001 - one channel's defect stops no other
        return Result(task.channel, Status.UNKNOWN, failure=defect(error))


def status_of(failure: ChittyError) -> Status:
    """Whether a channel that ended with `failure` may be out: a lost answer and an ended program prove nothing."""
    lost = isinstance(failure, (AnswerLost, Cancelled))
    return Status.UNKNOWN if lost or (isinstance(failure, BadAnswer) and 200 <= failure.status < 300) else Status.FAILED


def _collect(ended: queue.SimpleQueue[tuple[str, Result]], waited_for: set[str], seconds: float) -> dict[str, Result]:
    """What ends within `seconds` of the channels that are waited for."""
    until = monotonic() + seconds
    found: dict[str, Result] = {}
    while len(found) < len(waited_for):
        try:
            channel, result = ended.get(timeout=max(0.0, until - monotonic()))
        except queue.Empty:
            break
        found[channel] = result
    return found


def _stopped(result: Result) -> Result:
    """A result that came after the cancellation: what it failed with is the cancellation's doing."""
    if result.failure is None:
        return result
    cut_short = isinstance(result.failure, (AnswerLost, Unreachable, Cancelled))
    why = "" if cut_short else result.failure.what
    return replace(result, failure=_cancellation(result.channel, "was at work when the job was cancelled", why))


def _left(task: Task, begun: set[str]) -> Result:
    if task.channel in begun:
        failure = _cancellation(task.channel, "was at work when the job was cancelled, and did not end in time")
        return Result(task.channel, Status.UNKNOWN, failure=failure)
    return Result(
        task.channel, Status.FAILED, failure=_cancellation(task.channel, "was not begun: the job was cancelled before")
    )


def _cancellation(channel: str, what: str, why: str = "") -> Cancelled:
    return Cancelled(
        f"{NAMES[channel]} {what}.",
        why=why,
        fix="Run it again: a rerun does exactly the rest.",
        docs=f"{PAGE}#cancelled",
    )
