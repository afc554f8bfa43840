"""Which of a release's files Homebrew's users are offered, and at which addresses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chittyactions.errors import ConfigError
from chittyactions.publish.offer import offer
from publish.homebrew.street import release_of


@pytest.mark.parametrize(
    "template",
    [
        "http://x.example/{version}",
        "https://user:word@x.example/{version}",
        "https:///{version}",
        "ftp://127.0.0.1/{version}",
        "https://x.example/a b/{version}",
        'https://x.example/"{version}',
        "https://[::1/{version}",
        "https://x.example/{version.__class__}{0}",
        "https://x.example/{",
        "x.example/{version}",
    ],
)
def test_an_address_that_no_formula_should_name(tmp_path: Path, template: str) -> None:
    """A formula's url is https without a user, or http on this machine; a template that makes another is refused."""
    with pytest.raises(ConfigError, match="public_url can't be used"):
        offer(release_of(tmp_path, "1.0.0"), template)


def test_what_fills_a_template(tmp_path: Path) -> None:
    """Each value stands in its place, with what an address can't hold encoded."""
    template = "https://x.example/{service}/{name}/{version}/{platform}/{file}"
    offered = offer(release_of(tmp_path, "1.0.0", ("linux-x64",)), template)
    assert offered.places == ("https://x.example/hello/@chittyos/hello/1.0.0/linux-x64/hello-linux-x64.tar.gz",)
    assert offer(release_of(tmp_path, "1.0.0"), "http://[::1]:80/{file}").places == ("http://[::1]:80/hello-1.0.0.tgz",)


def test_the_tarball_stands_for_the_release(tmp_path: Path) -> None:
    """The usual address of a release is its tarball's; any other file is named in it."""
    assert offer(release_of(tmp_path, "1.0.0"), "").places == ("https://git.chitty.cc/hello@1.0.0",)
    two = offer(release_of(tmp_path, "1.0.0", ("windows-x64", "linux-x64")), "")
    assert two.places == ("https://git.chitty.cc/hello@1.0.0/hello-linux-x64.tar.gz",)


def test_a_release_for_other_platforms_is_not_offered_to_everybody(tmp_path: Path) -> None:
    """Windows' file is nothing for a user on a Mac: without a file for Homebrew's platforms there is no offer."""
    for platforms in (("windows-x64",), ("windows-x64", "windows-arm64"), ("linux-armv7",)):
        with pytest.raises(ConfigError, match="no file for Homebrew's users") as refused:
            offer(release_of(tmp_path, "1.0.0", platforms), "")
        assert platforms[0] in refused.value.why


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    """Each file for a platform that no formula serves is named; one for everybody beside it is what is offered."""
    release = release_of(tmp_path, "1.0.0", ("windows-x64", "linux-x64", "linux-x64-musl", "macos-arm"))
    offered = offer(release, "")
    assert [file.platform for file in offered.files] == ["linux-x64"]
    assert [note.partition(",")[0] for note in offered.notes] == [
        "hello-windows-x64.tar.gz is for windows-x64",
        "hello-linux-x64-musl.tar.gz is for linux-x64-musl",
        "hello-macos-arm.tar.gz is for macos-arm",
    ]
    mixed = replace(release, files=(release.files[0], replace(release.files[1], platform="")))
    assert offer(mixed, "").files == mixed.files[1:]
