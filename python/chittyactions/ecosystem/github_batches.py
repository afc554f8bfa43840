"""Many items in few queries: what GitHub does not answer at once is asked in halves, down to one item alone.

An item that GitHub does not answer even alone is unknown, and no other item with it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from chittyactions.ecosystem.github_graphql_answers import (
    PASSING_KINDS,
    QUERY,
    RATE_LIMIT,
    SIZE_KINDS,
    TOO_MUCH,
    Answered,
    Part,
    Problem,
)
from chittyactions.errors import AnswerLost, BadAnswer, CredentialError, Refused, ServiceError, Unreachable

MOST_WORKERS = 50
"""GitHub allows 100 requests at once, of everybody who uses the token."""
GROW_AFTER = 10
"""Batches in a row that are answered, after which a smaller size is doubled again; twice as many each time that was
too early, so that a steady limit is not tried again and again."""
OUTAGE = 10
"""Queries in a row, each as small as can be, that fail without any answer: GitHub or the network is gone."""
PAUSE = 1.0
"""Seconds before an item that failed alone is asked a last time."""

T = TypeVar("T")


@dataclass(frozen=True)
class _Batch(Generic[T]):
    items: Sequence[T]
    group: Hashable
    last: bool = False


def in_batches(
    items: Iterable[T],
    ask_for: Callable[[Sequence[T]], Answered],
    *,
    size: int = 20,
    workers: int = 4,
    apart: Callable[[T], Hashable] = lambda _: None,
    alias: Callable[[int], str] = "r{}".format,
    sleep: Callable[[float], object] = time.sleep,
    on_leave: Callable[[], None] = lambda: None,
) -> Iterator[tuple[T, Part | Problem]]:
    """Each item with its answer or why there is none, as they come in; `items` are taken as they are needed.

    `ask_for` puts one query of at most `size` items, `workers` of them at once; the answer to its i-th item is at
    `alias(i)`. Items that `apart` gives different values never share a query: a token that can't be had and a rate
    limit that would take too long are the problem of one value's items alone. `on_leave` is called when the iteration
    ends early (see `Budget.stop`). Raises what makes further queries useless: Refused with HTTP 401 or with the code
    "query", Unreachable where a certificate is not trusted.
    """
    asking = _Asking(items, size, apart, alias)
    pool = ThreadPoolExecutor(max(1, min(workers, MOST_WORKERS)), thread_name_prefix="github")
    running: dict[Future[Answered], _Batch[T]] = {}

    def put(batch: _Batch[T]) -> Answered:
        if batch.last:
            sleep(PAUSE)
        return ask_for(batch.items)

    try:
        while True:
            while len(running) < workers and (batch := asking.next()):
                closed = asking.closed(batch)
                if closed:
                    yield from ((item, closed) for item in batch.items)
                else:
                    running[pool.submit(put, batch)] = batch
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                batch = running.pop(future)
                try:
                    settled = asking.answered(batch, future.result())
                except (ServiceError, CredentialError) as failure:
                    settled = asking.failed(batch, failure)
                yield from settled
    except BaseException:
        on_leave()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


class _Asking(Generic[T]):
    """What is still to be asked, and in which size. Used by one thread."""

    def __init__(
        self, items: Iterable[T], size: int, apart: Callable[[T], Hashable], alias: Callable[[int], str]
    ) -> None:
        self._items = iter(items)
        self._most = self._size = max(1, size)
        self._apart = apart
        self._alias = alias
        self._again: deque[_Batch[T]] = deque()
        self._waiting: dict[Hashable, list[T]] = {}
        self._closed: dict[Hashable, Problem] = {}
        self._outage: Problem | None = None
        self._answered = 0
        self._grow_after = GROW_AFTER
        self._grown = False
        self._silent = 0

    def next(self) -> _Batch[T] | None:
        """The next batch; None: there is none before others are settled."""
        if self._again:
            return self._again.popleft()
        for item in self._items:
            group = self._apart(item)
            gathered = self._waiting.setdefault(group, [])
            gathered.append(item)
            if len(gathered) >= self._size:
                return self._taken(group)
        return self._taken(next(iter(self._waiting))) if self._waiting else None

    def closed(self, batch: _Batch[T]) -> Problem | None:
        """Why a batch is not asked."""
        return self._outage or self._closed.get(batch.group)

    def answered(self, batch: _Batch[T], answer: Answered) -> list[tuple[T, Part | Problem]]:
        """What an answer settles. The rest of it is asked again."""
        self._silent = 0
        settled: list[tuple[T, Part | Problem]] = []
        again: list[T] = []
        too_large = False
        for index, item in enumerate(batch.items):
            part = answer.part(self._alias(index))
            kinds = {part.kind} if isinstance(part, Problem) else set(part.unknown.values())
            too_large = too_large or bool(kinds & SIZE_KINDS)
            if kinds & PASSING_KINDS and not batch.last:
                again.append(item)
            else:
                settled.append((item, part))
        if too_large:
            self._shrink(batch)
        else:
            self._grow()
        self._repeat(batch, again)
        return settled

    def failed(self, batch: _Batch[T], failure: ServiceError | CredentialError) -> list[tuple[T, Part | Problem]]:
        """What a failure settles. Raises it where there is no use in asking anything else."""
        kind, smaller = _meaning(failure)
        problem = Problem(kind, what=failure.what)
        if kind in ("RATE_LIMITED", "NO_TOKEN"):
            self._closed[batch.group] = problem
        elif smaller and not batch.last:
            self._shrink(batch)
            self._repeat(batch, batch.items)
            return []
        elif kind != "REFUSED":
            self._silent += 1
            if self._silent >= OUTAGE:
                self._outage = problem
        return [(item, problem) for item in batch.items]

    def _taken(self, group: Hashable) -> _Batch[T]:
        gathered = self._waiting.pop(group)
        if len(gathered) > self._size:  # it has shrunk since they were gathered
            self._waiting[group] = gathered[self._size :]
        return _Batch(gathered[: self._size], group)

    def _repeat(self, batch: _Batch[T], items: Sequence[T]) -> None:
        """Ask `items` of a batch again, before anything else: in halves of it, and one alone a last time."""
        half = max(1, len(batch.items) // 2)
        parts = [items[start : start + half] for start in range(0, len(items), half)]
        self._again.extendleft(_Batch(part, batch.group, len(batch.items) == 1) for part in reversed(parts))

    def _shrink(self, batch: _Batch[T]) -> None:
        self._answered = 0
        half = (len(batch.items) + 1) // 2
        if half < min(self._size, len(batch.items)):
            self._size = half
            self._grow_after *= 2 if self._grown else 1

    def _grow(self) -> None:
        self._answered += 1
        if self._answered >= self._grow_after:
            self._grown = self._grown or self._size < self._most
            self._answered, self._size = 0, min(self._most, self._size * 2)


def _meaning(failure: ServiceError | CredentialError) -> tuple[str, bool]:
    """The kind of the problem that a failure is, and whether a smaller query may fare better.

    Raises the failure where no other query would fare better.
    """
    if isinstance(failure, CredentialError):
        return "NO_TOKEN", False
    if isinstance(failure, Unreachable):
        if failure.permanent:
            raise failure
        return "UNREACHABLE", False
    if isinstance(failure, AnswerLost):
        return "LOST", True
    if isinstance(failure, BadAnswer):
        return "MALFORMED", True
    if isinstance(failure, Refused):
        if failure.status == 401 or failure.code == QUERY:
            raise failure
        if failure.code in (RATE_LIMIT, "stopped"):
            return "RATE_LIMITED", False
        if failure.code == TOO_MUCH:
            return "TOO_MUCH", True
        refused = 400 <= failure.status < 500 and failure.status not in (408, 413)
        return ("REFUSED", False) if refused else ("UNAVAILABLE", True)
    return "LOST", True
