"""ChittyRegister: a deploy that tells the registry of the service, and a registry that knows it."""

from __future__ import annotations

from collections.abc import Iterable

from chittyactions.compliance.checks.workflow_steps import not_done, told_by, uses
from chittyactions.compliance.doing import doing
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.model import Finding
from chittyactions.compliance.requests import Reader
from chittyactions.compliance.workflows import Step


def heartbeat(subject: Subject) -> Iterable[Finding]:
    """A step of an active workflow sends the heartbeat of `requests`, or `uses` a deploy that does."""
    parameters = subject.parameters
    reader = Reader(subject.repository, parameters["variables"])

    def beats(step: Step) -> bool:
        return uses(step, parameters["uses"]) or told_by(reader, step, parameters["requests"])

    done = doing(subject.repository, beats)
    return [] if done.step else [not_done(subject, done, str(parameters["missing"]))]


def registered(subject: Subject) -> Iterable[Finding]:
    """The registry knows the service. What it does not answer is unknown, and never a failure."""
    fact = subject.repository.observed.registered
    if fact.known() is not None:
        return []
    message = f"The registry does not know {subject.service.name or 'the service'}"
    return [
        Finding(
            f"{message}: {fact.why}." if fact.why else f"{message}.",
            str(subject.parameters["remediation"]),
            why=str(subject.parameters["why"]),
            absent=True,
        )
    ]
