"""What listens besides the main port: TLS, the foreign origin, the closed port, the proxy."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from chittylocal.proxy import Proxy
from chittylocal.state import now, readable_query

if TYPE_CHECKING:
    import trustme

    from chittylocal.server import Backend

FLAWS = ("good", "untrusted", "expired", "wrong-host")
NAMES = ("localhost", "127.0.0.1", "::1", "chittylocal.test")
CREDENTIAL_HEADERS = ("Authorization", "X-ChittyOS-API-Key", "Cookie", "Proxy-Authorization")


class Listeners:
    """The additional listeners of one backend, in the backend's loop."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._secure: dict[str, int] = {}
        self._starting = asyncio.Lock()
        self._authority: trustme.CA | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._sockets: list[socket.socket] = []
        self._waiting: list[asyncio.Task[None]] = []
        self._elsewhere = web.AppRunner(_elsewhere(backend), access_log=None, shutdown_timeout=0.1)
        self._proxy: Proxy | None = None

    async def start(self) -> None:
        """Open the foreign origin and take the port that stays closed."""
        closed = _free_port()  # bound and not listening: nobody else gets it, and it refuses
        self._sockets.append(closed)
        self.closed_url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        await self._elsewhere.setup()
        listener = _free_port()
        self._backend.world.elsewhere_url = f"http://localhost:{listener.getsockname()[1]}"
        await web.SockSite(self._elsewhere, listener).start()

    async def stop(self) -> None:
        """Close what this object opened; the TLS listeners close with the backend."""
        for task in self._waiting:
            task.cancel()
        await asyncio.gather(*self._waiting, return_exceptions=True)
        for opened in self._sockets:
            opened.close()
        await self._elsewhere.cleanup()
        if self._proxy:
            await self._proxy.stop()
        if self._folder:
            self._folder.cleanup()

    async def late_url(self, seconds: float) -> str:
        """The services on a port that refuses connections until `seconds` have passed."""
        listener = _free_port()
        self._sockets.append(listener)

        async def open_later() -> None:
            await asyncio.sleep(seconds)
            self._sockets.remove(listener)  # from here on the server closes it
            await self._backend.listen(listener)

        self._waiting.append(asyncio.create_task(open_later()))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    async def deaf_url(self) -> str:
        """An origin where a connection is never established: its queue is full and nobody accepts."""
        deaf = _free_port()
        deaf.listen(0)
        fillers = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(4)]
        for filler in fillers:
            filler.settimeout(0)
            filler.connect_ex(deaf.getsockname())
        self._sockets += [deaf, *fillers]
        return f"http://127.0.0.1:{deaf.getsockname()[1]}"

    async def tls_url(self, flaw: str) -> str:
        """The services over TLS, with a certificate that has that flaw (one of `FLAWS`)."""
        if flaw not in FLAWS:
            raise ValueError(f"a certificate is {', '.join(FLAWS)}; not {flaw!r}")
        async with self._starting:
            if flaw not in self._secure:
                listener = _free_port()
                context = self._context(flaw)
                await self._backend.listen(listener, context)
                self._secure[flaw] = listener.getsockname()[1]
        return f"https://localhost:{self._secure[flaw]}"

    async def ca_file(self) -> Path:
        """The authority that vouches for `good`, `expired` and `wrong-host`, as PEM."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="chittylocal-ca-")
            self._trusted().cert_pem.write_to_path(str(Path(self._folder.name) / "ca.pem"))
        return Path(self._folder.name) / "ca.pem"

    async def proxy_url(self) -> str:
        """The forward proxy."""
        secure = int((await self.tls_url("good")).rpartition(":")[2])
        async with self._starting:
            if self._proxy is None:
                plain = int(self._backend.state.url.rpartition(":")[2])
                self._proxy = Proxy(self._backend, {443: secure, 80: plain})
                await self._proxy.start()
        return self._proxy.url

    def _trusted(self) -> trustme.CA:
        import trustme

        self._authority = self._authority or trustme.CA()
        return self._authority

    def _context(self, flaw: str) -> ssl.SSLContext:
        import trustme

        names = ("elsewhere.example",) if flaw == "wrong-host" else NAMES
        yesterday = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=1)
        authority = trustme.CA() if flaw == "untrusted" else self._trusted()
        certificate = authority.issue_cert(*names, not_after=yesterday if flaw == "expired" else None)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context


def _free_port() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    return listener


def _elsewhere(backend: Backend) -> web.Application:
    """A foreign origin: notes what reaches it, above all which credentials (their headers' names)."""

    async def note(request: web.Request) -> web.Response:
        sent = await request.read()
        carried = [name for name in CREDENTIAL_HEADERS if name in request.headers]
        backend.state.record(
            {
                "service": "elsewhere", "method": request.method, "path": request.path,
                "query": readable_query(request.query), "status": 200, "fault": None, "at": now(),
                "credentials": carried, "bytes": len(sent), "duration_ms": 0.0,
            }
        )  # fmt: skip
        return web.json_response({"success": True, "origin": "elsewhere"})

    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", note)
    return application
