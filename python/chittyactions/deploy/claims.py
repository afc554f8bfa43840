"""What other Workers serve now and the config would lead to this one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chittyactions.deploy.journal import ZoneRoute
from chittyactions.deploy.patterns import host_of, same, takes_from
from chittyactions.deploy.plan import Plan
from chittyactions.deploy.plan import Route as Wanted
from chittyactions.ecosystem.cloudflare import Cloudflare
from chittyactions.ecosystem.cloudflare_answers import Domain, Route
from chittyactions.errors import ConfigError, Refused


@dataclass(frozen=True)
class Claim:
    """A host name or route of the config, and the Worker that has its visitors now, by `through` where that differs."""

    pattern: str
    owner: str
    through: str = ""

    def __str__(self) -> str:
        by = f" by {self.through}" if self.through and self.through != self.pattern else ""
        return f"{self.pattern} (served by {self.owner}{by})"


def foreign_domains(api: Cloudflare, plan: Plan) -> tuple[Domain, ...]:
    """Custom domains of the config that lead elsewhere now: `triggers deploy` moves them."""
    found = (domain for host in plan.custom_domains for domain in api.domains(hostname=host))
    return tuple(domain for domain in found if domain.service != plan.script)


def foreign_routes(plan: Plan, routes: tuple[ZoneRoute, ...]) -> tuple[ZoneRoute, ...]:
    """Routes of other Workers that the config has letter by letter: they have to be moved, wrangler refuses them."""
    wanted = {route.pattern for route in plan.routes if not route.custom_domain}
    return tuple(item for item in routes if item.route.pattern in wanted and item.route.script != plan.script)


def claims_of(
    api: Cloudflare, plan: Plan, routes: tuple[ZoneRoute, ...], moved: tuple[Domain, ...], taken: tuple[ZoneRoute, ...]
) -> tuple[Claim, ...]:
    """All that the config takes from others. `routes` are those of the zones that it names, of whichever Worker.

    A route that this Worker has already takes nothing that it did not have before. Raises Refused.
    """
    claims = [Claim(domain.hostname, domain.service or "something else") for domain in moved]
    claims += [Claim(item.route.pattern, item.route.script or "no Worker, on purpose") for item in taken]
    ours = [item.route.pattern for item in routes if item.route.script == plan.script]
    foreign = [item.route for item in routes if item.route.script not in (None, plan.script)]
    for route in plan.routes:
        if route.custom_domain:
            claims += _behind_routes(api, plan, route)
        elif not any(same(route.pattern, pattern) for pattern in ours):
            claims += [
                Claim(route.pattern, theirs.script or "", theirs.pattern)
                for theirs in foreign
                if takes_from(route.pattern, theirs.pattern)
            ]
            claims += _before_domains(api, plan, route.pattern)
    return tuple(dict.fromkeys(_plain(claims)))


def _before_domains(api: Cloudflare, plan: Plan, pattern: str) -> list[Claim]:
    """Custom domains of other Workers whose visitors a route would get: it goes before them."""
    host = host_of(pattern)
    found = api.domains() if "*" in host else api.domains(hostname=host)
    return [
        Claim(pattern, domain.service or "something else", f"the custom domain {domain.hostname}")
        for domain in found
        if domain.service != plan.script and takes_from(domain.hostname, host)
    ]


def _behind_routes(api: Cloudflare, plan: Plan, wanted: Wanted) -> list[Claim]:
    """Routes of other Workers at the host of a new custom domain: it would become what their `fetch` reaches."""
    if any(domain.service == plan.script for domain in api.domains(hostname=wanted.pattern)):
        return []
    try:
        there = _routes_at(api, wanted)
    except Refused as refusal:
        if refusal.status in (401, 403):
            return []  # a token for custom domains need not read routes, and these keep their visitors
        raise
    return [
        Claim(wanted.pattern, route.script, route.pattern)
        for route in there
        if route.script and route.script != plan.script and host_of(route.pattern) == wanted.pattern.lower()
    ]


def _routes_at(api: Cloudflare, wanted: Wanted) -> tuple[Route, ...]:
    zone = None if wanted.zone_id else api.zone(wanted.zone_name or wanted.pattern)
    zone_id = wanted.zone_id or (zone.id if zone else "")
    return api.routes(zone_id) if zone_id else ()


def _plain(claims: Iterable[Claim]) -> Iterable[Claim]:
    """One way of telling each: a route that is moved is not said to be reached through itself."""
    return (Claim(c.pattern, c.owner, "" if c.through == c.pattern else c.through) for c in claims)


def refuse_takeover(claims: tuple[Claim, ...], script: str) -> None:
    """Raise ConfigError when the config claims what other Workers serve."""
    if claims:
        raise ConfigError(
            f"{script} would take over {', '.join(map(str, claims))}. Nothing was uploaded.",
            why="The config names a domain or route that another Worker serves; wrangler would move it without asking.",
            fix=(
                "Remove it from the config (a named environment inherits the routes of the top level), or set "
                "`allow_domain_takeover: true` when it is meant."
            ),
            docs="worker-deploy.md#domains",
        )
