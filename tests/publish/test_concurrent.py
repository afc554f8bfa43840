"""Publishes that meet: one version twice at once, and a slow one that a higher version overtakes."""

from __future__ import annotations

import pytest

from chittylocal import Fault
from publish.chain import Package, statuses, until

pytestmark = [pytest.mark.engines, pytest.mark.timeout(180)]


def test_of_two_publishes_of_one_version_one_publishes(package: Package) -> None:
    """Both find nothing and send everything: each channel has it once, and whoever comes second says `already`."""
    local = package.local
    for service, path in (("npm", "*"), ("r2", f"*/{package.service}/1.0.0/*")):
        local.fault(service, "PUT", path, Fault("hold"))
    pair = [package.start(), package.start()]
    assert until(pair[0], lambda: local.held("npm") == 2 and local.held("r2") == 2)
    local.clear_faults()
    runs = [running.wait(100) for running in pair]

    assert [run.returncode for run in runs] == [0, 0], runs[0].log + runs[1].log
    npm, r2, brew = zip(*(statuses(run) for run in runs), strict=True)
    assert sorted(npm) == ["already", "published"]
    assert sorted(r2) == ["already", "published"]
    assert sorted(brew) == ["already", "published"]
    out = package.out()
    assert out.tags == {"latest": "1.0.0"}
    assert list(out.npm) == ["1.0.0"]
    assert len(out.objects) == 2
    assert len(out.commits) == 1
    assert out.uploads == ()
    package.check_pointers()


@pytest.mark.parametrize(
    "held",
    [
        pytest.param([("npm", "*"), ("r2", "*/latest/*")], id="before its version and latest"),
        pytest.param([("r2", "*/metadata.json")], id="before its metadata"),
        pytest.param([("github", "*/contents/*")], id="before its commit"),
    ],
)
def test_a_slow_publish_demotes_nobody(package: Package, held: list[tuple[str, str]]) -> None:
    """1.0.0 is about to move a pointer when 1.1.0 goes out whole: every pointer stays at 1.1.0."""
    local = package.local
    for service, path in held:
        local.fault(service, "PUT", path, Fault("hold", times=1))
    slow = package.start("1.0.0")
    assert until(slow, lambda: all(local.held(service) for service, _ in held))
    fast = package.publish("1.1.0")
    assert statuses(fast) == ["published"] * 3, fast.log
    before = package.out()
    local.clear_faults()
    run = slow.wait(100)

    assert run.returncode == 0, run.log
    out = package.out()
    assert sorted(out.npm) == ["1.0.0", "1.1.0"]
    assert out.tags["latest"] == "1.1.0"
    assert out.metadata == before.metadata
    assert out.metadata["version"] == "1.1.0"
    assert out.formula == before.formula
    assert f"{package.service}/1.0.0/chittyos-{package.service}-1.0.0.tgz" in out.objects
    package.check_pointers()


def test_a_rerun_of_an_older_version_demotes_nobody(package: Package) -> None:
    """1.0.0 after 1.1.0 is out where it never was, under a tag of its line, and moves no pointer."""
    assert statuses(package.publish("1.1.0")) == ["published"] * 3
    before = package.out()
    run = package.publish("1.0.0")

    assert run.returncode == 0, run.log
    out = package.out()
    assert out.tags == {"latest": "1.1.0", "release-1.0": "1.0.0"}
    assert (out.metadata, out.formula) == (before.metadata, before.formula)
    assert {key: out.objects[key] for key in before.objects} == before.objects
    assert package.publish("1.0.0").returncode == 0
    assert package.out() == out
