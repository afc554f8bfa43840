"""The fault matrix on Cloudflare's API and on the health check: message, time and number of requests."""

from __future__ import annotations

import pytest

from chittyactions.deploy.gate import IN_A_ROW, Clock, watch
from chittyactions.deploy.health import Address, asker
from chittyactions.ecosystem.cloudflare import Cloudflare
from chittyactions.ecosystem.cloudflare_answers import Share
from chittyactions.ecosystem.cloudflare_wire import SERVICE, Wire
from chittyactions.errors import ServiceError
from chittyactions.http import Client, Deadline
from chittylocal import Fault, Local
from faults import FAULTS, PATIENCE, Case, bounded

DEPLOYMENTS = "/accounts/*/workers/scripts/hello/deployments"
HEALTH = {"status": "ok"}
ADDRESS = Address("https://hello.example.com/health")

HEALTH_SAYS = {
    "refused": "no connection",
    "bad certificate": "no connection",
    "reset": "no whole answer",
    "close": "no whole answer",
    "hang": "no whole answer",
    "slow drip": "no whole answer",
    "slow drip in the headers": "no whole answer",
    "truncated": "no whole answer",
    "garbage": "no whole answer",
    "html": "HTTP 200 with text/html, not JSON",
    "empty": "HTTP 200 with an empty body",
    "huge": "an answer that is too long",
    "redirect": "a redirect",
    "503 once": "HTTP 503 with an empty body",
}
"""What a person reads of each fault; of the others, the status."""


class FastClock(Clock):
    """Time passes by waiting alone, and waiting takes none."""

    def __init__(self) -> None:
        self.time = 0.0
        super().__init__(now=lambda: self.time, sleep=self.pass_by)

    def pass_by(self, seconds: float) -> None:
        self.time += seconds


def origin_of(local: Local, name: str) -> str:
    return {"refused": local.closed_url, "bad certificate": local.bad_tls_url}.get(name, local.url)


def cloudflare(origin: str, token: str, account_id: str, seconds: float) -> Cloudflare:
    """A client with a short deadline that counts its waits as done."""
    client = Client(SERVICE, Deadline(seconds), environ={}, sleep=lambda _: None)
    url = f"{origin}/cloudflare/client/v4"
    wire = Wire(client, token=token, base_url=url, seconds=seconds, sleep=lambda _: None)
    return Cloudflare(wire, account_id)


@pytest.mark.parametrize("way", ["read", "write"])
@pytest.mark.parametrize("name", FAULTS)
def test_cloudflares_api(local: Local, name: str, way: str) -> None:
    """Each fault is told with a remedy and no body, by its deadline; a change of traffic is sent once."""
    case: Case = FAULTS[name]
    seconds = PATIENCE if case.silent else 8.0
    method = "GET" if way == "read" else "POST"
    if case.fault:
        local.fault("cloudflare", method, DEPLOYMENTS, case.fault)
    api = cloudflare(origin_of(local, name), local.cloudflare_token, local.account_id, seconds)
    message = ""
    with bounded(seconds):
        try:
            if way == "read":
                api.deployments("hello")
            else:
                api.deploy("hello", (Share(version_id="1", percentage=100),), "a test")
        except ServiceError as error:
            message = str(error)
    if name == "503 once":  # then the API itself answers, which knows no such Worker
        assert message == "" if way == "read" else "code 10007" in message
    else:
        assert case.expected.words in message
        assert "Fix: " in message
        assert not any(word in message for word in ("Just a moment", "xxxx", local.cloudflare_token))
    expected = case.expected.repeatable if way == "read" else case.expected.once_only
    assert [e["method"] for e in local.requests("cloudflare")] == [method] * expected
    assert local.requests("elsewhere") == []


@pytest.mark.parametrize("name", FAULTS)
def test_one_health_question(local: Local, name: str) -> None:
    """Each fault is an answer that is not well: told in a few words, by one request, in its time."""
    case: Case = FAULTS[name]
    seconds = PATIENCE if case.silent else 8.0
    if case.fault:
        local.fault("edge", "GET", "/health", case.fault)
    ask = asker(Client("The service", Deadline(1), environ={}), origin_of(local, name))
    with bounded(seconds):
        answer = ask(ADDRESS, seconds)
    assert not answer.well
    assert answer.said.startswith(HEALTH_SAYS.get(name, f"HTTP {name[:3]}"))
    assert len(local.requests("edge")) == (1 if case.fault else 0)
    assert local.requests("elsewhere") == []


@pytest.mark.parametrize("name", FAULTS)
def test_the_gate_takes_every_fault_as_not_yet(local: Local, name: str) -> None:
    """A service that gets well after a fault passes, and one that doesn't is refused at the deadline."""
    case: Case = FAULTS[name]
    seconds, clock = (PATIENCE, Clock()) if case.silent else (4.0, FastClock())
    if case.fault:
        local.fault("edge", "GET", "/health", case.fault)
    local.fault("edge", "GET", "/health", Fault("status", status=200, body=HEALTH))
    ask = asker(Client("The service", Deadline(1), environ={}), origin_of(local, name))
    with bounded(seconds):
        verdict = watch(ask, ADDRESS, frozenset({"new"}), seconds=seconds, window=0.0, clock=clock)
    if name == "503 once":
        assert verdict.open
        assert verdict.asked == 1 + IN_A_ROW
    else:
        assert not verdict.open
        assert verdict.answer.said.startswith(HEALTH_SAYS.get(name, f"HTTP {name[:3]}"))
