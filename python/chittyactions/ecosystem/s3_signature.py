"""Signature Version 4 for S3, by the standard library alone.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from urllib.parse import quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY = hashlib.sha256(b"").hexdigest()
"""The hash of no body."""


@dataclass(frozen=True)
class Keys:
    """An access key: its id, and the secret, which is never shown."""

    id: str
    secret: str = field(repr=False)


def path_of(*segments: str) -> str:
    """The quoted path to a bucket and a key, as it is signed and sent: `/bucket/folder/a%2Bb.tgz`.

    Slashes in a key part its folders, so they stay; S3 takes double ones as they are.
    """
    return "/" + "/".join(quote(segment, safe="/~") for segment in segments)


def query_of(parameters: Iterable[tuple[str, str]]) -> str:
    """The quoted query in the order in which it is signed; a parameter without a value still has its `=`."""
    return "&".join(f"{name}={value}" for name, value in sorted((_quoted(n), _quoted(v)) for n, v in parameters))


def sign(
    method: str, url: str, headers: Mapping[str, str], body_hash: str, keys: Keys, *, moment: datetime, region: str
) -> dict[str, str]:
    """The headers to send: `headers` with Host, X-Amz-Date, X-Amz-Content-Sha256 and Authorization.

    `url` is as it is sent: its path by `path_of`, its query by `query_of`. `body_hash` is the SHA-256 of the body in
    hex, so that a body that was changed on its way is refused. Every header of `headers` is signed.
    """
    parts = urlsplit(url)
    stamp = moment.astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    sent = {**headers, "Host": parts.netloc, "X-Amz-Date": stamp, "X-Amz-Content-Sha256": body_hash}
    lines = sorted((name.lower(), " ".join(value.split())) for name, value in sent.items())
    names = ";".join(name for name, _ in lines)
    canonical = "\n".join(
        [method, parts.path, parts.query, *(f"{name}:{value}" for name, value in lines), "", names, body_hash]
    )
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    to_sign = "\n".join([ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = b"AWS4" + keys.secret.encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    signature = _hmac(key, to_sign).hex()
    sent["Authorization"] = f"{ALGORITHM} Credential={keys.id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return sent


def _quoted(text: str) -> str:
    return quote(text, safe="~")


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
