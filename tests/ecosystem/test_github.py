"""GitHub's client: comparisons, and one comment found wherever it is."""

from __future__ import annotations

import pytest

from chittyactions.ecosystem.github import GitHub
from chittyactions.errors import Refused
from chittyactions.http import Client, Deadline
from chittylocal import Local

REPOSITORY = "acme/hello"


@pytest.fixture
def github(local: Local) -> GitHub:
    """A client with the workflow's token."""
    client = Client("GitHub's API", Deadline(10), environ={})
    url = local.urls()["GITHUB_API_URL"]
    return GitHub(client, repository=REPOSITORY, token=local.github_token, base_url=url)


@pytest.mark.parametrize(
    "ahead, behind, word", [(2, 0, "ahead"), (0, 2, "behind"), (1, 1, "diverged"), (0, 0, "identical")]
)
def test_compare(local: Local, github: GitHub, ahead: int, behind: int, word: str) -> None:
    """The word of GitHub's answer."""
    local.github.set_comparison(REPOSITORY, "a" * 40, "b" * 40, ahead_by=ahead, behind_by=behind)
    assert github.compare("a" * 40, "b" * 40) == word


def test_a_comment_is_found_on_a_later_page(local: Local, github: GitHub) -> None:
    """All pages are looked through, and an edit replaces the text."""
    for number in range(101):
        local.github.add_comment(REPOSITORY, 3, f"comment {number}")
    local.github.add_comment(REPOSITORY, 3, "<!-- marker --> old")
    found = github.comment(3, "<!-- marker -->")
    assert found is not None
    github.edit_comment(found.id, "<!-- marker --> new")
    assert [c["body"] for c in local.github.comments(REPOSITORY, 3)][-1] == "<!-- marker --> new"
    assert github.comment(3, "<!-- another -->") is None


@pytest.mark.parametrize("user", [{"login": "mallory", "type": "User"}, {"login": "untold"}])
def test_a_persons_comment_is_never_taken_for_ours(local: Local, github: GitHub, user: dict[str, str]) -> None:
    """Who pastes the marker keeps what they wrote; so does an author of whom GitHub does not say what it is."""
    local.github.add_comment(REPOSITORY, 3, "<!-- marker --> mine", user=user)
    assert github.comment(3, "<!-- marker -->") is None
    written = github.write_comment(3, "<!-- marker --> ours")
    found = github.comment(3, "<!-- marker -->")
    assert found is not None
    assert found.id == written.id


def test_a_refused_comment_carries_the_status(local: Local, github: GitHub) -> None:
    """What a fork's pull request gets."""
    local.github.read_only = True
    with pytest.raises(Refused) as caught:
        github.write_comment(3, "text")
    assert caught.value.status == 403
