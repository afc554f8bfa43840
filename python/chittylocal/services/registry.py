"""ChittyRegistry: heartbeats (named; read-only today), services and tools."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from chittylocal.services.world import World
from chittylocal.state import now

LIVE_ROUTES = ["GET /health", "GET /api/v1/tools", "GET /api/v1/tools/{chitty_id}"]


def routes(world: World) -> list[web.RouteDef]:
    """Everything under `/registry`."""

    def registered() -> dict[str, Any]:
        known: dict[str, Any] = world.state.read("registry", {})
        return known

    async def heartbeat(request: web.Request) -> web.Response:
        if world.settings.today:
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
        world.state.write("registry", {**registered(), name: entry})
        return web.json_response({"success": True, "service": entry})

    async def service(request: web.Request) -> web.Response:
        if world.settings.today:
            return await nothing(request)
        name = request.match_info["name"]
        entry = registered().get(name)
        if entry is None:
            body = {"error": "SERVICE_NOT_FOUND", "message": f"{name} is not registered"}
            return web.json_response(body, status=404)
        return web.json_response(entry)

    async def tools(request: web.Request) -> web.Response:
        listed = [{"chitty_id": name, **entry} for name, entry in sorted(registered().items())]
        return web.json_response({"tools": listed, "total": len(listed)})

    async def tool(request: web.Request) -> web.Response:
        entry = registered().get(request.match_info["id"])
        if entry is None:
            return web.json_response({"error": "Tool not found"}, status=404)
        return web.json_response({"chitty_id": request.match_info["id"], **entry})

    async def health(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "service": "chittyregistry", "timestamp": now()})

    async def nothing(request: web.Request) -> web.Response:
        return web.json_response({"error": "Not Found", "availableEndpoints": LIVE_ROUTES}, status=404)

    return [
        web.post("/registry/api/services/{name}/heartbeat", heartbeat),
        web.get("/registry/api/services/{name}", service),
        web.get("/registry/api/v1/tools", tools),
        web.get("/registry/api/v1/tools/{id}", tool),
        web.get("/registry/health", health),
        web.route("*", "/registry/{tail:.*}", nothing),
    ]
