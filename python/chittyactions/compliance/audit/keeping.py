"""What came of checks, to the state and back: what the commit alone decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chittyactions.compliance.assemble import Assembled
from chittyactions.compliance.audit.record import CheckRecord
from chittyactions.compliance.audit.state import KeptService
from chittyactions.compliance.model import Checked, Finding, Service, Verdict
from chittyactions.compliance.reports.json_report import document


def kept_service(
    service: Service, made: Mapping[str, Checked], unsure: Mapping[str, Checked] | None = None
) -> KeptService:
    """What the commit alone decides: also that nobody can tell, or that no file does.

    `unsure` is what comes of the same checks while nobody says which workflows are off.
    """
    checks = _records(service, made)
    return KeptService(
        name=service.name,
        type=service.type,
        tier=service.tier,
        domain=service.domain,
        organization=service.organization,
        checks=checks,
        unsure=None if unsure is None else tuple(one for one in _records(service, unsure) if one not in checks),
    )


def checked(records: Iterable[CheckRecord], assembled: Assembled) -> Iterator[Checked]:
    """The checks that were kept, as far as they are still made."""
    specs = {one.id: one for one in assembled.engine.catalogue.checks}
    for one in records:
        if spec := specs.get(one.id):
            advisory = spec.advisory or assembled.engine.catalogue.dimensions[spec.dimension].advisory
            findings = tuple(Finding(**found.model_dump()) for found in one.findings)
            yield Checked(
                one.id, one.dimension, one.title, one.severity, one.required, one.outcome, findings, one.reason,
                docs=one.docs, advisory=advisory,
            )  # fmt: skip


def _records(service: Service, made: Mapping[str, Checked]) -> tuple[CheckRecord, ...]:
    decided = tuple(one for one in made.values() if not one.asks)
    return tuple(CheckRecord(**one) for one in document(Verdict(service, "", (), decided))["checks"])
