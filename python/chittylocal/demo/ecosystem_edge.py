"""The made services themselves: one server that answers for all of their domains, by the Host header."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERSION = '{"version": "1.4.2"}'


@contextmanager
def serving(answers: Mapping[str, tuple[int, str]]) -> Iterator[str]:
    """The server's origin; `answers` may change meanwhile: domain → status and body of /health."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            known = answers.get((self.headers["Host"] or "").partition(":")[0])
            places = {"/health": known or (404, "{}"), "/api/v1/status": (200, VERSION)}
            status, text = places.get(self.path, (404, "{}")) if known else (404, "{}")
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json" if text.startswith("{") else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the audit tells."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="ecosystem")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
