"""The publish is killed at every step, by SIGKILL, and run again: as if nothing had been, and nothing twice."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from publish.chain import Out, Package, Tap, statuses

pytestmark = [pytest.mark.engines, pytest.mark.timeout(180)]

STEPS = {"npm": 1, "r2": 3, "git": 1, "github": 3}
"""Service → how many requests of a whole publish change something there: the version; the object, latest/, the
metadata; the refresh; the app's token, the commit, the token's end."""

BOUNDARIES = [(service, nth) for service, count in STEPS.items() for nth in range(count)]
MEBIBYTE = 1024 * 1024


def shape(out: Out, service: str) -> dict[str, object]:
    """What a publish leaves, hashes aside, which differ from name to name."""
    return {
        "npm": list(out.npm),
        "tags": dict(out.tags),
        "objects": sorted(key.replace(service, "NAME") for key in out.objects),
        "metadata": sorted(out.metadata),
        "uploads": out.uploads,
        "commits": [message.replace(service, "NAME") for message in out.commits],
    }


@pytest.fixture(scope="module")
def whole(tap: Tap, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What an undisturbed publish leaves; its changes are exactly the steps that the tests kill at."""
    package = Package(tap, tmp_path_factory.mktemp("whole"))
    tap.local.forget_requests()
    run = package.publish()
    assert statuses(run) == ["published"] * 3, run.log
    changes = Counter(e["service"] for e in tap.local.requests() if e["method"] not in ("GET", "HEAD"))
    assert changes == STEPS
    package.check_pointers()
    return shape(package.out(), package.service)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("service, nth", BOUNDARIES)
def test_a_rerun_does_exactly_the_rest(
    package: Package, whole: dict[str, object], service: str, nth: int, after: bool
) -> None:
    """Killed before or after the effect of any change: no pointer lies, and a rerun ends as an undisturbed one does."""
    assert package.kill_at(service, nth, after=after)
    package.check_pointers()
    run = package.publish()
    assert run.returncode == 0, run.log
    assert set(statuses(run)) <= {"published", "already"}
    assert shape(package.out(), package.service) == whole
    package.check_pointers()
    package.local.forget_requests()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("nth", [1, 2, 4], ids=["the first part", "the second", "the end"])
def test_a_large_file_is_taken_up_in_mid_upload(tap: Tap, tmp_path: Path, nth: int, after: bool) -> None:
    """Killed around the parts of a multipart upload: the rerun sends what is missing, and no open upload has bytes."""
    package = Package(tap, tmp_path, files={"greet.tar.gz": os.urandom(18 * MEBIBYTE)})
    assert package.kill_at("r2", nth, after=after)
    package.check_pointers()
    run = package.publish()
    assert statuses(run) == ["skipped", "published", "published"], run.log
    out = package.out()
    assert sorted(out.objects) == [f"{package.service}/{place}/greet.tar.gz" for place in ("1.0.0", "latest")]
    # One that was begun and got no part can't be told from another run's: it is left, holds nothing, and R2 ends it.
    assert not [upload for upload in tap.local.r2.uploads() if upload["key"] in out.uploads and upload["parts"]]
    assert out.metadata["size"] == 18 * MEBIBYTE
    assert len(out.commits) == 1
    package.check_pointers()
