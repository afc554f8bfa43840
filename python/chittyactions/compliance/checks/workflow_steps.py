"""What checks of several dimensions ask of a workflow's step, and what they say where no step does it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from chittyactions.compliance.doing import Doing, doing
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import glob
from chittyactions.compliance.requests import Reader
from chittyactions.compliance.snippets import snippet
from chittyactions.compliance.workflows import Step


def told_by_a_step(subject: Subject, also: Callable[[Reader, Step], bool] = lambda _reader, _step: False) -> Doing:
    """What the active workflows do: a step sends one of `requests`, `uses` what does, or does it as `also` says."""
    parameters = subject.parameters
    reader = Reader(subject.repository, parameters["variables"])

    def tells(step: Step) -> bool:
        return _uses(step, parameters["uses"]) or _sends(reader, step, parameters["requests"]) or also(reader, step)

    return doing(subject.repository, tells)


def _uses(step: Step, wanted: Sequence[dict[str, Any]]) -> bool:
    """Whether a step uses one of the actions or reusable workflows.

    Each is a glob in lower case, `action`, with the inputs that it has to be given, `inputs`, and those that switch it
    off where they have this value, `unless`.
    """
    for one in wanted:
        if not step.action or not glob(one["action"]).fullmatch(step.action):
            continue
        off = any(_same(step.inputs.get(name), value) for name, value in one.get("unless", {}).items())
        if not off and all(step.inputs.get(name) not in (None, "") for name in one.get("inputs", ())):
            return True
    return False


def _same(given: Any, value: Any) -> bool:
    """Whether an input has a value; GitHub gives every input of an action as a text."""
    return given is not None and str(given).strip().lower() == str(value).lower()


def _sends(reader: Reader, step: Step, wanted: Sequence[dict[str, Any]]) -> bool:
    """Whether a step sends one of the requests: `url` is a pattern, `method` the only one that counts."""
    return any(
        re.fullmatch(one["url"], request.url) and request.method in ("", one["method"])
        for request in reader.requests(step)
        for one in wanted
    )


def not_done(subject: Subject, done: Doing) -> Finding:
    """The finding where no active workflow does it, as `missing` says: what only would is named."""
    message, path = str(subject.parameters["missing"]), subject.parameters["path"]
    asleep = done.asleep
    return Finding(
        f"{message} {done.reason}, and would do it." if asleep else message,
        "Switch it on, or give it a trigger." if asleep else str(subject.parameters["remediation"]),
        why=str(subject.parameters["why"]),
        path=asleep.path if asleep else path,
        line=asleep.spot.line if asleep else 0,
        column=asleep.spot.column if asleep else 0,
        fix="" if asleep else snippet(subject),
        absent=asleep is None,
    )
