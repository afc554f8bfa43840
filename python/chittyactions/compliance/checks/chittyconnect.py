"""ChittyConnect: the file that it knows the service by, and the workflow that keeps it in step."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from chittyactions.compliance.checks.connect_file import FILE, ConnectFile, connect_file, kind_of
from chittyactions.compliance.checks.workflow_steps import unless_a_step_does
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.model import Finding
from chittyactions.compliance.snippets import SERVICE, snippet


def config(subject: Subject) -> Iterable[Finding]:
    """`.chittyconnect.yml` is there, and has the fields of `fields`, each `section.key` and a text of its pattern."""
    file = connect_file(subject)
    if file.document is None or file.document.data is None:
        return [_missing(subject, file)]
    return [one for field in subject.parameters["fields"] for one in _field(subject, file, field)]


def _missing(subject: Subject, file: ConnectFile) -> Finding:
    other = subject.repository.find(subject.parameters["misnamed"])
    if file.document is not None:
        message = f"{file.path} is empty."
    elif other:
        message = f"{other} is not read: the name is {FILE}."
    else:
        message = f"There is no {FILE}."
    absent = file.document is None and not other
    remediation = str(subject.parameters["remediation"])
    return Finding(
        message,
        f"Rename it to {FILE}." if other else f"{remediation} {subject.parameters['offer']}" if absent else remediation,
        why=str(subject.parameters["why"]),
        path=file.path,
        fix="" if other else snippet(subject),
        absent=absent,
    )


def _field(subject: Subject, file: ConnectFile, field: dict[str, Any]) -> Iterable[Finding]:
    assert file.document is not None
    name = str(field["field"])
    section, key = name.split(".")
    at = (section, key)
    example = str(field["example"]).replace("{name}", subject.service.name or SERVICE)
    fix = f"{section}:\n  {key}: {example}\n"
    outer, value = file.document.get(section), file.document.get(*at)
    if file.document.has(section) and not isinstance(outer, dict):
        message = f"{section} is {kind_of(outer)}, not a table: {name} belongs below it."
        return [file.finding(subject, message, (section,), fix=fix)]
    if value is None:
        return [file.finding(subject, f"{name} is missing.", at, fix=fix)]
    if not isinstance(value, str):
        return [file.finding(subject, f"{name} is {kind_of(value)}, not a text.", at, fix=fix)]
    if not re.fullmatch(field["pattern"], value):
        return [file.finding(subject, f"{name} is {value[:80]!r}, which is not {field['what']}.", at, fix=fix)]
    return []


def sync_workflow(subject: Subject) -> Iterable[Finding]:
    """A step of an active workflow sends a request of `requests` to ChittyConnect, or `uses` what does."""
    return unless_a_step_does(subject)
