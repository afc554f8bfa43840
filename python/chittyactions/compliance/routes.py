"""Where a Worker's routes lead, by its wrangler file: every host, and which of them is the service's domain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chittyactions.compliance import names
from chittyactions.compliance.calls import table
from chittyactions.compliance.documents import Document, Spot

_HOST = re.compile(rf"(\*\.?)?{names.DOMAIN}")


@dataclass(frozen=True)
class Route:
    """A route of a Worker: its host, such as `api.example.com` or `*.example.com`."""

    host: str
    whole: bool
    """Whether all of the host leads to the Worker, as `host` or `host/*`, and no path of it."""
    custom: bool
    environment: str
    """"" for the top level."""
    spot: Spot


@dataclass(frozen=True)
class Open:
    """Hosts that lead to the service, of which nobody can tell which is its domain."""

    hosts: tuple[str, ...]
    path: str
    spot: Spot


def routes_of(document: Document | None) -> Iterator[Route]:
    """Each route of a wrangler file that names a host."""
    if document is None:
        return
    data = table(document.data)
    sections = [("", (), data), *((name, ("env", name), table(one)) for name, one in table(data.get("env")).items())]
    for environment, place, section in sections:
        listed = section.get("routes")
        every = [("routes", one) for one in (listed if isinstance(listed, list) else ())]
        for key, route in [*every, ("route", section.get("route"))]:
            pattern = route.get("pattern") if isinstance(route, dict) else route
            if not isinstance(pattern, str):
                continue
            host, _, path = (pattern.partition("://")[2] or pattern).lower().partition("/")
            custom = isinstance(route, dict) and route.get("custom_domain") is True
            if _HOST.fullmatch(host):
                yield Route(host, path in ("", "*"), custom, environment, document.spot(*place, key))


def domain_of(path: str, routes: list[Route]) -> tuple[str, Open | None]:
    """The host of production in the wrangler file at `path`, or else those to choose from.

    Production is the top level where it has no routes of its own. A custom domain comes before a route. A host that
    leads to the Worker by some paths only is somebody else's.
    """
    production = [route for route in routes if route.environment == "production"]
    production = production or [route for route in routes if not route.environment]
    whole = [route for route in production if route.whole and not route.host.endswith(".workers.dev")]
    for some in ([route for route in whole if route.custom], whole):
        hosts = {route.host for route in some if "*" not in route.host}
        if len(hosts) == 1:
            return hosts.pop(), None
    if not whole:
        return "", None
    return "", Open(tuple(dict.fromkeys(route.host for route in whole)), path, whole[0].spot)
