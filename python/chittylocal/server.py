"""One server, one port: a service per path prefix, the edge for every other host name.

A request passes, in this order: host (ours or the edge's) → faults → the service → the log.
"""

from __future__ import annotations

import socket
import time
from typing import Any

from aiohttp import web

from chittylocal import cloudflare, misbehave
from chittylocal.faults import FaultBook
from chittylocal.mounted import Handler
from chittylocal.services import beacon, connect, control, github, oidc, registry, router
from chittylocal.services.world import World
from chittylocal.settings import Settings
from chittylocal.state import State, now, readable_query

OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]", "chittylocal.test"})
"""Host names of the services; `chittylocal.test` is reached through the proxy only. All others are the edge."""

PREFIXES = {
    "connect": "/connect",
    "cloudflare": "/cloudflare/client/v4",
    "registry": "/registry",
    "beacon": "/beacon",
    "router": "/router",
    "github": "/github",
    "oidc": "/oidc",
}
"""Service → path prefix under `State.url`."""

MAX_UPLOAD = 256 * 1024 * 1024


def urls(origin: str) -> dict[str, str]:
    """The environment that replaces each service's base URL, for a backend at `origin`."""
    variables = {
        "CHITTYCONNECT_URL": "connect", "CHITTYREGISTRY_URL": "registry", "CHITTYBEACON_URL": "beacon",
        "CHITTYROUTER_URL": "router", "CLOUDFLARE_API_BASE_URL": "cloudflare", "GITHUB_API_URL": "github",
    }  # fmt: skip
    return {name: origin + PREFIXES[service] for name, service in variables.items()} | {"CHITTY_EDGE_URL": origin}


class Backend:
    """The application with its state, settings and faults; `start` and `stop` belong to one event loop."""

    def __init__(self, state: State, settings: Settings) -> None:
        self.state = state
        self.settings = settings
        self.faults = FaultBook()
        self.world = World(state, settings, self.faults)
        self.app = web.Application(middlewares=[self._pass], client_max_size=MAX_UPLOAD)
        for service in (oidc, connect, registry, beacon, router, github, control):
            self.app.add_routes(service.routes(self.world))
        self.mounted = cloudflare.mount(self.app, state)
        self.runner = web.AppRunner(
            self.app, access_log=None, shutdown_timeout=0.1, auto_decompress=True, handle_signals=False
        )

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1 at `port` (0: a free one) and set `state.url`. OSError when it is taken."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            listener.close()
            raise
        self.state.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        await self.runner.setup()
        await web.SockSite(self.runner, listener).start()

    async def stop(self) -> None:
        """Close every listener and connection, then run the cleanup hooks."""
        self.world.stopping.set()
        await self.runner.cleanup()

    async def _pass_on(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        return await (handler if is_own(request.host) else self.mounted.edge)(request)

    @web.middleware
    async def _pass(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        service, path = place(request)
        if service == "_local":
            return await handler(request)
        started, at = time.perf_counter(), now()
        entry: dict[str, Any] = {
            "service": service, "method": request.method, "path": path, "query": readable_query(request.query),
            "status": None, "fault": None, "at": at, "auth": _auth(request),
        }  # fmt: skip
        if service == "edge":
            entry["host"] = request.host
        fault = self.faults.match(service, request.method, path)
        if fault and fault.kind != "slow":
            await request.read()
            if fault.after_effect:
                await self._pass_on(request, handler)
            entry.update(fault=fault.kind, status=misbehave.status_of(fault))
            self._record(entry, started)
            return await misbehave.misbehave(request, fault, self.world)
        if fault:
            entry["fault"] = fault.kind
            await misbehave.pause(fault.delay, request, self.world)
        try:
            response = await self._pass_on(request, handler)
            entry["status"] = response.status
        except web.HTTPException as answer:
            entry["status"] = answer.status
            raise
        except Exception:
            entry["status"] = 500
            raise
        finally:
            self._record(entry, started)
        return response

    def _record(self, entry: dict[str, Any], started: float) -> None:
        self.state.record({**entry, "duration_ms": round((time.perf_counter() - started) * 1000, 1)})


def is_own(host: str) -> bool:
    """Whether a Host header names the services and not a Worker."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return name.lower() in OWN_HOSTS


def place(request: web.Request) -> tuple[str, str]:
    """The service that a request is for and the path within it."""
    if not is_own(request.host):
        return "edge", request.path
    for service, prefix in PREFIXES.items():
        if request.path == prefix or request.path.startswith(prefix + "/"):
            return service, request.path[len(prefix) :] or "/"
    return ("_local" if request.path.startswith("/_local") else "unknown"), request.path


def _auth(request: web.Request) -> str | None:
    if "X-ChittyOS-API-Key" in request.headers:
        return "api-key"
    scheme = request.headers.get("Authorization", "").partition(" ")[0].lower()
    return scheme if scheme in ("bearer", "basic", "token") else ("other" if scheme else None)
