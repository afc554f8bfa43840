"""What tests, the demo and the local gitChitty see of the local R2. Reading it starts nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chittylocal.r2.engine import CALLS, Engine
from chittylocal.r2.store import BUCKET, Object, Store


class View:
    """The objects, by bucket and key."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store = store
        self._engine = engine

    def objects(self, bucket: str = BUCKET) -> dict[str, Object]:
        """Key → object; a copy."""
        return self._store.objects(bucket)

    def find(self, bucket: str, key: str) -> Object | None:
        """An object, or None."""
        return self._store.objects(bucket).get(key)

    def path(self, bucket: str, key: str) -> Path | None:
        """The file with an object's bytes, which never changes in place, or None when there is no such object."""
        return self._store.path(bucket, key)

    def read(self, bucket: str, key: str) -> bytes:
        """An object's bytes. KeyError when there is none."""
        path = self._store.path(bucket, key)
        if path is None:
            raise KeyError(f"{bucket}/{key}")
        return path.read_bytes()

    def put(
        self, bucket: str, key: str, data: bytes, content_type: str = "application/octet-stream",
        metadata: dict[str, str] | None = None,
    ) -> Object:  # fmt: skip
        """Put an object as somebody else would."""
        with CALLS:
            kept = self._store.keep(bucket, key, [data], etag="", content_type=content_type, metadata=metadata or {})
            if self._engine.running:
                self._engine.load(bucket, key, kept)
        return kept

    def uploads(self, bucket: str = BUCKET) -> list[dict[str, Any]]:
        """The open multipart uploads: `key`, `id`, and `parts` (number → size)."""
        return self._engine.uploads(bucket)
