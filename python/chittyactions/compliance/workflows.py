"""GitHub workflows as what they do: their triggers, and the steps that really run, reusable calls inside the repository
followed. Comments, switched-off jobs (`if: false`) and workflows without triggers do nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chittyactions.compliance.documents import Document, Spot
from chittyactions.compliance.facts import NotKnown, Undecided, Wrong
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import Repository

FOLDER = ".github/workflows"

DEEPEST = 10
"""Reusable workflows that call each other; GitHub allows as many."""


_COMMENT = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*"|\\.|(?:^|(?<=[\s;&|()]))\#.*""")
"""A quoted piece, an escaped sign, or a comment, whichever comes first on a line of shell."""


def _kept(found: re.Match[str]) -> str:
    return "" if found[0].startswith("#") else found[0]


@dataclass(frozen=True)
class Step:
    """A step that runs, or a job's call of a reusable workflow (then `uses` alone is set)."""

    path: str
    """The file that it stands in, which may be another than the workflow's."""
    job: str
    spot: Spot
    uses: str = ""
    run: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    """Its `with`, and for a call of a reusable workflow its `secrets` under the key "secrets"."""
    env: dict[str, Any] = field(default_factory=dict)

    @property
    def commands(self) -> str:
        """`run` without the shell's comments."""
        return "\n".join(_COMMENT.sub(_kept, line) for line in self.run.splitlines())

    @property
    def action(self) -> str:
        """`uses` without its ref, in lower case: GitHub does not tell names by their case."""
        return self.uses.partition("@")[0].lower()


@dataclass(frozen=True)
class Workflow:
    """One file under .github/workflows."""

    path: str
    name: str
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
        if document is None or not isinstance(document.data, dict) or not isinstance(document.get("jobs"), dict):
            broken.append(
                Finding(
                    f"{path} is no workflow: it has no `jobs`.",
                    "Give it `on` and `jobs`, or move it out of .github/workflows.",
                    path=path,
                    line=1,
                )
            )
            continue
        name = document.get("name")
        found.append(Workflow(path, name if isinstance(name, str) else "", _triggers(document), document))
    return Workflows(tuple(found), tuple(broken), tuple(unknown))


def active(repository: Repository) -> tuple[Workflow, ...]:
    """The workflows that events start and that nobody has switched off, as far as this run may know."""
    off = repository.observed.disabled_workflows.found or ()
    return tuple(one for one in workflows_of(repository).found if one.starts and one.path not in off)


def steps_of(repository: Repository, workflow: Workflow) -> Iterator[Step]:
    """Every step of a workflow that can run, those of local reusable workflows and local actions among them."""
    yield from _jobs(repository, workflow.path, workflow.document, frozenset())


def _jobs(repository: Repository, path: str, document: Document, above: frozenset[str]) -> Iterator[Step]:
    if path in above or len(above) >= DEEPEST:
        return
    jobs = document.get("jobs")
    for name, job in jobs.items() if isinstance(jobs, dict) else ():
        if not isinstance(job, dict) or _is_off(job):
            continue
        if isinstance(job.get("uses"), str):
            inputs = {**_table(job.get("with")), "secrets": job.get("secrets")}
            call = Step(path, name, document.spot("jobs", name, "uses"), uses=job["uses"], inputs=inputs)
            yield call
            yield from _followed(repository, call, above | {path})
        else:
            yield from _steps(repository, path, document, ("jobs", name), name, above | {path})


def _steps(
    repository: Repository, path: str, document: Document, at: tuple[str, ...], job: str, above: frozenset[str]
) -> Iterator[Step]:
    outer = {**_table(document.get("env")), **_table(document.get(*at, "env"))}
    steps = document.get(*at, "steps")
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        if not isinstance(step, dict) or _is_off(step):
            continue
        kind = "uses" if "uses" in step else "run"
        one = Step(
            path,
            job,
            document.spot(*at, "steps", number, kind),
            uses=_text(step.get("uses")),
            run=_text(step.get("run")),
            inputs=_table(step.get("with")),
            env={**outer, **_table(step.get("env"))},
        )
        yield one
        if one.uses:
            yield from _followed(repository, one, above)


def _followed(repository: Repository, call: Step, above: frozenset[str]) -> Iterator[Step]:
    """The steps behind a local `uses`: a reusable workflow, or a composite action."""
    if not call.uses.startswith("./") or len(above) >= DEEPEST:
        return
    target = call.uses[2:].rstrip("/")
    for path in (target, f"{target}/action.yml", f"{target}/action.yaml"):
        if path in above or not path.endswith((".yml", ".yaml")) or path not in repository.checkout.paths:
            continue
        try:
            document = repository.yaml(path)
        except (Wrong, Undecided, NotKnown):
            return  # told where that file itself is looked at
        if document is None:
            return
        if isinstance(document.get("jobs"), dict):
            yield from _jobs(repository, path, document, above)
        else:
            yield from _steps(repository, path, document, ("runs",), call.job, above | {path})
        return


def _triggers(document: Document) -> tuple[str, ...]:
    on = document.get("on")
    if isinstance(on, str):
        return (on,)
    if isinstance(on, list):
        return tuple(one for one in on if isinstance(one, str))
    return tuple(on) if isinstance(on, dict) else ()


def _is_off(table: dict[str, Any]) -> bool:
    """Whether its `if` is plainly false."""
    condition = table.get("if")
    text = re.sub(r"^\$\{\{(.*)\}\}$", r"\1", condition.strip()).strip() if isinstance(condition, str) else condition
    return text is False or text == "false"


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
