"""What `chittyops registry` shows: a registry looked over, and what is proposed for it."""

from __future__ import annotations

import json

from chittyactions.compliance.registry_discover import FORK, TEMPLATE, Proposal, Proposed
from chittyactions.compliance.registry_lint import Linted


def lint_text(file: str, found: Linted) -> str:
    """What was found in a file, a line each, as editors and terminals open it."""
    lines = [
        f"{file}:{one.line}: {kind}: {shown(one.message)} [{one.code}]"
        for kind, remarks in (("problem", found.problems), ("note", found.notes))
        for one in remarks
    ]
    counts = f"{count(found.services, 'service')} of {count(found.organizations, 'organisation')}"
    total = f"{count(len(found.problems), 'problem')}, {count(len(found.notes), 'note')}"
    return "\n".join([*lines, *([""] if lines else []), f"{counts}, {found.active} active: {total}."])


def lint_json(file: str, found: Linted) -> str:
    """The same for a program."""
    counts = {"services": found.services, "active": found.active, "organizations": found.organizations}
    remarks = {kind: [one._asdict() for one in getattr(found, kind)] for kind in ("problems", "notes")}
    return json.dumps({"schema_version": 1, "file": file, **counts, **remarks}, indent=2, ensure_ascii=False)


def told(found: Proposed) -> str:
    """What came of an organisation: + new, ~ changed, - switched off, ? left to a person, each with its reasons."""
    passed = ", ".join(
        count(number, why) if why in (FORK, TEMPLATE) else f"{number} {why}"
        for why, number in sorted(found.passed.items())
    )
    repositories = "1 repository" if found.repositories == 1 else f"{found.repositories} repositories"
    head = f"{found.organization}: {repositories}, {count(len(found.proposals), 'proposal')}"
    lines = [head + (f"; not registered and passed over: {passed}" if passed else "")]
    for one in found.proposals:
        lines += [f"  {one.sign} {one.edit.service}  {_changes(one)}", *(f"      {why}" for why in one.reasons)]
    lines += [f"  ? {one}" for one in found.left]
    return "\n".join(shown(one) for one in lines)


def _changes(one: Proposal) -> str:
    if one.edit.new:
        return ", ".join(f"{field}: {_value(value)}" for field, value in one.edit.fields.items())
    changes = [f"{field}: {_value(one.was[field])} → {_value(value)}" for field, value in one.edit.fields.items()]
    return ", ".join([*changes, *([f"name: {one.edit.service} → {one.edit.name}"] if one.edit.name else [])])


def _value(value: str | int | bool | None) -> str:
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def count(number: int, what: str) -> str:
    """A number of things."""
    return f"{number} {what}" if number == 1 else f"{number or 'no'} {what}s"


def shown(text: str) -> str:
    """One line, with what a terminal or a workflow's log would obey spelled out."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)
