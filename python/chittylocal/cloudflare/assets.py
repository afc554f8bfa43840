"""Static assets: a manifest opens an upload session, which asks for what it lacks and ends with a token.

Source: https://developers.cloudflare.com/workers/static-assets/direct-upload/
"""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

from aiohttp import web

from chittylocal.cloudflare import multipart
from chittylocal.cloudflare.account import Account
from chittylocal.cloudflare.envelope import Refused

FILES_IN_BUCKET = 50


def routes() -> list[tuple[str, str, Any]]:
    """Method, path and handler of the routes here."""
    return [
        ("POST", "/accounts/{account}/workers/scripts/{script}/assets-upload-session", open_session),
        ("POST", "/accounts/{account}/workers/assets/upload", upload),
    ]


async def open_session(account: Account, request: web.Request) -> dict[str, Any]:
    """Take a manifest `{"manifest": {"/path": {"hash", "size"}}}`; answer which hashes to upload."""
    manifest = (await request.json()).get("manifest") or {}
    store = account.store
    files = {path: entry["hash"] for path, entry in manifest.items()}
    missing = sorted({digest for digest in files.values() if not store.asset(digest).exists()})
    # wrangler reads claims out of the token's middle part, so that it has to look like a JWT.
    claims = base64.urlsafe_b64encode(json.dumps({"session": uuid.uuid4().hex}).encode()).decode().rstrip("=")
    token = f"e30.{claims}.local"
    buckets = [missing[start : start + FILES_IN_BUCKET] for start in range(0, len(missing), FILES_IN_BUCKET)]
    store.account["assets"] = {token: {"files": files, "complete": not missing}, **_newest(store.account["assets"])}
    store.save()
    return {"jwt": token, "buckets": buckets}


async def upload(account: Account, request: web.Request) -> web.Response:
    """Take files of a session, each a part named by its hash and in base64; the last one completes the session."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    session = account.store.account["assets"].get(token)
    if session is None:
        raise Refused(401, 10000, "Authentication error")
    for part in multipart.parse(await request.read(), request.headers.get("Content-Type", "")):
        if part.name not in session["files"].values():
            raise Refused(400, 100316, f"The manifest has no file with the hash {part.name}.")
        path = account.store.asset(part.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(part.data))
    session["complete"] = all(account.store.asset(digest).exists() for digest in session["files"].values())
    account.store.save()
    body = {"success": True, "errors": [], "messages": [], "result": {"jwt": token} if session["complete"] else {}}
    return web.json_response(body, status=201 if session["complete"] else 202)


def _newest(sessions: dict[str, Any]) -> dict[str, Any]:
    return dict(list(sessions.items())[:50])
