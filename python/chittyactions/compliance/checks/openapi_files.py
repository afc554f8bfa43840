"""The files that an OpenAPI document is made of: those of the repository that its references lead to."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urljoin

from chittyactions.compliance.documents import Document, Path
from chittyactions.compliance.facts import Wrong
from chittyactions.compliance.repository import Repository

BASE = "https://repository.invalid/"
"""Stands for the repository's root in the references, as an address that is nowhere."""

LONGEST = 200
"""Characters of a message."""

Told = tuple[str, Document, str, Path]
"""What is wrong: in which file, what that holds, the message, and at which value."""

_PAYLOADS = frozenset({"example", "examples", "default", "enum", "const"})
"""Keys whose values are data, in which `$ref` means nothing."""


PATH_ITEM = 3
"""Steps to the reference of a path item."""


@dataclass
class References:
    """What a document and all files that it leads to refer to."""

    broken: list[Told] = field(default_factory=list)
    """Those that lead nowhere."""
    remote: list[str] = field(default_factory=list)
    """Those that leave the repository, as texts with the file that they stand in."""
    items: dict[tuple[str, Path], Document] = field(default_factory=dict)
    """Path items in other files, by file and place there."""


def read(repository: Repository, path: str) -> Document | None:
    """A file by its ending. Raises as the repository's readers do.

    Merge keys (`<<`) are resolved, as every reader of OpenAPI does that knows YAML 1.1.
    """
    if not path.endswith((".yml", ".yaml")):
        return repository.json(path)
    document = repository.yaml(path)
    return Document(_merged(document.data), document.places) if document else None


def _merged(value: Any) -> Any:
    """The same with merge keys resolved. Its size is bounded with all that aliases repeat."""
    if isinstance(value, list):
        return [_merged(one) for one in value]
    if not isinstance(value, dict):
        return value
    more = value.get("<<")
    tables = more if isinstance(more, list) else [more]
    merges = all(isinstance(one, dict) for one in tables)
    found = {key: _merged(one) for key, one in value.items() if key != "<<" or not merges}
    for one in tables if merges else ():
        found = {**_merged(one), **found}
    return found


def references(repository: Repository, path: str, document: Document) -> References:
    """Every reference of a document, and of each file of the repository that one leads to."""
    told = References()
    files: dict[str, Document | None] = {path: document}
    waiting = [(path, document)]
    for file, held in waiting:  # it grows while it is gone through
        for at, reference in _found(held.data):
            target, _, pointer = address(file, reference).partition("#")
            if not target.startswith(BASE):
                told.remote.append(f"{file} refers to {reference}, which is not fetched")
                continue
            target = posixpath.normpath(unquote(target.removeprefix(BASE)))
            if target not in files:
                other = files[target] = _other(repository, target)
                if other is not None:
                    waiting.append((target, other))
            other = files[target]
            steps = None if other is None else _steps(other, pointer)
            if steps is None and file != path and "$id" in held.data:
                told.remote.append(f"{file} refers to {reference}, which is not fetched")  # by its own address
            elif other is None or steps is None:
                told.broken.append((file, held, f"{'.'.join(map(str, at))}: there is no {reference[:LONGEST]}.", at))
            elif file == path != target and at[:1] in (("paths",), ("webhooks",)) and len(at) == PATH_ITEM:
                told.items[target, steps] = other
    return told


def address(path: str, reference: str) -> str:
    """Where a reference of a file leads: below BASE where it stays in the repository."""
    return urljoin(BASE + path, reference)


def _found(data: Any) -> Iterator[tuple[Path, str]]:
    waiting: list[tuple[Path, Any]] = [((), data)]
    while waiting:
        at, value = waiting.pop()
        if isinstance(value, dict):
            reference = value.get("$ref")
            if isinstance(reference, str):
                yield (*at, "$ref"), reference
            names = at[-1:] in (("properties",), ("responses",))
            inside = [((*at, key), inner) for key, inner in value.items() if names or key not in _PAYLOADS]
            waiting += reversed(inside)
        elif isinstance(value, list):
            waiting += reversed([((*at, number), inner) for number, inner in enumerate(value)])


def _steps(document: Document, pointer: str) -> Path | None:
    """The place that a pointer leads to; None where there is none."""
    if not pointer.startswith("/"):
        return ()  # an anchor of JSON Schema, which the validator looks for
    steps: list[str | int] = []
    for step in unquote(pointer)[1:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        steps.append(int(name) if isinstance(document.get(*steps), list) and name.isdecimal() else name)
    return tuple(steps) if document.has(*steps) else None


def _other(repository: Repository, path: str) -> Document | None:
    """Another file of the repository. Raises Undecided where it is too large."""
    try:
        return read(repository, path)
    except Wrong:
        return None
