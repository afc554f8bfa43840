"""What every request passes, whichever listener it came in by: faults, then the service, then the log.

A service on a port of its own passes its requests through one too, so that faults and records mean the same there:

>>> passage = Passage(world, lambda request: ("r2", request.path))
>>> app = web.Application(middlewares=[passage.middleware])

Handlers return their answer unsent (a `web.Response`): only then can a fault run the service and lose its answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from chittylocal import misbehave
from chittylocal.mounted import Handler
from chittylocal.services.world import World
from chittylocal.state import now, readable_query

Place = Callable[[web.Request], tuple[str, str]]
"""A request → its service and the path within it."""

UNRECORDED = "_local"
"""The service whose requests meet no fault and are not written down: the backend's own."""


class Passage:
    """Faults and records of the requests of one listener.

    Args:
        world: whose faults are laid, and whose state keeps the records.
        place: tells the service and the path; `path` is what fault patterns are held to.
        divert: the handler to use instead of the application's own, None for that one.
    """

    def __init__(
        self, world: World, place: Place, divert: Callable[[web.Request], Handler | None] = lambda _: None
    ) -> None:
        self._world = world
        self._place = place
        self._divert = divert

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Pass one request on, or let it meet its fault."""
        service, path = self._place(request)
        if service == UNRECORDED:
            return await handler(request)
        handler = self._divert(request) or handler
        started, at = time.perf_counter(), now()
        entry: dict[str, Any] = {
            "service": service, "method": request.method, "path": path, "query": readable_query(request.query),
            "status": None, "fault": None, "at": at, "auth": _auth(request),
        }  # fmt: skip
        if service == "edge":
            entry["host"] = request.host
        fault = self._world.faults.match(service, request.method, path)
        if fault and fault.kind not in ("slow", "hold"):
            await request.read()
            if fault.after_effect:
                await handler(request)
            entry.update(fault=fault.kind, status=misbehave.status_of(fault))
            self._record(entry, started)
            return await misbehave.misbehave(request, fault, self._world)
        if fault:
            entry["fault"] = fault.kind
            await misbehave.pause(fault.delay, request, self._world)
        if fault and fault.kind == "hold":
            self._world.held.append(entry)
            await misbehave.hold(request, fault, self._world)
            self._world.held.remove(entry)
        try:
            response = await handler(request)
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
        self._world.state.record({**entry, "duration_ms": round((time.perf_counter() - started) * 1000, 1)})


def _auth(request: web.Request) -> str | None:
    if "X-ChittyOS-API-Key" in request.headers:
        return "api-key"
    scheme = request.headers.get("Authorization", "").partition(" ")[0].lower()
    return scheme if scheme in ("bearer", "basic", "token", "aws4-hmac-sha256") else ("other" if scheme else None)
