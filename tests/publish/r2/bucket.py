"""A bucket of the local R2, releases to bring there, and what is seen of both."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from semver import Version

from chittyactions.ecosystem.cloudflare_wire import Wire
from chittyactions.ecosystem.s3 import S3
from chittyactions.ecosystem.s3_signature import Keys
from chittyactions.http import Client, Deadline
from chittyactions.publish.model import Release, ReleaseFile, Result
from chittyactions.publish.r2 import R2
from chittyactions.publish.r2_keys import derive
from chittylocal import Local
from chittylocal.r2 import BUCKET, Object

MEBIBYTE = 1024 * 1024
COMMIT = "c0ffee" + "0" * 34


class Hurried(Deadline):
    """A deadline by whose clock waiting takes no time."""

    def pause(self, seconds: float) -> None:
        """Go on at once."""


def made_up(size: int, seed: int = 0) -> bytes:
    """Bytes that differ by seed and place."""
    return random.Random(seed).randbytes(size)


def client_of(name: str, seconds: float = 60, *, hurried: bool = True) -> Client:
    """A client whose waits take no time, or the time they take."""
    if not hurried:
        return Client(name, Deadline(seconds), environ={})
    return Client(name, Hurried(seconds), environ={}, sleep=lambda _: None)


@dataclass
class Shop:
    """One service of its own in the bucket, so that tests share a backend."""

    local: Local
    folder: Path
    service: str
    said: list[str] = field(default_factory=list)
    masked: dict[str, str] = field(default_factory=dict)

    # -- what is published -------------------------------------------------------------------------------------

    def file(self, name: str, data: bytes, platform: str = "") -> ReleaseFile:
        """A file of a release, in a folder by its content."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.folder / digest[:16] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return ReleaseFile(name, path, len(data), digest, platform, "application/gzip")

    def release(self, version: str = "1.0.0", *files: ReleaseFile, data: bytes = b"") -> Release:
        """A release of one small tarball, or of these files."""
        files = files or (self.file(f"{self.service}-{version}.tgz", data or f"bytes of {version}".encode()),)
        return Release(
            self.service,
            "npm",
            f"@chittyos/{self.service}",
            Version.parse(version),
            COMMIT,
            files,
            "sha512-x",
            ("any",),
        )

    def channel(
        self,
        refresh: Callable[[], None] | None = None,
        *,
        token: str = "",
        origin: str = "",
        bucket: str = BUCKET,
        seconds: float = 60,
        cloudflare_url: str = "",
        public_url: str = "",
        patience: float = 60,
        hurried: bool = True,
    ) -> R2:
        """The channel, as the flow makes it."""
        return R2(
            client_of("R2", seconds, hurried=hurried),
            client_of("Cloudflare's API", patience),
            refresh,
            account_id=self.local.account_id,
            token=token or self.local.cloudflare_token,
            endpoint=origin or self.local.r2_url,
            bucket=bucket,
            public_url=public_url,
            cloudflare_url=cloudflare_url or self.local.urls()["CLOUDFLARE_API_BASE_URL"],
            mask=self.masked.__setitem__,
            say=self.said.append,
        )

    def publish(self, release: Release, *, dry_run: bool = False, **how: Any) -> Result:
        """Publish a release."""
        return self.channel(**how).publish(release, dry_run=dry_run)

    # -- what is there -----------------------------------------------------------------------------------------

    @property
    def objects(self) -> dict[str, Object]:
        """The service's objects, by the key within it."""
        start = f"{self.service}/"
        found = self.local.r2.objects()
        return {key[len(start) :]: value for key, value in found.items() if key.startswith(start)}

    @property
    def metadata(self) -> dict[str, Any]:
        """metadata.json."""
        document: dict[str, Any] = json.loads(self.read("metadata.json"))
        return document

    def read(self, key: str) -> bytes:
        """An object's bytes."""
        return self.local.r2.read(BUCKET, f"{self.service}/{key}")

    @property
    def uploads(self) -> list[dict[str, Any]]:
        """The service's open uploads: id and parts (number → size)."""
        return [upload for upload in self.local.r2.uploads() if upload["key"].startswith(f"{self.service}/")]

    def put(self, key: str, data: bytes, **how: Any) -> Object:
        """Put an object as somebody else would."""
        return self.local.r2.put(BUCKET, f"{self.service}/{key}", data, **how)

    def asked(self, *methods: str) -> list[str]:
        """What was asked of the service's objects: `PUT 1.0.0/hello.tgz?partNumber=3`."""
        start = f"/{BUCKET}/{self.service}/"
        return [
            f"{entry['method']} {entry['path'].removeprefix(start)}"
            + (f"?partNumber={entry['query']['partNumber']}" if "partNumber" in entry["query"] else "")
            for entry in self.local.requests("r2")
            if entry["path"].startswith(start) and (not methods or entry["method"] in methods)
        ]

    def s3(self, keys: Keys | None = None, **how: Any) -> S3:
        """The bucket's S3 API."""
        client = client_of("R2", how.pop("seconds", 60))
        return S3(client, keys or self.keys(), endpoint=how.pop("origin", self.local.r2_url), bucket=BUCKET, **how)

    def keys(self, token: str = "") -> Keys:
        """The access keys of a Cloudflare token."""
        token = token or self.local.cloudflare_token
        url = self.local.urls()["CLOUDFLARE_API_BASE_URL"]
        return derive(Wire(client_of("Cloudflare's API"), token=token, base_url=url), self.local.account_id, token)
