"""What leads to a service's newest stable version in R2: `latest/` and `metadata.json`. They only move up.

`latest/` keeps the names that older versions had and a newer one has not: somebody may download them by name, each
says in its metadata which version it is, and this action deletes nothing. `metadata.json` alone says what is newest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from semver import Version

from chittyactions.ecosystem.s3 import S3, Found
from chittyactions.errors import ConfigError
from chittyactions.publish.model import Pointer, ReleaseFile, Say
from chittyactions.publish.r2_settle import settle
from chittyactions.publish.version import higher, parse

LARGEST_METADATA = 256 * 1024


@dataclass(frozen=True)
class Metadata:
    """`metadata.json` as it is there."""

    etag: str
    document: Mapping[str, Any]
    version: Version
    modified: float = 0.0
    """When it was written by the store's clock, in seconds."""

    run: str = ""
    """The mark of the run that wrote it."""


@dataclass(frozen=True)
class Moved:
    """A pointer, and whether this run wrote it."""

    pointer: Pointer
    written: bool


class Pointers:
    """The pointers of one service to `version`; `run` is a mark that no other run has."""

    def __init__(self, s3: S3, service: str, version: Version, run: str, say: Say) -> None:
        self._s3 = s3
        self._run = run
        self._say = say
        self._service = service
        self._version = version

    @property
    def metadata_key(self) -> str:
        """Where `metadata.json` is."""
        return f"{self._service}/metadata.json"

    def read(self) -> Metadata | None:
        """`metadata.json`; None where there is none. Raises ConfigError for one that says nothing usable."""
        got = self._s3.get(self.metadata_key, limit=LARGEST_METADATA)
        if got is None:
            return None
        found, body = got
        try:
            document = json.loads(body)
            version = parse(document["version"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ConfigError(
                f"{self.metadata_key} in the bucket {self._s3.bucket} is no metadata of a package.",
                why="It is no JSON object with a version, so what it leads to can't be compared. It was left as it is.",
                fix="Look who wrote it. Repair or remove it, then run again: that does the rest.",
                docs="package-publish.md#pointers",
            ) from None
        return Metadata(found.etag, document, version, found.modified, found.metadata.get("run", ""))

    def outranked(self, there: Version) -> bool:
        """Whether what is there keeps the pointers: a higher version, or one that differs in build metadata alone."""
        return not higher(self._version, there) and str(there) != str(self._version)

    def latest(self, file: ReleaseFile, source: str) -> Moved:
        """Let `latest/` hold the file, by copying the object `source`, unless it holds that of a higher version.

        An object there that says no version is taken for the one that `metadata.json` names. A version that differs in
        build metadata alone keeps its place if `metadata.json` names it; else its run ended before it got that far.
        """
        key = f"{self._service}/latest/{file.name}"
        found_source = self._s3.head(source)
        assert found_source, "it was placed or found a moment ago"
        source_etag = found_source.etag
        marks = {"sha256": file.sha256, "version": str(self._version)}

        def look() -> tuple[Found | None, Version | None, bool]:
            found = self._s3.head(key)
            before = _version(found)
            if found is None or (before and not self.outranked(before)):
                return found, before, False
            known = self.read()
            before = before or (known.version if known else None)
            named = known is not None and str(known.version) == str(before)
            kept = before is not None and self.outranked(before) and (named or higher(before, self._version))
            return found, before, kept

        def write(seen: tuple[Found | None, Version | None, bool], lost: bool) -> Moved:
            found, before, kept = seen
            if before and kept:
                return stays(f"latest/{file.name}", before, self._version)
            pointer = Pointer(f"latest/{file.name}", str(before or ""), str(self._version))
            if found and marks.items() <= found.metadata.items():
                return Moved(pointer, lost and found.metadata.get("run") == self._run)
            etag = found.etag if found else None
            written = {**marks, "run": self._run}
            self._s3.copy(source, source_etag, key, content_type=file.content_type, metadata=written, if_match=etag)
            return Moved(pointer, written=True)

        return settle(self._s3, key, look, write, self._say)

    def metadata(self, document: Mapping[str, Any]) -> Moved:
        """Let `metadata.json` say `document`, unless it leads to a higher version.

        Where it leads to this version already, `published` and fields that are not ours are kept.
        """

        def write(known: Metadata | None, lost: bool) -> Moved:
            if known and self.outranked(known.version):
                return stays("metadata.json", known.version, self._version)
            pointer = Pointer("metadata.json", str(known.version) if known else "", str(self._version))
            wanted = dict(document)
            if known and known.version == self._version:
                published = known.document.get("published")
                wanted = {**known.document, **wanted, **({"published": published} if published else {})}
                if wanted == known.document:
                    return Moved(pointer, lost and known.run == self._run)
            self._s3.put(
                self.metadata_key,
                json.dumps(wanted, indent=2, ensure_ascii=False).encode() + b"\n",
                content_type="application/json",
                metadata={"version": str(self._version), "run": self._run},
                if_match=known.etag if known else None,
            )
            return Moved(pointer, written=True)

        return settle(self._s3, self.metadata_key, self.read, write, self._say)


def _version(found: Found | None) -> Version | None:
    """The version that an object says to be of."""
    try:
        return parse(found.metadata.get("version", "")) if found else None
    except ValueError:
        return None


def stays(name: str, before: Version, version: Version) -> Moved:
    """A pointer that leads to a version already which `version` does not take it from."""
    why = f"{before} is higher" if higher(before, version) else f"{before} is of the same rank"
    return Moved(Pointer(name, str(before), str(before), why), written=False)
