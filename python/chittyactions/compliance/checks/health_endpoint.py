"""The health endpoint: what `GET https://{domain}/health` came to. probe.py asks."""

from __future__ import annotations

from collections.abc import Iterable

from chittyactions.compliance.engine import Subject
from chittyactions.compliance.model import Finding


def health(subject: Subject) -> Iterable[Finding]:
    """The service said at its health endpoint that it is well."""
    found = subject.repository.observed.health.known()
    if found is not None and not found.problem:
        return []
    url = found.url if found else f"https://{subject.service.domain}{subject.parameters['path']}"
    came = f": {found.problem}" if found else ""
    return [
        Finding(
            f'{url} did not answer 200 with {{"status": "ok"}}{came}.',
            str(subject.parameters["remediation"]),
            why=str(subject.parameters["why"]),
            fix=str(subject.parameters["fix"]),
        )
    ]
