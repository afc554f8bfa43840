"""Deployments: which versions take which share of a Worker's traffic."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from chittylocal.cloudflare.account import Account, check_shares
from chittylocal.cloudflare.envelope import Refused
from chittylocal.cloudflare.model import Script, Version
from chittylocal.cloudflare.scripts import SCRIPT, named, source_of

SHOWN = 100


def routes() -> list[tuple[str, str, Any]]:
    """Method, path and handler of the routes here."""
    return [
        ("GET", f"{SCRIPT}/deployments", list_deployments),
        ("POST", f"{SCRIPT}/deployments", create),
        ("GET", f"{SCRIPT}/deployments/{{deployment}}", one),
    ]


async def list_deployments(account: Account, request: web.Request) -> dict[str, Any]:
    """The deployments, newest first."""
    return {"deployments": shown(named(account, request))}


def shown(script: Script) -> list[dict[str, Any]]:
    """A script's deployments as the API lists them, newest first."""
    return [deployment.shown() for deployment in reversed(script.deployments)][:SHOWN]


async def one(account: Account, request: web.Request) -> dict[str, Any]:
    """One deployment."""
    wanted = request.match_info["deployment"]
    for deployment in named(account, request).deployments:
        if deployment.id == wanted:
            return deployment.shown()
    raise Refused(404, 100146, "workers.api.error.deployment_not_found")


async def create(account: Account, request: web.Request) -> dict[str, Any]:
    """Give traffic to versions: `{"strategy": "percentage", "versions": [{version_id, percentage}], …}`.

    Refused: unknown version (100146), shares that aren't 100 together, a version from before a migration, and
    without `force` an older version with other secrets (10220).
    """
    given = await request.json()
    strategy = given.get("strategy", "percentage")
    if strategy != "percentage":
        raise Refused(400, 10217, f"The strategy is percentage, not {strategy!r}.")
    try:
        shares = [
            {"version_id": str(share["version_id"]), "percentage": share["percentage"]} for share in given["versions"]
        ]
    except (KeyError, TypeError):
        raise Refused(400, 10217, "versions is a list of {version_id, percentage}.") from None
    async with account.lock:
        script = account.draft(named(account, request).name)
        check_shares(script, shares)
        forced = "true" in (request.query.get("force"), str(given.get("force")).lower())
        changed = [] if forced else changed_secrets(account, script, [share["version_id"] for share in shares])
        if changed:
            raise Refused(
                400, 10220,
                "Version could not be deployed: secrets were changed since it was created. "
                f"The following secrets have changed: {', '.join(changed)}",
            )  # fmt: skip
        deployment = account.deploy(script, shares, source_of(request), given.get("annotations") or {}, "deployment")
        await account.commit(script)
    return deployment.shown()


def changed_secrets(account: Account, script: Script, version_ids: list[str]) -> list[str]:
    """Names of secrets in which an older version of these differs from the newest one that serves now."""
    serving = [script.version(version_id) for version_id in (script.current.traffic() if script.current else ())]
    newest = max((version for version in serving if version), key=lambda version: version.number, default=None)
    if newest is None:
        return []
    older: list[Version] = [
        version for version in map(script.version, version_ids) if version and version.number < newest.number
    ]
    present = account.store.vault.of(newest.id)
    names: set[str] = set()
    for version in older:
        if version in serving:
            continue
        past = account.store.vault.of(version.id)
        names |= {name for name in {*past, *present} if past.get(name) != present.get(name)}
    return sorted(names)
