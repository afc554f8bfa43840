"""What every channel of a publish takes and returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from semver import Version

from chittyactions.errors import ChittyError

Say = Callable[[str], None]
"""Shows one line of progress to a person."""


class Status(str, Enum):
    """What became of a release on one channel."""

    PUBLISHED = "published"
    """This run put it out, whole or its missing rest."""
    ALREADY = "already"
    """It was out before, byte for byte, with its pointers where they belong."""
    SKIPPED = "skipped"
    """Not asked for, or nothing was to be done (a dry run)."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """An answer was lost and could not be cleared up: it may be out. A rerun tells."""


@dataclass(frozen=True)
class ReleaseFile:
    """One file of a release, verified: `name` (one path segment), size in bytes, SHA-256 in hex.

    `platform` is `darwin-arm64`, `linux-x64`, … or "" for a file that is for any.
    """

    name: str
    path: Path
    size: int
    sha256: str
    platform: str = ""
    content_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Release:
    """What is published. `name` is the package's own name (`@chittyos/hello`), `service` the ecosystem's.

    `files` holds every file, `tarball` (the first of them) the one that outputs and metadata name. `integrity` is the
    tarball's `sha512-…` as npm writes it. `commit` is what it was built from. `platforms` are those of metadata.json.
    """

    service: str
    ecosystem: str
    name: str
    version: Version
    commit: str
    files: tuple[ReleaseFile, ...]
    integrity: str
    platforms: tuple[str, ...] = ()

    @property
    def tarball(self) -> ReleaseFile:
        """The file that stands for the release."""
        return self.files[0]


@dataclass(frozen=True)
class Pointer:
    """A name that leads to one version (`latest`, `latest/`, `metadata.json`, the formula): before and after.

    Versions as text, "" for none. `why` tells in a few words why it stayed, when it did.
    """

    name: str
    before: str
    after: str
    why: str = ""


@dataclass(frozen=True)
class Result:
    """What became of the release on one channel; `urls` are where a user finds it."""

    channel: str
    status: Status
    urls: tuple[str, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    notes: tuple[str, ...] = ()
    """Whole sentences for a person: shown as warnings."""
    failure: ChittyError | None = None
