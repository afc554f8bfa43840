"""The backend's own routes under `/_local`: what happened, and what shall go wrong, for other processes."""

from __future__ import annotations

import json

from aiohttp import web

from chittylocal.faults import Fault
from chittylocal.services.world import World


def routes(world: World) -> list[web.RouteDef]:
    """`/_local/requests`, `/_local/leases`, `/_local/faults`. These requests are not written down."""

    async def seen(request: web.Request) -> web.Response:
        return web.json_response(world.state.requests())

    async def leases(request: web.Request) -> web.Response:
        return web.json_response([lease for lease in world.state.leases.all() if lease["way"] != "accepted"])

    async def add_fault(request: web.Request) -> web.Response:
        try:
            rule = json.loads(await request.text())
            fault = Fault(**rule["fault"])
            world.faults.add(rule["service"], rule["method"], rule["path"], fault)
        except (ValueError, KeyError, TypeError) as error:
            return web.json_response({"error": f"no fault was laid: {error}"}, status=400)
        return web.json_response({"laid": rule}, status=201)

    async def clear_faults(request: web.Request) -> web.Response:
        world.faults.clear()
        return web.json_response({"cleared": True})

    async def nothing(request: web.Request) -> web.Response:
        known = ["GET /_local/requests", "GET /_local/leases", "POST /_local/faults", "DELETE /_local/faults"]
        return web.json_response({"error": "Not Found", "routes": known}, status=404)

    return [
        web.get("/_local/requests", seen),
        web.get("/_local/leases", leases),
        web.post("/_local/faults", add_fault),
        web.delete("/_local/faults", clear_faults),
        web.route("*", "/_local/{tail:.*}", nothing),
    ]
