"""One server, one port: a service per path prefix, the edge for every other host name.

A request passes, in this order: host (ours, a service's public one, or the edge's) → faults → the service → the
log (`passage`). What listens on a port of its own (R2) passes the same.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping

from aiohttp import web

from chittylocal import cloudflare, npm, r2
from chittylocal.faults import FaultBook
from chittylocal.mounted import Handler
from chittylocal.passage import UNRECORDED, Passage
from chittylocal.services import beacon, connect, control, git, github, oidc, registry, router
from chittylocal.services.world import World
from chittylocal.settings import Settings
from chittylocal.state import State

OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]", "chittylocal.test"})
"""Host names of the services; `chittylocal.test` is reached through the proxy only. All others are the edge, but for
`World.hosts`: public names of a service."""

PREFIXES = {
    "connect": "/connect",
    "cloudflare": "/cloudflare/client/v4",
    "registry": "/registry",
    "beacon": "/beacon",
    "router": "/router",
    "github": "/github",
    "oidc": "/oidc",
    "npm": "/npm",
    "git": "/git",
}
"""Service → path prefix under `State.url`."""

MOUNTED: tuple[Callable[[web.Application, World], None], ...] = (npm.mount, r2.mount, git.mount)
"""What publishing talks to; each adds its routes to the application, and its startup and cleanup hooks."""

MAX_UPLOAD = 256 * 1024 * 1024


def urls(origin: str, own: Mapping[str, str]) -> dict[str, str]:
    """The environment that replaces each service's base URL, for a backend at `origin`.

    `own` has the origins of the services on ports of their own (`World.origins`).
    """
    variables = {
        "CHITTYCONNECT_URL": "connect", "CHITTYREGISTRY_URL": "registry", "CHITTYBEACON_URL": "beacon",
        "CHITTYROUTER_URL": "router", "CLOUDFLARE_API_BASE_URL": "cloudflare", "GITHUB_API_URL": "github",
        "CHITTY_NPM_URL": "npm", "CHITTYGIT_URL": "git",
    }  # fmt: skip
    found = {name: origin + PREFIXES[service] for name, service in variables.items()}
    found |= {"CHITTY_EDGE_URL": origin, "GITHUB_GRAPHQL_URL": f"{origin}{PREFIXES['github']}/graphql"}
    return found | {name: own[service] for name, service in {"CHITTY_R2_URL": "r2"}.items() if service in own}


class Backend:
    """The application with its state, settings and faults; `start` and `stop` belong to one event loop."""

    def __init__(self, state: State, settings: Settings) -> None:
        self.state = state
        self.settings = settings
        self.faults = FaultBook()
        self.world = World(state, settings, self.faults)
        passage = Passage(self.world, self._place, self._divert)
        self.app = web.Application(middlewares=[passage.middleware], client_max_size=MAX_UPLOAD)
        for service in (oidc, connect, registry, beacon, router, github, control):
            self.app.add_routes(service.routes(self.world))
        self.mounted = cloudflare.mount(self.app, state)
        for mount in MOUNTED:
            mount(self.app, self.world)
        self._listeners: list[socket.socket] = []
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
        await self.listen(listener)

    async def listen(self, listener: socket.socket, context: ssl.SSLContext | None = None) -> None:
        """Serve another socket as well, by TLS where there is a context."""
        await web.SockSite(self.runner, listener, ssl_context=context).start()
        self._listeners.append(listener)

    async def stop(self) -> None:
        """Close every listener and connection, then run the cleanup hooks."""
        self.world.stopping.set()
        for listener in self._listeners:
            asyncio.get_running_loop().remove_reader(listener.fileno())
        # What was accepted a moment ago is made a connection in the next turn, and leaks where its server is closed.
        await asyncio.sleep(0)
        await self.runner.cleanup()

    def _divert(self, request: web.Request) -> Handler | None:
        if is_own(request.host):
            return None
        public = self.world.hosts.get(_name(request.host))
        return public[1] if public else self.mounted.edge

    def _place(self, request: web.Request) -> tuple[str, str]:
        """The service that a request is for and the path within it."""
        if not is_own(request.host):
            public = self.world.hosts.get(_name(request.host))
            return (public[0] if public else "edge"), request.path
        for service, prefix in PREFIXES.items():
            if request.path == prefix or request.path.startswith(prefix + "/"):
                return service, request.path[len(prefix) :] or "/"
        if request.path.startswith("/-/npm/"):  # npm asks for some things at the root of the registry's origin
            return "npm", request.path
        return (UNRECORDED if request.path.startswith("/_local") else "unknown"), request.path


def _name(host: str) -> str:
    """A Host header without its port."""
    return (host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host).lower()


def is_own(host: str) -> bool:
    """Whether a Host header names the services and neither a Worker nor a service's public host."""
    return _name(host) in OWN_HOSTS
