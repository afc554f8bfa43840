"""What leads to a Worker besides custom domains: workers.dev, routes, schedules; and the zones that they lie in."""

from __future__ import annotations

import uuid
from typing import Any

from aiohttp import web

from chittylocal.cloudflare.account import Account
from chittylocal.cloudflare.envelope import Answer, Refused, page
from chittylocal.cloudflare.scripts import SCRIPT, named
from chittylocal.state import now

ZONE_ROUTES = "/zones/{zone}/workers/routes"


def routes() -> list[tuple[str, str, Any]]:
    """Method, path and handler of the routes here."""
    return [
        ("GET", "/accounts/{account}/workers/subdomain", account_subdomain),
        ("PUT", "/accounts/{account}/workers/subdomain", set_account_subdomain),
        ("GET", f"{SCRIPT}/subdomain", subdomain),
        ("POST", f"{SCRIPT}/subdomain", set_subdomain),
        ("GET", f"{SCRIPT}/schedules", schedules),
        ("PUT", f"{SCRIPT}/schedules", set_schedules),
        ("GET", "/zones", zones),
        ("GET", "/zones/{zone}", one_zone),
        ("GET", ZONE_ROUTES, zone_routes),
        ("POST", ZONE_ROUTES, add_route),
        ("PUT", f"{ZONE_ROUTES}/{{route}}", change_route),
        ("DELETE", f"{ZONE_ROUTES}/{{route}}", delete_route),
        ("PUT", f"{SCRIPT}/routes", set_routes),
        ("GET", "/accounts/{account}/workers/services/{script}/environments/{environment}/routes", script_routes),
    ]


async def account_subdomain(account: Account, request: web.Request) -> dict[str, str]:
    """The account's name under workers.dev."""
    return {"subdomain": account.store.account["subdomain"]}


async def set_account_subdomain(account: Account, request: web.Request) -> dict[str, str]:
    """Change the account's name under workers.dev."""
    account.store.account["subdomain"] = (await request.json())["subdomain"]
    account.store.save()
    return await account_subdomain(account, request)


async def subdomain(account: Account, request: web.Request) -> dict[str, bool]:
    """Whether the Worker answers on workers.dev, and its versions on preview hosts."""
    script = named(account, request)
    return {"enabled": script.workers_dev, "previews_enabled": script.previews}


async def set_subdomain(account: Account, request: web.Request) -> dict[str, bool]:
    """Switch workers.dev; previews follow it unless they are named."""
    given = await request.json()
    async with account.lock:
        script = named(account, request)
        script.workers_dev = bool(given["enabled"])
        previews = given.get("previews_enabled")
        script.previews = script.workers_dev if previews is None else bool(previews)
        account.store.save(script)
    return await subdomain(account, request)


async def schedules(account: Account, request: web.Request) -> dict[str, Any]:
    """The cron triggers; they are kept and never fire by themselves."""
    return {"schedules": named(account, request).schedules}


async def set_schedules(account: Account, request: web.Request) -> dict[str, Any]:
    """Replace the cron triggers: `[{"cron": "*/5 * * * *"}]`."""
    given = await request.json()
    async with account.lock:
        script = named(account, request)
        known = {schedule["cron"]: schedule for schedule in script.schedules}
        script.schedules = [
            known.get(item["cron"], {"cron": item["cron"], "created_on": now(), "modified_on": now()}) for item in given
        ]
        account.store.save(script)
    return {"schedules": script.schedules}


async def zones(account: Account, request: web.Request) -> Answer:
    """The zones; asked by name, every registrable domain is one, and a name below it is none."""
    name = request.query.get("name")
    if not name:
        return page(list(account.store.account["zones"].values()))
    zone = account.store.zone_for(name)
    account.store.save()
    return page([zone] if zone["name"] == name.lower() else [])


async def one_zone(account: Account, request: web.Request) -> dict[str, Any]:
    """One zone by its id."""
    return _zone(account, request.match_info["zone"])


def _zone(account: Account, zone_id: str) -> dict[str, Any]:
    zone: dict[str, Any] | None = account.store.account["zones"].get(zone_id)
    if zone is None:
        raise Refused(403, 9109, f"Unauthorized to access requested resource: there is no zone {zone_id!r}.")
    return zone


async def script_routes(account: Account, request: web.Request) -> list[dict[str, Any]]:
    """The routes of one Worker in all zones, each with its zone's name."""
    script = named(account, request)
    known = account.store.account["zones"]
    return [
        {**_shown(route), "zone_name": known[route["zone"]]["name"]}
        for route in account.store.account["routes"].values()
        if route["script"] == script.name
    ]


def _shown(route: dict[str, Any]) -> dict[str, Any]:
    return {name: route[name] for name in ("id", "pattern", "script")}


async def zone_routes(account: Account, request: web.Request) -> Answer:
    """The routes of a zone."""
    zone = _zone(account, request.match_info["zone"])
    return page([_shown(route) for route in account.store.account["routes"].values() if route["zone"] == zone["id"]])


async def add_route(account: Account, request: web.Request) -> dict[str, Any]:
    """Add a route: `{"pattern", "script"?}`; refused where the pattern is taken (10020)."""
    zone = _zone(account, request.match_info["zone"])
    given = await request.json()
    async with account.lock:
        _refuse_taken(account, given["pattern"])
        return _shown(_put_route(account, zone["id"], given["pattern"], given.get("script")))


async def change_route(account: Account, request: web.Request) -> dict[str, Any]:
    """Change a route's pattern or script."""
    given = await request.json()
    async with account.lock:
        known = _route(account, request)
        if given["pattern"] != known["pattern"]:
            _refuse_taken(account, given["pattern"])
        return _shown(_put_route(account, known["zone"], given["pattern"], given.get("script"), known["id"]))


async def delete_route(account: Account, request: web.Request) -> dict[str, Any]:
    """Remove a route."""
    async with account.lock:
        known = _route(account, request)
        del account.store.account["routes"][known["id"]]
        account.store.save()
    return {"id": known["id"]}


async def set_routes(account: Account, request: web.Request) -> list[dict[str, Any]]:
    """Replace all routes of a Worker: `[{"pattern", "zone_id"?, "zone_name"?}]`."""
    given = await request.json()
    async with account.lock:
        script = named(account, request)
        for item in given:
            _refuse_taken(account, item["pattern"], by=script.name)
        known = account.store.account["routes"]
        kept = {id_: route for id_, route in known.items() if route["script"] != script.name}
        account.store.account["routes"] = kept
        return [_shown(_put_route(account, _zone_of(account, item), item["pattern"], script.name)) for item in given]


def _zone_of(account: Account, route: dict[str, Any]) -> str:
    if route.get("zone_id"):
        return str(route["zone_id"])
    host = route.get("zone_name") or route["pattern"].split("://")[-1].split("/")[0].lstrip("*.")
    return str(account.store.zone_for(host)["id"])


def _put_route(
    account: Account, zone_id: str, pattern: str, script: str | None, id_: str | None = None
) -> dict[str, Any]:
    if script:
        account.store.script(script)
    route = {"id": id_ or uuid.uuid4().hex, "zone": zone_id, "pattern": pattern, "script": script}
    account.store.account["routes"][route["id"]] = route
    account.store.save()
    return route


def _route(account: Account, request: web.Request) -> dict[str, Any]:
    try:
        route: dict[str, Any] = account.store.account["routes"][request.match_info["route"]]
    except KeyError:
        raise Refused(404, 10029, "workers.api.error.route_not_found") from None
    return route


def _refuse_taken(account: Account, pattern: str, *, by: str = "") -> None:
    for route in account.store.account["routes"].values():
        if route["pattern"] == pattern and route["script"] != by:
            message = f"A route with the same pattern already exists: {pattern} leads to {route['script']!r}."
            raise Refused(409, 10020, message)
