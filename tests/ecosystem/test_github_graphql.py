"""One query to GitHub's GraphQL API: its answer in all its parts, its limits, and what is no answer."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from chittyactions.ecosystem.github_budget import Budget
from chittyactions.ecosystem.github_graphql import GraphQL
from chittyactions.ecosystem.github_graphql_answers import Part, Problem
from chittyactions.errors import AnswerLost, BadAnswer, Refused, ServiceError
from chittyactions.http import Client, Deadline
from chittylocal import Fault, Local

NAMES = [f"ChittyOS/r{number}" for number in range(4)]
VIEWER = "{ viewer { login } }"
TOKEN = "a-token-of-somebody"


class Patience:
    """A clock that waiting moves, and what was said; `after` is called after each sleep."""

    def __init__(self) -> None:
        self.now = time.time()
        self.begun = self.now
        self.said: list[str] = []
        self.after: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.after()

    @property
    def waited(self) -> float:
        return self.now - self.begun

    def budget(self, longest: float = 900.0) -> Budget:
        return Budget(say=self.said.append, longest=longest, clock=lambda: self.now, sleep=self.sleep)


@pytest.fixture
def patience() -> Patience:
    """Nobody waits in these tests."""
    return Patience()


@pytest.fixture
def four(local: Local) -> Local:
    """A backend with four repositories."""
    for name in NAMES:
        local.github.repository(name, {"CLAUDE.md": name})
    return local


def hub(local: Local, budget: Budget, token: Callable[[], str] = lambda: TOKEN, **more: object) -> GraphQL:
    """The API under test, over a client that does not sleep."""
    client = Client("GitHub's API", Deadline(10), environ={}, sleep=lambda _: None)
    url = local.urls()["GITHUB_GRAPHQL_URL"]
    return GraphQL(client, token=token, url=url, budget=budget, **more)  # type: ignore[arg-type]


def aliases(*names: str, fields: str = "name") -> str:
    """A query of some repositories, under r0, r1 …"""
    asked = ['r{}: repository(owner: "{}", name: "{}")'.format(i, *name.split("/")) for i, name in enumerate(names)]
    return f"query {{ rateLimit {{ cost remaining resetAt }} {' '.join(f'{one} {{ {fields} }}' for one in asked)} }}"


def test_an_answer(four: Local, patience: Patience) -> None:
    """Every alias has its answer; what it cost and what is left is told and counted."""
    budget = patience.budget()
    answer = hub(four, budget).ask(aliases(*NAMES))
    assert [answer.part(f"r{i}") for i in range(4)] == [Part({"name": f"r{i}"}) for i in range(4)]
    assert (answer.cost, answer.remaining, budget.requests, budget.points, budget.waited) == (1, 4999, 1, 1, 0)
    assert answer.reset_at == pytest.approx(time.time() + 3600, abs=60)
    (sent,) = four.requests("github")
    assert (sent["method"], sent["path"]) == ("POST", "/graphql")


def test_variables_and_foreign_letters(four: Local, patience: Patience) -> None:
    """Whatever a name is made of is sent as a value, never as a part of the query."""
    query = "query($owner: String!, $name: String!) { r0: repository(owner: $owner, name: $name) { name } }"
    asked = hub(four, patience.budget())
    assert asked.ask(query, {"owner": "ChittyOS", "name": "r1"}).part("r0") == Part({"name": "r1"})
    for name in ('"}', "Ünï\u202fcode", "\ud800"):
        assert asked.ask(query, {"owner": "ChittyOS", "name": name}).part("r0") == Problem("NOT_FOUND")


def test_an_error_is_that_of_its_alias(four: Local, patience: Patience) -> None:
    """The others are answered; a null below an alias is a field that is not known, and GitHub's words go nowhere."""
    errors = four.github.limits.errors
    errors[NAMES[0]] = ("FORBIDDEN", "Secret words of GitHub's.")
    errors[f"{NAMES[1]}:HEAD:CLAUDE.md"] = ("SERVICE_UNAVAILABLE", "Secret words of GitHub's.")
    fields = 'name object(expression: "HEAD:CLAUDE.md") { ... on Blob { text } }'
    answer = hub(four, patience.budget()).ask(aliases(*NAMES[:3], "ChittyOS/none", fields=fields))
    assert answer.errors == {"r0": Problem("FORBIDDEN"), "r3": Problem("NOT_FOUND")}
    assert answer.nested == {("r1", "object"): "SERVICE_UNAVAILABLE"}
    part = answer.part("r1")
    assert isinstance(part, Part)
    assert part.why_unknown("object", "text") == part.why_unknown("object") == "SERVICE_UNAVAILABLE"
    assert part.why_unknown("name") == ""
    assert answer.part("r2") == Part({"name": "r2", "object": {"text": NAMES[2]}})
    assert "Secret" not in repr(answer) + str([problem.reason for problem in answer.errors.values()])


def test_points_that_are_used_up_are_waited_for(four: Local, patience: Patience) -> None:
    """The wait is announced once with its length and its end, and the query is sent again after it."""
    budget = patience.budget()
    four.github.budget.use_up(90)
    patience.after = lambda: setattr(four.github.budget, "resets", 0.0 if patience.waited > 88 else time.time() + 90)
    answer = hub(four, budget).ask(VIEWER)
    assert "viewer" in answer.data
    assert budget.requests == 2
    assert 88 <= patience.waited <= 94
    assert budget.waited == pytest.approx(patience.waited)
    (said,) = patience.said
    ends = time.strftime("%H:%M", time.gmtime(patience.now))
    assert "used up. Waiting 1 min 3" in said
    assert f"until {ends}" in said


def test_a_wait_that_is_too_long_is_not_begun(four: Local, patience: Patience) -> None:
    """It is refused, and so is the next query, without another request."""
    budget = patience.budget(longest=60)
    four.github.budget.use_up(1800)
    asked = hub(four, budget)
    for _ in range(2):
        with pytest.raises(Refused, match="takes no request before") as refused:
            asked.ask(VIEWER)
        assert (refused.value.code, refused.value.why.count("waits 1 min at most")) == ("rate limit", 1)
    assert (budget.requests, patience.waited, len(patience.said)) == (1, 0, 1)
    assert "takes no request before" in patience.said[0]


def test_points_that_end_in_the_middle(four: Local, patience: Patience) -> None:
    """The last answer says that none are left, so that no request is spent on hearing it again."""
    four.github.budget.limit = 2
    budget = patience.budget(longest=60)
    asked = hub(four, budget)
    assert [asked.ask(VIEWER).remaining for _ in range(2)] == [1, 0]
    with pytest.raises(Refused, match="takes no request before"):
        asked.ask(VIEWER)
    assert budget.requests == 2


@pytest.mark.parametrize("asked_for, waits", [(7, 7), (None, 60 + 120 + 240)])
def test_the_secondary_limit(four: Local, patience: Patience, asked_for: int | None, waits: float) -> None:
    """Retry-After is waited for; where none is told a minute, then two, then four."""
    four.github.limits.secondary, four.github.limits.retry_after = (1 if asked_for else 3), asked_for
    budget = patience.budget()
    assert "viewer" in hub(four, budget).ask(VIEWER).data
    assert patience.waited == pytest.approx(waits, abs=0.1)
    assert len(patience.said) == budget.requests - 1
    assert "secondary limit" in patience.said[0]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", 429, times=1, headers={"Retry-After": "5"}),
        Fault("status", 403, times=1, headers={"Retry-After": "5"}, body={"message": "slow down"}),
        Fault(
            "status", 200, times=1, headers={"Retry-After": "5"},
            body={"errors": [{"message": "You have exceeded a secondary rate limit."}]},
        ),
        Fault(
            "status", 200, times=1, headers={"Retry-After": "5"},
            body={"data": {"viewer": None}, "errors": [{"type": "RATE_LIMIT", "code": "graphql_rate_limit"}]},
        ),
    ],
)  # fmt: skip
def test_other_ways_to_tell_of_a_limit(four: Local, patience: Patience, fault: Fault) -> None:
    """GitHub has several, and none of them is an answer."""
    four.fault("github", "POST", "/graphql", fault)
    assert "viewer" in hub(four, patience.budget()).ask(VIEWER).data
    assert patience.waited >= 4.9


def test_a_limit_that_never_ends(four: Local, patience: Patience) -> None:
    """It is given up."""
    four.github.limits.secondary, four.github.limits.retry_after = 1000, 1
    budget = patience.budget()
    with pytest.raises(Refused, match="however long it is waited") as refused:
        hub(four, budget).ask(VIEWER)
    assert refused.value.code == "rate limit"
    assert budget.requests < 12


def test_a_query_that_is_too_large(four: Local, patience: Patience) -> None:
    """It is told at once: the same query again would meet the same."""
    four.github.limits.most_repositories = 2
    budget = patience.budget()
    with pytest.raises(Refused) as refused:
        hub(four, budget).ask(aliases(*NAMES))
    assert (refused.value.code, budget.requests) == ("too much", 1)


def test_a_query_that_github_does_not_know(four: Local, patience: Patience) -> None:
    """Every other batch would meet it too, so it has a code of its own."""
    with pytest.raises(Refused, match="did not answer a query") as refused:
        hub(four, patience.budget()).ask("{ viewer { noSuchField } }")
    assert refused.value.code == "query"


@pytest.mark.parametrize("kind", ["reset", "close", "truncated"])
def test_a_connection_that_is_cut(four: Local, patience: Patience, kind: str) -> None:
    """A query that only reads is sent again."""
    four.fault("github", "POST", "/graphql", Fault(kind, times=2))
    budget = patience.budget()
    assert "viewer" in hub(four, budget).ask(VIEWER).data
    assert budget.requests == 3


def test_a_connection_that_is_cut_every_time(four: Local, patience: Patience) -> None:
    """It ends as an answer that was lost."""
    four.fault("github", "POST", "/graphql", Fault("reset"))
    with pytest.raises(AnswerLost):
        hub(four, patience.budget()).ask(VIEWER)


BODIES = ["", "{", "null", "7", '"x"', "[]", "{}", '{"data": 7}', '{"data": []}', '{"data": null}', "[" * 100_000,
          '{"errors": 7}', '{"errors": [7, null]}', '{"errors": {"a": 1}}', b"\xff\xfe", '{"data": {}, "errors": [{}]}',
          '{"data": {"r0": {}}, "errors": [{"path": [], "type": []}]}']  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
def test_an_answer_that_is_none(four: Local, patience: Patience, body: str | bytes) -> None:
    """Whatever comes is a failure of the service, never an accident of ours."""
    four.fault("github", "POST", "/graphql", Fault("status", 200, body=body))
    with pytest.raises((BadAnswer, Refused)):
        hub(four, patience.budget()).ask(VIEWER)


@pytest.mark.parametrize("kind", ["html", "redirect"])
def test_something_else_that_answers(four: Local, patience: Patience, kind: str) -> None:
    """A page of a proxy, or another address."""
    four.fault("github", "POST", "/graphql", Fault(kind))
    with pytest.raises(BadAnswer):
        hub(four, patience.budget()).ask(VIEWER)


def test_an_answer_that_is_too_long(four: Local, patience: Patience, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused before it fills the memory."""
    monkeypatch.setattr("chittyactions.ecosystem.github_graphql.LARGEST", 100_000)
    four.fault("github", "POST", "/graphql", Fault("huge", size=1_000_000))
    with pytest.raises(BadAnswer, match="more than"):
        hub(four, patience.budget()).ask(VIEWER)


@pytest.mark.parametrize("status, code", [(403, ""), (404, ""), (500, ""), (504, "too much"), (413, "")])
def test_refusals(four: Local, patience: Patience, status: int, code: str) -> None:
    """They are told with their status and without their words; a 403 is no limit unless it says so."""
    four.fault("github", "POST", "/graphql", Fault("status", status, body={"message": "Secret words."}))
    budget = patience.budget()
    with pytest.raises(Refused, match=str(status)) as refused:
        hub(four, budget).ask(VIEWER)
    assert (refused.value.status, refused.value.code, budget.requests) == (status, code, 1)
    assert "Secret" not in str(refused.value)


def test_a_token_that_is_refused(four: Local, patience: Patience) -> None:
    """Nobody asks with it again, and its value is in no message."""
    four.github.strict = True
    budget = patience.budget()
    asked = hub(four, budget)
    for _ in range(2):
        with pytest.raises(Refused, match="HTTP 401") as refused:
            asked.ask(VIEWER)
        assert TOKEN not in str(refused.value)
    assert budget.requests == 1


def test_a_token_that_is_renewed(four: Local, patience: Patience) -> None:
    """A refused one is replaced once, and the query is sent again by the new one."""
    four.github.strict = True
    tokens = ["expired-token"]
    renewed: list[str] = []

    def renew(refused: str) -> bool:
        renewed.append(refused)
        tokens.append(four.github_token)
        return True

    assert "viewer" in hub(four, patience.budget(), lambda: tokens[-1], renew=renew).ask(VIEWER).data
    assert renewed == ["expired-token"]
    tokens.append("wrong-token")
    with pytest.raises(Refused, match="HTTP 401"):
        hub(four, patience.budget(), lambda: "wrong-token", renew=lambda _: True).ask(VIEWER)


def test_a_deadline_ends_it(four: Local, patience: Patience) -> None:
    """A service that never answers costs no more than the deadline."""
    four.fault("github", "POST", "/graphql", Fault("hang"))
    client = Client("GitHub's API", Deadline(0.2), environ={})
    url = four.urls()["GITHUB_GRAPHQL_URL"]
    with pytest.raises(ServiceError, match="no whole answer came in time"):
        GraphQL(client, token=lambda: TOKEN, url=url, budget=patience.budget()).ask(VIEWER)
