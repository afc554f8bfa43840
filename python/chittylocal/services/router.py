"""ChittyRouter: which service a domain leads to (named; no such route today)."""

from __future__ import annotations

from aiohttp import web

from chittylocal.services.world import World


def routes(world: World) -> list[web.RouteDef]:
    """Everything under `/router`; the known routes are in `router.json`, domain → route."""

    async def route(request: web.Request) -> web.Response:
        domain = request.match_info["domain"]
        if world.settings.today:
            return await nothing(request)
        known = world.state.read("router", {}).get(domain)
        if known is None:
            body = {"error": "ROUTE_NOT_FOUND", "message": f"no route leads to {domain}"}
            return web.json_response(body, status=404)
        return web.json_response({"domain": domain, **known})

    async def health(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "service": "chittyrouter"})

    async def nothing(request: web.Request) -> web.Response:
        return web.Response(status=404, text="404 Not Found")

    return [
        web.get("/router/api/routes/{domain}", route),
        web.get("/router/health", health),
        web.route("*", "/router/{tail:.*}", nothing),
    ]
