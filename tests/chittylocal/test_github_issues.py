"""GitHub's issues over REST: opening, listing, changing, labels, search, and who writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from chittylocal import Local
from chittylocal.faults import Fault

REPO = "ChittyOS/hello"


class Api:
    """REST by one token."""

    def __init__(self, local: Local, web: requests.Session, token: str) -> None:
        self.base, self._web, self.token = local.urls()["GITHUB_API_URL"], web, token

    def ask(self, method: str, path: str, json: Any = None, **headers: str) -> requests.Response:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        url = path if path.startswith("http") else self.base + path
        return self._web.request(method, url, json=json, headers=bearer | headers)

    def open(self, title: str = "Compliance", repository: str = REPO, **more: Any) -> requests.Response:
        return self.ask("POST", f"/repos/{repository}/issues", {"title": title, **more})

    def numbers(self, query: str = "", repository: str = REPO) -> list[int]:
        return [issue["number"] for issue in self.ask("GET", f"/repos/{repository}/issues?{query}").json()]

    def search(self, words: str) -> list[int]:
        answer = self._web.get(
            f"{self.base}/search/issues", params={"q": words}, headers={"Authorization": f"Bearer {self.token}"}
        )
        assert answer.status_code == 200, answer.text
        return [item["number"] for item in answer.json()["items"]]


@pytest.fixture
def api(local: Local, web: requests.Session) -> Api:
    """The workflow's client, of a backend with one repository."""
    local.github.repository(REPO, {"README.md": "# Hello\n"})
    return Api(local, web, local.github_token)


@pytest.fixture
def by(local: Local, web: requests.Session, api: Api) -> Callable[[str], Api]:
    """Clients by other tokens of the same backend."""
    return lambda token: Api(local, web, token)


def test_an_issue_is_opened_and_read(api: Api) -> None:
    """It has a number, its author and labels as objects; unknown labels are made."""
    made = api.open(body="Text", labels=["compliance", "Compliance", "new"], assignees=["octocat"])
    issue = made.json()
    assert (made.status_code, issue["number"], issue["state"], issue["body"]) == (201, 1, "open", "Text")
    assert [(label["name"], label["color"]) for label in issue["labels"]] == [
        ("compliance", "ededed"),
        ("new", "ededed"),
    ]
    assert (issue["user"]["login"], issue["user"]["type"]) == ("github-actions[bot]", "Bot")
    assert (issue["assignee"]["login"], issue["html_url"]) == ("octocat", f"https://github.com/{REPO}/issues/1")
    assert api.ask("GET", f"/repos/{REPO}/issues/1").json() == issue
    assert api.ask("GET", issue["url"]).json() == issue
    assert made.headers["Location"] == issue["url"]
    assert [label["name"] for label in api.ask("GET", f"/repos/{REPO}/labels").json()] == ["compliance", "new"]


@pytest.mark.parametrize(
    "given, status, reason",
    [
        ({"body": "x" * 65_537}, 422, "body is too long (maximum is 65536 characters)"),
        ({"title": "x" * 257}, 422, "title is too long (maximum is 256 characters)"),
        ({"title": " "}, 422, "missing_field"),
        ({"labels": [""]}, 422, "missing_field"),
        ({"body": "é" * 65_536}, 201, ""),
    ],
)
def test_what_is_not_taken(api: Api, given: dict[str, Any], status: int, reason: str) -> None:
    """Too long texts and empty names; characters count, not bytes."""
    answer = api.open(**{"title": "t", **given})
    assert (answer.status_code, answer.json().get("message", "")) == (status, "Validation Failed" if reason else "")
    assert reason in answer.text
    assert api.ask("POST", f"/repos/{REPO}/issues", {"body": "x"}).status_code == 422
    assert len(api.numbers()) == (status == 201)


def test_an_issue_is_changed_closed_and_reopened(api: Api, local: Local) -> None:
    """Only what is named changes; who closed it and why is told; a comment may follow."""
    api.open(body="one", labels=["a"])
    url = f"/repos/{REPO}/issues/1"
    found = api.ask("PATCH", url, {"body": "two"}).json()
    assert (found["title"], found["body"], found["labels"][0]["name"]) == ("Compliance", "two", "a")
    closed = api.ask("PATCH", url, {"state": "closed", "state_reason": "not_planned", "labels": ["b"]}).json()
    assert (closed["state"], closed["state_reason"]) == ("closed", "not_planned")
    assert (closed["closed_by"]["login"], closed["labels"][0]["name"]) == ("github-actions[bot]", "b")
    assert api.numbers() == []
    assert api.numbers("state=closed") == [1]
    opened = api.ask("PATCH", url, {"state": "open"}).json()
    assert (opened["state_reason"], opened["closed_at"]) == ("reopened", None)
    assert api.ask("PATCH", url, {"state": "closed"}).json()["state_reason"] == "completed"
    assert api.ask("PATCH", url, {"state": "shut"}).status_code == 422
    assert api.ask("PATCH", f"/repos/{REPO}/issues/9", {"state": "closed"}).status_code == 404
    assert local.github.issues.of(REPO)[0]["state"] == "closed"


def test_issues_are_listed_by_what_is_asked(api: Api, by: Callable[[str], Api], local: Local) -> None:
    """The newest first; by all labels that are named, by creator, state and order; pull requests are among them."""
    api.open("one", labels=["a", "b"])
    by(local.github.person("octocat")).open("two", labels=["A"])
    local.github.push(REPO, {"x": "y"}, branch="fix")
    local.github.add_pull(REPO, "three", "fix", "main", "")
    assert api.numbers() == [3, 2, 1]
    assert api.numbers("direction=asc") == [1, 2, 3]
    assert api.numbers("labels=a") == [2, 1]
    assert api.numbers("labels=a,B") == [1]
    assert api.numbers("creator=octocat") == [2]
    assert api.numbers("creator=github-actions[bot]") == [3, 1]
    api.ask("POST", f"/repos/{REPO}/issues/1/comments", {"body": "x"})
    assert api.numbers("sort=comments")[0] == 1
    api.ask("PATCH", f"/repos/{REPO}/issues/2", {"body": "x"})
    assert api.numbers("sort=updated")[0] == 2
    pull = api.ask("GET", f"/repos/{REPO}/issues/3").json()
    assert (pull["pull_request"]["html_url"], pull["title"]) == (f"https://github.com/{REPO}/pull/3", "three")
    assert "pull_request" not in api.ask("GET", f"/repos/{REPO}/issues/1").json()
    assert api.ask("GET", f"/repos/{REPO}/issues?state=any").status_code == 422
    assert api.ask("GET", "/repos/ChittyOS/none/issues").status_code == 404


def test_a_pull_request_has_labels_too(api: Api, local: Local) -> None:
    """They are given as an issue's are, and both ways of looking at it show them."""
    local.github.push(REPO, {"x": "y"}, branch="fix")
    pull = api.ask("POST", f"/repos/{REPO}/pulls", {"title": "Fix", "head": "fix", "base": "main"}).json()
    assert (pull["labels"], pull["user"]["login"]) == ([], "github-actions[bot]")
    api.ask("POST", f"{pull['issue_url']}/labels", {"labels": ["compliance"]})
    for path in (pull["url"], pull["issue_url"]):
        assert [label["name"] for label in api.ask("GET", path).json()["labels"]] == ["compliance"]
    assert api.ask("PATCH", pull["issue_url"], {"state": "closed"}).json()["state"] == "closed"
    assert api.ask("GET", f"/repos/{REPO}/pulls").json() == []


def test_pages_are_linked(api: Api, local: Local) -> None:
    """Following `next` finds every issue once."""
    for number in range(1, 8):
        local.github.issues.open(REPO, f"issue {number}")
    url, found = f"/repos/{REPO}/issues?per_page=3", []
    while url:
        answer = api.ask("GET", url)
        found += [issue["number"] for issue in answer.json()]
        url = answer.links.get("next", {}).get("url", "")
    assert found == [7, 6, 5, 4, 3, 2, 1]
    assert set(answer.links) == {"prev", "first"}


def test_where_issues_are_off(api: Api, local: Local, ask: Callable[..., requests.Response]) -> None:
    """410 for what writes, a list without them; both APIs say so of the repository; an archived one is only read."""
    api.open()
    local.github.profile(REPO).has_issues = False
    answer = api.open()
    assert (answer.status_code, answer.json()["message"]) == (410, "Issues has been disabled in this repository.")
    assert api.ask("PATCH", f"/repos/{REPO}/issues/1", {"state": "closed"}).status_code == 410
    assert (api.ask("GET", f"/repos/{REPO}/issues").status_code, api.numbers()) == (200, [])
    assert api.ask("GET", f"/repos/{REPO}").json()["has_issues"] is False
    query = '{ repository(owner: "ChittyOS", name: "hello") { hasIssuesEnabled } }'
    assert ask(query).json()["data"]["repository"] == {"hasIssuesEnabled": False}
    local.github.profile(REPO).has_issues, local.github.profile(REPO).archived = True, True
    assert (api.open().status_code, api.numbers()) == (403, [1])


def test_who_may_not_write(api: Api, by: Callable[[str], Api], local: Local) -> None:
    """Read-only tokens, apps without the permission, and nobody; what they read stays."""
    local.github.app("7", [REPO])
    assert by(local.github.apps.grant("7")).open().status_code == 403
    assert by("").open().status_code == 401
    reader = by(local.github.person("octocat", writes=False))
    assert (reader.open().json()["message"], reader.numbers()) == (
        "Resource not accessible by personal access token",
        [],
    )
    local.github.read_only = True
    answer = api.open()
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")
    assert api.ask("POST", f"/repos/{REPO}/labels", {"name": "x"}).status_code == 403
    assert api.numbers() == []


def test_labels(api: Api) -> None:
    """Made once, in whatever case; read, renamed for every issue that has them, and removed."""
    url = f"/repos/{REPO}/labels"
    made = api.ask("POST", url, {"name": "compliance: gap", "color": "B60205", "description": "Found by the audit"})
    assert (made.status_code, made.json()["color"], made.json()["description"]) == (
        201,
        "b60205",
        "Found by the audit",
    )
    again = api.ask("POST", url, {"name": "Compliance: Gap"})
    assert (again.status_code, again.json()["errors"][0]["code"]) == (422, "already_exists")
    assert api.ask("GET", f"{url}/compliance%3A%20gap").json() == made.json()
    assert api.ask("GET", f"{url}/none").status_code == 404
    api.open(labels=["compliance: gap"])
    changed = api.ask("PATCH", f"{url}/compliance%3A%20gap", {"new_name": "gap", "color": "ffffff"}).json()
    assert (changed["name"], changed["color"], changed["description"]) == ("gap", "ffffff", "Found by the audit")
    assert api.numbers("labels=gap") == [1]
    assert api.ask("POST", url, {"name": "x", "color": "#ffffff"}).json()["errors"][0]["field"] == "color"
    assert api.ask("POST", url, {"name": "x", "description": "y" * 101}).status_code == 422
    assert api.ask("POST", url, {"name": "x" * 51}).status_code == 422
    assert api.ask("DELETE", f"{url}/gap").status_code == 204
    assert api.ask("GET", f"/repos/{REPO}/issues/1").json()["labels"] == []


def test_labels_of_an_issue(api: Api) -> None:
    """Some more, these alone, and one less."""
    api.open(labels=["a"])
    url = f"/repos/{REPO}/issues/1/labels"

    def names(answer: requests.Response) -> list[str]:
        return [label["name"] for label in answer.json()]

    assert names(api.ask("POST", url, {"labels": ["b", "A"]})) == ["a", "b"]
    assert names(api.ask("PUT", url, {"labels": ["c", "b"]})) == ["c", "b"]
    assert names(api.ask("DELETE", f"{url}/C")) == ["b"]
    assert api.ask("DELETE", f"{url}/c").status_code == 404
    assert names(api.ask("GET", url)) == ["b"]


def test_comments_of_issues(api: Api) -> None:
    """Written, listed oldest first, edited, removed; there are none of an issue that is not there."""
    api.open()
    url = f"/repos/{REPO}/issues/1/comments"
    made = [api.ask("POST", url, {"body": text}).json() for text in ("one", "two")]
    edited = api.ask("PATCH", made[0]["url"], {"body": "changed"}).json()
    assert (edited["id"], edited["body"], edited["user"]["login"]) == (made[0]["id"], "changed", "github-actions[bot]")
    assert [comment["body"] for comment in api.ask("GET", url).json()] == ["changed", "two"]
    assert api.ask("GET", made[1]["url"]).json() == made[1]
    assert api.ask("GET", f"/repos/{REPO}/issues/1").json()["comments"] == 2
    assert "Body is too long" in api.ask("POST", url, {"body": "x" * 65_537}).text
    assert api.ask("POST", url, {"body": ""}).status_code == 422
    assert api.ask("POST", f"/repos/{REPO}/issues/9/comments", {"body": "x"}).status_code == 404
    assert api.ask("DELETE", made[1]["url"]).status_code == 204
    assert api.ask("GET", made[1]["url"]).status_code == 404


def test_who_a_token_is(
    api: Api, by: Callable[[str], Api], local: Local, ask: Callable[..., requests.Response]
) -> None:
    """A person is told by both APIs; the workflow's token and an app's are integrations, which GraphQL alone names."""
    local.github.app("7", [REPO], {"issues": "write", "metadata": "read"}, slug="chitty-audit")
    tokens = {"octocat": local.github.person("octocat"), "chitty-audit[bot]": local.github.apps.grant("7")}
    tokens["github-actions[bot]"] = local.github_token
    for login, token in tokens.items():
        answer = by(token).ask("GET", "/user")
        known = (answer.status_code, answer.json().get("login"), answer.json().get("message"))
        refused = (403, None, "Resource not accessible by integration")
        assert known == ((200, "octocat", None) if login == "octocat" else refused)
        assert ask("{ viewer { login } }", token).json()["data"]["viewer"]["login"] == login
        issue = by(token).open().json()
        assert (issue["user"]["login"], issue["user"]["type"]) == (login, "Bot" if "[" in login else "User")
        assert api.numbers(f"creator={login}") == [issue["number"]]
        comment = by(token).ask("POST", f"/repos/{REPO}/issues/1/comments", {"body": "x"}).json()
        assert comment["user"]["login"] == login
    assert by("").ask("GET", "/user").status_code == 401
    query = "issues(first: 9) { nodes { viewerDidAuthor author { login __typename } } }"
    found = ask(f'{{ repository(owner: "ChittyOS", name: "hello") {{ {query} }} }}', tokens["chitty-audit[bot]"]).json()
    assert found["data"]["repository"]["issues"]["nodes"] == [
        {"viewerDidAuthor": False, "author": {"login": "octocat", "__typename": "User"}},
        {"viewerDidAuthor": True, "author": {"login": "chitty-audit", "__typename": "Bot"}},
        {"viewerDidAuthor": False, "author": {"login": "github-actions", "__typename": "Bot"}},
    ]


def test_search(api: Api, by: Callable[[str], Api], local: Local) -> None:
    """By repository, owner, state, label, author and words; what it doesn't know it says."""
    local.github.repository("ChittyOS/other", {"x": "y"})
    api.open("Compliance of hello", labels=["gap one"], body="<!-- fingerprint:abc -->")
    api.open("Else")
    api.open("Compliance of other", "ChittyOS/other", labels=["gap one"])
    api.ask("PATCH", f"/repos/{REPO}/issues/2", {"state": "closed"})
    assert api.search(f"repo:{REPO} is:issue is:open") == [1]
    assert api.search(f'org:chittyos label:"gap one" repo:{REPO}') == [1]
    assert sorted(api.search("org:chittyos label:gap-one OR compliance")) == []
    assert api.search(f'repo:{REPO} -label:"gap one"') == [2]
    assert api.search(f"repo:{REPO} fingerprint:abc in:body".replace("fingerprint:abc", '"fingerprint:abc"')) == [1]
    assert api.search(f"repo:{REPO} author:app/github-actions state:closed") == [2]
    assert api.search(f"repo:{REPO} is:pr") == []
    assert api.ask("GET", "/search/issues?q=linked:pr").status_code == 422
    assert api.ask("GET", "/search/issues?q=").status_code == 422
    assert "cannot be searched" in api.ask("GET", "/search/issues?q=repo:chittyos/none").text
    answer = api.ask("GET", "/search/issues?q=org:chittyos&per_page=2")
    assert (answer.json()["total_count"], answer.json()["incomplete_results"], len(answer.json()["items"])) == (
        3,
        False,
        2,
    )
    assert "next" in answer.links
    assert answer.headers["x-ratelimit-resource"] == "search"
    assert local.github.search_budget.used > 0
    local.github.limits.incomplete_searches = 1
    assert api.ask("GET", "/search/issues?q=org:chittyos").json()["incomplete_results"] is True


def test_a_search_is_late(api: Api, local: Local) -> None:
    """By seconds or by searches: what is new isn't found, what changed is found as it was; the list knows at once."""
    local.github.issues.open(REPO, "old")
    local.github.limits.search_delay = 30
    api.open("new")
    api.ask("PATCH", f"/repos/{REPO}/issues/1", {"state": "closed"})
    assert api.search(f"repo:{REPO} is:open") == [1]
    assert api.numbers() == [2]
    local.github.pass_time(31)
    assert api.search(f"repo:{REPO} is:open") == [2]
    local.github.limits.search_delay, local.github.limits.search_lag = 0, 2
    api.open("third")
    assert [3 in api.search(f"repo:{REPO} is:open") for _ in range(4)] == [False, False, True, True]


def test_searches_have_a_minute_of_their_own(api: Api, local: Local) -> None:
    """Thirty are answered, the next is refused until the minute is over; the hour's requests aren't touched."""
    local.github.search_budget.used = 29
    statuses = [api.ask("GET", "/search/issues?q=is:issue").status_code for _ in range(2)]
    assert (statuses, local.github.rest_budget.used) == ([200, 403], 0)
    assert api.ask("GET", "/rate_limit").json()["resources"]["search"]["remaining"] == 0
    local.github.pass_time(61)
    assert api.ask("GET", "/search/issues?q=is:issue").status_code == 200


def test_too_much_written(api: Api, local: Local) -> None:
    """Writing is refused with the time to wait, reading is not; what was refused for its form counts for nothing."""
    local.github.limits.creations_a_minute, local.github.limits.creations_an_hour = 2, 3
    assert api.open("").status_code == 422
    assert [api.open().status_code for _ in range(2)] == [201, 201]
    answer = api.open()
    assert (answer.status_code, api.numbers()) == (403, [2, 1])
    assert "secondary rate limit" in answer.json()["message"]
    assert 58 <= int(answer.headers["Retry-After"]) <= 60
    local.github.pass_time(int(answer.headers["Retry-After"]))
    assert api.open().status_code == 201
    local.github.pass_time(61)
    assert 3400 < int(api.open().headers["Retry-After"]) <= 3600
    local.github.pass_time(3500)
    assert api.ask("POST", f"/repos/{REPO}/labels", {"name": "x"}).status_code == 201


def test_faults_hit_issues_too(api: Api, local: Local) -> None:
    """A 502 that opened the issue nevertheless, the secondary limit, and slowness."""
    path = f"/repos/{REPO}/issues"
    local.fault("github", "POST", path, Fault("status", status=502, times=1, after_effect=True))
    assert (api.open().status_code, api.numbers()) == (502, [1])
    local.github.limits.secondary, local.github.limits.retry_after = 1, 3
    assert api.open().headers["Retry-After"] == "3"
    local.github.limits.latency = 0.02
    assert api.ask("GET", path).elapsed.total_seconds() >= 0.02


def test_issues_are_kept(web: requests.Session, tmp_path: Any) -> None:
    """A folder that is opened again has the issues and labels of last time, and follows a renamed repository."""
    with Local(state=tmp_path) as local:
        local.github.repository(REPO, {"README.md": "x"})
        Api(local, web, local.github_token).open(labels=["gap"])
        local.github.rename(REPO, "ChittyOS/hi")
    with Local(state=tmp_path) as local:
        api = Api(local, web, local.github_token)
        (issue,) = api.ask("GET", "/repos/ChittyOS/hi/issues").json()
        assert (issue["title"], issue["labels"][0]["id"] > 0) == ("Compliance", True)
        assert api.open(repository="ChittyOS/hi").json()["number"] == 2
