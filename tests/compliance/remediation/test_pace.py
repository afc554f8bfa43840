"""How fast GitHub is asked to change things, and what is waited for, on a clock that no test waits for."""

from __future__ import annotations

import contextlib
import itertools
import json

import pytest

from chittyactions.compliance.remediation.pace import GRAPHQL, IN_AN_HOUR, REST, LimitReached, Pace, PacedClient, said
from chittyactions.ecosystem.github_issues import Account, Issues
from chittyactions.ecosystem.github_tokens import Asker
from chittyactions.errors import AnswerLost, Refused
from chittylocal import Fault, Local

NOON = 1_800_000_000.0


class Clock:
    """A clock that sleeping moves on, and what was said and slept."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self.lines: list[str] = []

    def __call__(self) -> float:
        return self.now

    def wall(self) -> float:
        return NOON + self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def pace(self, longest: float = 7200.0) -> Pace:
        return Pace(longest=longest, say=self.lines.append, clock=self, wall=self.wall, sleep=self.sleep)


@pytest.fixture
def clock() -> Clock:
    """At its beginning."""
    return Clock()


def body(message: str = "You have exceeded a secondary rate limit.") -> bytes:
    return json.dumps({"message": message}).encode()


def test_a_change_a_second(clock: Clock) -> None:
    """The first at once, each further one a second after; what takes its time anyway waits no longer."""
    pace, left = clock.pace(), []
    for work in (0.0, 0.3, 5.0):
        clock.now += work
        pace.before_change()
        left.append(clock.now)
        pace.changed()
    assert left == [0.0, 1.0, 6.0]
    assert (clock.lines, pace.waited) == ([], 0.0)


def test_five_hundred_changes_an_hour(clock: Clock) -> None:
    """In any hour; the wait is announced with its length."""
    pace, times = clock.pace(), []
    for _ in range(2 * IN_AN_HOUR + 1):
        pace.before_change()
        pace.changed()
        times.append(clock.now)
    spans = [later - sooner for sooner, later in zip(times, times[IN_AN_HOUR:], strict=False)]
    assert min(spans) >= 3600.0
    assert min(later - sooner for sooner, later in itertools.pairwise(times)) >= 1.0
    assert clock.lines[0] == "Waiting 52 min: 500 changes were made within an hour."


def test_the_used_up_hour_is_waited_for(clock: Clock) -> None:
    """Before the next request, not after the last one; and once."""
    pace = clock.pace()
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOON) + 600)}
    assert pace.heard(200, headers, b"") is False
    assert clock.slept == []
    pace.before_asking()
    pace.before_asking()
    assert clock.slept == [601.0]
    assert clock.lines == ["Waiting 10 min: the token's requests of this hour are used up."]


@pytest.mark.parametrize("status", [403, 429])
def test_a_refusal_for_the_hour_is_sent_again(clock: Clock, status: int) -> None:
    """After the hour."""
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOON) + 90)}
    assert clock.pace().heard(status, headers, body("API rate limit exceeded")) is True
    assert clock.slept == [91.0]


def test_secondary_limits(clock: Clock) -> None:
    """As long as GitHub says, else a minute, two, four; an answer begins anew."""
    pace = clock.pace()
    assert pace.heard(403, {"retry-after": "17"}, body()) is True
    assert [pace.heard(403, {}, body()) for _ in range(2)] == [True, True]
    assert pace.heard(200, {}, b"{}") is False
    assert pace.heard(429, {}, b"") is True
    assert clock.slept == [17.0, 120.0, 240.0, 60.0]
    assert clock.lines[0] == "Waiting 17 s: GitHub asks for fewer requests at once."
    assert pace.waited == 437.0


RATE_LIMITED = json.dumps({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}).encode()
SINCE_2025 = json.dumps(
    {"errors": [{"type": "RATE_LIMIT", "code": "graphql_rate_limit", "message": "Exceeded"}]}
).encode()
SECONDARY = json.dumps({"errors": [{"message": "You have exceeded a secondary rate limit."}]}).encode()


@pytest.mark.parametrize("answer", [RATE_LIMITED, SINCE_2025])
def test_graphql_says_its_limit_with_200(clock: Clock, answer: bytes) -> None:
    """It is waited for to the end of its hour, else for a minute; what a text says of it is no limit."""
    pace = clock.pace()
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOON) + 90)}
    assert pace.heard(200, headers, answer, ("a", GRAPHQL)) is True
    assert pace.heard(200, {}, answer, ("a", GRAPHQL)) is True
    assert clock.slept == [91.0, 60.0]
    assert pace.heard(200, {}, answer, ("a", REST)) is False
    for body in (b'{"data": {"title": "RATE_LIMITED"}}', b'{"errors": 1, "x": "RATE_LIMITED"}', b"RATE_LIMITED"):
        assert pace.heard(200, {}, body, ("a", GRAPHQL)) is False


def test_graphql_says_its_secondary_limit_by_a_message(clock: Clock) -> None:
    """It is waited for as any secondary one, though some points of the hour are left."""
    pace = clock.pace()
    assert [pace.heard(200, {}, SECONDARY, ("a", GRAPHQL)) for _ in range(2)] == [True, True]
    assert clock.slept == [60.0, 120.0]


def test_each_token_has_a_budget_of_its_own_for_each_api(clock: Clock) -> None:
    """What one has used up holds up no other."""
    pace = clock.pace()
    for reset, budget in ((600, ("a", GRAPHQL)), (900, ("b", REST))):
        headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOON) + reset)}
        pace.heard(200, headers, b"{}", budget)
    pace.before_asking(("a", REST))
    pace.before_change(("b", GRAPHQL))
    assert clock.slept == []
    pace.before_asking(("a", GRAPHQL))
    pace.before_change(("b", REST))
    assert clock.slept == [601.0, 300.0]


def test_what_is_left_is_told_of_one_kind_of_requests(clock: Clock) -> None:
    """GitHub names it: of search, say, which has a budget beside the others."""
    pace = clock.pace()
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOON) + 60), "x-ratelimit-resource": "search"}
    pace.heard(200, headers, b"{}", ("a", REST))
    pace.before_asking(("a", REST))
    assert clock.slept == []


@pytest.mark.parametrize("message", ["Resource not accessible by integration", "Not Found"])
def test_other_refusals_are_no_limits(clock: Clock, message: str) -> None:
    """A permission that lacks is not waited for."""
    assert clock.pace().heard(403, {"x-ratelimit-remaining": "4999"}, body(message)) is False


def test_too_long_a_wait_ends_the_run(clock: Clock) -> None:
    """It says how long, and that it goes on later; all waits together count."""
    pace = clock.pace(longest=100.0)
    pace.heard(403, {"retry-after": "60"}, body())
    with pytest.raises(LimitReached) as caught:
        pace.heard(403, {"retry-after": "60"}, body())
    assert (caught.value.exit_code, clock.slept) == (3, [60.0])
    assert "This run may wait 40 s more." in str(caught.value)


@pytest.mark.parametrize("seconds, words", [(0.4, "0 s"), (59.6, "60 s"), (119.0, "119 s"), (3600.0, "60 min")])
def test_lengths(seconds: float, words: str) -> None:
    """In the unit that fits."""
    assert said(seconds) == words


# -- over HTTP ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def issues(local: Local, clock: Clock) -> Issues:
    """A repository's issues, at a pace."""
    client = PacedClient(clock.pace(), environ={})
    return Issues(client, repository="acme/hello", token="a-token", base_url=local.urls()["GITHUB_API_URL"])


def test_a_change_that_a_limit_turned_away_is_sent_again(local: Local, clock: Clock, issues: Issues) -> None:
    """It had no effect: there is one comment, after the wait that GitHub asked for."""
    answer = Fault("status", status=403, headers={"Retry-After": "30"}, body=body(), times=1)
    local.fault("github", "POST", "*/comments", answer)
    issues.note(1, "Text")
    assert clock.slept == [30.0]
    assert len(local.github.comments("acme/hello", 1)) == 1


def test_a_429_is_waited_for_by_the_pace(local: Local, clock: Clock, issues: Issues) -> None:
    """And announced, as any other."""
    local.fault("github", "POST", "*/comments", Fault("status", status=429, headers={"Retry-After": "40"}, times=1))
    issues.note(1, "Text")
    assert (clock.slept, len(clock.lines)) == ([40.0], 1)


def test_what_is_tried_again_keeps_the_pace(local: Local, clock: Clock, issues: Issues) -> None:
    """A gateway's 503 is no limit; the next try is a second later at the least."""
    local.fault("github", "POST", "*/comments", Fault("status", status=503, times=2))
    issues.note(1, "Text")
    issues.note(1, "Text")
    assert min(clock.slept) >= 1.0
    assert len(clock.slept) == 3


class Keys:
    """Tokens of an account: one for each hour of the clock, and another one whenever one is refused."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.given: list[str] = []
        self.refused: list[str] = []

    def asker(self) -> Asker:
        return Asker("chittyos", self._token, self._renew)

    def _token(self) -> str:
        self.given.append(f"token-{self._clock.now // 3600:.0f}-{len(self.refused)}")
        return self.given[-1]

    def _renew(self, refused: str) -> bool:
        self.refused.append(refused)
        return True


def test_the_token_is_taken_after_the_wait(local: Local, clock: Clock) -> None:
    """It may live no longer than the wait takes; and its limits are those of the account, whichever token asks."""
    keys, url = Keys(clock), local.urls()["GITHUB_API_URL"]
    client = PacedClient(clock.pace(), environ={}).of(keys.asker())
    spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOON) + 5400)}
    local.fault("github", "GET", "*/comments*", Fault("status", status=200, body=[], headers=spent, times=1))
    issues = Issues(client, repository="acme/hello", token="", base_url=url)
    issues.notes(1)
    with contextlib.suppress(Refused):
        issues.notes(1)
    assert clock.slept == [5401.0]
    assert keys.given[:2] == ["token-0-0", "token-1-0"]


@pytest.mark.parametrize("times", [1, 9])
def test_a_refused_token_is_renewed_once(local: Local, clock: Clock, times: int) -> None:
    """The request is sent again by another one; refused again, it is refused. What was changed counts each time."""
    keys, url = Keys(clock), local.urls()["GITHUB_API_URL"]
    local.fault("github", "POST", "*/comments", Fault("status", status=401, times=times))
    local.fault("github", "POST", "*/comments", Fault("status", status=201, body={"id": 7}))
    issues = Issues(
        PacedClient(clock.pace(), environ={}).of(keys.asker()), repository="acme/hello", token="", base_url=url
    )
    with contextlib.nullcontext() if times == 1 else pytest.raises(Refused):
        issues.note(1, "Text")
    assert keys.given == ["token-0-0", "token-0-1"]
    assert (keys.refused, clock.slept) == (["token-0-0"], [1.0])


def test_a_lost_answer_is_not_sent_again(local: Local, issues: Issues) -> None:
    """It may have taken effect."""
    local.fault("github", "POST", "*/comments", Fault("reset", after_effect=True))
    with pytest.raises(AnswerLost):
        issues.note(1, "Text")
    assert len(local.github.comments("acme/hello", 1)) == 1


def test_the_last_point_of_graphql_holds_up_no_rest(local: Local, clock: Clock, issues: Issues) -> None:
    """Nor another token; the next question to GraphQL by the same token waits."""
    spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOON) + 600), "x-ratelimit-resource": "graphql"}
    me = {"data": {"viewer": {"login": "octocat"}}}
    local.fault("github", "POST", "*/graphql", Fault("status", status=200, body=me, headers=spent, times=1))
    client, url = PacedClient(clock.pace(), environ={}), local.urls()["GITHUB_API_URL"]
    first, other = (Account(client, token=one, base_url=url) for one in ("a-token", local.github_token))
    assert first.login() == "octocat"
    Issues(client, repository="acme/hello", token="a-token", base_url=url).notes(1)
    assert other.login() == "github-actions[bot]"
    assert clock.slept == []
    first.login()
    assert clock.slept == [601.0]


@pytest.mark.parametrize("answered", [RATE_LIMITED, SINCE_2025, SECONDARY])
def test_a_question_that_graphqls_limit_turned_away_is_asked_again(local: Local, clock: Clock, answered: bytes) -> None:
    """It is said with 200, and no answer."""
    answer = Fault("status", status=200, body=json.loads(answered), times=1)
    local.fault("github", "POST", "*/graphql", answer)
    account = Account(
        PacedClient(clock.pace(), environ={}), token=local.github_token, base_url=local.urls()["GITHUB_API_URL"]
    )
    assert account.login() == "github-actions[bot]"
    assert clock.slept == [60.0]
