"""A listener at an address that nobody named, who notes the credentials that come his way."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import trustme


class Thief:
    """Takes part as an origin, as a proxy of plain requests, and as a proxy that ends TLS itself.

    Attributes:
        heard: whole heads of requests, as they came.
    """

    def __init__(self) -> None:
        self.heard: list[str] = []
        thief = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError):
                    thief._one(self.request)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("localhost", "127.0.0.1").configure_cert(self._context)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stole(self, *secrets: str) -> bool:
        """Whether one of `secrets` was in anything that came."""
        return any(secret in head for head in self.heard for secret in secrets)

    def close(self) -> None:
        """Listen no more: a thread left in `accept` would hear a later listener of the same number."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _one(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        head = self._head(connection)
        if head.startswith("CONNECT "):
            connection.sendall(b"HTTP/1.1 200 Go on\r\n\r\n")
            with self._context.wrap_socket(connection, server_side=True) as secure:
                self._head(secure)
                secure.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            return
        connection.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")

    def _head(self, connection: socket.socket) -> str:
        data = b""
        while b"\r\n\r\n" not in data and (piece := connection.recv(65536)):
            data += piece
        text = data.decode("latin-1")
        self.heard.append(text)
        return text


@contextmanager
def thief() -> Iterator[Thief]:
    """A thief for the time of a test."""
    one = Thief()
    try:
        yield one
    finally:
        one.close()
