"""An owner's repositories by GraphQL, in pages: what a registry is discovered from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from chittylocal import Local
from chittylocal.faults import Fault

Ask = Callable[..., requests.Response]

DISCOVER = """
query Discover($login: String!, $first: Int!, $after: String, $order: RepositoryOrder) {
  rateLimit { cost remaining }
  organization(login: $login) {
    repositories(first: $first, after: $after, orderBy: $order) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        nameWithOwner isArchived isFork isEmpty isPrivate isDisabled isTemplate isMirror diskUsage pushedAt
        primaryLanguage { name }
        defaultBranchRef { name target { oid } }
        connect: object(expression: "HEAD:.chittyconnect.yml") { ... on Blob { text } }
      }
    }
  }
}
"""


@pytest.fixture
def ecosystem(local: Local, tmp_path: Path) -> Local:
    """Twenty-five plain folders of an organisation, and an empty repository of git's."""
    for number in range(25):
        place = tmp_path / "ChittyOS" / f"service-{number:02}"
        place.mkdir(parents=True)
        (place / ".chittyconnect.yml").write_text(f"service: {{name: s{number}}}\n", "utf-8")
        (place / "index.ts").write_text("export {}\n", "utf-8")
    local.github.folders(tmp_path)
    local.github.repository("ChittyOS/empty")
    return local


def pages(ask: Ask, first: int = 10, **order: Any) -> list[dict[str, Any]]:
    """Every repository of ChittyOS."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        answer = ask(DISCOVER, login="chittyos", first=first, after=after, order=order or None).json()
        assert "errors" not in answer
        listed = answer["data"]["organization"]["repositories"]
        assert listed["totalCount"] == 26
        found += listed["nodes"]
        after = listed["pageInfo"]["endCursor"]
        if not listed["pageInfo"]["hasNextPage"]:
            return found


def test_every_repository_once(ecosystem: Local, ask: Ask) -> None:
    """With what a proposal for the registry needs, for a point a page."""
    found = {one["nameWithOwner"]: one for one in pages(ask)}
    assert len(found) == 26
    assert ecosystem.github.budget.used == 3
    one = found["ChittyOS/service-07"]
    oid = one["defaultBranchRef"].pop("target")["oid"]
    off = dict.fromkeys(["isArchived", "isFork", "isEmpty", "isPrivate", "isDisabled", "isTemplate", "isMirror"], False)
    assert one == off | {
        "nameWithOwner": "ChittyOS/service-07",
        "diskUsage": 0,
        "pushedAt": one["pushedAt"],
        "primaryLanguage": {"name": "TypeScript"},
        "defaultBranchRef": {"name": "main"},
        "connect": {"text": "service: {name: s7}\n"},
    }
    assert len(oid) == 40
    empty = found["ChittyOS/empty"]
    assert (empty["isEmpty"], empty["pushedAt"], empty["defaultBranchRef"], empty["primaryLanguage"]) == (
        True,
        None,
        None,
        None,
    )


def test_orders(ecosystem: Local, ask: Ask) -> None:
    """By name, by what was pushed last, and no other order is made up."""
    ecosystem.github.profile("ChittyOS/service-03").pushed_at = "2040-01-01T00:00:00Z"
    assert pages(ask, field="NAME", direction="DESC")[0]["nameWithOwner"] == "ChittyOS/service-24"
    assert pages(ask, field="PUSHED_AT", direction="DESC")[0]["nameWithOwner"] == "ChittyOS/service-03"
    answer = ask(DISCOVER, login="ChittyOS", first=1, order={"field": "STARGAZERS", "direction": "ASC"}).json()
    assert answer["errors"][0]["type"] == "NOT_IMPLEMENTED"


def test_owners_that_are_not(ecosystem: Local, ask: Ask) -> None:
    """NOT_FOUND in GitHub's words; of either kind, null is the whole answer."""
    answer = ask(DISCOVER, login="ChittyNone", first=1).json()
    assert answer["data"]["organization"] is None
    assert (answer["errors"][0]["type"], answer["errors"][0]["path"], answer["errors"][0]["message"]) == (
        "NOT_FOUND", ["organization"], "Could not resolve to an Organization with the login of 'ChittyNone'.",
    )  # fmt: skip
    either = '{ repositoryOwner(login: "%s") { login __typename repositories(first: 1) { totalCount } } }'
    assert ask(either % "ChittyNone").json() == {"data": {"repositoryOwner": None}}
    found = ask(either % "chittyos").json()["data"]["repositoryOwner"]
    assert found == {"login": "ChittyOS", "__typename": "Organization", "repositories": {"totalCount": 26}}
    ecosystem.github.rules.set_person("ChittyOS")
    person = '{ user(login: "chittyos") { repositories(first: 1) { totalCount } } }'
    assert ask(person).json()["data"]["user"]["repositories"]["totalCount"] == 26
    assert ask(DISCOVER, login="ChittyOS", first=1).json()["errors"][0]["type"] == "NOT_FOUND"


def test_private_ones_are_listed_to_who_sees_them(ecosystem: Local, ask: Ask) -> None:
    """A person's and an app's token see what they reach; nobody is told that there are more."""
    ecosystem.github.profile("ChittyOS/service-01").private = True
    ecosystem.github.app("7", ["ChittyOS/*"])
    count = '{ organization(login: "ChittyOS") { repositories(first: 1) { totalCount } } }'

    def listed(token: str) -> int:
        return int(ask(count, token).json()["data"]["organization"]["repositories"]["totalCount"])

    tokens = [ecosystem.github.person("octocat", reaches=[]), ecosystem.github.apps.grant("7"), ecosystem.github_token]
    assert [listed(token) for token in tokens] == [25, 26, 26]


def test_a_page_in_part(ecosystem: Local, ask: Ask) -> None:
    """One that is refused, and those beyond the query's limits, are null with an error each at its place."""
    ecosystem.github.limits.errors["ChittyOS/service-00"] = ("FORBIDDEN", "Resource protected by SAML enforcement.")
    answer = ask(DISCOVER, login="ChittyOS", first=3).json()
    nodes = answer["data"]["organization"]["repositories"]["nodes"]
    assert [one and one["nameWithOwner"] for one in nodes] == ["ChittyOS/empty", None, "ChittyOS/service-01"]
    assert [(error["type"], error["path"][-1]) for error in answer["errors"]] == [("FORBIDDEN", 1)]
    ecosystem.github.limits.partial_after = 1
    answer = ask(DISCOVER, login="ChittyOS", first=3).json()
    assert [error["type"] for error in answer["errors"]] == ["RESOURCE_LIMITS_EXCEEDED"] * 2


def test_pages_that_fail(ecosystem: Local, ask: Ask) -> None:
    """502, the secondary limit, points that are gone, slowness; afterwards the same cursor goes on."""
    first = ask(DISCOVER, login="ChittyOS", first=20).json()["data"]["organization"]["repositories"]
    after = first["pageInfo"]["endCursor"]
    ecosystem.fault("github", "POST", "/graphql", Fault("status", status=502, times=1))
    assert ask(DISCOVER, login="ChittyOS", first=20, after=after).status_code == 502
    ecosystem.github.limits.secondary = 1
    assert ask(DISCOVER, login="ChittyOS", first=20, after=after).status_code == 403
    ecosystem.github.budget.use_up(60)
    assert ask(DISCOVER, login="ChittyOS", first=20, after=after).json()["errors"][0]["type"] == "RATE_LIMITED"
    ecosystem.github.pass_time(61)
    ecosystem.github.limits.latency = 0.02
    answer = ask(DISCOVER, login="ChittyOS", first=20, after=after)
    assert len(answer.json()["data"]["organization"]["repositories"]["nodes"]) == 6
    assert answer.elapsed.total_seconds() >= 0.02
