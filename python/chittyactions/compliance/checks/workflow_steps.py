"""What checks of several dimensions ask of a workflow's step, and what they say where no step does it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from chittyactions.compliance.calls import table
from chittyactions.compliance.checks.owner import Owner
from chittyactions.compliance.detection import detect
from chittyactions.compliance.doing import Doing, doing
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.expressions import filled
from chittyactions.compliance.jobs import each_run
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import Repository, glob
from chittyactions.compliance.sending import Reader
from chittyactions.compliance.snippets import offer
from chittyactions.compliance.workflows import Step

Also = Callable[[Reader, Step], bool]


def unless_a_step_does(subject: Subject, also: Also = lambda _reader, _step: False) -> list[Finding]:
    """Nothing where the active workflows do it for this service: a step sends one of `requests`, `uses` what does, or
    does it as `also` says. Else the finding that tells what is missing. Raises NotKnown where nobody can tell.
    """
    parameters = subject.parameters
    reader, owner = Reader(subject.repository, parameters["variables"]), Owner(subject)
    refused = _refused(subject.repository)
    others: list[tuple[Step, str]] = []

    def tells(step: Step) -> bool:
        if also(reader, step):
            return True
        for another in _does(owner, reader, step, parameters, refused):
            if not another:
                return True
            others.append((step, another))
        return False

    done = doing(subject.repository, tells, lambda step: reader.leading(step, parameters["requests"]))
    if done.step:
        return []
    if others and not done.asleep:
        return [_done_for_another(subject, *others[0])]
    return [_not_done(subject, done)]


def _refused(repository: Repository) -> frozenset[str]:
    """The folders that worker-deploy would not deploy: those of Pages projects, and the root above several Workers."""
    whole = detect(Repository(repository.files))
    above = {""} if whole.apart and not repository.folder else set()
    return frozenset(above | {path.rpartition("/")[0] for path in whole.pages})


def _does(
    owner: Owner, reader: Reader, step: Step, parameters: Mapping[str, Any], refused: Collection[str]
) -> Iterator[str]:
    """Whom a step does it for, each time that it does: "" for this service, else the other's name."""
    for use in parameters["uses"]:
        if not (step.action and glob(use["action"]).fullmatch(step.action)):
            continue
        for one in each_run(reader.repository, step):
            if not _is_on(one, use):
                continue
            whose = use.get("whose")
            folder = _given(one, whose["folder"]) if whose else ""
            if not whose:
                yield ""
            elif posixpath.normpath(f"/{folder}").strip("/") not in refused:
                yield owner.another(_given(one, whose["name"]), folder)
    for asked in reader.asking(step, parameters["requests"]):
        yield owner.another(unquote(asked.groupdict().get("service", "")))


def _is_on(step: Step, use: Mapping[str, Any]) -> bool:
    """Whether a use is given its `inputs` and `secrets`, and none of the values that switch it off, `unless`."""
    handed = step.inputs.get("secrets")
    if handed == "inherit":
        secrets = {name: f"${{{{ secrets.{name} }}}}" for name in use.get("secrets", ())}
    else:
        secrets = {name.upper(): value for name, value in table(handed).items()}
    off = any(_is_one_of(_given(step, name), values) for name, values in use.get("unless", {}).items())
    return (
        not off
        and all(_given(step, name) for name in use.get("inputs", ()))
        and all(filled(str(secrets.get(name) or ""), step.known) for name in use.get("secrets", ()))
    )


def _given(step: Step, name: str) -> str:
    """An input of a use as a text, as far as the files say what is in it."""
    value = step.inputs.get(name)
    return "" if value is None else filled(str(value), step.known).strip()


def _is_one_of(given: str, values: Any) -> bool:
    """Whether an input has one of the values; GitHub gives every input of an action as a text."""
    return given.lower() in [str(one).lower() for one in (values if isinstance(values, list) else [values])]


def _done_for_another(subject: Subject, step: Step, another: str) -> Finding:
    name = subject.service.name
    return Finding(
        f"{subject.parameters['missing']} {step.path} does it for {another}, and this service is {name}.",
        f"Do it for {name} there as well, or correct the name.",
        why=str(subject.parameters["why"]),
        path=step.path,
        line=step.spot.line,
        column=step.spot.column,
        absent=bool(subject.repository.folder),  # a neighbour that has it does not make it wrong here
    )


def _not_done(subject: Subject, done: Doing) -> Finding:
    """The finding where no active workflow does it, as `missing` says: what only would is named."""
    message, path = str(subject.parameters["missing"]), subject.parameters["path"]
    asleep = done.asleep
    remediation, fix = ("Switch it on, or give it a trigger.", "") if asleep else offer(subject)
    return Finding(
        f"{message} {done.reason}, and would do it." if asleep else message,
        remediation,
        why=str(subject.parameters["why"]),
        path=asleep.path if asleep else path,
        line=asleep.spot.line if asleep else 0,
        column=asleep.spot.column if asleep else 0,
        fix=fix,
        absent=asleep is None,
    )
