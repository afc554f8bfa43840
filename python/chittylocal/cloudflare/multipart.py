"""Take a multipart/form-data body apart, byte for byte: a wasm module must arrive as it was sent.

Written here because the parsers at hand stream from a connection (which a fault may have read already) or write
parts to temporary files, and a part may hold a secret.
"""

from __future__ import annotations

from email.message import Message
from typing import NamedTuple

from chittylocal.cloudflare.envelope import Refused


class Part(NamedTuple):
    """One field of the form. `type` is the media type without parameters; text without one is `text/plain`."""

    name: str
    type: str
    data: bytes


def parse(body: bytes, content_type: str) -> list[Part]:
    """The parts of `body` in order. Raises `Refused` when it is no form."""
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_boundary()
    if header.get_content_type() != "multipart/form-data" or not boundary:
        raise Refused(415, 10002, f"Content-Type must be multipart/form-data with a boundary, not {content_type!r}.")
    delimiter = b"\r\n--" + boundary.encode("latin-1")
    pieces = (b"\r\n" + body).split(delimiter)[1:]
    if not pieces or not pieces[-1].startswith(b"--"):
        raise Refused(400, 10002, "The multipart body ends before its closing boundary.")
    return [_part(piece) for piece in pieces[:-1]]


def _part(piece: bytes) -> Part:
    head, _, data = piece.partition(b"\r\n\r\n")
    headers = Message()
    for line in head.decode("utf-8", "surrogateescape").split("\r\n"):
        field, colon, value = line.partition(":")
        if colon:
            headers[field.strip()] = value.strip()
    name = headers.get_param("name", "", "Content-Disposition")
    text = str(name)
    # Browsers and undici escape these three in a field's name (WHATWG, multipart/form-data encoding algorithm).
    for escaped, plain in (("%22", '"'), ("%0D", "\r"), ("%0A", "\n")):
        text = text.replace(escaped, plain)
    return Part(text, headers.get_content_type(), data)
