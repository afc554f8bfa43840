"""ChittyRegistry: heartbeats (named; read-only today), services and tools."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from chittylocal.services.world import World
from chittylocal.state import now

LIVE_ROUTES = ["GET /health", "GET /api/v1/tools", "GET /api/v1/tools/{chitty_id}"]


class Registry:
    """The services that sent a heartbeat, in `registry.json`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def _registered(self) -> dict[str, Any]:
        known: dict[str, Any] = self._world.state.read("registry", {})
        return known

    async def heartbeat(self, request: web.Request) -> web.Response:
        """`POST /api/services/{name}/heartbeat` with `{status, version}`."""
        if self._world.settings.today:
            body = {"error": "READ_ONLY", "message": "This registry is read-only; writes go through ChittyRegister."}
            return web.json_response(body, status=401)
        if not request.headers.get("Authorization", "").partition(" ")[2].strip():
            return web.json_response({"error": "UNAUTHORIZED", "message": "A bearer token is required."}, status=401)
        try:
            beat = json.loads(await request.text())
            status, version = str(beat["status"]), str(beat["version"])
        except (ValueError, KeyError, TypeError):
            body = {"error": "INVALID_REQUEST", "message": "status and version are required"}
            return web.json_response(body, status=400)
        name = request.match_info["name"]
        entry = {"name": name, "status": status, "version": version, "last_heartbeat": now()}
        self._world.state.write("registry", {**self._registered(), name: entry})
        return web.json_response({"success": True, "service": entry})

    async def service(self, request: web.Request) -> web.Response:
        """`GET /api/services/{name}`: today no such route, which is not the same as no such service."""
        if self._world.settings.today:
            return await self.nothing(request)
        name = request.match_info["name"]
        entry = self._registered().get(name)
        if entry is None:
            body = {"error": "SERVICE_NOT_FOUND", "message": f"{name} is not registered"}
            return web.json_response(body, status=404)
        return web.json_response(entry)

    async def tools(self, request: web.Request) -> web.Response:
        """`GET /api/v1/tools`."""
        listed = [{"chitty_id": name, **entry} for name, entry in sorted(self._registered().items())]
        return web.json_response({"tools": listed, "total": len(listed)})

    async def tool(self, request: web.Request) -> web.Response:
        """`GET /api/v1/tools/{chitty_id}`."""
        entry = self._registered().get(request.match_info["id"])
        if entry is None:
            return web.json_response({"error": "Tool not found"}, status=404)
        return web.json_response({"chitty_id": request.match_info["id"], **entry})

    async def health(self, request: web.Request) -> web.Response:
        """`GET /health`."""
        return web.json_response({"status": "ok", "service": "chittyregistry", "timestamp": now()})

    async def nothing(self, request: web.Request) -> web.Response:
        """No such route."""
        return web.json_response({"error": "Not Found", "availableEndpoints": LIVE_ROUTES}, status=404)


def routes(world: World) -> list[web.RouteDef]:
    """Everything under `/registry`."""
    registry = Registry(world)
    return [
        web.post("/registry/api/services/{name}/heartbeat", registry.heartbeat),
        web.get("/registry/api/services/{name}", registry.service),
        web.get("/registry/api/v1/tools", registry.tools),
        web.get("/registry/api/v1/tools/{id}", registry.tool),
        web.get("/registry/health", registry.health),
        web.route("*", "/registry/{tail:.*}", registry.nothing),
    ]
