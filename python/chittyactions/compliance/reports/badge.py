"""A badge's endpoint for shields: https://shields.io/badges/endpoint-badge."""

from __future__ import annotations

import json

from chittyactions.compliance.fail_on import BAD
from chittyactions.compliance.model import Outcome, Verdict
from chittyactions.compliance.reports.wording import share

NEARLY = 80
"""Percent from which a service that fails is shown in orange and not in red."""


def render(verdict: Verdict) -> str:
    """The endpoint's JSON."""
    message, color = _told(verdict)
    badge = {"schemaVersion": 1, "label": "compliance", "message": message, "color": color}
    return json.dumps(badge, indent=2) + "\n"


def _told(verdict: Verdict) -> tuple[str, str]:
    """A share alone would read as settled where something required is unknown."""
    if verdict.outcome is Outcome.FAIL:
        worse = f"{share(verdict)}, {verdict.count(*BAD)} failing"
        return worse, "orange" if (verdict.score or 0) >= NEARLY else "red"
    if verdict.outcome is Outcome.UNKNOWN:
        return f"{share(verdict)}, {verdict.count(Outcome.UNKNOWN)} unknown", "lightgrey"
    if verdict.score is None:
        return "nothing required", "lightgrey"
    waived = verdict.count(Outcome.WAIVED)
    return (f"{share(verdict)}, {waived} waived", "yellow") if waived else (share(verdict), "brightgreen")
