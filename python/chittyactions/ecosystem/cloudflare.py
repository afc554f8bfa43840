"""Cloudflare's API, as far as a deploy needs it: what serves, traffic, triggers, who owns a domain."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from chittyactions.ecosystem.cloudflare_answers import (
    AccountSubdomain,
    Deployment,
    Deployments,
    Domain,
    Made,
    Route,
    RouteInZone,
    Schedules,
    Service,
    Share,
    Subdomain,
    Version,
    Versions,
    Zone,
)
from chittyactions.ecosystem.cloudflare_codes import NO_SUCH_SERVICE, NO_SUCH_WORKER
from chittyactions.ecosystem.cloudflare_wire import Wire
from chittyactions.errors import Refused

BASE_URL = "https://api.cloudflare.com/client/v4"
BASE_URLS = {"fedramp_high": "https://api.fed.cloudflare.com/client/v4"}
"""Of the compliance regions that have an API of their own."""


class Cloudflare:
    """The Workers of one account.

    Every method raises Refused (with Cloudflare's code, explained), Unreachable, AnswerLost or BadAnswer.
    """

    def __init__(self, wire: Wire, account_id: str) -> None:
        self._wire = wire
        self._account = f"/accounts/{account_id}/workers"
        self.account_id = account_id

    def hurry(self, seconds: float) -> None:
        """Give the call under way and every later one at most `seconds`: a cancelled job has seven and a half."""
        self._wire.hurry(seconds)

    # -- versions and traffic ----------------------------------------------------------------------------------

    def deployments(self, script: str) -> tuple[Deployment, ...] | None:
        """The Worker's deployments, newest first (the first one serves); None when there is no such Worker."""
        try:
            answer = self._wire.call("GET", f"{self._script(script)}/deployments", Deployments)
        except Refused as refusal:
            if refusal.code in (NO_SUCH_WORKER, NO_SUCH_SERVICE):
                return None
            raise
        return answer.deployments

    def deploy(self, script: str, shares: tuple[Share, ...], message: str, *, restore: bool = False) -> str:
        """Give the traffic to `shares` and return the deployment's id. Sent once: a lost answer is the caller's.

        `restore` passes over changed secrets, and has Durable Objects take the code at once.
        """
        body: dict[str, Any] = {
            "strategy": "percentage",
            "versions": [share.model_dump() for share in shares],
            "annotations": {"workers/message": message},
        }
        if restore:
            body["code_update_strategy"] = {"mode": "immediate"}
        path = f"{self._script(script)}/deployments" + ("?force=true" if restore else "")
        return self._wire.call("POST", path, Made, body, repeatable=False).id

    def version(self, script: str, version_id: str) -> Version:
        """One version with its annotations."""
        return self._wire.call("GET", f"{self._script(script)}/versions/{quote(version_id, safe='')}", Version)

    def versions(self, script: str) -> tuple[Version, ...]:
        """The versions that may be deployed, newest first."""
        return self._wire.call("GET", f"{self._script(script)}/versions?deployable=true", Versions).items

    def migration_tag(self, script: str) -> str:
        """The last Durable Object migration that was applied to the Worker, "" before the first."""
        service = self._wire.call("GET", f"{self._account}/services/{quote(script, safe='')}", Service)
        return service.default_environment.script.migration_tag or ""

    def change_settings(self, script: str, settings: dict[str, Any]) -> None:
        """Settings that belong to no version: logpush, tail consumers, observability."""
        self._wire.ask("PATCH", f"{self._script(script)}/script-settings", settings)

    # -- triggers ----------------------------------------------------------------------------------------------

    def account_subdomain(self) -> str:
        """The account's name under workers.dev, or "" when it has none."""
        try:
            return self._wire.call("GET", f"{self._account}/subdomain", AccountSubdomain).subdomain or ""
        except Refused as refusal:
            if refusal.code in (NO_SUCH_WORKER, "10063"):
                return ""
            raise

    def subdomain(self, script: str) -> Subdomain:
        """Whether the Worker answers on workers.dev."""
        return self._wire.call("GET", f"{self._script(script)}/subdomain", Subdomain)

    def set_subdomain(self, script: str, wanted: Subdomain) -> None:
        """Switch workers.dev and preview URLs."""
        self._wire.ask("POST", f"{self._script(script)}/subdomain", wanted.model_dump())

    def crons(self, script: str) -> tuple[str, ...]:
        """The Worker's cron expressions."""
        answer = self._wire.call("GET", f"{self._script(script)}/schedules", Schedules)
        return tuple(item.cron for item in answer.schedules)

    def set_crons(self, script: str, crons: tuple[str, ...]) -> None:
        """Replace the Worker's cron expressions."""
        self._wire.ask("PUT", f"{self._script(script)}/schedules", [{"cron": cron} for cron in crons])

    def domains(self, *, service: str = "", hostname: str = "") -> tuple[Domain, ...]:
        """Custom domains of a Worker, or the one of a host name."""
        query = urlencode({k: v for k, v in (("service", service), ("hostname", hostname)) if v})
        return self._wire.items("GET", f"{self._account}/domains?{query}", Domain)

    def attach(self, domain: Domain) -> None:
        """Lead a custom domain to the Worker that `domain` names."""
        body = domain.model_dump(include={"hostname", "service", "zone_id"})
        body["environment"] = domain.environment or "production"
        self._wire.ask("PUT", f"{self._account}/domains", body)

    def detach(self, domain: Domain) -> None:
        """Remove a custom domain."""
        self._wire.ask("DELETE", f"{self._account}/domains/{quote(domain.id, safe='')}")

    def zone(self, host: str) -> Zone | None:
        """The account's zone that `host` is in: the longest of its parent names that is one."""
        labels = host.removeprefix("*.").lstrip("*").split(".")
        for start in range(len(labels) - 1):
            query = urlencode({"name": ".".join(labels[start:]), "account.id": self.account_id})
            found = self._wire.items("GET", f"/zones?{query}", Zone)
            if found:
                return found[0]
        return None

    def routes(self, zone_id: str) -> tuple[Route, ...]:
        """The routes of a zone."""
        return self._wire.items("GET", f"/zones/{quote(zone_id, safe='')}/workers/routes", Route)

    def zones_of(self, script: str) -> tuple[str, ...]:
        """Names of the zones that the Worker has routes in: wrangler replaces its routes in all of them."""
        path = f"{self._account}/services/{quote(script, safe='')}/environments/production/routes?show_zonename=true"
        found = self._wire.items("GET", path, RouteInZone)
        return tuple(dict.fromkeys(route.zone_name for route in found if route.zone_name))

    def add_route(self, zone_id: str, pattern: str, script: str | None) -> None:
        """Lead a route to a Worker, or switch Workers off on it."""
        body = {"pattern": pattern, **({"script": script} if script else {})}
        self._wire.ask("POST", f"/zones/{quote(zone_id, safe='')}/workers/routes", body, repeatable=False)

    def change_route(self, zone_id: str, route: Route) -> None:
        """Give a route that exists the pattern and the Worker of `route`."""
        body = {"pattern": route.pattern, **({"script": route.script} if route.script else {})}
        self._wire.ask("PUT", f"/zones/{quote(zone_id, safe='')}/workers/routes/{quote(route.id, safe='')}", body)

    def remove_route(self, zone_id: str, route_id: str) -> None:
        """Remove a route."""
        self._wire.ask("DELETE", f"/zones/{quote(zone_id, safe='')}/workers/routes/{quote(route_id, safe='')}")

    def _script(self, name: str) -> str:
        return f"{self._account}/scripts/{quote(name, safe='')}"
