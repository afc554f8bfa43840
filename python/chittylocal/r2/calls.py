"""One request to S3 and its answer, and how a WSGI application is asked."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes


class Call(NamedTuple):
    """One request: `path` as it came, still quoted, `query` likewise."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def place(self) -> tuple[str, str]:
        """Bucket and key."""
        return _place(self.path)

    @property
    def source(self) -> tuple[str, str] | None:
        """Bucket and key of what is to be copied."""
        return _place(self.headers["x-amz-copy-source"]) if "x-amz-copy-source" in self.headers else None


def _place(path: str) -> tuple[str, str]:
    bucket, _, key = unquote_to_bytes(path).decode("utf-8", "replace").lstrip("/").partition("/")
    return bucket, key


class Reply(NamedTuple):
    """An answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def answer_of(app: Callable[..., Any], call: Call, account: str) -> Reply:
    """What a WSGI application, moto's, says to a call for an account."""
    host = call.headers.get("host", "127.0.0.1")
    name, _, port = host.partition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": call.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(call.path).decode("latin-1"),
        "RAW_URI": call.path + (f"?{call.query}" if call.query else ""),
        "QUERY_STRING": call.query,
        "SERVER_NAME": name,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(call.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(call.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for header, value in call.headers.items():
        if header == "content-type":
            environ["CONTENT_TYPE"] = value
        elif header not in ("content-length", "transfer-encoding"):
            environ["HTTP_" + header.upper().replace("-", "_")] = value
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
    answered: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        answered[:] = [int(status.split(maxsplit=1)[0]), headers]
        return lambda _: None

    chunks = app(environ, start_response)
    body = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    return Reply(answered[0], answered[1], body)
