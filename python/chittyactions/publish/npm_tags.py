"""Dist-tags that only move up: which one a version is published under, and what puts them right afterwards."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime

from semver import Version

from chittyactions.publish.model import Pointer
from chittyactions.publish.npm_registry import Packument
from chittyactions.publish.version import dist_tag_for, higher, parse

SHORTLY = 3600.0
"""Seconds between two versions whose runs may have been under way at once."""


def read(text: str | None) -> Version | None:
    """A version as the registry holds it; None for none, and for what is no SemVer."""
    try:
        return parse(text) if text else None
    except ValueError:
        return None


def choose(version: Version, wanted: str, tags: Mapping[str, str]) -> str:
    """The tag to publish `version` under, which npm needs, so that no tag of `tags` is moved down.

    The wanted one; where that leads to a higher version, `release-1.0` (`beta-1.0` for a beta); where that does too,
    one of the version's own.
    """
    first = dist_tag_for(version, wanted, read(tags.get("latest")))
    word = first if version.prerelease else "release"
    line = f"{word}-{version.major}.{version.minor}"
    own = f"{word}-{version.replace(build=None)}"
    return next((tag for tag in (first, line) if not above(tags.get(tag), version)), own)


def above(held: str | None, version: Version) -> bool:
    """Whether a tag that leads to `held` leads higher than `version`."""
    there = read(held)
    return there is not None and higher(there, version)


def passed_by(packument: Packument) -> list[Version]:
    """Stable versions above `latest` that nobody took back or tagged otherwise: a slow run may have passed them by."""
    latest = read(packument.tags.get("latest"))
    if latest is None or latest.prerelease:
        return []
    tagged = {held for name, held in packument.tags.items() if name != "latest"}
    found = [read(text) for text, held in packument.versions.items() if text not in tagged and not held.deprecated]
    return sorted(other for other in found if other and not other.prerelease and higher(other, latest))


def lost_by(packument: Packument, times: Mapping[str, str]) -> str:
    """The version that may have lost `latest` to a slow run, "" for none: it came out shortly before the lower one.

    A guess, to be told and not acted on: a person who put `latest` down, and a line of versions that were published
    under a tag which has gone on since, look the same.
    """
    since = _seconds(times.get(packument.tags.get("latest", "")))
    return next(
        (str(v) for v in reversed(passed_by(packument)) if 0 < since - _seconds(times.get(str(v))) < SHORTLY), ""
    )


def _seconds(moment: str | None) -> float:
    """A time as the registry writes it; NaN, which is before and after nothing, for none."""
    try:
        return datetime.fromisoformat(re.sub(r"Z$", "+00:00", moment or "")).timestamp()
    except (ValueError, OverflowError):
        return math.nan


def repairs(version: Version, wanted: str, tags: Mapping[str, str]) -> dict[str, str]:
    """What is to be moved up (tag → version) for a version that is out already.

    A tag of its line (`release-1.0`) is not made afterwards: the version may have been `latest` in its time.
    """
    tag = choose(version, wanted, tags)
    asked_for = tag == wanted or (tag == dist_tag_for(version, wanted, None) and not tag.startswith("release-"))
    if not asked_for and tag not in tags:
        return {}
    return {} if read(tags.get(tag)) == version else {tag: str(version)}


def moves(version: Version, tag: str, wanted: str, before: Packument, now: Packument) -> dict[str, str]:
    """What is to be moved up after `version` was published under `tag`, with what others published meanwhile."""
    best = max([version, *(other for other in _came(tag, wanted, before, now) if not _risen(other, tag, before, now))])
    changes: dict[str, str] = {}
    held = read(now.tags.get(tag))
    if held is None or higher(best, held):
        changes[tag] = str(best)
    after = {**now.tags, **changes}
    if best != version and str(version) not in after.values():
        changes[choose(version, wanted, after)] = str(version)
    return changes


def unclear(tag: str, wanted: str, before: Packument, now: Packument) -> str:
    """The highest version that `moves` left where it is, and that `tag` may have been meant for; "" for none."""
    found = [other for other in _came(tag, wanted, before, now) if _risen(other, tag, before, now)]
    held = read(now.tags.get(tag))
    best = max(found, default=None)
    return str(best) if best and (held is None or higher(best, held)) else ""


def _came(tag: str, wanted: str, before: Packument, now: Packument) -> list[Version]:
    """Versions that appeared meanwhile, would have been published under `tag`, and were not taken back."""
    new = [text for text in now.versions if text not in before.versions and not now.versions[text].deprecated]
    return [other for other in map(read, new) if other and _belongs(other, tag, wanted, now)]


def _risen(other: Version, tag: str, before: Packument, now: Packument) -> bool:
    """Whether another tag went on meanwhile to a version above `other`, which may have been under it in between."""
    new = {name: held for name, held in now.tags.items() if name != tag and held != before.tags.get(name)}
    return any(held not in before.versions and above(held, other) for held in new.values())


def _belongs(other: Version, tag: str, wanted: str, now: Packument) -> bool:
    """Whether a version that appeared meanwhile would have been published under `tag`.

    One that another tag leads to was published under that one.
    """
    if any(read(held) == other for name, held in now.tags.items() if name != tag):
        return False
    line = re.fullmatch(r"release-(\d+)\.(\d+)", tag)
    if line:
        return not other.prerelease and (other.major, other.minor) == (int(line[1]), int(line[2]))
    if tag == wanted and tag != "latest":
        return True
    return dist_tag_for(other, "auto", None) == tag


def pointers(version: Version, before: Packument, now: Packument) -> tuple[Pointer, ...]:
    """Every tag that leads to `version` or moved, and `latest` with why it stayed."""
    number = str(version)
    moved = [tag for tag, held in sorted(now.tags.items()) if held == number or held != before.tags.get(tag)]
    found = []
    for tag in dict.fromkeys([*moved, *(["latest"] if "latest" in now.tags else [])]):
        held, why = now.tags[tag], ""
        if held != number:
            taken_back = number in now.versions and now.versions[number].deprecated
            lower = f"{number} is deprecated" if taken_back else ""
            why = f"{held} is higher" if above(held, version) else lower
            why = "a prerelease moves no latest" if version.prerelease else why
        elif tag == "latest" and version.prerelease:
            why = "the registry gives it to a package's first version"
        found.append(Pointer(tag, before.tags.get(tag, ""), held, why))
    return tuple(found)
