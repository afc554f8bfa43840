"""The kinds of check that need no Python: a file that is there, a field of YAML or JSON, an expression in files, an
endpoint. What each takes is in compliance/declared.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chittyactions.compliance.declared import Endpoint, FieldHolds, FilePresent, Matching, Scalar, shown
from chittyactions.compliance.documents import Document
from chittyactions.compliance.engine import Evaluator, Subject
from chittyactions.compliance.facts import Fact, NotApplicable, NotKnown, Undecided, Wrong
from chittyactions.compliance.fields import place_of, same, value_at
from chittyactions.compliance.files import Kind
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import OFFLINE, Repository

MOST_FINDINGS = 50
"""Of one expression; one more counts the others."""

_COMMENTED = re.compile(
    r"\.jsonc$|(^|/)([\w.-]*[jt]sconfig[\w.-]*|wrangler|\.?devcontainer)\.json$|(^|/)\.vscode/[^/]+\.json$"
)
"""Paths of JSON that may have comments, as TypeScript, wrangler and Visual Studio Code read theirs."""

LONGEST_LINE = 10_000
"""Characters of a line that an expression sees; longer ones are generated."""


def file_present(subject: Subject) -> Iterator[Finding]:
    """Evaluates `file_present`."""
    asked = FilePresent.model_validate(subject.parameters)
    found = _fitting(subject.repository, asked.paths)
    names = " or ".join(asked.paths)
    if not found:
        home = subject.repository.home(asked.paths[0])
        path = home if not _is_glob(home) else ""
        yield asked.finding(f"There is no {names}.", f"Add {asked.paths[0]}.", path=path, absent=True)
    elif not asked.empty and all(_is_empty(subject.repository, path) for path in found):
        yield asked.finding(f"{found[0]} is empty.", "Write into it what it is for.", path=found[0])


def yaml_field(subject: Subject) -> Iterator[Finding]:
    """Evaluates `yaml_field`."""
    return _field_holds(subject, Repository.yaml)


def json_field(subject: Subject) -> Iterator[Finding]:
    """Evaluates `json_field`; files whose own tools take comments may have them."""
    return _field_holds(subject, _json)


def _json(repository: Repository, path: str) -> Document | None:
    return repository.jsonc(path) if _COMMENTED.search(path) else repository.json(path)


def _field_holds(subject: Subject, read: Callable[[Repository, str], Document | None]) -> Iterator[Finding]:
    asked = FieldHolds.model_validate(subject.parameters)
    repository = subject.repository
    found = _fitting(repository, (asked.path,))
    if not found:
        if asked.only_if_present:
            raise NotApplicable(f"there is no {asked.path}")
        path = repository.home(asked.path)
        yield asked.finding(
            f"There is no {asked.path}, which has to hold {asked.field}.",
            f"Add {asked.path} with the field {asked.field}.",
            path="" if _is_glob(path) else path,
            absent=True,
        )
    for path in found:
        document = read(repository, path) or Document(None)
        there, value = value_at(document.data, asked.field)
        if problem := _unfit(asked, value, there=there):
            spot = document.spot(*place_of(document.data, asked.field))
            yield asked.finding(
                f"{asked.field} in {path} {problem[0]}.", problem[1], path=path, line=spot.line, column=spot.column
            )


def _unfit(asked: FieldHolds, value: Any, *, there: bool) -> tuple[str, str] | None:
    """What is wrong with the value of a field, and what to do."""
    wanted: tuple[Scalar, ...] = asked.one_of or ((asked.equals,) if "equals" in asked.model_fields_set else ())
    choices = " or ".join(map(shown, wanted))
    if not there:
        return "is missing", f"Add it{f' with the value {choices}' if wanted else ''}."
    if wanted:
        fits = any(same(value, one) for one in wanted)
        return None if fits else (f"is not {choices}", f"Set it to {choices}.")
    if asked.matches:
        fits = isinstance(value, str) and re.fullmatch(asked.matches, value) is not None
        return None if fits else (f"does not match {asked.matches}", "Correct its value.")
    if asked.contains:
        held = value if isinstance(value, list) else []
        lacking = [shown(one) for one in asked.contains if not any(same(one, other) for other in held)]
        return (f"lacks {', '.join(lacking)}", f"Add {', '.join(lacking)} to it.") if lacking else None
    return ("is empty", "Give it a value.") if value is None or value in ("", [], {}) else None


def regex(subject: Subject) -> Iterator[Finding]:
    """Evaluates `regex`."""
    asked = Matching.model_validate(subject.parameters)
    pattern = re.compile(asked.pattern, re.IGNORECASE if asked.ignore_case else 0)
    repository = subject.repository
    names = ", ".join(asked.paths)
    paths = _fitting(repository, asked.paths)
    if not paths and asked.expect == "absent":
        raise NotApplicable(f"no file fits {names}")
    hits = 0
    unread: Undecided | NotKnown | None = None
    for path in paths:
        try:
            text = repository.text(path) if path in asked.paths else repository.searchable(path)
        except (Undecided, NotKnown) as error:
            unread = error
            continue
        for number, line in enumerate(_lines(text or ""), 1):
            found = pattern.search(line[:LONGEST_LINE])
            if not found:
                continue
            if asked.expect == "present":
                return
            hits += 1
            if hits <= MOST_FINDINGS:
                yield asked.finding(
                    f"{path} holds what no file may: it matches {asked.pattern}.",
                    "Remove it.",
                    path=path,
                    line=number,
                    column=found.start() + 1,
                )
    yield from _left_out(asked, hits - MOST_FINDINGS)
    if unread and not hits:
        raise unread
    if asked.expect == "present":
        where = paths[0] if len(paths) == 1 else ""
        yield asked.finding(
            f"No line of {names} matches {asked.pattern}.",
            f"Add such a line to {names}.",
            path=where,
            absent=not paths,
        )


def _lines(text: str) -> list[str]:
    """Lines as editors count them; a form feed, or a separator of Unicode, ends none."""
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")] if text else []


def _left_out(asked: Matching, more: int) -> Iterator[Finding]:
    """How many hits are not told one by one, where any are."""
    if more > 0:
        lines = "1 more line" if more == 1 else f"{more} more lines"
        message = f"{lines} of {', '.join(asked.paths)} {'matches' if more == 1 else 'match'} {asked.pattern}."
        yield Finding(message, asked.remediation or "Remove them too.", asked.why)


def endpoint(subject: Subject) -> Iterator[Finding]:
    """Evaluates `endpoint`, by what `endpoints.ask` learned before."""
    asked = Endpoint.model_validate(subject.parameters)
    question = asked.question(subject.service)
    if question is None:
        raise NotApplicable("the service has no domain")
    fact = subject.repository.observed.endpoints.get(question.key, Fact[str].not_asked(OFFLINE))
    if problem := fact.known():
        yield asked.finding(problem, f"Have {question.url} answer as it should.")


KINDS: Mapping[str, Evaluator] = {
    "file_present": file_present,
    "yaml_field": yaml_field,
    "json_field": json_field,
    "regex": regex,
    "endpoint": endpoint,
}
"""What `evaluate` may be in a repository's own checks."""


def _fitting(repository: Repository, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Files of the service that fit; those at the root where it has none, as a monorepo shares them.

    Raises Wrong for a folder, which no file fits: a check that forbids something would have nothing to look at.
    """
    found: list[str] = []
    for pattern in patterns:
        places = (repository.home(pattern), pattern)
        fitting = next(filter(None, map(repository.paths, places)), ())
        if not fitting and not _is_glob(pattern) and any(repository.paths(f"{place}/**") for place in places):
            message = f"{pattern} is a folder, and the check looks at files."
            raise Wrong(Finding(message, f"Write {pattern}/** for all that is in it."))
        found += fitting
    return tuple(dict.fromkeys(found))


def _is_glob(path: str) -> bool:
    return any(sign in path for sign in "*?{")


def _is_empty(repository: Repository, path: str) -> bool:
    """Whether there is nothing but white space in a file. What is no text, or too much of it, is not nothing."""
    try:
        return not (repository.text(path) or "").strip()
    except Undecided:
        return False
    except Wrong:
        if repository.files.paths[path] is not Kind.FILE:
            raise
        return False
