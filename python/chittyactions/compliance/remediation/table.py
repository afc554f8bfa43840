"""What a run did, or would do, as a table for a terminal or a log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from chittyactions.compliance.remediation.reconcile import Verb
from chittyactions.compliance.remediation.run import FAILED, NOT_REACHED, Row
from chittyactions.compliance.reports.wording import line, plural

LONGEST_WHY = LONGEST_STEPS = 100
"""Characters of a line. A row with more steps takes several."""
LONGEST_NOTE = 200

TIDY = "tidy"
"""What happens where a text stays, or is left alone, and something beside it changes: a duplicate, or the pin."""
WOULD = {"create": "create", "edit": "edit", "reopen": "reopen", "close": "close", TIDY: "be tidied"}
DONE = {"create": "created", "edit": "edited", "reopen": "reopened", "close": "closed", TIDY: "tidied"}
STAY = {"keep": "as it should be", "leave": "left alone", FAILED: "failed", NOT_REACHED: "not reached"}


def table(rows: Sequence[Row]) -> str:
    """A row for each service where something happens, fails, or is left alone; "" for none."""
    shown = [row for row in rows if row.acts or row.steps or row.notes or row.verb != Verb.KEEP.value]
    if not shown:
        return ""
    changes = any(row.steps for row in shown)
    cells = [("ACTION", "SERVICE", "WHERE", *(["CHANGES"] if changes else []), "WHY")]
    cells += [one for row in shown for one in _lines(row, changes=changes)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def told(row: Row, number: int, whole: int) -> str:
    """One service's line as it is done."""
    action, service, where, why = _cells(row)
    return f"[{number}/{whole}] {action} {service} {where}: {why}"


def counts(rows: Sequence[Row], *, rehearsed: bool) -> str:
    """`2 created, 1 closed, 57 as it should be.` A rehearsal says how many changes that takes."""
    found = Counter(map(_action, rows))
    acted = {verb: f"would {word}" for verb, word in WOULD.items()} if rehearsed else DONE
    words = {**acted, **STAY}
    said = ", ".join(f"{found[verb]} {word}" for verb, word in words.items() if found[verb])
    changes = sum(len(row.steps) for row in rows)
    takes = f" It takes {plural(changes, 'change')} at GitHub." if changes else ""
    return f"{plural(len(rows), 'service')}: {said or 'nothing to do'}.{takes}"


def _wrapped(steps: Sequence[str]) -> list[str]:
    """Steps in lines, none of them cut; one empty line for none."""
    lines = [""]
    for step in (line(one) for one in steps):
        longer = f"{lines[-1]}, {step}" if lines[-1] else step
        if lines[-1] and len(longer) > LONGEST_STEPS:
            lines.append(step)
        else:
            lines[-1] = longer
    return lines


def _lines(row: Row, *, changes: bool) -> Iterator[tuple[str, ...]]:
    """A row, with its changes before the last cell. Further lines of them, and what else is told, stand below."""
    *first, why = _cells(row)
    told = [why, *(line(one, LONGEST_NOTE) for one in row.notes)]
    steps = _wrapped(row.steps) if changes else []
    for number, (step, said) in enumerate(zip_longest(steps, told, fillvalue="")):
        begin = ["" for _ in first] if number else first
        yield (*begin, *([step] if changes else []), said)


def _action(row: Row) -> str:
    stays = row.verb in (Verb.KEEP.value, Verb.LEAVE.value)
    return TIDY if stays and (row.acts or row.steps) else row.verb


def _cells(row: Row) -> tuple[str, str, str, str]:
    where = f"{row.repository}#{row.number}" if row.number else row.repository
    return _action(row), line(row.service, 80), line(where, 100), line(row.why, LONGEST_WHY)
