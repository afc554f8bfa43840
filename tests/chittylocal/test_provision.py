"""ChittyConnect by API key: provision, its limit, revocation, and the one call that grants all."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from chittylocal import Local

DEPLOY = {"type": "cloudflare_workers_deploy", "context": {"service": "hello", "purpose": "github_actions"}}


def provision(local: Local, web: requests.Session, body: Any = DEPLOY, key: str = "") -> requests.Response:
    """Ask for one credential with the API key."""
    url = f"{local.env()['CHITTYCONNECT_URL']}/api/credentials/provision"
    return web.post(url, json=body, headers={"X-ChittyOS-API-Key": key or local.api_key})


def revoke(local: Local, web: requests.Session, body: Any) -> requests.Response:
    """Ask for the end of a credential."""
    url = f"{local.env()['CHITTYCONNECT_URL']}/api/credentials/revoke"
    return web.delete(url, json=body, headers={"Authorization": f"Bearer {local.api_key}"})


def test_a_deploy_token_is_issued_with_its_lease(local: Local, web: requests.Session) -> None:
    """Value, id, account and an expiry in a year; the value is in `usage_instructions` too, as it is today."""
    answer = provision(local, web).json()
    credential = answer["credential"]
    assert (answer["success"], credential["type"]) == (True, "cloudflare_api_token")
    assert (credential["account_id"], credential["environment"]) == (local.account_id, "production")
    assert credential["value"] in answer["usage_instructions"]["command"]
    (lease,) = local.leases()
    assert (lease["token_id"], lease["expires_at"]) == (credential["token_id"], credential["expires_at"])
    assert (lease["type"], lease["service"], lease["revoked_at"]) == ("cloudflare_workers_deploy", "hello", None)


def test_zones_widen_the_scopes(local: Local, web: requests.Session) -> None:
    """Without zones the routes' permission is dropped in silence."""
    assert "Workers Routes Write" not in provision(local, web).json()["credential"]["scopes"]
    zoned = {**DEPLOY, "context": {"service": "hello", "zones": ["z1"]}}
    assert "Workers Routes Write" in provision(local, web, zoned).json()["credential"]["scopes"]


@pytest.mark.parametrize("flavour", ["X-ChittyOS-API-Key", "Authorization"])
def test_either_header_carries_the_key(local: Local, web: requests.Session, flavour: str) -> None:
    """The service's own header or a bearer."""
    value = local.api_key if flavour.startswith("X") else f"Bearer {local.api_key}"
    url = f"{local.env()['CHITTYCONNECT_URL']}/api/credentials/types"
    assert web.get(url, headers={flavour: value}).status_code == 200


def test_of_two_keys_the_services_own_header_wins(local: Local, web: requests.Session) -> None:
    """A good bearer doesn't help a bad key."""
    headers = {"X-ChittyOS-API-Key": "bad", "Authorization": f"Bearer {local.api_key}"}
    answer = web.get(f"{local.env()['CHITTYCONNECT_URL']}/api/credentials/types", headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "key, complaint", [("unknown", "Invalid API key"), ("inactive", "API key is inactive"), ("", "Missing API key")]
)
def test_bad_keys(local: Local, web: requests.Session, key: str, complaint: str) -> None:
    """Unknown, inactive and missing are told apart; the error is the bare shape."""
    headers = {"X-ChittyOS-API-Key": local.inactive_api_key if key == "inactive" else key} if key else {}
    answer = web.post(f"{local.env()['CHITTYCONNECT_URL']}/api/credentials/provision", json=DEPLOY, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"error": complaint})


@pytest.mark.parametrize(
    "body, status, message",
    [
        ({"context": {"service": "x"}}, 400, "Credential type is required"),
        ({"type": "cloudflare_workers_deploy"}, 400, "Context object is required"),
        (
            {"type": "cloudflare_workers_deploy", "context": {"purpose": "x"}}, 400,
            "service is required in context for cloudflare_workers_deploy",
        ),
        ({"type": "gold", "context": {"service": "x"}}, 400, "Unknown credential type: gold"),
        (None, 500, "Unexpected end of JSON input"),
    ],
)  # fmt: skip
def test_incomplete_requests(local: Local, web: requests.Session, body: Any, status: int, message: str) -> None:
    """Refused in the service's words, with a stack in `details`, which nobody may print."""
    answer = provision(local, web, body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["message"]) == (status, "PROVISION_FAILED", message)
    assert "\n    at " in error["details"]


@pytest.mark.parametrize("behaviour, granted", [("named", 10), ("today", 5)])
def test_the_limit_of_an_hour(web: requests.Session, behaviour: str, granted: int) -> None:
    """Ten an hour, which today's double counting makes five; the 429 has no Retry-After."""
    with Local(behaviour=behaviour) as local:
        answers = [provision(local, web) for _ in range(granted + 1)]
    assert [answer.status_code for answer in answers] == [200] * granted + [429]
    assert "Retry-After" not in answers[-1].headers
    assert answers[-1].json()["error"]["message"] == "Rate limit exceeded for chittyops"


def test_the_other_limiter_says_when(local: Local, web: requests.Session) -> None:
    """The limiter in front has a shape of its own and a Retry-After."""
    local.settings.provision_limit, local.settings.retry_after = 0, 60
    answer = provision(local, web)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert answer.json()["error"] == "Rate limit exceeded"


def test_a_revoked_token_is_dead(local: Local, web: requests.Session) -> None:
    """Cloudflare's side asks the same leases, so revocation is more than a date."""
    credential = provision(local, web).json()["credential"]
    assert local.state.token_is_live(credential["value"])
    answer = revoke(local, web, {"token_id": credential["token_id"]})
    assert answer.status_code == 200
    assert answer.json() | {"timestamp": ""} == {
        "success": True, "message": "Token revoked successfully", "token_id": credential["token_id"], "timestamp": "",
    }  # fmt: skip
    assert not local.state.token_is_live(credential["value"])
    assert local.leases()[0]["revoked_at"]


def test_what_is_already_gone_answers_500(local: Local, web: requests.Session) -> None:
    """Today's answer to a second revocation: a 500 that has 404 in its message."""
    token_id = provision(local, web).json()["credential"]["token_id"]
    revoke(local, web, {"token_id": token_id})
    for gone in (token_id, "never-issued"):
        answer = revoke(local, web, {"token_id": gone})
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, "REVOKE_FAILED")
        assert "404" in answer.json()["error"]["message"]


def test_a_revocation_of_nothing(local: Local, web: requests.Session) -> None:
    """The third shape of error: `error` is a text beside `success`."""
    answer = revoke(local, web, {})
    assert (answer.status_code, answer.json()) == (400, {"success": False, "error": "token_id is required"})


def test_one_call_that_grants_all(local: Local, web: requests.Session) -> None:
    """The named route gives every token of a deploy, for an hour."""
    url = f"{local.env()['CHITTYCONNECT_URL']}/credentials/deploy"
    body = {"purpose": "deploy", "service": "hello", "repo": "chittyos/hello", "run_id": "1"}
    answer = web.post(url, json=body, headers={"Authorization": f"Bearer {local.api_key}"}).json()
    assert answer.keys() == {"cloudflare_token", "npm_token", "github_token", "account_id", "expires_at"}
    assert answer["npm_token"].startswith("npm_")
    assert local.state.token_is_live(answer["cloudflare_token"])
    assert not local.state.token_is_live(answer["npm_token"])


def test_today_there_is_no_such_route(today: Local, web: requests.Session) -> None:
    """A plain text 404, whoever asks."""
    for headers in ({}, {"Authorization": f"Bearer {today.api_key}"}):
        answer = web.post(f"{today.env()['CHITTYCONNECT_URL']}/credentials/deploy", json={}, headers=headers)
        assert (answer.status_code, answer.text) == (404, "404 Not Found")
        assert answer.headers["Content-Type"].startswith("text/plain")


def test_a_type_whose_answer_lacks_the_value_today(today: Local, web: requests.Session) -> None:
    """GitHub's token is announced and not given: a client has to look."""
    body = {"type": "github_deploy_token", "context": {"repository": "chittyos/hello"}}
    answer = provision(today, web, body)
    assert answer.status_code == 200
    assert "value" not in answer.json()["credential"]


def test_a_service_token_for_the_registry(local: Local, web: requests.Session) -> None:
    """The type whose target is the registry gives what callers name REGISTER_TOKEN."""
    local.issue_as["REGISTER_TOKEN"] = "canary-register"
    context = {"source_service": "hello", "target_service": "chittyregister"}
    answer = provision(local, web, {"type": "chittyos_service_token", "context": context}).json()
    assert (answer["credential"]["type"], answer["credential"]["value"]) == ("service_token", "canary-register")


def test_the_audit_has_no_value(local: Local, web: requests.Session) -> None:
    """Who got what, and until when."""
    value = provision(local, web).json()["credential"]["value"]
    url = f"{local.env()['CHITTYCONNECT_URL']}/api/credentials/audit"
    answer = web.get(url, headers={"X-ChittyOS-API-Key": local.api_key})
    assert answer.json()["provisions"][0]["type"] == "cloudflare_workers_deploy"
    assert value not in answer.text


def test_github_sync(local: Local, today: Local, web: requests.Session) -> None:
    """The named route answers, and is not there today."""
    body = {"repository": "chittyos/hello", "commit": "abc"}
    for backend, status in ((local, 200), (today, 404)):
        url = f"{backend.env()['CHITTYCONNECT_URL']}/api/github/sync"
        answer = web.post(url, json=body, headers={"X-ChittyOS-API-Key": backend.api_key})
        assert answer.status_code == status


def test_proposed_routes_do_not_exist(local: Local, web: requests.Session) -> None:
    """What is only proposed answers 404, with the key and, under /api, 401 without."""
    url = f"{local.env()['CHITTYCONNECT_URL']}/api/credentials/batch"
    assert web.post(url, json={}).status_code == 401
    assert web.post(url, json={}, headers={"X-ChittyOS-API-Key": local.api_key}).status_code == 404
