"""Versions, the tags that say them, and the dist-tags that lead to them."""

from __future__ import annotations

import itertools

import pytest

from chittyactions.errors import ConfigError
from chittyactions.publish.version import dist_tag_for, from_python, higher, misread, parse, tagged, version_of_tag


@pytest.mark.parametrize(
    "text,version",
    [
        ("1.2.3", "1.2.3"),
        ("v1.2.3", "1.2.3"),
        ("=1.2.3", "1.2.3"),
        (" v1.2.3 \n", "1.2.3"),
        ("1.2.3-beta.1", "1.2.3-beta.1"),
        ("1.2.3+build.5", "1.2.3+build.5"),
        ("v1.2.3-rc.1+b", "1.2.3-rc.1+b"),
    ],
)
def test_a_version_is_read(text: str, version: str) -> None:
    """A leading v or = is no part of a version; prerelease and build metadata are."""
    assert str(parse(text)) == version


@pytest.mark.parametrize(
    "text", ["", "v", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "latest", "^1.2.3", "1.2.x", "1.2.3 4"]
)
def test_what_is_no_version(text: str) -> None:
    """SemVer as it is written, with an error that shows how."""
    with pytest.raises(ValueError, match=r"1\.2\.3"):
        parse(text)


def test_a_version_has_a_length() -> None:
    """A version stands in paths and addresses, so it has to end somewhere."""
    with pytest.raises(ValueError, match="longer"):
        parse("1.2.3-" + "a" * 200)
    with pytest.raises(ValueError, match=r"1\.2\.3"):
        from_python("9" * 5000 + ".0")


@pytest.mark.parametrize(
    "text,version",
    [
        ("1.0", "1.0.0"),
        ("2026.1", "2026.1.0"),
        ("1.2.3.0", "1.2.3"),
        ("1.0a1", "1.0.0-alpha.1"),
        ("1.0.0b2", "1.0.0-beta.2"),
        ("1.0rc3", "1.0.0-rc.3"),
        ("1.0-rc.3", "1.0.0-rc.3"),
        ("V1.0C1", "1.0.0-rc.1"),
        ("1.0.dev4", "1.0.0-dev.4"),
        ("1.2.3.dev4+g1a2b.d2026", "1.2.3-dev.4+g1a2b.d2026"),
    ],
)
def test_a_python_version_is_said_as_semver(text: str, version: str) -> None:
    """PEP 440's spellings become the SemVer that pointers are ordered by."""
    assert str(from_python(text)) == version


@pytest.mark.parametrize("text", ["1.2.3.4", "1.0.post1", "1.0-1", "1!1.0", "1.0rc1.dev2", "", "x", "1.0+", "1..0"])
def test_a_python_version_without_counterpart(text: str) -> None:
    """What SemVer can't order is refused, never rounded."""
    with pytest.raises(ValueError, match=r"SemVer|1\.2\.3"):
        from_python(text)


@pytest.mark.parametrize(
    "tag,version",
    [
        ("v1.2.3", "1.2.3"),
        ("1.2.3", "1.2.3"),
        ("v1.2.3-beta.1", "1.2.3-beta.1"),
        ("v1.2.3+b.1", "1.2.3+b.1"),
        ("hello@1.2.3", "1.2.3"),
        ("hello@v1.2.3", "1.2.3"),
        ("V1.2.3", "1.2.3"),
        ("hello-V1.2.3", "1.2.3"),
        ("@chittyos/hello@1.2.3", "1.2.3"),
        ("chittyos-hello-1.2.3", "1.2.3"),
        ("hello-v1.2.3-rc.1", "1.2.3-rc.1"),
        ("svc/v1.2.3", "1.2.3"),
        ("Svc-1.2.3", "1.2.3"),
        ("release-1.2.3", "1.2.3"),
        ("other@1.2.3", ""),
        ("v2", ""),
        ("v1.2", ""),
        ("nightly", ""),
        ("v01.2.3", ""),
    ],
)
def test_a_tag_says_a_version(tag: str, version: str) -> None:
    """A tag alone, with the package's name or with the service's; a moving tag and another package's say nothing."""
    assert str(version_of_tag(f"refs/tags/{tag}", "@chittyos/hello", "svc") or "") == version


@pytest.mark.parametrize("ref", ["", "refs/heads/v1.2.3", "refs/heads/main", "refs/pull/1/merge", "v1.2.3"])
def test_a_branch_says_no_version(ref: str) -> None:
    """Only a tag does, whatever a branch is called."""
    assert tagged(ref) is None


@pytest.mark.parametrize(
    "tag, plain, python",
    [
        ("v1.2.3.4", True, True),
        ("hello1.2.3", True, True),
        ("v1.2", False, False),
        ("v1.0.post1", False, True),
        ("V1.0.post1", False, True),
        ("hello-1.0.post1", False, True),
        ("hello@v10.0-1", False, True),
        ("nightly-py3.11", False, False),
        ("py3.11-nightly", False, False),
        ("hello1.2", False, False),
        ("v1!1.0", False, True),
        ("nightly", False, False),
        ("v2", False, False),
        ("v1.2.3", False, False),
    ],
)
def test_a_tag_that_looks_like_a_version(tag: str, plain: bool, python: bool) -> None:
    """Three numbers anywhere; two, which Python takes, only where a version begins: not the Python of `py3.11`."""
    assert (misread(f"refs/tags/{tag}"), misread(f"refs/tags/{tag}", from_python)) == (plain, python)
    assert not misread(f"refs/heads/{tag}", from_python)


def test_a_name_with_dashes_and_numbers() -> None:
    """The version is the first part of a tag that is one to its end."""
    assert tagged("refs/tags/node-20-v1.2.3-rc.1") == ("node-20", parse("1.2.3-rc.1"))
    assert tagged("refs/tags/hello-v1.0rc1", from_python) == ("hello", parse("1.0.0-rc.1"))
    assert tagged("refs/tags/v2", from_python) is None


def test_the_order_is_semvers() -> None:
    """Numbers by value, a prerelease below its version, build metadata of no weight."""
    rising = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.2.0", "1.10.0"]
    for lower, upper in itertools.pairwise(rising):
        assert higher(parse(upper), parse(lower))
        assert not higher(parse(lower), parse(upper))
    assert not higher(parse("1.0.0+b"), parse("1.0.0+a"))
    assert not higher(parse("1.0.0"), parse("1.0.0"))


@pytest.mark.parametrize(
    "version,wanted,latest,tag",
    [
        ("1.0.0", "auto", "", "latest"),
        ("1.1.0", "auto", "1.0.0", "latest"),
        ("1.1.0", "auto", "1.1.0", "latest"),
        ("1.0.5", "auto", "1.1.0", "release-1.0"),
        ("1.0.5", "latest", "1.1.0", "release-1.0"),
        ("1.0.5", "lts", "1.1.0", "lts"),
        ("2.0.0", "", "2.0.0-rc.1", "latest"),
        ("2.0.0-beta.1", "auto", "1.0.0", "beta"),
        ("2.0.0-beta1", "auto", "", "beta"),
        ("2.0.0-Beta-2", "auto", "", "beta"),
        ("2.0.0-0", "auto", "", "next"),
        ("2.0.0-0.rc.1", "auto", "", "rc"),
        ("2.0.0-latest.1", "auto", "", "next"),
        ("2.0.0-x.7", "auto", "", "next"),
        ("2.0.0-abc123def", "auto", "", "next"),
        ("2.0.0-vx.1", "auto", "", "next"),
        ("2.0.0-vx.rc.1", "auto", "", "rc"),
        ("0.0.0-canary-20260101", "auto", "", "canary"),
        ("2.0.0-beta.1", "next", "1.0.0", "next"),
    ],
)
def test_a_version_gets_its_dist_tag(version: str, wanted: str, latest: str, tag: str) -> None:
    """`latest` for a stable version that is the highest; a prerelease's own word; else the name as given."""
    assert dist_tag_for(parse(version), wanted, parse(latest) if latest else None) == tag


def test_a_prerelease_never_takes_latest() -> None:
    """Not even where the workflow asks for it."""
    with pytest.raises(ConfigError, match="prerelease"):
        dist_tag_for(parse("1.0.0-beta.1"), "latest", None)


@pytest.mark.parametrize(
    "wanted", ["1.0.0", "v1", "x", "1.x", "x.1", "X", "vx", "vX", "X.x.x", "vx.x", "-rf", "a b", "a/b", "a" * 200, "é"]
)
def test_a_dist_tag_that_npm_would_misread(wanted: str) -> None:
    """A name that is a range, or no name, is refused with the next step."""
    with pytest.raises(ConfigError, match="dist-tag"):
        dist_tag_for(parse("1.0.0"), wanted, None)
