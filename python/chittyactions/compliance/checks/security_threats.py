"""Whether somebody looks for holes in the code and for credentials in it, as far as the repository's files tell."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chittyactions.compliance.checks.security_workflows import parts, text
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import NotAsked, NotKnown, Undecided, Wrong
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import Repository, glob
from chittyactions.compliance.workflows import workflows_of

LONGEST = 100_000
"""Signs of a script or of a file that is searched."""


def scanned(subject: Subject) -> Iterable[Finding]:
    """A step of a workflow scans, by one of `actions` or `commands`, or one of `files` says that something does.

    GitHub scans by its own settings as well, which no file shows. So where nothing here does, it is not evaluated, and
    never found wrong.
    """
    repository, parameters = subject.repository, subject.parameters
    if any(path in repository.files.paths for path in parameters["files"]) or _in_a_step(subject):
        return []
    for path, pattern in parameters["hooks"].items():
        if path in repository.files.paths and re.search(pattern, _text(repository, path)):
            return []
    if unknown := workflows_of(repository).unknown:
        raise NotKnown("; ".join(unknown))
    raise NotAsked(str(parameters["unseen"]))


def _in_a_step(subject: Subject) -> bool:
    actions = [glob(one) for one in subject.parameters["actions"]]
    command = re.compile("|".join(subject.parameters["commands"]))
    off = subject.repository.switched_off
    for flow in workflows_of(subject.repository).found:
        if not flow.triggers or flow.path in off:
            continue
        for part in parts(flow):
            if any(one.fullmatch(part.action) for one in actions) or command.search(_script(part.said.get("run"))):
                return True
    return False


def _script(run: object) -> str:
    """A script without its comments."""
    return re.sub(r"(?m)(?:^|\s)#.*$", "", text(run)[:LONGEST])


def _text(repository: Repository, path: str) -> str:
    try:
        return _script(repository.text(path))
    except (Wrong, Undecided):
        return ""
