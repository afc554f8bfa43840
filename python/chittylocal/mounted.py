"""What the Cloudflare part hands back when it is mounted on the server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Mounted(NamedTuple):
    """The two ways to what Cloudflare serves.

    Attributes:
        edge: answers requests to Workers, by Host header.
        deployments: script name → its deployments as Cloudflare lists them, newest first.
    """

    edge: Handler
    deployments: Callable[[str], list[dict[str, Any]]]
