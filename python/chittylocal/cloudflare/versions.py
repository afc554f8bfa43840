"""Versions: uploads that take no traffic by themselves."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from chittylocal.cloudflare import migrations
from chittylocal.cloudflare.account import Account
from chittylocal.cloudflare.envelope import Answer, no_such_version
from chittylocal.cloudflare.scripts import SCRIPT, add, named, read_form, remarks, source_of
from chittylocal.cloudflare.uploads import make_version, next_version

DEPLOYABLE = 100
"""How many of the newest versions can be deployed."""


def routes() -> list[tuple[str, str, Any]]:
    """Method, path and handler of the routes here."""
    return [
        ("GET", f"{SCRIPT}/versions", list_versions),
        ("POST", f"{SCRIPT}/versions", upload),
        ("GET", f"{SCRIPT}/versions/{{version}}", one),
        ("PATCH", "/accounts/{account}/workers/workers/{script}/versions/latest", change_latest),
    ]


async def list_versions(account: Account, request: web.Request) -> Answer:
    """The versions, newest first; as pages when `page` and `per_page` ask for them."""
    items = [version.listed() for version in reversed(named(account, request).versions)][:DEPLOYABLE]
    size = int(request.query.get("per_page", DEPLOYABLE))
    number = int(request.query.get("page", 1))
    shown = items[(number - 1) * size : number * size]
    info = {"page": number, "per_page": size, "count": len(shown), "total_count": len(items)}
    return Answer({"items": shown}, {**info, "total_pages": -(-len(items) // size)})


async def upload(account: Account, request: web.Request) -> Answer:
    """Add a version. Refused where the Worker doesn't exist (10007) or a migration is pending (10211)."""
    name = named(account, request).name
    form = await read_form(request)
    async with account.lock:
        script = account.draft(name)
        migrations.refuse_in_version(script, form.metadata)
        version = make_version(account.store, script, form, source_of(request), "version_upload")
        script.last_from = version.source
        await add(account, script, version, deploy=False)
    return Answer(version.shown(), messages=remarks(version))


async def one(account: Account, request: web.Request) -> dict[str, Any]:
    """One version with its resources (10007, 100146)."""
    version = named(account, request).version(request.match_info["version"])
    if version is None:
        raise no_such_version()
    return version.shown()


async def change_latest(account: Account, request: web.Request) -> dict[str, Any]:
    """A new version with changed bindings, as `versions secret put` asks for: `{"env": {NAME: binding | null}}`."""
    given = await request.json()
    async with account.lock:
        script = account.draft(named(account, request).name)
        version = next_version(
            account.store, script, given.get("env") or {}, source_of(request), "secret", given.get("annotations")
        )
        await add(account, script, version, deploy=False)
    return version.shown()
