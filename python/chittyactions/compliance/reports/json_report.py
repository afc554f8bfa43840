"""The JSON report: a published contract. Its schema is schemas/compliance-report.schema.json."""

from __future__ import annotations

from typing import Any

from chittyactions import VERSION
from chittyactions.compliance.fail_on import BAD
from chittyactions.compliance.model import Checked, Dimension, Finding, Outcome, Service, Verdict, Waiver
from chittyactions.compliance.reports.wording import dumped

SCHEMA_VERSION = 1

REQUIRED = {
    "passed": Outcome.PASS,
    "failed": Outcome.FAIL,
    "waived": Outcome.WAIVED,
    "error": Outcome.ERROR,
    "unknown": Outcome.UNKNOWN,
    "not_evaluated": Outcome.NOT_EVALUATED,
    "not_applicable": Outcome.NOT_APPLICABLE,
}
"""How many required checks came to what."""


def render(verdict: Verdict, version: str = VERSION) -> str:
    """The report as text."""
    return dumped(document(verdict, version))


def document(verdict: Verdict, version: str = VERSION) -> dict[str, Any]:
    """The report as plain values. Nothing in it depends on the moment or the machine."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "chittyops", "version": version},
        "service": _service(verdict.service),
        "commit": verdict.commit,
        "outcome": verdict.outcome.value,
        "score": verdict.score,
        "required": {name: verdict.count(outcome) for name, outcome in REQUIRED.items()},
        "dimensions": {one.name: _dimension(one, verdict) for one in verdict.dimensions},
        "checks": [_check(one) for one in verdict.checks],
    }


def _service(service: Service) -> dict[str, Any]:
    return {
        "name": service.name,
        "type": service.type,
        "tier": service.tier,
        "domain": service.domain,
        "organization": service.organization,
        "repository": service.repository,
        "stacks": list(service.stacks),
        "sources": dict(service.sources),
    }


def _dimension(dimension: Dimension, verdict: Verdict) -> dict[str, Any]:
    outcomes = [one.outcome for one in verdict.checks if one.dimension == dimension.name]
    return {
        "title": dimension.title,
        "need": dimension.need.value,
        "outcome": dimension.outcome.value,
        "advisory": dimension.advisory,
        "passed": outcomes.count(Outcome.PASS),
        "failed": sum(one in BAD for one in outcomes),
    }


def _check(check: Checked) -> dict[str, Any]:
    return {
        "id": check.id,
        "dimension": check.dimension,
        "title": check.title,
        "outcome": check.outcome.value,
        "severity": check.severity.value,
        "required": check.required,
        "reason": check.reason,
        "docs": check.docs,
        "waiver": _waiver(check.waiver, expired=check.outcome is not Outcome.WAIVED) if check.waiver else None,
        "findings": [_finding(one) for one in check.findings],
    }


def _waiver(waiver: Waiver, *, expired: bool) -> dict[str, Any]:
    return {
        "check": waiver.check,
        "reason": waiver.reason,
        "owner": waiver.owner,
        "expires": waiver.expires.isoformat(),
        "expired": expired,
        "source": waiver.source,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "message": finding.message,
        "why": finding.why,
        "remediation": finding.remediation,
        "fix": finding.fix,
    }
