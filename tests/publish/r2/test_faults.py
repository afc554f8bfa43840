"""The fault matrix on R2: message, time and number of requests of one call, and what a publish makes of each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chittyactions.ecosystem.s3_signature import Keys
from chittyactions.errors import ChittyError, Refused, ServiceError
from chittyactions.publish.flow import status_of
from chittyactions.publish.model import Status
from chittyactions.publish.r2_upload import slices
from chittylocal import Fault
from chittylocal.r2 import BUCKET
from faults import FAULTS, PATIENCE, Case, bounded
from publish.r2.bucket import MEBIBYTE, Shop, made_up

LOST = {
    "reset",
    "close",
    "hang",
    "slow drip",
    "slow drip in the headers",
    "truncated",
    "garbage",
    "html",
    "empty",
    "huge",
}
LOST |= {"500", "502", "504"}
"""After these a write may have taken effect."""

SAYS = {"html": "something unexpected (HTTP 200", "empty": "something unexpected (HTTP 200"}
"""What a person reads where S3 is no JSON API."""


def origin_of(shop: Shop, name: str) -> str:
    """Where the fault is, or the bucket's own address."""
    return {"refused": shop.local.closed_url, "bad certificate": shop.local.bad_tls_url}.get(name, shop.local.r2_url)


@pytest.mark.parametrize("way", ["read", "write"])
@pytest.mark.parametrize("name", FAULTS)
def test_one_call(shop: Shop, name: str, way: str) -> None:
    """Each fault is told with a remedy and no body, by its deadline; a conditional write is sent once."""
    case: Case = FAULTS[name]
    keys = shop.keys()
    shop.put("key", b"x")
    seconds = PATIENCE if case.silent else 8.0
    method = "GET" if way == "read" else "PUT"
    if case.fault:
        shop.local.fault("r2", method, f"/{BUCKET}/{shop.service}/*", case.fault)
    s3 = shop.s3(keys, seconds=seconds, origin=origin_of(shop, name))
    message = ""
    with bounded(seconds):
        try:
            if way == "read":
                s3.get(f"{shop.service}/key", limit=1024 * 1024)
            else:
                s3.put(f"{shop.service}/new", b"x", content_type="text/plain", metadata={}, if_match=None)
        except ServiceError as error:
            message = str(error)
    assert SAYS.get(name, case.expected.words) in message
    assert ("Fix: " in message) == bool(message)
    assert not any(word in message for word in ("Just a moment", "xxxx", keys.secret))
    expected = case.expected.repeatable if way == "read" else case.expected.once_only
    assert [entry["method"] for entry in shop.local.requests("r2")] == [method] * expected
    assert shop.local.requests("elsewhere") == []


@pytest.mark.parametrize("after_effect", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", [name for name, case in FAULTS.items() if case.fault])
def test_a_publish_whose_write_meets_it(shop: Shop, name: str, after_effect: bool) -> None:
    """A write that may have taken effect is looked for: found, it is published; not found, unknown and never failed.

    After the fault a rerun brings the rest, whatever the first run said.
    """
    case: Case = FAULTS[name]
    assert case.fault
    path = f"/{BUCKET}/{shop.service}/1.0.0/*"
    shop.local.fault("r2", "PUT", path, replace(case.fault, after_effect=after_effect))
    release = shop.release()
    result = shop.publish(release, seconds=2 * PATIENCE if case.silent else 60)

    there = f"1.0.0/{release.tarball.name}" in shop.objects
    assert there == (after_effect or name == "503 once")
    if result.failure is None:
        assert there
        assert result.status is Status.PUBLISHED
        assert shop.metadata["version"] == "1.0.0"
    else:
        assert result.status is (Status.UNKNOWN if name in LOST else Status.FAILED)
        assert "metadata.json" not in shop.objects
    if after_effect and not case.silent and name in LOST:
        assert result.status is Status.PUBLISHED  # looking cleared it up

    shop.local.clear_faults()
    assert shop.publish(release).status in (Status.PUBLISHED, Status.ALREADY)
    assert shop.objects[f"1.0.0/{release.tarball.name}"].sha256 == release.tarball.sha256
    assert shop.metadata["version"] == "1.0.0"


@pytest.mark.parametrize("name", FAULTS)
def test_a_publish_that_can_not_look(shop: Shop, name: str) -> None:
    """Where nothing can be read, nothing is written, and that is a failure with nothing in doubt."""
    case: Case = FAULTS[name]
    if case.fault:
        shop.local.fault("r2", "*", f"/{BUCKET}/{shop.service}/*", case.fault)
    seconds = PATIENCE if case.silent else 8.0
    with bounded(seconds + 1):
        result = shop.publish(shop.release(), seconds=seconds, origin=origin_of(shop, name))
    if name == "503 once":
        assert result.status is Status.PUBLISHED
    else:
        assert result.status is Status.FAILED
        assert result.failure
        assert result.failure.fix
        assert shop.objects == {}
        writes = [entry for entry in shop.local.requests("r2") if entry["method"] != "HEAD"]
        assert writes == [] or name == "404"  # a look that sees nothing there; the write is refused then


@pytest.mark.parametrize("name", [name for name in FAULTS if name != "503 once"])
def test_a_token_that_can_not_be_verified(shop: Shop, name: str) -> None:
    """Nothing was sent to R2, and the failure says so: whatever befell the question, nothing is in doubt."""
    case: Case = FAULTS[name]
    url = shop.local.urls()["CLOUDFLARE_API_BASE_URL"]
    if case.fault:
        shop.local.fault("cloudflare", "GET", "*/tokens/verify", case.fault)
    else:
        url = origin_of(shop, name)
    with pytest.raises(ChittyError) as error:
        shop.publish(shop.release(), cloudflare_url=url, patience=PATIENCE if case.silent else 8.0)
    assert status_of(error.value) is Status.FAILED
    assert error.value.fix
    assert shop.local.requests("r2") == []


LARGE = 12 * MEBIBYTE


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_look_that_fails_after_the_last_write(shop: Shop, status: int) -> None:
    """The upload was completed, and whether it is whole can't be seen: it is out, or may be."""
    shop.local.fault("r2", "HEAD", "*/big.tgz", Fault("status", status=status, skip=1))
    result = shop.publish(shop.release("1.0.0", shop.file("big.tgz", made_up(LARGE))))
    assert result.status is Status.UNKNOWN
    assert f"HTTP {status}" in str(result.failure)


@pytest.mark.parametrize("size", [1000, LARGE], ids=["whole", "in parts"])
def test_a_write_that_is_refused_after_one_that_was_lost(shop: Shop, size: int) -> None:
    """The first may land yet, so that no refusal of the second makes it a failure."""
    release = shop.release("1.0.0", shop.file("hello.tgz", made_up(size)))
    method, skip = ("PUT", 0) if size == 1000 else ("POST", 1)
    for fault in (Fault("status", status=502, skip=skip, times=1), Fault("status", status=403, skip=skip)):
        shop.local.fault("r2", method, f"/{BUCKET}/{shop.service}/1.0.0/*", fault)
    result = shop.publish(release)
    assert result.status is Status.UNKNOWN
    assert "was lost (HTTP 502)" in str(result.failure)


def test_a_second_try_that_fails_after_a_completion_that_was_lost(shop: Shop) -> None:
    """That nothing of the second was completed says nothing of the first."""
    release = shop.release("1.0.0", shop.file("big.tgz", made_up(LARGE)))
    shop.local.fault("r2", "POST", f"/{BUCKET}/{shop.service}/*", Fault("status", status=502, skip=1))
    shop.local.fault("r2", "GET", f"/{BUCKET}", Fault("reset", skip=1))  # the open uploads
    result = shop.publish(release)
    assert result.status is Status.UNKNOWN
    assert "was lost (HTTP 502)" in str(result.failure)


def test_a_completion_whose_answer_was_lost(shop: Shop) -> None:
    """It is sent once: looking tells that it took effect, and that this run did it."""
    release = shop.release("1.0.0-beta.1", shop.file("big.tgz", made_up(LARGE)))
    shop.local.fault("r2", "POST", "*/big.tgz", Fault("reset", skip=1, times=1, after_effect=True))
    assert shop.publish(release).status is Status.PUBLISHED
    assert len(shop.asked("POST")) == 2


def test_an_upload_that_was_begun_with_another_hash(shop: Shop) -> None:
    """Taken up by its parts, it becomes an object that says something else of itself: that is seen, and told."""
    release = shop.release("1.0.0", shop.file("big.tgz", made_up(LARGE)))
    first, second = slices(release.tarball)
    s3, key, data = shop.s3(), f"{shop.service}/1.0.0/big.tgz", release.tarball.path.read_bytes()
    upload = s3.create_upload(key, content_type="application/gzip", metadata={"sha256": "0" * 64})
    for each in (first, second):
        s3.upload_part(key, upload, each.number, data[each.start : each.start + each.size])
    result = shop.publish(release)
    assert result.status is Status.FAILED
    assert "is not what was uploaded to it" in str(result.failure)
    assert set(shop.objects) == {"1.0.0/big.tgz"}


def test_a_copy_of_what_changed_meanwhile(shop: Shop) -> None:
    """A copy is of the very object that was looked at, or none."""
    shop.put("source", b"other bytes")
    with pytest.raises(Refused, match="PreconditionFailed"):
        shop.s3().copy(
            f"{shop.service}/source",
            '"the ETag before"',
            f"{shop.service}/copy",
            content_type="text/plain",
            metadata={},
            if_match=None,
        )
    assert "copy" not in shop.objects


def test_wrong_keys_are_told_apart(shop: Shop) -> None:
    """Each refusal of the keys names its cause."""
    keys = shop.keys()
    for wrong, code in (
        (Keys("nobody", keys.secret), "InvalidAccessKeyId"),
        (Keys(keys.id, "0" * 64), "SignatureDoesNotMatch"),
    ):
        with pytest.raises(ServiceError, match=code) as error:
            shop.s3(wrong).get("key", limit=4096)
        assert error.value.fix
        assert wrong.secret not in str(error.value)
