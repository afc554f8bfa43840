"""GitHub's GraphQL API over git repositories: every field that an audit asks, and what GitHub says of the others."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from chittylocal import Local
from chittylocal.services import github_graphql_schema

REPO = "ChittyOS/hello"
FILES = {"CLAUDE.md": "# Hello\n", "package.json": "{}", ".github/workflows/ci.yml": "on: push\n", "bin": "\0\1"}

Ask = Callable[..., requests.Response]
Audit = Callable[..., str]


@pytest.fixture
def made(local: Local) -> Local:
    """A backend with one repository."""
    local.github.repository(REPO, FILES)
    return local


def one(ask: Ask, query: str, **variables: object) -> Any:
    """The data of an answer that has no errors."""
    answer = ask(query, **variables)
    assert (answer.status_code, answer.json().get("errors")) == (200, None)
    return answer.json()["data"]


def aliases(**asked: tuple[str, str]) -> str:
    """A query of repositories of ChittyOS: alias = (name, fields)."""
    shown = [f'{key}: repository(owner: "ChittyOS", name: "{name}") {{ {of} }}' for key, (name, of) in asked.items()]
    return f"{{ {' '.join(shown)} }}"


def of(ask: Ask, fields: str, name: str = REPO) -> Any:
    """Fields of one repository."""
    query = "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { %s } }"
    owner, _, own = name.partition("/")
    return one(ask, query % fields, owner=owner, name=own)["repository"]


def test_what_an_audit_asks_of_twenty_repositories(made: Local, ask: Ask, audit: Audit) -> None:
    """One valid query of one point, under 1,500 nodes, and each repository has its own answer."""
    names = [REPO, *(f"ChittyOS/r{number}" for number in range(1, 20))]
    for name in names[1:3]:
        made.github.repository(name, {"CLAUDE.md": name})
    for name in names[3:]:
        made.github.folder(name, Path(__file__).parent)
    found = one(ask, audit(*names))
    limit = found["rateLimit"]
    assert (limit["cost"], limit["limit"], limit["remaining"], limit["nodeCount"]) == (1, 5000, 4999, 1220)
    assert [found[f"r{number}"]["nameWithOwner"] for number in range(20)] == names
    assert found["r2"]["claude"]["text"] == "ChittyOS/r2"
    assert found["viewer"] == {"login": "github-actions[bot]"}


def test_what_a_repository_says_of_itself(made: Local, ask: Ask) -> None:
    """Public and in use by default, and otherwise as its profile has it."""
    asked = "isArchived isDisabled isEmpty isPrivate isFork isTemplate visibility url description owner { login }"
    plain = dict.fromkeys(["isArchived", "isDisabled", "isEmpty", "isPrivate", "isFork", "isTemplate"], False)
    url, owner = "https://github.com/ChittyOS/hello", {"login": "ChittyOS"}
    assert of(ask, asked) == {**plain, "visibility": "PUBLIC", "url": url, "description": None, "owner": owner}
    profile = made.github.profile(REPO)
    profile.archived = profile.disabled = profile.private = profile.fork = profile.template = True
    profile.description = "Hello"
    turned = dict.fromkeys(plain, True) | {"isEmpty": False, "visibility": "PRIVATE", "description": "Hello"}
    assert of(ask, asked) == {**turned, "url": url, "owner": owner}


def test_when_a_repository_moved(made: Local, ask: Ask) -> None:
    """By its default branch, or as its profile has it."""
    found = of(ask, "pushedAt updatedAt")
    assert found["pushedAt"] == found["updatedAt"]
    assert found["pushedAt"].endswith("Z")
    made.github.profile(REPO).pushed_at = "2025-05-05T05:05:05Z"
    assert of(ask, "pushedAt")["pushedAt"] == "2025-05-05T05:05:05Z"


def test_blobs(made: Local, ask: Ask) -> None:
    """Text with its size and git's name; a binary one has no text; what is not there is null."""
    asked = "... on Blob { oid text byteSize isBinary isTruncated }"
    found = of(
        ask,
        f"""text: object(expression: "HEAD:CLAUDE.md") {{ {asked} }}
        binary: object(expression: "main:bin") {{ {asked} }}
        none: object(expression: "HEAD:none") {{ oid }} within: object(expression: "HEAD:CLAUDE.md/x") {{ oid }}""",
    )
    assert found["text"] == {
        "oid": git(made, "rev-parse", "main:CLAUDE.md"), "text": "# Hello\n", "byteSize": 8, "isBinary": False,
        "isTruncated": False,
    }  # fmt: skip
    assert (found["binary"]["isBinary"], found["binary"]["text"], found["binary"]["byteSize"]) == (True, None, 2)
    assert found["none"] is found["within"] is None


def test_text_is_cut_between_characters(made: Local, ask: Ask) -> None:
    """At 512,000 bytes, and the answer says so; the size is the whole one."""
    made.github.push(REPO, {"big": "x" + "é" * 256_000, "full": "y" * 512_000})
    asked = "... on Blob { text byteSize isTruncated }"
    found = of(
        ask, f'big: object(expression: "HEAD:big") {{ {asked} }} full: object(expression: "HEAD:full") {{ {asked} }}'
    )
    assert found["big"] == {"text": "x" + "é" * 255_999, "byteSize": 512_001, "isTruncated": True}
    assert (len(found["full"]["text"]), found["full"]["isTruncated"]) == (512_000, False)


def test_what_is_cut_is_whole_by_rest(made: Local, web: requests.Session) -> None:
    """Up to a megabyte in JSON, beyond that only by the raw media type, which gives the bytes as they are."""
    made.github.push(REPO, {"big": "x" * 600_000, "huge": "y" * 1_100_000})
    url = f"{made.urls()['GITHUB_API_URL']}/repos/{REPO}/contents"
    assert len(base64.b64decode(web.get(f"{url}/big").json()["content"])) == 600_000
    huge = web.get(f"{url}/huge").json()
    assert (huge["encoding"], huge["content"], huge["size"]) == ("none", "", 1_100_000)
    raw = web.get(f"{url}/huge", headers={"Accept": "application/vnd.github.raw+json"})
    assert raw.content == b"y" * 1_100_000


def test_trees(made: Local, ask: Ask) -> None:
    """A folder's own entries, with git's modes as numbers, and what each entry is of."""
    asked = "... on Tree { oid entries { name type mode path oid size object { ... on Blob { text } } } }"
    found = of(
        ask,
        f"""root: object(expression: "HEAD:") {{ {asked} }}
        sub: object(expression: "HEAD:.github/workflows") {{ {asked} }}""",
    )
    assert found["root"]["oid"] == git(made, "rev-parse", "main^{tree}")
    entries = [(one["name"], one["type"], one["mode"], one["size"]) for one in found["root"]["entries"]]
    assert entries == [
        (".github", "tree", 16384, 0), ("CLAUDE.md", "blob", 33188, 8), ("bin", "blob", 33188, 2),
        ("package.json", "blob", 33188, 2),
    ]  # fmt: skip
    (workflow,) = found["sub"]["entries"]
    assert (workflow["path"], workflow["object"]["text"]) == (".github/workflows/ci.yml", "on: push\n")


def test_commits_and_revisions(made: Local, ask: Ask) -> None:
    """HEAD, a branch, a commit and git's own names lead to the same place."""
    commit, tree = git(made, "rev-parse", "main"), git(made, "rev-parse", "main^{tree}")
    found = of(
        ask,
        f"""head: object(expression: "HEAD") {{ __typename oid ... on Commit {{ messageHeadline tree {{ oid }} }} }}
        branch: object(expression: "refs/heads/main") {{ oid }} full: object(expression: "{commit}:") {{ oid }}
        named: object(oid: "{tree}") {{ __typename }} none: object(expression: "other:CLAUDE.md") {{ oid }}
        ref(qualifiedName: "refs/heads/main") {{ prefix target {{ oid }} }}
        other: ref(qualifiedName: "x") {{ name }}""",
    )
    shown = {"__typename": "Commit", "oid": commit, "messageHeadline": "First commit", "tree": {"oid": tree}}
    assert found["head"] == shown
    assert (found["branch"], found["full"], found["named"]) == ({"oid": commit}, {"oid": tree}, {"__typename": "Tree"})
    assert found["ref"] == {"prefix": "refs/heads/", "target": {"oid": commit}}
    assert found["none"] is found["other"] is None


def test_an_empty_repository(local: Local, ask: Ask) -> None:
    """It has no default branch, no objects, and was never pushed to."""
    local.github.repository(REPO)
    found = of(ask, 'isEmpty pushedAt defaultBranchRef { name } object(expression: "HEAD:") { oid }')
    assert found == {"isEmpty": True, "pushedAt": None, "defaultBranchRef": None, "object": None}


def test_a_default_branch_of_another_name(made: Local, ask: Ask) -> None:
    """HEAD follows it."""
    made.github.push(REPO, {"CLAUDE.md": "trunk"}, branch="trunk")
    made.github.rules.set_default_branch(REPO, "trunk")
    found = of(ask, 'defaultBranchRef { name } object(expression: "HEAD:CLAUDE.md") { ... on Blob { text } }')
    assert found == {"defaultBranchRef": {"name": "trunk"}, "object": {"text": "trunk"}}


CLASSIC = """defaultBranchRef { branchProtectionRule {
  requiresApprovingReviews requiredApprovingReviewCount requiresStatusChecks requiredStatusCheckContexts
  allowsForcePushes requiresCodeOwnerReviews isAdminEnforced }
  refUpdateRule { requiredApprovingReviewCount requiredStatusCheckContexts allowsForcePushes viewerCanPush } }"""


def test_a_classic_rule(made: Local, ask: Ask) -> None:
    """What it says and what it is silent about; without one both fields are null."""
    assert of(ask, CLASSIC)["defaultBranchRef"] == {"branchProtectionRule": None, "refUpdateRule": None}
    made.github.rules.set_classic(REPO, approvals=2, checks=("build",), code_owners=True, admins=True)
    found = of(ask, CLASSIC)["defaultBranchRef"]
    assert found["branchProtectionRule"] == {
        "requiresApprovingReviews": True, "requiredApprovingReviewCount": 2, "requiresStatusChecks": True,
        "requiredStatusCheckContexts": ["build"], "allowsForcePushes": False, "requiresCodeOwnerReviews": True,
        "isAdminEnforced": True,
    }  # fmt: skip
    assert (found["refUpdateRule"]["requiredApprovingReviewCount"], found["refUpdateRule"]["viewerCanPush"]) == (
        2,
        True,
    )
    made.github.rules.set_classic(REPO, approvals=None, checks=(), force_pushes=True)
    silent = of(ask, CLASSIC)["defaultBranchRef"]["branchProtectionRule"]
    assert (silent["requiresApprovingReviews"], silent["requiredApprovingReviewCount"]) == (False, None)
    assert (silent["requiresStatusChecks"], silent["requiredStatusCheckContexts"]) == (False, [])
    assert (silent["allowsForcePushes"], silent["isAdminEnforced"]) == (True, False)


def test_a_token_without_rights_sees_no_classic_rule(made: Local, ask: Ask) -> None:
    """Both fields are null; a workflow's token is told why; one that may push sees what is asked of a push."""
    made.github.rules.set_classic(REPO)
    made.github.rules.admin = "hidden"
    assert of(ask, CLASSIC)["defaultBranchRef"] == {"branchProtectionRule": None, "refUpdateRule": None}
    made.github.rules.writer = True
    found = of(ask, CLASSIC)["defaultBranchRef"]
    assert (found["branchProtectionRule"], found["refUpdateRule"]["requiredApprovingReviewCount"]) == (None, 1)
    made.github.rules.admin, made.github.rules.writer = "forbidden", False
    answer = ask(aliases(x=("hello", CLASSIC))).json()
    assert answer["data"]["x"]["defaultBranchRef"] == {"branchProtectionRule": None, "refUpdateRule": None}
    (error,) = answer["errors"]
    assert (error["type"], error["path"]) == ("FORBIDDEN", ["x", "defaultBranchRef", "branchProtectionRule"])


RULES = """defaultBranchRef { rules(first: 50) { nodes { type repositoryRuleset { name enforcement } parameters {
  ... on PullRequestParameters { requiredApprovingReviewCount requireCodeOwnerReview }
  ... on RequiredStatusChecksParameters { requiredStatusChecks { context integrationId } } } } } }"""


def test_rules_of_rulesets(made: Local, ask: Ask) -> None:
    """Their kinds under GraphQL's names, their parameters, and the ruleset that they come from."""
    org = {"name": "org", "enforcement": "evaluate"}
    checks = {"required_status_checks": [{"context": "ci"}]}
    made.github.rules.set_rules(REPO, [
        {"type": "pull_request", "parameters": {"required_approving_review_count": 2}},
        {"type": "required_status_checks", "parameters": checks, "ruleset": org}, {"type": "non_fast_forward"},
    ])  # fmt: skip
    nodes = of(ask, RULES)["defaultBranchRef"]["rules"]["nodes"]
    main = {"name": "main", "enforcement": "ACTIVE"}
    assert nodes == [
        {"type": "PULL_REQUEST", "repositoryRuleset": main,
         "parameters": {"requiredApprovingReviewCount": 2, "requireCodeOwnerReview": False}},
        {"type": "REQUIRED_STATUS_CHECKS", "repositoryRuleset": {"name": "org", "enforcement": "EVALUATE"},
         "parameters": {"requiredStatusChecks": [{"context": "ci", "integrationId": None}]}},
        {"type": "NON_FAST_FORWARD", "repositoryRuleset": main, "parameters": None},
    ]  # fmt: skip
    made.github.rules.plan = False
    assert of(ask, RULES)["defaultBranchRef"]["rules"] is None


def test_issues(made: Local, ask: Ask) -> None:
    """Those of the state and with the label, who wrote them, and whether that is who asks."""
    issues = made.github.issues
    issues.open(REPO, "Ours", "body", labels=["Compliance", "bug"])
    issues.open(REPO, "Theirs", labels=["compliance"], author={"login": "mallory", "type": "User"})
    issues.open(REPO, "Other", labels=["bug"])
    closed = issues.open(REPO, "Closed", labels=["compliance"])
    issues.change(REPO, closed["number"], state="closed")
    asked = """issues(labels: ["compliance"], states: [OPEN], first: 5) { totalCount nodes {
      number title body url state author { login } viewerDidAuthor labels(first: 5) { nodes { name } } } }"""
    ours, theirs = of(ask, asked)["issues"]["nodes"]
    assert ours == {
        "number": 1, "title": "Ours", "body": "body", "url": f"https://github.com/{REPO}/issues/1", "state": "OPEN",
        "author": {"login": "github-actions"}, "viewerDidAuthor": True,
        "labels": {"nodes": [{"name": "Compliance"}, {"name": "bug"}]},
    }  # fmt: skip
    assert (theirs["author"], theirs["viewerDidAuthor"]) == ({"login": "mallory"}, False)
    assert of(ask, "issues(states: [CLOSED], first: 5) { nodes { title } }")["issues"]["nodes"] == [{"title": "Closed"}]


def test_the_repositories_of_an_organisation_come_in_pages(made: Local, ask: Ask) -> None:
    """Every one once, spelled as it is, whatever the case of the question."""
    names = [f"ChittyOS/r{number}" for number in range(5)]
    for name in names:
        made.github.folder(name, Path(__file__).parent)
    query = """query($after: String) { organization(login: "chittyos") { login repositories(first: 4, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } nodes { nameWithOwner } } } }"""
    first = one(ask, query)["organization"]["repositories"]
    rest = one(ask, query, after=first["pageInfo"]["endCursor"])["organization"]["repositories"]
    assert [node["nameWithOwner"] for node in first["nodes"] + rest["nodes"]] == [REPO, *names]
    assert (len(first["nodes"]), first["pageInfo"]["hasNextPage"], first["totalCount"]) == (4, True, 6)
    assert rest["pageInfo"]["hasNextPage"] is False


def test_only_some_repositories_of_an_organisation(made: Local, ask: Ask) -> None:
    """Archived ones apart, and none that the token may not see."""
    for name in ("ChittyOS/old", "ChittyOS/secret", "ChittyOS/gone"):
        made.github.repository(name)
    made.github.profile("ChittyOS/old").archived = True
    made.github.profile("ChittyOS/secret").accessible = False
    made.github.delete("ChittyOS/gone")
    query = '{ organization(login: "ChittyOS") { repositories(first: 9, isArchived: false) { nodes { name } } } }'
    assert one(ask, query)["organization"]["repositories"]["nodes"] == [{"name": "hello"}]


def test_an_owner_that_is_not_there_or_a_person(made: Local, ask: Ask) -> None:
    """Both are no organisation; a person is an owner too."""
    made.github.repository("octocat/own")
    made.github.rules.set_person("octocat")
    for login in ("nobody", "octocat"):
        answer = ask(f'{{ organization(login: "{login}") {{ login }} }}').json()
        said = f"Could not resolve to an Organization with the login of '{login}'."
        assert (answer["errors"][0]["type"], answer["errors"][0]["message"]) == ("NOT_FOUND", said)
    query = """{ repositoryOwner(login: "OctoCat") { __typename login } none: repositoryOwner(login: "nobody") { login }
      user(login: "octocat") { repositories(first: 1) { nodes { nameWithOwner } } } }"""
    assert one(ask, query) == {
        "repositoryOwner": {"__typename": "User", "login": "octocat"}, "none": None,
        "user": {"repositories": {"nodes": [{"nameWithOwner": "octocat/own"}]}},
    }  # fmt: skip


def test_a_renamed_repository_is_followed(made: Local, ask: Ask, web: requests.Session) -> None:
    """By its old name it answers under the new one, with its rules and issues; REST leads there."""
    made.github.rules.set_classic(REPO)
    made.github.issues.open(REPO, "Kept")
    made.github.rename(REPO, "ChittyOS/world")
    asked = "nameWithOwner issues(first: 1) { nodes { title } } defaultBranchRef { branchProtectionRule { pattern } }"
    found = of(ask, asked)
    assert found == {
        "nameWithOwner": "ChittyOS/world", "issues": {"nodes": [{"title": "Kept"}]},
        "defaultBranchRef": {"branchProtectionRule": {"pattern": "main"}},
    }  # fmt: skip
    answer = web.get(f"{made.urls()['GITHUB_API_URL']}/repos/{REPO}/branches/main", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"][-34:]) == (301, "/repos/ChittyOS/world/branches/main"[-34:])
    assert web.get(answer.headers["Location"]).json()["name"] == "main"
    strict = ask('{ repository(owner: "ChittyOS", name: "hello", followRenames: false) { name } }').json()
    assert strict["errors"][0]["type"] == "NOT_FOUND"


@pytest.mark.parametrize("why", ["never", "deleted", "private"])
def test_a_repository_that_is_not_there_is_an_error_of_its_alias(made: Local, ask: Ask, why: str) -> None:
    """GitHub makes no difference between what is not there and what may not be seen; the other aliases are answered."""
    made.github.repository("ChittyOS/other")
    if why == "deleted":
        made.github.delete("ChittyOS/other")
    made.github.profile("ChittyOS/other").accessible = why != "private"
    name = "never" if why == "never" else "other"
    answer = ask(aliases(a=(name, "name"), b=("hello", "name")))
    assert answer.json()["data"] == {"a": None, "b": {"name": "hello"}}
    (error,) = answer.json()["errors"]
    said = f"Could not resolve to a Repository with the name 'ChittyOS/{name}'."
    assert (error["type"], error["path"], error["message"]) == ("NOT_FOUND", ["a"], said)


def test_an_app_sees_private_repositories_where_it_is_installed(made: Local, ask: Ask) -> None:
    """Not elsewhere, and no classic rule without the right to it."""
    apps = made.github.apps
    made.github.repository("ChittyOS/mine")
    made.github.rules.set_classic(REPO)
    made.github.app("7", [REPO])
    token = apps.grant("7")
    made.github.profile(REPO).private = made.github.profile("ChittyOS/mine").private = True
    classic = "defaultBranchRef { branchProtectionRule { pattern } }"
    answer = ask(aliases(a=("hello", classic), b=("mine", "name")), token=token).json()
    assert answer["data"] == {"a": {"defaultBranchRef": {"branchProtectionRule": None}}, "b": None}
    assert sorted(error["type"] for error in answer["errors"]) == ["FORBIDDEN", "NOT_FOUND"]


def test_what_the_schema_does_not_have_is_refused(made: Local, ask: Ask) -> None:
    """A field that is not there, and a text that is no query, are errors without data; neither costs a point."""
    for query in ('{ repository(owner: "a", name: "b") { workflows { nodes { state } } } }', "{ repository("):
        answer = ask(query).json()
        assert answer.keys() == {"errors"}
        assert answer["errors"][0]["message"]
    assert made.github.budget.remaining == 5000


def test_what_the_backend_does_not_know_is_said(made: Local, ask: Ask) -> None:
    """Never null, which would read as GitHub's answer."""
    asked = aliases(a=("hello", 'stargazerCount issues(first: 1, filterBy: { milestone: "1" }) { totalCount }'))
    errors = ask(asked).json()["errors"]
    assert {error["type"] for error in errors} == {"NOT_IMPLEMENTED"}
    assert "Repository.stargazerCount" in errors[0]["message"]


def test_pages_have_bounds(made: Local, ask: Ask) -> None:
    """A connection says how much it wants, and at most a hundred."""
    query = '{ repository(owner: "ChittyOS", name: "hello") { issues%s { totalCount } } }'
    kinds = [ask(query % size).json()["errors"][0]["type"] for size in ("", "(first: 101)")]
    assert kinds == ["MISSING_PAGINATION_BOUNDARIES", "EXCESSIVE_PAGINATION"]


def test_without_a_token_nothing_is_answered(made: Local, ask: Ask, web: requests.Session) -> None:
    """GraphQL is for those who say who they are."""
    url = f"{made.urls()['GITHUB_API_URL']}/graphql"
    assert web.post(url, json={"query": "{ viewer { login } }"}).status_code == 401
    made.github.strict = True
    assert ask("{ viewer { login } }", token="other").status_code == 401
    assert web.post(url, data="{", headers={"Authorization": f"Bearer {made.github_token}"}).status_code == 400


def test_without_the_schema_it_says_what_to_do(
    local: Local, ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A backend outside a checkout has none; all its other services work."""
    monkeypatch.setattr(github_graphql_schema, "SCHEMA", tmp_path / "schema.graphql")
    github_graphql_schema._build.cache_clear()
    github_graphql_schema.plan.cache_clear()
    answer = ask("{ viewer { login } }")
    assert (answer.status_code, answer.json()["errors"][0]["type"]) == (501, "SCHEMA_MISSING")
    assert "make setup" in answer.json()["message"]


def test_a_backend_that_is_asked_no_query_reads_no_schema() -> None:
    """The library is imported at the first query only."""
    code = "import sys; from chittylocal import Local\nwith Local(): print('graphql' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def git(local: Local, *arguments: str) -> str:
    """What git itself says of the repository."""
    command = ["git", "--git-dir", str(local.github.git_folder(REPO)), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
