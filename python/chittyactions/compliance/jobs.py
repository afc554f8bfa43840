"""What the job of a step says for it: its matrix, its steps before, and the shell of its machine."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, product
from typing import Any

from chittyactions.compliance.facts import Undecided, Wrong
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.workflows import Step

MOST_RUNS = 20
"""Runs of a matrix that are looked at."""

MOST_EARLIER, LONGEST_EARLIER = 10, 2_000
"""Steps before a step that are looked at for what they hand on, and the signs of each: they are near and short."""


def matrix_of(repository: Repository, step: Step) -> list[dict[str, Any]]:
    """The values of each run of the job; one run without any where the step names none."""
    matrix = _job(repository, step).get("strategy")
    matrix = matrix.get("matrix") if isinstance(matrix, dict) else None
    if not isinstance(matrix, dict) or "matrix." not in f"{step.run}{step.env}{step.inputs}":
        return [{}]
    lists = {name: values for name, values in matrix.items() if isinstance(values, list)}
    added = [one for one in lists.pop("include", []) if isinstance(one, dict)]
    lists.pop("exclude", None)
    runs = [dict(zip(lists, run, strict=True)) for run in islice(product(*lists.values()), MOST_RUNS)]
    return [*runs, *({**runs[0], **one} for one in added[:MOST_RUNS])]


def earlier(repository: Repository, step: Step) -> list[Step]:
    """The steps of its job before a step that hand something on, each with its `id` as the job."""
    steps = _job(repository, step).get("steps")
    document = repository.yaml(step.path) if isinstance(steps, list) else None
    found: list[Step] = []
    for number, one in enumerate(steps if document and isinstance(steps, list) else ()):
        if document and document.spot("jobs", step.job, "steps", number, "uses" if step.uses else "run") == step.spot:
            return found[-MOST_EARLIER:]
        run = one.get("run") if isinstance(one, dict) else None
        if isinstance(run, str) and "GITHUB_" in run and len(run) <= LONGEST_EARLIER:
            env = one["env"] if isinstance(one.get("env"), dict) else {}
            found.append(replace(step, uses="", run=run, job=str(one.get("id", "")), env={**step.env, **env}))
    return []


def shell_of(repository: Repository, step: Step) -> str:
    """The shell that a step has where it names none: PowerShell on Windows."""
    return "pwsh" if "windows" in str(_job(repository, step).get("runs-on")).lower() else ""


def _job(repository: Repository, step: Step) -> dict[str, Any]:
    try:
        document = repository.yaml(step.path)
    except (Wrong, Undecided):
        return {}
    job = document.get("jobs", step.job) if document else None
    return job if isinstance(job, dict) else {}
