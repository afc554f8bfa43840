"""Whose token asks for which organisation: one for all, or a GitHub App's for each."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from functools import partial

import pytest

from chittyactions.ecosystem.github_budget import Budget
from chittyactions.ecosystem.github_graphql_answers import Part
from chittyactions.ecosystem.github_tokens import MARGIN, AppTokens, OneToken, graphql_for
from chittyactions.errors import CredentialError, Unreachable
from chittyactions.http import Client, Deadline
from chittyactions.publish.app_token import sign
from chittylocal import Fault, Local

APP = "123456"
REPOSITORIES = ["ChittyOS/one", "ChittyOS/two", "chittycorp/three"]
GRANTED = {"contents": "write", "metadata": "read", "actions": "read", "administration": "read"}
WANTED = {"contents": "read", "actions": "read", "issues": "read"}


class Given:
    """The app's tokens, and what was masked and said; `now` is the clock."""

    def __init__(self, local: Local, key: str, *, url: str = "") -> None:
        self.masked: list[tuple[str, str]] = []
        self.said: list[str] = []
        self.now = time.time()
        self.client = Client("GitHub's API", Deadline(20), environ={}, sleep=lambda _: None)
        self.tokens = AppTokens(
            self.client,
            sign=lambda moment: partial(sign, APP, key)(min(moment, time.time())),
            permissions=WANTED,
            mask=lambda name, value: self.masked.append((name, value)),
            base_url=url or local.urls()["GITHUB_API_URL"],
            say=self.said.append,
            clock=lambda: self.now,
        )


@pytest.fixture(scope="module")
def backend() -> Iterator[tuple[Local, str]]:
    """A backend with an app that is installed on two organisations, and the app's key."""
    with Local() as local:
        for name in REPOSITORIES:
            local.github.repository(name, {"F": "x"})
        local.github.profile(REPOSITORIES[0]).private = True
        yield local, local.github.app(APP, installed_on=REPOSITORIES, permissions=GRANTED)


@pytest.fixture
def local(backend: tuple[Local, str]) -> Iterator[Local]:
    """The backend, well again."""
    backend[0].clear_faults()
    backend[0].forget_requests()
    yield backend[0]
    backend[0].clear_faults()
    backend[0].github.apps.clock_ahead = 0.0
    backend[0].github.strict = False


@pytest.fixture
def given(local: Local, backend: tuple[Local, str]) -> Given:
    """Nothing was asked yet."""
    return Given(local, backend[1])


def requests(local: Local) -> list[str]:
    """What was asked, without the numbers of installations."""
    return [f"{one['method']} {re.sub('[0-9]+', 'N', one['path'])}" for one in local.requests("github")]


def test_one_token_for_all() -> None:
    """It is masked before anything else, counts against one limit, and is nobody's to revoke."""
    masked: list[str] = []
    tokens = OneToken(" a-personal-token\n", mask=lambda _, value: masked.append(value))
    assert masked == ["a-personal-token"]
    assert tokens.for_owner("a") == tokens.for_owner("b") == "a-personal-token"
    assert tokens.account("a") == tokens.account("b")
    assert not tokens.renew("a", "a-personal-token")
    tokens.close()
    assert tokens.for_owner("a") == "a-personal-token"


@pytest.mark.parametrize("text", ["", " \n"])
def test_no_token_at_all(text: str) -> None:
    """It is said before anything is asked."""
    with pytest.raises(CredentialError, match="There is no token for GitHub"):
        OneToken(text, mask=lambda *_: None)


def test_a_token_for_each_organisation(local: Local, given: Given) -> None:
    """One each, in whatever case its name is written, made once and masked before it is used."""
    first = given.tokens.for_owner("ChittyOS")
    second = given.tokens.for_owner("chittycorp")
    assert first != second
    assert given.tokens.for_owner("chittyos") == first
    assert given.tokens.account("ChittyOS") == given.tokens.account("chittyos") != given.tokens.account("chittycorp")
    assert [name for name, _ in given.masked] == [
        "The GitHub App's signature", "The token for ChittyOS",
        "The GitHub App's signature", "The token for chittycorp",
    ]  # fmt: skip
    assert [value for name, value in given.masked if name.startswith("The token")] == [first, second]
    assert requests(local) == [
        "GET /orgs/ChittyOS/installation", "POST /app/installations/N/access_tokens",
        "GET /orgs/chittycorp/installation", "POST /app/installations/N/access_tokens",
    ]  # fmt: skip


def test_a_token_has_the_least_that_is_wanted(local: Local, given: Given) -> None:
    """No more than is wanted, and nothing that the installation lacks: that is not refused, it is not asked for."""
    given.tokens.for_owner("ChittyOS")
    issued = local.github.issued_tokens()[-1]
    assert issued.permissions == {"metadata": "read", "contents": "read", "actions": "read"}
    assert {name.lower() for name in issued.repositories} == {"chittyos/one", "chittyos/two"}


def test_a_token_is_renewed_before_it_expires(local: Local, given: Given) -> None:
    """Five minutes before its end, so that no query outlives it; its installation is not looked up again."""
    first = given.tokens.for_owner("ChittyOS")
    given.now += 3600 - MARGIN - 60
    assert given.tokens.for_owner("ChittyOS") == first
    given.now += 120
    second = given.tokens.for_owner("ChittyOS")
    assert second != first
    assert requests(local).count("GET /orgs/ChittyOS/installation") == 1
    given.now -= 3600 - MARGIN + 60


def test_a_token_is_renewed_however_long_the_work_goes_on(local: Local, given: Given) -> None:
    """The client that asks for it has its own time each time."""
    given.client.deadline.shorten(0)
    assert given.tokens.for_owner("ChittyOS").startswith("ghs_")


def test_a_token_that_expires_early(local: Local, given: Given) -> None:
    """What GitHub says of its end counts where it is sooner than an hour."""
    moment = datetime.fromtimestamp(given.now + MARGIN - 1, timezone.utc).isoformat()
    answer = Fault("status", 201, body={"token": "ghs_a-short-lived-one", "expires_at": moment}, times=1)
    local.fault("github", "POST", "/app/installations/*", answer)
    assert given.tokens.for_owner("ChittyOS") == "ghs_a-short-lived-one"
    assert given.tokens.for_owner("ChittyOS") != "ghs_a-short-lived-one"


def test_a_token_that_dies_in_the_middle(local: Local, given: Given) -> None:
    """A query that meets 401 is sent again by a new token, and is answered."""
    client = Client("GitHub's API", Deadline(10), environ={}, sleep=lambda _: None)
    url, budget = local.urls()["GITHUB_GRAPHQL_URL"], Budget()
    api = graphql_for(given.tokens, "ChittyOS", client, url=url, budget=budget)
    query = '{ r0: repository(owner: "ChittyOS", name: "one") { name } }'
    assert api.ask(query).part("r0") == Part({"name": "one"})
    local.github.issued_tokens()[-1].expires = 0.0
    assert api.ask(query).part("r0") == Part({"name": "one"})
    assert budget.requests == 3
    assert len({value for name, value in given.masked if name == "The token for ChittyOS"}) == 2


def test_a_token_that_dies_while_a_limit_is_waited_for(local: Local, given: Given) -> None:
    """The query is sent by another one, since the wait takes longer than the token's last minutes."""
    client = Client("GitHub's API", Deadline(10), environ={}, sleep=lambda _: None)

    def sleep(seconds: float) -> None:
        given.now += seconds
        local.github.pass_time(seconds)

    budget = Budget(clock=lambda: given.now, sleep=sleep)
    api = graphql_for(given.tokens, "ChittyOS", client, url=local.urls()["GITHUB_GRAPHQL_URL"], budget=budget)
    query = '{ r0: repository(owner: "ChittyOS", name: "one") { name } }'
    moment = datetime.fromtimestamp(given.now + MARGIN + 60, timezone.utc).isoformat()
    soon = Fault("status", 201, body={"token": "ghs_a-short-lived-one", "expires_at": moment}, times=1)
    local.fault("github", "POST", "/app/installations/*", soon)
    local.github.budget.use_up(840)
    assert api.ask(query).part("r0") == Part({"name": "one"})
    assert next(value for name, value in given.masked if name == "The token for ChittyOS") == "ghs_a-short-lived-one"
    assert len(given.masked) == 4
    assert [one["status"] for one in local.requests("github") if one["path"] == "/graphql"] == [200, 200]


def test_many_threads_make_one_token(local: Local, given: Given) -> None:
    """They wait for the one that makes it."""
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(given.tokens.for_owner("ChittyOS"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (len(found), len(set(found))) == (8, 1)
    assert requests(local).count("POST /app/installations/N/access_tokens") == 1


def test_all_are_revoked_at_the_end(local: Local, given: Given) -> None:
    """Those that were replaced too; nothing is made afterwards."""
    before = len(local.github.issued_tokens())
    first = given.tokens.for_owner("ChittyOS")
    assert given.tokens.renew("chittyos", first)
    given.tokens.for_owner("ChittyOS")
    given.tokens.for_owner("chittycorp")
    given.client.deadline.shorten(0)
    given.tokens.close()
    given.tokens.close()
    assert all(token.revoked_at for token in local.github.issued_tokens()[before:])
    assert len(local.github.issued_tokens()) == before + 3
    assert given.said == []
    with pytest.raises(CredentialError, match="any more"):
        given.tokens.for_owner("ChittyOS")


def test_a_revocation_that_fails_is_told(local: Local, given: Given) -> None:
    """It changes nothing else, and shows no token."""
    token = given.tokens.for_owner("ChittyOS")
    local.fault("github", "DELETE", "/installation/token", Fault("status", 500))
    given.tokens.close()
    (said,) = given.said
    assert said.startswith("1 of 1 tokens of the GitHub App were not revoked")
    assert token not in said


def test_an_organisation_without_the_app(local: Local, given: Given) -> None:
    """It has an error of its own that is told without asking again; the others have their tokens."""
    for _ in range(2):
        with pytest.raises(
            CredentialError, match="There is no token for elsewhere: the app is not installed there"
        ) as no:
            given.tokens.for_owner("elsewhere")
        assert "Install the app on elsewhere" in no.value.fix
    assert requests(local) == ["GET /orgs/elsewhere/installation", "GET /users/elsewhere/installation"]
    assert given.tokens.for_owner("ChittyOS").startswith("ghs_")


@pytest.mark.parametrize(
    "path, answer, words",
    [
        ("/orgs/*", Fault("status", 200, body={"id": 1, "suspended_at": "2026-01-01T00:00:00Z"}), "suspended there"),
        ("/app/*", Fault("status", 403, body={"message": "This installation has been suspended"}), "is suspended"),
        ("/app/*", Fault("status", 422, body={"message": "not granted"}), "lacks a permission"),
        ("/app/*", Fault("status", 500), "GitHub did not take the request"),
        ("/orgs/*", Fault("status", 200, body={"id": "x"}), "something unexpected"),
        ("/orgs/*", Fault("status", 200, body=[]), "something unexpected"),
        ("/app/*", Fault("status", 201, body={}), "something unexpected"),
        ("/app/*", Fault("reset"), "was lost"),
        ("/orgs/*", Fault("redirect"), "redirect"),
    ],
)
def test_an_organisation_that_gives_no_token(local: Local, given: Given, path: str, answer: Fault, words: str) -> None:
    """Each with its cause, and another organisation is not touched by it."""
    local.fault("github", "*", path, answer)
    with pytest.raises(CredentialError, match="There is no token for ChittyOS") as refused:
        given.tokens.for_owner("ChittyOS")
    assert words in refused.value.what
    local.clear_faults()
    assert given.tokens.for_owner("chittycorp").startswith("ghs_")


def test_what_may_pass_is_tried_again(local: Local, given: Given) -> None:
    """A lost answer says nothing of the organisation: the next query asks again."""
    local.fault("github", "POST", "/app/*", Fault("reset", times=1))
    with pytest.raises(CredentialError):
        given.tokens.for_owner("ChittyOS")
    assert given.tokens.for_owner("ChittyOS").startswith("ghs_")


def test_a_clock_that_is_off(local: Local, given: Given) -> None:
    """It is named, since nobody would look for it."""
    local.github.apps.clock_ahead = -3600
    with pytest.raises(CredentialError, match="clock is off"):
        given.tokens.for_owner("ChittyOS")


def test_a_key_of_another_app(local: Local) -> None:
    """The signature is not taken, and nothing of it is shown."""
    stranger = Given(local, local.github.app("another", installed_on=[]))
    with pytest.raises(CredentialError, match="not one of this app's") as refused:
        stranger.tokens.for_owner("ChittyOS")
    assert all(value not in str(refused.value) for _, value in stranger.masked)


def test_a_name_is_no_way_elsewhere(local: Local, given: Given) -> None:
    """An owner stays one step of the path, whatever it is made of."""
    with pytest.raises(CredentialError):
        given.tokens.for_owner("../repos/ChittyOS/one")
    assert [request.split("/")[1] for request in requests(local)] == ["orgs", "users"]


def test_a_github_that_is_not_there(local: Local, backend: tuple[Local, str]) -> None:
    """It is no fault of the organisation's."""
    away = Given(local, backend[1], url=local.closed_url)
    with pytest.raises(Unreachable):
        away.tokens.for_owner("ChittyOS")
