"""The matrix of a job: what it says of each of its runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any

from chittyactions.compliance.expressions import EVERY_OTHER

MOST_RUNS = 20
"""Runs that are looked at. Of those behind them nothing is known."""

MOST_VALUES = 200
"""Values of a run that are looked at."""


def runs(matrix: Any) -> list[dict[str, Any]]:
    """The values of each run; one run without any where nobody can tell. What an object holds is there by its path,
    such as `service.name`. A name that a run certainly does not have is empty.
    """
    if not isinstance(matrix, dict):
        return [{}]
    lists = {name: values for name, values in matrix.items() if isinstance(values, list)}
    others = {EVERY_OTHER: ""} if len(lists) == len(matrix) else {}
    added, left_out = ([one for one in lists.pop(name, []) if isinstance(one, dict)] for name in ("include", "exclude"))
    pairs = ([(name, value) for value in values[: MOST_RUNS + 1]] for name, values in lists.items())
    every = (dict(run) for run in product(*pairs) if lists)
    combined = [
        run if number < MOST_RUNS else {}
        for number, run in enumerate(islice(every, MOST_RUNS + 1))
        if not any(all(run.get(name) == value for name, value in one.items()) for one in left_out if one)
    ]
    found = _with_added(combined, added[:MOST_RUNS]) + [{}] * (len(added) > MOST_RUNS)
    return [{**dict(islice(_flat(run), MOST_VALUES)), **others} if run else {} for run in found] or [{}]


def _with_added(combined: list[dict[str, Any]], added: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What `include` adds to each combination none of whose own values it changes, else as a run of its own."""
    found, alone = [dict(run) for run in combined], []
    for one in added:
        fits = [
            run
            for run, own in zip(found, combined, strict=True)
            if own and all(own.get(name, value) == value for name, value in one.items())
        ]
        for run in fits:
            run.update(one)
        if not fits:
            alone.append(one)
    return found + alone


def _flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        yield f"{above}{name}", value
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
