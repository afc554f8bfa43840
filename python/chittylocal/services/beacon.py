"""ChittyBeacon: takes events, keeps them in `beacon.json`."""

from __future__ import annotations

import json

from aiohttp import web

from chittylocal.services.world import World
from chittylocal.state import now

KEPT = 1000


def routes(world: World) -> list[web.RouteDef]:
    """Everything under `/beacon`."""

    async def track(request: web.Request) -> web.Response:
        try:
            event = json.loads(await request.text())
        except ValueError:
            event = None
        if not isinstance(event, dict):
            return web.Response(status=400, text="Bad Request")
        events = world.state.read("beacon", [])
        world.state.write("beacon", [*events, {"received_at": now(), **event}][-KEPT:])
        return web.json_response({"status": "ok"})

    async def health(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def nothing(request: web.Request) -> web.Response:
        return web.Response(status=404, text="Not Found")

    return [
        web.post("/beacon/track", track),
        web.get("/beacon/health", health),
        web.route("*", "/beacon/{tail:.*}", nothing),
    ]
