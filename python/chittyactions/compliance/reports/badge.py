"""A badge's endpoint for shields: https://shields.io/badges/endpoint-badge."""

from __future__ import annotations

import json

from chittyactions.compliance.fail_on import BAD, Decision
from chittyactions.compliance.model import Outcome, Verdict
from chittyactions.compliance.reports.wording import share

UNSETTLED = {Outcome.UNKNOWN: "unknown", Outcome.NOT_EVALUATED: "not looked at"}

NEARLY = 80
"""Percent from which a service that fails is shown in orange and not in red."""


def render(verdict: Verdict, decision: Decision) -> str:
    """The endpoint's JSON."""
    message, color = _told(verdict, decision)
    badge = {"schemaVersion": 1, "label": "compliance", "message": message, "color": color}
    return json.dumps(badge, indent=2) + "\n"


def _told(verdict: Verdict, decision: Decision) -> tuple[str, str]:
    """A share alone would read as settled where something required is not known, or where something else fails."""
    counting = {one.id for one in decision.counting}
    failing = sum(one.outcome in BAD and (one.required or one.id in counting) for one in verdict.checks)
    if failing:
        return f"{share(verdict)}, {failing} failing", "orange" if (verdict.score or 0) >= NEARLY else "red"
    unsettled = [f", {number} {word}" for one, word in UNSETTLED.items() if (number := verdict.count(one))]
    if unsettled:
        return share(verdict) + "".join(unsettled), "lightgrey"
    if verdict.score is None:
        return "nothing required", "lightgrey"
    waived = verdict.count(Outcome.WAIVED)
    return (f"{share(verdict)}, {waived} waived", "yellow") if waived else (share(verdict), "brightgreen")
