"""The local R2 is as strict as R2: what moto alone takes is refused, and what is taken stays over a restart."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.auth import S3SigV4Auth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.credentials import Credentials  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from chittylocal import Fault, Local
from chittylocal.r2 import BUCKET

pytestmark = pytest.mark.engines

MEBIBYTE = 1024 * 1024
PART = 5 * MEBIBYTE


@pytest.fixture(scope="module")
def local() -> Iterator[Local]:
    """One backend for the module."""
    with Local() as running:
        yield running


def keys(local: Local, token: str = "", route: str = "") -> tuple[str, str]:
    """Access key id and secret as Cloudflare documents them: the token's id, and the SHA-256 of its value."""
    token, route = token or local.cloudflare_token, route or f"accounts/{local.account_id}/tokens/verify"
    connection = http.client.HTTPConnection(local.url.removeprefix("http://"))
    connection.request("GET", f"/cloudflare/client/v4/{route}", headers={"Authorization": f"Bearer {token}"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer["result"]["id"], hashlib.sha256(token.encode()).hexdigest()


def boto(local: Local, access: tuple[str, str] | None = None) -> Any:
    """boto3's client."""
    id_, secret = access or keys(local)
    config = Config(retries={"max_attempts": 1}, request_checksum_calculation="when_required")
    return boto3.client(
        "s3",
        endpoint_url=local.r2_url,
        aws_access_key_id=id_,
        aws_secret_access_key=secret,
        region_name="auto",
        config=config,
    )


def code_of(call: Any, **arguments: Any) -> str:
    """S3's code of a refusal; "" when it was no refusal."""
    try:
        call(Bucket=BUCKET, **arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def send(
    local: Local, method: str, key: str, body: bytes = b"", *, sign: Mapping[str, str] | None = None,
    then: Mapping[str, str] | None = None, said: bytes | None = None, region: str = "auto", age: float = 0.0,
    signed: bool = True,
) -> tuple[int, str]:  # fmt: skip
    """Send a request that botocore signed: `sign` are headers that it covers, `then` what is changed afterwards.

    `said` is the body that the hash is of. Returns status and S3's code.
    """
    id_, secret = keys(local)
    url = f"{local.r2_url}/{BUCKET}/{key}"
    request = AWSRequest(method=method, url=url, data=body if said is None else said, headers=dict(sign or {}))
    stamp = (datetime.now(timezone.utc) - timedelta(seconds=age)).strftime("%Y%m%dT%H%M%SZ")
    auth = S3SigV4Auth(Credentials(id_, secret), "s3", region)
    request.context["timestamp"] = stamp
    request.headers["X-Amz-Date"] = stamp
    request.headers["X-Amz-Content-SHA256"] = hashlib.sha256(body if said is None else said).hexdigest()
    for name, value in (sign or {}).items():
        del request.headers[name]
        request.headers[name] = value
    if signed:
        covered = auth.signed_headers(auth.headers_to_sign(request))
        signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        scope = f"{id_}/{auth.credential_scope(request)}"
        request.headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={covered}, Signature={signature}"
        )
    headers = {**dict(request.headers.items()), **(then or {})}
    connection = http.client.HTTPConnection(local.r2_url.removeprefix("http://"))
    connection.request(method, url.removeprefix(local.r2_url), body=body, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, text.partition("<Code>")[2].partition("</Code>")[0]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


WRONG = hashlib.sha256(b"something else")

REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "a tampered body": ({"body": b"evil", "said": b"good"}, 400, "XAmzContentSHA256Mismatch"),
    "another SHA-256": ({"sign": {"x-amz-checksum-sha256": b64(WRONG.digest())}}, 400, "BadDigest"),
    "another CRC-32": ({"sign": {"x-amz-checksum-crc32": b64(b"abcd")}}, 400, "BadDigest"),
    "another SHA-1": ({"sign": {"x-amz-checksum-sha1": b64(b"a" * 20)}}, 400, "BadDigest"),
    "another MD5": ({"sign": {"Content-MD5": b64(b"a" * 16)}}, 400, "BadDigest"),
    "a checksum that is none": ({"sign": {"x-amz-checksum-sha256": "not base64"}}, 400, "InvalidDigest"),
    "an MD5 that is none": ({"sign": {"Content-MD5": b64(b"short")}}, 400, "InvalidDigest"),
    "a checksum of an unknown kind": ({"sign": {"x-amz-checksum-crc64nvme": b64(b"a" * 8)}}, 501, "NotImplemented"),
    "a streamed signature": (
        {"sign": {"X-Amz-Content-SHA256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}}, 501, "NotImplemented",
    ),
    "no signature": ({"signed": False}, 403, "AccessDenied"),
    "a bearer": ({"then": {"Authorization": "Bearer x"}}, 400, "AuthorizationHeaderMalformed"),
    "another region": ({"region": "mars"}, 400, "InvalidRegionName"),
    "a clock that is late": ({"age": 16 * 60}, 403, "RequestTimeTooSkewed"),
    "a clock that is early": ({"age": -16 * 60}, 403, "RequestTimeTooSkewed"),
    "a header changed on its way": (
        {"sign": {"x-amz-meta-v": "1"}, "then": {"x-amz-meta-v": "2"}}, 403, "SignatureDoesNotMatch",
    ),
    "a header that is not signed": ({"then": {"x-amz-meta-v": "2"}}, 403, "AccessDenied"),
    "a type changed on its way": (
        {"sign": {"Content-Type": "text/plain"}, "then": {"Content-Type": "text/html"}}, 403, "SignatureDoesNotMatch",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_moto_alone_would_take(local: Local, name: str) -> None:
    """Each is refused with S3's own code, and leaves nothing behind."""
    how, status, code = REFUSED[name]
    arguments: dict[str, Any] = {"body": b"good", **how}
    assert send(local, "PUT", f"refused/{name.replace(' ', '-')}", **arguments) == (status, code)
    assert not any(key.startswith("refused/") for key in local.r2.objects())


def test_true_checksums_are_taken(local: Local) -> None:
    """What is refused above is refused for its value, not for its kind."""
    body = b"good"
    sums = {
        "x-amz-checksum-sha256": b64(hashlib.sha256(body).digest()),
        "Content-MD5": b64(hashlib.md5(body).digest()),
    }
    assert send(local, "PUT", "taken", body, sign=sums) == (200, "")
    assert send(local, "PUT", "taken", body, sign={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}) == (200, "")
    assert local.r2.read(BUCKET, "taken") == body


def test_keys_of_others(local: Local) -> None:
    """An unknown id and a wrong secret are told apart."""
    id_, secret = keys(local)
    assert code_of(boto(local, ("nobody", secret)).get_object, Key="x") == "InvalidAccessKeyId"
    stranger = boto(local, (id_, "f" * 64))
    assert code_of(stranger.get_object, Key="x") == "SignatureDoesNotMatch"
    local.r2.put(BUCKET, "there", b"1")  # and nobody learns by a condition what is there
    assert code_of(stranger.put_object, Key="there", Body=b"2", IfNoneMatch="*") == "SignatureDoesNotMatch"


def test_a_revoked_token_is_no_key_any_more(local: Local) -> None:
    """The keys live as long as the token that they are made of; both routes name the same id."""
    token = "a-token-of-one-job"
    local.state.leases.add(token, name="CLOUDFLARE_API_TOKEN", kind="test", way="provision", token_id="job-1")
    access = keys(local, token)
    assert access == keys(local, token, "user/tokens/verify")
    assert access[0] == "job-1"
    assert code_of(boto(local, access).put_object, Key="mine", Body=b"1") == ""
    local.state.leases.revoke("job-1")
    assert code_of(boto(local, access).put_object, Key="mine", Body=b"2") == "InvalidAccessKeyId"
    assert local.r2.read(BUCKET, "mine") == b"1"


def test_conditions(local: Local) -> None:
    """Create-only, compare-and-swap, and both on a copy's destination, as R2 has them."""
    s3 = boto(local)
    etag = s3.put_object(Bucket=BUCKET, Key="if", Body=b"1", IfNoneMatch="*")["ETag"]
    for arguments in ({"IfNoneMatch": "*"}, {"IfMatch": '"other"'}):
        assert code_of(s3.put_object, Key="if", Body=b"2", **arguments) == "PreconditionFailed"
    assert code_of(s3.put_object, Key="nothing", Body=b"2", IfMatch=etag) == "PreconditionFailed"
    assert code_of(s3.put_object, Key="if", Body=b"3", IfMatch=etag) == ""
    copy = {"sign": {"x-amz-copy-source": f"/{BUCKET}/if", "cf-copy-destination-if-none-match": "*"}}
    assert send(local, "PUT", "if-copy", **copy) == (200, "")  # type: ignore[arg-type]
    assert send(local, "PUT", "if-copy", **copy) == (412, "PreconditionFailed")  # type: ignore[arg-type]
    assert local.r2.read(BUCKET, "if-copy") == local.r2.read(BUCKET, "if") == b"3"


def test_parts(local: Local) -> None:
    """Parts but the last are equally long and large enough, named in order by their ETags; a completion comes once."""
    s3 = boto(local)
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="parts", Metadata={"v": "1"})["UploadId"]
    sizes = {1: PART, 2: PART + 1, 3: 9, 4: PART}
    etags = {
        number: s3.upload_part(Bucket=BUCKET, Key="parts", UploadId=upload, PartNumber=number, Body=bytes(size))["ETag"]
        for number, size in sizes.items()
    }

    def complete(*numbers: int, **how: Any) -> str:
        parts = [{"PartNumber": number, "ETag": how.get("etag", etags[number])} for number in numbers]
        more = {"IfNoneMatch": "*"} if how.get("new") else {}
        return code_of(
            s3.complete_multipart_upload, Key="parts", UploadId=upload, MultipartUpload={"Parts": parts}, **more
        )

    assert complete(1, 2, 3) == "InvalidPart"
    assert complete(3, 4) == "EntityTooSmall"
    assert complete(1, 2) == "InvalidPart"  # the last may be shorter, not longer
    assert complete(4, 1) == "InvalidPartOrder"
    assert complete(1, 3, etag='"0"') == "InvalidPart"
    assert code_of(s3.upload_part, Key="parts", UploadId="none", PartNumber=1, Body=b"") == "NoSuchUpload"
    assert code_of(s3.upload_part, Key="parts", UploadId=upload, PartNumber=0, Body=b"") == "InvalidArgument"
    local.r2.put(BUCKET, "parts", b"there")
    assert complete(1, 4, 3, new=True) == "InvalidPartOrder"
    assert complete(1, 3, new=True) == "PreconditionFailed"
    assert complete(1, 3) == ""
    assert complete(1, 3) == "NoSuchUpload"
    assert local.r2.objects()["parts"].size == PART + 9
    assert local.r2.objects()["parts"].metadata == {"v": "1"}
    assert local.r2.uploads() == []


def test_objects_outlive_the_backend(tmp_path: Path) -> None:
    """The next backend in the folder serves them with all they had; one beside it, in the same process, has none."""
    with Local(tmp_path) as first:
        boto(first).put_object(Bucket=BUCKET, Key="a b+é/x", Body=b"1", ContentType="text/x", Metadata={"v": "1"})
        before = first.r2.objects()
        with Local() as other:
            assert boto(other).list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
    with Local(tmp_path) as second:
        assert second.r2.objects() == before
        found = boto(second).get_object(Bucket=BUCKET, Key="a b+é/x")
        assert found["Body"].read() == b"1"
        assert (found["ContentType"], found["Metadata"]) == ("text/x", {"v": "1"})
        boto(second).delete_object(Bucket=BUCKET, Key="a b+é/x")
        assert second.r2.objects() == {}
        assert list((tmp_path / "r2/contents").iterdir()) == []
    assert hashlib.sha256(first.cloudflare_token.encode()).hexdigest() not in "".join(
        path.read_text("utf-8", "ignore") for path in tmp_path.rglob("*") if path.is_file()
    )


def test_faults_and_records(local: Local) -> None:
    """A fault hits R2 as it hits the others, also after the effect; requests are written down by path."""
    local.forget_requests()
    local.fault("r2", "PUT", f"/{BUCKET}/lost", Fault("reset", after_effect=True, times=1))
    with pytest.raises(ConnectionError):
        send(local, "PUT", "lost", b"x")
    assert local.r2.read(BUCKET, "lost") == b"x"
    assert [(e["method"], e["path"], e["fault"], e["auth"]) for e in local.requests("r2")] == [
        ("PUT", f"/{BUCKET}/lost", "reset", "aws4-hmac-sha256")
    ]
    local.clear_faults()
