"""Which route is asked for which credential, in which order, and what is said when none grants it."""

from __future__ import annotations

from typing import Any

import pytest

from chittyactions.connect.catalogue import Ask
from chittyactions.connect.exchange import Exchange, sentence
from chittyactions.connect.flight import Flight
from chittyactions.connect.identity import ISSUER, Identity, IdTokens
from chittyactions.connect.routes import PATHS, Routes
from chittyactions.errors import ChittyError
from chittyactions.http import Client, Deadline
from chittylocal import Fault, Local

LACKING = {"oidc": "this job has no `id-token: write` permission", "api-key": "the input `api_key` is empty"}
ROUTE = {path: name for name, path in PATHS.items()}
ZONE = "0123456789abcdef0123456789abcdef"


class Run:
    """One exchange against the backend, without a step around it."""

    def __init__(self, local: Local, identity: str, *names: str, key: str = "", url: str = "", **asked: Any) -> None:
        self.local = local
        env = local.env("both")
        has = {"both": ("oidc", "api-key")}.get(identity, (identity,))
        deadline = Deadline(30)
        self.slept: list[float] = []

        def client(service: str) -> Client:
            return Client(service, deadline, environ={}, sleep=self.slept.append)

        ask = Ask(names, service="hello", repo="acme/hello", run_id="1", **asked)
        who = Identity(
            oidc="oidc" in has,
            key=(key or local.api_key) if "api-key" in has else "",
            lacking={way: why for way, why in LACKING.items() if way not in has},
        )
        routes = Routes(
            url or env["CHITTYCONNECT_URL"],
            client("ChittyConnect"),
            ask,
            tokens=IdTokens(client(ISSUER), env, lambda *_: None),
            key=who.key,
            keep=lambda held: held,
            flight=Flight(deadline),
        )
        self.exchange = Exchange(ask, who, routes)
        self.exchange.run()

    @property
    def ways(self) -> dict[str, str]:
        """Credential → route that granted it."""
        return {name: credential.way for name, credential in self.exchange.granted.items()}

    @property
    def asked(self) -> list[str]:
        """The routes in the order in which they were asked."""
        return [ROUTE[entry["path"]] for entry in self.local.requests("connect")]

    def error(self, *missing: str) -> ChittyError:
        return self.exchange.error(missing)


DEPLOY = ("CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID")


def test_both_identities_prefer_what_can_be_revoked(local: Local) -> None:
    """Cloudflare's token comes by provision, with its account; the rest by id token; nothing is asked twice."""
    run = Run(local, "both", *DEPLOY, "NEON_DATABASE_URL")
    assert run.ways == {**dict.fromkeys(DEPLOY, "provision"), "NEON_DATABASE_URL": "oidc"}
    assert run.asked == ["provision", "oidc"]
    assert run.exchange.auth_method == "both"


def test_what_a_deploy_needs_is_the_default(local: Local) -> None:
    """An empty `credentials` asks for the token and the account."""
    assert set(Run(local, "both").ways) == set(DEPLOY)


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_the_id_token_is_the_fallback(local: Local, status: int) -> None:
    """When the provision says no, a limit included, the id token grants Cloudflare's token; nobody waits."""
    local.fault("connect", "POST", PATHS["provision"], Fault("status", status=status))
    run = Run(local, "both", *DEPLOY)
    assert run.ways == dict.fromkeys(DEPLOY, "oidc")
    assert run.asked == ["provision", "oidc"]
    assert run.slept == []


def test_the_key_is_the_fallback(local: Local) -> None:
    """When the id token is refused, the key grants what it can."""
    local.claims["repository_owner"] = "stranger"
    run = Run(local, "both", "OPENAI_API_KEY")
    assert run.ways == {"OPENAI_API_KEY": "provision"}
    assert run.asked == ["oidc", "provision"]


def test_what_the_id_token_cannot_get_falls_to_the_key(local: Local) -> None:
    """One unknown name spoils the whole exchange: it goes to the key, and the rest is asked for again."""
    run = Run(local, "both", "NEON_DATABASE_URL", "NPM_TOKEN")
    assert run.ways["NEON_DATABASE_URL"] == "oidc"
    assert run.ways["NPM_TOKEN"] == "deploy"
    assert sorted(run.asked) == ["deploy", "oidc", "oidc"]


def test_one_that_is_not_configured_does_not_spoil_the_others(local: Local) -> None:
    """A 503 that names a credential without a value is not waited out; the others are asked for without it."""
    local.settings.not_configured.add("NOTION_TOKEN")
    run = Run(local, "oidc", "NEON_DATABASE_URL", "NOTION_TOKEN")
    assert run.ways == {"NEON_DATABASE_URL": "oidc"}
    assert run.slept == []
    assert "it has no value for" in run.error("NOTION_TOKEN").what


def test_the_key_alone_prefers_one_call(local: Local) -> None:
    """Where /credentials/deploy exists, one request grants all."""
    run = Run(local, "api-key", *DEPLOY, "NPM_TOKEN")
    assert run.asked == ["deploy"]
    assert set(run.ways) == {*DEPLOY, "NPM_TOKEN", "GITHUB_TOKEN"}


def test_the_key_alone_provisions_one_by_one_today(local: Local) -> None:
    """Where it does not exist (404), each type is provisioned by itself."""
    local.settings.behaviour = "today"
    run = Run(local, "api-key", *DEPLOY, "OPENAI_API_KEY", "REGISTER_TOKEN")
    assert run.asked == ["deploy", "provision", "provision", "provision"]
    assert set(run.ways.values()) == {"provision"}
    assert set(run.ways) == {*DEPLOY, "OPENAI_API_KEY", "REGISTER_TOKEN"}


@pytest.mark.parametrize("fault", [Fault("status", status=500), Fault("reset"), Fault("status", status=504)])
def test_a_failed_call_is_no_reason_for_a_second_mint(local: Local, fault: Fault) -> None:
    """Only a missing route leads from the one call to the provision: any other failure may have issued something."""
    local.fault("connect", "POST", PATHS["deploy"], fault)
    run = Run(local, "api-key", *DEPLOY)
    assert run.asked == ["deploy"]
    assert run.ways == {}


def test_several_tokens_are_not_issued_for_nothing(local: Local) -> None:
    """A credential that the one call is not named to grant does not make it issue the others."""
    assert Run(local, "api-key", "OPENAI_API_KEY").asked == ["provision"]
    local.forget_requests()
    assert Run(local, "api-key", "NEON_DATABASE_URL").asked == []


def test_an_inactive_key_is_asked_once(local: Local) -> None:
    """A key that is refused is refused for all: no route is tried with it again."""
    run = Run(local, "api-key", *DEPLOY, "OPENAI_API_KEY", key=local.inactive_api_key)
    assert len(run.asked) == 1
    assert "it refused the API key: it is inactive (HTTP 401)" in run.error(*DEPLOY).what


def test_the_limit_is_not_asked_again_for_each_credential(local: Local) -> None:
    """A provision that is limited ends the provisions: each would count."""
    local.settings.behaviour, local.settings.provision_limit = "today", 0
    run = Run(local, "api-key", "OPENAI_API_KEY", "NEON_API_KEY")
    assert set(run.asked) == {"provision"}
    assert len(run.asked) == 4  # the tries of the one
    assert "UTC" in run.error("OPENAI_API_KEY", "NEON_API_KEY").why


def test_an_unreachable_service_is_not_tried_another_way(local: Local) -> None:
    """Both ways lead to the same host: the second would only cost the deadline."""
    run = Run(local, "both", *DEPLOY, url=local.closed_url)
    assert [way for way, _, _ in run.exchange.refused] == ["provision"]
    assert "could not be reached" in run.error(*DEPLOY).what


@pytest.mark.parametrize("identity, asked", [("both", ["provision"]), ("api-key", ["provision"])])
def test_zones_are_never_lost(local: Local, identity: str, asked: list[str]) -> None:
    """The one call knows no zones, so a token for zones is provisioned."""
    run = Run(local, identity, *DEPLOY, zones=[ZONE])
    assert run.asked == asked
    assert run.ways["CLOUDFLARE_API_TOKEN"] == "provision"


def test_a_narrow_type_is_never_widened(local: Local) -> None:
    """A read-only token that is refused is not replaced by the id token's, which may write."""
    local.fault("connect", "POST", PATHS["provision"], Fault("status", status=403))
    run = Run(local, "both", *DEPLOY, kind="cloudflare_workers_read")
    assert "CLOUDFLARE_API_TOKEN" not in run.ways
    assert "it gives no credential of type cloudflare_workers_read" in run.error("CLOUDFLARE_API_TOKEN").why


def test_a_type_names_its_credential(local: Local) -> None:
    """`type` alone asks for what that type gives, by its usual name."""
    assert Run(local, "api-key", kind="notion_api_key").ways == {"NOTION_TOKEN": "provision"}
    local.forget_requests()
    assert Run(local, "both", kind="cloudflare_workers_read").ways == dict.fromkeys(DEPLOY, "provision")


def test_an_unknown_type_is_told(local: Local) -> None:
    """The service's word for a type that it does not know, with the name."""
    run = Run(local, "api-key", kind="no_such_type")
    assert "it provisions no such type for NO_SUCH_TYPE (HTTP 400)" in run.error("NO_SUCH_TYPE").what


@pytest.mark.parametrize("name", ["NPM_TOKEN", "REGISTER_TOKEN"])
@pytest.mark.parametrize("identity", ["both", "oidc", "api-key"])
def test_callers_of_today_are_told_which_way_refused_and_why(local: Local, name: str, identity: str) -> None:
    """What the server can't give is an error with a reason for each of the two ways."""
    local.settings.behaviour = "today"
    run = Run(local, identity, name)
    if name in run.ways:
        assert (name, run.ways[name]) == ("REGISTER_TOKEN", "provision")
        return
    error = run.error(name)
    assert error.what.startswith(f"ChittyConnect did not grant {name}")
    told = f"{error.what} {error.why}"
    assert "OIDC was not tried" in told if identity == "api-key" else f"does not know {name} (HTTP 400)" in told
    if identity == "oidc":
        assert "API key was not tried: the input `api_key` is empty." in told
    else:
        assert "API key (provision): there is no credential type for NPM_TOKEN." in told
        assert "no route /credentials/deploy (HTTP 404)" in told


def test_the_line_of_the_log() -> None:
    """With nothing granted the line says just that."""
    assert sentence({}) == "ChittyConnect granted nothing."


def test_proposed_routes_are_never_asked(local: Local) -> None:
    """Whatever is asked for under whatever identity, only routes that exist or are named see a request."""
    for identity in ("both", "oidc", "api-key"):
        for behaviour in ("named", "today"):
            local.settings.behaviour = behaviour
            Run(local, identity, *DEPLOY, "NPM_TOKEN", "REGISTER_TOKEN", "CHITTY_AUTH_TOKEN", "FUTURE_TOKEN")
    assert {entry["path"] for entry in local.requests("connect")} == set(PATHS.values())
