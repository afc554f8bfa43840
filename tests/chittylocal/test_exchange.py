"""ChittyConnect's exchange of an id token."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from chittylocal import Local
from chittylocal.services.oidc import key_id, signing_key

AUDIENCE = "https://connect.chitty.cc"


def id_token(local: Local, web: requests.Session, audience: str = AUDIENCE) -> str:
    """A fresh id token."""
    env = local.env("oidc")
    bearer = {"Authorization": f"Bearer {env['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"}
    answer = web.get(f"{env['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience={audience}", headers=bearer)
    value: str = answer.json()["value"]
    return value


def exchange(local: Local, web: requests.Session, token: str, body: Any) -> requests.Response:
    """Present a token and ask."""
    url = f"{local.env()['CHITTYCONNECT_URL']}/api/github-actions/credentials"
    return web.post(url, json=body, headers={"Authorization": f"Bearer {token}"})


def test_a_genuine_token_gets_what_it_asks_for(local: Local, web: requests.Session) -> None:
    """Values in realistic form, and metadata from the token's claims."""
    names = ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "GITHUB_APP_PRIVATE_KEY"]
    answer = exchange(local, web, id_token(local, web), {"credentials": names}).json()
    assert answer["success"] is True
    assert list(answer["credentials"]) == names
    assert len(answer["credentials"]["CLOUDFLARE_API_TOKEN"]) == 40
    assert answer["credentials"]["CLOUDFLARE_ACCOUNT_ID"] == local.account_id
    assert answer["credentials"]["GITHUB_APP_PRIVATE_KEY"].count("\n") > 20
    assert answer["metadata"]["repository"] == "chittyos/hello"
    assert answer["metadata"].keys() == {"repository", "workflow", "actor", "ref", "sha", "run_id", "issued_at"}


def test_what_is_issued_can_be_chosen(local: Local, web: requests.Session) -> None:
    """A canary goes in and comes out as it is, with newlines, quotes and all."""
    canary = "-----BEGIN\n%0A\"quoted\" 'ü'\n-----END\n"
    local.issue_as["GITHUB_APP_PRIVATE_KEY"] = canary
    answer = exchange(local, web, id_token(local, web), {"credentials": ["GITHUB_APP_PRIVATE_KEY"]})
    assert answer.json()["credentials"] == {"GITHUB_APP_PRIVATE_KEY": canary}


def test_a_token_is_taken_once(local: Local, web: requests.Session) -> None:
    """A client that sends the same token in its second try is found out."""
    token = id_token(local, web)
    assert exchange(local, web, token, {"credentials": ["NOTION_TOKEN"]}).status_code == 200
    again = exchange(local, web, token, {"credentials": ["NOTION_TOKEN"]})
    assert again.status_code == 401
    assert again.json()["error"]["code"] == "OIDC_INVALID"
    assert '"jti" was used before' in again.json()["error"]["message"]


def forged(**changes: Any) -> str:
    """A token signed by our own hand, genuine but for the changes."""
    moment = int(time.time())
    claims = {
        "iss": "https://token.actions.githubusercontent.com", "aud": AUDIENCE, "repository_owner": "chittyos",
        "jti": "one", "iat": moment, "nbf": moment, "exp": moment + 300,
    }  # fmt: skip
    key = changes.pop("key", None) or signing_key()
    kid = changes.pop("kid", None) or key_id()
    return jwt.encode({**claims, **changes}, key, algorithm="RS256", headers={"kid": kid})


@pytest.mark.parametrize(
    "changes, complaint",
    [
        ({"aud": "https://elsewhere.example"}, 'unexpected "aud" claim value'),
        ({"iss": "https://elsewhere.example"}, 'unexpected "iss" claim value'),
        ({"exp": 1_700_000_000, "iat": 1_700_000_000, "nbf": 1_700_000_000}, '"exp" claim timestamp check failed'),
        ({"kid": "unknown"}, "no applicable key found"),
        ({"key": rsa.generate_private_key(public_exponent=65537, key_size=2048)}, "signature verification failed"),
    ],
    ids=["audience", "issuer", "expired", "unknown key", "signature"],
)
def test_a_token_that_is_not_genuine_is_refused(
    local: Local, web: requests.Session, changes: dict[str, Any], complaint: str
) -> None:
    """The refusal says which check failed, in the service's words."""
    answer = exchange(local, web, forged(**changes), {"credentials": ["NOTION_TOKEN"]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "OIDC_INVALID")
    assert complaint in answer.json()["error"]["message"]
    assert local.leases() == []


def test_no_token_and_no_jwt(local: Local, web: requests.Session) -> None:
    """A missing header has a code of its own; what is no JWT is invalid."""
    url = f"{local.env()['CHITTYCONNECT_URL']}/api/github-actions/credentials"
    missing = web.post(url, json={"credentials": ["NOTION_TOKEN"]})
    assert (missing.status_code, missing.json()["error"]["code"]) == (401, "MISSING_TOKEN")
    assert exchange(local, web, "nonsense", {}).json()["error"]["code"] == "OIDC_INVALID"


def test_a_strange_organisation_is_refused(local: Local, web: requests.Session) -> None:
    """403 names the organisation."""
    local.claims["repository"] = "stranger/repo"
    answer = exchange(local, web, id_token(local, web), {"credentials": ["NOTION_TOKEN"]})
    assert answer.status_code == 403
    assert answer.json()["error"] == {
        "code": "ORG_NOT_ALLOWED",
        "message": "Organization stranger is not authorized",
    }


def test_organisations_can_be_added_and_compare_without_case(web: requests.Session) -> None:
    """A service owner tries a deploy from an organisation of their own."""
    with Local(claims={"repository": "ACME/shop"}, allowed=("acme",)) as local:
        assert exchange(local, web, id_token(local, web), {"credentials": ["NOTION_TOKEN"]}).status_code == 200


def test_an_unknown_name_gets_the_list_of_known_ones(local: Local, web: requests.Session) -> None:
    """Nothing is issued when one name of several is unknown."""
    answer = exchange(local, web, id_token(local, web), {"credentials": ["NOTION_TOKEN", "NPM_TOKEN"]})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["message"]) == ("INVALID_CREDENTIALS", "Unknown credentials: NPM_TOKEN")
    assert error["allowed"] == [
        "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "NEON_DATABASE_URL", "GITHUB_APP_ID",
        "GITHUB_APP_PRIVATE_KEY", "OPENAI_API_KEY", "NOTION_TOKEN",
    ]  # fmt: skip
    assert local.leases() == []


@pytest.mark.parametrize(
    "body, status, code",
    [({"credentials": []}, 400, "INVALID_REQUEST"), ({}, 400, "INVALID_REQUEST"), (None, 500, "INTERNAL_ERROR")],
)
def test_bodies_that_ask_for_nothing(local: Local, web: requests.Session, body: Any, status: int, code: str) -> None:
    """An empty list is the caller's fault; an empty body trips the service, as it does today."""
    answer = exchange(local, web, id_token(local, web), body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_a_credential_that_is_not_configured(local: Local, web: requests.Session) -> None:
    """503 with the name."""
    local.settings.not_configured.add("OPENAI_API_KEY")
    answer = exchange(local, web, id_token(local, web), {"credentials": ["OPENAI_API_KEY"]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "CREDENTIAL_NOT_AVAILABLE")


def test_what_is_available_is_public(local: Local, web: requests.Session) -> None:
    """Names, organisations and audience, without a key."""
    answer = web.get(f"{local.env()['CHITTYCONNECT_URL']}/api/github-actions/available").json()
    assert [item["name"] for item in answer["credentials"]][:2] == ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"]
    assert "CHITTYOS" in answer["allowed_organizations"]
    assert answer["authentication"]["audience"] == AUDIENCE
