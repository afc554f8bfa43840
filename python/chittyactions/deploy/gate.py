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

WINDOW = 15.0
"""Seconds that answers which name no version have to be good for: a change reaches Cloudflare's edge within some
seconds, and until then the good answers may all be the old version's."""

WATCHING = 1.0
"""Seconds between two of these answers, once there are IN_A_ROW."""

LAST = 1.0
"""Seconds that the last question gets (half the deadline where that is less): it is asked, and ends within it."""

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
    window: float = WINDOW,
    others_serve: bool = False,
    say: Callable[[str], None] = lambda _: None,
    clock: Clock | None = None,
) -> Verdict:
    """Ask `address` until `versions` answered well IN_A_ROW times in a row, or `seconds` are over.

    `versions` are the ids that may answer: the new version, or all that were captured. `others_serve`: others have
    traffic too, so that an answer of theirs says nothing. Where all traffic should be theirs, an answer of another
    version starts the count anew: the change has not arrived everywhere.

    An answer that names no version counts too, unless the address itself leads to the version: then it has to stay
    good for `window` seconds, and is reported as not asserted. Only the deadline makes that shorter, and not when good
    answers were followed by others before: that is how a sick version arrives.
    """
    clock = clock or Clock()
    deadline = Deadline(seconds, clock.now)
    start = clock.now()
    reserve = min(LAST, seconds / 2)
    row = _Row(address, versions)
    last = Answer(well=False, said="no answer")
    asked = 0
    wait = FIRST_WAIT
    shown = ""
    while True:
        sent, given = clock.now(), max(0.001, deadline.remaining)
        answer = ask(address, given)
        asked += 1
        if str(answer) != shown:
            shown = str(answer)
            say(f"{address.url} → {shown}{_remark(answer, versions)}")
        foreign = bool(answer.version) and answer.version not in versions
        cut = not answer.status and given <= reserve  # it had no time: that says nothing about the service
        if answer.well and not foreign:
            row.add(answer, sent)
            wait = FIRST_WAIT
        elif not cut and not (foreign and others_serve):
            row.clear()
        if not (foreign or cut) or not last.status:
            last = answer
        rest = deadline.remaining
        if row.full:
            by = row.by
            lasted = clock.now() - row.since >= min(window, seconds)
            if by or lasted or (rest <= reserve and not row.spoilt):
                took = clock.now() - start
                return Verdict(open=True, asserted=bool(by), answer=answer, asked=asked, seconds=took, by=by)
        pause = _pause(row, wait, rest, reserve, fresh=bool(row.answers) and row.answers[-1] is answer)
        if pause is None:
            took = clock.now() - start
            return Verdict(open=False, asserted=last.version in versions, answer=last, asked=asked, seconds=took)
        clock.sleep(pause)
        if not row.answers:
            wait = min(LONGEST_WAIT, wait * 1.5)


class _Row:
    """Good answers, one after the other. `since`: when the first was asked for; `spoilt`: there was a row before."""

    def __init__(self, address: Address, versions: frozenset[str]) -> None:
        self._address, self._versions = address, versions
        self.answers: list[Answer] = []
        self.since = 0.0
        self.spoilt = False

    def add(self, answer: Answer, asked_at: float) -> None:
        """Go on with the row."""
        if not self.answers:
            self.since = asked_at
        self.answers.append(answer)

    def clear(self) -> None:
        """Start anew."""
        self.spoilt = self.spoilt or bool(self.answers)
        self.answers.clear()

    @property
    def full(self) -> bool:
        """Whether there are enough."""
        return len(self.answers) >= IN_A_ROW

    @property
    def by(self) -> str:
        """From what the answers are known to be the right version's, "" when they are not."""
        if all(answer.version in self._versions for answer in self.answers):
            return "named in the answers"
        return "addressed by its preview URL" if self._address.names_version else ""


def _pause(row: _Row, wait: float, rest: float, reserve: float, *, fresh: bool) -> float | None:
    """Seconds until the next question, None when no time is left; the last one is asked `reserve` before the end."""
    if fresh and not row.full:
        return BETWEEN_GOOD if rest > BETWEEN_GOOD else None
    return min(WATCHING if row.full else wait, rest - reserve) if rest > reserve else None


def _remark(answer: Answer, versions: frozenset[str]) -> str:
    return ", which is another one" if answer.version and answer.version not in versions else ""
