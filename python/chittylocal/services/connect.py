"""ChittyConnect: who may ask, the exchange of an id token, and the routes around it.

Routes, statuses and the four shapes of its errors are those of the service's public code. Credentials by API key
are in `provision`.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from aiohttp import web

from chittylocal.services import issuing, provision
from chittylocal.services.oidc import ISSUER, Issuer
from chittylocal.services.world import World
from chittylocal.state import now

AUDIENCE = "https://connect.chitty.cc"

AVAILABLE = {
    "CLOUDFLARE_API_TOKEN": "Cloudflare API token for Workers deployment",
    "CLOUDFLARE_ACCOUNT_ID": "Cloudflare account ID",
    "NEON_DATABASE_URL": "Neon PostgreSQL connection string",
    "GITHUB_APP_ID": "GitHub App ID",
    "GITHUB_APP_PRIVATE_KEY": "GitHub App private key (PEM)",
    "OPENAI_API_KEY": "OpenAI API key",
    "NOTION_TOKEN": "Notion integration token",
}
"""What an id token is exchanged for."""

DEPLOY_GIVES = {"cloudflare_token": "CLOUDFLARE_API_TOKEN", "npm_token": "NPM_TOKEN", "github_token": "GITHUB_TOKEN"}
"""What `/credentials/deploy` gives: field of the answer → name of the credential."""

HOUR = 3600.0


class Keys:
    """The API keys that ChittyConnect knows; the folder keeps their digests, so that older ones stay valid.

    Attributes:
        valid: an API key in use.
        inactive: one that was switched off.
        cloudflare: a long-lived Cloudflare token for callers that bring their own.
    """

    def __init__(self, world: World) -> None:
        self._leases = world.state.leases
        self.valid = world.settings.api_key or issuing.made_up("CHITTYCONNECT_API_KEY")
        self.inactive = issuing.made_up("CHITTYCONNECT_API_KEY")
        self.cloudflare = issuing.made_up("CLOUDFLARE_API_TOKEN")
        for value, name in (
            (self.valid, "CHITTYCONNECT_API_KEY"),
            (self.inactive, "CHITTYCONNECT_API_KEY (inactive)"),
            (self.cloudflare, "CLOUDFLARE_API_TOKEN"),
        ):
            self._leases.add(value, name=name, kind="long-lived", way="accepted")

    def refusal(self, request: web.Request) -> web.Response | None:
        """The 401 that a request without a good key gets, or None when the key is good."""
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        key = request.headers.get("X-ChittyOS-API-Key") or (bearer.strip() if scheme.lower() == "bearer" else "")
        if not key:
            return web.json_response({"error": "Missing API key"}, status=401)
        if self._leases.find(key, "CHITTYCONNECT_API_KEY"):
            return None
        if self._leases.find(key, "CHITTYCONNECT_API_KEY (inactive)"):
            return web.json_response({"error": "API key is inactive"}, status=401)
        return web.json_response({"error": "Invalid API key"}, status=401)


def failure(status: int, code: str, message: str, **more: Any) -> web.Response:
    """The shape `{"success": false, "error": {"code", "message", …}}`."""
    return web.json_response({"success": False, "error": {"code": code, "message": message, **more}}, status=status)


class Exchange:
    """Id token in, credentials out."""

    def __init__(self, world: World, issuer: Issuer) -> None:
        self._world = world
        self._issuer = issuer
        self._used: set[str] = set()

    def verify(self, token: str) -> dict[str, Any]:
        """The claims of a genuine, current, unused token; ValueError says which check it failed."""
        import jwt

        keys = {key["kid"]: key for key in self._issuer.jwks()["keys"]}
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            if kid not in keys:
                raise ValueError("no applicable key found in the JSON Web Key Set")
            claims: dict[str, Any] = jwt.decode(
                token, jwt.PyJWK(keys[kid]).key, algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER,
                options={"require": ["exp", "iat", "aud", "iss", "jti"]},
            )  # fmt: skip
        except jwt.InvalidAudienceError:
            raise ValueError('unexpected "aud" claim value') from None
        except jwt.InvalidIssuerError:
            raise ValueError('unexpected "iss" claim value') from None
        except jwt.ExpiredSignatureError:
            raise ValueError('"exp" claim timestamp check failed') from None
        except jwt.InvalidSignatureError:
            raise ValueError("signature verification failed") from None
        except jwt.InvalidTokenError as error:
            raise ValueError(str(error)) from None
        if self._world.settings.single_use and claims["jti"] in self._used:
            raise ValueError('"jti" was used before: ask for a new token for each try')
        self._used.add(claims["jti"])
        return claims

    async def exchange(self, request: web.Request) -> web.Response:
        """`POST /api/github-actions/credentials`."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return failure(401, "MISSING_TOKEN", "Authorization header with Bearer token required")
        try:
            claims = self.verify(token)
        except ValueError as error:
            return failure(401, "OIDC_INVALID", f"OIDC validation failed: {error}")
        settings = self._world.settings
        owner = str(claims.get("repository_owner", ""))
        if owner.lower() not in {name.lower() for name in settings.allowed}:
            return failure(403, "ORG_NOT_ALLOWED", f"Organization {owner} is not authorized")
        try:
            body = json.loads(await request.text())
            names = body.get("credentials", [])
        except (ValueError, AttributeError):
            return failure(500, "INTERNAL_ERROR", "Unexpected end of JSON input")
        if not isinstance(names, list) or not names:
            return failure(400, "INVALID_REQUEST", "credentials array is required")
        unknown = [str(name) for name in names if name not in AVAILABLE]
        if unknown:
            message = f"Unknown credentials: {', '.join(unknown)}"
            return failure(400, "INVALID_CREDENTIALS", message, allowed=list(AVAILABLE))
        for name in names:
            if name in settings.not_configured:
                return failure(503, "CREDENTIAL_NOT_AVAILABLE", f"Credential {name} is not configured")
        granted = {name: self._grant(name, str(claims.get("repository"))) for name in names}
        shown = ("repository", "workflow", "actor", "ref", "sha", "run_id")
        metadata = {name: claims.get(name) for name in shown} | {"issued_at": now()}
        return web.json_response({"success": True, "credentials": granted, "metadata": metadata})

    def _grant(self, name: str, repository: str) -> str:
        if name == "CLOUDFLARE_ACCOUNT_ID":
            return issuing.account_id(self._world)
        return issuing.issue(self._world, name, kind=name, way="oidc", service=repository)[0]


class Around:
    """The routes around the exchange."""

    def __init__(self, world: World, keys: Keys) -> None:
        self._world = world
        self._keys = keys

    async def available(self, request: web.Request) -> web.Response:
        """`GET /api/github-actions/available`: public."""
        listed = [{"name": name, "description": text, "required_for": []} for name, text in AVAILABLE.items()]
        how = {"method": "GitHub Actions OIDC", "audience": AUDIENCE}
        organisations = [name.upper() for name in self._world.settings.allowed]
        return web.json_response(
            {"success": True, "credentials": listed, "allowed_organizations": organisations, "authentication": how}
        )

    async def deploy(self, request: web.Request) -> web.Response:
        """`POST /credentials/deploy`: all that a deploy needs at once, where the route exists."""
        if self._world.settings.today:
            return web.Response(status=404, text="404 Not Found")
        refused = self._keys.refusal(request)
        if refused is not None:
            return refused
        try:
            service = str(json.loads(await request.text())["service"])
        except (ValueError, KeyError, TypeError):
            return web.json_response({"error": "purpose, service, repo and run_id are required"}, status=400)
        answer = {
            field: issuing.issue(self._world, name, kind="deploy", way="deploy", service=service, ttl=HOUR)[0]
            for field, name in DEPLOY_GIVES.items()
        }
        answer["account_id"] = issuing.account_id(self._world)
        end = datetime.now(timezone.utc) + timedelta(seconds=HOUR)
        answer["expires_at"] = end.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return web.json_response(answer)

    async def sync(self, request: web.Request) -> web.Response:
        """`POST /api/github/sync`, where the route exists."""
        refused = self._keys.refusal(request)
        if refused is not None:
            return refused
        if self._world.settings.today:
            return web.Response(status=404, text="404 Not Found")
        try:
            asked = json.loads(await request.text())
            repository, commit = str(asked["repository"]), str(asked["commit"])
        except (ValueError, KeyError, TypeError):
            return web.json_response({"success": False, "error": "repository and commit are required"}, status=400)
        return web.json_response({"success": True, "repository": repository, "commit": commit, "timestamp": now()})

    async def health(self, request: web.Request) -> web.Response:
        """`GET /health`."""
        return web.json_response({"status": "healthy", "service": "chittyconnect", "timestamp": now()})

    async def nothing(self, request: web.Request) -> web.Response:
        """No such route; under `/api` the key is asked for first."""
        if request.path.startswith("/connect/api/") and (refused := self._keys.refusal(request)) is not None:
            return refused
        return web.Response(status=404, text="404 Not Found")


def routes(world: World) -> list[web.RouteDef]:
    """Everything under `/connect`."""
    keys = world.extra["connect.keys"] = Keys(world)
    exchange = Exchange(world, world.extra["oidc.issuer"])
    around = Around(world, keys)
    return [
        web.get("/connect/health", around.health),
        web.post("/connect/api/github-actions/credentials", exchange.exchange),
        web.get("/connect/api/github-actions/available", around.available),
        web.post("/connect/credentials/deploy", around.deploy),
        web.post("/connect/api/github/sync", around.sync),
        *provision.routes(world, keys.refusal),
        web.route("*", "/connect/{tail:.*}", around.nothing),
    ]
