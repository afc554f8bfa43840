"""Which service a repository is: by the inputs, else `.chittyconnect.yml`, else `.chittyops.yml`, else the registry,
else what its manifests look like. Each field comes from the first that states it, and where two state different
things, that is a finding (repository.identity).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any

from chittyactions.compliance.catalogue import did_you_mean
from chittyactions.compliance.detection import Detected, detect
from chittyactions.compliance.documents import Document, Spot
from chittyactions.compliance.facts import NotKnown, Undecided, Wrong
from chittyactions.compliance.model import Finding, Service
from chittyactions.compliance.registry import DOMAIN, Registry
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.settings import FILE, Settings
from chittyactions.errors import ConfigError, InputError

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

_FIELDS = ("name", "type", "tier", "domain", "organization")
_NAME = re.compile(r"[\w.-]{1,100}")
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
    """What the inputs, or a person at a terminal, state. Raises InputError for what can be no tier or domain."""
    problems = []
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
    host = domain.strip().lower()
    host = host.partition("://")[2] or host
    host = host.partition("/")[0].rstrip(".")
    return host if re.fullmatch(DOMAIN, host) else ""


def slug_of(remote: str) -> str:
    """owner/name in the URL of a remote, or "owner/name" itself; "" where there is none (a path on this disk)."""
    found = _SLUG.fullmatch(remote.strip())
    local = remote.startswith((".", "/", "file:"))
    return f"{found['owner']}/{found['name']}" if found and not local else ""


def identify(
    repository: Repository,
    registry: Registry,
    settings: Settings | None = None,
    given: Claim | None = None,
    *,
    slug: str = "",
) -> Service:
    """The service that the repository holds, of a type that has a profile. Raises ConfigError and InputError.

    `given` is what the inputs state (`asked`), `slug` the repository's owner/name, by default that of its remote.
    """
    slug = slug or slug_of(repository.checkout.remote)
    given = given or Claim(INPUT)
    own = settings.service if settings else None
    unusable: list[Finding] = []
    stated = [given, _connect(repository, unusable)]
    if own:
        stated.append(Claim(FILE, own.name, own.type, own.tier, host_of(own.domain), path=FILE))
    detected = detect(repository, slug)
    name = next((one.name for one in stated if one.name), detected.name if repository.folder else "")
    stated.append(_registered(registry, name, slug, alone=not repository.folder))
    owner, _, base = slug.rpartition("/")
    looks = Claim(
        f"its manifests ({detected.evidence})",
        detected.name,
        detected.type,
        None,
        detected.domain,
        path=detected.evidence,
    )
    place = Claim("the repository's name", base, organization=owner)
    folder = Claim("the folder's name", (repository.folder or str(repository.checkout.root.resolve())).split("/")[-1])
    winners = {of: _first(of, [*stated, looks, place, folder]) for of in _FIELDS}
    kind = str(winners["type"].states("type"))
    if kind not in registry.compliance_profiles:
        raise _no_profile(kind, winners["type"], registry)
    values = {of: winner.states(of) for of, winner in winners.items()}
    sources = tuple((of, winner.said(of)) for of, winner in winners.items() if values[of] is not None)
    disagreements = (*unusable, *_contradictions(stated, winners), *_unlike(detected, winners, kind))
    tier = values["tier"]
    return Service(
        name=str(values["name"] or ""),
        type=kind,
        tier=tier if isinstance(tier, int) else None,
        domain=str(values["domain"] or ""),
        organization=str(values["organization"] or ""),
        repository=slug,
        sources=sources,
        disagreements=disagreements,
    )


def _first(of: str, claims: list[Claim]) -> Claim:
    return next((one for one in claims if one.states(of) is not None), Claim(""))


# -- who states something ----------------------------------------------------------------------------------------


def _connect(repository: Repository, unusable: list[Finding]) -> Claim:
    """What `.chittyconnect.yml` states. One that can't be read states nothing: its own check tells of that."""
    path = repository.find(CONNECT)
    try:
        document = repository.yaml(path) if path else None
    except (Wrong, Undecided, NotKnown):
        document = None
    if document is None or not isinstance(document.data, dict):
        return Claim(CONNECT)
    places = {**_PLACES, "name": ("service",)} if isinstance(document.get("service"), str) else _PLACES
    name = document.get(*places["name"])
    spots = {of: document.spot(*place) for of, place in places.items() if document.has(*place)}
    tier, domain = document.get(*places["tier"]), document.get(*places["domain"])
    claim = Claim(
        path,
        name if isinstance(name, str) and _NAME.fullmatch(name) else "",
        _text(document, "service", "type"),
        _tier(tier),
        host_of(domain) if isinstance(domain, str) else "",
        _text(document, "service", "organization"),
        path,
        spots,
    )
    if tier is not None and claim.tier is None:
        unusable.append(_unusable(claim, "tier", "service.tier", "a whole number from 0 to 5"))
    if isinstance(domain, str) and domain and not claim.domain and "$" not in domain and "{" not in domain:
        unusable.append(_unusable(claim, "domain", "service.domains.production", "a domain, such as api.example.com"))
    return claim


def _text(document: Document, *path: str) -> str:
    value = document.get(*path)
    return value.strip() if isinstance(value, str) and "${" not in value and "{{" not in value else ""


def _tier(value: Any) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"[0-5]", value.strip()):
        return int(value)
    return value if type(value) is int and value in range(6) else None


def _unusable(claim: Claim, of: str, key: str, wanted: str) -> Finding:
    spot = claim.spots[of]
    return Finding(
        f"{key} in {claim.path} is not {wanted}, so that it says nothing.",
        f"Write {wanted} there, or remove the line.",
        WHY,
        claim.path,
        spot.line,
        spot.column,
    )


def _registered(registry: Registry, name: str, slug: str, *, alone: bool) -> Claim:
    """What the registry states of the service by its repository and name.

    `alone`: whether it has its repository for itself, so that the repository is enough. A name is enough where the
    repository is not known, or is a fork of the registered one, or has moved within its organisation.
    """
    found = registry.find(name, slug) if name else None
    if found and slug and set(slug.lower().split("/")).isdisjoint(found[2].repo.lower().split("/")):
        found = None  # another's repository, whose service happens to have this name
    if not found and alone:
        found = registry.find("", slug)
    if not found:
        return Claim(REGISTRY)
    organization, service, entry = found
    return Claim(REGISTRY, service, entry.type, entry.tier, entry.domain or "", organization)


# -- who contradicts whom ----------------------------------------------------------------------------------------


def _contradictions(stated: list[Claim], winners: Mapping[str, Claim]) -> Iterator[Finding]:
    """One finding for each source that states something else than the one that counts."""
    for of, winner in winners.items():
        value = winner.states(of)
        for other in stated[stated.index(winner) + 1 :] if winner in stated else ():
            theirs = other.states(of)
            if theirs is None or str(theirs).lower() == str(value).lower():
                continue
            at = other if other.path else winner
            spot = at.spots.get(of, Spot())
            yield Finding(
                f"{winner.source[:1].upper()}{winner.source[1:]} says that the service's {of} is {value}, and "
                f"{other.source} that it is {theirs}.",
                f"Correct whichever is wrong. Until then {value} counts.",
                WHY,
                at.path,
                spot.line,
                spot.column,
            )


def _unlike(detected: Detected, winners: Mapping[str, Claim], kind: str) -> Iterator[Finding]:
    """Where the repository does not look like what is stated."""
    winner = winners["type"]
    spot = winner.spots.get("type", Spot())
    about = f"{winner.source[:1].upper()}{winner.source[1:]} says that this is a {kind}"
    problem = ""
    if kind == "cloudflare-worker" and not detected.workers:
        problem = "there is no wrangler file in it: no wrangler.jsonc, wrangler.json or wrangler.toml"
    elif kind != "cloudflare-worker" and detected.workers and detected.type == "cloudflare-worker":
        problem = f"{detected.workers[0]} describes a Cloudflare Worker"
    elif kind == "npm-package" and "node" not in detected.stacks:
        problem = "there is no package.json in it"
    if problem:
        yield Finding(
            f"{about}, and {problem}.",
            "State the type that it is, as service.type in .chittyconnect.yml, or put right what is missing.",
            WHY,
            winner.path,
            spot.line,
            spot.column,
        )
    domain, source = winners["domain"].domain, winners["domain"]
    if domain and detected.hosts and not any(_covers(host, domain) for host in detected.hosts):
        spot = source.spots.get("domain", Spot())
        yield Finding(
            f"{source.source[:1].upper()}{source.source[1:]} says that the service's domain is {domain}, and no route "
            f"in {', '.join(detected.workers[:3])} leads there ({', '.join(detected.hosts[:3])}).",
            "Correct the domain, or add its route to the wrangler file.",
            WHY,
            source.path,
            spot.line,
            spot.column,
        )


def _covers(host: str, domain: str) -> bool:
    return host == domain or (host.startswith("*") and fnmatch(domain, host))


def _no_profile(kind: str, claim: Claim, registry: Registry) -> ConfigError | InputError:
    error = InputError if claim.source == INPUT else ConfigError
    return error(
        f"{claim.said('type')[:1].upper()}{claim.said('type')[1:]} says that the service is of the type {kind[:100]}, "
        f"and there is no such type{did_you_mean(kind, registry.compliance_profiles)}.",
        why=f"The types are {', '.join(registry.compliance_profiles)}; without one, nothing would be required.",
        fix="Correct the type, or leave it out: the registry or the repository's own manifests say it then.",
        docs="compliance.md#identity",
    )
