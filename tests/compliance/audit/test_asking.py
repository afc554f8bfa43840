"""What is asked beside GraphQL: each host in turn, counted, and nothing left behind."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from chittyactions.compliance.audit.asking import SKIPPED, Looking
from chittyactions.compliance.audit.guarded import Guarded
from chittyactions.compliance.audit.paced import Hosts, rest_budget
from chittyactions.compliance.audit.query import Base
from chittyactions.compliance.audit.record import Standing
from chittyactions.compliance.audit.state import STANDS
from chittyactions.compliance.facts import Fact, State
from chittyactions.compliance.files import Kind
from chittyactions.compliance.model import Service
from chittyactions.compliance.observe import Sources
from chittyactions.compliance.repository import Observed, Protection
from chittyactions.ecosystem.github_guard import Guard, Switches
from chittyactions.ecosystem.github_tokens import MARGIN, AppTokens, Asker, asker
from chittyactions.errors import ServiceError
from chittyactions.http import Client, Deadline
from chittyactions.publish.app_token import sign
from chittylocal import Fault, Local
from compliance.audit.made import Made, Patience, registry
from compliance.compliant import compliant

SERVICE = Service("flat", "tool", organization="made", repository="made/flat")


@pytest.fixture
def local() -> Iterator[Local]:
    """One repository."""
    with Local() as running:
        running.github.repository("made/flat", {**compliant("tool"), "large.txt": "x" * 1_100_000})
        yield running


@pytest.fixture
def base(local: Local) -> Base:
    """What GraphQL said of it."""
    (commit, *_) = local.github.log("made/flat")
    return Base(Standing.JUDGED, "made/flat", branch="main", commit=commit.sha, told=True)


def looking(local: Local, folder: Path, *, slash: str = "", runtime: bool = False, seconds: float = 60) -> Looking:
    """One who asks the embedded services, without waiting."""
    environ = {**os.environ, **local.urls()}
    environ["GITHUB_SERVER_URL"] = environ["GITHUB_API_URL"] + slash
    sources = Sources(environ, sleep=lambda _: None)
    return Looking(
        lambda _: Asker("", lambda: "t"),
        environ,
        Hosts(),
        folder,
        runtime=runtime,
        sources=sources,
        deadline=Deadline(seconds),
    )


def states(one: Looking, base: Base, held: Switches | None) -> Fact[Switches]:
    return one.switches(base, held)[0]


NONE_OFF = Fact[tuple[str, ...]].present(())


def observed(one: Looking, base: Base, tmp_path: Path, local: Local) -> Observed:
    assembled = Made(local, tmp_path).rules(registry("flat")).assembled()
    return one.observe(base, SERVICE, assembled, NONE_OFF)


def test_a_host_is_asked_so_many_things_at_once() -> None:
    """And other hosts meanwhile."""
    hosts, lock = Hosts(most=2), threading.Lock()
    now = {"a": 0, "b": 0}
    most = dict(now)

    def ask(host: str) -> None:
        with hosts.turn(host):
            with lock:
                now[host] += 1
                most[host] = max(most[host], now[host])
            time.sleep(0.01)
            with lock:
                now[host] -= 1

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(ask, "ab" * 12))
    assert most == {"a": 2, "b": 2}


def test_what_graphql_told_is_not_asked_again(local: Local, base: Base, tmp_path: Path) -> None:
    """Nor is a service that is not to be asked."""
    one = looking(local, tmp_path)
    found = observed(one, base, tmp_path, local)
    assert (found.protection.state, found.default_branch, found.disabled_workflows) == (State.ABSENT, "main", NONE_OFF)
    assert (found.health.state, found.health.why) == (State.NOT_ASKED, SKIPPED)
    assert one.hosts.asked == {}


def test_states_of_workflows_that_are_known(local: Local, base: Base, tmp_path: Path) -> None:
    """They are asked for by the name of the last answer, which costs nothing until they change."""
    one, budget, sync = looking(local, tmp_path), local.github.rest_budget, ".github/workflows/sync.yml"
    first = states(one, base, None).found
    assert first
    assert (first.off, first.etag[:3], first.asked > 0, budget.used) == ((), 'W/"', True, 1)
    held = replace(first, asked=7)
    again = states(one, base, held).found
    assert again
    assert (replace(again, asked=7), again.asked >= first.asked, budget.used) == (held, True, 1)
    local.github.rules.set_workflows("made/flat", {sync: "disabled_manually"})
    changed = states(one, base, held).found
    assert changed
    assert (changed.off, changed.etag == first.etag, budget.used) == ((sync,), False, 2)
    assert states(one, base, changed).found == replace(changed, asked=int(one.clock()))
    assert one.hosts.asked == {"rest": 4}


def test_more_workflows_than_a_page_holds(local: Local, base: Base, tmp_path: Path) -> None:
    """All pages are asked each time: none of them is the whole answer."""
    many = {f".github/workflows/w{number}.yml": "disabled_manually" for number in range(101)}
    local.github.rules.set_workflows("made/flat", many)
    one = looking(local, tmp_path)
    found = states(one, base, None).found
    assert found
    assert (len(found.off), found.etag) == (101, "")
    assert states(one, base, found).found == replace(found, asked=int(one.clock()))
    assert one.hosts.asked == {"rest": 4}


@pytest.mark.parametrize("age, state", [(STANDS - 60, State.PRESENT), (STANDS + 60, State.UNKNOWN)])
def test_states_that_were_told_within_a_day(local: Local, base: Base, tmp_path: Path, age: int, state: State) -> None:
    """They stand where the hour is used up, and are unknown after that; nobody is asked again and again."""
    local.github.rest_budget.use_up()
    one = looking(local, tmp_path)
    held = Switches((), "", int(one.clock()) - age)
    assert [states(one, base, held).state for _ in range(3)] == [state] * 3
    assert one.hosts.asked == {"rest": 1}
    assert states(one, base, None).state is State.UNKNOWN
    assert states(one, base, None).why == "GitHub's API has a limit, and it is used up for now."


def test_states_that_were_told_do_not_stand_for_another_reason(local: Local, base: Base, tmp_path: Path) -> None:
    """A token that may not see them any more, for one, has nothing to say of them."""
    local.fault("github", "GET", "*/actions/workflows", Fault("status", status=403))
    one = looking(local, tmp_path)
    assert states(one, base, Switches((), "", int(one.clock()))).state is State.UNKNOWN


@pytest.mark.parametrize(
    "fault, tried",
    [
        (None, True),
        (Fault("status", status=403), True),
        (Fault("status", status=500), True),
        (Fault("reset"), True),
        (Fault("status", status=429), False),
        (Fault("status", status=403, body={"message": "API rate limit exceeded"}), False),
    ],
)
def test_what_was_tried(local: Local, base: Base, tmp_path: Path, fault: Fault | None, tried: bool) -> None:
    """Whatever GitHub says is an answer to what was asked, but for its limits."""
    if fault:
        local.fault("github", "GET", "*", fault)
    patience = Patience(local)
    budget = rest_budget(clock=patience.now, sleep=patience.sleep, longest=10)
    one = replace(looking(local, tmp_path), budget=budget, clock=lambda: 7.0)
    asked = [one.guarded(replace(base, told=False), Guarded())[2], one.switches(base, None)[1]]
    assert asked == [7 if tried else 0] * 2


def test_what_could_not_be_tried(local: Local, base: Base, tmp_path: Path) -> None:
    """Where nobody is, and in an audit that ends."""
    away = looking(local, tmp_path)
    away = replace(away, environ={**away.environ, "GITHUB_API_URL": local.closed_url})
    for one in (away, looking(local, tmp_path, seconds=0)):
        assert (one.switches(base, None)[1], one.guarded(replace(base, told=False), Guarded())[2]) == (0, 0)


class App:
    """One who asks by an app's tokens, which live for an hour; time passes by waiting."""

    def __init__(self, local: Local, folder: Path) -> None:
        key = local.github.app("7", installed_on=["made/*"], permissions={"actions": "read", "metadata": "read"})
        self.local, self.patience, self.aged = local, Patience(local), 0.0
        local.forget_requests()
        client = Client("GitHub's API", Deadline(20), environ={}, sleep=lambda _: None)
        url = local.urls()["GITHUB_API_URL"]
        self.tokens = AppTokens(
            client, sign=lambda _: sign("7", key, time.time()), permissions={"actions": "read"}, mask=lambda *_: None,
            base_url=url, clock=lambda: self.patience.now() + self.aged,
        )  # fmt: skip
        budget = rest_budget(clock=self.patience.now, sleep=self.sleep, say=self.patience.said.append)
        self.looking = replace(
            looking(local, folder), asker=partial(asker, self.tokens), budget=budget, clock=self.patience.now,
        )  # fmt: skip

    def sleep(self, seconds: float) -> None:
        self.patience.sleep(seconds)
        self.end(seconds)

    def age(self, seconds: float) -> None:
        """Let time pass for tokens alone: what a limit's end is goes by GitHub's Date, which does not."""
        self.aged += seconds
        self.end(seconds)

    def end(self, seconds: float) -> None:
        for one in self.local.github.issued_tokens():
            one.expires -= seconds

    def only_once(self, owner: str) -> Asker:
        """Who has no other token."""
        return replace(asker(self.tokens, owner), renew=lambda _: False)

    def statuses(self) -> list[int]:
        """What was answered about workflows."""
        asked = self.local.requests("github")
        return [one["status"] for one in asked if one["path"].endswith("/actions/workflows")]


def test_a_token_that_ends_while_a_limit_is_waited_for(local: Local, base: Base, tmp_path: Path) -> None:
    """It is another one afterwards, and nobody sends the old one."""
    app = App(local, tmp_path)
    assert states(app.looking, base, None).found
    app.age(3600 - MARGIN - 60)
    local.github.rest_budget.use_up(840)
    assert states(app.looking, base, None).found
    assert app.patience.waited >= 830
    assert (app.statuses(), len(local.github.issued_tokens())) == ([200, 403, 200], 2)


def test_a_token_that_ends_early(local: Local, base: Base, tmp_path: Path) -> None:
    """The request is sent again by a new one, and so is every other one; nobody is asked twice for it."""
    app = App(local, tmp_path)
    assert states(app.looking, base, None).found
    local.github.issued_tokens()[-1].expires = 0.0
    with ThreadPoolExecutor(6) as pool:
        told = [found.state for found in pool.map(lambda _: states(app.looking, base, None), range(6))]
    assert told == [State.PRESENT] * 6
    assert 1 <= app.statuses().count(401) <= 6
    assert len(local.github.issued_tokens()) == 2


@pytest.mark.parametrize("renewed", [True, False])
def test_a_token_that_nobody_takes(local: Local, base: Base, tmp_path: Path, renewed: bool) -> None:
    """Once more at most; then nobody asks REST any more, and it was not tried."""
    local.fault("github", "GET", "*/repos/*", Fault("status", status=401))
    app = App(local, tmp_path)
    one = app.looking if renewed else replace(app.looking, asker=app.only_once)
    told = [one.switches(base, Switches((), "", int(one.clock()))) for _ in range(3)]
    assert [(found.state, tried) for found, tried in told] == [(State.UNKNOWN, 0)] * 3
    assert told[0] == told[2]
    assert one.guarded(replace(base, told=False), Guarded())[1].state is State.UNKNOWN
    assert "refused the token (HTTP 401)" in told[0][0].why
    assert app.statuses() == [401, 401] if renewed else [401]
    assert len(local.github.issued_tokens()) == len(app.statuses())


@pytest.mark.parametrize("status", [403, 429])
def test_rest_s_limits_are_waited_for(local: Local, base: Base, tmp_path: Path, status: int) -> None:
    """By all threads together: it is said once, and one request each follows."""
    said: list[str] = []
    budget = rest_budget(say=said.append)  # by the real clock: one that jumps would outrun answers on their way
    one = replace(looking(local, tmp_path), budget=budget)
    assert states(one, base, None).found
    local.github.limits.used_up_status = status
    local.github.rest_budget.use_up(2)
    with ThreadPoolExecutor(6) as pool:
        told = [found.state for found in pool.map(lambda _: states(one, base, None), range(6))]
    assert told == [State.PRESENT] * 6
    assert budget.waited >= 1
    assert ["this hour's requests are used up. Waiting " in one for one in said] == [True]
    assert one.hosts.asked["rest"] <= 1 + 6 + 6


def test_rest_s_secondary_limit_is_waited_for(local: Local, base: Base, tmp_path: Path) -> None:
    """For as long as Retry-After asks."""
    patience = Patience(local)
    budget = rest_budget(clock=patience.now, sleep=patience.sleep, say=patience.said.append)
    local.github.limits.secondary, local.github.limits.retry_after = 1, 7
    assert states(replace(looking(local, tmp_path), budget=budget), base, None).found
    assert patience.waited == pytest.approx(7, abs=1)
    assert "(a secondary limit). Waiting 7 s" in patience.said[0]


def test_a_guard_that_graphql_told(local: Local, base: Base, tmp_path: Path) -> None:
    """It is the protection, as far as it goes."""
    guarded = Base(Standing.JUDGED, "made/flat", commit=base.commit, guard=Guard(True, False, True), told=True)
    found = observed(looking(local, tmp_path), guarded, tmp_path, local)
    assert found.protection.found == Protection(True, False, False)


def test_what_graphql_did_not_tell_is_asked_by_rest(local: Local, base: Base, tmp_path: Path) -> None:
    """And is unknown where REST does not tell it either."""
    local.github.rules.set_classic("made/flat")
    untold = Base(Standing.JUDGED, "made/flat", branch="main", commit=base.commit)
    one = looking(local, tmp_path)
    assert observed(one, untold, tmp_path, local).protection.state is State.NOT_ASKED
    kept, told, _ = one.guarded(untold, Guarded())
    assert (kept.branch, kept.found, told) == ("main", (True, True, False), kept.fact)
    assert (told.found, one.hosts.asked) == (Protection(True, True, False), {"rest": 3})
    local.github.rules.admin = "forbidden"
    later, told, _ = one.guarded(untold, kept)
    assert (later, told.state) == (kept, State.UNKNOWN)  # for a day, should REST's hour end meanwhile
    old = replace(kept, asked=kept.asked - STANDS - 60)
    later, told, _ = one.guarded(untold, old)
    assert (later.found, later.asked >= kept.asked, told.state) == (None, True, State.UNKNOWN)


@pytest.mark.parametrize(
    "branch, found, age, state",
    [
        ("main", (True, True, False), STANDS - 60, State.PRESENT),
        ("main", (), STANDS - 60, State.ABSENT),
        ("main", (), STANDS + 60, State.UNKNOWN),
        ("main", None, 60, State.UNKNOWN),
        ("trunk", (), 60, State.UNKNOWN),
    ],
)
def test_protection_that_rest_told_within_a_day(
    local: Local, base: Base, tmp_path: Path, branch: str, found: tuple[bool, ...] | None, age: int, state: State
) -> None:
    """It stands where the hour is used up, if it is of the same branch. What is kept stays as it was."""
    local.github.rest_budget.use_up()
    one = looking(local, tmp_path)
    held = Guarded(int(one.clock()) - age, branch, found)
    kept, told, _ = one.guarded(replace(base, told=False), held)
    assert (kept, told.state) == (held if branch == "main" else Guarded(0), state)
    assert one.hosts.before == (state is not State.UNKNOWN)
    assert one.guarded(replace(base, told=False), Guarded())[0] == Guarded(0)


def test_each_try_counts(local: Local, base: Base, tmp_path: Path) -> None:
    """A request that is repeated is another request."""
    local.fault("github", "GET", "*/actions/workflows", Fault("status", status=503, times=2))
    one = looking(local, tmp_path)
    assert states(one, base, None).found
    assert one.hosts.asked == {"rest": 3}


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_whole_commit(local: Local, base: Base, tmp_path: Path, slash: str) -> None:
    """All its files but the largest; afterwards nothing of it is left, whatever went wrong."""
    one = looking(local, tmp_path, slash=slash)
    with one.whole(base) as files:
        assert files.paths["large.txt"] is Kind.FILE
        assert files.read("CHARTER.md", 1000) == compliant("tool")["CHARTER.md"]
        assert (files.name, files.remote) == ("flat", "https://github.com/made/flat")
    with pytest.raises(RuntimeError), one.whole(base):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    assert one.hosts.asked == {"archive": 2}


def test_a_commit_that_is_gone(local: Local, base: Base, tmp_path: Path) -> None:
    """It is said, and nothing is left."""
    gone = Base(Standing.JUDGED, "made/flat", commit="0" * 40)
    with (
        pytest.raises(ServiceError, match="could not be fetched at 000000000000"),
        looking(local, tmp_path).whole(gone),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_audit_that_ends_asks_nothing_more(local: Local, base: Base, tmp_path: Path) -> None:
    """What is asked late is unknown."""
    one = looking(local, tmp_path, runtime=True, seconds=0)
    observed(one, base, tmp_path, local)
    assert states(one, base, None).state is State.UNKNOWN
    assert one.hosts.asked == {}
