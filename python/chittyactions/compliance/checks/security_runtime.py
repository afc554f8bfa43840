"""How a Worker runs: on a runtime that somebody still looks after, and where somebody sees what goes wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from chittyactions.compliance.detection import detect
from chittyactions.compliance.documents import Document
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import NotApplicable, NotKnown, Undecided, Wrong
from chittyactions.compliance.model import Finding


def compatibility(subject: Subject) -> Iterable[Finding]:
    """Each Worker's compatibility date is not before `oldest`, in none of its environments.

    A date and not an age: what a commit comes to does not change by waiting.
    """
    oldest = str(subject.parameters["oldest"])
    for path, worker in _workers(subject):
        for environment in [(), *_environments(worker)]:
            said = worker.get(*environment, "compatibility_date")
            day = str(said or "")[:10]  # TOML has dates of its own, with a time or without
            if day and (day >= oldest or not _is_day(day)):  # what is no date wrangler itself refuses
                continue
            if environment and not day:  # it has that of the top
                continue
            message = f"has the compatibility date {day}" if day else "has no compatibility date"
            whose = f"The Worker of {path}" + (f" in {'.'.join(environment)}" if environment else "")
            yield _finding(subject, f"{whose} {message}.", path, worker, *environment, "compatibility_date")


def observability(subject: Subject) -> Iterable[Finding]:
    """Each Worker keeps its logs, or hands them on."""
    for path, worker in _workers(subject):
        if not any(_is_on(worker, *field.split(".")) for field in subject.parameters["fields"]):
            yield _finding(subject, f"The Worker of {path} keeps no logs.", path, worker, "observability")


def _is_on(worker: Document, *field: str) -> bool:
    """Whether a setting is on, at the top or in an environment of its own."""
    return any(worker.get(*one, *field) not in (None, False, [], {}) for one in [(), *_environments(worker)])


def _environments(worker: Document) -> list[tuple[str, str]]:
    """Where the environments of its own are."""
    environments = worker.get("env")
    return [("env", one) for one in (environments if isinstance(environments, dict) else ())]


def _workers(subject: Subject) -> Iterator[tuple[str, Document]]:
    """The wrangler files of the service. Raises NotApplicable where there is none, NotKnown behind those that are."""
    repository = subject.repository
    paths = detect(repository).workers
    if not paths:
        raise NotApplicable("it has no Worker")
    unknown = []
    for path in paths:
        try:
            worker = (repository.toml if path.endswith(".toml") else repository.jsonc)(path)
        except (Wrong, Undecided):
            continue  # told where that file itself is looked at
        except NotKnown as error:
            unknown.append(str(error))
            continue
        if worker is not None and isinstance(worker.data, dict):
            yield path, worker
    if unknown:
        raise NotKnown("; ".join(unknown))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _finding(subject: Subject, message: str, path: str, worker: Document, *field: str) -> Finding:
    fixes: dict[str, Any] = subject.parameters["fix_in"]
    spot = worker.spot(*field)
    return Finding(
        message,
        str(subject.parameters["remediation"]),
        why=str(subject.parameters["why"]),
        path=path,
        line=spot.line,
        column=spot.column,
        fix=str(fixes["toml" if path.endswith(".toml") else "json"]),
    )
