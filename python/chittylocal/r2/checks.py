"""What R2 verifies and moto does not: the body against its hashes, parts, conditions, the signature's form."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from xml.etree import ElementTree as ET

from chittylocal.r2.refusals import Refused
from chittylocal.r2.store import Object

SKEW = 15 * 60.0
"""Seconds by which a caller's clock may differ."""

SMALLEST_PART = 5 * 1024 * 1024
MOST_PARTS = 10_000

REGIONS = frozenset({"auto", "us-east-1", "wnam", "enam", "weur", "eeur", "apac", "oc"})

SCOPE = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<id>[^/,\s]+)/(?P<day>\d{8})/(?P<region>[\w-]+)/(?P<service>\w+)/aws4_request, *"
    r"SignedHeaders=(?P<signed>[\w;-]+), *Signature=[0-9a-f]{64}"
)

CHECKSUMS: dict[str, Callable[[bytes], bytes]] = {
    "crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "sha256": lambda body: hashlib.sha256(body).digest(),
}


def signature_form(headers: Mapping[str, str], moment: datetime) -> None:
    """The signature is there, is of the kind that R2 knows, covers what it has to, and is of this hour."""
    given = headers.get("authorization", "")
    if not given:
        raise Refused(403, "AccessDenied", "Access Denied: the request is not signed.")
    scope = SCOPE.fullmatch(given)
    if not scope:
        raise Refused(400, "AuthorizationHeaderMalformed", "The Authorization header is no AWS4-HMAC-SHA256 signature.")
    if scope["service"] != "s3" or scope["region"] not in REGIONS:
        raise Refused(400, "InvalidRegionName", "The region is auto, and the service s3.")
    signed = scope["signed"].split(";")
    if signed != sorted(set(signed)):
        raise Refused(403, "SignatureDoesNotMatch", "The signed headers are not in order.")
    needed = {"host", "x-amz-content-sha256"} | {name for name in headers if name.startswith("x-amz-")}
    if missing := needed - set(signed):
        raise Refused(403, "AccessDenied", f"There were headers present that were not signed: {', '.join(missing)}")
    try:
        when = datetime.strptime(headers.get("x-amz-date", ""), "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        raise Refused(403, "AccessDenied", "x-amz-date is missing or is no time.") from None
    if when.strftime("%Y%m%d") != scope["day"]:
        raise Refused(403, "SignatureDoesNotMatch", "The credential's date is not that of x-amz-date.")
    if abs((moment - when).total_seconds()) > SKEW:
        raise Refused(
            403, "RequestTimeTooSkewed", "The difference between request time and the time here is too large."
        )


def body_is_as_said(headers: Mapping[str, str], body: bytes) -> None:
    """Every hash that the request names is the body's."""
    said = headers.get("x-amz-content-sha256", "")
    if said.startswith("STREAMING-"):
        raise Refused(501, "NotImplemented", f"{said} is not implemented here: send the body's own hash.")
    if said != "UNSIGNED-PAYLOAD" and said != hashlib.sha256(body).hexdigest():
        raise Refused(400, "XAmzContentSHA256Mismatch", "The provided x-amz-content-sha256 is not that of the body.")
    md5 = headers.get("content-md5")
    if md5 is not None and hashlib.md5(body, usedforsecurity=False).digest() != _decoded(md5, 16):
        raise Refused(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
    for name, value in headers.items():
        kind = name.removeprefix("x-amz-checksum-")
        if kind == name or kind in ("algorithm", "type", "mode"):
            continue
        if kind not in CHECKSUMS:
            raise Refused(501, "NotImplemented", f"Checksums of the kind {kind} are not implemented here.")
        actual = CHECKSUMS[kind](body)
        if actual != _decoded(value, len(actual)):
            raise Refused(400, "BadDigest", f"The {kind} you specified did not match what we received.")


def _decoded(text: str, length: int) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != length:
        raise Refused(400, "InvalidDigest", "A checksum you specified is not valid.")
    return value


def conditions(headers: Mapping[str, str], there: Object | None, prefix: str = "") -> None:
    """If-Match and If-None-Match of a write, held to what is there; `prefix` for those of a copy's two sides."""
    wanted, unwanted = headers.get(prefix + "if-match"), headers.get(prefix + "if-none-match")
    if wanted is not None and (there is None or not _matches(wanted, there)):
        raise Refused(412, "PreconditionFailed", "At least one of the preconditions you specified did not hold.")
    if unwanted is not None and there is not None and _matches(unwanted, there):
        raise Refused(412, "PreconditionFailed", "At least one of the preconditions you specified did not hold.")


def _matches(wanted: str, there: Object) -> bool:
    return any(tag.strip() == "*" or tag.strip().strip('"') == there.etag for tag in wanted.split(","))


def part_number(text: str) -> None:
    """A part has a number from 1 to 10000."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_PARTS:
        raise Refused(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive.")


def parts_fit(body: bytes, parts: Mapping[int, tuple[int, str]]) -> None:
    """The list of a completion names parts that are there, in order, by their ETags; all but the last equally long."""
    try:
        root = ET.fromstring(body)  # noqa: S314 - the caller holds a key of this very backend
    except ET.ParseError:
        raise Refused(400, "MalformedXML", "The list of parts is no XML.") from None
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    named: list[tuple[int, str]] = []
    for element in root.iter(f"{space}Part"):
        text = element.findtext(f"{space}PartNumber", "")
        part_number(text)
        named.append((int(text), (element.findtext(f"{space}ETag") or "").strip().strip('"')))
    if not named:
        raise Refused(400, "MalformedXML", "A completion names at least one part.")
    numbers = [number for number, _ in named]
    if numbers != sorted(set(numbers)):
        raise Refused(400, "InvalidPartOrder", "The list of parts was not in ascending order.")
    for number, etag in named:
        if number not in parts or parts[number][1] != etag:
            raise Refused(400, "InvalidPart", "One or more of the specified parts could not be found.")
    sizes = [parts[number][0] for number in numbers]
    if any(size < SMALLEST_PART for size in sizes[:-1]):
        raise Refused(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed object size.")
    if len(set(sizes[:-1])) > 1 or sizes[-1] > sizes[0]:
        raise Refused(400, "InvalidPart", "All non-trailing parts must have the same length.")
