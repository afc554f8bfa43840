"""The gate: does the new version answer well, several times in a row, before the deadline?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from chittyactions.deploy.health import Address, Answer, Ask
from chittyactions.http import Deadline

IN_A_ROW = 3
"""Good answers of the new version, one after the other, that open the gate."""

BETWEEN_GOOD = 0.3
"""Seconds between two good answers."""

FIRST_WAIT, LONGEST_WAIT = 0.3, 3.0
"""Seconds until the next question after an answer that was not good; the wait grows by half each time."""


@dataclass(frozen=True)
class Verdict:
    """What a gate decided.

    `open`: the version may go on. `asserted`: the answers were known to be the new version's, and `by` says from
    what. `answer` is the last one that counted; `asked` and `seconds` tell what it took.
    """

    open: bool
    asserted: bool
    answer: Answer
    asked: int
    seconds: float
    by: str = ""

    @property
    def word(self) -> str:
        """`ok`, `version-not-asserted` or `failed`: the output `health`."""
        if not self.open:
            return "failed"
        return "ok" if self.asserted else "version-not-asserted"

    def __str__(self) -> str:
        how = f" (version {self.by})" if self.asserted else " (version not asserted)"
        return f"{self.answer.said}{how if self.open else ''}"


@dataclass
class Clock:
    """Time as the gate sees it."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def watch(
    ask: Ask,
    address: Address,
    versions: frozenset[str],
    *,
    seconds: float,
    others_serve: bool = False,
    say: Callable[[str], None] = lambda _: None,
    clock: Clock | None = None,
) -> Verdict:
    """Ask `address` until `versions` answered well IN_A_ROW times in a row, or `seconds` are over.

    `versions` are the ids that may answer: the new version, or all that were captured. `others_serve`: others have
    traffic too, so that an answer of theirs says nothing. Where all traffic should be theirs, an answer of another
    version starts the count anew: the change has not arrived everywhere. An answer that names no version counts, and
    is reported as not asserted unless the address itself leads to the version.
    """
    clock = clock or Clock()
    deadline = Deadline(seconds, clock.now)
    start = clock.now()
    row: list[Answer] = []
    last = Answer(well=False, said="no answer")
    asked = 0
    wait = FIRST_WAIT
    shown = ""
    while True:
        answer = ask(address, max(0.001, deadline.remaining))
        asked += 1
        if str(answer) != shown:
            shown = str(answer)
            say(f"{address.url} → {shown}{_remark(answer, versions)}")
        foreign = bool(answer.version) and answer.version not in versions
        if answer.well and not foreign:
            row.append(answer)
            wait = FIRST_WAIT
        elif not (foreign and others_serve):
            row.clear()
        if not foreign or not last.status:
            last = answer
        took = clock.now() - start
        if len(row) >= IN_A_ROW:
            by = _by(row, address, versions)
            return Verdict(open=True, asserted=bool(by), answer=answer, asked=asked, seconds=took, by=by)
        pause = BETWEEN_GOOD if row and row[-1] is answer else wait
        if deadline.remaining <= pause:
            return Verdict(open=False, asserted=last.version in versions, answer=last, asked=asked, seconds=took)
        clock.sleep(pause)
        if pause == wait and not row:
            wait = min(LONGEST_WAIT, wait * 1.5)


def _by(row: list[Answer], address: Address, versions: frozenset[str]) -> str:
    """From what the answers are known to be the right version's, "" when they are not."""
    if all(answer.version in versions for answer in row):
        return "named in the answers"
    return "addressed by its preview URL" if address.names_version else ""


def _remark(answer: Answer, versions: frozenset[str]) -> str:
    return ", which is another one" if answer.version and answer.version not in versions else ""
