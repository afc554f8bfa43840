"""How each fault looks on the wire: bytes written to the connection itself where HTTP would be too polite."""

from __future__ import annotations

import asyncio
import socket
import struct
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

from chittylocal.faults import Fault

if TYPE_CHECKING:
    from chittylocal.services.world import World

HTML = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
ANNOUNCED, SENT = 4096, 64
_DEFAULT_STATUS = {"status": 503, "redirect": 307}
_NO_STATUS = ("reset", "close", "hang", "garbage", "slow", "hold")


class Nothing(web.Response):
    """The answer after the wire was written by hand: the server must add nothing to it."""

    async def prepare(self, request: web.BaseRequest) -> None:
        """Write no head."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Write no end."""


def status_of(fault: Fault) -> int | None:
    """The status that the caller sees, or None where it sees none."""
    if fault.kind in _NO_STATUS:
        return None
    return fault.status or _DEFAULT_STATUS.get(fault.kind, 200)


async def misbehave(request: web.Request, fault: Fault, world: World) -> web.StreamResponse:
    """Answer `request`, already read, as `fault` has it; returns when the connection may be used or closed."""
    await pause(fault.delay, request, world)
    status = status_of(fault) or 200
    if fault.kind == "status":
        return _answer(status, fault.payload(), fault.headers)
    if fault.kind == "html":
        return _answer(status, fault.payload() or HTML, {"Content-Type": "text/html; charset=UTF-8", **fault.headers})
    if fault.kind == "empty":
        return _answer(status, b"", fault.headers)
    if fault.kind == "redirect":
        target = fault.location or f"{world.elsewhere_url}{{path}}"
        return _answer(status, b"", {"Location": target.replace("{path}", request.path_qs), **fault.headers})
    if fault.kind == "huge":
        return await _huge(request, fault, status)
    transport = request.transport
    if transport is None:
        return Nothing()
    if fault.kind == "reset":
        _reset(transport)
    elif fault.kind == "hang":
        await _until_gone(transport, world)
    elif fault.kind == "garbage":
        transport.write(b"\x15\x03\x01\x00\x02\x02\x28 this is no HTTP\r\n\r\n")
    elif fault.kind == "truncated":
        head = _head(status, {"Content-Type": "application/json", "Content-Length": str(ANNOUNCED)} | fault.headers)
        transport.write(head + b'{"success":true,"cut":"'.ljust(SENT, b"x"))
    elif fault.kind == "drip":
        await _drip(transport, fault, status, world)
    transport.close()
    return Nothing()


async def pause(seconds: float, request: web.Request, world: World) -> None:
    """Wait, but no longer than the caller or the backend lives."""
    if seconds > 0 and request.transport is not None:
        await _until_gone(request.transport, world, seconds)


async def hold(request: web.Request, fault: Fault, world: World) -> None:
    """Wait until the fault is cleared, but no longer than the caller or the backend lives."""
    while world.faults.in_force(fault) and request.transport is not None and not world.stopping.is_set():
        if request.transport.is_closing():
            return
        await _until_gone(request.transport, world, 0.02)


def _answer(status: int, body: bytes, headers: dict[str, str]) -> web.Response:
    kind = {"Content-Type": "application/json"} if body[:1] in (b"{", b"[") else {"Content-Type": "text/plain"}
    return web.Response(status=status, body=body, headers={**kind, **headers})


async def _huge(request: web.Request, fault: Fault, status: int) -> web.StreamResponse:
    response = web.StreamResponse(status=status, headers={"Content-Type": "application/json", **fault.headers})
    chunk = b"x" * 65536
    try:
        await response.prepare(request)
        await response.write(b'{"success":true,"filler":"')
        for _ in range(fault.size // len(chunk)):
            await response.write(chunk)
        await response.write(b'"}')
        await response.write_eof()
    except (ConnectionError, OSError):
        return Nothing()  # the caller had enough, as it should
    return response


async def _drip(transport: asyncio.Transport, fault: Fault, status: int, world: World) -> None:
    head = _head(status, {"Content-Type": "application/json", "Content-Length": "1000000"} | fault.headers)
    text = head + b'{"success":true,"drip":"' if fault.where == "body" else b""
    if text:
        transport.write(text)
        endless = b"x"
    else:
        transport.write(head[:-2] + b"X-Drip: ")
        endless = b"y"
    while not transport.is_closing() and not world.stopping.is_set():
        transport.write(endless)
        await _until_gone(transport, world, fault.interval)


async def _until_gone(transport: asyncio.Transport, world: World, seconds: float | None = None) -> None:
    """Wait until the caller hung up, the backend stops, or `seconds` have passed."""
    loop = asyncio.get_running_loop()
    end = None if seconds is None else loop.time() + seconds
    while not transport.is_closing() and not world.stopping.is_set():
        rest = 0.05 if end is None else min(0.05, end - loop.time())
        if rest <= 0:
            return
        try:
            await asyncio.wait_for(world.stopping.wait(), rest)
        except asyncio.TimeoutError:
            continue


def _reset(transport: asyncio.Transport) -> None:
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _head(status: int, headers: dict[str, str]) -> bytes:
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")
