"""R2: the release's files under their version, once and for ever; then what leads to them.

```
{service}/{version}/{file}    never overwritten
{service}/latest/{file}       a copy of the newest stable version's
{service}/metadata.json       says which version that is; written last, so it never names what is not there
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from chittyactions.ecosystem.cloudflare_wire import Wire
from chittyactions.ecosystem.s3 import S3
from chittyactions.errors import Cancelled, ChittyError, ServiceError
from chittyactions.http import Client
from chittyactions.publish.model import Pointer, Release, ReleaseFile, Result, Say, Status
from chittyactions.publish.r2_keys import derive
from chittyactions.publish.r2_pointers import Metadata, Moved, Pointers, stays
from chittyactions.publish.r2_progress import megabytes
from chittyactions.publish.r2_settle import Unsettled
from chittyactions.publish.r2_upload import Uploader
from chittyactions.publish.version import higher

CHANNEL = "r2"
BUCKET = "chittyos-packages"
SITE = "https://git.chitty.cc"

COURTESY, LOOK_EVERY = 3.0, 0.5
"""Seconds that another run of the same version is waited for, and between two looks."""

YOUNG = 20.0
"""Seconds for which the run that wrote an object may still be at work."""


def endpoint_of(account_id: str) -> str:
    """Where an account's buckets are, but for those of a jurisdiction (`.eu.`, `.fedramp.`)."""
    return f"https://{account_id}.r2.cloudflarestorage.com"


class R2:
    """The channel. `client` sends to R2, `cloudflare` to Cloudflare's API at `cloudflare_url`, each with a deadline.

    `token` is the Cloudflare API token that the keys are made of; `mask` is told each secret by its name before it is
    used. `refresh` makes gitChitty look anew, None for not; what it raises is a note. `site` is where users download.
    """

    def __init__(
        self,
        client: Client,
        cloudflare: Client,
        refresh: Callable[[], None] | None,
        *,
        account_id: str,
        token: str,
        endpoint: str,
        bucket: str = BUCKET,
        cloudflare_url: str,
        site: str = SITE,
        mask: Callable[[str, str], None],
        say: Say,
    ) -> None:
        self._client = client
        self._verify = Wire(cloudflare, token=token, base_url=cloudflare_url, say=say)
        self._refresh = refresh
        self._account_id, self._token = account_id, token
        self._endpoint, self._bucket, self._site = endpoint or endpoint_of(account_id), bucket, site.rstrip("/")
        self._mask = mask
        self._say = say

    def publish(self, release: Release, *, dry_run: bool) -> Result:
        """Bring the release out, or the rest of it; a dry run reads and tells what would be done.

        A failure is in the result, with what is out all the same.
        """
        attempt = _Attempt(self._bucket_of(), release, self._site, self._say)
        try:
            if dry_run:
                return attempt.rehearse()
            attempt.run()
        except Unsettled as unsettled:
            return attempt.result(Status.UNKNOWN, failure=unsettled.failure)
        except Cancelled:
            raise
        except ChittyError as failure:
            return attempt.result(Status.FAILED, failure=failure)
        return attempt.result(Status.PUBLISHED if attempt.written else Status.ALREADY, notes=self._refreshed())

    def _bucket_of(self) -> S3:
        keys = derive(self._verify, self._account_id, self._token)
        self._mask("R2_SECRET_ACCESS_KEY", keys.secret)
        return S3(self._client, keys, endpoint=self._endpoint, bucket=self._bucket, say=self._say)

    def _refreshed(self) -> tuple[str, ...]:
        if self._refresh is None:
            return ()
        try:
            self._refresh()
        except ServiceError as failure:
            told = " ".join(part for part in (failure.what, failure.why, failure.fix) if part)
            return (f"gitChitty was not refreshed, so it may serve the version before for a while. {told}",)
        return ()


class _Attempt:
    """One run for one release, and what it knows of what is out."""

    def __init__(self, s3: S3, release: Release, site: str, say: Say) -> None:
        self._release = release
        self._site = site
        self._say = say
        self._s3 = s3
        self._uploader = Uploader(s3, say)
        self._pointers = Pointers(s3, release.service, release.version, say)
        self._out: list[ReleaseFile] = []
        self._moved: list[Pointer] = []
        self.written = False

    def run(self) -> None:
        """Files first, then `latest/`, then `metadata.json`."""
        release = self._release
        for file in release.files:
            placed = self._uploader.place(self._key(file), file, {"version": str(release.version)})
            self._say(f"{self._key(file)} {'is out' if placed else 'was out before, byte for byte'}")
            self.written |= placed
            self._out.append(file)
        if release.version.prerelease:
            self._moved.append(Pointer("metadata.json", "", "", "a prerelease moves no pointer"))
            return
        known = self._pointers.read() if self.written else self._left_by_another()
        if known and higher(known.version, release.version):
            self._note(stays("metadata.json", known.version))
            return
        for file in release.files:
            self._note(self._pointers.latest(file, self._key(file), known))
        self._note(self._pointers.metadata(self._document()))

    def _left_by_another(self) -> Metadata | None:
        """`metadata.json`, where every file was there before.

        When they came a moment ago, another run is about to move the pointers: it is given the time for that, so that
        one of the two says `published` and the other `already`. One that was killed is not waited for any longer.
        """
        for _ in range(round(COURTESY / LOOK_EVERY)):
            known = self._pointers.read()
            found = self._s3.head(self._key(self._release.tarball))
            done = known is not None and not higher(self._release.version, known.version)
            if done or found is None or found.age > YOUNG:
                return known
            self._s3.pause(LOOK_EVERY)
        return self._pointers.read()

    def rehearse(self) -> Result:
        """What `run` would do, by reading alone."""
        release, notes = self._release, []
        for file in release.files:
            found = self._s3.head(self._key(file))
            if found:
                self._uploader.same(self._key(file), found, file)
                notes.append(f"{self._key(file)} is out already, byte for byte.")
            else:
                notes.append(f"{self._key(file)} would be uploaded ({megabytes(file.size)}).")
        notes.append(self._would_move(None if release.version.prerelease else self._pointers.read()))
        return self.result(Status.SKIPPED, notes=tuple(notes))

    def result(self, status: Status, *, notes: tuple[str, ...] = (), failure: ChittyError | None = None) -> Result:
        """What became of it, with the addresses of all that is out."""
        place = f"{self._site}/{self._release.service}@{self._release.version}"
        first = (place,) if self._release.tarball in self._out else ()
        several = len(self._release.files) > 1
        named = tuple(f"{place}/{file.name}" for file in self._out) if several else ()
        return Result(CHANNEL, status, first + named, tuple(self._moved), notes, failure)

    def _key(self, file: ReleaseFile) -> str:
        return f"{self._release.service}/{self._release.version}/{file.name}"

    def _note(self, moved: Moved) -> None:
        self._moved.append(moved.pointer)
        self.written |= moved.written
        if moved.written:
            self._say(f"{moved.pointer.name} leads to {moved.pointer.after}")
        elif moved.pointer.why:
            self._say(f"{moved.pointer.name} stays at {moved.pointer.after}: {moved.pointer.why}")

    def _would_move(self, known: Metadata | None) -> str:
        if self._release.version.prerelease:
            return "latest/ and metadata.json would stay: a prerelease moves no pointer."
        if known and higher(known.version, self._release.version):
            return f"latest/ and metadata.json would stay at {known.version}, which is higher."
        before = f"from {known.version} " if known else ""
        return f"latest/ and metadata.json would go {before}to {self._release.version}."

    def _document(self) -> Mapping[str, Any]:
        """`metadata.json`: the fields that its readers know, and what a download is checked by."""
        release, first = self._release, self._release.tarball
        document: dict[str, Any] = {
            "name": release.service,
            "version": str(release.version),
            "tarball": first.name,
            "published": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "platforms": list(release.platforms),
            "install_url": f"{self._site}/{release.service}",
            "sha256": first.sha256,
            "size": first.size,
        }
        if len(release.files) > 1:
            document["files"] = [
                {"name": file.name, "platform": file.platform, "sha256": file.sha256, "size": file.size}
                for file in release.files
            ]
        return document
