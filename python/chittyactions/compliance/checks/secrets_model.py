"""The secrets model: no stored credential that ChittyConnect issues, and secrets by their standard names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chittyactions.compliance.calls import target
from chittyactions.compliance.conditions import is_off, skipped_jobs
from chittyactions.compliance.documents import Document, Path, Spot, holds
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import NotApplicable, NotKnown, Undecided, Wrong
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import Repository, glob
from chittyactions.compliance.workflows import Workflow, workflows_of

SHORTEST = 4
"""Letters of a word in which one that differs is a slip. Of shorter ones any two are alike."""

MOST = 256
"""Values of a matrix that are looked at; GitHub makes no more jobs of one."""

# Braces in a string do not end it. What never ends goes to the end of the text, so that it is gone through once.
_EXPRESSION = re.compile(r"\$\{\{((?:[^']|'[^']*(?:'|\Z))*?)(?:\}\}|\Z)")
# Or a text, in which that word means nothing.
_READ = re.compile(
    r"'(?:[^']|'')*'|(?<![\w.-])secrets(?![\w-])\s*"
    r"(?:\.\s*([A-Za-z_]\w*)|\[\s*'([^']+)'\s*\]|\[\s*matrix\s*\.\s*([\w-]+)\s*\])?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Use:
    """A secret that a workflow reads, and where it does first."""

    path: str
    name: str
    line: int
    column: int
    times: int
    to: str = ""
    """The reusable workflow that it is handed to with all others, where that is the first place."""
    by_name: str = ""
    """The reusable workflow that it is handed to by its name, where that is the first place."""


def deprecated(subject: Subject) -> Iterable[Finding]:
    """No workflow reads one of the secrets of `instead`: each has a replacement there. A workflow that fits `ours` has
    that replacement already, and wants no more than the line `handed` away.
    """
    instead: Mapping[str, Mapping[str, str]] = subject.parameters["instead"]
    uses, unknown = _uses(subject.repository)
    for use in uses:
        if use.name not in instead:
            continue
        done = f"hands {use.to} the stored secret {use.name}" if use.to else f"reads the stored secret {use.name}"
        again = f" {use.times} times, first here" if use.times > 1 else ""
        told = instead[use.name]
        ours = "handed" in told and glob(subject.parameters["ours"]).fullmatch(use.by_name.partition("@")[0].lower())
        yield Finding(
            f"The workflow {done}{again}.",
            str(told["handed" if ours else "remediation"]),
            why=str(subject.parameters["why"]),
            path=use.path,
            line=use.line,
            column=use.column,
            fix="" if ours else str(told.get("fix", "")),
        )
    if unknown:
        raise NotKnown("; ".join(unknown))


def names(subject: Subject) -> Iterable[Finding]:
    """A secret whose name fits `pattern` has one of the `standard` names."""
    parameters = subject.parameters
    standard: list[str] = parameters["standard"]
    renamed: Mapping[str, str] = parameters["renamed"]
    uses, unknown = _uses(subject.repository)
    for use in uses:
        if use.name in standard or not (use.name in renamed or re.fullmatch(parameters["pattern"], use.name)):
            continue
        better = renamed.get(use.name) or _meant(use.name, standard)
        otherwise = str(parameters["otherwise"]).replace("{standard}", ", ".join(standard))
        yield Finding(
            f"{use.name} is no standard name of a secret.",
            f"Name it {better}." if better else otherwise,
            why=str(parameters["why"]),
            path=use.path,
            line=use.line,
            column=use.column,
            fix=f"${{{{ secrets.{better} }}}}" if better else "",
        )
    if unknown:
        raise NotKnown("; ".join(unknown))


def _meant(name: str, standard: Sequence[str]) -> str:
    """The standard name that a name is but for its underscores, or for a slip in one word of it; else ""."""
    words = name.split("_")
    for one in standard:
        right = one.split("_")
        if "".join(words) == "".join(right):
            return one
        wrong = [pair for pair in zip(words, right, strict=False) if pair[0] != pair[1]]
        if len(words) == len(right) and len(wrong) == 1 and _is_slip(*wrong[0]):
            return one
    return ""


def _is_slip(word: str, right: str) -> bool:
    """Whether one letter, and not the first, is another, too many or too few."""
    if min(len(word), len(right)) < SHORTEST:
        return False
    at = range(1, max(len(word), len(right)))
    without = [(word[:one] + word[one + 1 :], right[:one] + right[one + 1 :]) for one in at]
    return any(less in (right, fewer) or fewer == word for less, fewer in without)


def _uses(repository: Repository) -> tuple[list[Use], list[str]]:
    """Each secret of each workflow that something starts or calls, and why there may be more.

    Raises NotApplicable and NotKnown.
    """
    workflows = workflows_of(repository)
    off = repository.switched_off
    looked_at = [one for one in workflows.found if one.triggers and one.path not in off]
    broken = [one.path for one in workflows.broken if one.path not in off and _is_unreadable(repository, one.path)]
    unknown = [*workflows.unknown, *(f"nobody can say what {path} reads, as it is broken" for path in broken)]
    if not looked_at and unknown:
        raise NotKnown("; ".join(unknown))
    if not looked_at:
        raise NotApplicable("there is no workflow")
    return [use for one in looked_at for use in _of_one(repository, one, unknown)], unknown


def _is_unreadable(repository: Repository, path: str) -> bool:
    try:
        repository.yaml(path)
    except (Wrong, Undecided):
        return True
    return False


def _of_one(repository: Repository, workflow: Workflow, unknown: list[str]) -> Iterator[Use]:
    path, document = workflow.path, workflow.document
    # What a caller hands over is told of at the caller, where it is read out of the store.
    handed = frozenset() if workflow.starts else _declared(document)
    first: dict[str, tuple[Spot, str, str]] = {}
    times: dict[str, int] = {}
    lines = str(repository.text(path)).splitlines()

    def count(name: str, spot: Spot, to: str = "", by_name: str = "") -> None:
        if name not in handed:
            first.setdefault(name, (spot, to, by_name))
            times[name] = times.get(name, 0) + 1

    for text, at in _texts(document):
        line = document.spot(*at).line
        for name in _named(text, document, at):
            spot = Spot(line) if not name or name in first else _place(lines, name, line)
            count(name, spot, by_name=_callee(document, at))
    for name, spot, to in _handed_on(repository, document):
        count(name, spot, to)
    for name, (spot, to, by_name) in first.items():
        if not name:
            unknown.append(f"{path} works out at line {spot.line} which secret it reads")
            continue
        yield Use(path, name, spot.line, spot.column, times[name], to, by_name)


def _callee(document: Document, at: Path) -> str:
    """The workflow that a job calls, where a place is among the secrets that the job gives it."""
    uses = document.get(*at[:2], "uses") if at[2:3] == ("secrets",) else None
    return uses.strip() if isinstance(uses, str) else ""


def _declared(document: Document) -> frozenset[str]:
    """The secrets that a reusable workflow has from its caller, in capitals."""
    declared = document.get("on", "workflow_call", "secrets")
    return frozenset(name.upper() for name in declared) if isinstance(declared, dict) else frozenset()


def _handed_on(repository: Repository, document: Document) -> Iterator[tuple[str, Spot, str]]:
    """The secrets that `secrets: inherit` gives to a workflow of this repository: name, place, and to which."""
    jobs: dict[str, Any] = document.get("jobs")
    off = skipped_jobs(jobs)
    for name, job in jobs.items():
        if name in off or not isinstance(job, dict) or job.get("secrets") != "inherit":
            continue
        to = target(repository, str(job.get("uses")))
        if to and not _is_unreadable(repository, to):
            called = repository.yaml(to) or Document(None)
            for secret in sorted(_declared(called)):
                yield secret, document.spot("jobs", name, "secrets"), to


def _named(text: str, document: Document, at: Path) -> Iterator[str]:
    """The secrets that the expressions in a text read, in capitals: GitHub does not tell them by their case.

    "" stands for those that nobody can name.
    """
    for expression in _EXPRESSION.findall(text):
        for found in _READ.finditer(expression):
            if found[3]:
                yield from _in_matrix(document, at, found[3])
            elif not found[0].startswith("'"):
                yield (found[1] or found[2] or "").upper()


def _in_matrix(document: Document, at: Path, variable: str) -> Iterator[str]:
    """What a variable of the matrix of the job around a place may be, in capitals; "" where nobody can say."""
    matrix = document.get(*at[:2], "strategy", "matrix")
    matrix = matrix if isinstance(matrix, dict) else {}
    rows = matrix.get("include")
    values = matrix.get(variable, [])
    found = list(values) if isinstance(values, list) else [None]
    found += [row[variable] for row in (rows if isinstance(rows, list) else ()) if holds(row, variable)]
    for value in found[:MOST] or [None]:
        yield value.upper() if isinstance(value, str) and "${{" not in value else ""


def _texts(document: Document) -> Iterator[tuple[str, Path]]:
    """Every text of a workflow that something evaluates, with its place. An `if` is all expression."""
    off = skipped_jobs(document.get("jobs"))
    waiting: list[tuple[Path, Any]] = [((), document.data)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            inside: list[tuple[str | int, Any]] = list(value.items())
            if path == ("jobs",):
                inside = [(name, job) for name, job in inside if name not in off]
        elif isinstance(value, list):
            switched = path[-1:] == ("steps",)
            inside = [
                (at, one) for at, one in enumerate(value) if not (switched and isinstance(one, dict) and is_off(one))
            ]
        else:
            if isinstance(value, str):
                bare = path[-1:] == ("if",) and "${{" not in value
                yield f"${{{{{value}}}}}" if bare else value, path
            continue
        waiting += [((*path, key), one) for key, one in reversed(inside)]


def _place(lines: list[str], name: str, start: int) -> Spot:
    """Where a secret's name stands at or below a line; the line itself where it can't be found."""
    wanted = re.compile(rf"\bsecrets\b[\s.\['\"]*{re.escape(name)}\b", re.IGNORECASE)
    for number in range(max(start, 1), len(lines) + 1):
        if found := wanted.search(lines[number - 1]):
            return Spot(number, found.start() + 1)
    return Spot(start, 1)
