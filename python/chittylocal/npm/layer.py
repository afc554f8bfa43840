"""What stands between a caller and verdaccio: tokens, the exchange of id tokens, and the passing on.

npm asks for the exchange at the root of the registry's origin, whatever path the registry has.

Changes of one package are passed on one after the other: of two publishes at once verdaccio takes one, and may then
serve the bytes of the other, which no registry would do.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections import defaultdict
from typing import Any
from urllib.parse import quote, unquote

import aiohttp
from aiohttp import web

from chittylocal.npm.tokens import Grant, Tokens
from chittylocal.npm.verdaccio import Unavailable, Verdaccio

EXCHANGE = "/-/npm/v1/oidc/token/exchange/package/"
DROPPED = frozenset(
    ("authorization", "connection", "content-length", "host", "keep-alive", "proxy-connection", "te", "trailer",
     "transfer-encoding", "upgrade", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-prefix")
)  # fmt: skip
"""Headers that are for one connection, and those that say who asks or where."""


class Layer:
    """Answers for the registry.

    Attributes:
        published: what was taken, oldest first: name, version, tag, access, by (the user).
    """

    def __init__(self, verdaccio: Verdaccio, tokens: Tokens) -> None:
        self._verdaccio = verdaccio
        self._tokens = tokens
        self._session: aiohttp.ClientSession | None = None
        self._changing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.published: list[dict[str, Any]] = []

    def routes(self) -> list[web.RouteDef]:
        """`/npm/…`, and what npm asks at the origin's root."""
        return [
            web.post("/npm" + EXCHANGE + "{name:.+}", self.exchange),
            web.post(EXCHANGE + "{name:.+}", self.exchange),
            web.route("*", "/npm", self.pass_on),
            web.route("*", "/npm/{tail:.*}", self.pass_on),
        ]

    async def close(self) -> None:
        """End the connections to verdaccio."""
        if self._session:
            await self._session.close()

    async def exchange(self, request: web.Request) -> web.StreamResponse:
        """A token for one package, for a trusted workflow's id token."""
        package = unquote(request.match_info["name"])
        scheme, _, id_token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or self._verdaccio.packument(package) is None:
            return _refusal(404, "OIDC token exchange error - package not found")
        host = request.host.partition(":")[0]
        try:
            token = self._tokens.exchange(id_token, package, host)
        except PermissionError as refusal:
            return _refusal(404, f"OIDC token exchange error - {refusal}")
        return web.json_response({"token": token, "token_type": "oidc"}, status=201)

    async def pass_on(self, request: web.Request) -> web.StreamResponse:
        """Let verdaccio answer, as the user whom the token names."""
        path = request.rel_url.raw_path.removeprefix("/npm") or "/"
        grant: Grant | None = None
        if authorization := request.headers.get("Authorization", ""):
            scheme, _, token = authorization.partition(" ")
            grant = self._tokens.grant(token) if scheme.lower() == "bearer" else None
            if grant is None:
                return _refusal(401, "authentication token not valid")
        package = _package(path)
        changes = request.method not in ("GET", "HEAD")
        if grant and grant.package and changes and package != grant.package:
            return _refusal(403, f"this token is for {grant.package} alone")
        try:
            async with self._changing[package] if changes else contextlib.nullcontext():
                answer = await self._ask(request, path, grant)
        except Unavailable as unavailable:
            return _refusal(503, str(unavailable))
        except aiohttp.ClientError as gone:
            return _refusal(502, f"verdaccio did not answer: {type(gone).__name__}")
        if request.method == "PUT" and answer.status in (200, 201) and package == _whole(path):
            self._note(await request.read(), grant)
        return answer

    async def _ask(self, request: web.Request, path: str, grant: Grant | None) -> web.Response:
        origin = await self._verdaccio.origin()
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in DROPPED]
        # The addresses of tarballs are made of these two.
        headers += [("Host", request.host), ("X-Forwarded-Proto", request.scheme)]
        if grant:
            headers.append(("Authorization", self._verdaccio.authorization(quote(grant.user, safe=""))))
        query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
        body = await request.read() or None  # also after a fault has read it
        if self._session is None:
            self._session = aiohttp.ClientSession(
                auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )  # fmt: skip
        # As it came: %2f in a package's name is no slash.
        url = type(request.url)(origin + path + query, encoded=True)
        async with self._session.request(
            request.method, url, headers=headers, data=body, allow_redirects=False
        ) as answer:
            told = [(name, value) for name, value in answer.headers.items() if name.lower() not in DROPPED]
            return web.Response(status=answer.status, reason=answer.reason, headers=told, body=await answer.read())

    def _note(self, body: bytes, grant: Grant | None) -> None:
        """Write down a publish (a packument with the tarball attached)."""
        try:
            document = json.loads(body)
        except ValueError:
            return
        if not isinstance(document, dict) or not document.get("_attachments"):
            return
        version = next(iter(document.get("versions") or {}), "")
        tag = next(iter(document.get("dist-tags") or {}), "")
        by = grant.user.partition(":")[0] if grant else ""
        self.published.append(
            {"name": document.get("name"), "version": version, "tag": tag, "access": document.get("access"), "by": by}
        )


def _package(path: str) -> str:
    """The package that a path is about: `/@scope%2fname/…`, `/name`, `/-/package/name/dist-tags/latest`."""
    text = unquote(path).removeprefix("/-/package/").removeprefix("/")
    found = re.match(r"(@[^/]+/)?[^/]+", text)
    return found.group() if found else ""


def _whole(path: str) -> str:
    """The path as a package's name: itself, where nothing follows it."""
    return unquote(path).removeprefix("/")


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"error": message, "message": message}, status=status)
