"""Publishes to R2 that meet: one of them has published it, and no pointer moves back."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable

import pytest

from chittyactions.publish.model import Pointer, Release, Result, Status
from chittylocal import Fault
from chittylocal.r2 import BUCKET
from publish.r2.bucket import MEBIBYTE, Shop, made_up

pytestmark = pytest.mark.engines

PATIENCE = 20.0


def at_once(*work: Callable[[], Result]) -> list[Result]:
    """Run each in a thread of its own; their results in order."""
    results: dict[int, Result] = {}

    def run(number: int) -> None:
        results[number] = work[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [results[number] for number in range(len(work))]


def overtaken(shop: Shop, slow: Release, request: str, meanwhile: Callable[[], object], skip: int = 0) -> Result:
    """The result of a publish in front of whose `request` (after `skip` such) all of `meanwhile` happens."""
    method, _, key = request.partition(" ")
    shop.local.fault("r2", method, f"/{BUCKET}/{shop.service}/{key}", Fault("hold", skip=skip, times=1))
    results: list[Result] = []
    running = threading.Thread(target=lambda: results.append(shop.publish(slow)))
    running.start()
    end = time.monotonic() + PATIENCE
    while not shop.local.held("r2"):
        assert running.is_alive(), results
        assert time.monotonic() < end
        time.sleep(0.01)
    meanwhile()
    shop.local.clear_faults()
    running.join(PATIENCE)
    return results[0]


@pytest.mark.parametrize("size", [1000, 12 * MEBIBYTE], ids=["whole", "in parts"])
def test_two_runs_of_one_version_at_once(shop: Shop, size: int) -> None:
    """One publishes, the other says `already`; nothing is there twice."""
    release = shop.release("1.0.0", shop.file("hello.tgz", made_up(size)))
    results = at_once(*[lambda: shop.publish(release, hurried=False)] * 2)
    assert sorted(result.status.value for result in results) == ["already", "published"], results
    assert set(shop.objects) == {"1.0.0/hello.tgz", "latest/hello.tgz", "metadata.json"}
    assert shop.objects["1.0.0/hello.tgz"].sha256 == release.tarball.sha256
    for key in ("latest/hello.tgz", "metadata.json"):
        path = f"/{BUCKET}/{shop.service}/{key}"
        done = [e["status"] for e in shop.local.requests("r2") if e["method"] == "PUT" and e["path"] == path]
        assert done.count(200) == 1


@pytest.mark.parametrize(
    "version, newest, place",
    [
        *(("1.0.0", "", place) for place in ("1.0.0/a.tgz", "1.0.0/b.tgz", "latest/a.tgz", "metadata.json")),
        *(("1.0.0", "1.1.0", f"1.0.0/{name}.tgz") for name in "ab"),
        *(("1.0.0-beta.1", "", f"1.0.0-beta.1/{name}.tgz") for name in "ab"),
    ],
)
def test_one_write_decides_who_has_published(shop: Shop, version: str, newest: str, place: str) -> None:
    """Whatever each of two runs of one version has written, the fast one has published it: it made the last thing."""
    if newest:
        shop.publish(shop.release(newest, shop.file("a.tgz", b"newest")))
    release = shop.release(version, shop.file("a.tgz", b"a"), shop.file("b.tgz", b"b"))
    fast: list[Result] = []
    slow = overtaken(shop, release, f"PUT {place}", lambda: fast.append(shop.publish(release)))
    assert [result.status for result in (*fast, slow)] == [Status.PUBLISHED, Status.ALREADY]
    assert shop.publish(release).status is Status.ALREADY


@pytest.mark.parametrize("legacy", [False, True], ids=["", "of today's workflow"])
@pytest.mark.parametrize("place", ["latest/hello.tgz", "metadata.json"])
def test_a_slow_publish_demotes_nobody(shop: Shop, place: str, legacy: bool) -> None:
    """1.0.0 is about to move a pointer when 1.1.0 goes out under the same file name: every pointer stays at 1.1.0.

    The object of 1.1.0 may say nothing of itself, as today's workflow leaves it.
    """
    shop.publish(shop.release("0.9.0", shop.file("hello.tgz", b"0.9.0")))
    slow, fast = (shop.release(version, shop.file("hello.tgz", version.encode())) for version in ("1.0.0", "1.1.0"))
    if legacy:
        shop.put("1.1.0/hello.tgz", b"1.1.0")
    result = overtaken(shop, slow, f"PUT {place}", lambda: shop.publish(fast))
    assert result.status is Status.PUBLISHED
    assert result.pointers[-1].why == "1.1.0 is higher"
    assert (shop.metadata["version"], shop.read("latest/hello.tgz")) == ("1.1.0", b"1.1.0")
    assert shop.read("1.0.0/hello.tgz") == b"1.0.0"


def test_todays_workflow_is_not_demoted_either(shop: Shop) -> None:
    """What it puts into latest/ says no version: metadata.json is read again for it, in each look."""
    slow = shop.release("1.0.0", shop.file("hello.tgz", b"1.0.0"))

    def today() -> None:
        shop.put("metadata.json", json.dumps({"version": "1.1.0"}).encode())
        shop.put("latest/hello.tgz", b"1.1.0")

    result = overtaken(shop, slow, "PUT latest/hello.tgz", today)
    assert [pointer.why for pointer in result.pointers] == ["1.1.0 is higher"] * 2
    assert (shop.metadata["version"], shop.read("latest/hello.tgz")) == ("1.1.0", b"1.1.0")


def test_what_another_run_wrote_is_not_ours(shop: Shop) -> None:
    """The answer to the write of metadata.json is lost and another run writes it: that one has published it."""
    release = shop.release()
    path = f"/{BUCKET}/{shop.service}/metadata.json"
    shop.local.fault("r2", "PUT", path, Fault("status", status=502, times=1))
    fast: list[Result] = []

    def meanwhile() -> None:
        time.sleep(1.1)  # when it was published is told in seconds
        fast.append(shop.publish(release))

    slow = overtaken(shop, release, "GET metadata.json", meanwhile, skip=2)
    assert [result.status for result in (*fast, slow)] == [Status.PUBLISHED, Status.ALREADY]


@pytest.mark.parametrize("place", ["latest/hello.tgz", "metadata.json"])
def test_a_slow_publish_overtakes_a_lower_version(shop: Shop, place: str) -> None:
    """1.1.0 is about to move a pointer when 1.0.0 goes out: it looks again, and every pointer ends at 1.1.0."""
    slow, fast = (shop.release(version, shop.file("hello.tgz", version.encode())) for version in ("1.1.0", "1.0.0"))
    result = overtaken(shop, slow, f"PUT {place}", lambda: shop.publish(fast))
    assert result.status is Status.PUBLISHED
    assert result.pointers[-1] == Pointer("metadata.json", "1.0.0", "1.1.0")
    assert shop.metadata["sha256"] == hashlib.sha256(b"1.1.0").hexdigest()
    assert shop.read("latest/hello.tgz") == b"1.1.0"
