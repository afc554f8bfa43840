"""What goes wrong with GitHub's GraphQL API: limits of every kind, answers in part, answers that are none."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import requests

from chittylocal import Local
from chittylocal.faults import Fault

Ask = Callable[..., requests.Response]
Audit = Callable[..., str]

NAMES = [f"ChittyOS/r{number}" for number in range(4)]
VIEWER = "{ viewer { login } }"


@pytest.fixture
def four(local: Local) -> Local:
    """A backend with four repositories."""
    for name in NAMES:
        local.github.repository(name, {"CLAUDE.md": name})
    return local


def aliases(*names: str, fields: str = "name") -> str:
    """A query of some repositories, under r0, r1 …"""
    asked = ['r{}: repository(owner: "{}", name: "{}")'.format(i, *name.split("/")) for i, name in enumerate(names)]
    return f"{{ {' '.join(f'{one} {{ {fields} }}' for one in asked)} }}"


def test_points_are_counted(four: Local, ask: Ask) -> None:
    """A request for each time that a connection is asked, a hundred of them a point, one at least; all answers tell."""
    assert ask(VIEWER).headers["x-ratelimit-remaining"] == "4999"
    nested = "issues(first: 100) { nodes { labels(first: 50) { totalCount } } }"
    answer = ask(f"{{ rateLimit {{ cost nodeCount used }} {aliases(*NAMES[:2], fields=nested)[1:]}")
    assert answer.json()["data"]["rateLimit"] == {"cost": 2, "nodeCount": 10200, "used": 3}
    headers = answer.headers
    assert (headers["x-ratelimit-limit"], headers["x-ratelimit-used"], headers["x-ratelimit-remaining"]) == (
        "5000", "3", "4997",
    )  # fmt: skip
    assert headers["x-ratelimit-resource"] == "graphql"


def test_too_many_nodes_are_refused(four: Local, ask: Ask) -> None:
    """Half a million is the most that GitHub counts up to."""
    fields = "issues(first: 100) { nodes { labels(first: 100) { totalCount } } }"
    answer = ask(aliases(*NAMES * 13, fields=fields))
    assert answer.json()["errors"][0]["type"] == "MAX_NODE_LIMIT_EXCEEDED"


def test_points_that_are_gone(four: Local, ask: Ask) -> None:
    """200, an error RATE_LIMITED, and when there are some again; afterwards everything works."""
    four.github.budget.use_up(90)
    answer = ask(VIEWER)
    assert (answer.status_code, answer.json()["errors"][0]["type"]) == (200, "RATE_LIMITED")
    assert "data" not in answer.json()
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert 80 <= int(answer.headers["x-ratelimit-reset"]) - time.time() <= 91
    four.github.budget.resets = time.time() - 1
    assert ask(VIEWER).headers["x-ratelimit-remaining"] == "4999"


def test_points_that_end_in_the_middle(four: Local, ask: Ask) -> None:
    """As many queries as there are points are answered."""
    four.github.budget.limit = 2
    assert ["data" in ask(VIEWER).json() for _ in range(4)] == [True, True, False, False]


@pytest.mark.parametrize("status", [403, 429])
def test_rests_requests_are_an_account_of_their_own(four: Local, ask: Ask, web: requests.Session, status: int) -> None:
    """Gone, they are refused by 403 or 429 with the same headers, while GraphQL answers; asking for limits is free."""
    api = four.urls()["GITHUB_API_URL"]
    assert web.get(f"{api}/repos/{NAMES[0]}").headers["x-ratelimit-remaining"] == "4999"
    four.github.limits.used_up_status = status
    four.github.rest_budget.use_up()
    answer = web.get(f"{api}/repos/{NAMES[0]}")
    assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (status, "0")
    assert "rate limit exceeded" in answer.json()["message"]
    assert "data" in ask(VIEWER).json()
    resources = web.get(f"{api}/rate_limit").json()["resources"]
    assert (resources["core"]["remaining"], resources["graphql"]["remaining"]) == (0, 4999)


def test_the_secondary_limit(four: Local, ask: Ask, web: requests.Session) -> None:
    """403 with Retry-After, for both APIs and as many requests as it is set to; points are left."""
    four.github.limits.secondary, four.github.limits.retry_after = 2, 7
    answers = [ask(VIEWER), web.get(f"{four.urls()['GITHUB_API_URL']}/repos/{NAMES[0]}")]
    assert [(answer.status_code, answer.headers["Retry-After"]) for answer in answers] == [(403, "7")] * 2
    assert "secondary rate limit" in answers[0].json()["message"]
    assert answers[0].headers["x-ratelimit-remaining"] == "5000"
    assert ask(VIEWER).status_code == 200


@pytest.mark.parametrize("most", ["repositories", "nodes"])
def test_a_query_that_is_too_large(four: Local, ask: Ask, audit: Audit, most: str) -> None:
    """502 with GitHub's words; half of it is answered."""
    setattr(four.github.limits, f"most_{most}", {"repositories": 2, "nodes": 130}[most])
    answer = ask(audit(*NAMES))
    assert (answer.status_code, answer.json()["data"]) == (502, None)
    assert ask(audit(*NAMES[:2])).json()["data"]["r1"]["nameWithOwner"] == NAMES[1]


def test_an_answer_in_part(four: Local, ask: Ask) -> None:
    """200: the first are answered, each of the others is null with RESOURCE_LIMITS_EXCEEDED."""
    four.github.limits.partial_after = 1
    answer = ask(aliases(*NAMES[:3]))
    assert (answer.status_code, answer.json()["data"]) == (200, {"r0": {"name": "r0"}, "r1": None, "r2": None})
    errors = [(error["type"], error["path"]) for error in answer.json()["errors"]]
    assert errors == [("RESOURCE_LIMITS_EXCEEDED", ["r1"]), ("RESOURCE_LIMITS_EXCEEDED", ["r2"])]


def test_an_error_of_one_alias_or_of_one_object(four: Local, ask: Ask) -> None:
    """The others are answered, and the error names its place."""
    four.github.limits.errors["chittyos/R0"] = ("FORBIDDEN", "Resource protected by organization SAML enforcement.")
    four.github.limits.errors[f"{NAMES[1]}:HEAD:CLAUDE.md"] = ("SERVICE_UNAVAILABLE", "Try again later.")
    answer = ask(aliases(*NAMES[:3], fields='object(expression: "HEAD:CLAUDE.md") { ... on Blob { text } }')).json()
    assert answer["data"] == {"r0": None, "r1": {"object": None}, "r2": {"object": {"text": NAMES[2]}}}
    errors = {tuple(error["path"]): error["type"] for error in answer["errors"]}
    assert errors == {("r0",): "FORBIDDEN", ("r1", "object"): "SERVICE_UNAVAILABLE"}


def test_answers_take_as_long_as_they_are_told_to(four: Local, ask: Ask, web: requests.Session) -> None:
    """Both APIs'."""
    four.github.limits.latency = 0.05
    ask(VIEWER)
    web.get(f"{four.urls()['GITHUB_API_URL']}/repos/{NAMES[0]}")
    assert all(entry["duration_ms"] >= 50 for entry in four.requests("github"))


@pytest.mark.parametrize(
    "fault, seen",
    [
        (Fault("status", 502, body={"data": None}), 502),
        (Fault("html", 200), "<!DOC"),
        (Fault("status", 200, body="{"), "{"),
        (Fault("status", 200, body="null"), "null"),
        (Fault("status", 403, headers={"Retry-After": "3"}, body={"message": "secondary"}), 403),
    ],
)
def test_any_other_fault_is_laid_over_it(four: Local, ask: Ask, fault: Fault, seen: object) -> None:
    """By service, method and path as over every service."""
    four.fault("github", "POST", "/graphql", fault)
    answer = ask(VIEWER)
    assert seen in (answer.status_code, answer.text, answer.text[:5])
    four.clear_faults()
    assert "data" in ask(VIEWER).json()


def test_a_connection_that_is_cut(four: Local, ask: Ask) -> None:
    """Before the answer, or within it."""
    for kind in ("reset", "truncated"):
        four.fault("github", "POST", "/graphql", Fault(kind, times=1))
        with pytest.raises(requests.RequestException):
            ask(VIEWER)
        four.clear_faults()
    assert ask(VIEWER).status_code == 200


def test_an_archived_repository_is_read_and_not_written(four: Local, ask: Ask, web: requests.Session) -> None:
    """GraphQL says so and REST refuses."""
    four.github.profile(NAMES[0]).archived = True
    assert ask(aliases(NAMES[0], fields="isArchived")).json()["data"] == {"r0": {"isArchived": True}}
    url = f"{four.urls()['GITHUB_API_URL']}/repos/{NAMES[0]}/contents/new"
    headers = {"Authorization": f"Bearer {four.github_token}"}
    answer = web.put(url, json={"message": "m", "content": ""}, headers=headers)
    assert (answer.status_code, "archived" in answer.json()["message"]) == (403, True)
