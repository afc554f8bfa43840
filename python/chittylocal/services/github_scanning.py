"""GitHub's code scanning, as far as findings are handed to it: uploads of SARIF, unpacked and kept."""

from __future__ import annotations

import asyncio
import base64
import binascii
import gzip
import json
import re
import uuid
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from chittylocal.services.github_answers import Handler, Refusal, repository_of

if TYPE_CHECKING:
    from chittylocal.services.github_data import Data

LARGEST = 10 * 1024 * 1024
"""Bytes of a packed file that GitHub takes."""

OFF = "Code Security must be enabled for this repository to use code scanning."


class Scanning:
    """The uploads of every repository.

    Attributes:
        permitted: whether the workflow's token has `security-events: write`.
        enabled: whether the repositories have code scanning at all; a private one needs a plan for it.
    """

    def __init__(self) -> None:
        self.permitted = True
        self.enabled = True
        self._uploads: list[dict[str, Any]] = []

    def uploads(self, name: str) -> list[dict[str, Any]]:
        """What was handed over for a repository `owner/name`, oldest first: `commit_sha`, `ref`, `sarif` as data."""
        return [one for one in self._uploads if one["repository"] == name.lower()]

    def take(self, name: str, asked: dict[str, Any]) -> str:
        """Keep an upload; returns its id. Raises Refusal as GitHub refuses one."""
        commit, ref, packed = str(asked["commit_sha"]), str(asked["ref"]), str(asked["sarif"])
        if not re.fullmatch(r"[0-9a-fA-F]{40}", commit) or not re.match(r"refs/(heads|tags|pull)/.", ref):
            raise Refusal(422, "Validation Failed")
        try:
            text = gzip.decompress(base64.b64decode(packed, validate=True))
        except (binascii.Error, OSError, EOFError, zlib.error):
            raise Refusal(400, "Invalid SARIF. It has to be gzipped and in base64.") from None
        if len(packed) > LARGEST:
            raise Refusal(413, "Payload Too Large")
        sarif = json.loads(text)
        if sarif.get("version") != "2.1.0" or not isinstance(sarif.get("runs"), list):
            raise Refusal(400, "Invalid SARIF. JSON schema validation failed.")
        number = str(uuid.uuid4())
        entry = {"id": number, "repository": name.lower(), "commit_sha": commit, "ref": ref, "sarif": sarif}
        self._uploads.append(entry)
        return number


class Routes:
    """The routes over `Scanning`."""

    def __init__(self, data: Data) -> None:
        self._scanning = data.scanning

    async def upload(self, request: web.Request) -> web.Response:
        """`POST …/code-scanning/sarifs`."""
        if not self._scanning.permitted:
            raise Refusal(403, "Resource not accessible by integration")
        if not self._scanning.enabled:
            raise Refusal(403, OFF)
        asked = json.loads(await request.text())
        number = await asyncio.to_thread(self._scanning.take, repository_of(request), asked)
        return web.json_response({"id": number, "url": f"{request.url}/{number}"}, status=202)

    async def status(self, request: web.Request) -> web.Response:
        """`GET …/code-scanning/sarifs/{sarif}`."""
        known = [one["id"] for one in self._scanning.uploads(repository_of(request))]
        if request.match_info["sarif"] not in known:
            raise Refusal(404, "Not Found")
        return web.json_response({"processing_status": "complete", "analyses_url": "", "errors": None})


def routes(data: Data, guarded: Callable[..., Handler]) -> list[web.RouteDef]:
    """`code-scanning/sarifs` under `/github/repos/{owner}/{repo}`."""
    hub = Routes(data)
    of = "/github/repos/{owner}/{repo}/code-scanning/sarifs"
    return [
        web.post(of, guarded(hub.upload, "security_events")),
        web.get(of + "/{sarif}", guarded(hub.status, "security_events")),
    ]
