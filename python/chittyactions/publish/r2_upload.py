"""Bring one file to R2 under a key that nothing has yet: whole, or in parts that a later run can take up.

S3 shows the size and the MD5 of the parts of an open upload, and nothing else of it. So that a run knows an upload of
its own kind again, the size of its parts carries the beginning of the file's SHA-256: such an upload is of this very
file, and has the metadata that this module gave it. Each part that has arrived is compared by its MD5.

Every object says in its metadata which run began it: another run may write the very same while our answer is lost.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from chittyactions.ecosystem.s3 import S3, Found, Part, settled_by_looking
from chittyactions.ecosystem.s3_codes import NO_SUCH_UPLOAD
from chittyactions.errors import AnswerLost, BadAnswer, ConfigError, Refused, ServiceError, Superseded
from chittyactions.publish.model import ReleaseFile, Say
from chittyactions.publish.r2_progress import Progress, megabytes
from chittyactions.publish.r2_settle import Unsettled, settle

MEBIBYTE = 1024 * 1024
WHOLE = 10 * MEBIBYTE
"""Bytes up to which a file is sent in one request; above, it makes two parts at least."""

PART = 8 * MEBIBYTE
MARK_DIGITS = 5
MOST_PARTS = 9000
"""R2 takes 10,000."""

AT_ONCE = 4
"""Parts that are on their way, and in memory, at the same time."""


@dataclass(frozen=True)
class Slice:
    """One part of a file: its number from 1, where it begins and ends, in bytes."""

    number: int
    start: int
    size: int


def part_size(file: ReleaseFile) -> int:
    """Bytes of every part but the last; different for different contents (one in a million is alike)."""
    return max(PART, -(-file.size // MOST_PARTS)) + int(file.sha256[:MARK_DIGITS], 16)


def slices(file: ReleaseFile) -> tuple[Slice, ...]:
    """The parts that a file is sent in."""
    size = part_size(file)
    starts = range(0, file.size, size)
    return tuple(Slice(number, start, min(size, file.size - start)) for number, start in enumerate(starts, 1))


class Uploader:
    """Uploads to one bucket; `run` is a mark that no other run has, `say` shows progress."""

    def __init__(self, s3: S3, run: str, say: Say) -> None:
        self._s3 = s3
        self._run = run
        self._say = say
        self._begun: dict[str, str] = {}
        self._taken_up: set[str] = set()

    def same(self, key: str, found: Found, file: ReleaseFile) -> None:
        """Raise ConfigError unless the object has the file's bytes.

        Its size and the SHA-256 in its metadata tell; an object without such metadata is read.
        """
        there = found.metadata.get("sha256") or self._hash(key, found)
        if found.size != file.size or there != file.sha256:
            raise ConfigError(
                f"{key} is out already, with other bytes: nothing was overwritten.",
                why=f"There: SHA-256 {there} ({found.size} bytes). Here: {file.sha256} ({file.size} bytes). Either the "
                "version was not raised, or two builds of the same commit differ.",
                fix="Raise the version and publish that. A version that is out never changes its bytes.",
                docs="package-publish.md#r2-version-exists",
            )

    def place(self, key: str, file: ReleaseFile, metadata: Mapping[str, str]) -> bool:
        """Bring `file` under `key`; whether this call did it. Raises ConfigError where other bytes are there.

        `metadata` goes with it, and its SHA-256. An answer that was lost is cleared up by looking.
        """

        def look() -> Found | None:
            found = self._s3.head(key)
            if found:
                self.same(key, found, file)
            return found

        def write(found: Found | None, lost: bool) -> bool:
            if found is None:
                self._send(key, file, {"sha256": file.sha256, "run": self._run, **metadata})
                return True
            # An upload that was taken up bears the mark of the run that began it, which is dead as far as we know.
            if lost and (found.metadata.get("run") == self._run or key in self._taken_up):
                return True
            if upload := self._begun.pop(key, ""):
                with suppress(ServiceError):  # the file is out, and R2 drops the upload after a week
                    self._s3.abort(key, upload)
            return False

        return settle(self._s3, key, look, write, self._say)

    def _hash(self, key: str, found: Found) -> str:
        self._say(f"{key} has no SHA-256 in its metadata: reading its {megabytes(found.size)}.")
        digest = hashlib.sha256()

        def begin() -> Callable[[bytes], object]:
            nonlocal digest
            digest = hashlib.sha256()
            return digest.update

        self._s3.stream(key, found.etag, begin)
        return digest.hexdigest()

    def _send(self, key: str, file: ReleaseFile, metadata: Mapping[str, str]) -> None:
        if file.size <= WHOLE:
            body = file.path.read_bytes()
            self._s3.put(key, body, content_type=file.content_type, metadata=metadata, if_match=None)
            self._say(f"{file.name}: {megabytes(file.size)} sent")
            return
        with _nothing_is_out(file):
            upload, etags = self._resume(key, file)
            if not upload:
                upload = self._s3.create_upload(key, content_type=file.content_type, metadata=metadata)
                self._begun[key] = upload
            elif upload != self._begun.get(key):
                self._taken_up.add(key)
            etags |= _Sending(self._s3, key, upload, file, self._say).run(set(etags))
        self._s3.complete(key, upload, etags)
        self._verify(key, file)

    def _resume(self, key: str, file: ReleaseFile) -> tuple[str, dict[int, str]]:
        """The newest open upload of this file, and the ETags of the parts that arrived whole; "" where there is none.

        Uploads of anything else are not ours to touch; R2 drops them after a week.
        """
        wanted = {each.number: each for each in slices(file)}
        for upload in reversed(self._s3.uploads(key)):
            try:
                parts = self._s3.parts(key, upload)
            except Refused as refusal:
                if refusal.code == NO_SUCH_UPLOAD:
                    continue
                raise
            if parts and all(number in wanted and part.size == wanted[number].size for number, part in parts.items()):
                arrived = {number: part.etag for number, part in parts.items() if _arrived(file, wanted[number], part)}
                self._say(f"{file.name}: taking up an upload of which {len(arrived)} of {len(wanted)} parts are there")
                return upload, arrived
        return "", {}

    def _verify(self, key: str, file: ReleaseFile) -> None:
        try:
            found = self._s3.head(key)
        except ServiceError as failure:
            raise Unsettled(failure) from failure
        if found is None or found.size != file.size or found.metadata.get("sha256") != file.sha256:
            raise Superseded(
                f"{key} is not what was uploaded to it.",
                why="Another run completed the same upload with other metadata, or the object was removed at once.",
                fix="Look at the object in the bucket; remove it if it is wrong, then run again.",
                docs="package-publish.md#r2-layout",
            )


class _Sending:
    """The missing parts of one upload on their way, several at once, each in memory only while it is sent."""

    def __init__(self, s3: S3, key: str, upload: str, file: ReleaseFile, say: Say) -> None:
        self._s3, self._key, self._upload, self._file = s3, key, upload, file
        self._say = say
        self._etags: dict[int, str] = {}
        self._failure: Exception | None = None
        self._lock = threading.Lock()

    def run(self, there: set[int]) -> dict[int, str]:
        """Send every part that is not `there`; their ETags. Raises what the first failure was."""
        every = slices(self._file)
        self._missing = [each for each in reversed(every) if each.number not in there]
        arrived = self._file.size - sum(each.size for each in self._missing)
        self._progress = Progress(self._file.name, self._file.size, arrived, self._say)
        # Daemons: a job that is cancelled does not wait for them.
        threads = [threading.Thread(target=self._work, daemon=True) for _ in self._missing[:AT_ONCE]]
        with self._file.path.open("rb") as source:
            self._source = source.fileno()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        if self._failure:
            raise self._failure
        return self._etags

    def _work(self) -> None:
        while (each := self._next()) is not None:
            try:
                part = self._s3.upload_part(self._key, self._upload, each.number, _read(self._source, each))
            except Exception as failure:  # noqa: BLE001 - carried over to the thread that waits
                with self._lock:
                    self._failure = self._failure or failure
                return
            with self._lock:
                self._etags[each.number] = part.etag
            self._progress.add(each.size)

    def _next(self) -> Slice | None:
        with self._lock:
            return self._missing.pop() if self._missing and not self._failure else None


@contextmanager
def _nothing_is_out(file: ReleaseFile) -> Iterator[None]:
    """Before an upload is completed there is no object, whichever answer was lost: that is a failure, not a doubt."""
    try:
        yield
    except ServiceError as failure:
        if not settled_by_looking(failure):
            raise
        raise ServiceError(
            f"{file.name} did not arrive at R2 whole. {failure.what}",
            service=failure.service,
            why=failure.why if isinstance(failure, BadAnswer) else "Nothing is out: the upload was not completed.",
            fix="Run it again: the parts that have arrived are taken up."
            if isinstance(failure, AnswerLost)
            else failure.fix,
            docs="package-publish.md#rerun",
        ) from None


def _read(source: int, each: Slice) -> bytes:
    body = os.pread(source, each.size, each.start)
    if len(body) != each.size:
        raise OSError("the file became shorter while it was sent")
    return body


def _arrived(file: ReleaseFile, each: Slice, part: Part) -> bool:
    """Whether a part on the other side is the one here. An ETag that is no MD5 proves nothing: it is sent again."""
    etag = part.etag.strip('"')
    if not re.fullmatch(r"[0-9a-f]{32}", etag):
        return False
    with file.path.open("rb") as source:
        return hashlib.md5(_read(source.fileno(), each), usedforsecurity=False).hexdigest() == etag
