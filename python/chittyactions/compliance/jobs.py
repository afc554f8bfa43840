"""What the job of a step says for it: its matrix, its steps before, and the shell of its machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chittyactions.compliance.calls import in_run, names_matrix, table
from chittyactions.compliance.conditions import is_off
from chittyactions.compliance.documents import Document
from chittyactions.compliance.expressions import EXPRESSION
from chittyactions.compliance.facts import Undecided, Wrong
from chittyactions.compliance.matrix import runs
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.step_values import BRANCH
from chittyactions.compliance.workflows import Step

MOST_BRANCHES = 4
"""Values of an expression like `a && b || c` that are looked at."""

MOST_EARLIER, LONGEST_EARLIER = 10, 2_000
"""Steps before a step that are looked at for what they hand on, and the signs of each: they are near and short."""


def matrix_of(repository: Repository, step: Step) -> list[dict[str, Any]]:
    """The values of each run of the job; one run without any where the step names none, or nobody can tell. Where an
    expression has several values, each run comes once for each of them.
    """
    texts = f"{step.run}{step.directory}{step.env}{step.inputs}{step.given}"
    branches = max((one.count("&&") for one in EXPRESSION.findall(texts)), default=0)
    every = range(min(branches + 1, MOST_BRANCHES))
    return [{**run, BRANCH: one} for run in _runs(repository, step) for one in every]


def each_run(repository: Repository, step: Step) -> list[Step]:
    """The step as each run of its job's matrix has it."""
    return [in_run(step, run) for run in _runs(repository, step)]


def _runs(repository: Repository, step: Step) -> list[Mapping[str, Any]]:
    if "matrix" in step.fixed:
        return [step.fixed["matrix"]]
    if not names_matrix(step):
        return [{}]
    return [*runs(table(_job(repository, step).get("strategy")).get("matrix"))]


def earlier(repository: Repository, step: Step) -> list[Step]:
    """The steps before a step that hand something on, each with its `id` as the job: of its job, or of the composite
    action that it stands in.
    """
    document = _document(repository, step)
    at = ("runs", "steps") if document.has("runs") else ("jobs", step.job, "steps")
    steps = document.get(*at)
    found: list[Step] = []
    for number, one in enumerate(steps if isinstance(steps, list) else ()):
        if document.spot(*at, number, "uses" if step.uses else "run") == step.spot:
            return found[-MOST_EARLIER:]
        run = one.get("run") if isinstance(one, dict) and not is_off(one, step.fixed) else None
        if isinstance(run, str) and "GITHUB_" in run and len(run) <= LONGEST_EARLIER:
            env = {**step.env, **table(one.get("env"))}
            found.append(replace(step, uses="", run=run, job=str(one.get("id", "")), env=env))
    return []


def shell_of(repository: Repository, step: Step) -> str:
    """The shell that a step has where it names none: PowerShell on Windows."""
    return "pwsh" if "windows" in str(_job(repository, step).get("runs-on")).lower() else ""


def _job(repository: Repository, step: Step) -> dict[str, Any]:
    return table(_document(repository, step).get("jobs", step.job))


def _document(repository: Repository, step: Step) -> Document:
    try:
        return repository.yaml(step.path) or Document(None)
    except (Wrong, Undecided):
        return Document(None)
