"""Cloudflare's edge: takes a request for any host name to the version that has to answer it.

Which version that is follows the newest deployment that has reached the edge (see `Edge.delay`): by a header that
names one of its versions, else at random by percentages.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
import secrets
import time
from typing import Any

import aiohttp
from aiohttp import web

from chittylocal.cloudflare.account import Account
from chittylocal.cloudflare.envelope import Refused
from chittylocal.cloudflare.hosts import Nobody, find
from chittylocal.cloudflare.model import Deployment, Script, Version

OVERRIDES = "Cloudflare-Workers-Version-Overrides"
AFFINITY = "Cloudflare-Workers-Version-Key"
HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "host",
     "content-length")
)  # fmt: skip
OURS = ("mf-", "chittylocal-", "cf-connecting-ip")
"""Headers that steer Miniflare or are the edge's to set: a visitor's are dropped."""


class EdgeServer:
    """Answers for every host; `close` ends its connections to workerd."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._session: aiohttp.ClientSession | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve a request to a Worker, whatever its host name."""
        host = request.host.rsplit(":", 1)[0] if re.search(r":\d+$", request.host) else request.host
        target = find(self._account, host, request.path)
        if isinstance(target, Nobody):
            return error_page(target.status, target.error)
        version = target.version or self.choose(target.script, request)
        if version is None:
            return error_page(404, 1042)
        try:
            if not self._account.runtime.serves(version.worker):
                await self._account.refresh(asked=version)
        except Refused as refused:
            return web.Response(status=503, text=f"chittylocal can't serve this Worker: {refused.message}\n")
        self._account.answered[target.script.name, version.id] += 1
        return await self._pass_on(request, host, version)

    def choose(self, script: Script, request: web.Request) -> Version | None:
        """The version of a script that answers this request; None while no deployment has reached the edge."""
        edge = self._account.edge
        deployment = visible(script, edge.delay, mixed=edge.mixed)
        if deployment is None:
            return None
        traffic = deployment.traffic()
        named = overrides(request.headers.get(OVERRIDES, "")).get(script.name, "")
        if named in traffic and not edge.ignore_overrides:
            return script.version(named)
        point = random.uniform(0, 100)  # noqa: S311
        if key := request.headers.get(AFFINITY):
            point = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") / 2**32 * 100
        for version_id, percentage in traffic.items():
            if point < percentage:
                return script.version(version_id)
            point -= percentage
        return script.version(max(traffic, key=lambda version_id: traffic[version_id]))

    async def close(self) -> None:
        """End all connections."""
        if self._session:
            await self._session.close()

    async def _pass_on(self, request: web.Request, host: str, version: Version) -> web.StreamResponse:
        ray = secrets.token_hex(8)
        headers = [
            (name, value) for name, value in request.headers.items()
            if name.lower() not in HOP_BY_HOP and not name.lower().startswith(OURS)
        ]  # fmt: skip
        headers += [
            ("Host", host),
            ("MF-Original-URL", f"https://{host}{request.path_qs}"),
            ("Chittylocal-Version", version.worker),
            ("CF-Connecting-IP", request.remote or "127.0.0.1"),
            ("CF-Ray", ray),
            ("X-Forwarded-Proto", "https"),
        ]
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return web.Response(status=501, text="chittylocal's edge does not pass WebSockets on.\n")
        body = await request.read() if request.can_read_body else None
        session = self._session = self._session or _session()
        try:
            async with (
                self._account.runtime.request() as origin,
                session.request(
                    request.method, origin + "/", headers=headers, data=body, allow_redirects=False
                ) as answer,
            ):
                return await _relay(request, answer, ray)
        except (aiohttp.ClientError, asyncio.TimeoutError) as gone:
            return web.Response(status=502, text=f"workerd did not answer: {type(gone).__name__}\n")


def visible(script: Script, delay: float, *, mixed: bool = False) -> Deployment | None:
    """The newest deployment that the edge knows of: each arrives after its own delay, and `delay` at most."""
    present = time.time()
    for deployment in reversed(script.deployments):
        age, takes = present - deployment.at, min(deployment.delay, delay)
        if age >= takes or (mixed and random.random() < age / takes):  # noqa: S311
            return deployment
    return None


def overrides(header: str) -> dict[str, str]:
    """Script name → version id out of `name="id", other="id"`."""
    return dict(re.findall(r'([\w-]+)="([^"]*)"', header))


def error_page(status: int, error: int) -> web.Response:
    """Cloudflare's plain error."""
    return web.Response(status=status, text=f"error code: {error}", headers={"Server": "cloudflare"})


def _session() -> aiohttp.ClientSession:
    # workerd is started anew at every change, so that a kept connection is a broken one.
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True, limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
    )


async def _relay(request: web.Request, answer: aiohttp.ClientResponse, ray: str) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, reason=answer.reason)
    for name, value in answer.headers.items():
        if name.lower() not in HOP_BY_HOP:
            response.headers.add(name, value)
    response.headers.setdefault("CF-Ray", ray)
    response.headers.setdefault("Server", "cloudflare")
    length: Any = answer.headers.get("Content-Length")
    if length is not None:
        response.content_length = int(length)
    await response.prepare(request)
    async for chunk in answer.content.iter_any():
        await response.write(chunk)
    await response.write_eof()
    return response
