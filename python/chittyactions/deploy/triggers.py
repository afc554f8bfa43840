"""By what a Worker is reached: who has it now, what a deploy would change, and how it is put back."""

from __future__ import annotations

from dataclasses import dataclass

from chittyactions.deploy.claims import Claim, claims_of, foreign_domains, foreign_routes, refuse_takeover
from chittyactions.deploy.journal import Triggers, ZoneRoute
from chittyactions.deploy.patterns import host_of, matches
from chittyactions.deploy.plan import Plan
from chittyactions.ecosystem.cloudflare import Cloudflare
from chittyactions.ecosystem.cloudflare_answers import Domain, Route, Subdomain
from chittyactions.errors import ConfigError

__all__ = ["Claim", "Survey", "refuse_takeover", "restore", "survey", "take_routes"]


@dataclass(frozen=True)
class Survey:
    """What is known of a Worker's triggers before the deploy.

    `now`: as captured, of all kinds. `claims`: what other Workers have, `taken` the routes among it that are moved.
    `changes`: whole phrases for a person, empty when the triggers are as the config wants them. `known` is False where
    something can't be compared, so that the triggers are applied in any case.
    """

    now: Triggers
    claims: tuple[Claim, ...]
    changes: tuple[str, ...]
    taken: tuple[ZoneRoute, ...] = ()
    known: bool = True

    @property
    def apply(self) -> bool:
        """Whether the triggers have to be applied."""
        return bool(self.changes) or not self.known

    def leads(self, host: str, path: str, script: str) -> bool:
        """Whether `path` at `host` leads to the Worker by a custom domain or a route now."""
        domains = any(item.hostname == host and item.service == script for item in self.now.domains or ())
        ours = (item.route.pattern for item in self.now.routes or () if item.route.script == script)
        return domains or any(matches(pattern, host, path) for pattern in ours)


def survey(api: Cloudflare, plan: Plan, *, exists: bool) -> Survey:
    """Look at Cloudflare; changes nothing. `exists`: whether there is such a Worker yet."""
    script = plan.script
    subdomain = api.subdomain(script) if exists else Subdomain()
    crons = api.crons(script) if exists and plan.crons is not None else None
    domains = api.domains(service=script) if exists else ()
    routes, zones = _routes(api, plan, exists=exists)
    moved = foreign_domains(api, plan)
    taken = foreign_routes(plan, routes)
    claims = claims_of(api, plan, routes, moved, taken)
    domains = (*domains, *moved)
    now = Triggers(subdomain=subdomain, crons=crons, domains=domains, routes=routes, zones=zones)
    events = (plan.settings.get("triggers") or {}).get("events")
    known = not (plan.queue_consumers or plan.settings.get("workflows") or events)
    return Survey(now, claims, _changes(plan, now), taken, known)


def take_routes(api: Cloudflare, script: str, taken: tuple[ZoneRoute, ...]) -> None:
    """Lead routes of other Workers to this one: wrangler refuses them, also when the takeover is meant."""
    for item in taken:
        api.change_route(item.zone_id, item.route.model_copy(update={"script": script}))


def restore(api: Cloudflare, script: str, before: Triggers) -> tuple[str, ...]:
    """Put triggers back as they were captured; returns what was put back. Safe to repeat."""
    done: list[str] = []
    if before.domains is not None:
        done += _restore_domains(api, script, before.domains)
    if before.routes is not None:
        for zone_id in before.zones:
            done += _restore_routes(api, script, zone_id, before.routes)
    if before.crons is not None and set(api.crons(script)) != set(before.crons):
        api.set_crons(script, before.crons)
        done.append("cron triggers")
    if before.subdomain is not None and api.subdomain(script) != before.subdomain:
        api.set_subdomain(script, before.subdomain)
        done.append("workers.dev")
    return tuple(done)


def _restore_domains(api: Cloudflare, script: str, before: tuple[Domain, ...]) -> list[str]:
    done = []
    known = {domain.hostname: domain for domain in before}
    now = {domain.hostname: domain for domain in api.domains(service=script)}
    for host, domain in now.items():
        if host not in known:
            api.detach(domain)
            done.append(f"{host} removed")
    for host, domain in known.items():
        if domain.service != script or host not in now:
            api.attach(domain)
            done.append(f"{host} to {domain.service}")
    return done


def _restore_routes(api: Cloudflare, script: str, zone_id: str, before: tuple[ZoneRoute, ...]) -> list[str]:
    done = []
    known = {item.route.pattern: item.route.script for item in before if item.zone_id == zone_id}
    now = {route.pattern: route for route in api.routes(zone_id)}
    for pattern, route in now.items():
        if pattern not in known and route.script == script:
            api.remove_route(zone_id, route.id)
            done.append(f"{pattern} removed")
        elif pattern in known and known[pattern] != route.script and route.script == script:
            api.change_route(zone_id, Route(id=route.id, pattern=pattern, script=known[pattern]))
            done.append(f"{pattern} to {known[pattern]}")
    for pattern, owner in known.items():
        if pattern not in now and owner == script:
            api.add_route(zone_id, pattern, owner)
            done.append(f"{pattern} to {owner}")
    return done


def _routes(api: Cloudflare, plan: Plan, *, exists: bool) -> tuple[tuple[ZoneRoute, ...], tuple[str, ...]]:
    """The routes, of whichever Worker, in every zone that the config or the Worker has routes in.

    A config with routes replaces all that the Worker has, those in zones that it does not name too.
    """
    zones: dict[str, None] = {}
    for route in plan.routes:
        if route.custom_domain:
            continue
        zone = None if route.zone_id else api.zone(route.zone_name or host_of(route.pattern))
        if not route.zone_id and zone is None:
            raise ConfigError(
                f"The route {route.pattern} is in no zone of this account. Nothing was uploaded.",
                why="No zone has that name or one of its parents', or the API token may not read zones.",
                fix="Correct the route, or give the token Zone: Read; with `zone_id` in the config it is not asked.",
                docs="worker-deploy.md#domains",
            )
        zones[route.zone_id or (zone.id if zone else "")] = None
    if zones and exists:
        zones |= {zone.id: None for name in api.zones_of(plan.script) if (zone := api.zone(name))}
    found = tuple(ZoneRoute(zone_id=zone_id, route=route) for zone_id in zones for route in api.routes(zone_id))
    return found, tuple(zones)


def _changes(plan: Plan, now: Triggers) -> tuple[str, ...]:
    """What `triggers deploy` would change, as phrases."""
    changes = []
    wanted = Subdomain(enabled=plan.serves_workers_dev, previews_enabled=plan.serves_previews)
    if now.subdomain != wanted:
        changes.append(f"workers.dev {_switch(wanted.enabled)}, preview URLs {_switch(wanted.previews_enabled)}")
    if plan.crons is not None and set(plan.crons) != set(now.crons or ()):
        changes.append(f"cron triggers {', '.join(plan.crons) or 'none'}")
    mine = {domain.hostname for domain in now.domains or () if domain.service == plan.script}
    changes += [f"custom domain {host}" for host in plan.custom_domains if host not in mine]
    if plan.custom_domains:
        changes += [f"custom domain {host} removed" for host in sorted(mine - set(plan.custom_domains))]
    has = {item.route.pattern for item in now.routes or () if item.route.script == plan.script}
    routes = [route.pattern for route in plan.routes if not route.custom_domain]
    changes += [f"route {pattern}" for pattern in routes if pattern not in has]
    if routes:
        changes += [f"route {pattern} removed" for pattern in sorted(has - set(routes))]
    return tuple(changes)


def _switch(on: bool) -> str:
    return "on" if on else "off"
