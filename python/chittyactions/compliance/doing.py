"""Where the workflows of a repository do something, told apart from where they only would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from chittyactions.compliance.facts import NotKnown, State
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.workflows import Step, active, steps_of, workflows_of


@dataclass(frozen=True)
class Doing:
    """Where something is done, or would be if its workflow ran."""

    step: Step | None = None
    """A step of an active workflow."""
    asleep: Step | None = None
    """A step of a workflow that does not run, where no active one does it."""
    reason: str = ""
    """Why that workflow does not run."""


def doing(repository: Repository, does: Callable[[Step], bool], perhaps: Callable[[Step], str] = lambda _: "") -> Doing:
    """Where the workflows do something. Raises NotKnown where what can't be read may do it.

    `perhaps` says why a step may do it all the same, "" where it may not; steps are asked where none does it.
    """
    workflows = workflows_of(repository)
    running = [one.path for one in active(repository)]
    unknown = list(workflows.unknown)
    loose: list[Step] = []
    asleep: Doing | None = None
    for workflow in workflows.found:
        step, passed, unsure = _first(steps_of(repository, workflow), does)
        if step and workflow.path in running:
            switches = repository.observed.disabled_workflows
            if switches.state is State.UNKNOWN:
                raise NotKnown(f"{workflow.path} does it, if it is switched on, which is not known: {switches.why}")
            return Doing(step)
        if step and asleep is None:
            why = "is switched off on GitHub" if workflow.starts else "has no trigger that starts it"
            asleep = Doing(None, step, f"{workflow.path} {why}")
        if workflow.path in running:
            unknown += unsure
            loose += passed
    if not unknown:
        unknown += _perhaps(loose, perhaps)
    if unknown:
        raise NotKnown("; ".join(dict.fromkeys(unknown)))
    return asleep or Doing()


def _first(steps: Iterator[Step], does: Callable[[Step], bool]) -> tuple[Step | None, list[Step], list[str]]:
    """The first step that does it; those before it that do not, and why others may."""
    passed: list[Step] = []
    unsure: list[str] = []
    while True:
        try:
            step = next(steps, None)  # none as well where what comes behind can't be read
            if step is None or does(step):
                return step, passed, unsure
            passed.append(step)
        except NotKnown as error:  # noqa: PERF203 - the steps behind it are looked at all the same
            unsure.append(str(error))


def _perhaps(steps: list[Step], perhaps: Callable[[Step], str]) -> list[str]:
    """Why the first of some steps may do it; none where no step may."""
    try:
        return list(islice(filter(None, map(perhaps, steps)), 1))
    except NotKnown as error:
        return [str(error)]
