"""What the security checks read of workflows: their jobs, their steps, and the texts in them, each with its place.

Steps as they are written: what an action of another repository does inside is not looked at.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from chittyactions.compliance.calls import defaults, table, target
from chittyactions.compliance.checks.security_scope import Scope
from chittyactions.compliance.conditions import is_off, skipped_jobs
from chittyactions.compliance.documents import Document, Path, Spot
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import NotApplicable, NotKnown, Undecided, Wrong
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.workflows import Workflow, workflows_of

ACTIONS = ("action.{yml,yaml}", ".github/actions/*/action.{yml,yaml}", "actions/*/action.{yml,yaml}")
"""Where a repository has actions of its own."""

DEEPEST = 10
"""Calls within each other; GitHub takes no more."""

MOST_TEXT = 10_000_000
"""Signs of what one workflow leads to, where each part costs a thousand more."""

MOST = 20
"""Findings of one check; a repository that has more has the same thing everywhere."""

_GITHUB = re.compile(
    r"(?:(?:\w+://)?(?:[^/@\s]+@)?(?:www\.|ssh\.)?github\.com(?::\d+/|[/:]))?([\w-]+)/[\w.-]+/?", re.IGNORECASE
)
"""An address of GitHub, or owner/name alone."""


@dataclass(frozen=True)
class Part:
    """A step, or a job that calls a workflow: what it says and where."""

    path: str
    document: Document
    at: Path
    said: dict[str, Any]
    job: dict[str, Any]
    """The job that it stands in; of an action an empty one."""
    scope: Scope = field(default_factory=Scope)
    """What the names in it are, as far as the files say."""
    conditions: tuple[str, ...] = ()
    """The `if` of all that leads to it, and its own; it runs only where each of them holds."""

    @property
    def uses(self) -> str:
        """The action or workflow that it uses, or ""."""
        return text(self.said.get("uses")).strip()

    @property
    def action(self) -> str:
        """`uses` without its ref, in lower case."""
        return self.uses.partition("@")[0].lower()

    @property
    def inputs(self) -> dict[str, Any]:
        """Its `with`."""
        return table(self.said.get("with"))

    def spot(self, *within: str) -> Spot:
        """Where something in it stands."""
        return self.document.spot(*self.at, *within)


def flows(repository: Repository) -> tuple[Workflow, ...]:
    """The workflows that something starts or calls and nobody has switched off.

    Raises NotApplicable where there is none, NotKnown where none can be read for now.
    """
    workflows = workflows_of(repository)
    off = repository.switched_off
    found = tuple(one for one in workflows.found if one.triggers and one.path not in off)
    if not found and workflows.unknown:
        raise NotKnown("; ".join(workflows.unknown))
    if not found:
        raise NotApplicable("there is no workflow")
    return found


def told_all(repository: Repository) -> None:
    """Raises NotKnown where a workflow could not be read for now: it is asked last, what was found stays found."""
    unknown = workflows_of(repository).unknown
    if unknown:
        raise NotKnown("; ".join(unknown))


def parts(workflow: Workflow) -> Iterator[Part]:
    """The jobs that call a workflow, and the steps of the others, without what never runs."""
    return _parts(workflow.path, workflow.document, Scope(table(workflow.document.get("env"))), ())


def reached(repository: Repository, workflow: Workflow) -> Iterator[Part]:
    """The parts of a workflow, and those of the repository's own workflows and actions that it leads to.

    Raises NotKnown in the end where they call each other too often to be gone through.
    """
    own = list(parts(workflow))
    yield from own
    waiting = [(part, frozenset({workflow.path})) for part in own]
    room = MOST_TEXT
    for part, above in waiting:  # it grows while it is gone through
        called = _called(repository, part)
        if called is None or called[0] in above or len(above) > DEEPEST:
            continue
        for one in _behind(part, *called):
            yield one
            waiting.append((one, above | {called[0]}))
            room -= len(str(one.said)) + 1_000
            if room < 0:
                raise NotKnown(f"{workflow.path} calls so much that it was not followed to the end")


def own_actions(repository: Repository) -> Iterator[Part]:
    """The steps of the repository's own composite actions. One that can't be read is passed over."""
    for path in repository.paths(*ACTIONS):
        document = _read(repository, path)
        if document is not None:
            yield from _action(path, document, _given({}, document, None), ())


def _called(repository: Repository, part: Part) -> tuple[str, Document] | None:
    """The file of this repository that a part calls, and what it says; None where there is none."""
    own = target(repository, part.uses)
    if own is None:
        return None
    named = posixpath.normpath(own)
    inside = [posixpath.normpath(posixpath.join(named, one)) for one in ("action.yml", "action.yaml")]
    for path in (named, *inside):
        if path in repository.files.paths and path.endswith((".yml", ".yaml")):
            document = _read(repository, path)
            return (path, document) if document is not None else None
    return None


def _behind(call: Part, path: str, document: Document) -> Iterator[Part]:
    """What a call leads to: the parts of a workflow, or the steps of an action."""
    scope = _given(call.inputs, document, call.scope)
    if isinstance(document.get("jobs"), dict):
        return _parts(path, document, scope, call.conditions)
    return _action(path, document, replace(scope, outer=call.scope), call.conditions)


def _given(inputs: dict[str, Any], document: Document, above: Scope | None) -> Scope:
    """What the names in a file are that is called with some inputs."""
    takes = {**table(document.get("inputs")), **table(document.get("on", "workflow_call", "inputs"))}
    handed = {name.lower(): one for name, one in inputs.items()}
    return Scope(table(document.get("env")), None, handed, above, defaults(takes))


def _parts(path: str, document: Document, scope: Scope, above: tuple[str, ...]) -> Iterator[Part]:
    jobs = table(document.get("jobs"))
    off = skipped_jobs(jobs)
    for name, job in jobs.items():
        if name in off or not isinstance(job, dict):
            continue
        inside = Scope(table(job.get("env")), scope)
        conditions = (*above, text(job.get("if")))
        if "uses" in job:
            yield Part(path, document, ("jobs", name), job, job, inside, conditions)
        yield from _steps(path, document, ("jobs", name, "steps"), job, inside, conditions)


def _action(path: str, document: Document, scope: Scope, above: tuple[str, ...]) -> Iterator[Part]:
    """What an action runs: as a part of its own its image, and its steps."""
    if table(document.get("runs")).get("using") == "docker":
        yield Part(path, document, ("runs",), table(document.get("runs")), {}, scope, above)
    yield from _steps(path, document, ("runs", "steps"), {}, scope, above)


def _steps(
    path: str, document: Document, at: Path, job: dict[str, Any], scope: Scope, above: tuple[str, ...]
) -> Iterator[Part]:
    steps = document.get(*at)
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        if isinstance(step, dict) and not is_off(step):
            inside = Scope(table(step.get("env")), scope)
            yield Part(path, document, (*at, number), step, job, inside, (*above, text(step.get("if"))))


def _read(repository: Repository, path: str) -> Document | None:
    """A file that is told elsewhere where it can't be read."""
    try:
        return repository.yaml(path)
    except (Wrong, Undecided):
        return None


def finding(subject: Subject, message: str, path: str, spot: Spot, fix: str | None = None) -> Finding:
    """A finding at a place of a file, with its check's own why and remediation, and its fix where there is no other."""
    return Finding(
        message,
        str(subject.parameters["remediation"]),
        why=str(subject.parameters["why"]),
        path=path,
        line=spot.line,
        column=spot.column,
        fix=str(subject.parameters["fix"]) if fix is None else fix,
    )


def place_of(repository: Repository, path: str, words: str, start: int) -> Spot:
    """Where some words stand at or below a line; the line itself where they can't be found."""
    lines = str(repository.text(path)).split("\n")
    for number in range(max(start, 1), len(lines) + 1):
        column = lines[number - 1].find(words)
        if column >= 0:
            return Spot(number, column + 1)
    return Spot(start, 1)


def triggers(workflow: Workflow, *events: str) -> bool:
    """Whether one of the events starts the workflow."""
    return any(one in workflow.triggers for one in events)


def listed(names: Iterable[str], most: int = 5) -> str:
    """`a, b and 3 more`, each once."""
    once = list(dict.fromkeys(names))
    more = f" and {len(once) - most} more" if len(once) > most else ""
    return ", ".join(once[:most]) + more


def text(value: Any) -> str:
    """A text; "" for everything else."""
    return value if isinstance(value, str) else ""


def organization_of(repository: Repository) -> str:
    """The owner of a repository of GitHub, in lower case; "" where its address is another's, or a path."""
    own = _GITHUB.fullmatch(repository.files.remote.strip())
    return own[1].lower() if own else ""
