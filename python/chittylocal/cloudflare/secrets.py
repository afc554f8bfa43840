"""Worker secrets: each change makes a version and deploys it, which no gate has seen."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from aiohttp import web

from chittylocal.cloudflare.account import Account
from chittylocal.cloudflare.envelope import Refused
from chittylocal.cloudflare.model import Script
from chittylocal.cloudflare.scripts import SCRIPT, add, named, require_latest_deployed, source_of
from chittylocal.cloudflare.uploads import next_version


def routes() -> list[tuple[str, str, Any]]:
    """Method, path and handler of the routes here."""
    return [
        ("GET", f"{SCRIPT}/secrets", list_secrets),
        ("PUT", f"{SCRIPT}/secrets", put),
        ("GET", f"{SCRIPT}/secrets/{{name}}", one),
        ("DELETE", f"{SCRIPT}/secrets/{{name}}", delete),
        ("PATCH", f"{SCRIPT}/secrets-bulk", bulk),
    ]


def _listed(script: Script) -> list[dict[str, str]]:
    secrets = script.latest.secrets if script.latest else []
    return [{"name": secret["name"], "type": secret["type"]} for secret in secrets]


async def list_secrets(account: Account, request: web.Request) -> list[dict[str, str]]:
    """Names and types; values are never given back."""
    return _listed(named(account, request))


async def one(account: Account, request: web.Request) -> dict[str, str]:
    """One secret's name and type."""
    name = unquote(request.match_info["name"])
    for secret in _listed(named(account, request)):
        if secret["name"] == name:
            return secret
    raise Refused(404, 10056, f"Secret {name!r} not found.")


async def put(account: Account, request: web.Request) -> dict[str, str]:
    """Create or replace a secret: `{"name", "text", "type": "secret_text"}` (10215)."""
    given = await request.json()
    secret = {"type": given.get("type", "secret_text"), "text": given.get("text", "")}
    await _change(account, request, {given["name"]: secret})
    return {"name": given["name"], "type": secret["type"]}


async def delete(account: Account, request: web.Request) -> None:
    """Remove a secret."""
    known = await one(account, request)
    await _change(account, request, {known["name"]: None})


async def bulk(account: Account, request: web.Request) -> list[dict[str, str]]:
    """Create, replace and (with null) remove many at once: `{"secrets": {NAME: {…} | null}}`."""
    given = await request.json()
    await _change(account, request, given.get("secrets") or {})
    return _listed(named(account, request))


async def _change(account: Account, request: web.Request, changes: dict[str, Any]) -> None:
    async with account.lock:
        script = account.draft(named(account, request).name)
        require_latest_deployed(script)
        version = next_version(account.store, script, changes, source_of(request), "secret")
        await add(account, script, version, deploy=True)
