"""The fault matrix on R2: message, time and number of requests of one call, and what a publish makes of each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chittyactions.ecosystem.s3_signature import Keys
from chittyactions.errors import ServiceError
from chittyactions.publish.model import Status
from chittylocal.r2 import BUCKET
from faults import FAULTS, PATIENCE, Case, bounded
from publish.r2.bucket import Shop

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
