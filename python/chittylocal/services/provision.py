"""ChittyConnect's credentials by API key: one type a call, the limit, the leases, and their end.

A faithful copy of the service's habits, the bad ones too: the limit counts each provision twice, an unknown type
is found out after it was counted, GitHub's token is issued without its value, and the answer to a revocation of
what is already gone is a 500.
"""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from aiohttp import web

from chittylocal.services import issuing
from chittylocal.services.world import World
from chittylocal.state import now

Handler = Callable[[web.Request], Awaitable[web.Response]]

DAY = 24 * 60 * 60


class Type(NamedTuple):
    """One credential type: the name of what it gives, its context, its scopes and its life in days."""

    name: str
    required: tuple[str, ...]
    scopes: tuple[str, ...] = ()
    days: int | None = None


_SETTINGS = "Account Settings Read"
_DEPLOY = ("Workers Scripts Write", "Workers KV Storage Write", _SETTINGS, "Workers Routes Write")
_CLOUDFLARE = "CLOUDFLARE_API_TOKEN"
TYPES = {
    "cloudflare_workers_deploy": Type(_CLOUDFLARE, ("service",), _DEPLOY, 365),
    "cloudflare_workers_read": Type(_CLOUDFLARE, ("service",), ("Workers Scripts Read", _SETTINGS), 90),
    "cloudflare_r2_access": Type(_CLOUDFLARE, ("service", "bucket"), ("Workers R2 Storage Write", _SETTINGS), 180),
    "cloudflare_d1_access": Type(_CLOUDFLARE, ("service", "database"), ("D1 Database Write", _SETTINGS), 180),
    "chittyos_service_token": Type("CHITTYOS_SERVICE_TOKEN", ("source_service", "target_service"), (), 30),
    "github_deploy_token": Type("GITHUB_TOKEN", ("repository",), ("contents:write", "actions:write"), 90),
    "neon_database_connection": Type("NEON_DATABASE_URL", ("database", "readonly")),
    "neon_api_key": Type("NEON_API_KEY", ("purpose",)),
    "openai_api_key": Type("OPENAI_API_KEY", ("purpose",)),
    "anthropic_api_key": Type("ANTHROPIC_API_KEY", ("purpose",)),
    "notion_api_key": Type("NOTION_TOKEN", ("purpose",)),
    "github_api_key": Type("GITHUB_TOKEN", ("purpose",)),
    "stripe_api_key": Type("STRIPE_API_KEY", ("purpose", "mode")),
}


class Refusal(Exception):
    """A provision that is refused: status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Provisioner:
    """Issues credentials by type within the limit of an hour by the clock."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._counts: Counter[tuple[str, int]] = Counter()

    def check(self, kind: Any, context: Any) -> None:
        """Refuse what is incomplete, in the service's words."""
        if not kind:
            raise Refusal(400, "Credential type is required")
        if not isinstance(context, dict) or not context:
            raise Refusal(400, "Context object is required")
        for field in TYPES[kind].required if kind in TYPES else ():
            if not context.get(field):
                raise Refusal(400, f"{field} is required in context for {kind}")

    def count(self, requester: str) -> None:
        """Count one provision against the limit; it is counted before anything can fail, as there."""
        settings = self._world.settings
        if settings.provision_limit is None:
            return
        for _ in range(2 if settings.today else 1):
            hour = (requester, int(time.time() // 3600))
            if self._counts[hour] >= settings.provision_limit:
                raise Refusal(429, f"Rate limit exceeded for {requester}")
            self._counts[hour] += 1

    def issue(self, kind: str, context: dict[str, Any]) -> dict[str, Any]:
        """The answer with a new credential of that type."""
        if kind not in TYPES:
            raise Refusal(400, f"Unknown credential type: {kind}")
        spec = TYPES[kind]
        if spec.name in self._world.settings.not_configured:
            raise Refusal(503, f"{spec.name} is not configured")
        service = str(context.get("service") or context.get("repository") or context.get("target_service") or "")
        token_id = uuid.uuid4().hex if spec.name == _CLOUDFLARE else None
        name = "REGISTER_TOKEN" if context.get("target_service") in ("chittyregister", "chittyregistry") else spec.name
        value, lease = issuing.issue(
            self._world, name, kind=kind, way="provision", service=service, token_id=token_id,
            ttl=spec.days * DAY if spec.days else None,
        )  # fmt: skip
        credential: dict[str, Any] = {"type": kind, "value": value}
        if spec.name == _CLOUDFLARE:
            scopes = [s for s in spec.scopes if "Routes" not in s or context.get("zones")]
            credential |= {
                "type": "cloudflare_api_token", "expires_at": lease["expires_at"], "scopes": scopes,
                "account_id": issuing.account_id(self._world),
                "token_id": token_id, "environment": context.get("environment", "production"),
            }  # fmt: skip
        elif kind == "github_deploy_token":
            credential |= {"type": "github_token", "expires_at": lease["expires_at"], "repository": service}
            if self._world.settings.today:
                del credential["value"]
        elif kind == "chittyos_service_token":
            credential |= {"type": "service_token", "expires_at": lease["expires_at"], "target_service": service}
        elif kind == "neon_database_connection":
            credential |= {"type": "database_connection", "provider": "neon", "database": context["database"]}
        instructions = {
            "github_secret_name": spec.name,
            "command": f'gh secret set {spec.name} --body "{credential.get("value", "undefined")}"',
            "note": f"Token for {kind}",
        }
        metadata = {"provisioned_by": "ChittyConnect Enhanced", "context_validated": True, "timestamp": now()}
        return {"success": True, "credential": credential, "usage_instructions": instructions, "metadata": metadata}

    async def provision(self, request: web.Request) -> web.Response:
        """`POST /api/credentials/provision`."""
        settings = self._world.settings
        try:
            body = json.loads(await request.text())
            kind, context = body.get("type"), body.get("context")
        except (ValueError, AttributeError):
            return _failed(500, "PROVISION_FAILED", "Unexpected end of JSON input")
        requester = "chittyops"
        try:
            self.check(kind, context)
            self.count(requester)
            return web.json_response(self.issue(kind, context))
        except Refusal as refusal:
            if refusal.status == 429 and settings.retry_after is not None:
                return _limited(settings.retry_after)
            return _failed(refusal.status, "PROVISION_FAILED", str(refusal))

    async def revoke(self, request: web.Request) -> web.Response:
        """`DELETE /api/credentials/revoke`."""
        try:
            token_id = json.loads(await request.text()).get("token_id")
        except (ValueError, AttributeError):
            return _failed(500, "REVOKE_FAILED", "Unexpected end of JSON input")
        if not token_id:
            return web.json_response({"success": False, "error": "token_id is required"}, status=400)
        if not self._world.state.leases.revoke(str(token_id)):
            upstream = '{"success":false,"errors":[{"code":1003,"message":"Invalid or missing token"}],"result":null}'
            return _failed(500, "REVOKE_FAILED", f"Failed to revoke token: 404 - {upstream}", stack=False)
        return web.json_response(
            {"success": True, "message": "Token revoked successfully", "token_id": token_id, "timestamp": now()}
        )


def routes(
    world: World, refusal: Callable[[web.Request], web.Response | None]
) -> list[web.RouteDef]:  # fmt: skip
    """Everything under `/connect/api/credentials`, behind the API key."""
    provisioner = Provisioner(world)

    async def types(request: web.Request) -> web.Response:
        listed = [
            {
                "type": kind, "required_context": list(spec.required), "optional_context": ["purpose", "zones"],
                "scopes": list(spec.scopes), "ttl": f"{spec.days} days" if spec.days else None, "status": "available",
            }
            for kind, spec in TYPES.items()
        ]  # fmt: skip
        metadata = {"timestamp": now(), "total": len(listed), "available": len(listed)}
        return web.json_response({"success": True, "types": listed, "metadata": metadata})

    async def audit(request: web.Request) -> web.Response:
        issued = [lease for lease in world.state.leases.all() if lease["way"] == "provision"]
        provisions = [
            {"id": number, "requesting_service": "chittyops", "created_at": lease["issued_at"]}
            | {field: lease[field] for field in ("type", "service", "token_id", "expires_at")}
            for number, lease in enumerate(issued, 1)
        ]
        pages = {"total": len(provisions), "limit": 50, "offset": 0}
        metadata = {"timestamp": now()}
        shown = provisions[::-1][:50]
        return web.json_response({"success": True, "provisions": shown, "pagination": pages, "metadata": metadata})

    async def health(request: web.Request) -> web.Response:
        checks = {"cloudflare_make_api_key": "configured", "database": "connected", "rate_limit": "available"}
        return web.json_response({"status": "healthy", "checks": checks, "timestamp": now()})

    def keyed(handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.Response:
            refused = refusal(request)
            return refused if refused is not None else await handler(request)

        return guarded

    prefix = "/connect/api/credentials"
    return [
        web.post(f"{prefix}/provision", keyed(provisioner.provision)),
        web.delete(f"{prefix}/revoke", keyed(provisioner.revoke)),
        web.get(f"{prefix}/types", keyed(types)),
        web.get(f"{prefix}/audit", keyed(audit)),
        web.get(f"{prefix}/health", keyed(health)),
    ]


def _failed(status: int, code: str, message: str, stack: bool = True) -> web.Response:
    error = {"code": code, "message": message}
    if stack:
        error["details"] = f"Error: {message}\n    at EnhancedCredentialProvisioner.provision (index.js:4711:13)"
    body = {"success": False, "error": error, "metadata": {"timestamp": now()}}
    return web.json_response(body, status=status)


def _limited(seconds: int) -> web.Response:
    body = {
        "error": "Rate limit exceeded",
        "message": f"Too many requests. Please try again in {seconds} seconds.",
        "limit": 100, "window": 60, "retryAfter": seconds,
    }  # fmt: skip
    return web.json_response(body, status=429, headers={"Retry-After": str(seconds), "X-RateLimit-Remaining": "0"})
