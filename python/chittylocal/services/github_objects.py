"""GitHub's routes for git's own objects: trees and blobs by their names."""

from __future__ import annotations

import asyncio
import base64
import re
from typing import Any

from aiohttp import web

from chittylocal.services.github_answers import RAW, Refusal
from chittylocal.services.github_data import Data
from chittylocal.services.github_gate import Guarded, repository_asked
from chittylocal.services.github_git import Entry

OID = re.compile(r"[0-9a-f]{40}")
LARGEST = 100 * 1024 * 1024
"""Bytes of a blob that GitHub hands out."""


class Objects:
    """The routes over `Data`; each runs in a thread, since git is a program."""

    def __init__(self, data: Data) -> None:
        self._data = data

    async def tree(self, request: web.Request) -> web.Response:
        """`GET …/git/trees/{ref}`: a branch's, a commit's or a tree's own; all of it by `recursive`."""
        return await asyncio.to_thread(self._tree, request)

    def _tree(self, request: web.Request) -> web.Response:
        name, repository = repository_asked(self._data, request)
        if repository.empty:
            raise Refusal(409, "Git Repository is empty.")
        found = repository.named_tree(request.match_info["ref"], recursive="recursive" in request.query)
        if found is None:
            raise Refusal(404, "Not Found")
        root, entries = found
        most, place = self._data.limits.most_entries, f"{self._data.api_url}/repos/{name}/git"
        tree = [_shown(place, entry) for entry in entries[:most]]
        shown = {"sha": root, "url": f"{place}/trees/{root}", "tree": tree, "truncated": len(entries) > most}
        return web.json_response(shown)

    async def blob(self, request: web.Request) -> web.Response:
        """`GET …/git/blobs/{sha}`: base64, or the bytes themselves by the raw media type."""
        return await asyncio.to_thread(self._blob, request)

    def _blob(self, request: web.Request) -> web.Response:
        name, repository = repository_asked(self._data, request)
        sha = request.match_info["sha"]
        if not OID.fullmatch(sha):
            raise Refusal(422, "The sha parameter must be exactly 40 characters and contain only [0-9a-f].")
        content = repository.find_blob(sha)
        if content is None:
            raise Refusal(404, "Not Found")
        if len(content) > LARGEST:
            error = {"resource": "Blob", "field": "data", "code": "too_large"}
            raise Refusal(403, "This API returns blobs up to 100 MB in size.", [error])
        if RAW.search(request.headers.get("Accept", "")):
            return web.Response(body=content, content_type="application/vnd.github.raw+json")
        url = f"{self._data.api_url}/repos/{name}/git/blobs/{sha}"
        shown: dict[str, Any] = {"sha": sha, "size": len(content), "url": url, "encoding": "base64"}
        return web.json_response(shown | {"content": base64.encodebytes(content).decode()})


def routes(data: Data, guarded: Guarded) -> list[web.RouteDef]:
    """`git/trees` and `git/blobs` under `/github/repos/{owner}/{repo}`."""
    hub = Objects(data)
    of = "/github/repos/{owner}/{repo}/git"
    return [
        web.get(of + "/trees/{ref:.+}", guarded(hub.tree, "contents")),
        web.get(of + "/blobs/{sha}", guarded(hub.blob, "contents")),
    ]


def _shown(place: str, entry: Entry) -> dict[str, Any]:
    shown = {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.sha}
    if entry.kind == "commit":  # it is another repository's
        return shown
    size = {"size": entry.size} if entry.kind == "blob" else {}
    return shown | size | {"url": f"{place}/{entry.kind}s/{entry.sha}"}
