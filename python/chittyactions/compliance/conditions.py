"""Which steps and jobs of a workflow never run, as far as their conditions say it plainly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_OFF = frozenset({"false", "!true", "0", "''", "null"})


def is_off(table: dict[str, Any]) -> bool:
    """Whether its `if` is plainly false. An `if` that is empty is none."""
    condition = table.get("if")
    if isinstance(condition, str):
        text = re.sub(r"^\$\{\{(.*)\}\}$", r"\1", condition.strip(), flags=re.DOTALL)
        return re.sub(r"\s", "", text).lower() in _OFF or bool(re.match(r"\s*false\s*&&[^|]*$", text, re.IGNORECASE))
    return condition is False or (condition == 0 and condition is not None)


def skipped_jobs(jobs: Mapping[str, Any]) -> frozenset[str]:
    """The jobs that never run: by their own `if`, or since they need one that never does."""
    off = {name for name, job in jobs.items() if isinstance(job, dict) and is_off(job)}
    while True:
        more = {name for name, job in jobs.items() if name not in off and isinstance(job, dict) and _waits(job, off)}
        if not more:
            return frozenset(off)
        off |= more


def _waits(job: dict[str, Any], off: set[str]) -> bool:
    needs = job.get("needs")
    wanted = needs if isinstance(needs, list) else [needs]
    condition = job.get("if")
    anyway = isinstance(condition, str) and re.search(r"\b(always|failure|cancelled)\s*\(", condition)
    return not anyway and any(one in off for one in wanted if isinstance(one, str))
