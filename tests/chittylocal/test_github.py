"""GitHub's REST API: what a delivery writes and asks there."""

from __future__ import annotations

import pytest
import requests

from chittylocal import Local

REPOSITORY = "chittyos/hello"


@pytest.fixture
def api(local: Local, web: requests.Session) -> tuple[str, requests.Session]:
    """The repository's URL and a client with the workflow's token."""
    web.headers["Authorization"] = f"Bearer {local.github_token}"
    return f"{local.env()['GITHUB_API_URL']}/repos/{REPOSITORY}", web


def test_a_comment_is_created_and_edited_in_place(local: Local, api: tuple[str, requests.Session]) -> None:
    """One comment, by the workflow's bot, with its new text."""
    base, web = api
    created = web.post(f"{base}/issues/7/comments", json={"body": "first"})
    assert created.status_code == 201
    edited = web.patch(f"{base}/issues/comments/{created.json()['id']}", json={"body": "second"})
    assert edited.json()["body"] == "second"
    (comment,) = web.get(f"{base}/issues/7/comments").json()
    assert (comment["body"], comment["user"]["login"]) == ("second", "github-actions[bot]")
    assert local.github.comments(REPOSITORY, 7)[0]["body"] == "second"


def test_comments_come_in_pages(local: Local, api: tuple[str, requests.Session]) -> None:
    """Thirty a page, and Link leads through all of them."""
    base, web = api
    for number in range(65):
        local.github.add_comment(REPOSITORY, 7, f"comment {number}", {"login": "octocat", "type": "User"})
    seen: list[str] = []
    url: str | None = f"{base}/issues/7/comments"
    sizes = []
    while url:
        page = web.get(url)
        sizes.append(len(page.json()))
        seen += [comment["body"] for comment in page.json()]
        url = page.links.get("next", {}).get("url")
    assert sizes == [30, 30, 5]
    assert seen == [f"comment {number}" for number in range(65)]
    assert len(web.get(f"{base}/issues/7/comments?per_page=100").json()) == 65


def test_a_comment_of_another_repository_is_not_found(local: Local, api: tuple[str, requests.Session]) -> None:
    """Ids don't reach across repositories."""
    base, web = api
    foreign = local.github.add_comment("acme/shop", 1, "theirs")
    assert web.patch(f"{base}/issues/comments/{foreign['id']}", json={"body": "ours"}).status_code == 404


def test_deployments_and_their_statuses(local: Local, api: tuple[str, requests.Session]) -> None:
    """A deployment is found by its environment, newest first, with its statuses."""
    base, web = api
    for environment in ("staging", "production"):
        web.post(f"{base}/deployments", json={"ref": "main", "environment": environment})
    (found,) = web.get(f"{base}/deployments?environment=production").json()
    url = f"{base}/deployments/{found['id']}/statuses"
    for state in ("in_progress", "success"):
        assert web.post(url, json={"state": state}).status_code == 201
    assert [status["state"] for status in web.get(url).json()] == ["success", "in_progress"]
    newest = local.github.deployments(REPOSITORY)[0]
    assert (newest["environment"], newest["statuses"][-1]["state"]) == ("production", "success")


def test_pull_requests_of_a_commit(local: Local, api: tuple[str, requests.Session]) -> None:
    """What a test set is found; another commit has none."""
    base, web = api
    local.github.set_pull(REPOSITORY, "abc", 12)
    assert [pull["number"] for pull in web.get(f"{base}/commits/abc/pulls").json()] == [12]
    assert web.get(f"{base}/commits/def/pulls").json() == []


@pytest.mark.parametrize(
    "ahead, behind, status", [(2, 0, "ahead"), (0, 3, "behind"), (1, 1, "diverged"), (0, 0, "identical")]
)
def test_comparisons(local: Local, api: tuple[str, requests.Session], ahead: int, behind: int, status: str) -> None:
    """Ahead, behind, diverged or identical, and the reverse the other way round."""
    base, web = api
    local.github.set_comparison(REPOSITORY, "old", "new", ahead, behind)
    answer = web.get(f"{base}/compare/old...new").json()
    assert (answer["status"], answer["ahead_by"], answer["behind_by"]) == (status, ahead, behind)
    assert web.get(f"{base}/compare/new...old").json()["ahead_by"] == behind


def test_a_comparison_with_an_unknown_commit(api: tuple[str, requests.Session]) -> None:
    """404, as after a force push."""
    base, web = api
    assert web.get(f"{base}/compare/gone...new").status_code == 404


def test_writes_without_the_permission(local: Local, api: tuple[str, requests.Session]) -> None:
    """A token without the permission reads, and is told so when it writes."""
    base, web = api
    local.github.read_only = True
    answer = web.post(f"{base}/issues/7/comments", json={"body": "x"})
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")
    assert web.get(f"{base}/issues/7/comments").json() == []


def test_tokens_are_checked(local: Local, web: requests.Session) -> None:
    """No token can't write; with `strict`, a wrong one can't even read."""
    url = f"{local.env()['GITHUB_API_URL']}/repos/{REPOSITORY}/issues/7/comments"
    assert web.post(url, json={"body": "x"}).status_code == 401
    local.github.strict = True
    answer = web.get(url, headers={"Authorization": "token wrong"})
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_malformed_writes(api: tuple[str, requests.Session]) -> None:
    """No JSON is 400, a missing field 422."""
    base, web = api
    assert web.post(f"{base}/issues/7/comments", data="{").status_code == 400
    assert web.post(f"{base}/issues/7/comments", json={}).status_code == 422
