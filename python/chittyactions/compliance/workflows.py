"""GitHub workflows as what they do: their triggers, and the steps that really run, reusable calls inside the repository
followed. Comments, switched-off jobs (`if: false`) and workflows without triggers do nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from chittyactions.compliance.conditions import is_off, skipped_jobs
from chittyactions.compliance.documents import Document, Spot
from chittyactions.compliance.facts import NotKnown, Undecided, Wrong
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import Repository

FOLDER = ".github/workflows"

DEEPEST = 10
"""Reusable workflows that call each other; GitHub allows as many."""

MOST_STEPS = 20_000
"""Steps of one workflow with all that it calls. Actions that call each other twice at each of ten levels come near."""


@dataclass(frozen=True)
class Step:
    """A step that runs, or a job's call of a reusable workflow (then `uses` alone is set)."""

    path: str
    """The file that it stands in, which may be another than the workflow's."""
    job: str
    spot: Spot
    uses: str = ""
    run: str = ""
    shell: str = ""
    directory: str = ""
    """Its `working-directory`."""
    inputs: dict[str, Any] = field(default_factory=dict)
    """Its `with`, and for a call of a reusable workflow its `secrets` under the key "secrets"."""
    env: dict[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    """The inputs of the workflow or action that it stands in: what the call gives, else their defaults."""

    @property
    def action(self) -> str:
        """`uses` without its ref, in lower case: GitHub does not tell names by their case."""
        return self.uses.partition("@")[0].strip().lower()


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
        return any(trigger != "workflow_call" for trigger in self.triggers)


@dataclass(frozen=True)
class Workflows:
    """The workflows of a repository, and what is wrong with those that can't be read."""

    found: tuple[Workflow, ...]
    broken: tuple[Finding, ...]
    unknown: tuple[str, ...]
    """Why some could not be read at all."""


def workflows_of(repository: Repository) -> Workflows:
    """Every workflow of the repository; one that can't be read does not hide the others."""
    found, broken, unknown = [], [], []
    for path in repository.paths(f"{FOLDER}/*.yml", f"{FOLDER}/*.yaml"):
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
    off = repository.observed.disabled_workflows.found or ()
    return tuple(one for one in workflows_of(repository).found if one.starts and one.path not in off)


def steps_of(repository: Repository, workflow: Workflow) -> Iterator[Step]:
    """Every step of a workflow that can run, those of local reusable workflows and local actions among them.

    Raises NotKnown where what it calls can't be read.
    """
    given = _defaults(workflow.document.get("on", "workflow_dispatch", "inputs"))
    given.update(_defaults(workflow.document.get("on", "workflow_call", "inputs")))
    yield from islice(_jobs(repository, workflow.path, workflow.document, given, frozenset()), MOST_STEPS)


def _jobs(
    repository: Repository, path: str, document: Document, given: Mapping[str, Any], above: frozenset[str]
) -> Iterator[Step]:
    jobs = _table(document.get("jobs"))
    skipped = skipped_jobs(jobs)
    for name, job in jobs.items():
        if not isinstance(job, dict) or name in skipped:
            continue
        if isinstance(job.get("uses"), str):
            inputs = {**_table(job.get("with")), "secrets": job.get("secrets")}
            spot = document.spot("jobs", name, "uses")
            call = Step(path, name, spot, uses=job["uses"], inputs=inputs, given=given)
            yield call
            yield from _followed(repository, call, above | {path})
        else:
            yield from _steps(repository, path, document, ("jobs", name), name, given, above | {path})


def _steps(
    repository: Repository,
    path: str,
    document: Document,
    at: tuple[str, ...],
    job: str,
    given: Mapping[str, Any],
    above: frozenset[str],
) -> Iterator[Step]:
    outer = {**_table(document.get("env")), **_table(document.get(*at, "env"))}
    defaults = {**_table(document.get("defaults", "run")), **_table(document.get(*at, "defaults", "run"))}
    steps = document.get(*at, "steps")
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        if not isinstance(step, dict) or is_off(step):
            continue
        kind = "uses" if "uses" in step else "run"
        one = Step(
            path,
            job,
            document.spot(*at, "steps", number, kind),
            uses=_text(step.get("uses")),
            run=_text(step.get("run")),
            shell=_text(step.get("shell", defaults.get("shell"))),
            directory=_text(step.get("working-directory", defaults.get("working-directory"))),
            inputs=_table(step.get("with")),
            env={**outer, **_table(step.get("env"))},
            given=given,
        )
        yield one
        if one.uses:
            yield from _followed(repository, one, above)


def _followed(repository: Repository, call: Step, above: frozenset[str]) -> Iterator[Step]:
    """The steps behind a `uses` of this repository: a reusable workflow, or a composite action."""
    target = _target(repository, call.uses)
    if target is None or len(above) >= DEEPEST:
        return
    for path in (target, f"{target}/action.yml", f"{target}/action.yaml"):
        if path in above or not path.endswith((".yml", ".yaml")) or path not in repository.checkout.paths:
            continue
        try:
            document = repository.yaml(path)
        except (Wrong, Undecided):
            return  # told where that file itself is looked at
        if document is None:
            return
        called = ("on", "workflow_call", "inputs") if path == target else ("inputs",)
        given = {**_defaults(document.get(*called)), **_passed(call)}
        if path == target:
            yield from _jobs(repository, path, document, given, above)
        else:
            yield from _steps(repository, path, document, ("runs",), call.job, given, above | {path})
        return


_OWN = re.compile(r"\$\{\{\s*(inputs|env)\.([\w-]+)\s*\}\}")


def _passed(call: Step) -> dict[str, Any]:
    """What a call gives, where it hands on what its own file was given."""

    def value(found: re.Match[str]) -> str:
        known = (call.given if found[1] == "inputs" else call.env).get(found[2])
        return found[0] if known is None or isinstance(known, (dict, list)) else str(known)

    return {name: _OWN.sub(value, one) if isinstance(one, str) else one for name, one in call.inputs.items()}


def _target(repository: Repository, uses: str) -> str | None:
    """The path that a `uses` names in this repository, None where it names another's."""
    uses = uses.strip()
    if uses.startswith("./"):
        return uses[2:].rstrip("/")
    own = re.search(r"[/:]([^/:]+/[^/:]+?)(?:\.git)?/?$", repository.checkout.remote)
    name, _, rest = uses.partition("@")[0].partition("/")
    repo, _, path = rest.partition("/")
    if own and path and f"{name}/{repo}".lower() == own[1].lower():
        return path.rstrip("/")
    return None


def _triggers(document: Document) -> tuple[str, ...]:
    on = document.get("on")
    if isinstance(on, str):
        return (on,)
    if isinstance(on, list):
        return tuple(one for one in on if isinstance(one, str))
    return tuple(event for event, how in _table(on).items() if not (event == "schedule" and not how))


def _defaults(inputs: Any) -> dict[str, Any]:
    return {name: one["default"] for name, one in _table(inputs).items() if isinstance(one, dict) and "default" in one}


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
