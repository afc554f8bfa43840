"""Custom domains: host names whose whole traffic goes to one Worker."""

from __future__ import annotations

import uuid
from typing import Any

from aiohttp import web

from chittylocal.cloudflare.account import Account
from chittylocal.cloudflare.envelope import Answer, Refused, page
from chittylocal.cloudflare.scripts import SCRIPT, named

DOMAINS = "/accounts/{account}/workers/domains"


def routes() -> list[tuple[str, str, Any]]:
    """Method, path and handler of the routes here."""
    return [
        ("GET", DOMAINS, list_domains),
        ("PUT", DOMAINS, attach),
        ("GET", f"{DOMAINS}/records", list_domains),
        ("GET", f"{DOMAINS}/records/{{domain}}", one),
        ("GET", f"{DOMAINS}/{{domain}}", one),
        ("DELETE", f"{DOMAINS}/{{domain}}", detach),
        ("POST", f"{SCRIPT}/domains/changeset", changeset),
        ("PUT", f"{SCRIPT}/domains/records", set_domains),
        ("GET", f"{SCRIPT}/domains/records", script_domains),
    ]


async def list_domains(account: Account, request: web.Request) -> Answer:
    """The custom domains, filtered by `hostname`, `service`, `zone_id` or `zone_name`."""
    filters = ("hostname", "service", "zone_id", "zone_name")
    wanted = {name: request.query[name] for name in filters if name in request.query}
    return page([domain for domain in _all(account) if all(domain[name] == value for name, value in wanted.items())])


async def script_domains(account: Account, request: web.Request) -> Answer:
    """The custom domains of one Worker."""
    script = named(account, request)
    return page([domain for domain in _all(account) if domain["service"] == script.name])


async def one(account: Account, request: web.Request) -> dict[str, Any]:
    """One custom domain by its id."""
    return _known(account, request)


async def attach(account: Account, request: web.Request) -> dict[str, Any]:
    """Lead one host name to a Worker, also away from another one: `{"hostname", "service", "zone_id"}`.

    The documented request has no word about a Worker that serves the name already, and clients move a name by it:
    it is taken over here, too, unless `override_existing_origin` is false.
    """
    given = await request.json()
    account.store.script(given["service"])
    async with account.lock:
        override = given.get("override_existing_origin") is not False
        _refuse_conflict(account, [given["hostname"]], given["service"], override)
        return _put(account, given, given["service"])


async def detach(account: Account, request: web.Request) -> dict[str, Any]:
    """Lead a host name nowhere."""
    async with account.lock:
        domain = _known(account, request)
        del account.store.account["domains"][domain["id"]]
        account.store.save()
    return {"id": domain["id"]}


async def changeset(account: Account, request: web.Request) -> dict[str, Any]:
    """What `set_domains` would do to reach `[{"hostname", …}]`; changes nothing."""
    script, wanted = named(account, request), await request.json()
    known = {domain["hostname"]: domain for domain in _all(account)}
    names = {item["hostname"] for item in wanted}
    replaced = request.query.get("replace_state") == "true"
    return {
        "added": [_planned(account, item, script.name) for item in wanted if item["hostname"] not in known],
        "removed": [
            domain for domain in known.values()
            if replaced and domain["service"] == script.name and domain["hostname"] not in names
        ],
        "updated": [
            {**known[item["hostname"]], "modified": known[item["hostname"]]["service"] != script.name}
            for item in wanted if item["hostname"] in known
        ],
        "conflicting": [],
    }  # fmt: skip


async def set_domains(account: Account, request: web.Request) -> list[dict[str, Any]]:
    """Give a Worker exactly these domains: `{"override_existing_origin", "origins": [{"hostname", …}]}`."""
    given = await request.json()
    async with account.lock:
        script, origins = named(account, request), given.get("origins") or []
        names = [origin["hostname"] for origin in origins]
        _refuse_conflict(account, names, script.name, bool(given.get("override_existing_origin")))
        account.store.account["domains"] = {
            domain["id"]: domain for domain in _all(account)
            if domain["service"] != script.name or domain["hostname"] in names
        }  # fmt: skip
        return [_put(account, origin, script.name) for origin in origins]


def _all(account: Account) -> list[dict[str, Any]]:
    return list(account.store.account["domains"].values())


def _known(account: Account, request: web.Request) -> dict[str, Any]:
    try:
        domain: dict[str, Any] = account.store.account["domains"][request.match_info["domain"]]
    except KeyError:
        raise Refused(404, 100114, "workers.api.error.domain_not_found") from None
    return domain


def _planned(account: Account, wanted: dict[str, Any], service: str) -> dict[str, Any]:
    zone = account.store.zone_for(wanted.get("zone_name") or wanted["hostname"])
    return {
        "id": uuid.uuid4().hex, "hostname": wanted["hostname"].lower(), "service": service, "environment": "production",
        "zone_id": wanted.get("zone_id") or zone["id"], "zone_name": zone["name"],
        "enabled": wanted.get("enabled") is not False, "previews_enabled": wanted.get("previews_enabled") is True,
    }  # fmt: skip


def _put(account: Account, wanted: dict[str, Any], service: str) -> dict[str, Any]:
    domain = _planned(account, wanted, service)
    for known in _all(account):
        if known["hostname"] == domain["hostname"]:
            domain["id"] = known["id"]
    account.store.account["domains"][domain["id"]] = domain
    account.store.save()
    return domain


def _refuse_conflict(account: Account, hostnames: list[str], service: str, override: bool) -> None:
    for domain in _all(account):
        if domain["hostname"] in hostnames and domain["service"] != service and not override:
            raise Refused(
                409, 100116,
                f"Hostname '{domain['hostname']}' is already in use by the Worker '{domain['service']}'. Either remove "
                "it there, try a different hostname, or use the option 'override_existing_origin' to override.",
            )  # fmt: skip
