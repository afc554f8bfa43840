"""What a test or a demo wants to know of the local Cloudflare, and may change: `Local.cloudflare`."""

from __future__ import annotations

from typing import Any

from chittylocal.cloudflare import deployments
from chittylocal.cloudflare.account import Account, Edge
from chittylocal.cloudflare.model import Script


class View:
    """Read-only but for `edge`; callable from any thread.

    Attributes:
        edge: how the edge behaves (delay, ignored overrides); change it at will.
    """

    def __init__(self, account: Account) -> None:
        self._account = account

    @property
    def edge(self) -> Edge:
        """How the edge behaves; its attributes may be changed at any time."""
        return self._account.edge

    @property
    def domain(self) -> str:
        """The account's domain for Workers: they answer on `NAME.<domain>`."""
        return self._account.domain

    @property
    def unknown(self) -> list[str]:
        """`METHOD /path` of every API request that met no route."""
        return list(self._account.unknown)

    def scripts(self) -> list[str]:
        """Names of all Workers."""
        return sorted(self._account.store.scripts)

    def deployments(self, script: str) -> list[dict[str, Any]]:
        """A Worker's deployments as Cloudflare lists them, newest first; none: an empty list."""
        known = self._script(script)
        return deployments.shown(known) if known else []

    def versions(self, script: str) -> list[dict[str, Any]]:
        """A Worker's versions with their resources, newest first; secrets without values."""
        known = self._script(script)
        return [version.shown() for version in reversed(known.versions)] if known else []

    def traffic(self, script: str) -> dict[str, float]:
        """Version id → percentage of the newest deployment; empty when there is none."""
        known = self._script(script)
        return known.current.traffic() if known and known.current else {}

    def answered(self, script: str) -> dict[str, int]:
        """Version id → how many requests the edge gave to it since the start."""
        return {version: count for (name, version), count in self._account.answered.items() if name == script}

    def routes(self) -> list[dict[str, Any]]:
        """All routes: id, zone (its id), pattern, script."""
        return [dict(route) for route in self._account.store.account["routes"].values()]

    def domains(self) -> list[dict[str, Any]]:
        """All custom domains: id, hostname, service, environment, zone_id, zone_name, enabled, previews_enabled."""
        return [dict(domain) for domain in self._account.store.account["domains"].values()]

    def schedules(self, script: str) -> list[str]:
        """A Worker's cron triggers."""
        known = self._script(script)
        return [str(schedule["cron"]) for schedule in known.schedules] if known else []

    def logs(self) -> list[dict[str, Any]]:
        """The newest lines that Workers printed: `{"level", "log"}`."""
        return list(self._account.runtime.logs)

    def preview_host(self, script: str, version_id: str) -> str:
        """The host on which one version answers."""
        return f"{version_id[:8]}-{script}.{self.domain}"

    def _script(self, name: str) -> Script | None:
        return self._account.store.scripts.get(name)
