"""Answers as GitHub does, from what was recorded: a process of its own, so that its work is not the audit's.

    python -m benchmarks.audit.hub RECORDED.json LATENCY

Prints its port, and ends with its standard input. Each answer takes LATENCY seconds longer than it would.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from aiohttp import web


class Hub:
    """GraphQL and the states of workflows; a service of number N is of the N-th kind, over and over."""

    def __init__(self, kinds: list[dict[str, Any]], latency: float) -> None:
        self._kinds = kinds
        self._latency = latency

    async def graphql(self, request: web.Request) -> web.Response:
        """One query: aliases r0, r1 … of the repositories $o0/$n0, $o1/$n1 …"""
        whole = await request.read()
        asked = json.loads(whole)
        of = "content" if "...Content" in asked["query"] else "settings"
        variables = asked["variables"]
        names = [variables[f"n{number}"] for number in range(len(variables) // 2)]
        parts = [f'"r{number}": {self._shown(name, of)}' for number, name in enumerate(names)]
        parts.append('"rateLimit": {"cost": 1, "remaining": 4999, "resetAt": "2099-01-01T00:00:00Z"}')
        body = '{"data": {' + ", ".join(parts) + "}}"
        await asyncio.sleep(self._latency)
        return web.Response(text=body, content_type="application/json")

    async def workflows(self, request: web.Request) -> web.Response:
        """The states of a repository's workflows."""
        body = self._shown(request.match_info["name"], "workflows")
        await asyncio.sleep(self._latency)
        return web.Response(text=body, content_type="application/json")

    def _shown(self, name: str, of: str) -> str:
        kind = self._kinds[int(name[1:]) % len(self._kinds)]
        shown: str = kind[of].replace(kind["name"], name).replace(kind["commit"], _sha1(name.encode()))
        if of == "content":
            for blob, text in kind["blobs"].items():
                content = text.replace(kind["name"], name).encode()
                shown = shown.replace(blob, _sha1(b"blob %d\0" % len(content) + content))
        return shown


def _sha1(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


async def serve(kinds: list[dict[str, Any]], latency: float) -> None:
    """Serve until standard input ends."""
    hub = Hub(kinds, latency)
    app = web.Application(client_max_size=1 << 26)
    app.add_routes([
        web.post("/graphql", hub.graphql), web.get("/repos/{owner}/{name}/actions/workflows", hub.workflows),
    ])  # fmt: skip
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=512)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text("utf-8")), float(sys.argv[2])))
