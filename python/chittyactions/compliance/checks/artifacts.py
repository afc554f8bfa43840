"""Artifacts that clients are generated from: MCP manifests and OpenAPI documents, validated where there are any.

Nothing is fetched: a document that refers to other addresses is unknown as far as they go.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from chittyactions.compliance.checks import openapi_document
from chittyactions.compliance.checks.openapi_files import read
from chittyactions.compliance.documents import Document
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import NotApplicable, NotKnown, Undecided, Wrong
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import Repository
from chittyactions.environment import toolkit

MOST = 20
"""Findings of one file."""


def openapi(subject: Subject) -> Iterable[Finding]:
    """Every OpenAPI document is valid, and what it refers to is there."""
    looked_at = False
    findings: list[Finding] = []
    obstacles: list[Undecided | NotKnown] = []
    for path in _files(subject, subject.parameters["files"]):
        exact = re.fullmatch(r"(.*/)?(openapi|swagger)\.\w+", path) is not None
        try:
            document = read(subject.repository, path)
            if document is None or not (exact or openapi_document.is_one(document)):
                continue  # the settings of a generator, or a part of a document that is named like one
            looked_at = True
            told = openapi_document.problems(subject.repository, path, document, MOST)
        except Wrong as error:
            looked_at = True
            findings.append(_broken(subject, error))
        except (Undecided, NotKnown) as error:
            looked_at = True
            obstacles.append(error)
        else:
            findings += [_finding(subject, *one) for one in told]
    if not looked_at:
        raise NotApplicable("it has no OpenAPI document")
    if not findings:
        _tell(obstacles)
    return list(dict.fromkeys(findings))  # two documents may share a file


def mcp(subject: Subject) -> Iterable[Finding]:
    """Every MCP manifest, of one of `manifests`, is what its schema says."""
    looked_at: set[str] = set()
    findings: list[Finding] = []
    obstacles: list[Undecided | NotKnown] = []
    for kind in subject.parameters["manifests"]:
        having = kind.get("having")
        for path in _files(subject, kind["files"]):
            if path in looked_at:
                continue
            try:
                document = subject.repository.jsonc(path)
            except Wrong as error:
                if having is None or _speaks(subject.repository, path, having):
                    looked_at.add(path)
                    findings.append(_broken(subject, error))
                continue
            except (Undecided, NotKnown) as error:
                if having is None:
                    obstacles.append(error)
                continue
            if document is None or (having is not None and not _has(document.data, having)):
                continue
            looked_at.add(path)
            findings += [
                _finding(subject, path, document, f"{kind['title']}: {message}", at)
                for message, at in _against(kind["schema"], document.data)
            ]
    if not looked_at and not obstacles:
        raise NotApplicable("it has no MCP manifest")
    if not findings:
        _tell(obstacles)
    return findings


def _tell(obstacles: list[Undecided | NotKnown]) -> None:
    """What could not be looked at: an error of the repository before what nobody knows."""
    for one in obstacles:
        if isinstance(one, Undecided):
            raise one
    if obstacles:
        raise NotKnown("; ".join(str(one) for one in obstacles))


def _files(subject: Subject, patterns: Iterable[str]) -> tuple[str, ...]:
    """Files of the service, those of its folder where it has one, without what was installed or built."""
    repository = subject.repository
    left_out = set(repository.paths(*subject.parameters["except"]))
    place = f"{repository.folder}/" if repository.folder else ""
    found = repository.paths(*(f"{place}{pattern}" for pattern in patterns))
    return tuple(path for path in found if path not in left_out)


def _broken(subject: Subject, error: Wrong) -> Finding:
    return replace(error.finding, why=str(subject.parameters["why"]))


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


def _speaks(repository: Repository, path: str, wanted: Mapping[str, str]) -> bool:
    """Whether the text of a broken file has one of the keys, with a text that its pattern fits."""
    try:
        text = str(repository.text(path))
    except Wrong:
        return False
    pairs = re.findall(r'"([^"\n]*)"\s*:\s*"?([^"\n]*)', text)
    return any(key in wanted and re.search(wanted[key], value) for key, value in pairs)


def _against(schema: str, data: Any) -> list[tuple[str, tuple[str | int, ...]]]:
    """What a JSON schema of compliance/schemas says of a value: messages and places."""
    told = [openapi_document.said(error) for error in _validator(schema).iter_errors(data)]
    return sorted(dict.fromkeys(told), key=lambda one: [str(step) for step in one[1]])[:MOST]


@cache
def _validator(name: str) -> Any:
    schema = json.loads((toolkit() / "compliance/schemas" / name).read_text("utf-8"))
    return importlib.import_module("jsonschema").Draft202012Validator(schema)
