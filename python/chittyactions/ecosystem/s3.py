"""The S3 API of one bucket: objects under conditions, uploads in parts.

What is sent is hashed and signed, so that a store takes what left here or nothing. A body is never shown.
Every method raises Refused (with S3's code, explained), Unreachable, AnswerLost or BadAnswer. A write whose answer was
lost is not sent again unless it says so: only the caller can tell whether it took effect.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from xml.etree.ElementTree import Element

from chittyactions.ecosystem import s3_xml
from chittyactions.ecosystem.s3_signature import Keys, path_of
from chittyactions.ecosystem.s3_wire import Take, Wire, is_missing, unexpected
from chittyactions.errors import AnswerLost, BadAnswer, Refused
from chittyactions.http import Client, Response

LARGEST_OBJECT = 1 << 43
"""Bytes; no store has larger ones."""

META = "x-amz-meta-"


@dataclass(frozen=True)
class Found:
    """An object without its bytes: `etag` as it came, with its quotes; `metadata` by names in lower case.

    `modified` is when it was written by the store's own clock, in seconds, 0 where it does not tell.
    """

    etag: str
    size: int
    content_type: str
    metadata: Mapping[str, str]
    modified: float = 0.0


@dataclass(frozen=True)
class Part:
    """A part that was uploaded: bytes, and the ETag as it came."""

    size: int
    etag: str


class S3:
    """One bucket at `endpoint` (an origin). Safe to use from several threads."""

    def __init__(
        self,
        client: Client,
        keys: Keys,
        *,
        endpoint: str,
        bucket: str,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.bucket = bucket
        self._wire = Wire(client, keys, endpoint=endpoint, bucket=bucket, say=say)
        self.pause = self._wire.pause

    # -- objects -----------------------------------------------------------------------------------------------

    def head(self, key: str) -> Found | None:
        """What is there under a key; None where nothing is."""
        try:
            response = self._wire.ask("HEAD", key)
        except Refused as refusal:
            if is_missing(refusal, bodiless=True):
                return None
            raise
        length = response.headers.get("content-length", "")
        if not length.isdigit():
            raise unexpected("HEAD", key, response.status, "no length")
        return _found(response, int(length), "HEAD", key)

    def get(self, key: str, *, limit: int) -> tuple[Found, bytes] | None:
        """An object of at most `limit` bytes; None where nothing is."""
        try:
            response = self._wire.ask("GET", key, limit=limit)
        except Refused as refusal:
            if is_missing(refusal):
                return None
            raise
        return _found(response, len(response.body), "GET", key), response.body

    def stream(self, key: str, etag: str, take: Take) -> None:
        """Read the object that has this ETag, piece by piece: `take` begins anew whenever a try does."""
        self._wire.ask("GET", key, headers={"If-Match": etag}, into=take, limit=LARGEST_OBJECT)

    def put(
        self, key: str, body: bytes, *, content_type: str, metadata: Mapping[str, str], if_match: str | None
    ) -> None:
        """Write an object in one request, only where `if_match` is the ETag of what is there (None: nothing is)."""
        digest = hashlib.sha256(body)
        headers = {
            "Content-Type": content_type,
            "x-amz-checksum-sha256": base64.b64encode(digest.digest()).decode(),
            **_condition(if_match),
            **_meta(metadata),
        }
        response = self._wire.ask(
            "PUT", key, headers=headers, body=body, body_hash=digest.hexdigest(), repeatable=False
        )
        _found(response, len(body), "PUT", key)

    def copy(
        self,
        source: str,
        source_etag: str,
        key: str,
        *,
        content_type: str,
        metadata: Mapping[str, str],
        if_match: str | None,
    ) -> None:
        """Copy an object's bytes within the bucket, under conditions on both sides. Type and metadata are the given.

        Those on the destination are an extension of R2's:
        https://developers.cloudflare.com/r2/api/s3/extensions/#conditional-operations-in-copyobject-for-the-destination-object
        """
        headers = {
            "x-amz-copy-source": path_of(self.bucket, source),
            "x-amz-copy-source-if-match": source_etag,
            "x-amz-metadata-directive": "REPLACE",
            "Content-Type": content_type,
            **_meta(metadata),
            **{f"cf-copy-destination-{name.lower()}": value for name, value in _condition(if_match).items()},
        }
        self._wire.xml("PUT", key, headers=headers, root="CopyObjectResult", repeatable=False)

    # -- uploads in parts --------------------------------------------------------------------------------------

    def create_upload(self, key: str, *, content_type: str, metadata: Mapping[str, str]) -> str:
        """Begin an upload; its id. Asked again when the answer was lost: an upload without parts is nothing."""
        headers = {"Content-Type": content_type, **_meta(metadata)}
        root = self._wire.xml("POST", key, {"uploads": ""}, headers=headers, root="InitiateMultipartUploadResult")
        return _text(root, "UploadId", "POST", key)

    def uploads(self, key: str) -> list[str]:
        """The ids of the open uploads to exactly this key, the newest last where the store tells their age."""
        root = self._wire.xml("GET", "", {"uploads": "", "prefix": key}, root="ListMultipartUploadsResult")
        found = [each for each in s3_xml.each(root, "Upload") if each.get("Key") == key and each.get("UploadId")]
        return [each["UploadId"] for each in sorted(found, key=lambda each: each.get("Initiated", ""))]

    def parts(self, key: str, upload: str) -> dict[int, Part]:
        """The parts of an upload that have arrived, by number."""
        found: dict[int, Part] = {}
        marker = "0"
        while True:
            query = {"uploadId": upload, "max-parts": "1000", "part-number-marker": marker}
            root = self._wire.xml("GET", key, query, root="ListPartsResult")
            found |= dict(_part(each, key) for each in s3_xml.each(root, "Part"))
            marker, last = root.findtext("NextPartNumberMarker", ""), marker
            if root.findtext("IsTruncated", "") != "true" or not marker.isdigit() or int(marker) <= int(last):
                return found

    def upload_part(self, key: str, upload: str, number: int, body: bytes) -> Part:
        """Send one part; repeated at will, since a part takes the place of its own earlier try."""
        query = {"uploadId": upload, "partNumber": str(number)}
        response = self._wire.ask("PUT", key, query, body=body, body_hash=hashlib.sha256(body).hexdigest())
        return Part(len(body), _found(response, len(body), "PUT", key).etag)

    def complete(self, key: str, upload: str, etags: dict[int, str]) -> None:
        """Make the object of its parts, where there is none under the key yet."""
        body = s3_xml.parts_list(etags)
        headers = {"Content-Type": "application/xml", **_condition(None)}
        root, query = "CompleteMultipartUploadResult", {"uploadId": upload}
        self._wire.xml("POST", key, query, headers=headers, body=body, root=root, repeatable=False)

    def abort(self, key: str, upload: str) -> None:
        """Give an upload up; one that is gone is no error."""
        try:
            self._wire.ask("DELETE", key, {"uploadId": upload})
        except Refused as refusal:
            if not is_missing(refusal):
                raise


def settled_by_looking(failure: Exception) -> bool:
    """Whether a write that ended so may have taken effect: a look at the object tells."""
    return isinstance(failure, AnswerLost) or (isinstance(failure, BadAnswer) and 200 <= failure.status < 300)


def _condition(if_match: str | None) -> dict[str, str]:
    return {"If-None-Match": "*"} if if_match is None else {"If-Match": if_match}


def _meta(metadata: Mapping[str, str]) -> dict[str, str]:
    return {META + name: value for name, value in metadata.items()}


def _found(response: Response, size: int, method: str, key: str) -> Found:
    headers = response.headers
    if not headers.get("etag"):
        raise unexpected(method, key, response.status, "no ETag")
    metadata = {name[len(META) :]: value for name, value in headers.items() if name.startswith(META)}
    return Found(headers["etag"], size, headers.get("content-type", ""), metadata, _modified(headers))


def _modified(headers: Mapping[str, str]) -> float:
    try:
        return parsedate_to_datetime(headers["last-modified"]).timestamp()
    except (KeyError, ValueError, TypeError, OverflowError):
        return 0.0


def _part(each: Mapping[str, str], key: str) -> tuple[int, Part]:
    try:
        return int(each["PartNumber"]), Part(int(each["Size"]), each["ETag"])
    except (KeyError, ValueError):
        raise unexpected("GET", key, 200, "a part without number, size or ETag") from None


def _text(root: Element, name: str, method: str, key: str) -> str:
    text = root.findtext(name, "")
    if not text:
        raise unexpected(method, key, 200, f"no {name}")
    return text
