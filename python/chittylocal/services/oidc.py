"""GitHub's id-token endpoint: what a job with `id-token: write` asks, and the keys that verify the answer.

Claims as in https://docs.github.com/en/actions/reference/security/oidc, for a run of a caller's workflow that uses
the reusable deploy workflow.
"""

from __future__ import annotations

import functools
import json
import os
import secrets
import time
import uuid
from typing import TYPE_CHECKING, Any

from aiohttp import web

from chittylocal.services.world import World
from chittylocal.settings import Settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

ISSUER = "https://token.actions.githubusercontent.com"
LIFETIME = 300
"""Seconds that an id token lives, as on GitHub."""

DEFAULTS: dict[str, Any] = {
    "repository": "chittyos/hello",
    "repository_visibility": "private",
    "repository_id": "710000001",
    "repository_owner_id": "140000001",
    "workflow": "Deploy",
    "ref": "refs/heads/main",
    "ref_type": "branch",
    "ref_protected": "true",
    "sha": "5f0c1f2a9d8e7b6c5d4e3f2a1b0c9d8e7f6a5b4c",
    "run_id": "16000000001",
    "run_number": "42",
    "run_attempt": "1",
    "actor": "octocat",
    "actor_id": "583231",
    "event_name": "push",
    "head_ref": "",
    "base_ref": "",
    "environment": "production",
    "runner_environment": "github-hosted",
    "job_workflow_ref": "chittyos/chittyops/.github/workflows/reusable-worker-deploy.yml@refs/tags/v2",
}


class Issuer:
    """Signs id tokens with a key of this process.

    Attributes:
        request_token: the bearer that a job presents (`ACTIONS_ID_TOKEN_REQUEST_TOKEN`).
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.request_token = settings.request_token or secrets.token_urlsafe(48)

    def claims(self, audience: str) -> dict[str, Any]:
        """The claims of the next token: the defaults, what follows from them, then what settings replace."""
        chosen = self._settings.claims
        claims = {**DEFAULTS, **chosen}
        owner = str(claims["repository"]).partition("/")[0]
        moment = int(time.time())
        claims = {
            "jti": str(uuid.uuid4()),
            "iss": ISSUER,
            "sub": _subject(claims),
            "aud": audience or f"https://github.com/{owner}",
            "iat": moment, "nbf": moment - 300, "exp": moment + LIFETIME,
            "repository_owner": owner,
            "workflow_ref": f"{claims['repository']}/.github/workflows/deploy.yml@{claims['ref']}",
            "workflow_sha": claims["sha"],
            "job_workflow_sha": claims["sha"],
            **claims,
        }  # fmt: skip
        return {name: value for name, value in claims.items() if value is not None}

    def issue(self, audience: str) -> str:
        """A signed token (JWT, RS256) for `audience`."""
        import jwt

        key = signing_key()
        return jwt.encode(self.claims(audience), key, algorithm="RS256", headers={"kid": key_id()})

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JSON Web Key Set."""
        import jwt

        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(signing_key().public_key()))
        return {"keys": [{**key, "kid": key_id(), "alg": "RS256", "use": "sig"}]}


@functools.cache
def signing_key() -> RSAPrivateKey:
    """The key of this process, made when it is first needed (0.1 s) and kept in memory only."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@functools.cache
def key_id() -> str:
    """The key's name in the token's header and in the key set."""
    return os.urandom(20).hex()


def _subject(claims: dict[str, Any]) -> str:
    if claims.get("environment"):
        context = f"environment:{claims['environment']}"
    elif claims.get("event_name") == "pull_request":
        context = "pull_request"
    else:
        context = f"ref:{claims['ref']}"
    return f"repo:{claims['repository']}:{context}"


def routes(world: World) -> list[web.RouteDef]:
    """`/oidc/token?audience=…`, the key set and the discovery document."""
    issuer = Issuer(world.settings)
    world.extra["oidc.issuer"] = issuer

    async def token(request: web.Request) -> web.Response:
        if request.headers.get("Authorization", "") != f"Bearer {issuer.request_token}":
            return web.json_response({"message": "The request token is missing or wrong."}, status=401)
        return web.json_response({"count": 1, "value": issuer.issue(request.query.get("audience", ""))})

    async def jwks(request: web.Request) -> web.Response:
        return web.json_response(issuer.jwks())

    async def discovery(request: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": ISSUER,
                "jwks_uri": f"{world.state.url}/oidc/.well-known/jwks",
                "subject_types_supported": ["public", "pairwise"],
                "response_types_supported": ["id_token"],
                "claims_supported": sorted(issuer.claims("")),
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid"],
            }
        )

    return [
        web.get("/oidc/token", token),
        web.get("/oidc/.well-known/jwks", jwks),
        web.get("/oidc/.well-known/openid-configuration", discovery),
    ]
