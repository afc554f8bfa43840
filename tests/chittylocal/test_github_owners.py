"""What REST tells of owners, repositories and git's objects; what is not sent again; whole installations."""

from __future__ import annotations

import base64
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from chittylocal import Local
from chittylocal.faults import Fault

ORG, REPO = "ChittyOS", "ChittyOS/hello"
FILES = {
    "src/index.ts": "export {}\n" * 9,
    "run.sh": "#!/bin/sh\n",
    "docs/big.py": "x\n" * 999,
    "README.md": "# Hello\n",
}

Get = Callable[..., requests.Response]


@pytest.fixture
def get(local: Local, web: requests.Session) -> Get:
    """Ask REST by the workflow's token, or by another one ("-": none)."""
    base = local.urls()["GITHUB_API_URL"]

    def ask(path: str, token: str = "", method: str = "GET", **headers: str) -> requests.Response:
        bearer = {} if token == "-" else {"Authorization": f"Bearer {token or local.github_token}"}
        url = path if path.startswith("http") else base + path
        return web.request(method, url, headers=bearer | {key.replace("_", "-"): text for key, text in headers.items()})

    return ask


@pytest.fixture
def hello(local: Local) -> str:
    """A repository of git's with some files."""
    local.github.repository(REPO, FILES)
    return f"/repos/{REPO}"


def all_of(get: Get, path: str, token: str = "") -> list[str]:
    """The names on every page of a list of repositories."""
    found: list[str] = []
    while path:
        answer = get(path, token)
        assert answer.status_code == 200, answer.text
        found += [one["full_name"] for one in answer.json()]
        path = answer.links.get("next", {}).get("url", "")
    return found


def git(local: Local, *arguments: str) -> str:
    """What git itself says of the repository."""
    folder = local.github.git_folder(REPO)
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def signed(key: str, app: str) -> str:
    """A request's signature by an app."""
    moment = int(time.time())
    return jwt.encode({"iat": moment - 60, "exp": moment + 500, "iss": app}, key, algorithm="RS256")


def test_an_organisations_repositories_in_pages(local: Local, get: Get, tmp_path: Path) -> None:
    """Every one once, whatever it lies in, spelled as its owner does."""
    for number in range(7):
        (tmp_path / ORG / f"Plain{number}").mkdir(parents=True)
        (tmp_path / ORG / f"Plain{number}" / "a.py").write_text("x = 1\n", "utf-8")
    local.github.folders(tmp_path)
    local.github.repository("ChittyOS/git", {"a.sh": "true\n"})
    names = [*(f"ChittyOS/Plain{number}" for number in range(7)), "ChittyOS/git"]
    assert sorted(all_of(get, "/orgs/chittyos/repos?per_page=3")) == names
    assert all_of(get, "/orgs/chittyos/repos?per_page=3&sort=full_name")[0] == "ChittyOS/git"
    shown = get("/orgs/chittyos/repos?sort=full_name&direction=desc").json()[0]
    assert (shown["full_name"], shown["language"], shown["default_branch"]) == ("ChittyOS/Plain6", "Python", "main")
    assert get("/orgs/none/repos").status_code == 404
    assert get("/orgs/chittyos/repos?type=x").status_code == 422
    assert get("/orgs/chittyos").json()["public_repos"] == 8


def test_what_a_listing_says_and_leaves_out(local: Local, get: Get, hello: str) -> None:
    """Type, archive and dates as the profile has them; what a token may not see is left out, a user's are public."""
    local.github.repository("ChittyOS/secret", {"x": "y"})
    local.github.repository("ChittyOS/fork", {"x": "y"})
    local.github.profile("ChittyOS/secret").private = True
    fork = local.github.profile("ChittyOS/fork")
    fork.fork, fork.archived, fork.pushed_at = True, True, "2030-01-01T00:00:00Z"
    everything = ["ChittyOS/fork", REPO, "ChittyOS/secret"]
    assert sorted(all_of(get, "/orgs/ChittyOS/repos")) == everything
    assert all_of(get, "/orgs/ChittyOS/repos?type=forks") == ["ChittyOS/fork"]
    assert all_of(get, "/orgs/ChittyOS/repos?type=private") == ["ChittyOS/secret"]
    assert all_of(get, "/orgs/ChittyOS/repos?sort=pushed")[0] == "ChittyOS/fork"
    assert all_of(get, "/orgs/ChittyOS/repos", local.github.person("octocat", reaches=[])) == everything[:2]
    assert sorted(all_of(get, "/users/ChittyOS/repos")) == everything[:2]
    assert get("/repos/ChittyOS/fork").json()["archived"] is True
    local.github.rules.set_person("ChittyOS")
    assert get("/orgs/ChittyOS/repos").status_code == 404


def test_private_repositories_are_not_there_for_strangers(local: Local, get: Get, hello: str) -> None:
    """404 without a token and for who can't see it; the workflow's token may be held to its own as well."""
    local.github.profile(REPO).private = True
    stranger = local.github.person("octocat", reaches=["ChittyOS/other"])
    friend = local.github.person("mona", reaches=["chittyos/*"])
    assert [get(hello, token).status_code for token in ("-", stranger, friend, "")] == [404, 404, 200, 200]
    local.github.accounts.workflow_reaches = ("ChittyOS/other",)
    assert get(f"{hello}/contents/README.md").status_code == 404
    local.github.app("7", ["ChittyOS/*"], {"metadata": "read"})
    token = local.github.apps.grant("7", "ChittyOS")
    assert (get(hello, token).status_code, get(f"{hello}/contents/run.sh", token).status_code) == (200, 403)


def test_what_has_not_changed_is_not_sent_again(local: Local, get: Get, hello: str) -> None:
    """304 without a body and for nothing, until it changes; without a token it costs, another token knows nothing."""
    path = f"{hello}/contents/README.md"
    first = get(path)
    assert (first.headers["ETag"][:3], local.github.rest_budget.used) == ('W/"', 1)
    again = get(path, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert (local.github.rest_budget.used, again.headers["x-ratelimit-used"]) == (1, "1")
    strange = get(path, "-", If_None_Match=first.headers["ETag"])
    assert (strange.status_code, strange.content, strange.headers["ETag"] == first.headers["ETag"]) == (
        200,
        first.content,
        False,
    )
    assert get(path, "-", If_None_Match=strange.headers["ETag"]).status_code == 304
    assert local.github.rest_budget.used == 3
    local.github.push(REPO, {"README.md": "# Changed\n"})
    changed = get(path, If_None_Match=first.headers["ETag"])
    assert (changed.status_code, changed.headers["ETag"] == first.headers["ETag"]) == (200, False)
    listed = get("/orgs/ChittyOS/repos")
    assert get("/orgs/ChittyOS/repos", If_None_Match=listed.headers["ETag"]).status_code == 304


def test_trees_and_blobs_by_their_names(local: Local, get: Get, hello: str) -> None:
    """As git has them, with modes, by branch, commit or tree; blobs by base64 or raw."""
    whole = get(f"{hello}/git/trees/main?recursive=1").json()
    assert whole["sha"] == git(local, "rev-parse", "main^{tree}")
    shown = [f"{one['mode']} {one['type']} {one['sha']}\t{one['path']}" for one in whole["tree"]]
    assert shown == git(local, "ls-tree", "-r", "-t", "main").splitlines()
    source = next(one for one in whole["tree"] if one["path"] == "src")
    within = get(source["url"]).json()
    assert ([one["path"] for one in within["tree"]], within["sha"]) == (["index.ts"], source["sha"])
    blob = get(within["tree"][0]["url"]).json()
    assert base64.b64decode(blob["content"]).decode() == FILES["src/index.ts"]
    raw = get(blob["url"], Accept="application/vnd.github.raw+json")
    assert (raw.text, blob["size"]) == (FILES["src/index.ts"], 90)
    assert get(f"{hello}/git/blobs/{'0' * 40}").status_code == 404
    assert get(f"{hello}/git/blobs/{source['sha']}").status_code == 404
    assert get(f"{hello}/git/blobs/main").status_code == 422
    names = ("none", "--help", "main:src", "..", blob["sha"])
    assert {get(f"{hello}/git/trees/{name}").status_code for name in names} == {404}
    local.github.limits.most_entries = 2
    cut = get(f"{hello}/git/trees/main?recursive=1").json()
    assert (len(cut["tree"]), cut["truncated"], whole["truncated"]) == (2, True, False)


def test_a_plain_folder_has_the_same_objects(local: Local, get: Get, hello: str, tmp_path: Path) -> None:
    """The same files have the same trees and blobs as in git, by every name."""
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    local.github.folder("ChittyOS/plain", tmp_path)
    plain = "/repos/ChittyOS/plain"

    def tree(of: str, name: str) -> Any:
        answer = get(f"{of}/git/trees/{name}").json()
        return answer["sha"], sorted((one["path"], one["mode"], one["sha"]) for one in answer["tree"])

    source = git(local, "rev-parse", "main:src")
    for name in ("main", "main?recursive=1", source, git(local, "rev-parse", "main^{tree}")):
        assert tree(plain, name) == tree(hello, name)
    commit = get(f"{plain}/branches").json()[0]["commit"]["sha"]
    assert tree(plain, commit) == tree(plain, "main")
    sha = git(local, "rev-parse", "main:run.sh")
    assert base64.b64decode(get(f"{plain}/git/blobs/{sha}").json()["content"]) == b"#!/bin/sh\n"
    assert [get(f"{plain}/git/{kind}/{'0' * 40}").status_code for kind in ("blobs", "trees")] == [404, 404]


def test_branches_and_workflows_in_pages(local: Local, get: Get, hello: str) -> None:
    """All branches, or the protected ones; workflows that lie in the default branch run unless it is said otherwise."""
    files = {f".github/workflows/{number:02}.yml": "on: push\n" for number in range(40)}
    local.github.push(REPO, files)
    local.github.push(REPO, {"x": "y"}, branch="a/b")
    local.github.protect(REPO)
    assert [branch["name"] for branch in get(f"{hello}/branches").json()] == ["a/b", "main"]
    assert [branch["name"] for branch in get(f"{hello}/branches?protected=true").json()] == ["main"]
    local.github.rules.set_workflows(REPO, {".github/workflows/03.yml": "disabled_manually"})
    first = get(f"{hello}/actions/workflows")
    second = get(first.links["next"]["url"]).json()
    states = {one["path"]: one["state"] for one in first.json()["workflows"] + second["workflows"]}
    assert (second["total_count"], states.keys()) == (40, files.keys())
    assert [path for path, state in states.items() if state != "active"] == [".github/workflows/03.yml"]


def test_an_app_of_whole_organisations(local: Local, get: Get, hello: str, web: requests.Session) -> None:
    """Each organisation has its installation; a token without `repositories` reaches all of it, and later ones."""
    local.github.repository("ChittyCorp/app", {"x": "y"})
    for name in (REPO, "ChittyCorp/app"):
        local.github.profile(name).private = True
    granted = {"contents": "read", "issues": "write", "metadata": "read"}
    assertion = signed(local.github.app("7", ["ChittyOS/*", "ChittyCorp/*"], granted), "7")
    numbers = {org: get(f"/orgs/{org}/installation", assertion).json()["id"] for org in ("ChittyOS", "chittycorp")}
    assert len(set(numbers.values())) == 2
    assert get(f"{hello}/installation", assertion).json()["id"] == numbers["ChittyOS"]
    assert {one["id"] for one in get("/app/installations", assertion).json()} == set(numbers.values())
    refused = (get("/orgs/none/installation", assertion), get("/users/ChittyOS/installation", assertion))
    assert [answer.status_code for answer in refused] == [404, 404]
    answer = get(f"/app/installations/{numbers['ChittyOS']}/access_tokens", assertion, "POST")
    assert (answer.status_code, answer.json()["repository_selection"]) == (201, "all")
    token = answer.json()["token"]
    local.github.repository("ChittyOS/later", {"x": "y"})
    local.github.profile("ChittyOS/later").private = True
    assert [get(f"/repos/{name}", token).status_code for name in (REPO, "ChittyOS/later", "ChittyCorp/app")] == [
        200,
        200,
        404,
    ]
    assert get("/installation/repositories", token).json()["total_count"] == 2
    local.github.rules.set_person("ChittyCorp")
    assert get("/users/ChittyCorp/installation", assertion).json()["account"]["type"] == "User"


def test_what_goes_wrong_on_purpose(local: Local, get: Get, hello: str) -> None:
    """Slowness, the secondary limit, 502 and an error of one repository, for all of these."""
    sha = git(local, "rev-parse", "main:run.sh")
    paths = ["/orgs/ChittyOS/repos", f"{hello}/git/trees/main", f"{hello}/git/blobs/{sha}", f"{hello}/branches"]
    local.github.limits.latency = 0.02
    for path in paths:
        assert get(path).elapsed.total_seconds() >= 0.02
        local.github.limits.secondary = 1
        assert get(path).headers["Retry-After"] == "60"
        local.fault("github", "GET", path.partition("?")[0], Fault("status", status=502, times=1))
        assert get(path).status_code == 502
    local.github.limits.errors[REPO] = ("FORBIDDEN", "Resource protected by organization SAML enforcement.")
    assert [get(path).status_code for path in paths] == [200, 403, 403, 403]
