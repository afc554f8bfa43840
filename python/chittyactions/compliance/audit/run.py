"""An audit from its plan to its document: who moved is read anew, who did not is judged by what was kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from chittyactions.compliance.audit.completeness import incomplete
from chittyactions.compliance.audit.judge import Judge
from chittyactions.compliance.audit.listing import NOTHING
from chittyactions.compliance.audit.plan import Target
from chittyactions.compliance.audit.query import PER_QUERY, SETTINGS_PER_QUERY, Base, query, read
from chittyactions.compliance.audit.record import Audit, Cost, Held, Scope, ServiceRecord, Standing
from chittyactions.compliance.audit.said import Said
from chittyactions.compliance.audit.state import STANDS, State
from chittyactions.compliance.model import Outcome
from chittyactions.ecosystem.github_batches import in_batches
from chittyactions.ecosystem.github_graphql_answers import Answered, Part, Problem

WORKERS = 12
"""Repositories that are judged at once; most of that is waiting for services."""
QUERIES = 6
"""Queries at once."""

TOO_LARGE = frozenset({"TOO_MUCH", "TIMEOUT", "RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED"})
"""How GitHub refuses one repository alone whose folders are many."""

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
    """Audits targets.

    Attributes:
        apart: which owners' repositories may share a query: those of one token.
        on_leave: is called when an audit ends before its time, perhaps more than once: what still runs is waited for,
            and should make haste.
        clock: seconds since 1970.
    """

    ask: Ask
    judge: Judge
    state: State
    apart: Callable[[str], str] = lambda _: ""
    workers: int = WORKERS
    on_leave: Callable[[], None] = lambda: None
    clock: Callable[[], float] = time.time

    def records(self, targets: Sequence[Target], progress: Progress) -> Generator[ServiceRecord, None, None]:
        """What came of each service, as it comes in.

        Raises what makes the whole audit useless: a token that nobody takes, a certificate that is not trusted.
        """
        known = [one for one in targets if one.repository in self.state]
        known.sort(key=lambda one: self.state.asked(one.repository))
        # REST's hour may end: whose states stand no more are asked for before all others. Who is always refused is
        # not: it would use up the hour of those that are told.
        late = self.clock() - STANDS
        first = [one for one in known if self.state.asked(one.repository) <= late]
        moved: list[Target] = [one for one in targets if one.repository not in self.state]
        heavy: list[Target] = []
        heard: dict[str, Said] = {}
        held: Held = {}

        def anew(target: Target, base: Base) -> tuple[list[ServiceRecord], bool]:
            return self._anew(target, base, heard.pop(target.repository, None))

        with ThreadPoolExecutor(self.workers, "audit") as pool:
            try:
                for some in (first, known[len(first) :]):
                    settings = self._asked(some, content=False)
                    for target, (found, base, said) in self._through(pool, settings, self._again):
                        if found is None:
                            moved.append(target)
                            if said:
                                heard[target.repository] = said
                            continue
                        progress.reused += base.standing is Standing.JUDGED
                        progress.add(found)
                        yield from (one.shared(held) for one in found)
                for answers in (
                    self._asked(moved, content=True, heavy=heavy),
                    ((one, _unread(base)) for one, base in self._asked(heavy, content=False)),
                ):
                    for _, (found, archive) in self._through(pool, answers, anew):
                        progress.archives += archive
                        progress.add(found)
                        yield from (one.shared(held) for one in found)
            except BaseException:
                self.on_leave()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _asked(
        self, targets: Sequence[Target], *, content: bool, heavy: list[Target] | None = None
    ) -> Iterator[tuple[Target, Base]]:
        """What GitHub says of each. Those that it finds too much for a query even alone are put into `heavy`."""

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
        for target, answer in answers:
            if heavy is not None and isinstance(answer, Problem) and answer.kind in TOO_LARGE:
                heavy.append(target)
            else:
                yield target, self.judge.registered_once(target, read(target.repository, answer, content=content))

    def _again(self, target: Target, base: Base) -> tuple[list[ServiceRecord] | None, Base, Said | None]:
        """By what was kept; None where the content has to be read. With what was said meanwhile."""
        if base.standing is not Standing.JUDGED:
            return self.judge.unjudged(target, base), base, None
        kept = self.state.get(target.repository)
        if kept is None:
            return None, base, None
        said = Said(kept.switches, kept.protection, kept.tried)
        try:
            found = self.judge.again(target, base, kept, said)
        except Exception:  # noqa: BLE001 - what was kept is of no use: read it anew, which says what is wrong
            found = None
        records, switches, guarded = found or (None, None, None)
        if switches or guarded or said.tried:
            self.state.ask(target.repository, switches, guarded, said.tried)
        return records, base, said

    def _anew(self, target: Target, base: Base, heard: Said | None) -> tuple[list[ServiceRecord], bool]:
        try:
            records, kept, archive = self.judge.judge(target, base, self.state.get(target.repository), heard)
        except Exception as error:  # noqa: BLE001 - one repository that nobody thought of ends no audit of thousands
            reason = f"The audit itself broke on it ({type(error).__name__}); please report it."
            return self.judge.unjudged(target, base, Standing.UNKNOWN, reason), False
        if kept:
            self.state.keep(kept)
        return records, archive

    def _through(
        self, pool: ThreadPoolExecutor, answers: Iterator[tuple[Target, Base]], work: Callable[[Target, Base], _T]
    ) -> Iterator[tuple[Target, _T]]:
        """The work on each answer, no more at once than is worked on and a few that wait: answers are large."""
        running: dict[Future[_T], Target] = {}
        for target, base in answers:
            running[pool.submit(work, target, base)] = target
            while len(running) >= 4 * self.workers:
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    yield running.pop(future), future.result()
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()


def _unread(base: Base) -> Base:
    """A repository whose content is read with the whole commit."""
    return replace(base, listing=NOTHING) if base.standing is Standing.JUDGED else base


def audit_of(
    services: Iterable[ServiceRecord], scope: Scope, cost: Cost, started: datetime, finished: datetime
) -> Audit:
    """The document."""
    held = tuple(services)
    why = incomplete(held)
    return Audit(
        started=started, finished=finished, scope=scope, complete=not why, incomplete=why, cost=cost, services=held
    )
