"""The fault matrix on every route of ChittyConnect: message, time and number of requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from chittyactions.connect import lease
from chittyactions.connect.catalogue import Ask
from chittyactions.connect.credential import Credential
from chittyactions.connect.flight import Flight
from chittyactions.connect.identity import ISSUER, IdTokens
from chittyactions.connect.routes import PATHS, Routes
from chittyactions.errors import ServiceError
from chittyactions.http import Client, Deadline
from chittylocal import Fault, Local
from faults import FAULTS, PATIENCE, Case, bounded

ROUTES = {**PATHS, "revoke": lease.PATH}
METHODS = {"oidc": "POST", "deploy": "POST", "provision": "POST", "revoke": "DELETE"}
NAMES = ("CLOUDFLARE_API_TOKEN",)


class Caller:
    """Calls one route with a short deadline; what it would have slept is added up in `slept`."""

    def __init__(self, local: Local, seconds: float, origin: str = "") -> None:
        self.local = local
        self.slept = 0.0
        self.kept: list[Credential] = []
        self.said: list[str] = []
        env = local.env("both")
        self.url = (origin or local.url) + "/connect"
        self.deadline = Deadline(seconds)
        self.client = self._client("ChittyConnect")
        tokens = IdTokens(self._client(ISSUER), env, lambda *_: None)
        self.routes = Routes(
            self.url,
            self.client,
            Ask(NAMES, service="hello", repo="acme/hello", run_id="1"),
            tokens=tokens,
            key=local.api_key,
            keep=self._keep,
            flight=Flight(self.deadline),
        )

    def _keep(self, credentials: Sequence[Credential]) -> Sequence[Credential]:
        self.kept += credentials
        return credentials

    def _client(self, service: str) -> Client:
        def sleep(seconds: float) -> None:
            self.slept += seconds

        return Client(service, self.deadline, say=self.said.append, sleep=sleep, environ={})

    def call(self, way: str) -> str:
        """What went wrong, as a person reads it; "" when nothing did."""
        if way == "revoke":
            return lease.revoke(self.client, self.url, self.local.api_key, self._issued())
        try:
            getattr(self.routes, way)(NAMES, hasty=False)
        except ServiceError as error:
            return str(error)
        return ""

    def _issued(self) -> str:
        well = Caller(self.local, 10) if self.url != f"{self.local.url}/connect" else self
        credentials = well.routes.provision(NAMES, hasty=False)
        return credentials[0].token_id


def lay(local: Local, way: str, fault: Fault | None) -> None:
    if fault:
        local.fault("connect", METHODS[way], ROUTES[way], fault)


def sent(local: Local, way: str) -> list[dict[str, Any]]:
    return [entry for entry in local.requests("connect") if entry["path"] == ROUTES[way]]


def origin_of(local: Local, name: str) -> str:
    return {"refused": local.closed_url, "bad certificate": local.bad_tls_url}.get(name, "")


@pytest.mark.parametrize("way", ROUTES)
@pytest.mark.parametrize("name", FAULTS)
def test_fault(local: Local, name: str, way: str) -> None:
    """Each fault on each route is told with a remedy and no body, by its deadline, within the requests it may cost."""
    case: Case = FAULTS[name]
    seconds = PATIENCE if case.silent else 8.0
    lay(local, way, case.fault)
    caller = Caller(local, seconds, origin_of(local, name))
    with bounded(seconds):
        message = caller.call(way)
    if case.expected.words:
        assert case.expected.words in message
        assert way == "revoke" or ("Fix: " in message and "/docs/getchitty-creds.md#" in message)
        assert not any(word in message for word in ("Just a moment", "xxxx", local.api_key))
    else:
        assert message == ""
    expected = case.expected.repeatable if way == "revoke" else case.expected.once_only
    assert [entry["path"] for entry in sent(local, way)] == [ROUTES[way]] * expected
    assert local.requests("elsewhere") == []


def waits(local: Local, fault: Fault, way: str = "provision") -> tuple[float, str]:
    lay(local, way, fault)
    caller = Caller(local, 60.0)
    return (caller.call(way), caller.slept)[::-1]


def test_retry_after_is_honoured(local: Local) -> None:
    """A wait that the service asks for is kept to, for each try."""
    slept, message = waits(local, Fault("status", status=429, headers={"Retry-After": "7"}, times=2))
    assert message == ""
    assert 14.0 <= slept < 15.0


def test_retry_after_beyond_the_deadline_ends_it(local: Local) -> None:
    """A limit that lasts longer than the deadline is told at once, with its reset."""
    slept, message = waits(local, Fault("status", status=429, headers={"Retry-After": "900"}))
    assert slept == 0.0
    assert "The limit is reset in 900 s" in message


def test_backoff_grows_and_is_jittered(local: Local) -> None:
    """Three waits of at most 0.5, 1 and 2 s, none of them less than half of that."""
    slept, _ = waits(local, Fault("status", status=503))
    assert 1.75 <= slept <= 3.5


def test_a_fresh_id_token_for_every_try(local: Local) -> None:
    """A try that is repeated presents another token: the service accepts each only once."""
    local.settings.single_use = True
    lay(local, "oidc", Fault("status", status=503, times=2))
    assert Caller(local, 30.0).call("oidc") == ""
    assert [entry["path"] for entry in local.requests("oidc")] == ["/token"] * 3


def test_a_lost_mint_is_not_repeated(local: Local) -> None:
    """The credential was issued and the answer lost: one request, one lease, and the error says so."""
    before = len(local.leases())
    lay(local, "provision", Fault("reset", after_effect=True))
    message = Caller(local, 8.0).call("provision")
    assert "it may have taken effect" in message
    assert len(local.leases()) == before + 1


def test_a_lost_revocation_is_repeated_and_counts_as_done(local: Local) -> None:
    """The token went, the answer was lost: asked again, the service says that it is gone, and that is what we want."""
    lay(local, "revoke", Fault("reset", after_effect=True, times=1))
    assert Caller(local, 8.0).call("revoke") == ""
    assert [entry["status"] for entry in sent(local, "revoke")] == [None, 500]


TOKEN_FAULTS = {
    "401": (Fault("status", status=401), "GitHub gave this job no id token (HTTP 401)", 1),
    "503": (Fault("status", status=503), "GitHub gave this job no id token (HTTP 503)", 4),
    "html": (Fault("html"), "something that is not JSON", 1),
    "no token": (Fault("status", status=200, body={"count": 1}), "held no id token", 1),
    "a null token": (Fault("status", status=200, body={"value": None}), "held no id token", 1),
    "reset": (Fault("reset"), "was lost", 4),
}


@pytest.mark.parametrize("name", TOKEN_FAULTS)
def test_the_id_token_service_fails(local: Local, name: str) -> None:
    """Without an id token ChittyConnect is not asked, and the error names GitHub's service, not ChittyConnect."""
    fault, words, requests = TOKEN_FAULTS[name]
    local.fault("oidc", "GET", "/token", fault)
    message = Caller(local, 20.0).call("oidc")
    assert words in message
    assert len(local.requests("oidc")) == requests
    assert local.requests("connect") == []


def test_kept_before_anything_else(local: Local) -> None:
    """What was granted reaches `keep` even when the value of it is missing: the lease exists."""
    answer = {"success": True, "credential": {"value": "", "token_id": "0123456789abcdef"}}
    lay(local, "provision", Fault("status", status=200, body=answer))
    caller = Caller(local, 8.0)
    granted: Sequence[Credential] = caller.routes.provision(NAMES, hasty=False)
    assert list(granted) == []
    assert [credential.token_id for credential in caller.kept] == ["0123456789abcdef"]
