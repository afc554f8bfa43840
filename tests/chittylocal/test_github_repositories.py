"""GitHub's repositories: contents, refs, pull requests and dispatches over real git."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from chittylocal import Local

pytestmark = pytest.mark.engines

TAP = "chittyos/homebrew-tap"
FORMULA = "Formula/hello.rb"


class Api:
    """The tap's API for a client with a token."""

    def __init__(self, local: Local) -> None:
        self.local = local
        self.web = requests.Session()
        self.web.trust_env = False
        self.web.headers["Authorization"] = "Bearer a-token-for-the-tap"
        self.base = f"{local.urls()['GITHUB_API_URL']}/repos/{TAP}"

    def ask(self, method: str, path: str, json: object = None) -> requests.Response:
        return self.web.request(method, self.base + path, json=json)

    def put(self, text: str, sha: str = "", path: str = FORMULA, **more: object) -> requests.Response:
        body = {"message": "hello 1.0.1", "content": base64.b64encode(text.encode()).decode(), **more}
        return self.ask("PUT", f"/contents/{path}", body | ({"sha": sha} if sha else {}))

    def sha(self, path: str = FORMULA) -> str:
        return str(self.ask("GET", f"/contents/{path}").json()["sha"])

    def head(self, branch: str = "main") -> str:
        return str(self.ask("GET", f"/git/ref/heads/{branch}").json()["object"]["sha"])


@pytest.fixture
def api(local: Local) -> Iterator[Api]:
    """A tap with one formula."""
    local.github.repository(TAP, {FORMULA: "class Hello\nend\n", "README.md": "# Tap\n"})
    client = Api(local)
    with client.web:
        yield client


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def test_a_file_is_read_with_its_blob(local: Local, api: Api) -> None:
    """Content by base64, and git's own blob id; a folder is a list; what is not there is 404."""
    answer = api.ask("GET", f"/contents/{FORMULA}").json()
    assert base64.b64decode(answer["content"]) == b"class Hello\nend\n"
    folder = local.github.git_folder(TAP)
    assert answer["sha"] == git(folder, "rev-parse", f"main:{FORMULA}").strip()
    assert [item["path"] for item in api.ask("GET", "/contents/Formula").json()] == [FORMULA]
    assert {(item["path"], item["type"]) for item in api.ask("GET", "/contents/").json()} == {
        ("Formula", "dir"),
        ("README.md", "file"),
    }
    assert api.ask("GET", "/contents/Formula/none.rb").status_code == 404
    assert api.ask("GET", f"/contents/{FORMULA}?ref=none").json()["message"] == "No commit found for the ref none"


def test_a_tree(local: Local, api: Api) -> None:
    """The whole tree of a branch or commit by `recursive`, its root without; an empty repository has none."""
    local.github.push(TAP, {"Formula/h/hello.rb": "x"}, branch="a/branch")
    whole = api.ask("GET", "/git/trees/main?recursive=1").json()
    assert {(item["path"], item["type"]) for item in whole["tree"]} == {
        ("Formula", "tree"),
        (FORMULA, "blob"),
        ("README.md", "blob"),
    }
    assert (whole["truncated"], whole["tree"][1]["sha"]) == (False, api.sha())
    assert [item["path"] for item in api.ask("GET", "/git/trees/main").json()["tree"]] == ["Formula", "README.md"]
    assert api.ask("GET", "/git/trees/a%2Fbranch?recursive=1").json()["tree"][1]["path"] == "Formula/h"
    assert api.ask("GET", f"/git/trees/{api.head()}").json()["tree"]
    assert api.ask("GET", "/git/trees/none").status_code == 404


def test_a_write_is_a_real_commit(local: Local, api: Api) -> None:
    """The commit has its message, author and parent, and git finds the repository whole."""
    before = api.head()
    author = {"name": "Chitty", "email": "ops@chitty.cc"}
    answer = api.put("class Hello # 1.0.1\nend\n", api.sha(), author=author)
    assert answer.status_code == 200
    assert local.github.read(TAP, FORMULA) == "class Hello # 1.0.1\nend\n"
    newest, first = local.github.log(TAP)
    assert (newest.sha, newest.message, newest.author) == (answer.json()["commit"]["sha"], "hello 1.0.1", "Chitty")
    assert (newest.parent, first.sha) == (before, before)
    assert local.github.read(TAP, "README.md") == "# Tap\n"
    git(local.github.git_folder(TAP), "fsck", "--strict")
    assert api.put("new", path="Formula/new.rb").status_code == 201
    (commit, *_) = api.ask("GET", "/commits?path=Formula/new.rb&per_page=1").json()
    assert commit["html_url"] == f"https://github.com/{TAP}/commit/{api.head()}"


@pytest.mark.parametrize(
    "how, status, message",
    [
        ({}, 422, 'Invalid request.\n\n"sha" wasn\'t supplied.'),
        ({"sha": "deadbeef"}, 409, f"{FORMULA} does not match deadbeef"),
        ({"sha": "deadbeef", "branch": "none"}, 404, "Branch none not found"),
        ({"path": "Formula/.git/x.rb"}, 422, "path contains a malformed path component"),
    ],
)
def test_a_write_by_who_does_not_know_the_file(
    local: Local, api: Api, how: dict[str, str], status: int, message: str
) -> None:
    """Status and words as GitHub has them, and nothing is committed."""
    answer = api.put("other", **how)
    assert (answer.status_code, answer.json()["message"]) == (status, message)
    assert len(local.github.log(TAP)) == 1


def test_of_two_writers_one_is_told(local: Local, api: Api) -> None:
    """Who writes with the blob that the other has replaced gets 409."""
    known = api.sha()
    assert api.put("first", known).status_code == 200
    assert api.put("second", known).status_code == 409
    assert local.github.read(TAP, FORMULA) == "first"


def test_an_empty_repository(local: Local, web: requests.Session) -> None:
    """It has no contents and no branch, until a first file is written."""
    local.github.repository("chittyos/empty")
    base = f"{local.urls()['GITHUB_API_URL']}/repos/chittyos/empty"
    assert web.get(base).json()["default_branch"] == "main"
    answer = web.get(f"{base}/contents/Formula/x.rb")
    assert (answer.status_code, answer.json()["message"]) == (404, "This repository is empty.")
    answer = web.get(f"{base}/git/ref/heads/main")
    assert (answer.status_code, answer.json()["message"]) == (409, "Git Repository is empty.")
    assert web.get(f"{base}/git/trees/main").status_code == 409
    body = {"message": "m", "content": base64.b64encode(b"x").decode()}
    assert web.put(f"{base}/contents/a", json=body, headers={"Authorization": "Bearer t"}).status_code == 201
    assert len(local.github.log("chittyos/empty")) == 1
    assert web.get(base.replace("empty", "none")).status_code == 404


def test_branches(local: Local, api: Api) -> None:
    """A branch is made, moved forward, forced, and removed; each refusal has GitHub's words."""
    first = api.head()
    ref = {"ref": "refs/heads/a/b", "sha": first}
    assert api.ask("POST", "/git/refs", ref).status_code == 201
    assert api.ask("POST", "/git/refs", ref).json()["message"] == "Reference already exists"
    api.put("on the branch", api.sha(), branch="a/b")
    second = api.head("a/b")
    assert second != first == api.head()
    answer = api.ask("PATCH", "/git/refs/heads/a/b", {"sha": first})
    assert (answer.status_code, answer.json()["message"]) == (422, "Update is not a fast forward")
    assert api.ask("PATCH", "/git/refs/heads/main", {"sha": second}).status_code == 200
    assert api.ask("PATCH", "/git/refs/heads/a/b", {"sha": first, "force": True}).status_code == 200
    assert api.head("a/b") == first
    assert api.ask("DELETE", "/git/refs/heads/a/b").status_code == 204
    assert api.ask("GET", "/git/ref/heads/a/b").status_code == 404
    assert api.ask("PATCH", "/git/refs/heads/a/b", {"sha": first}).json()["message"] == "Reference does not exist"
    assert api.ask("GET", f"/compare/{first}...{second}").json()["status"] == "ahead"


def test_a_protected_branch(local: Local, api: Api) -> None:
    """Neither contents nor refs change it; other branches are free."""
    local.github.protect(TAP)
    answer = api.put("x", api.sha())
    assert answer.status_code == 409
    assert "Changes must be made through a pull request" in answer.json()["message"]
    api.ask("POST", "/git/refs", {"ref": "refs/heads/b", "sha": api.head()})
    assert api.put("x", api.sha(), branch="b").status_code == 200
    assert api.ask("PATCH", "/git/refs/heads/main", {"sha": api.head("b")}).status_code == 422
    assert local.github.read(TAP, FORMULA) == "class Hello\nend\n"


def test_pull_requests(local: Local, api: Api) -> None:
    """One for a branch with commits of its own; found by its head, edited, closed."""
    asked = {"title": "hello 1.0.1", "head": "update", "base": "main", "body": "b"}
    errors = api.ask("POST", "/pulls", asked).json()["errors"]
    assert errors == [{"resource": "PullRequest", "field": "head", "code": "invalid"}]
    api.ask("POST", "/git/refs", {"ref": "refs/heads/update", "sha": api.head()})
    assert "No commits between main and update" in api.ask("POST", "/pulls", asked).text
    api.put("x", api.sha(), branch="update")
    made = api.ask("POST", "/pulls", asked)
    assert (made.status_code, made.json()["number"], made.json()["head"]["sha"]) == (201, 1, api.head("update"))
    assert "A pull request already exists for chittyos:update." in api.ask("POST", "/pulls", asked).text
    found = api.ask("GET", "/pulls?head=chittyos:update&state=open").json()
    assert [pull["number"] for pull in found] == [1]
    assert api.ask("GET", "/pulls?head=chittyos:other").json() == []
    api.ask("PATCH", "/pulls/1", {"title": "new", "state": "closed"})
    (pull,) = local.github.pull_requests(TAP)
    assert (pull["title"], pull["state"]) == ("new", "closed")
    assert api.ask("GET", "/pulls").json() == []


def test_a_pull_request_is_merged_once_its_base_has_it(local: Local, api: Api) -> None:
    """By whatever push, and it stays so when the branch goes on; one that was closed before never is."""
    api.ask("POST", "/git/refs", {"ref": "refs/heads/update", "sha": api.head()})
    api.put("x", api.sha(), branch="update")
    for number in (1, 2):
        api.ask("POST", "/pulls", {"title": "t", "head": "update", "base": "main", "body": "b"})
        assert api.ask("GET", f"/pulls/{number}").json()["merged_at"] is None
        if number == 1:
            api.ask("PATCH", "/pulls/1", {"state": "closed"})
    api.ask("PATCH", "/git/refs/heads/main", {"sha": api.head("update")})
    shown = api.ask("GET", "/pulls?state=all").json()
    assert [(one["number"], one["state"], bool(one["merged_at"])) for one in shown] == [
        (2, "closed", True), (1, "closed", False),
    ]  # fmt: skip
    local.github.push(TAP, {"more": "x"}, branch="update")
    assert api.ask("GET", "/pulls/2").json()["merged_at"] == shown[0]["merged_at"]


def test_dispatches_are_noted(local: Local, api: Api) -> None:
    """204, and the event with its payload; one without a type is refused."""
    event = {"event_type": "update-formula", "client_payload": {"formula": "hello"}}
    assert api.ask("POST", "/dispatches", event).status_code == 204
    assert local.github.dispatches(TAP) == [event]
    assert api.ask("POST", "/dispatches", {}).status_code == 422
    assert api.ask("POST", "/dispatches", event | {"client_payload": {str(n): n for n in range(11)}}).status_code == 422


def test_a_state_folder_keeps_its_repositories(tmp_path: Path) -> None:
    """A backend that is started again has the commits and pull requests of before."""
    with Local(tmp_path / "state") as local:
        local.github.repository(TAP, {FORMULA: "x"})
        head = local.github.push(TAP, {FORMULA: "y"})
    with Local(tmp_path / "state") as local:
        assert local.github.read(TAP, FORMULA) == "y"
        assert local.github.log(TAP.upper())[0].sha == head
