"""The S3 listener: what R2 is strict about is verified here, then moto answers."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from urllib.parse import parse_qs

from aiohttp import web

from chittylocal.r2 import checks
from chittylocal.r2.calls import Call, Reply
from chittylocal.r2.engine import Engine
from chittylocal.r2.refusals import Refused

HOP_BY_HOP = frozenset({"connection", "transfer-encoding", "date", "server", "content-length"})


class Layer:
    """Handles every request of the listener."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def handle(self, request: web.Request) -> web.Response:
        """One answer, unsent."""
        path, _, query = request.raw_path.partition("?")
        headers: dict[str, str] = {}
        for name, value in request.headers.items():
            lower = name.lower()
            headers[lower] = f"{headers[lower]},{value}" if lower in headers else value
        call = Call(request.method, path, query, headers, await request.read())
        try:
            reply = await asyncio.to_thread(self._answer, call)
        except Refused as refused:
            return web.Response(
                status=refused.status,
                body=b"" if request.method == "HEAD" else refused.xml(),
                content_type="application/xml",
            )
        return _response(request, reply)

    def _answer(self, call: Call) -> Reply:
        headers = call.headers
        checks.signature_form(headers, datetime.now(timezone.utc))
        checks.body_is_as_said(headers, call.body)
        with self._engine.held():
            self._engine.authenticate(call)
            query = parse_qs(call.query, keep_blank_values=True)
            self._allowed(call, query)
            reply = self._engine.send(call)
            if reply.status < 300 and call.method not in ("GET", "HEAD"):
                self._note(call, query)
        if call.method == "GET" and "uploadId" in query:  # moto calls it by another name than S3
            reply = reply._replace(body=reply.body.replace(b"ListPartsResponse", b"ListPartsResult"))
        return reply

    def _allowed(self, call: Call, query: dict[str, list[str]]) -> None:
        """Raise `Refused` for what R2 refuses and moto would do."""
        bucket, key = call.place
        upload = query.get("uploadId", [""])[0]
        if upload:
            parts = self._engine.parts(bucket, upload)
            if parts is None:
                raise Refused(404, "NoSuchUpload", "The specified multipart upload does not exist.")
            if call.method == "PUT":
                checks.part_number(query.get("partNumber", [""])[0])
            elif call.method == "POST":
                checks.parts_fit(call.body, parts)
        if key and (call.method == "PUT" or (call.method == "POST" and upload)) and "partNumber" not in query:
            if source := call.source:
                checks.conditions(call.headers, self._engine.object(*source), "x-amz-copy-source-")
            there = self._engine.object(bucket, key)
            checks.conditions(call.headers, there)
            checks.conditions(call.headers, there, "cf-copy-destination-")

    def _note(self, call: Call, query: dict[str, list[str]]) -> None:
        """Write down what the request changed."""
        bucket, key = call.place
        if not key:
            if call.method == "POST" and "delete" in query:
                self._engine.forget_missing(bucket)
            elif not query:
                self._engine.bucket_changed(bucket)
        elif "partNumber" not in query and "uploads" not in query and not (call.method == "DELETE" and query):
            self._engine.kept(bucket, key)


def _response(request: web.Request, reply: Reply) -> web.Response:
    response = web.Response(status=reply.status, body=reply.body)
    for name, value in reply.headers:
        if name.lower() not in HOP_BY_HOP or (name.lower() == "content-length" and request.method == "HEAD"):
            response.headers[name] = value
    return response
