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
from secrets import token_hex
from typing import Any

from chittyactions.ecosystem.cloudflare_wire import Wire
from chittyactions.ecosystem.s3 import S3
from chittyactions.errors import Cancelled, ChittyError, ServiceError
from chittyactions.http import Client
from chittyactions.publish.addresses import address
from chittyactions.publish.model import Pointer, Release, ReleaseFile, Result, Say, Status
from chittyactions.publish.offer import PUBLIC_FILE_URL, PUBLIC_URL
from chittyactions.publish.r2_keys import derive
from chittyactions.publish.r2_pointers import Metadata, Moved, Pointers, stays
from chittyactions.publish.r2_progress import megabytes
from chittyactions.publish.r2_settle import Unsettled
from chittyactions.publish.r2_upload import Uploader

CHANNEL = "r2"
BUCKET = "chittyos-packages"
SITE = "https://git.chitty.cc"


def endpoint_of(account_id: str) -> str:
    """Where an account's buckets are, but for those of a jurisdiction (`.eu.`, `.fedramp.`)."""
    return f"https://{account_id}.r2.cloudflarestorage.com"


class R2:
    """The channel. `client` sends to R2, `cloudflare` to Cloudflare's API at `cloudflare_url`, each with a deadline.

    `token` is the Cloudflare API token that the keys are made of; `mask` is told each secret by its name before it is
    used. `refresh` makes gitChitty look anew, None for not; what it raises is a note. `public_url` is the template of
    where users download, "" for gitChitty.
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
        public_url: str = "",
        mask: Callable[[str, str], None],
        say: Say,
    ) -> None:
        self._client = client
        self._verify = Wire(cloudflare, token=token, base_url=cloudflare_url, whole=cloudflare.deadline, say=say)
        self._refresh = refresh
        self._account_id, self._token = account_id, token
        self._endpoint, self._bucket = endpoint or endpoint_of(account_id), bucket
        self._public_url = public_url
        self._mask = mask
        self._say = say

    def publish(self, release: Release, *, dry_run: bool) -> Result:
        """Bring the release out, or the rest of it; a dry run reads and tells what would be done.

        A failure is in the result, with what is out all the same.
        """
        attempt = _Attempt(self._bucket_of(), release, self._public_url, self._say)
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
        return attempt.result(Status.PUBLISHED if attempt.did_it else Status.ALREADY, notes=self._refreshed())

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
    """One run for one release, and what it knows of what is out.

    Of several runs at once one has published it, which `did_it` says: the one whose write of `metadata.json` was taken;
    where no pointer moves, the one that made the last file.
    """

    def __init__(self, s3: S3, release: Release, public_url: str, say: Say) -> None:
        self._release = release
        self._public_url = public_url
        self._say = say
        self._s3 = s3
        run = token_hex(8)
        self._uploader = Uploader(s3, run, say)
        self._pointers = Pointers(s3, release.service, release.version, run, say)
        self._out: list[ReleaseFile] = []
        self._moved: list[Pointer] = []
        self._made: list[ReleaseFile] = []
        self.did_it = False

    def run(self) -> None:
        """Files first, then `latest/`, then `metadata.json`."""
        release = self._release
        for file in release.files:
            placed = self._uploader.place(self._key(file), file, {"version": str(release.version)})
            self._say(f"{self._key(file)} {'is out' if placed else 'was out before, byte for byte'}")
            self._made += [file] if placed else []
            self._out.append(file)
        if release.version.prerelease:
            self._moved.append(Pointer("metadata.json", "", "", "a prerelease moves no pointer"))
            self.did_it = placed
            return
        known = self._pointers.read()
        if known and self._pointers.outranked(known.version):
            self._note(stays("metadata.json", known.version, release.version))
            self.did_it = placed
            return
        for file in release.files:
            self._note(self._pointers.latest(file, self._key(file)))
        moved = self._pointers.metadata(self._document())
        self._note(moved)
        self.did_it = moved.written or (placed if moved.pointer.why else self._mended(known))

    def _mended(self, known: Metadata | None) -> bool:
        """Whether a file was made that had gone from a release which `metadata.json` led to before."""
        if known is None or str(known.version) != str(self._release.version):
            return False
        made = [self._s3.head(self._key(file)) for file in self._made]
        return any(found.modified > known.modified for found in made if found)

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
        release, usual = self._release, not self._public_url
        urls = [self._tarball_url] if release.tarball in self._out else []
        if len(release.files) > 1:
            urls += [address(PUBLIC_FILE_URL if usual else self._public_url, release, file) for file in self._out]
        return Result(CHANNEL, status, tuple(dict.fromkeys(urls)), tuple(self._moved), notes, failure)

    @property
    def _tarball_url(self) -> str:
        return address(self._public_url or PUBLIC_URL, self._release, self._release.tarball)

    def _key(self, file: ReleaseFile) -> str:
        return f"{self._release.service}/{self._release.version}/{file.name}"

    def _note(self, moved: Moved) -> None:
        self._moved.append(moved.pointer)
        if moved.written:
            self._say(f"{moved.pointer.name} leads to {moved.pointer.after}")
        elif moved.pointer.why:
            self._say(f"{moved.pointer.name} stays at {moved.pointer.after}: {moved.pointer.why}")

    def _would_move(self, known: Metadata | None) -> str:
        if self._release.version.prerelease:
            return "latest/ and metadata.json would stay: a prerelease moves no pointer."
        if known and self._pointers.outranked(known.version):
            kept = stays("", known.version, self._release.version).pointer
            return f"latest/ and metadata.json would stay: {kept.why}."
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
            "install_url": self._tarball_url if self._public_url else f"{SITE}/{release.service}",
            "sha256": first.sha256,
            "size": first.size,
        }
        if len(release.files) > 1:
            document["files"] = [
                {"name": file.name, "platform": file.platform, "sha256": file.sha256, "size": file.size}
                for file in release.files
            ]
        return document
