"""Dist-tags only move up: what is chosen, what is repaired, and what is put right after others moved them."""

from __future__ import annotations

import itertools
import json
import subprocess

import pytest

from chittyactions.publish.npm_registry import Bytes, Packument
from chittyactions.publish.npm_tags import choose, lost_by, moves, pointers, repairs, unclear
from chittyactions.publish.version import is_dist_tag, parse
from chittylocal.cloudflare.tools import ROOT, find_node

SOME = Bytes("sha512-x", "", "")


def packument(*versions: str, **tags: str) -> Packument:
    """A package with these versions; tags as `latest="1.0.0"`, with _ for what no name in Python can hold."""
    return Packument(
        dict.fromkeys(versions, SOME), {name.replace("release_", "release-"): v for name, v in tags.items()}
    )


@pytest.mark.parametrize(
    "version, wanted, tags, tag",
    [
        ("1.0.0", "auto", {}, "latest"),
        ("1.1.0", "auto", {"latest": "1.0.0"}, "latest"),
        ("1.0.1", "auto", {"latest": "1.1.0"}, "release-1.0"),
        ("1.0.1", "auto", {"latest": "1.1.0", "release-1.0": "1.0.0"}, "release-1.0"),
        ("1.0.1", "auto", {"latest": "1.1.0", "release-1.0": "1.0.2"}, "release-1.0.1"),
        ("1.0.1", "latest", {"latest": "1.1.0"}, "release-1.0"),
        ("1.0.0-beta.1", "auto", {}, "beta"),
        ("1.0.0-beta.1", "auto", {"latest": "0.9.0", "beta": "1.0.0-beta.0"}, "beta"),
        ("1.0.0-beta.1", "auto", {"beta": "2.0.0-beta.0"}, "beta-1.0"),
        ("1.0.0-beta.1", "auto", {"beta": "2.0.0-beta.0", "beta-1.0": "1.0.0-beta.2"}, "beta-1.0.0-beta.1"),
        ("1.0.0-2", "auto", {}, "next"),
        ("1.2.0", "next", {"latest": "1.0.0"}, "next"),
        ("1.2.0", "next", {"latest": "1.0.0", "next": "2.0.0-rc.1"}, "release-1.2"),
        ("1.0.0", "auto", {"latest": "not a version"}, "latest"),
        ("1.0.0+b", "auto", {"latest": "1.0.0"}, "latest"),
    ],
)
def test_the_tag_to_publish_under(version: str, wanted: str, tags: dict[str, str], tag: str) -> None:
    """npm needs a tag for every publish; whichever it is, it moves nobody down."""
    assert choose(parse(version), wanted, tags) == tag


@pytest.mark.parametrize(
    "version, wanted, tags, changes",
    [
        ("1.1.0", "auto", {"latest": "1.0.0"}, {"latest": "1.1.0"}),
        ("1.1.0", "auto", {"latest": "1.1.0"}, {}),
        ("1.0.0", "auto", {"latest": "1.1.0"}, {}),
        ("1.0.2", "auto", {"latest": "1.1.0", "release-1.0": "1.0.1"}, {"release-1.0": "1.0.2"}),
        ("1.0.0", "lts", {"latest": "1.1.0"}, {"lts": "1.0.0"}),
        ("1.0.0-rc.2", "auto", {"latest": "0.9.0", "rc": "1.0.0-rc.1"}, {"rc": "1.0.0-rc.2"}),
        ("1.0.0-rc.2", "auto", {"latest": "0.9.0", "rc": "1.0.0-rc.3"}, {}),
    ],
)
def test_repairs_of_what_is_out(version: str, wanted: str, tags: dict[str, str], changes: dict[str, str]) -> None:
    """A rerun moves a tag only where that moves it up, and makes no line of its own for an old version."""
    assert repairs(parse(version), wanted, tags) == changes


TIMES = {"1.0.0": "2026-01-01T00:30:00.000Z", "1.1.0": "2026-01-01T00:00:00.000Z", "2.0.0": "2026-02-01T00:00:00.000Z"}
TIMES |= {"1.2.0": "2025-12-31T23:30:00.000Z", "1.3.0": "soon"}


@pytest.mark.parametrize(
    "now, lost",
    [
        (packument("1.0.0", "1.1.0", latest="1.0.0"), "1.1.0"),
        (packument("1.0.0", "1.1.0", "1.2.0", "1.3.0", "2.0.0", latest="1.0.0"), "1.1.0"),
        (packument("1.0.0", "1.2.0", latest="1.0.0"), ""),
        (packument("1.0.0", "1.3.0", latest="1.0.0"), ""),
        (packument("1.0.0", "2.0.0", latest="1.0.0"), ""),
        (packument("1.0.0", "1.1.0", latest="1.0.0", next="1.1.0"), ""),
        (packument("1.0.0", "1.1.0", latest="1.1.0"), ""),
        (packument("1.0.0", "1.1.0"), ""),
        (packument("1.0.0", "1.5.0", latest="1.0.0"), ""),
        (packument("0.5.0", "1.1.0", latest="0.5.0"), ""),
        (Packument({"1.0.0": SOME, "1.1.0": Bytes("", "", "", deprecated=True)}, {"latest": "1.0.0"}), ""),
        (packument("1.0.0-rc.1", "1.1.0", latest="1.0.0-rc.1"), ""),
    ],
)
def test_what_may_have_lost_latest(now: Packument, lost: str) -> None:
    """A version that came out within the hour before the lower one; not one of weeks before or after it."""
    assert lost_by(now, TIMES) == lost


def test_a_faster_run_with_a_higher_version_gets_its_tag_back() -> None:
    """1.0.0 took latest from 1.1.0, which came meanwhile: latest goes back up, and 1.0.0 gets its line."""
    before, now = packument("0.9.0", latest="0.9.0"), packument("0.9.0", "1.1.0", "1.0.0", latest="1.0.0")
    assert moves(parse("1.0.0"), "latest", "auto", before, now) == {"latest": "1.1.0", "release-1.0": "1.0.0"}


def test_a_slower_run_with_a_lower_version_is_put_back() -> None:
    """1.1.0 lost latest to a slow run of 1.0.0: latest goes back up to it."""
    before, now = packument("0.9.0", latest="0.9.0"), packument("0.9.0", "1.1.0", "1.0.0", latest="1.0.0")
    assert moves(parse("1.1.0"), "latest", "auto", before, now) == {"latest": "1.1.0"}


@pytest.mark.parametrize(
    "now",
    [
        packument("1.0.0", "2.0.0", latest="1.0.0", next="2.0.0"),
        packument("1.0.0", "2.0.0-beta.1", latest="1.0.0"),
        packument("1.0.0", "0.9.0", latest="1.0.0"),
        packument("1.0.0", "not a version", latest="1.0.0"),
    ],
)
def test_what_somebody_published_otherwise_gets_no_latest(now: Packument) -> None:
    """Under another tag on purpose, a prerelease, a lower one: none of them takes latest."""
    assert moves(parse("1.0.0"), "latest", "auto", packument(), now) == {}


def test_a_deprecated_version_that_came_meanwhile_takes_no_latest() -> None:
    """Taken back before this run looked again: the next best one that was not gets it."""
    before, now = packument("1.0.0", latest="1.0.0"), packument("1.0.0", "1.0.1", "1.1.0", latest="1.0.1")
    now = Packument({**now.versions, "2.0.0": Bytes("", "", "", deprecated=True)}, now.tags)
    assert moves(parse("1.0.1"), "latest", "auto", before, now) == {"latest": "1.1.0", "release-1.0": "1.0.1"}


BEFORE = packument("1.0.0", "1.9.0", latest="1.0.0", next="1.9.0")


@pytest.mark.parametrize(
    "versions, tags, changes, doubt",
    [
        (("2.0.0", "2.0.1"), {"next": "2.0.1"}, {}, "2.0.0"),
        (("2.0.0", "2.0.1", "2.0.2"), {"next": "2.0.2"}, {}, "2.0.1"),
        (("1.1.0", "2.0.0"), {"next": "2.0.0"}, {}, "1.1.0"),
        (("2.1.0", "2.0.1"), {"next": "2.0.1"}, {"latest": "2.1.0", "release-1.0": "1.0.1"}, ""),
        (("2.0.0",), {"next": "1.9.0"}, {"latest": "2.0.0", "release-1.0": "1.0.1"}, ""),
        (("0.9.0", "2.0.0"), {"next": "2.0.0"}, {}, ""),
    ],
)
def test_what_may_have_been_published_otherwise(
    versions: tuple[str, ...], tags: dict[str, str], changes: dict[str, str], doubt: str
) -> None:
    """Another tag that went on meanwhile may have led to a version below: that one gets no latest, and a note."""
    now = packument("1.0.0", "1.9.0", "1.0.1", *versions, latest="1.0.1", **tags)
    assert moves(parse("1.0.1"), "latest", "auto", BEFORE, now) == changes
    after = Packument(now.versions, {**now.tags, **changes})
    assert unclear("latest", "auto", BEFORE, after) == doubt


def test_a_tag_that_went_to_what_was_there_before_hides_nothing() -> None:
    """Somebody put next up to an old 3.0.0 meanwhile: 2.0.0 was not published under it."""
    before = packument("1.0.0", "3.0.0", latest="1.0.0", old="3.0.0")
    now = packument("1.0.0", "3.0.0", "1.0.1", "2.0.0", latest="1.0.1", old="3.0.0", next="3.0.0")
    assert moves(parse("1.0.1"), "latest", "auto", before, now)["latest"] == "2.0.0"


def test_versions_that_were_there_before_take_no_latest() -> None:
    """A maintainer who put latest back to 1.0.0 after a bad 2.0.0 finds it there after 1.0.1."""
    before = packument("1.0.0", "2.0.0", latest="1.0.0")
    now = packument("1.0.0", "2.0.0", "1.0.1", latest="1.0.1")
    assert moves(parse("1.0.1"), "latest", "auto", before, now) == {}


def test_a_tag_that_is_gone_is_set() -> None:
    """Some registries forget a tag when two publishes meet."""
    assert moves(parse("1.0.0"), "latest", "auto", packument(), packument("1.0.0")) == {"latest": "1.0.0"}


def test_lines_are_kept_apart() -> None:
    """1.0.2 that came meanwhile is of the line of 1.0.1; 1.1.1 is not."""
    before = packument("1.0.0", "2.0.0", latest="2.0.0")
    now = packument("1.0.0", "2.0.0", "1.0.1", "1.0.2", "1.1.1", latest="2.0.0", release_1="x")
    now = Packument(now.versions, {"latest": "2.0.0", "release-1.0": "1.0.1"})
    assert moves(parse("1.0.1"), "release-1.0", "auto", before, now) == {
        "release-1.0": "1.0.2",
        "release-1.0.1": "1.0.1",
    }


def test_pointers_say_why_latest_stayed() -> None:
    """A person reads where each tag leads, and why latest did not move."""
    before = packument("1.1.0", latest="1.1.0")
    now = Packument({}, {"latest": "1.1.0", "release-1.0": "1.0.1"})
    found = [(p.name, p.before, p.after, p.why) for p in pointers(parse("1.0.1"), before, now)]
    assert found == [("release-1.0", "", "1.0.1", ""), ("latest", "1.1.0", "1.1.0", "1.1.0 is higher")]


@pytest.mark.parametrize("deprecated, why", [(True, "2.0.0 is deprecated"), (False, "")])
def test_pointers_claim_no_order_that_is_not(*, deprecated: bool, why: str) -> None:
    """A latest that stayed below the version is not called higher."""
    now = Packument({"2.0.0": Bytes("", "", "", deprecated)}, {"latest": "1.9.0"})
    assert [p.why for p in pointers(parse("2.0.0"), now, now)] == [why]


def test_no_range_of_npms_is_a_tag() -> None:
    """npm's own semver is asked about every short name of the characters that its ranges are made of."""
    names = ["".join(each) for length in range(1, 6) for each in itertools.product("vVxX1.-a", repeat=length)]
    (semver,) = ROOT.glob(".tools/tool-cache/chittyops/npm-*/node_modules/npm/node_modules/semver/index.js")
    ask = (
        "const { validRange } = require(process.argv[1]);"
        "console.log(JSON.stringify(JSON.parse(fs.readFileSync(0)).filter((name) => validRange(name, true))))"
    )
    told = subprocess.check_output([find_node(), "-e", ask, semver], input=json.dumps(names), text=True)
    ranges = json.loads(told)
    assert {"x", "vX", "X.x", "vx.x"} <= set(ranges)
    assert [name for name in ranges if is_dist_tag(name)] == []
    assert [name for name in ("next", "vnext", "xenon") if not is_dist_tag(name)] == []
