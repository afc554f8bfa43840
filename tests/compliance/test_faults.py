"""The fault matrix on what is observed: whatever goes wrong with a service is unknown, told, and never absent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chittyactions.compliance.facts import Fact, State
from chittyactions.compliance.observe import Sources, observe
from chittyactions.compliance.probe import Patience, probe
from chittyactions.compliance.repository import Health
from chittyactions.http import Client, Deadline
from chittylocal import Local
from compliance.test_observe import HERE, REPO, engine
from faults import FAULTS, PATIENCE, Case, bounded

HEALTH_URL = "https://hello.chitty.cc/health"

OF_THE_ASKER = ("refused", "bad certificate", "403", "429", "429, again in a second", "429, again in an hour")
"""Faults that say nothing of the service's health."""

HEALTH_TRIES = {"reset": 3, "close": 3, "truncated": 3, "garbage": 3, "hang": None, "slow drip": None,
                "slow drip in the headers": None, "503 once": 3, "500": 3, "502": 3, "503": 3, "504": 3,
                "429": 3, "429, again in a second": 3}  # fmt: skip
"""How often health is asked for; None: as the deadline has it, and once for every other fault."""


@pytest.fixture
def local() -> Iterator[Local]:
    """A backend of its own for each fault."""
    with Local() as running:
        yield running


def origin_of(local: Local, name: str) -> str:
    return {"refused": local.closed_url, "bad certificate": local.bad_tls_url}.get(name, local.url)


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_of_a_service_is_unknown(local: Local, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Known failure 1: never "not registered", "no route", "not protected"; the reason says what happened."""
    case: Case = FAULTS[name]
    seconds = PATIENCE if case.silent else 8.0
    monkeypatch.setattr("chittyactions.compliance.observe.CALL_SECONDS", seconds)
    local.github.repository(REPO, {"a": "a"})
    local.github.rules.admin = "forbidden"
    if case.fault and name != "503 once":
        for service in ("github", "registry", "router"):
            local.fault(service, "GET", "*", case.fault)
    environ = local.urls(origin_of(local, name))
    sources = Sources(environ, local.github_token, REPO, health=False, sleep=lambda _: None)
    with bounded(seconds):
        found = observe(engine(), HERE, sources)
    facts = (found.registered, found.routed)
    if name == "503 once":
        assert {fact.state for fact in facts} == {State.ABSENT}
        return
    observed: tuple[Fact[Any], ...] = (*facts, found.protection, found.disabled_workflows)
    for fact in observed:
        assert fact.state is State.UNKNOWN
        assert fact.why
        assert not any(word in fact.why for word in ("Just a moment", "xxxx", local.github_token))
    assert local.requests("elsewhere") == []


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_of_health(local: Local, name: str) -> None:
    """What the service did is known and said; what is between us and it is unknown."""
    case: Case = FAULTS[name]
    if case.fault:
        local.fault("edge", "GET", "/health", case.fault)
    patience = Patience(PATIENCE if case.silent else 8.0, 3)
    client = Client("The service", Deadline(60), environ={})
    with bounded(patience.seconds):
        fact: Fact[Health] = probe(client, HEALTH_URL, patience, edge=origin_of(local, name), sleep=lambda _: None)
    if name in OF_THE_ASKER:
        assert fact.state is State.UNKNOWN
        assert fact.why
    else:
        assert fact.state is State.PRESENT
        assert fact.found is not None
        assert fact.found.problem
    asked = len(local.requests("edge"))
    wanted = HEALTH_TRIES.get(name, 0 if case.fault is None else 1)
    assert wanted is None or asked == wanted
    assert local.requests("elsewhere") == []
