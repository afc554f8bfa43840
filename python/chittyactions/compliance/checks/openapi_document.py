"""An OpenAPI document held to its specification by openapi-spec-validator, which here reads nothing but the repository.

First the document's form, by the schema of its version; where that holds, what it refers to; where that is there, the
rules that no schema can say (path parameters, operation ids, defaults).
"""

from __future__ import annotations

import importlib
import itertools
import posixpath
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urljoin

from chittyactions.compliance.documents import Document, Path
from chittyactions.compliance.facts import NotKnown, Undecided, Wrong
from chittyactions.compliance.repository import Repository

Problem = tuple[str, Path]
"""What is wrong, and at which value."""

BASE = "https://repository.invalid/"
"""Stands for the repository's root in the references, as an address that is nowhere."""

VERSIONS = {"3.0": "OpenAPIV30SpecValidator", "3.1": "OpenAPIV31SpecValidator", "3.2": "OpenAPIV32SpecValidator"}

MOST_STEPS = 100_000
"""Schemas that are looked into for their properties. A document that needs more refers to itself in powers of two."""

LONGEST = 200
"""Characters of a message."""

_PAYLOADS = frozenset({"example", "examples", "default", "enum", "const"})
"""Keys whose values are data, in which `$ref` means nothing."""


class _TooMuch(Exception):
    """The validator would not end in good time."""


def is_one(document: Document) -> bool:
    """Whether a document says that it is an OpenAPI document."""
    return isinstance(document.data, dict) and bool({"openapi", "swagger"} & document.data.keys())


def problems(repository: Repository, path: str, document: Document, most: int) -> list[Problem]:
    """What is wrong with the document at `path`. Raises NotKnown where all that is not known lies elsewhere."""
    version = _version(document)
    if isinstance(version, tuple):
        return [version]
    validator = _validators()[version]
    best_match = importlib.import_module("jsonschema.exceptions").best_match
    try:
        form = [said(best_match([error])) for error in validator.schema_validator.iter_errors(document.data)]
    except RecursionError:
        return [("it is nested too deeply.", ())]
    if form:
        return list(dict.fromkeys(form))[:most]
    broken, remote = _references(repository, path, document)
    if broken:
        return broken[:most]
    if remote:
        raise NotKnown(f"{path} refers to {remote[0]}, which is not fetched")
    return _rules(repository, path, document, validator)[:most]


def said(error: Any) -> Problem:
    """A validator's message as a sentence, with its place."""
    at = tuple(error.absolute_path)
    where = ".".join(str(step) for step in at)
    choices = dict.fromkeys(str(one.message) for one in error.context)  # of anyOf and oneOf; others have none
    message = " ".join((" or ".join(list(choices)[:3]) or str(error.message)).split())
    if len(message) > LONGEST:
        message = f"…{message[-LONGEST:]}"
    return f"{where}: {message}." if where else f"{message}.", at


def _version(document: Document) -> str | Problem:
    if not is_one(document):
        return "it says neither `openapi` nor `swagger`, and so not which version of OpenAPI it is of.", ()
    key = "openapi" if "openapi" in document.data else "swagger"
    value = document.data[key]
    if not isinstance(value, str):
        return f"{key} has to be a text: put {value} in quotes.", (key,)
    if key == "swagger" and value == "2.0":
        return value
    short = ".".join(value.split(".")[:2])
    if key == "openapi" and short in VERSIONS:
        return short
    return f"{key} {value[:20]} is no version that is known: 2.0, {', '.join(VERSIONS)}.", (key,)


def _validators() -> dict[str, Any]:
    validators = importlib.import_module("openapi_spec_validator")  # half a second: only where there is a document
    return {"2.0": validators.OpenAPIV2SpecValidator} | {
        version: getattr(validators, name) for version, name in VERSIONS.items()
    }


# -- references --------------------------------------------------------------------------------------------------


def _references(repository: Repository, path: str, document: Document) -> tuple[list[Problem], list[str]]:
    """References that lead nowhere, and those that leave the repository."""
    broken: list[Problem] = []
    remote: list[str] = []
    for at, reference in _found(document.data):
        place, _, pointer = urljoin(BASE + path, reference).partition("#")
        if not place.startswith(BASE):
            remote.append(reference)
            continue
        target = unquote(place.removeprefix(BASE))
        other = _other(repository, target)
        if other is None or (pointer and not _leads(other, pointer)):
            broken.append((f"{'.'.join(map(str, at))}: there is no {reference[:LONGEST]}.", at))
    return broken, remote


def _found(data: Any) -> Iterator[tuple[Path, str]]:
    waiting: list[tuple[Path, Any]] = [((), data)]
    while waiting:
        at, value = waiting.pop()
        if isinstance(value, dict):
            reference = value.get("$ref")
            if isinstance(reference, str):
                yield (*at, "$ref"), reference
            names = at[-1:] == ("properties",)
            inside = [((*at, key), inner) for key, inner in value.items() if names or key not in _PAYLOADS]
            waiting += reversed(inside)
        elif isinstance(value, list):
            waiting += reversed([((*at, number), inner) for number, inner in enumerate(value)])


def _leads(document: Document, pointer: str) -> bool:
    if not pointer.startswith("/"):
        return True  # an anchor of JSON Schema, which the validator looks for
    steps: list[str | int] = []
    for step in unquote(pointer)[1:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        steps.append(int(name) if isinstance(document.get(*steps), list) and name.isdecimal() else name)
    return document.has(*steps)


def _other(repository: Repository, path: str) -> Document | None:
    """Another file of the repository."""
    path = posixpath.normpath(path)
    try:
        return repository.yaml(path) if path.endswith((".yml", ".yaml")) else repository.json(path)
    except (Wrong, Undecided):
        return None


# -- rules beyond the schema -------------------------------------------------------------------------------------


def _rules(repository: Repository, path: str, document: Document, validator: Any) -> list[Problem]:
    handlers = _Handlers(repository)
    root = importlib.import_module("jsonschema_path").SchemaPath.from_dict(
        document.data, base_uri=BASE + path, handlers=handlers, resolved_cache_maxsize=128
    )
    held = _bounded(validator(root))
    try:
        return [said(error) for error in held.root_validator(root)]
    except (_TooMuch, RecursionError):
        return []  # its form holds; the rest could not be looked at within bounds
    except Exception:  # noqa: BLE001 - the validator stumbles over what only a referred file can hold
        if handlers.elsewhere:
            raise NotKnown(f"{path} refers to {handlers.elsewhere[0]}, which is not fetched") from None
        return [("a file that it refers to is not of the form that OpenAPI gives it.", ())]


def _bounded(held: Any) -> Any:
    """The same validator, whose walk through nested schemas ends."""
    schemas = held.keyword_validators_registry["schema"]
    walk = schemas._collect_properties  # noqa: SLF001 - nothing public bounds it
    steps = itertools.count(1)

    def bounded(schema: Any) -> Any:
        if next(steps) > MOST_STEPS:
            raise _TooMuch
        return walk(schema)

    schemas._collect_properties = bounded  # noqa: SLF001
    return held


class _Handlers(dict[str, Any]):
    """Reads every address from the repository, whatever its scheme: nothing is left to the library's own readers."""

    def __init__(self, repository: Repository) -> None:
        super().__init__()
        self._repository = repository
        self.elsewhere: list[str] = []
        """What was asked for and is not in the repository."""

    def __contains__(self, scheme: object) -> bool:
        return True

    def __getitem__(self, scheme: str) -> Any:
        return self._read

    def _read(self, address: str) -> Any:
        other = _other(self._repository, unquote(address.removeprefix(BASE))) if address.startswith(BASE) else None
        if other is None:
            self.elsewhere.append(address.removeprefix(BASE))
            raise LookupError(address)
        return other.data
