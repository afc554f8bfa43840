"""Which steps and jobs of a workflow never run, as far as the files say it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from chittyactions.compliance.expressions import EXPRESSION, Known, evaluated, holds

NOTHING: Known = MappingProxyType({})

_RUNS_ANYWAY = re.compile(r"'[^']*'|\b(always|failure|cancelled)\s*\(")
"""Texts, in which these words mean nothing, and calls of the functions that let a job run."""


def is_off(table: dict[str, Any], known: Known = NOTHING) -> bool:
    """Whether its `if` is false whatever happens. An `if` that is empty is none."""
    condition = table.get("if")
    if isinstance(condition, str):
        text = condition.strip()
        whole = EXPRESSION.fullmatch(text) if text.endswith("}}") else None
        return holds(evaluated(whole[1] if whole else text, known)) is False
    return condition is False or (condition == 0 and condition is not None)


def skipped_jobs(jobs: Mapping[str, Any], known: Known = NOTHING) -> frozenset[str]:
    """The jobs that never run: by their own `if`, or since they need one that never does."""
    waiting: dict[str, list[str]] = {}
    for name, job in jobs.items():
        for wanted in _needs(job):
            waiting.setdefault(wanted, []).append(name)
    off = {name for name, job in jobs.items() if isinstance(job, dict) and is_off(job, known)}
    found = list(off)
    for name in found:  # it grows while it is gone through
        more = [one for one in waiting.get(name, ()) if one not in off]
        off.update(more)
        found += more
    return frozenset(off)


def _needs(job: Any) -> list[str]:
    """The jobs without which a job does not run; none where its condition runs it anyway."""
    if not isinstance(job, dict):
        return []
    if any(_RUNS_ANYWAY.findall(str(job.get("if")))):
        return []
    needs = job.get("needs")
    return [one for one in (needs if isinstance(needs, list) else [needs]) if isinstance(one, str)]
