"""Audits for the tests of the remediation, made of plain values."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

from chittyactions.compliance.audit.record import (
    Audit,
    CheckRecord,
    FindingRecord,
    Scope,
    ServiceRecord,
    Standing,
    WaiverRecord,
)
from chittyactions.compliance.model import Outcome, Severity

WHEN = datetime(2026, 3, 2, tzinfo=timezone.utc)
COMMIT = "1a2b3c4d5e6f708192a3b4c5d6e7f80912345678"
OWNERS, BEACON, TRUST = "chittycanon.codeowners", "chittybeacon.installed", "chittytrust.provisions"
LEAVE = WaiverRecord(check=BEACON, reason="until June", owner="@auth", expires=date(2027, 6, 30), expired=False)


def check(
    name: str, outcome: Outcome = Outcome.FAIL, *messages: str, required: bool = True, **more: Any
) -> CheckRecord:
    """A check that came to something; one that fails found one thing where no message is given."""
    bad = outcome in (Outcome.FAIL, Outcome.ERROR)
    told = messages or ((f"{name} is missing.",) if bad else ())
    findings = tuple(FindingRecord(message=one, remediation="Add it.", path="CODEOWNERS", line=1) for one in told)
    return CheckRecord(
        id=name, dimension=name.split(".", maxsplit=1)[0], title=more.pop("title", f"Title of {name}"), outcome=outcome,
        severity=Severity.HIGH, required=required, findings=more.pop("findings", findings), **more,
    )  # fmt: skip


def service(*checks: CheckRecord, name: str = "auth", organization: str = "chittyos", **more: Any) -> ServiceRecord:
    """A judged service with these checks."""
    required = [one.outcome for one in checks if one.required]
    bad = Outcome.FAIL in required or Outcome.ERROR in required
    outcome = Outcome.FAIL if bad else Outcome.UNKNOWN if Outcome.UNKNOWN in required else Outcome.PASS
    given: dict[str, Any] = {
        "organization": organization, "name": name, "repository": f"{organization}/{name}", "type": "cloudflare-worker",
        "tier": 1, "standing": Standing.JUDGED, "commit": COMMIT, "branch": "main", "outcome": outcome,
        "checks": checks,
    }  # fmt: skip
    return ServiceRecord(**(given | more))


def unjudged(standing: Standing, name: str = "auth") -> ServiceRecord:
    """A service that has no verdict."""
    return service(name=name, standing=standing, outcome=None)


def audit(*services: ServiceRecord, complete: bool = True, **scope: Any) -> Audit:
    """An audit of these services."""
    return Audit(started=WHEN, finished=WHEN, complete=complete, services=services, scope=Scope(**scope))
