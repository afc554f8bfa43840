"""The forms that an audit is shown in, as pieces of text: of ten thousand services some are a hundred megabytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from chittyactions.compliance.audit.reports import csv_report, dashboard, json_report, markdown, sarif
from chittyactions.compliance.audit.reports.view import View


def _html(view: View) -> Iterator[str]:
    yield dashboard.render(view)


def _markdown(view: View) -> Iterator[str]:
    yield markdown.render(view)


def _sarif(view: View) -> Iterator[str]:
    yield sarif.render(view)


FORMS: Mapping[str, Callable[[View], Iterator[str]]] = {
    "html": _html,
    "markdown": _markdown,
    "sarif": _sarif,
    "csv": csv_report.pieces,
    "json": json_report.pieces,
}
