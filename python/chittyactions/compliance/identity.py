"""Which service a repository is: by the inputs, else `.chittyconnect.yml`, else `.chittyops.yml`, else the registry,
else what its manifests look like. Each field comes from the first that states it, and where two state different
things, that is a finding (repository.identity).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatch

from chittyactions.compliance.catalogue import did_you_mean
from chittyactions.compliance.claims import (
    CONNECT,
    INPUT,
    WHY,
    Claim,
    asked,
    bare_name,
    connect_claim,
    registry_claim,
    slug_of,
)
from chittyactions.compliance.detection import Detected, check_each, detect
from chittyactions.compliance.documents import Spot
from chittyactions.compliance.model import Finding, Service
from chittyactions.compliance.registry import Registry
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.settings import FILE, Settings
from chittyactions.errors import ConfigError, InputError

__all__ = ["Claim", "asked", "identify", "slug_of"]

_NOBODY = Claim("")
MANIFESTS = "its manifests"
MOST_HOSTS = 5
"""That are named."""

_FIELDS = ("name", "type", "tier", "domain", "organization")


def identify(
    repository: Repository,
    registry: Registry,
    settings: Settings | None = None,
    given: Claim | None = None,
    *,
    slug: str = "",
    settings_path: str = "",
) -> Service:
    """The service that the repository holds, of a type that has a profile. Raises ConfigError and InputError.

    `given` is what the inputs state (`asked`), `slug` the repository's owner/name, by default that of its remote.
    `settings_path` is where the settings stand, by default where they usually do.
    """
    settings_path = settings_path or repository.find(FILE) or FILE
    slug = slug or slug_of(repository.files.remote)
    own = settings.service if settings else None
    unusable: list[Finding] = []
    detected = detect(repository, slug)
    stated = [claim for claim in (given, connect_claim(repository, unusable, bare=detected.bare)) if claim]
    if own:
        stated.append(Claim(settings_path, own.name, own.type, own.tier, own.domain, path=settings_path))
    name = next((one.name for one in stated if one.name), repository.folder and detected.name)
    if known := registry_claim(registry, name, slug, alone=not repository.folder):
        stated.append(known)
    if repository.folder and detected.bare and len(detected.workers) != 1:
        _hold_to_a_service(repository, detected, [one for one in stated if one.path != FILE])
    owner, _, base = slug.rpartition("/")
    looks = Claim(f"{MANIFESTS} ({detected.evidence})", detected.name, detected.type, None, detected.domain)
    place = Claim("the repository's name", base, organization=owner)
    folder = Claim("the folder's name", (repository.folder or repository.files.name).split("/")[-1])
    last = [folder, place] if repository.folder else [place, folder]
    winners = {of: _first(of, [*stated, looks, *last]) for of in _FIELDS}
    kind = str(winners["type"].states("type"))
    if kind not in registry.compliance_profiles:
        raise _no_profile(kind, winners["type"], registry)
    values = {of: winner.states(of) for of, winner in winners.items()}
    sources = tuple((of, winner.said(of)) for of, winner in winners.items() if values[of] is not None)
    contradictions = (*unusable, *_contradictions(stated, winners), *_unlike(detected, winners, kind))
    undecided = (*_apart(detected, winners), *_open(detected, winners))
    return Service(
        name=str(values["name"] or ""),
        type=kind,
        tier=winners["tier"].tier,
        domain=str(values["domain"] or ""),
        organization=str(values["organization"] or ""),
        repository=slug,
        sources=sources,
        disagreements=(*contradictions, *undecided, *_rivals(detected)),
        folder=repository.folder,
        misnamed=tuple(_misnamed(detected, winners["name"])) if winners["name"] in stated else (),
        stacks=detected.stacks,
    )


def _first(of: str, claims: list[Claim]) -> Claim:
    return next((one for one in claims if one.states(of) is not None), _NOBODY)


def _hold_to_a_service(repository: Repository, detected: Detected, stated: list[Claim]) -> None:
    """Raises ConfigError where a folder without a manifest is not said to be a service: what lies around it would pass
    for its.
    """
    held = repository.files.paths
    if any(repository.home(name) in held for name in (CONNECT, FILE)) or any(one.name or one.type for one in stated):
        return
    folder = repository.folder
    raise ConfigError(
        f"{folder} is not known to be the folder of a service.",
        why=f"It has no manifest, no {CONNECT} and no {FILE} of its own, and nobody states its name or type. The files "
        "of what is around it would pass for its own.",
        fix=f"{check_each(detected) or f'Check the folder that {folder} is a part of, or the whole repository.'} If "
        f"{folder} is a service, state its type: as an input, or as service.type in {folder}/{FILE}.",
        docs="compliance.md#identity",
    )


# -- what nobody decides -----------------------------------------------------------------------------------------


def _apart(detected: Detected, winners: Mapping[str, Claim]) -> Iterator[Finding]:
    """Several Workers below, where nobody states what it is that holds them."""
    if detected.apart and winners["type"].source.startswith(MANIFESTS):
        count, kind = len(detected.apart), detected.type
        yield Finding(
            f"There are {count} Workers below, each in a folder of its own, so that this is checked as {kind}.",
            f"{check_each(detected)} State here, as service.type in .chittyconnect.yml, what it is that holds them.",
            "What is required of a Worker is asked of each where it lies.",
            detected.workers[0],
        )


def _open(detected: Detected, winners: Mapping[str, Claim]) -> Iterator[Finding]:
    """Routes that lead to the service, and no domain."""
    told = detected.open
    if told and not winners["domain"].domain:
        hosts = ", ".join(told.hosts[:MOST_HOSTS])
        hosts += f" and {len(told.hosts) - MOST_HOSTS} more" if len(told.hosts) > MOST_HOSTS else ""
        example = next((host for host in told.hosts if "*" not in host), "api.example.com")
        yield Finding(
            f"The routes of production lead to {hosts}, and nobody says which domain is the service's.",
            "State it as service.domains.production in .chittyconnect.yml, or as service.domain in .chittyops.yml.",
            "Without a domain neither the service's health nor its way through the router is looked at.",
            told.path,
            told.spot.line,
            told.spot.column,
            f"service:\n  domains:\n    production: {example}\n",
        )


# -- who contradicts whom ----------------------------------------------------------------------------------------


def _contradictions(stated: list[Claim], winners: Mapping[str, Claim]) -> Iterator[Finding]:
    """One finding for each source that states something else than the one that counts."""
    for of, winner in winners.items():
        value = winner.states(of)
        for other in stated:
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
    if problem := _unfit(detected, kind):
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


def _rivals(detected: Detected) -> Iterator[Finding]:
    """Wrangler files that nobody reads, and that say something else than the one beside them."""
    for one in detected.rivals:
        yield Finding(
            f"{one.path} states {one.states} than {one.counts}, which wrangler reads in its place.",
            f"Remove {one.path}, or have both say the same.",
            WHY,
            one.path,
            one.spot.line,
            one.spot.column,
        )


def _misnamed(detected: Detected, winner: Claim) -> Iterator[Finding]:
    """Manifests whose name has nothing to do with the stated one; `auth-production` has with `auth`."""
    for one in detected.called:
        ours, theirs = bare_name(winner.name), bare_name(one.name)
        if ours not in theirs and theirs not in ours:
            yield Finding(
                f"{winner.source[:1].upper()}{winner.source[1:]} says that the service's name is {winner.name}, and "
                f"{one.path} that it is {one.name}.",
                f"Correct whichever is wrong. Until then {winner.name} counts.",
                WHY,
                one.path,
                one.spot.line,
                one.spot.column,
            )


def _unfit(detected: Detected, kind: str) -> str:
    """Why a repository can't be of a type; "" where it can."""
    if kind == "cloudflare-worker" and not detected.workers and detected.pages:
        return f"{detected.pages[0]} describes a Pages project, not a Worker"
    if kind == "cloudflare-worker" and not detected.workers:
        return "there is no wrangler file in it: no wrangler.jsonc, wrangler.json or wrangler.toml"
    if kind != "cloudflare-worker" and detected.type == "cloudflare-worker":
        return f"{detected.workers[0]} describes a Cloudflare Worker"
    if kind == "npm-package" and "node" not in detected.stacks:
        return "there is no package.json in it"
    return ""


def _covers(host: str, domain: str) -> bool:
    return host == domain or (host.startswith("*") and fnmatch(domain, host))


def _no_profile(kind: str, claim: Claim, registry: Registry) -> ConfigError | InputError:
    close = did_you_mean(kind, registry.compliance_profiles)
    error = InputError if claim.source == INPUT else ConfigError
    who = claim.said("type")
    return error(
        f"{who[:1].upper()}{who[1:]} says that the service is of the type {kind[:100]}, and there is no such type"
        f"{close or '.'}",
        why=f"The types are {', '.join(registry.compliance_profiles)}; without one, nothing would be required.",
        fix="Correct the type, or leave it out: the registry or the repository's own manifests say it then.",
        docs="compliance.md#identity",
    )
