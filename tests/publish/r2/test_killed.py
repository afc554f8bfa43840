"""A publish that is killed at any point, and run again: the end is the same, and only what is missing is sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chittyactions.publish.model import Release, Result, Status
from chittyactions.publish.r2_upload import slices
from chittylocal import Fault
from publish.r2.bucket import MEBIBYTE, Shop, made_up

pytestmark = [pytest.mark.engines, pytest.mark.timeout(180)]

ROOT = Path(__file__).parents[3]
PATIENCE = 30.0


def start(shop: Shop, release: Release) -> subprocess.Popen[str]:
    """Publish in a process of its own."""
    file = release.tarball
    given = {
        "service": release.service,
        "version": str(release.version),
        "name": file.name,
        "path": str(file.path),
        "size": file.size,
        "sha256": file.sha256,
        "account_id": shop.local.account_id,
        "token": shop.local.cloudflare_token,
        "endpoint": shop.local.r2_url,
        "cloudflare_url": shop.local.urls()["CLOUDFLARE_API_BASE_URL"],
    }
    environ = {**os.environ, "PYTHONPATH": f"{ROOT / 'python'}:{ROOT / 'tests'}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "publish.r2.run"], env=environ, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin
    process.stdin.write(json.dumps(given))
    process.stdin.close()
    return process


def until(condition: Callable[[], bool]) -> bool:
    """Wait for a condition, as long as a busy machine may take."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
    return True


def kill_at(shop: Shop, release: Release, fault: Fault, parts: int = 0) -> bool:
    """Publish and kill the process when it has met the fault and so many parts have arrived.

    False when it came to its end before. The fault is laid over every request that changes something.
    """
    shop.local.fault("r2", "[!GH]*", "*", fault)
    process = start(shop, release)

    def met() -> bool:
        asked = shop.local.requests("r2")
        sent = [each for each in asked if "partNumber" in each["query"] and each["status"] == 200]
        return any(each["fault"] == "hang" for each in asked) and len(sent) >= parts

    until(lambda: process.poll() is not None or met())
    reached = process.poll() is None
    process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()
    shop.local.clear_faults()
    return reached


def never_names_what_is_not_there(shop: Shop) -> None:
    """metadata.json leads to an object that is there, with those bytes."""
    if "metadata.json" in shop.objects:
        said = shop.metadata
        assert shop.objects[f"{said['version']}/{said['tarball']}"].sha256 == said["sha256"]


def test_killed_in_mid_upload(shop: Shop) -> None:
    """Of six parts some have arrived: the rerun takes up that very upload and sends the others alone."""
    data = made_up(50 * MEBIBYTE)
    release = shop.release("1.0.0", shop.file("big.tgz", data))
    numbers = {each.number for each in slices(release.tarball)}
    assert len(numbers) == 6
    # The first change begins the upload; two parts get through, each later one is held for good.
    assert kill_at(shop, release, Fault("hang", skip=3), parts=2)
    there = set(shop.uploads[0]["parts"])
    assert len(there) == 2

    shop.local.forget_requests()
    assert shop.publish(release).status is Status.PUBLISHED
    sent = {int(line.rpartition("=")[2]) for line in shop.asked("PUT") if "partNumber" in line}
    assert sent == numbers - there
    assert not any(e["method"] == "POST" and "uploads" in e["query"] for e in shop.local.requests("r2"))
    assert shop.read("1.0.0/big.tgz") == data
    assert shop.objects["1.0.0/big.tgz"].metadata["sha256"] == release.tarball.sha256
    assert shop.uploads == []
    assert "big.tgz: taking up an upload of which 2 of 6 parts are there" in shop.said


@pytest.mark.parametrize("after_effect", [False, True], ids=["before", "after"])
def test_killed_at_every_change(shop: Shop, after_effect: bool) -> None:
    """Create, parts, completion, latest/, metadata.json: killed before or after each takes effect, a rerun mends it."""
    service, reached = shop.service, 0
    for number in range(20):
        shop.service = f"{service}-{number}"
        shop.local.forget_requests()
        release = shop.release("1.0.0", shop.file("big.tgz", made_up(12 * MEBIBYTE)))
        assert len(slices(release.tarball)) == 2
        if not kill_at(shop, release, Fault("hang", skip=number, times=1, after_effect=after_effect)):
            break
        reached += 1
        never_names_what_is_not_there(shop)
        result = shop.publish(release)
        assert result.status in (Status.PUBLISHED, Status.ALREADY)
        assert set(shop.objects) == {"1.0.0/big.tgz", "latest/big.tgz", "metadata.json"}
        assert {found.sha256 for key, found in shop.objects.items() if key != "metadata.json"} == {
            release.tarball.sha256
        }
        never_names_what_is_not_there(shop)
        assert shop.metadata["version"] == "1.0.0"
        # An upload that got no part says nothing of itself: nobody knows whose it is, and R2 drops it after a week.
        assert [upload["parts"] for upload in shop.uploads] in ([], [{}])
    assert reached == 6


def test_an_upload_of_something_else_is_left_alone(shop: Shop) -> None:
    """An open upload of the same key by another tool, or of other bytes, is neither taken up nor aborted."""
    s3 = shop.s3()
    key = f"{shop.service}/1.0.0/big.tgz"
    other = s3.create_upload(key, content_type="text/plain", metadata={})
    s3.upload_part(key, other, 1, made_up(8 * MEBIBYTE, seed=1))
    data = made_up(12 * MEBIBYTE)
    assert shop.publish(shop.release("1.0.0", shop.file("big.tgz", data))).status is Status.PUBLISHED
    assert shop.read("1.0.0/big.tgz") == data
    assert [upload["id"] for upload in shop.uploads] == [other]
    s3.abort(key, other)
    s3.abort(key, other)


def test_a_part_that_arrived_damaged_is_sent_again(shop: Shop) -> None:
    """A part of the right size whose MD5 is not the file's does not count as there."""
    s3 = shop.s3()
    release = shop.release("1.0.0", shop.file("big.tgz", made_up(12 * MEBIBYTE)))
    first, second = slices(release.tarball)
    key = f"{shop.service}/1.0.0/big.tgz"
    mine = s3.create_upload(key, content_type="application/gzip", metadata={"sha256": release.tarball.sha256})
    s3.upload_part(key, mine, 1, bytes(first.size))
    s3.upload_part(key, mine, 2, release.tarball.path.read_bytes()[second.start :])
    shop.local.forget_requests()
    assert shop.publish(release).status is Status.PUBLISHED
    assert [line for line in shop.asked("PUT") if "part" in line] == ["PUT 1.0.0/big.tgz?partNumber=1"]
    assert shop.objects["1.0.0/big.tgz"].sha256 == release.tarball.sha256


def test_cancelled_in_mid_upload(shop: Shop) -> None:
    """A deadline that is brought forward ends what is on its way: nothing is out, and the rerun takes the parts up."""
    release = shop.release("1.0.0", shop.file("big.tgz", made_up(50 * MEBIBYTE)))
    shop.local.fault("r2", "PUT", "*", Fault("hang", skip=2))
    channel = shop.channel()
    results: list[Result] = []
    running = threading.Thread(target=lambda: results.append(channel.publish(release, dry_run=False)))
    running.start()
    until(lambda: any(entry["fault"] == "hang" for entry in shop.local.requests("r2")))
    channel._client.deadline.shorten(0.5)
    running.join(5)
    assert not running.is_alive()
    assert results[0].status is Status.FAILED
    assert "did not arrive at R2 whole" in str(results[0].failure)
    assert "the parts that have arrived are taken up" in str(results[0].failure)
    assert shop.objects == {}

    shop.local.clear_faults()
    there = set(shop.uploads[0]["parts"])
    shop.local.forget_requests()
    assert shop.publish(release).status is Status.PUBLISHED
    assert len([line for line in shop.asked("PUT") if "part" in line]) == 6 - len(there)
