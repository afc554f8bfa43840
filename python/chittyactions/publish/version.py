"""Versions: SemVer, the tags that name them, and npm's dist-tags that lead to them.

`==` between two versions ignores build metadata, as SemVer's order does (https://semver.org/#spec-item-10).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable

from semver import Version

from chittyactions.errors import ConfigError

LONGEST = 100
"""Characters of a version. npm takes 256; a path, a tag and a formula have to hold it too."""

_TAG = "refs/tags/"
_NO_PREFIX = ("", "v", "release", "releases", "version")
_PYTHON = re.compile(
    r"v?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<kind>a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?P<number>\d+)?)?"
    r"(?P<post>-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?"
    r"(?:[-_.]?(?P<dev>dev)[-_.]?(?P<dev_number>\d+)?)?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?"
)
"""PEP 440 in the spellings that its appendix B takes, without an epoch."""
_KINDS = {"a": "alpha", "b": "beta", "c": "rc", "pre": "rc", "preview": "rc"}


def parse(text: str) -> Version:
    """The version that `text` says; a leading `v` or `=` is no part of it, as in npm. Raises ValueError."""
    bare = re.sub(r"^[v=\s]+", "", text.strip())
    if len(bare) > LONGEST:
        raise ValueError(f"a version of {len(bare)} characters is longer than {LONGEST}")
    try:
        return Version.parse(bare)
    except ValueError:
        raise ValueError(f"{text[:60]!r} is not a version like 1.2.3 or 1.2.3-beta.1") from None


def from_python(text: str) -> Version:
    """The SemVer that says what a Python version says: `1.0` → 1.0.0, `1.0rc1` → 1.0.0-rc.1. Raises ValueError.

    A fourth number, a post-release and an epoch have no place in SemVer's order.
    """
    found = _PYTHON.fullmatch(text.strip().lower())
    if not found or len(text) > LONGEST:
        raise ValueError(f"{text[:60]!r} is not a version like 1.2.3 or 1.2.3rc1")
    release = [int(part) for part in found["release"].split(".")]
    while len(release) > 3 and release[-1] == 0:
        release.pop()
    if len(release) > 3 or found["post"] or (found["kind"] and found["dev"]):
        raise ValueError(f"{text[:60]!r} has no counterpart in SemVer, whose order pointers follow")
    major, minor, patch = (*release, 0, 0)[:3]
    pre = None
    if found["kind"]:
        pre = f"{_KINDS.get(found['kind'], found['kind'])}.{int(found['number'] or 0)}"
    elif found["dev"]:
        pre = f"dev.{int(found['dev_number'] or 0)}"
    return Version(major, minor, patch, pre, re.sub(r"[-_]", ".", found["local"]) if found["local"] else None)


def tagged(ref: str, read: Callable[[str], Version] = parse) -> tuple[str, Version] | None:
    """The version in a tag, and what stands before it: `refs/tags/hello@v1.2.3` → ("hello", 1.2.3).

    None for a ref that is no tag, and for a tag without a whole version, such as the moving `v2`. `read` is `parse`
    or `from_python`.
    """
    if not ref.startswith(_TAG):
        return None
    tag = ref[len(_TAG) :]
    # The first place at which the whole rest is a version: `node-20-v1.2.3`, and `x-1.0.0-rc.1` too.
    for start in (0, *(mark.end() for mark in re.finditer(r"[@/_-]", tag))):
        rest = re.sub(r"^V(?=\d)", "v", tag[start:])
        if "." in rest:
            with contextlib.suppress(ValueError):
                return tag[:start].rstrip("@/_-"), read(rest)
    return None


def misread(ref: str, read: Callable[[str], Version] = parse) -> bool:
    """Whether a tag has numbers like a version's, and no version can be read in it: `v1.2.3.4`, `hello1.2.3`.

    Two numbers, where they may be one, have to stand where a version begins: `py3.11-nightly` names a Python.
    """
    numbers = r"\d\.\d+\.\d" + (r"|(^|[@/_!-])[vV]?\d+\.\d" if read is from_python else "")
    return ref.startswith(_TAG) and bool(re.search(numbers, ref[len(_TAG) :])) and tagged(ref, read) is None


def version_of_tag(ref: str, *names: str, read: Callable[[str], Version] = parse) -> Version | None:
    """The version that a tag gives to what is called one of `names`, with or without its scope.

    `v1.2.3`, `1.2.3`, `name@1.2.3`, `name-v1.2.3`, `service/v1.2.3`. None for a ref that is no tag, a tag without a
    whole version, and one that names something else.
    """
    found = tagged(ref, read)
    if found is None:
        return None
    ours = {name.lower().lstrip("@") for name in names if name}
    ours |= {name.rpartition("/")[2] for name in ours} | {name.replace("/", "-") for name in ours}
    return found[1] if found[0].lower().lstrip("@") in (*_NO_PREFIX, *ours) else None


def higher(one: Version, other: Version) -> bool:
    """Whether `one` stands above `other`; build metadata decides nothing."""
    return one.compare(other) > 0


def dist_tag_for(version: Version, wanted: str, latest: Version | None) -> str:
    """The dist-tag to publish `version` under, where `latest` is what npm's `latest` leads to now.

    `wanted` is the workflow's: a name, or `auto` ("" too). Then a prerelease gets its own word (`beta` of 1.0.0-beta.2,
    else `next`), and a stable version gets `latest`, or `release-X.Y` where that leads to a higher one already.
    Raises ConfigError for a prerelease that wants `latest`, and for a name that npm would take for a range.
    """
    if wanted not in ("", "auto"):
        _judge_tag(version, wanted)
    if wanted not in ("", "auto", "latest"):
        return wanted
    if version.prerelease:
        return _word(version.prerelease)
    if latest is None or not higher(latest, version):
        return "latest"
    return f"release-{version.major}.{version.minor}"


def is_dist_tag(name: str) -> bool:
    """Whether npm takes `name` for a dist-tag, and not for a version or a range."""
    named = re.fullmatch(r"[A-Za-z][A-Za-z0-9._-]{0,99}", name)
    return bool(named) and not re.fullmatch(r"[vV]*(\d.*|[xX]([.-].*)?)?", name)


def _judge_tag(version: Version, wanted: str) -> None:
    if wanted == "latest" and version.prerelease:
        raise ConfigError(
            f"{version} is a prerelease, and dist_tag asks for latest.",
            why="Everybody who installs without naming a version would get it.",
            fix='Leave dist_tag out ("auto" takes the prerelease\'s own word), or give another name, such as next.',
            docs="package-publish.md#dist-tags",
        )
    if not is_dist_tag(wanted):
        raise ConfigError(
            f"dist_tag {wanted[:60]!r} is no name for a dist-tag.",
            why="npm takes letters, digits, dots and dashes, and nothing that reads as a version or a range.",
            fix="Give a word, such as next, beta or lts.",
            docs="package-publish.md#dist-tags",
        )


def _word(prerelease: str) -> str:
    """The first word of a prerelease: `beta.2`, `beta2` and `beta-2` are all beta; `next` where there is none."""
    words = (re.fullmatch(r"([A-Za-z]{2,})-?\d*", part) for part in prerelease.split("."))
    word = next((found[1].lower() for found in words if found and is_dist_tag(found[1].lower())), "next")
    return "next" if word == "latest" else word
