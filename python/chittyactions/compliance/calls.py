"""How workflows and actions of a repository call each other, and what a step is told by that."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chittyactions.compliance.documents import Document, Spot
from chittyactions.compliance.expressions import EVERY_OTHER, Known, filled, said
from chittyactions.compliance.local_actions import started_by
from chittyactions.compliance.repository import Repository

_ALWAYS = {"GITHUB_TOKEN": "${{ github.token }}"}
"""The secret that a workflow has without being given it."""

_OWN = re.compile(r"\$\{\{\s*(inputs\.[\w-]+|matrix\.[\w.-]+)\s*\}\}")
_MATRIX = re.compile(r"\bmatrix[.\[]")


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
    fixed: Known = field(default_factory=dict)
    """Of its `inputs` and `secrets` what a call has decided; what a person may choose at the start is not in it. Where
    it is read for one run of a matrix, that run's values.
    """

    repeated: bool = False
    """Whether it stands behind a call that is read run by run: calls behind that one are read once."""

    @property
    def action(self) -> str:
        """`uses` without its ref, in lower case: GitHub does not tell names by their case."""
        return self.uses.partition("@")[0].strip().lower()

    @property
    def known(self) -> Known:
        """What is certain of the names in its expressions."""
        return {**self.fixed, "env": self.env}


@dataclass(frozen=True)
class File:
    """A workflow's or an action's file, and what it is called with."""

    path: str
    document: Document
    given: Mapping[str, Any]
    fixed: Known = field(default_factory=dict)
    env: Mapping[str, Any] = field(default_factory=dict)
    """That of the step that uses the action."""
    above: frozenset[str] = frozenset()
    """The files that lead here."""
    repeated: bool = False
    """As of a step."""

    @property
    def through(self) -> frozenset[str]:
        """The files that lead to what this one calls."""
        return self.above | {self.path}

    def step(self, job: str, spot: Spot, **says: Any) -> Step:
        """A step that stands in it."""
        return Step(self.path, job, spot, given=self.given, fixed=self.fixed, repeated=self.repeated, **says)


def called(call: Step, path: str, document: Document, above: frozenset[str]) -> File:
    """A reusable workflow as a job calls it."""
    takes = document.get("on", "workflow_call", "inputs")
    given = {**defaults(takes), **_handed(call, call.inputs)}
    secrets = call.fixed.get("secrets", {})
    if (handed := call.inputs.get("secrets")) != "inherit":
        secrets = {**_ALWAYS, **_filled(table(handed), call.known), EVERY_OTHER: ""}
    fixed = {"inputs": _fixed(call, takes), "secrets": secrets}
    return File(path, document, given, fixed, above=above, repeated=_repeated(call))


def used(call: Step, path: str, document: Document, above: frozenset[str]) -> File:
    """An action as a step uses it. It sees the step's environment, and every input of it is a text."""
    takes = document.get("inputs")
    given = {**defaults(takes), **_handed(call, call.inputs)}
    inputs = {name: said(value) for name, value in _fixed(call, takes).items()}
    run = {"matrix": call.fixed["matrix"]} if "matrix" in call.fixed else {}
    return File(path, document, given, {"inputs": inputs, **run}, _handed(call, call.env), above, _repeated(call))


def _repeated(call: Step) -> bool:
    return call.repeated or "matrix" in call.fixed


def names_matrix(step: Step) -> bool:
    """Whether a step says something of its job's matrix."""
    return bool(_MATRIX.search(f"{step.run}{step.directory}{step.env}{step.inputs}{step.given}"))


def in_run(step: Step, run: Mapping[str, Any]) -> Step:
    """A step as one run of its job's matrix has it."""
    return replace(step, fixed={**step.fixed, "matrix": run}, env=_filled(step.env, {"matrix": run}))


def programs(repository: Repository, file: File, job: str) -> Iterator[Step]:
    """What an action that is no composite starts; it finds its inputs in its environment."""
    folder = posixpath.dirname(file.path)
    inputs = {f"INPUT_{name.upper().replace(' ', '_')}": value for name, value in file.given.items()}
    for line, spot in started_by(repository, folder, file.document):
        env = {**file.env, **inputs}
        yield file.step(job, spot, run=line, directory=folder, env=env)


def _handed(call: Step, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values that a call hands on. What nobody knows of the caller's inputs and matrix is not meant of those of the
    file that is called, and loses its `$`.
    """
    known = {"inputs": call.given, "env": call.env, "matrix": call.fixed.get("matrix", {})}
    found = _filled(values, known)
    return {name: _OWN.sub(r"{\1}", one) if isinstance(one, str) else one for name, one in found.items()}


def _filled(values: Mapping[str, Any], known: Known) -> dict[str, Any]:
    return {name: filled(one, known) if isinstance(one, str) else one for name, one in values.items()}


def _fixed(call: Step, takes: Any) -> dict[str, Any]:
    """The inputs that a call decides, those among them that it leaves out."""
    found = {}
    passed = _filled(call.inputs, call.known)
    for name, one in table(takes).items():
        value = passed.get(name, table(one).get("default"))
        kind, text = table(one).get("type"), said(value)
        if kind == "boolean":
            value = {"true": True, "false": False}.get(text, value)
        found[name] = text if kind == "string" else value
    return found


def target(repository: Repository, uses: str) -> str | None:
    """The path that a `uses` names in this repository, None where it names another's."""
    uses = uses.strip()
    if uses.startswith("./"):
        return uses[2:]
    own = re.search(r"[/:]([^/:]+/[^/:]+?)(?:\.git)?/?$", repository.files.remote)
    name, _, rest = uses.partition("@")[0].partition("/")
    repo, _, path = rest.partition("/")
    if own and f"{name}/{repo}".lower() == own[1].lower():
        return path
    return None


def defaults(inputs: Any) -> dict[str, Any]:
    """The defaults of declared inputs."""
    return {name: one["default"] for name, one in table(inputs).items() if isinstance(one, dict) and "default" in one}


def table(value: Any) -> dict[str, Any]:
    """A mapping; an empty one for everything else."""
    return value if isinstance(value, dict) else {}
