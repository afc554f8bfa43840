"""An OpenAPI document held to its specification by openapi-spec-validator, which here reads nothing but the repository.

First the document's form, by the schema of its version; where that holds, what it refers to; where that is there, the
rules that no schema can say (path parameters, operation ids, defaults).
"""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from chittyactions.compliance.checks.openapi_files import BASE, LONGEST, Told, address, read, references
from chittyactions.compliance.documents import Document, Path
from chittyactions.compliance.facts import NotKnown
from chittyactions.compliance.repository import Repository
from chittyactions.errors import Cancelled

Problem = tuple[str, Path]
"""What is wrong, and at which value."""

VERSIONS = {"3.0": "OpenAPIV30SpecValidator", "3.1": "OpenAPIV31SpecValidator", "3.2": "OpenAPIV32SpecValidator"}

MOST_STEPS = 100_000
"""Schemas that are looked into for their properties. A document that needs more refers to itself in powers of two."""

_ITEMS = {"2.0": "#/definitions/pathItem", "3.0": "#/definitions/PathItem"}
"""Where the schema of a version has that of a path item; later ones have it at `LATER`."""

LATER = "#/$defs/path-item"

_CERTAIN = frozenset({"DuplicateOperationIDError", "ParameterDuplicateError", "UnresolvableParameterError"})
"""Rules that no schema that was not fetched could heal."""


class _TooMuch(Exception):
    """The validator would not end in good time."""


def is_one(document: Document) -> bool:
    """Whether a document says that it is an OpenAPI document."""
    return isinstance(document.data, dict) and bool({"openapi", "swagger"} & document.data.keys())


def problems(repository: Repository, path: str, document: Document, most: int) -> list[Told]:
    """What is wrong with the document at `path`, and with the files that it is made of.

    Raises NotKnown where all that is not known lies elsewhere, and Undecided where a file is too large.
    """
    version = _version(document)
    if isinstance(version, tuple):
        return [(path, document, *version)]
    validator = _validators()[version]
    try:
        form = [said(error) for error in validator.schema_validator.iter_errors(document.data)]
    except RecursionError:
        return [(path, document, "it is nested too deeply.", ())]
    if form:
        return [(path, document, *one) for one in dict.fromkeys(form)][:most]
    found = references(repository, path, document)
    told = found.broken + list(_items(found.items, validator.schema_validator, _ITEMS.get(version, LATER)))
    told = told or [(path, document, *one) for one in _rules(repository, path, document, validator, found.remote)]
    if found.remote and not told:
        raise NotKnown(found.remote[0])
    return told[:most]


def said(error: Any, above: Path = ()) -> Problem:
    """A validator's message as a sentence, with its place, which `above` comes before."""
    error = importlib.import_module("jsonschema.exceptions").best_match([error])
    at = (*above, *error.absolute_path)
    where = ".".join(str(step) for step in at)
    choices = dict.fromkeys(str(one.message) for one in error.context)  # of anyOf and oneOf; others have none
    message = " ".join((" or ".join(list(choices)[:3]) or str(error.message)).split())
    if len(message) > LONGEST:
        message = f"…{message[-LONGEST:]}"
    return f"{where}: {message}." if where else f"{message}.", at


def _items(items: Mapping[tuple[str, Path], Document], schemas: Any, schema: str) -> Iterator[Told]:
    """What is wrong with the form of path items in other files."""
    for (file, at), held in items.items():
        errors = schemas.descend(held.get(*at), {"$ref": schema})
        for message, place in dict.fromkeys(said(error, at) for error in errors):
            yield file, held, message, place


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


# -- rules beyond the schema -------------------------------------------------------------------------------------


def _rules(repository: Repository, path: str, document: Document, validator: Any, remote: list[str]) -> list[Problem]:
    root = importlib.import_module("jsonschema_path").SchemaPath.from_dict(
        _local(document.data, path),
        base_uri=BASE + path,
        handlers=_Handlers(repository),
        resolved_cache_maxsize=128,
    )
    held = _bounded(validator(root))
    told: list[Problem] = []
    try:
        for error in held.root_validator(root):
            if not remote or type(error).__name__ in _CERTAIN:
                told.append(said(error))  # noqa: PERF401 - what came before an exception is kept
    except (_TooMuch, RecursionError):
        pass  # its form holds; the rest could not be looked at within bounds
    except Cancelled:
        raise
    except Exception:  # noqa: BLE001 - the validator stumbles over what only a referred file can hold
        if not remote:
            return [("a file that it refers to is not of the form that OpenAPI gives it.", ())]
    return told


def _local(value: Any, path: str) -> Any:
    """The same without the references that leave the repository."""
    if isinstance(value, list):
        return [_local(one, path) for one in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if isinstance(reference, str) and not address(path, reference).startswith(BASE):
        return {}
    return {key: _local(one, path) for key, one in value.items()}


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

    def __contains__(self, scheme: object) -> bool:
        return True

    def __getitem__(self, scheme: str) -> Any:
        return self._read

    def _read(self, address: str) -> Any:
        path = unquote(address.removeprefix(BASE))
        other = read(self._repository, path)
        if other is None:
            raise LookupError(address)
        return _local(other.data, path)
