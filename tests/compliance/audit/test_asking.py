"""What is asked beside GraphQL: each host in turn, counted, and nothing left behind."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chittyactions.compliance.audit.asking import SKIPPED, Hosts, Looking
from chittyactions.compliance.audit.query import Base
from chittyactions.compliance.audit.record import Standing
from chittyactions.compliance.facts import State
from chittyactions.compliance.files import Kind
from chittyactions.compliance.model import Service
from chittyactions.compliance.observe import Sources
from chittyactions.compliance.repository import Protection
from chittyactions.ecosystem.github_guard import Guard
from chittyactions.errors import ServiceError
from chittyactions.http import Deadline
from chittylocal import Fault, Local
from compliance.audit.made import Made, registry
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
        lambda _: "t", environ, Hosts(), folder, runtime=runtime, sources=sources, deadline=Deadline(seconds)
    )


def observed(one: Looking, base: Base, tmp_path: Path, local: Local, *, workflows: bool = True) -> object:
    assembled = Made(local, tmp_path).rules(registry("flat")).assembled()
    return one.observe(base, SERVICE, assembled, workflows)


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
    """One request for the states of the workflows, none where there is no workflow."""
    one = looking(local, tmp_path)
    found = one.observe(base, SERVICE, Made(local, tmp_path).rules(registry("flat")).assembled(), True)
    assert (found.protection.state, found.default_branch, found.disabled_workflows.found) == (State.ABSENT, "main", ())
    assert (found.health.state, found.health.why) == (State.NOT_ASKED, SKIPPED)
    observed(one, base, tmp_path, local, workflows=False)
    assert one.hosts.asked == {"rest": 1}


def test_a_guard_that_graphql_told(local: Local, base: Base, tmp_path: Path) -> None:
    """It is the protection, as far as it goes."""
    guarded = Base(Standing.JUDGED, "made/flat", commit=base.commit, guard=Guard(True, False, True), told=True)
    assembled = Made(local, tmp_path).rules(registry("flat")).assembled()
    found = looking(local, tmp_path).observe(guarded, SERVICE, assembled, False)
    assert found.protection.found == Protection(True, False, False)


def test_what_graphql_did_not_tell_is_asked_by_rest(local: Local, base: Base, tmp_path: Path) -> None:
    """And is unknown where REST does not tell it either."""
    local.github.rules.set_classic("made/flat")
    untold = Base(Standing.JUDGED, "made/flat", branch="main", commit=base.commit)
    assembled = Made(local, tmp_path).rules(registry("flat")).assembled()
    one = looking(local, tmp_path)
    assert one.observe(untold, SERVICE, assembled, False).protection.found == Protection(True, True, False)
    assert one.hosts.asked == {"rest": 3}
    local.github.rules.admin = "forbidden"
    assert one.observe(untold, SERVICE, assembled, False).protection.state is State.UNKNOWN


def test_each_try_counts(local: Local, base: Base, tmp_path: Path) -> None:
    """A request that is repeated is another request."""
    local.fault("github", "GET", "*/actions/workflows", Fault("status", status=503, times=2))
    one = looking(local, tmp_path)
    observed(one, base, tmp_path, local)
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
    assembled = Made(local, tmp_path).rules(registry("flat")).assembled()
    found = one.observe(base, SERVICE, assembled, True)
    assert found.disabled_workflows.state is State.UNKNOWN
    assert one.hosts.asked == {}
