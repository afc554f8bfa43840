"""Artifacts that clients are generated from: MCP manifests and OpenAPI documents, validated where there are any.

Nothing is fetched: a document that refers to other addresses is unknown as far as they go.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from chittyactions.compliance.checks import openapi_document
from chittyactions.compliance.documents import Document
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import NotApplicable, NotKnown, Undecided, Wrong
from chittyactions.compliance.model import Finding
from chittyactions.environment import toolkit

MOST = 20
"""Findings of one file."""


def openapi(subject: Subject) -> Iterable[Finding]:
    """Every OpenAPI document is valid, and what it refers to is there."""
    looked_at = False
    findings: list[Finding] = []
    unknown: list[str] = []
    for path in _files(subject, subject.parameters["files"]):
        document, problem = _read(subject, path, subject.repository.json)
        exact = re.fullmatch(r"(.*/)?(openapi|swagger)\.\w+", path) is not None
        if document is not None and not exact and not openapi_document.is_one(document):
            continue  # the settings of a generator, or a part of a document that is named like one
        looked_at = True
        if document is None:
            findings += problem
            continue
        try:
            told = openapi_document.problems(subject.repository, path, document, MOST)
        except NotKnown as error:
            unknown.append(str(error))
            continue
        findings += [_finding(subject, path, document, message, at) for message, at in told]
    if not looked_at:
        raise NotApplicable("it has no OpenAPI document")
    if unknown and not findings:
        raise NotKnown("; ".join(unknown))
    return findings


def mcp(subject: Subject) -> Iterable[Finding]:
    """Every MCP manifest, of one of `manifests`, is what its schema says."""
    looked_at: set[str] = set()
    findings: list[Finding] = []
    for kind in subject.parameters["manifests"]:
        for path in _files(subject, kind["files"]):
            if path in looked_at:
                continue
            document, problem = _read(subject, path, subject.repository.jsonc)
            if "having" in kind and not (document and _has(document.data, kind["having"])):
                continue
            looked_at.add(path)
            if document is None:
                findings += problem
                continue
            findings += [
                _finding(subject, path, document, f"{kind['title']}: {message}", at)
                for message, at in _against(kind["schema"], document.data)
            ]
    if not looked_at:
        raise NotApplicable("it has no MCP manifest")
    return findings


def _files(subject: Subject, patterns: Iterable[str]) -> tuple[str, ...]:
    """Files of the service, those of its folder where it has one, without what was installed or built."""
    repository = subject.repository
    left_out = set(repository.paths(*subject.parameters["except"]))
    place = f"{repository.folder}/" if repository.folder else ""
    found = repository.paths(*(f"{place}{pattern}" for pattern in patterns))
    return tuple(path for path in found if path not in left_out)


def _read(
    subject: Subject, path: str, read_json: Callable[[str], Document | None]
) -> tuple[Document | None, list[Finding]]:
    """A file by its ending, or what is wrong with it."""
    try:
        return (subject.repository.yaml if path.endswith((".yml", ".yaml")) else read_json)(path), []
    except (Wrong, Undecided) as error:
        return None, [replace(error.finding, why=str(subject.parameters["why"]))]


def _finding(subject: Subject, path: str, document: Document, message: str, at: tuple[str | int, ...]) -> Finding:
    spot = document.spot(*at)
    return Finding(
        f"{path}: {message}",
        str(subject.parameters["remediation"]),
        why=str(subject.parameters["why"]),
        path=path,
        line=spot.line,
        column=spot.column,
    )


def _has(data: Any, wanted: Mapping[str, str]) -> bool:
    """Whether a table has one of the keys, with a value that its pattern fits."""
    if not isinstance(data, dict):
        return False
    return any(
        key in data and (not pattern or (isinstance(data[key], str) and re.search(pattern, data[key]) is not None))
        for key, pattern in wanted.items()
    )


def _against(schema: str, data: Any) -> list[tuple[str, tuple[str | int, ...]]]:
    """What a JSON schema of compliance/schemas says of a value: messages and places."""
    best_match = importlib.import_module("jsonschema.exceptions").best_match  # slow: only where there is a manifest
    errors = list(_validator(schema).iter_errors(data))
    told = [openapi_document.said(best_match([error])) for error in errors]
    return sorted(dict.fromkeys(told), key=lambda one: [str(step) for step in one[1]])[:MOST]


@cache
def _validator(name: str) -> Any:
    schema = json.loads((toolkit() / "compliance/schemas" / name).read_text("utf-8"))
    return importlib.import_module("jsonschema").Draft202012Validator(schema)
