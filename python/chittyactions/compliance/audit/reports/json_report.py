"""The audit's own document again, in order, with its numbers. Its schema is schemas/audit.schema.json."""

from __future__ import annotations

from collections.abc import Iterator

from chittyactions.compliance.audit import document
from chittyactions.compliance.audit.record import Security, Share, Summary
from chittyactions.compliance.audit.reports.view import View
from chittyactions.compliance.audit.totals import Rate
from chittyactions.compliance.reports.wording import harmless


def render(view: View) -> str:
    """The document as text: what reads an audit reads it too."""
    return "".join(pieces(view))


def pieces(view: View) -> Iterator[str]:
    """The same, service by service."""
    return map(harmless, document.pieces(view.audit.model_copy(update={"summary": summary(view)})))


def summary(view: View) -> Summary:
    """The numbers."""
    numbers = view.totals
    return Summary(
        services=numbers.services,
        passing=numbers.passing,
        failing=numbers.failing,
        unknown=numbers.unknown,
        unjudged=dict(numbers.unjudged),
        rate=_share(numbers.rate),
        required_checks=_share(numbers.required_checks),
        dimensions={name: _share(one) for name, one in numbers.dimensions.items()},
        left_out=view.left_out,
        security=_security(view) if view.apart.services else None,
    )


def _security(view: View) -> Security:
    numbers = view.apart
    return Security(
        services=numbers.services,
        failing=numbers.failing,
        checks=_share(numbers.checks),
        dimensions={name: _share(one) for name, one in numbers.dimensions.items()},
    )


def _share(rate: Rate) -> Share:
    return Share(passed=rate.passed, whole=rate.whole, percent=rate.percent)
