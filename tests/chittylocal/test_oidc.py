"""GitHub's id-token endpoint, verified by PyJWT from the published key set alone."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
import requests

from chittylocal import Local

AUDIENCE = "https://connect.chitty.cc"


def id_token(local: Local, web: requests.Session, audience: str = AUDIENCE) -> str:
    """Ask for an id token as the toolkit of GitHub does."""
    env = local.env("oidc")
    answer = web.get(
        f"{env['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience={audience}",
        headers={"Authorization": f"Bearer {env['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"},
    )
    assert answer.status_code == 200
    value: str = answer.json()["value"]
    return value


def verified(local: Local, web: requests.Session, token: str) -> dict[str, Any]:
    """The claims, after the discovery document has led to the keys and the signature was checked."""
    discovery = web.get(f"{local.url}/oidc/.well-known/openid-configuration").json()
    keys = {key["kid"]: jwt.PyJWK(key) for key in web.get(discovery["jwks_uri"]).json()["keys"]}
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims: dict[str, Any] = jwt.decode(
        token, key.key, algorithms=["RS256"], audience=AUDIENCE, issuer=discovery["issuer"]
    )
    return claims


def test_a_job_gets_a_token_that_the_key_set_verifies(local: Local, web: requests.Session) -> None:
    """The claims are those of a run of the reusable workflow in a GitHub environment, living five minutes."""
    claims = verified(local, web, id_token(local, web))
    assert claims["iss"] == "https://token.actions.githubusercontent.com"
    assert claims["sub"] == "repo:chittyos/hello:environment:production"
    assert claims["repository_owner"] == "chittyos"
    assert claims["job_workflow_ref"].startswith("chittyos/chittyops/.github/workflows/reusable-worker-deploy.yml@")
    assert claims["exp"] - claims["iat"] == 300
    assert claims.keys() >= {"repository", "repository_visibility", "workflow", "environment", "jti"}
    assert claims.keys() >= {"ref", "sha", "run_id", "actor", "event_name", "workflow_ref"}


def test_every_token_is_a_new_one(local: Local, web: requests.Session) -> None:
    """Two asks give two ids, so that a token that is used twice can be told."""
    tokens = [verified(local, web, id_token(local, web))["jti"] for _ in range(2)]
    assert tokens[0] != tokens[1]


@pytest.mark.parametrize(
    "claims, subject",
    [
        ({"environment": None}, "repo:chittyos/hello:ref:refs/heads/main"),
        ({"environment": None, "event_name": "pull_request"}, "repo:chittyos/hello:pull_request"),
        ({"repository": "acme/shop", "environment": "staging"}, "repo:acme/shop:environment:staging"),
    ],
)
def test_the_subject_follows_from_the_claims(
    local: Local, web: requests.Session, claims: dict[str, Any], subject: str
) -> None:
    """Environment first, then pull request, then ref: GitHub's order."""
    local.claims.update(claims)
    assert verified(local, web, id_token(local, web))["sub"] == subject


def test_the_owner_follows_the_repository_unless_it_is_chosen(local: Local, web: requests.Session) -> None:
    """A test that sets only the repository gets consistent claims, and one that wants a liar gets one."""
    local.claims["repository"] = "acme/shop"
    assert verified(local, web, id_token(local, web))["repository_owner"] == "acme"
    local.claims["repository_owner"] = "chittyos"
    assert verified(local, web, id_token(local, web))["repository_owner"] == "chittyos"


def test_no_audience_means_the_owners_url(local: Local, web: requests.Session) -> None:
    """Without an audience GitHub names the owner, which no service here takes."""
    env = local.env("oidc")
    bearer = {"Authorization": f"Bearer {env['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"}
    token = web.get(env["ACTIONS_ID_TOKEN_REQUEST_URL"], headers=bearer).json()["value"]
    assert jwt.decode(token, options={"verify_signature": False})["aud"] == "https://github.com/chittyos"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer stolen"}])
def test_the_request_token_is_needed(local: Local, web: requests.Session, headers: dict[str, str]) -> None:
    """Whoever has no request token gets no id token."""
    assert web.get(local.env("oidc")["ACTIONS_ID_TOKEN_REQUEST_URL"], headers=headers).status_code == 401


@pytest.mark.parametrize("identity, has", [("both", True), ("oidc", True), ("api-key", False), ("none", False)])
def test_the_environment_has_the_id_token_variables_of_the_identity(local: Local, identity: str, has: bool) -> None:
    """A job without `id-token: write` has neither variable, and no identity puts the API key into it."""
    env = local.env(identity)
    assert ("ACTIONS_ID_TOKEN_REQUEST_URL" in env) is has
    assert ("ACTIONS_ID_TOKEN_REQUEST_TOKEN" in env) is has
    assert local.api_key not in env.values()
