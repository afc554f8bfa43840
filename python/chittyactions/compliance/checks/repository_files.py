"""What is wrong with the files that describe the service: workflows that can't be read, and who contradicts whom."""

from __future__ import annotations

from collections.abc import Iterable

from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import NotApplicable, NotKnown
from chittyactions.compliance.model import Finding
from chittyactions.compliance.workflows import workflows_of


def workflows(subject: Subject) -> Iterable[Finding]:
    """Every workflow can be read; the others are looked at all the same."""
    found = workflows_of(subject.repository)
    if found.broken:
        return found.broken
    if found.unknown:
        raise NotKnown("; ".join(found.unknown))
    if not found.found:
        raise NotApplicable("it has no workflow")
    return []


def identity(subject: Subject) -> Iterable[Finding]:
    """Whoever says what the service is says the same; identity.py compares them."""
    return subject.service.disagreements


def name(subject: Subject) -> Iterable[Finding]:
    """The manifests call the service by its name, or by one that has it in it."""
    return subject.service.misnamed
