"""ChittyRegister: a deploy that tells the registry of the service, and a registry that knows it."""

from __future__ import annotations

from collections.abc import Iterable

from chittyactions.compliance.checks.workflow_steps import unless_a_step_does
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.model import Finding


def heartbeat(subject: Subject) -> Iterable[Finding]:
    """A step of an active workflow sends this service's heartbeat of `requests`, or `uses` a deploy that does."""
    return unless_a_step_does(subject)


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
