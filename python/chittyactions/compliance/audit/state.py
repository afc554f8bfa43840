"""What an audit knew of each commit, kept for the next one: outcomes of checks that the commit alone decides.

A file of lines, each a repository as JSON. Lines are added while an audit runs, so that one that is stopped goes on
where it was; the last line of a repository counts, and half a line is none.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from chittyactions.compliance.audit.record import CheckRecord, Part
from chittyactions.errors import ConfigError

FORMAT = "chittyops-audit-state 1"


class KeptService(Part):
    """A service as the commit describes it, with what came of its checks before waivers."""

    name: str
    type: str
    tier: int | None
    domain: str
    organization: str
    checks: tuple[CheckRecord, ...]


class Kept(Part):
    """One repository at one commit, under the rules of `digest`.

    Attributes:
        off: workflows that were switched off; None where there is no workflow.
        settings: the text of its own settings; None where it has none.
        services: by their key.
    """

    repository: str
    commit: str
    digest: str
    off: tuple[str, ...] | None
    settings: str | None
    services: Mapping[str, KeptService]


class State:
    """The file at `path`, which may not be there yet; None keeps nothing. Used by many threads.

    Raises ConfigError for a file that is something else.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._places: dict[str, tuple[int, int]] = {}
        self._file: BinaryIO | None = self._opened(path) if path else None

    def __contains__(self, repository: str) -> bool:
        return repository.lower() in self._places

    def get(self, repository: str) -> Kept | None:
        """What was kept of a repository (owner/name); None where that is nothing, or nothing that can be read."""
        with self._lock:
            place = self._places.get(repository.lower())
            if place is None or self._file is None:
                return None
            self._file.seek(place[0])
            line = self._file.read(place[1])
        try:
            return Kept.model_validate_json(line)
        except ValidationError:
            return None

    def keep(self, kept: Kept) -> None:
        """Add what is known of a repository now."""
        if self._file is None:
            return
        line = (json.dumps(kept.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":")) + "\n").encode()
        with self._lock:
            begin = self._file.seek(0, os.SEEK_END)
            self._file.write(line)
            self._file.flush()
            self._places[kept.repository.lower()] = (begin, len(line))

    def close(self) -> None:
        """Leave one line of each repository in the file, which is replaced at once."""
        if self._file is None or self._path is None:
            return
        with self._lock, tempfile.NamedTemporaryFile(dir=self._path.parent, delete=False) as new:
            try:
                new.write(f"{FORMAT}\n".encode())
                for begin, length in self._places.values():
                    self._file.seek(begin)
                    new.write(self._file.read(length))
                new.flush()
                os.fsync(new.fileno())
                Path(new.name).replace(self._path)
            except BaseException:
                Path(new.name).unlink()
                raise
            self._file.close()
            self._file = None

    def _opened(self, path: Path) -> BinaryIO:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("a+b")
        except OSError as error:
            raise _unusable(path, f"It can't be opened: {error.strerror}.") from None
        file.seek(0)
        first = file.readline()
        if not first:
            file.write(f"{FORMAT}\n".encode())
            file.flush()
            return file
        if first != f"{FORMAT}\n".encode():
            file.close()
            raise _unusable(path, "It is no state of an audit, or one of another version.")
        begin = len(first)
        for line in file:
            name = _repository(line)
            if name:
                self._places[name] = (begin, len(line))
            begin += len(line)
        if begin and not line_ended(file):
            file.write(b"\n")  # what comes next begins a line of its own
            file.flush()
        return file


def line_ended(file: BinaryIO) -> bool:
    """Whether a file ends with a whole line."""
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _repository(line: bytes) -> str:
    """The repository of a line, without reading all of it; "" of half a line."""
    begin = b'{"repository":"'
    if not line.startswith(begin) or not line.endswith(b"}\n"):
        return ""
    return line[len(begin) : line.index(b'"', len(begin))].decode("utf-8", "replace").lower()


def _unusable(path: Path, why: str) -> ConfigError:
    return ConfigError(
        f"{path} can't hold the audit's state.", why=why, fix="Name another file, or delete it.", docs="audit.md#state"
    )
