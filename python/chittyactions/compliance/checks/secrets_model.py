"""The secrets model: no stored credential that ChittyConnect issues, and secrets by their standard names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from chittyactions.compliance.conditions import is_off, skipped_jobs
from chittyactions.compliance.documents import Document
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import NotApplicable, NotKnown
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.workflows import workflows_of

ALIKE = 0.85
"""How much two names have in common where one is taken for a slip of the other, 1.0 being all."""

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_INDEXED = re.compile(r"(?<![\w.-])secrets\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*'([^']+)'\s*\])", re.IGNORECASE)
_LITERAL = re.compile(r"(secrets\s*\[\s*)?'(?:[^']|'')*'", re.IGNORECASE)


@dataclass(frozen=True)
class Use:
    """A secret that a workflow reads, and where it does first."""

    path: str
    name: str
    line: int
    column: int
    times: int


def deprecated(subject: Subject) -> Iterable[Finding]:
    """No workflow reads one of the secrets of `instead`: each has a replacement there."""
    instead: Mapping[str, Mapping[str, str]] = subject.parameters["instead"]
    for use in _uses(subject.repository):
        if use.name not in instead:
            continue
        again = f" {use.times} times, first here" if use.times > 1 else ""
        told = instead[use.name]
        yield Finding(
            f"The workflow reads the stored secret {use.name}{again}.",
            str(told["remediation"]),
            why=str(subject.parameters["why"]),
            path=use.path,
            line=use.line,
            column=use.column,
            fix=str(told.get("fix", "")),
        )


def names(subject: Subject) -> Iterable[Finding]:
    """A secret whose name fits `pattern` has one of the `standard` names."""
    parameters = subject.parameters
    standard: list[str] = parameters["standard"]
    renamed: Mapping[str, str] = parameters["renamed"]
    for use in _uses(subject.repository):
        if use.name in standard or not (use.name in renamed or re.fullmatch(parameters["pattern"], use.name)):
            continue
        better = renamed.get(use.name) or next(iter(get_close_matches(use.name, standard, 1, ALIKE)), "")
        told = f"Name it {better}." if better else f"Use one of the standard names: {', '.join(standard)}."
        yield Finding(
            f"{use.name} is no standard name of a secret.",
            told,
            why=str(parameters["why"]),
            path=use.path,
            line=use.line,
            column=use.column,
            fix=f"${{{{ secrets.{better} }}}}" if better else "",
        )


def _uses(repository: Repository) -> list[Use]:
    """Each secret of each workflow that something starts or calls. Raises NotApplicable and NotKnown."""
    workflows = workflows_of(repository)
    off = repository.observed.disabled_workflows.found or ()
    looked_at = [one for one in workflows.found if one.triggers and one.path not in off]
    if not looked_at and workflows.unknown:
        raise NotKnown("; ".join(workflows.unknown))
    if not looked_at:
        raise NotApplicable("there is no workflow")
    return [use for one in looked_at for use in _of_one(repository, one.path, one.document)]


def _of_one(repository: Repository, path: str, document: Document) -> Iterator[Use]:
    # What a caller hands over is told of at the caller, where it is read out of the store.
    handed = document.get("on", "workflow_call", "secrets")
    handed = {name.upper() for name in handed} if isinstance(handed, dict) else set()
    first: dict[str, int] = {}
    times: dict[str, int] = {}
    for text, line in _texts(document):
        for name in _named(text):
            if name not in handed and name != "GITHUB_TOKEN":
                first.setdefault(name, line)
                times[name] = times.get(name, 0) + 1
    lines = (repository.text(path) or "").splitlines()
    for name, start in first.items():
        line, column = _place(lines, name, start)
        yield Use(path, name, line, column, times[name])


def _named(text: str) -> Iterator[str]:
    """The secrets that the expressions in a text read, in capitals: GitHub does not tell them by their case."""
    for expression in _EXPRESSION.findall(text):
        bare = _LITERAL.sub(lambda found: found[0] if found[1] else "''", expression)
        for found in _INDEXED.finditer(bare):
            yield (found[1] or found[2]).upper()


def _texts(document: Document) -> Iterator[tuple[str, int]]:
    """Every text of a workflow that something evaluates, with the line of its key. An `if` is all expression."""
    jobs = document.get("jobs")
    off = skipped_jobs(jobs) if isinstance(jobs, dict) else frozenset()
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document.data)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            inside: list[tuple[str | int, Any]] = list(value.items())
            if path == ("jobs",):
                inside = [(name, job) for name, job in inside if name not in off]
        elif isinstance(value, list):
            switched = len(path) > 0 and path[-1] == "steps"
            inside = [
                (at, one) for at, one in enumerate(value) if not (switched and isinstance(one, dict) and is_off(one))
            ]
        else:
            if isinstance(value, str):
                bare = path[-1:] == ("if",) and "${{" not in value
                yield f"${{{{{value}}}}}" if bare else value, document.spot(*path).line
            continue
        waiting += [((*path, key), one) for key, one in reversed(inside)]


def _place(lines: list[str], name: str, start: int) -> tuple[int, int]:
    """Where a secret's name stands at or below a line; the line itself where it can't be found."""
    wanted = re.compile(rf"\bsecrets\b[\s.\['\"]*{re.escape(name)}\b", re.IGNORECASE)
    for number in range(max(start, 1), len(lines) + 1):
        if found := wanted.search(lines[number - 1]):
            return number, found.start() + 1
    return start, 1
