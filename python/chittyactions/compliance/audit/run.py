"""An audit from its plan to its document: who moved is read anew, who did not is judged by what was kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from chittyactions.compliance.audit.judge import Judge
from chittyactions.compliance.audit.plan import Target
from chittyactions.compliance.audit.query import PER_QUERY, SETTINGS_PER_QUERY, Base, query, read
from chittyactions.compliance.audit.record import Audit, Cost, Scope, ServiceRecord, Standing
from chittyactions.compliance.audit.state import State
from chittyactions.compliance.model import Outcome
from chittyactions.ecosystem.github_batches import in_batches
from chittyactions.ecosystem.github_graphql_answers import Answered, Part, Problem

WORKERS = 12
"""Repositories that are judged at once; most of that is waiting for services."""
QUERIES = 6
"""Queries at once."""

_T = TypeVar("_T")

Ask = Callable[[str, str, dict[str, str]], Answered]
"""(owner, query, variables) → the answer, with that owner's token."""


@dataclass
class Progress:
    """How far an audit is. `show` is called with it each time that it moves."""

    whole: int
    done: int = 0
    failing: int = 0
    unknown: int = 0
    reused: int = 0
    archives: int = 0
    show: Callable[[Progress], None] = lambda _: None

    def add(self, records: Iterable[ServiceRecord]) -> None:
        """Some services more."""
        for one in records:
            self.done += 1
            self.failing += one.outcome is Outcome.FAIL
            self.unknown += one.standing is Standing.UNKNOWN or one.outcome is Outcome.UNKNOWN
        self.show(self)


@dataclass(frozen=True)
class Auditor:
    """Audits targets. `apart` says which owners' repositories may share a query: those of one token."""

    ask: Ask
    judge: Judge
    state: State
    apart: Callable[[str], str] = lambda _: ""
    workers: int = WORKERS
    on_leave: Callable[[], None] = lambda: None

    def records(self, targets: Sequence[Target], progress: Progress) -> Iterator[ServiceRecord]:
        """What came of each service, as it comes in.

        Raises what makes the whole audit useless: a token that nobody takes, a certificate that is not trusted.
        """
        known = [one for one in targets if one.repository in self.state]
        moved: list[Target] = [one for one in targets if one.repository not in self.state]
        with ThreadPoolExecutor(self.workers, "audit") as pool:
            try:
                if known:
                    answers = self._asked(known, content=False)
                    for target, found in _through(pool, self.workers, answers, self._again):
                        if found is None:
                            moved.append(target)
                            continue
                        progress.reused += 1
                        progress.add(found)
                        yield from found
                for _, (found, archive) in _through(pool, self.workers, self._asked(moved, content=True), self._anew):
                    progress.archives += archive
                    progress.add(found)
                    yield from found
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _asked(self, targets: Sequence[Target], *, content: bool) -> Iterator[tuple[Target, Base]]:
        def ask_for(some: Sequence[Target]) -> Answered:
            text, variables = query([one.repository for one in some], content=content)
            return self.ask(some[0].owner, text, variables)

        size = PER_QUERY if content else SETTINGS_PER_QUERY
        answers: Iterator[tuple[Target, Part | Problem]] = in_batches(
            targets,
            ask_for,
            size=size,
            workers=QUERIES,
            apart=lambda one: self.apart(one.owner),
            on_leave=self.on_leave,
        )
        return ((target, read(target.repository, answer, content=content)) for target, answer in answers)

    def _again(self, target: Target, base: Base) -> list[ServiceRecord] | None:
        """By what was kept; None where the content has to be read."""
        if base.standing is not Standing.JUDGED:
            return self.judge.judge(target, base)[0]
        kept = self.state.get(target.repository)
        return self.judge.again(target, base, kept) if kept else None

    def _anew(self, target: Target, base: Base) -> tuple[list[ServiceRecord], bool]:
        records, kept, archive = self.judge.judge(target, base)
        if kept:
            self.state.keep(kept)
        return records, archive


def _through(
    pool: ThreadPoolExecutor,
    workers: int,
    answers: Iterator[tuple[Target, Base]],
    work: Callable[[Target, Base], _T],
) -> Iterator[tuple[Target, _T]]:
    """The work on each answer, no more at once than is worked on and a few that wait: answers are large."""
    running: dict[Future[_T], Target] = {}
    for target, base in answers:
        running[pool.submit(work, target, base)] = target
        while len(running) >= 4 * workers:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()
    while running:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            yield running.pop(future), future.result()


def incomplete(services: Iterable[ServiceRecord]) -> tuple[str, ...]:
    """Why an audit did not look at everything, a sentence each; () where it did."""
    held = list(services)
    unread = [one for one in held if one.standing is Standing.UNKNOWN]
    undecided = [one for one in held if one.outcome is Outcome.UNKNOWN]
    said = []
    for ones, what in ((unread, "could not be looked at"), (undecided, "have required checks that are unknown")):
        if ones:
            names = ", ".join(sorted(one.key for one in ones)[:5])
            more = f" and {len(ones) - 5} more" if len(ones) > 5 else ""
            said.append(f"{len(ones)} of {len(held)} services {what}: {names}{more}.")
    return tuple(said)


def audit_of(
    services: Iterable[ServiceRecord], scope: Scope, cost: Cost, started: datetime, finished: datetime
) -> Audit:
    """The document."""
    held = tuple(services)
    why = incomplete(held)
    return Audit(
        started=started, finished=finished, scope=scope, complete=not why, incomplete=why, cost=cost, services=held
    )
