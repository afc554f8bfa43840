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
LARGE = 12 * MEBIBYTE


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


@pytest.mark.parametrize("size", [1000, LARGE], ids=["whole", "in parts"])
def test_two_runs_of_one_version_at_once(shop: Shop, size: int) -> None:
    """One publishes, the other says `already`; nothing is there twice."""
    release = shop.release("1.0.0", shop.file("hello.tgz", made_up(size)))
    results = at_once(*[lambda: shop.publish(release, hurried=False)] * 2)
    assert sorted(result.status.value for result in results) == ["already", "published"], results
    assert set(shop.objects) == {"1.0.0/hello.tgz", "latest/hello.tgz", "metadata.json"}
    assert shop.objects["1.0.0/hello.tgz"].sha256 == release.tarball.sha256
    assert shop.uploads == []
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


def test_versions_of_one_rank_share_no_pointers(shop: Shop) -> None:
    """1.0.0+a is about to write latest/ when 1.0.0+b goes out: what metadata.json names is what latest/ holds."""
    slow, fast = (shop.release(f"1.0.0+{name}", shop.file("x.tgz", name.encode())) for name in "ab")
    result = overtaken(shop, slow, "PUT latest/x.tgz", lambda: shop.publish(fast))
    assert [pointer.why for pointer in result.pointers] == ["1.0.0+b is of the same rank"] * 2
    assert (shop.metadata["version"], shop.read("latest/x.tgz")) == ("1.0.0+b", b"b")


def test_a_version_of_one_rank_that_was_killed_keeps_nothing(shop: Shop) -> None:
    """1.0.0+a wrote latest/ and then ended: metadata.json does not name it, so that 1.0.0+b gets both."""
    shop.publish(shop.release("0.9.0", shop.file("x.tgz", b"before")))
    shop.put("latest/x.tgz", b"a", metadata={"version": "1.0.0+a"})
    shop.publish(shop.release("1.0.0+b", shop.file("x.tgz", b"b")))
    assert (shop.metadata["version"], shop.read("latest/x.tgz")) == ("1.0.0+b", b"b")


def test_todays_workflow_is_not_demoted_either(shop: Shop) -> None:
    """What it puts into latest/ says no version: metadata.json is read again for it, in each look."""
    slow = shop.release("1.0.0", shop.file("hello.tgz", b"1.0.0"))

    def today() -> None:
        shop.put("metadata.json", json.dumps({"version": "1.1.0"}).encode())
        shop.put("latest/hello.tgz", b"1.1.0")

    result = overtaken(shop, slow, "PUT latest/hello.tgz", today)
    assert [pointer.why for pointer in result.pointers] == ["1.1.0 is higher"] * 2
    assert (shop.metadata["version"], shop.read("latest/hello.tgz")) == ("1.1.0", b"1.1.0")


@pytest.mark.parametrize(
    "version, key, look, skip",
    [
        ("1.0.0-rc.1", "1.0.0-rc.1/x.tgz", "HEAD 1.0.0-rc.1/x.tgz", 1),
        ("1.0.0", "latest/x.tgz", "HEAD latest/x.tgz", 1),
        ("1.0.0", "metadata.json", "GET metadata.json", 2),
    ],
)
def test_what_another_run_wrote_is_not_ours(shop: Shop, version: str, key: str, look: str, skip: int) -> None:
    """The answer to a write without effect is lost and another run writes the very same: that one has published it."""
    release = shop.release(version, shop.file("x.tgz", b"x"))
    shop.local.fault("r2", "PUT", f"/{BUCKET}/{shop.service}/{key}", Fault("status", status=502, times=1))
    fast: list[Result] = []
    slow = overtaken(shop, release, look, lambda: fast.append(shop.publish(release)), skip=skip)
    assert [result.status for result in (*fast, slow)] == [Status.PUBLISHED, Status.ALREADY]
    if version == "1.0.0":
        assert shop.said.count("latest/x.tgz leads to 1.0.0") == 1


def test_what_another_run_completed_is_not_ours(shop: Shop) -> None:
    """A completion without effect is lost and another run makes the object: its mark is not ours, our upload goes."""
    release = shop.release("1.0.0-rc.1", shop.file("x.tgz", made_up(LARGE)))
    path = f"/{BUCKET}/{shop.service}/1.0.0-rc.1/x.tgz"
    shop.local.fault("r2", "POST", path, Fault("status", status=502, skip=1, times=1))
    theirs = {"sha256": release.tarball.sha256, "run": "another"}

    def meanwhile() -> None:
        shop.put("1.0.0-rc.1/x.tgz", made_up(LARGE), metadata=theirs)

    assert overtaken(shop, release, "HEAD 1.0.0-rc.1/x.tgz", meanwhile, skip=1).status is Status.ALREADY
    assert shop.uploads == []


def test_an_upload_that_was_taken_up_is_ours_when_its_answer_is_lost(shop: Shop) -> None:
    """It bears the mark of the run that began it, which was killed: the one that completed it has published it."""
    release = shop.release("1.0.0-rc.1", shop.file("x.tgz", made_up(LARGE)))
    path = f"/{BUCKET}/{shop.service}/1.0.0-rc.1/x.tgz"
    shop.local.fault("r2", "POST", path, Fault("status", status=403, skip=1, times=1))
    assert shop.publish(release).status is Status.FAILED
    shop.local.fault("r2", "POST", path, Fault("status", status=502, times=1, after_effect=True))
    assert shop.publish(release).status is Status.PUBLISHED
    assert shop.uploads == []


@pytest.mark.parametrize("refused", [False, True], ids=["", "refused"])
def test_a_race_that_is_lost_leaves_no_upload_open(shop: Shop, refused: bool) -> None:
    """The file came out before its own upload was complete: that is given up, and where it can't be, nothing fails."""
    release = shop.release("1.0.0-rc.1", shop.file("x.tgz", made_up(LARGE)))
    shop.put("1.0.0-rc.1/x.tgz", made_up(LARGE), metadata={"sha256": release.tarball.sha256})
    shop.local.fault("r2", "HEAD", "*/x.tgz", Fault("status", status=404, times=1))
    if refused:
        shop.local.fault("r2", "DELETE", "*", Fault("status", status=403))
    assert shop.publish(release).status is Status.ALREADY
    assert len(shop.asked("DELETE")) == 1
    assert len(shop.uploads) == int(refused)


@pytest.mark.parametrize("place", ["latest/hello.tgz", "metadata.json"])
def test_a_slow_publish_overtakes_a_lower_version(shop: Shop, place: str) -> None:
    """1.1.0 is about to move a pointer when 1.0.0 goes out: it looks again, and every pointer ends at 1.1.0."""
    slow, fast = (shop.release(version, shop.file("hello.tgz", version.encode())) for version in ("1.1.0", "1.0.0"))
    result = overtaken(shop, slow, f"PUT {place}", lambda: shop.publish(fast))
    assert result.status is Status.PUBLISHED
    assert result.pointers[-1] == Pointer("metadata.json", "1.0.0", "1.1.0")
    assert shop.metadata["sha256"] == hashlib.sha256(b"1.1.0").hexdigest()
    assert shop.read("latest/hello.tgz") == b"1.1.0"
