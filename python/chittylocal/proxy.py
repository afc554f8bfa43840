"""A forward proxy of a page: tunnels (CONNECT) and absolute URLs, with a note of each in the log.

It reaches this machine only. The name `chittylocal.test` is the backend itself, which nothing but this proxy can
resolve: whoever gets an answer from it did go through here.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chittylocal.state import now

if TYPE_CHECKING:
    from chittylocal.server import Backend

OWN_NAME = "chittylocal.test"
LOCAL = ("127.0.0.1", "localhost", "::1", OWN_NAME)
HEAD_LIMIT = 64 * 1024


class Proxy:
    """One proxy in the backend's loop; `ports` maps 80 and 443 of its own name to the backend's ports."""

    def __init__(self, backend: Backend, ports: dict[int, int]) -> None:
        self._backend = backend
        self._ports = ports
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD_LIMIT)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Close the listener and every tunnel."""
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._one(reader, writer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, asyncio.CancelledError):
            pass  # the caller went away, or the backend stops
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, _, rest = head.partition("\r\n")
        method, _, target = line.partition(" ")
        target = target.rpartition(" ")[0]
        parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
        host, port = parts.hostname or "", parts.port or (443 if method == "CONNECT" else 80)
        place = f"{host}:{port}"
        fault = self._backend.faults.match("proxy", method, place)
        status = fault.status or 503 if fault else 200 if host in LOCAL else 502
        self._backend.state.record(
            {
                "service": "proxy", "method": method, "path": place, "query": {}, "status": status,
                "fault": fault.kind if fault else None, "at": now(), "duration_ms": 0.0,
                "authorized": "\r\nproxy-authorization:" in head.lower(),
            }
        )  # fmt: skip
        if status != 200:
            writer.write(f"HTTP/1.1 {status} Refused by the proxy\r\nContent-Length: 0\r\n\r\n".encode("latin-1"))
            await writer.drain()
            return
        if host == OWN_NAME:
            port = self._ports.get(port, port)
        upstream, sink = await asyncio.open_connection("127.0.0.1", port)
        try:
            if method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                sink.write(_forwarded(method, parts.path or "/", parts.query, rest).encode("latin-1"))
            await asyncio.gather(_copy(reader, sink), _copy(upstream, writer))
        finally:
            sink.close()


def _forwarded(method: str, path: str, query: str, rest: str) -> str:
    """The request's head as the origin expects it: a path, and none of the proxy's own headers."""
    lines = [line for line in rest.split("\r\n") if not line.lower().startswith("proxy-")]
    lines = ["Connection: close" if line.lower().startswith("connection:") else line for line in lines]
    return "\r\n".join([f"{method} {path}{'?' + query if query else ''} HTTP/1.1", *lines])


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()
