"""GitHub's contents, pull requests and words of refusal: what the client makes of them."""

from __future__ import annotations

import json

import pytest

from chittyactions.ecosystem.github_app import Issued
from chittyactions.ecosystem.github_contents import PER_PAGE, Contents
from chittyactions.ecosystem.github_wire import meaning
from chittyactions.errors import BadAnswer
from chittyactions.http import Client, Deadline
from chittylocal import Fault, Local

TAP = "chittyos/homebrew-tap"


@pytest.fixture
def contents(local: Local) -> Contents:
    """A client with a token."""
    client = Client("GitHub's API", Deadline(10), environ={}, sleep=lambda _: None)
    return Contents(client, repository=TAP, token="a-token", base_url=local.urls()["GITHUB_API_URL"])


REFUSALS = [
    (409, {}, "Formula/x.rb does not match 1b", "stale"),
    (409, {}, "is at 2a but expected 1b", "stale"),
    (422, {}, 'Invalid request.\n\n"sha" wasn\'t supplied.', "exists"),
    (409, {}, "Repository rule violations found\n\nChanges must be made through a pull request.\n\n", "protected"),
    (409, {}, "At least 1 approving review is required by reviewers with write access.", "protected"),
    (422, {}, 'Required status check "ci" is expected.', "protected"),
    (403, {}, "You're not authorized to push to this branch.", "protected"),
    (409, {}, "Git Repository is empty.", "empty"),
    (422, {}, "Reference already exists", "reference exists"),
    (403, {}, "You have exceeded a secondary rate limit.", "rate limit"),
    (403, {"x-ratelimit-remaining": "0"}, "no", "rate limit"),
    (403, {"x-github-sso": "required; url=…"}, "Resource protected by organization SAML.", "single sign-on"),
    (403, {}, "Repository was archived so is read-only.", "archived"),
    (403, {}, "GitHub Actions is not permitted to create or approve pull requests.", "no pull requests"),
    (401, {}, "'Issued at' claim ('iat') must be an Integer representing the time", "clock"),
    (403, {}, "Resource not accessible by integration", ""),
    (404, {}, "Not Found", ""),
]  # fmt: skip


@pytest.mark.parametrize("status, headers, message, code", REFUSALS)
def test_words_of_a_refusal(status: int, headers: dict[str, str], message: str, code: str) -> None:
    """GitHub tells causes apart by its message alone; each known one has a code."""
    assert meaning(status, headers, json.dumps({"message": message}).encode()) == code


def test_words_of_a_refused_pull_request() -> None:
    """They are in the list of errors."""
    for message, code in (
        ("A pull request already exists for chittyos:x.", "pull request exists"),
        ("No commits between main and x", "no commits"),
    ):
        body = {"message": "Validation Failed", "errors": [{"resource": "PullRequest", "message": message}]}
        assert meaning(422, {}, json.dumps(body).encode()) == code


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"message": 7, "errors": null}', b"[" * 100_000])
def test_a_refusal_without_words(body: bytes) -> None:
    """What is no answer of GitHub's has no code."""
    assert meaning(403, {}, body) == ""


@pytest.mark.parametrize(
    "answer", [{"encoding": "none", "content": ""}, {"encoding": "base64", "content": "%%%"}, {"type": "dir"}]
)
def test_a_file_without_its_content(local: Local, contents: Contents, answer: dict[str, str]) -> None:
    """GitHub leaves out what is too large: that is an error, and never an empty file."""
    body = {"type": "file", "path": "x", "sha": "1b", "encoding": "base64", "content": ""} | answer
    local.fault("github", "GET", "*", Fault("status", status=200, body=body))
    with pytest.raises(BadAnswer):
        contents.file("x", "main")


def test_a_folder_is_no_file(local: Local, contents: Contents) -> None:
    """A list is not taken for a file."""
    local.fault("github", "GET", "*", Fault("status", status=200, body=[]))
    with pytest.raises(BadAnswer, match="something unexpected"):
        contents.file("Formula", "main")


def pull(number: int, label: str) -> dict[str, object]:
    owner, _, ref = label.partition(":")
    return {"number": number, "title": "t", "html_url": f"u{number}", "head": {"ref": ref, "label": f"{owner}:{ref}"}}


def test_pull_requests_of_strangers_are_not_ours(local: Local, contents: Contents) -> None:
    """A fork's branch of the same name is passed over, on the second page too."""
    first = [pull(number, "mallory:chittyops/hello-9.0.0") for number in range(PER_PAGE)]
    local.fault("github", "GET", "*/pulls", Fault("status", status=200, body=first, times=1))
    second = [pull(500, "ChittyOS:chittyops/hello-1.0.0")]
    local.fault("github", "GET", "*/pulls", Fault("status", status=200, body=second))
    assert [found.number for found in contents.open_pulls()] == [500]
    assert len(local.requests("github")) == 2


def test_a_token_is_not_shown() -> None:
    """An answer that is printed by mistake keeps the token."""
    issued = Issued(token="canary", expires_at="2026-01-01T00:00:00Z")
    assert "canary" not in f"{issued} {issued!r} {[issued]}"
