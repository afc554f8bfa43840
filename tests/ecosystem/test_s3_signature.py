"""Our signatures against botocore's, over what is hard to quote."""

from __future__ import annotations

import hashlib
from datetime import datetime, timezone
from urllib.parse import unquote, urlsplit

import pytest
from botocore.auth import S3SigV4Auth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.compat import HTTPHeaders  # type: ignore[import-untyped]
from botocore.credentials import Credentials  # type: ignore[import-untyped]
from botocore.utils import percent_encode  # type: ignore[import-untyped]

from chittyactions.ecosystem.s3_signature import Keys, path_of, query_of, sign

pytestmark = pytest.mark.engines  # botocore is the oracle, and takes its time to import

KEYS = Keys("767c3df6c4f648716e0ad2916bdae0ea", hashlib.sha256(b"token").hexdigest())
MOMENT = datetime(2026, 11, 21, 12, 0, 0, tzinfo=timezone.utc)

HARD = {
    "plain": "hello/1.0.0/hello-1.0.0.tgz",
    "build metadata": "hello/1.0.0+build.5/hello-1.0.0+build.5.tgz",
    "spaces": "a b/ c .tgz",
    "unicode": "grüße/日本/🚀.tgz",
    "percent": "100%/%41/%2F%2f.tgz",
    "reserved": "a!*'();:@&=+$,?#[]b",
    "unreserved": "AZaz09-_.~",
    "double slash": "a//b/",
    "dots": "a/../b/./c",
    "quotes": '"quoted" <and> `more` {x}|y^\\z',
}

QUERIES: dict[str, dict[str, str]] = {
    "none": {},
    "empty value": {"uploads": ""},
    "order": {"uploadId": "x", "partNumber": "2"},
    "case": {"b": "1", "B": "2", "a": "3"},
    "hard values": {"prefix": "a b+c/%41&=é~", "uploadId": "AB+/=="},
    "prefix of each other": {"part": "1", "part-number-marker": "0"},
}


def theirs(method: str, url: str, headers: dict[str, str], body_hash: str) -> str:
    """The Authorization header that botocore makes of the same request."""
    request = AWSRequest(method=method, url=url, headers=headers)
    request.context["timestamp"] = MOMENT.strftime("%Y%m%dT%H%M%SZ")
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    request.headers["X-Amz-Content-SHA256"] = body_hash
    auth = S3SigV4Auth(Credentials(KEYS.id, KEYS.secret), "s3", "auto")
    signed: HTTPHeaders = auth.headers_to_sign(request)
    scope = f"{KEYS.id}/{auth.credential_scope(request)}"
    signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={auth.signed_headers(signed)}, Signature={signature}"


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("key", HARD)
def test_hard_keys_and_queries(key: str, query: str) -> None:
    """Every byte that could be quoted in two ways is quoted as S3 does."""
    url = "https://account.r2.cloudflarestorage.com" + path_of("bucket", HARD[key])
    if QUERIES[query]:
        url += "?" + query_of(QUERIES[query].items())
    body_hash = hashlib.sha256(b"body").hexdigest()
    headers = {"Content-Type": "application/gzip", "If-None-Match": "*"}
    ours = sign("PUT", url, headers, body_hash, KEYS, moment=MOMENT, region="auto")
    assert ours["Authorization"] == theirs("PUT", url, headers, body_hash)
    assert unquote(urlsplit(url).path) == f"/bucket/{HARD[key]}"
    assert urlsplit(url).path == "/bucket/" + percent_encode(
        HARD[key], safe="/~"
    )  # as a store spells it before it checks


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9000", "https://s3.example.com:8443", "https://s3.example.com"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
def test_methods_and_ports(method: str, endpoint: str) -> None:
    """The port is a part of the signed host where it is not the scheme's own."""
    url = f"{endpoint}/bucket/key"
    empty = hashlib.sha256(b"").hexdigest()
    ours = sign(method, url, {}, empty, KEYS, moment=MOMENT, region="auto")
    assert ours["Authorization"] == theirs(method, url, {}, empty)
    assert ours["Host"] == urlsplit(url).netloc


def test_header_values_are_folded() -> None:
    """White space within and around a value counts once, as S3 sees it."""
    headers = {"x-amz-meta-note": "  two   words ", "X-Amz-Copy-Source": path_of("bucket", "a b+c")}
    body_hash = hashlib.sha256(b"").hexdigest()
    ours = sign("PUT", "https://s3.example.com/b/k", headers, body_hash, KEYS, moment=MOMENT, region="auto")
    assert ours["Authorization"] == theirs("PUT", "https://s3.example.com/b/k", headers, body_hash)


def test_the_secret_is_not_shown() -> None:
    """Keys in a traceback or a log keep the secret to themselves."""
    assert KEYS.secret not in repr(KEYS)
    assert KEYS.secret not in str(sign("GET", "https://x/y", {}, "0" * 64, KEYS, moment=MOMENT, region="auto"))
