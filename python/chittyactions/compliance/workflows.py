"""GitHub workflows as what they do: their triggers, and the steps that really run, reusable calls inside the repository
followed. Comments, switched-off jobs (`if: false`) and workflows without triggers do nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from chittyactions.compliance.calls import (
    File,
    Step,
    called,
    defaults,
    in_run,
    names_matrix,
    programs,
    table,
    target,
    used,
)
from chittyactions.compliance.conditions import is_off, skipped_jobs
from chittyactions.compliance.documents import Document
from chittyactions.compliance.facts import NotKnown, Undecided, Wrong
from chittyactions.compliance.matrix import runs
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import Repository

__all__ = ["FOLDER", "Step", "Workflow", "Workflows", "active", "files", "steps_of", "workflows_of"]

FOLDER = ".github/workflows"

_EVENT = re.compile(
    "branch_protection_rule|check_(run|suite)|create|delete|deployment(_status)?|discussion(_comment)?|fork|gollum"
    "|image_version|issue_comment|issues|label|merge_group|milestone|page_build|project(_card|_column)?|public"
    "|pull_request(_review(_comment)?|_target)?|push|registry_package|release|repository_dispatch|schedule|status|watch"
    "|workflow_(dispatch|run)"
)
"""What starts a workflow by itself. GitHub takes no other names, `workflow_call` aside."""

DEEPEST = 10
"""Reusable workflows that call each other; GitHub allows as many."""

MOST_STEPS = 20_000
"""Steps of one workflow with all that it calls. Actions that call each other twice at each of ten levels come near."""

MOST_TEXT = 2_000_000
"""Signs of all these steps, with what they are given: a step costs what is in it each time that it is called."""


@dataclass(frozen=True)
class Workflow:
    """One file under .github/workflows."""

    path: str
    triggers: tuple[str, ...]
    """Names of the events that start it. `workflow_call` alone starts nothing by itself."""
    document: Document

    @property
    def starts(self) -> bool:
        """Whether an event starts it."""
        return any(_EVENT.fullmatch(trigger) for trigger in self.triggers)


@dataclass(frozen=True)
class Workflows:
    """The workflows of a repository, and what is wrong with those that can't be read."""

    found: tuple[Workflow, ...]
    broken: tuple[Finding, ...]
    unknown: tuple[str, ...]
    """Why some could not be read at all."""


def files(repository: Repository) -> tuple[str, ...]:
    """Paths of what GitHub takes for workflows."""
    return repository.paths(f"{FOLDER}/*.yml", f"{FOLDER}/*.yaml")


def workflows_of(repository: Repository) -> Workflows:
    """Every workflow of the repository; one that can't be read does not hide the others."""
    found, broken, unknown = [], [], []
    for path in files(repository):
        try:
            document = repository.yaml(path)
        except (Wrong, Undecided) as error:
            broken.append(error.finding)
            continue
        except NotKnown as error:
            unknown.append(str(error))
            continue
        if document is None or not isinstance(document.get("jobs"), dict):
            broken.append(
                Finding(
                    f"{path} is no workflow: it has no `jobs`.",
                    "Give it `on` and `jobs`, or move it out of .github/workflows.",
                    path=path,
                    line=1,
                )
            )
            continue
        found.append(Workflow(path, _triggers(document), document))
    return Workflows(tuple(found), tuple(broken), tuple(unknown))


def active(repository: Repository) -> tuple[Workflow, ...]:
    """The workflows that events start and that nobody has switched off, as far as this run may know."""
    off = repository.switched_off
    return tuple(one for one in workflows_of(repository).found if one.starts and one.path not in off)


def steps_of(repository: Repository, workflow: Workflow) -> Iterator[Step]:
    """Every step of a workflow that can run, those of local reusable workflows and local actions among them.

    Raises NotKnown where what it calls can't be read, or is more than can be gone through.
    """
    given = defaults(workflow.document.get("on", "workflow_dispatch", "inputs"))
    given.update(defaults(workflow.document.get("on", "workflow_call", "inputs")))
    room = MOST_TEXT
    for step in islice(_jobs(repository, File(workflow.path, workflow.document, given)), MOST_STEPS):
        texts = (step.run, *step.inputs.values(), *step.env.values(), *step.given.values())
        room -= sum(len(one) for one in texts if isinstance(one, str))
        if room < 0:
            raise NotKnown(f"{workflow.path} calls so much that it was not followed to the end")
        yield step


def _jobs(repository: Repository, file: File) -> Iterator[Step]:
    jobs = table(file.document.get("jobs"))
    skipped = skipped_jobs(jobs, file.fixed)
    for name, job in jobs.items():
        if not isinstance(job, dict) or name in skipped:
            continue
        if isinstance(job.get("uses"), str):
            inputs = {**table(job.get("with")), "secrets": job.get("secrets")}
            spot = file.document.spot("jobs", name, "uses")
            call = file.step(name, spot, uses=job["uses"], inputs=inputs)
            for one in _each(repository, call, table(job.get("strategy"))):
                yield one
                yield from _followed(repository, one, file.through)
        else:
            yield from _steps(repository, file, ("jobs", name), name)


def _steps(repository: Repository, file: File, at: tuple[str, ...], job: str) -> Iterator[Step]:
    document = file.document
    outer = {**file.env, **table(document.get("env")), **table(document.get(*at, "env"))}
    usual = {**table(document.get("defaults", "run")), **table(document.get(*at, "defaults", "run"))}
    steps = document.get(*at, "steps")
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        if not isinstance(step, dict) or is_off(step, file.fixed):
            continue
        kind = "uses" if "uses" in step else "run"
        whole = file.step(
            job,
            document.spot(*at, "steps", number, kind),
            uses=_text(step.get("uses")),
            run=_text(step.get("run")),
            shell=_text(step.get("shell", usual.get("shell"))),
            directory=_text(step.get("working-directory", usual.get("working-directory"))),
            inputs=table(step.get("with")),
            env={**outer, **table(step.get("env"))},
        )
        for one in _each(repository, whole, table(document.get(*at, "strategy"))):
            yield one
            if one.uses:
                yield from _followed(repository, one, file.through)


# -- calls inside the repository ---------------------------------------------------------------------------------


def _each(repository: Repository, step: Step, strategy: dict[str, Any]) -> Iterator[Step]:
    """The step; a call of this repository's that goes by the job's matrix once for each of its runs."""
    goes_by_it = "matrix" in strategy and step.uses and not step.repeated and names_matrix(step)
    if goes_by_it and target(repository, step.uses) is not None:
        yield from (in_run(step, run) for run in runs(strategy["matrix"]))
    else:
        yield step


def _followed(repository: Repository, call: Step, above: frozenset[str]) -> Iterator[Step]:
    """The steps behind a `uses` of this repository: a reusable workflow's, or an action's."""
    named = target(repository, call.uses)
    if named is None or len(above) >= DEEPEST:
        return
    for path in (named, posixpath.join(named, "action.yml"), posixpath.join(named, "action.yaml")):
        if path in above or not path.endswith((".yml", ".yaml")) or path not in repository.files.paths:
            continue
        try:
            document = repository.yaml(path)
        except (Wrong, Undecided):
            return  # told where that file itself is looked at
        if document is None:
            return
        if path == named:
            yield from _jobs(repository, called(call, path, document, above))
        else:
            file = used(call, path, document, above)
            yield from _steps(repository, file, ("runs",), call.job)
            yield from programs(repository, file, call.job)
        return


def _triggers(document: Document) -> tuple[str, ...]:
    on = document.get("on")
    if isinstance(on, str):
        return (on,)
    if isinstance(on, list):
        return tuple(one for one in on if isinstance(one, str))
    return tuple(event for event, how in table(on).items() if not _is_never(event, how))


def _is_never(event: str, how: Any) -> bool:
    """Whether nothing can be the event as it is asked for: no time, or no branch and no tag."""
    return not how if event == "schedule" else table(how).get("branches") == [] and not table(how).get("tags")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
