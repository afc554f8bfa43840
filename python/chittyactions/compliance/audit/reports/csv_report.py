"""CSV for spreadsheets and databases: a line for each check of each service, by RFC 4180."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from chittyactions.compliance.audit.record import CheckRecord, ServiceRecord
from chittyactions.compliance.audit.reports.saying import file_address
from chittyactions.compliance.audit.reports.verdict import told
from chittyactions.compliance.audit.reports.view import View
from chittyactions.compliance.model import Outcome, is_apart
from chittyactions.compliance.reports.wording import SECURITY, line
from chittyactions.errors import DOCS
from chittyactions.runner import inert

COLUMNS = (
    *("organization", "service", "repository", "type", "tier", "domain", "territory", "standing", "standing_reason"),
    *("branch", "commit", "judged_at", "service_outcome", "service_score"),
    *("dimension", "need", "check", "title", "severity", "required", "outcome", "reason"),
    *("findings", "path", "line", "message", "remediation", "address", "docs"),
    *("waiver_owner", "waiver_reason", "waiver_expires", "waiver_expired"),
    "part",
)
"""`part` is `compliance`, or `security`, which is reported apart."""

ACTIVE = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the start of a formula, in both widths. An apostrophe before it makes it text."""


def render(view: View) -> str:
    """The lines, the head first. A service that was not judged has one, without a check."""
    return "".join(pieces(view))


def pieces(view: View) -> Iterator[str]:
    """The same, service by service."""
    yield _lines([COLUMNS])
    for service in view.audit.services:
        of_service = _service(service)
        rows = [[*of_service, *_check(check, service)] for check in service.checks]
        yield _lines(rows or [[*of_service, *[""] * (len(COLUMNS) - len(of_service))]])


def _lines(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def cell(value: object) -> str:
    """A value as a spreadsheet shows it and never computes it: on one line, nothing invisible in it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    words = inert(line(str(value)))
    return f"'{words}" if words.startswith(ACTIVE) else words


def _service(service: ServiceRecord) -> list[str]:
    known = (
        *(service.organization, service.name, service.repository, service.type, service.tier, service.domain),
        *(service.territory, service.standing.value, service.reason, service.branch, service.commit),
        service.judged_at.isoformat() if service.judged_at else None,
        service.outcome.value if service.outcome else None,
        service.score,
    )
    return list(map(cell, known))


def _check(check: CheckRecord, service: ServiceRecord) -> Iterator[str]:
    dimension = service.dimensions.get(check.dimension)
    found = told(check) if check.findings or check.outcome in (Outcome.FAIL, Outcome.ERROR) else ()
    first = found[0] if found else None
    waiver = check.waiver
    known = (
        *(check.dimension, dimension.need.value if dimension else None, check.id, check.title, check.severity.value),
        *(check.required, check.outcome.value, check.reason, len(found)),
        *((first.path, first.line or None, first.message, first.remediation) if first else (None,) * 4),
        file_address(service, first) if first else None,
        DOCS + check.docs if check.docs else None,
        *((waiver.owner, waiver.reason, waiver.expires, waiver.expired) if waiver else (None,) * 4),
        SECURITY.lower() if is_apart(check.dimension) else "compliance",
    )
    return map(cell, known)
