"""What a deploy finds: what serves, by which way the new version can go, where the Worker is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from chittyactions.deploy.health import Address
from chittyactions.deploy.patterns import covers, host_of, matches
from chittyactions.deploy.plan import Plan
from chittyactions.deploy.triggers import Survey, survey
from chittyactions.ecosystem.cloudflare import Cloudflare
from chittyactions.ecosystem.cloudflare_answers import Deployment, Version

_DICTIONARY_KEY = re.compile(r"[a-z*][a-z0-9_.*-]*")
"""A Worker's name that can stand in the override header, a structured dictionary (RFC 8941)."""


class Way(Enum):
    """How the new version gets to Cloudflare; the value says why it can't go back, "" where it can."""

    GRADUAL = ""
    FIRST = "it is the first deploy of this Worker"
    MIGRATION = "it applies a Durable Object migration, across which Cloudflare refuses a rollback"
    EXPORTS = "its Durable Objects are declared by `exports`, which only `wrangler deploy` can send"


@dataclass(frozen=True)
class Situation:
    """What was found before anything is changed.

    `current` is the newest deployment, None when nothing serves. `versions` are those that it gives traffic to, by id.
    `address` is where health is asked in the end, `address_now` where the Worker can be asked before its triggers are
    applied; None: nowhere.
    """

    script: str
    way: Way
    current: Deployment | None
    versions: Mapping[str, Version]
    survey: Survey
    address: Address | None
    address_now: Address | None

    @property
    def main_version(self) -> str:
        """The id of the version with the most traffic, "" when nothing serves."""
        shares = self.current.versions if self.current else ()
        return max(shares, key=lambda share: share.percentage).version_id if shares else ""

    @property
    def previous_size(self) -> int:
        """Bytes of the bundle that serves, as its own deploy noted; 0 when it did not."""
        return size_in(self.versions[self.main_version].message) if self.main_version in self.versions else 0

    @property
    def can_override(self) -> bool:
        """Whether a version at 0 % can be asked by the override header."""
        serving = [share for share in (self.current.versions if self.current else ()) if share.percentage > 0]
        return len(serving) == 1 and self.address_now is not None and bool(_DICTIONARY_KEY.fullmatch(self.script))


def look(api: Cloudflare, plan: Plan, *, domain: str, health_path: str) -> Situation:
    """Ask Cloudflare; changes nothing."""
    deployments = api.deployments(plan.script)
    current = deployments[0] if deployments else None
    versions = {
        share.version_id: api.version(plan.script, share.version_id) for share in (current.versions if current else ())
    }
    found = survey(api, plan, exists=deployments is not None)
    here, now = _addresses(api, plan, found, domain, health_path)
    return Situation(
        script=plan.script,
        way=_way(api, plan, current),
        current=current,
        versions=versions,
        survey=found,
        address=here,
        address_now=now if current else None,
    )


def _way(api: Cloudflare, plan: Plan, current: Deployment | None) -> Way:
    if current is None:
        return Way.FIRST
    if plan.exports:
        return Way.EXPORTS
    if plan.migration_tags and api.migration_tag(plan.script) != plan.migration_tags[-1]:
        return Way.MIGRATION
    return Way.GRADUAL


def _addresses(
    api: Cloudflare, plan: Plan, found: Survey, domain: str, health_path: str
) -> tuple[Address | None, Address | None]:
    """Where the Worker is asked in the end, and until its triggers are applied."""
    own = plan.custom_domains + tuple(
        host_of(route.pattern)
        for route in plan.routes
        if not route.custom_domain and covers(route.pattern, health_path)
    )
    subdomain = found.now.subdomain
    on_now = subdomain is not None and subdomain.enabled
    account = api.account_subdomain() if on_now or plan.serves_workers_dev else ""
    workers_dev = f"{plan.script}.{account}.workers.dev" if account else ""
    later = [domain] if domain else [*own, *([workers_dev] if plan.serves_workers_dev and account else [])]
    # A domain of the input leads to the Worker by other means already, unless it is the config that leads it there.
    routed = any(not route.custom_domain and matches(route.pattern, domain, health_path) for route in plan.routes)
    elsewhere = bool(domain) and domain not in own and domain != workers_dev and not routed
    now = [host for host in ([domain] if domain else []) if elsewhere or found.leads(host, health_path, plan.script)]
    now += [host for host in own if found.leads(host, health_path, plan.script)]
    now += [workers_dev] if on_now else []
    here = later[0] if later else ""
    before = here if here in now else (now[0] if now else "")
    return _address(here, health_path), _address(before, health_path)


def size_in(message: str) -> int:
    """Bytes of the bundle that a version's message tells, 0 when it does not."""
    match = re.search(r"\bsize=(\d+)", message)
    return int(match[1]) if match else 0


def _address(host: str, health_path: str) -> Address | None:
    return Address(f"https://{host}{health_path}") if host else None
