"""What each source states of a service: the inputs, `.chittyconnect.yml`, the registry. Who wins is identity.py's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chittyactions.compliance import names
from chittyactions.compliance.catalogue import did_you_mean, whole
from chittyactions.compliance.documents import Document, Spot
from chittyactions.compliance.facts import NotKnown, Undecided, Wrong
from chittyactions.compliance.model import Finding
from chittyactions.compliance.registry import Registry
from chittyactions.compliance.repository import Repository
from chittyactions.errors import InputError

CONNECT = ".chittyconnect.yml"
INPUT = "the input"
REGISTRY = "the registry"

WHY = "Profiles, probes and credentials go by what a service is; whoever reads the other file is misled."

_PLACES: Mapping[str, tuple[str, ...]] = {
    "name": ("service", "name"),
    "type": ("service", "type"),
    "tier": ("service", "tier"),
    "domain": ("service", "domains", "production"),
    "organization": ("service", "organization"),
}
"""Where `.chittyconnect.yml` states a field."""

_SLUG = re.compile(r"(?:.*[/:@])?(?P<owner>[A-Za-z0-9-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?")


@dataclass(frozen=True)
class Claim:
    """What one source states of the service; "" and None where it says nothing. `source` is read in a sentence."""

    source: str
    name: str = ""
    type: str = ""
    tier: int | None = None
    domain: str = ""
    organization: str = ""
    path: str = ""
    spots: Mapping[str, Spot] = field(default_factory=dict)
    """Where in `path` a field stands."""

    def states(self, of: str) -> str | int | None:
        """The value of a field, None where it is not stated."""
        value: str | int | None = getattr(self, of)
        return None if value == "" else value

    def said(self, of: str) -> str:
        """Who states a field, with the line where there is one."""
        spot = self.spots.get(of)
        return f"{self.source}:{spot.line}" if spot else self.source


def asked(name: str = "", kind: str = "", tier: int | None = None, domain: str = "") -> Claim:
    """What the inputs, or a person at a terminal, state. Raises InputError for what can be no name, tier or domain."""
    problems = []
    if name and not names.is_service(name):
        problems.append(f"name is {name[:100]!a}, which is no name of a service")
    if tier is not None and tier not in range(6):
        problems.append(f"tier is {tier}, and tiers go from 0 to 5")
    host = host_of(domain)
    if domain and not host:
        problems.append(f"domain is {domain[:100]}, which is no domain")
    if problems:
        raise InputError(
            f"The service cannot be checked: {'; '.join(problems)}.",
            fix="Correct the inputs, or leave them out: what they would say is then taken from the repository.",
            docs="compliance.md#identity",
        )
    return Claim(INPUT, name, kind, tier, host)


def host_of(domain: str) -> str:
    """A domain as it is compared: without scheme, path or capitals; "" where it is none."""
    host = domain.strip()
    host = host.partition("://")[2] or host
    host = host.partition("/")[0].rstrip(".").lower()
    return host if names.is_domain(host) else ""


def slug_of(remote: str) -> str:
    """owner/name in the URL of a remote, or "owner/name" itself; "" where there is none (a path on this disk)."""
    found = _SLUG.fullmatch(remote.strip())
    local = remote.startswith((".", "/", "file:"))
    if not found or local:
        return ""
    slug = f"{found['owner']}/{found['name']}"
    return slug if names.is_repository(slug) else ""


def bare_name(name: str) -> str:
    """A name as two of them are compared loosely: without capitals and separators."""
    return re.sub(r"[\W_]", "", name.lower())


def connect_claim(repository: Repository, unusable: list[Finding], *, bare: bool) -> Claim | None:
    """What `.chittyconnect.yml` states. One that can't be read states nothing: its own check tells of that.

    The root's says nothing of a service in a folder but its organisation. Only where the folder is `bare` of manifests
    and the root's file names it, that service is the one that is described.
    """
    path = repository.find(CONNECT) or CONNECT
    try:
        document = repository.yaml(path)
    except (Wrong, Undecided, NotKnown):
        document = None
    if document is None or not isinstance(document.data, dict):
        return None
    places = {**_PLACES, "name": ("service",)} if isinstance(document.get("service"), str) else _PLACES
    name = document.get(*places["name"])
    spots = {of: document.spot(*place) for of, place in places.items() if document.has(*place)}
    name = name if isinstance(name, str) and names.is_service(name) else ""
    organization = _text(document, *places["organization"])
    if not isinstance(document.get(*places["organization"]), (str, type(None))):
        unusable.append(_unusable(path, document, places["organization"], "a text, such as chittyos"))
    named = bare and bare_name(name) == bare_name(repository.folder.rpartition("/")[2])
    if path != repository.home(CONNECT) and not named:
        return Claim(path, organization=organization, path=path, spots=spots)
    given, domain = document.get(*places["tier"]), document.get(*places["domain"])
    tier = _tier(given)
    if given is not None and tier is None:
        unusable.append(_unusable(path, document, places["tier"], "a whole number from 0 to 5"))
    unusable.extend(_unusable_domains(path, document))
    host = host_of(domain) if isinstance(domain, str) else ""
    return Claim(path, name, _text(document, "service", "type"), tier, host, organization, path, spots)


def _unusable_domains(path: str, document: Document) -> Iterator[Finding]:
    """What stands where the production domain should, and is none: without one, no router and no health is asked."""
    place = _PLACES["domain"]
    domains, domain = document.get(*place[:-1]), document.get(*place)
    if domains is not None and not isinstance(domains, dict) and not _is_template(domains):
        yield _unusable(path, document, place[:-1], "a mapping, such as {production: api.example.com}")
    if domain is not None and not _is_template(domain) and not (isinstance(domain, str) and host_of(domain)):
        yield _unusable(path, document, place, "a domain, such as api.example.com")
    for key in domains if isinstance(domains, dict) and "production" not in domains else ():
        if close := did_you_mean(key, ["production"]):
            spot = document.spot(*place[:-1], key)
            yield Finding(
                f"service.domains.{key} in {path} is a key that says nothing{close}",
                "Rename it to production, or remove the line.",
                WHY,
                path,
                spot.line,
                spot.column,
            )


def _is_template(value: Any) -> bool:
    return isinstance(value, str) and ("$" in value or "{" in value)


def _text(document: Document, *path: str) -> str:
    value = document.get(*path)
    return value.strip() if isinstance(value, str) and "${" not in value and "{{" not in value else ""


def _tier(value: Any) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"[0-5]", value.strip()):
        return int(value)
    number = whole(value)
    return number if type(number) is int and number in range(6) else None


def _unusable(path: str, document: Document, place: tuple[str, ...], wanted: str) -> Finding:
    spot = document.spot(*place)
    return Finding(
        f"{'.'.join(place)} in {path} is not {wanted}, so that it says nothing.",
        f"Write {wanted} there, or remove the line.",
        WHY,
        path,
        spot.line,
        spot.column,
    )


def registry_claim(registry: Registry, name: str, slug: str, *, alone: bool) -> Claim | None:
    """What the registry states of the service by its repository and name.

    `alone`: whether it has its repository for itself, so that the repository is enough. A name is enough where the
    repository is not known, or is a fork of the registered one, or has moved within its organisation.
    """
    found = registry.find(name, slug) if name else None
    anothers = found and slug and set(slug.lower().split("/")).isdisjoint(found[2].repo.lower().split("/"))
    if not found or anothers:  # another's repository, whose service happens to have this name
        found = registry.find("", slug) if alone else None
    if not found:
        return None
    organization, service, entry = found
    return Claim(REGISTRY, service, entry.type, entry.tier, entry.domain or "", organization)
