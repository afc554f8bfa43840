"""A whole run: every service in turn, each by itself, so that one that fails stops no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from chittyactions.compliance.remediation.keeping import Keeper
from chittyactions.compliance.remediation.pace import LimitReached
from chittyactions.compliance.remediation.reconcile import CHANGES, Decision, Seen, Verb
from chittyactions.compliance.remediation.wanted import Wanted
from chittyactions.compliance.reports.wording import line
from chittyactions.errors import Cancelled, ChittyError


@dataclass(frozen=True)
class Row:
    """What came of a service. `verb` is a word of `Verb`, or `failed` or `not reached`: `failure` says why.

    `steps` are the changes that a rehearsal leaves out, in their order. `notes` are half sentences of what a person
    may have to do.
    """

    service: str
    repository: str
    verb: str
    why: str
    number: int = 0
    url: str = ""
    acts: bool = False
    failure: ChittyError | None = None
    steps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


FAILED = "failed"
NOT_REACHED = "not reached"


def run_all(
    aims: Iterable[Wanted], handle: Callable[[Wanted], Row], told: Callable[[Row], None] = lambda _row: None
) -> tuple[Row, ...]:
    """Handle each service; what came of them.

    `told` hears of each service as soon as it is done. A limit that is not waited for ends it: the rest is not reached.
    """
    rows: list[Row] = []
    stopped: LimitReached | None = None
    for aim in aims:
        if stopped:
            row = _row(aim, NOT_REACHED, stopped.what, failure=stopped)
        else:
            try:
                row = handle(aim)
            except LimitReached as limit:
                stopped = limit
                row = _row(aim, NOT_REACHED, limit.what, failure=limit)
            except Cancelled:
                raise
            except ChittyError as failure:
                row = _row(aim, FAILED, failure.what, failure=failure)
        rows.append(row)
        told(row)
    return tuple(rows)


def exit_code(rows: Iterable[Row], *, complete: bool) -> int:
    """1 where something could not be done, else 3 where a limit stopped it or the audit is incomplete, else 0."""
    verbs = {row.verb for row in rows}
    if FAILED in verbs:
        return 1
    return 0 if complete and NOT_REACHED not in verbs else 3


def left_alone(aim: Wanted) -> Row:
    """An open question: GitHub is not even asked."""
    return Row(aim.service.key, aim.repository, Verb.LEAVE.value, aim.why)


def keep_issue(aim: Wanted, keeper: Keeper, *, rehearse: bool) -> Row:
    """Keep the issue of one service. With `rehearse` GitHub is only read. Raises ChittyError."""
    decision = keeper.decide(aim)
    issue = decision.seen.issue if decision.seen else None
    if not rehearse and decision.acts:
        issue = keeper.do(aim, decision)
    return Row(
        aim.service.key,
        aim.repository,
        decision.verb.value,
        _why(decision),
        issue.number if issue else 0,
        issue.html_url if issue else "",
        acts=decision.acts,
        steps=keeper.steps(aim, decision) if rehearse and decision.acts else (),
        notes=tuple(_note(one) for one in decision.strays),
    )


def _why(decision: Decision) -> str:
    silent = decision.verb in CHANGES and decision.verb is not Verb.CREATE and decision.carried
    kept = f"; not settled: {len(decision.carried)}" if silent else ""
    return f"{decision.why}{kept}{closing([one.number for one in decision.duplicates])}"


def closing(duplicates: Sequence[int]) -> str:
    """What of a row's reason tells of the duplicates that are closed; "" for none."""
    numbers = ", ".join(f"#{one}" for one in duplicates)
    return f"; closes the duplicate{'s' if len(duplicates) > 1 else ''} {numbers}" if duplicates else ""


def _note(stray: Seen) -> str:
    about = f"#{stray.number} is of {line(stray.mark.service, 100)}, which is not among the services"
    return f"{about}: close it by hand where that one is gone"


def _row(aim: Wanted, verb: str, why: str, *, failure: ChittyError) -> Row:
    return Row(aim.service.key, aim.repository, verb, why, failure=failure)
