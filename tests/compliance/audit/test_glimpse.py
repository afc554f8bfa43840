"""The base facts as files: what is there, what is not, and what they don't say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chittyactions.compliance.audit.glimpse import Glimpse, More
from chittyactions.compliance.audit.listing import NOTHING, Listing
from chittyactions.compliance.files import Kind, Unreadable

LISTING = Listing(
    {"CHARTER.md": Kind.FILE, "LINK": Kind.LINK, "src/a.ts": Kind.FILE, "sub": Kind.SUBMODULE},
    frozenset({"", "src"}),
    frozenset({"src/deep", "other"}),
    {"CHARTER.md": b"Text\n"},
)


@pytest.fixture
def files() -> Glimpse:
    """Four paths, two folders that are not listed."""
    return Glimpse(LISTING, "c" * 40, name="one", remote="https://github.com/made/one")


def test_what_is_there_and_what_is_not(files: Glimpse) -> None:
    """In folders that are listed both are known."""
    assert files.read("CHARTER.md", 100) == "Text\n"
    assert files.read("CLAUDE.md", 100) is None
    assert "src/b.ts" not in files.paths
    assert "src" not in files.paths
    assert files.paths["sub"] is Kind.SUBMODULE
    assert (files.name, files.commit, files.asked.paths) == ("one", "c" * 40, [])
    assert list(files.within("src", deep=False)) == [("src/a.ts", Kind.FILE)]
    assert [path for path, _ in files.within("", deep=False)] == ["CHARTER.md", "LINK", "sub"]


@pytest.mark.parametrize(
    "ask, lacking",
    [
        (lambda files: files.content("src/a.ts", 100), "src/a.ts"),
        (lambda files: files.content("LINK", 100), "LINK"),
        (lambda files: files.read("other/x", 100), "other/x"),
        (lambda files: files.paths["src/deep/x/y"], "src/deep/x/y"),
        (lambda files: "src/deep/x" in files.paths, "src/deep/x"),
        (lambda files: list(files.paths), "other"),
        (lambda files: len(files.paths), "other"),
        (lambda files: list(files.within("", deep=True)), "other"),
        (lambda files: list(files.within("src", deep=True)), "src/deep"),
        (lambda files: list(files.within("src/deep", deep=False)), "src/deep"),
        (lambda files: list(files.within("other/x", deep=False)), "other"),
    ],
)
def test_what_they_do_not_say(files: Glimpse, ask: Callable[[Glimpse], object], lacking: str) -> None:
    """It is said so, and not forgotten even by who takes that for an answer."""
    with pytest.raises(More, match="not among the base facts"):
        ask(files)
    assert files.asked.paths == [lacking]


def test_a_file_that_is_too_large(files: Glimpse) -> None:
    """It is there, and that is known."""
    with pytest.raises(Unreadable) as raised:
        files.content("CHARTER.md", 4)
    assert (raised.value.too_large, files.asked.paths) == (True, [])


def test_nothing_known_says_nothing() -> None:
    """Neither that a file is there nor that it is not."""
    files = Glimpse(NOTHING, "c" * 40, name="one", remote="")
    with pytest.raises(More):
        files.read("CHARTER.md", 10)
    with pytest.raises(KeyError):
        _ = Glimpse(LISTING, "", name="", remote="").paths["NONE"]
