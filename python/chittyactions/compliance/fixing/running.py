"""Whether a workflow that runs does already what a file would do, and for this service."""

from __future__ import annotations

import posixpath
import re

from chittyactions.compliance.expressions import filled
from chittyactions.compliance.facts import NotKnown
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.workflows import Step, Workflow, active, steps_of

OURS = "chittyos/chittyops/"

_FOLDERS = ("working_directory", "working-directory", "workingDirectory")
"""Inputs by which reusable workflows and actions are told the folder to work in."""


def done_already(repository: Repository, pattern: str, folder: str) -> str:
    """The workflow that runs and has a step which does it, or may, for the service in `folder`; "" for none."""
    does = re.compile(pattern)
    return next((one.path for one in active(repository) if _does(repository, one, does, folder)), "")


def _does(repository: Repository, workflow: Workflow, pattern: re.Pattern[str], folder: str) -> bool:
    """Whether a step fits, or may: one that calls what can't be read."""
    try:
        return any(
            (pattern.search(step.uses) or pattern.search(step.run)) and not _is_elsewhere(step, folder)
            for step in steps_of(repository, workflow)
        )
    except NotKnown:
        return True


def _is_elsewhere(step: Step, folder: str) -> bool:
    """Whether a step is certain to work for another folder."""
    told = next((str(step.inputs[name]) for name in _FOLDERS if step.inputs.get(name)), step.directory)
    place = filled(told, step.known)
    if "$" in place or "{" in place:
        return False
    ours, theirs = _ended(folder), _ended(place)
    if step.action.startswith(OURS):
        return theirs != ours  # told no folder, they work for the root alone
    return not ours.startswith(theirs) and not theirs.startswith(ours)


def _ended(folder: str) -> str:
    """A folder from the root on, with a slash at its end, so that no name is the beginning of another."""
    return f"{posixpath.normpath(f'/{folder}').rstrip('/')}/"
