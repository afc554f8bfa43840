"""Channels side by side: their order, what each one's failure leaves of the others, and a cancellation in between."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from chittyactions.cancel import Cancellation
from chittyactions.entries import unexpected
from chittyactions.errors import AnswerLost, BadAnswer, Cancelled, ChittyError, ConfigError, Refused, Unreachable
from chittyactions.publish.flow import Task, run_all
from chittyactions.publish.model import Result, Status

PATIENCE = 20.0
"""Seconds that a test waits for another thread; none of them takes that long."""


@contextmanager
def nothing() -> Iterator[None]:
    yield


def well(channel: str) -> Task:
    return Task(channel, lambda _: Result(channel, Status.PUBLISHED))


def fails(channel: str, failure: Exception) -> Task:
    def work(_: Mapping[str, Result]) -> Result:
        raise failure

    return Task(channel, work)


def run(*tasks: Task) -> dict[str, Result]:
    results, cancelled = run_all(tasks, stopping=nothing, defect=unexpected)
    assert cancelled is None
    return results


def test_channels_run_side_by_side() -> None:
    """Each of two channels waits for the other to have begun, which no order of one after the other can serve."""
    met = threading.Barrier(2)

    def work(_: Mapping[str, Result]) -> Result:
        met.wait(PATIENCE)
        return Result("", Status.PUBLISHED)

    results = run(Task("npm", work), Task("r2", work))
    assert {channel: result.status for channel, result in results.items()} == dict.fromkeys(
        ("npm", "r2"), Status.PUBLISHED
    )


def test_a_channel_begins_after_those_it_needs_and_sees_their_results() -> None:
    """Homebrew is not begun before R2 has ended, and gets what became of it; npm may still be at work."""
    npm_may_end = threading.Event()
    seen: dict[str, Status] = {}

    def npm(_: Mapping[str, Result]) -> Result:
        assert npm_may_end.wait(PATIENCE)
        return Result("npm", Status.PUBLISHED)

    def homebrew(before: Mapping[str, Result]) -> Result:
        seen.update({channel: result.status for channel, result in before.items()})
        npm_may_end.set()
        return Result("homebrew", Status.PUBLISHED)

    results = run(Task("npm", npm), well("r2"), Task("homebrew", homebrew, after=("r2",)))
    assert seen == {"r2": Status.PUBLISHED}
    assert list(results) == ["npm", "r2", "homebrew"]


def test_one_failure_leaves_the_others_alone() -> None:
    """A channel that fails has its failure as its result; the others go on, the one that comes after it too."""
    refusal = Refused("R2 said no.", service="R2", status=403)
    after = Task("homebrew", lambda before: Result("homebrew", before["r2"].status), after=("r2",))
    results = run(well("npm"), fails("r2", refusal), after)
    assert results["npm"].status is Status.PUBLISHED
    assert (results["r2"].status, results["r2"].failure) == (Status.FAILED, refusal)
    assert results["homebrew"].status is Status.FAILED


def bad(status: int) -> BadAnswer:
    failure = BadAnswer("It is HTML.", service="R2")
    failure.status = status
    return failure


@pytest.mark.parametrize(
    "failure, expected",
    [
        (AnswerLost("The answer was lost.", service="R2"), Status.UNKNOWN),
        (bad(200), Status.UNKNOWN),
        (bad(500), Status.FAILED),
        (Cancelled("npm was ended."), Status.UNKNOWN),
        (Unreachable("Nothing was sent.", service="R2"), Status.FAILED),
        (ConfigError("The formula has a shape that is not known."), Status.FAILED),
    ],
    ids=["lost", "success unread", "error unread", "ended", "never sent", "refused"],
)
def test_what_may_have_taken_effect_is_unknown(failure: ChittyError, expected: Status) -> None:
    """A lost answer is not reported as a failure, and a request that was never sent is."""
    assert run(fails("r2", failure))["r2"].status is expected


def test_in_a_dry_run_nothing_is_unknown() -> None:
    """Nothing was to be written, so whatever was lost is not out by it; what succeeded is as it was."""
    lost, defect = fails("r2", AnswerLost("The answer was lost.", service="R2")), fails("homebrew", KeyError("x"))
    tasks = (Task("npm", lambda _: Result("npm", Status.SKIPPED)), lost, defect)
    results, _ = run_all(tasks, stopping=nothing, defect=unexpected, dry_run=True)
    assert [result.status for result in results.values()] == [Status.SKIPPED, Status.FAILED, Status.FAILED]


def test_a_defect_of_one_channel_is_its_own() -> None:
    """An exception that nobody foresaw is told by its class alone, as unknown, and the others are published."""
    results = run(fails("npm", KeyError("the-secret")), well("r2"))
    assert results["npm"].status is Status.UNKNOWN
    assert "KeyError" in str(results["npm"].failure)
    assert "the-secret" not in str(results["npm"].failure)
    assert results["r2"].status is Status.PUBLISHED


def test_a_cancellation_ends_what_is_at_work_and_begins_nothing() -> None:
    """The signal reaches the main thread: what was out is told, what was at work is unknown, the rest never begins."""
    stop = threading.Event()
    begun: list[str] = []

    @contextmanager
    def stopping() -> Iterator[None]:
        stop.set()
        yield

    def r2(before: Mapping[str, Result]) -> Result:
        assert before["npm"].status is Status.PUBLISHED
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.wait(PATIENCE)
        raise AnswerLost("The answer of R2 was lost.", service="R2")

    def homebrew(_: Mapping[str, Result]) -> Result:
        begun.append("homebrew")
        return Result("homebrew", Status.PUBLISHED)

    tasks = (well("npm"), Task("r2", r2, after=("npm",)), Task("homebrew", homebrew, after=("r2",)))
    with Cancellation():
        results, cancelled = run_all(tasks, stopping=stopping, defect=unexpected)
    assert cancelled is not None
    assert begun == []
    statuses = {channel: result.status for channel, result in results.items()}
    assert statuses == {"npm": Status.PUBLISHED, "r2": Status.UNKNOWN, "homebrew": Status.FAILED}
    assert [type(results[channel].failure) for channel in ("r2", "homebrew")] == [Cancelled, Cancelled]
    assert "not begun" in str(results["homebrew"].failure)


def test_what_does_not_end_is_left_as_unknown() -> None:
    """A channel that hangs through a cancellation holds the step no longer than it may take."""
    release = threading.Event()

    def hangs(_: Mapping[str, Result]) -> Result:
        os.kill(os.getpid(), signal.SIGTERM)
        release.wait(PATIENCE)
        return Result("r2", Status.PUBLISHED)

    with Cancellation():
        results, cancelled = run_all((Task("r2", hangs),), stopping=nothing, defect=unexpected, seconds=0.05)
    release.set()
    assert cancelled is not None
    assert results["r2"].status is Status.UNKNOWN


def test_what_ends_well_through_a_cancellation_counts() -> None:
    """A channel that gets to its end while the others are stopped is published, and is told so."""

    def last_breath(_: Mapping[str, Result]) -> Result:
        os.kill(os.getpid(), signal.SIGINT)
        return Result("npm", Status.PUBLISHED, urls=("https://registry.example/hello",))

    with Cancellation():
        results, _ = run_all((Task("npm", last_breath),), stopping=nothing, defect=unexpected)
    assert results["npm"].status is Status.PUBLISHED
