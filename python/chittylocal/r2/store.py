"""The objects of the local R2 on disk, so that they outlive the backend and can be read without it.

```
r2/BUCKET.json         key → size, SHA-256, ETag, content type, metadata, time
r2/contents/SHA256     the bytes, each once, never changed
```
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from chittylocal.state import State, now

BUCKET = "chittyos-packages"
"""The bucket that is there from the start."""

BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Object:
    """One object: `size` in bytes, `sha256` in hex, `etag` without quotes, `metadata` without `x-amz-meta-`."""

    size: int
    sha256: str
    etag: str
    content_type: str
    metadata: dict[str, str]
    modified: str


class Store:
    """Every bucket with its objects. Safe to use from several threads."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._folder = state.folder / "r2"
        self._contents = self._folder / "contents"
        self._lock = threading.RLock()
        self._buckets: dict[str, dict[str, Object]] = {BUCKET: {}}
        for path in sorted(self._folder.glob("*.json")):
            saved = state.read(f"r2/{path.stem}")
            self._buckets[path.stem] = {key: Object(**fields) for key, fields in saved.items()}

    def buckets(self) -> list[str]:
        """The buckets' names."""
        with self._lock:
            return list(self._buckets)

    def objects(self, bucket: str) -> dict[str, Object]:
        """Key → object; a copy, empty for a bucket that is not there."""
        with self._lock:
            return dict(self._buckets.get(bucket, {}))

    def path(self, bucket: str, key: str) -> Path | None:
        """The file with an object's bytes, or None when there is no such object."""
        found = self.objects(bucket).get(key)
        return self._contents / found.sha256 if found else None

    def make(self, bucket: str) -> None:
        """Note a bucket."""
        with self._lock:
            self._buckets.setdefault(bucket, {})
            self._save(bucket)

    def drop(self, bucket: str) -> None:
        """Forget a bucket, which is empty."""
        with self._lock:
            self._buckets.pop(bucket, None)
            (self._folder / f"{bucket}.json").unlink(missing_ok=True)

    def keep(
        self, bucket: str, key: str, pieces: Iterable[bytes], *, etag: str, content_type: str, metadata: dict[str, str]
    ) -> Object:
        """Write an object down, in the place of one that had its key. An empty `etag` is made as S3 makes it."""
        digest, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
        self._contents.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._contents, prefix=".")
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                if not etag:
                    md5.update(piece)
                size += len(piece)
        shutil.move(temporary, self._contents / digest.hexdigest())
        kept = Object(size, digest.hexdigest(), etag or md5.hexdigest(), content_type, dict(metadata), now())
        with self._lock:
            before = self._buckets.setdefault(bucket, {}).get(key)
            self._buckets[bucket][key] = kept
            self._save(bucket)
            self._forget(before)
        return kept

    def remove(self, bucket: str, key: str) -> None:
        """Forget an object."""
        with self._lock:
            before = self._buckets.get(bucket, {}).pop(key, None)
            self._save(bucket)
            self._forget(before)

    def _save(self, bucket: str) -> None:
        self._state.write(f"r2/{bucket}", {key: asdict(found) for key, found in self._buckets[bucket].items()})

    def _forget(self, before: Object | None) -> None:
        """Delete bytes that no object has any more."""
        if before and not any(
            found.sha256 == before.sha256 for objects in self._buckets.values() for found in objects.values()
        ):
            (self._contents / before.sha256).unlink(missing_ok=True)
