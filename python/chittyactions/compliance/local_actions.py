"""What an action of the repository starts that is no composite: a program of Node.js, or a container's script."""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Iterator
from typing import Any

from chittyactions.compliance.documents import Document, Spot
from chittyactions.compliance.facts import Undecided, Wrong
from chittyactions.compliance.repository import Repository

_INSTRUCTION = re.compile(r"^[ \t]*(ENTRYPOINT|CMD)[ \t]+(.+)$", re.IGNORECASE | re.MULTILINE)


def started_by(repository: Repository, folder: str, action: Document) -> Iterator[tuple[str, Spot]]:
    """Shell lines that say what an action in `folder` starts, and where its file says so.

    Raises NotKnown where its Dockerfile can't be read.
    """
    using = str(action.get("runs", "using")).lower()
    if using.startswith("node"):
        for key in ("pre", "main", "post"):
            if isinstance(program := action.get("runs", key), str):
                yield f"node {shlex.quote(program)}", action.spot("runs", key)
    elif using == "docker":
        for key in ("pre-entrypoint", "entrypoint", "post-entrypoint"):
            words = _words(action.get("runs", key))
            if key == "entrypoint":
                words += _words(action.get("runs", "args")) if words else _of_image(repository, folder, action)
            if words:
                yield _line(repository, folder, words), action.spot("runs", key)


def _of_image(repository: Repository, folder: str, action: Document) -> list[str]:
    """What the action's own image starts, as its Dockerfile says."""
    image = action.get("runs", "image")
    try:
        text = repository.text(posixpath.normpath(posixpath.join(folder, str(image))))
    except (Wrong, Undecided):
        return []
    if text is None:  # an image of a registry
        return []
    lines = re.sub(r"\\\r?\n", " ", text)
    last = {found[1].upper(): found[2] for found in _INSTRUCTION.finditer(lines)}
    begin, more = _words(last.get("ENTRYPOINT")), _words(action.get("runs", "args")) or _words(last.get("CMD"))
    return begin + more


def _words(stated: Any) -> list[str]:
    """A command as a list of words, as JSON, or as a line of shell."""
    if isinstance(stated, str):
        try:
            stated = json.loads(stated) if stated.startswith("[") else shlex.split(stated)
        except (ValueError, RecursionError):
            return []
    return [str(word) for word in stated] if isinstance(stated, list) else []


def _line(repository: Repository, folder: str, words: list[str]) -> str:
    """Where the image has a script, the repository has it under the same name beside the action."""

    def here(word: str) -> str:
        parts = word.split("/")
        for number in range(len(parts)):
            rest = "/".join(parts[number:])
            if rest and posixpath.normpath(posixpath.join(folder, rest)) in repository.files.paths:
                return f"./{rest}"
        return word

    return shlex.join([here(word) for word in words])
