"""A service's record as the verdict that it was made from, for the words and formats of one repository's reports."""

from __future__ import annotations

from chittyactions.compliance.audit.record import CheckRecord, FindingRecord, ServiceRecord
from chittyactions.compliance.model import Checked, Dimension, Finding, Outcome, Service, Verdict, Waiver, is_apart


def verdict_of(service: ServiceRecord) -> Verdict:
    """The verdict of a service. One that was not judged has no checks."""
    return Verdict(
        Service(
            service.name,
            service.type,
            service.tier,
            service.domain,
            service.organization,
            service.repository,
        ),
        service.commit,
        tuple(
            Dimension(name, one.title, one.need, one.outcome, one.advisory) for name, one in service.dimensions.items()
        ),
        tuple(checked(one, service) for one in service.checks),
    )


def checked(check: CheckRecord, service: ServiceRecord) -> Checked:
    """One check of a service."""
    dimension = service.dimensions.get(check.dimension)
    return Checked(
        check.id,
        check.dimension,
        check.title,
        check.severity,
        check.required,
        check.outcome,
        tuple(map(_finding, check.findings)),
        check.reason,
        _waiver(check),
        check.docs,
        advisory=bool(dimension and dimension.advisory),
    )


def bad(service: ServiceRecord, *, apart: bool = False) -> tuple[CheckRecord, ...]:
    """Its checks that failed or could not be made, required or not: required first, then the worst.

    Those that are reported apart, or the others.
    """
    own = (one for one in service.checks if is_apart(one.dimension) is apart)
    found = [one for one in own if one.outcome in (Outcome.FAIL, Outcome.ERROR)]
    return tuple(sorted(found, key=lambda one: (not one.required, one.severity.rank)))


def told(check: CheckRecord) -> tuple[FindingRecord, ...]:
    """The findings of a check that is bad; one that found no words stands for itself."""
    return check.findings or (FindingRecord(message=check.reason or f"{check.title}.", remediation=""),)


def _finding(one: FindingRecord) -> Finding:
    return Finding(one.message, one.remediation, one.why, one.path, one.line, one.column, one.fix)


def _waiver(check: CheckRecord) -> Waiver | None:
    waiver = check.waiver
    return Waiver(waiver.check, waiver.reason, waiver.owner, waiver.expires, waiver.source) if waiver else None
