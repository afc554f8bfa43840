"""`service-registry.yml`, read: the services of the ecosystem, and what each type of them has to fulfil."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from chittyactions.compliance import names
from chittyactions.compliance.catalogue import Many, Strict, Tier, Whole, at, did_you_mean, invalid, parsed, validated
from chittyactions.compliance.documents import Document
from chittyactions.compliance.model import Need
from chittyactions.compliance.waivers import CentralWaiver


def _held(fits: Callable[[str], bool], otherwise: str) -> AfterValidator:
    """A text that is a name of its kind."""

    def judged(text: str) -> str:
        if not fits(text):
            raise ValueError(otherwise)
        return text

    return AfterValidator(judged)


def _for_editors(pattern: str) -> Any:
    return Field(json_schema_extra={"pattern": f"^{pattern}$"})


Domain = Annotated[str, _held(names.is_domain, "it is no domain, such as auth.chitty.cc"), _for_editors(names.DOMAIN)]
Repo = Annotated[
    str,
    _held(names.is_repository, "it is no repository of GitHub's, such as CHITTYOS/chittyauth"),
    _for_editors(names.REPOSITORY),
]
Name = Annotated[
    str,
    _held(names.is_service, "it is no name of a service: at most 100 letters, digits, dots, dashes and underscores"),
    _for_editors(names.SERVICE),
]
Owner = Annotated[
    str,
    _held(names.is_owner, "it is no organisation's name on GitHub: at most 39 letters, digits and hyphens"),
    _for_editors(names.OWNER),
]


class Entry(Strict):
    """One service. What nobody knows is left out."""

    repo: Repo
    """owner/name on GitHub."""
    type: str
    """What it is: one of the types of `compliance_profiles`."""
    tier: Tier | None = None
    """0 (trust anchors) to 5 (applications)."""
    domain: Domain | None = None
    """Where it is reached, without https://."""
    territory: str = ""
    """The part of the ecosystem that it belongs to."""
    active: bool = True
    """false: it stays here, and nothing is asked of it."""
    description: str = ""
    """What it is for, in a sentence."""


class Organization(Strict):
    """The services of one GitHub organisation."""

    services: dict[Name, Entry] = Field(json_schema_extra={"additionalProperties": False})
    """By their names."""


Known = tuple[str, str, Entry]
"""Organisation, name and entry of a service."""


class Registry(Strict):
    """The whole file."""

    schema_version: Whole = Field(ge=1, le=1)
    compliance_profiles: dict[str, dict[str, Annotated[Need, Field(strict=False)]]]
    """What each type of service has to fulfil: type → dimension → need."""
    organizations: dict[Owner, Organization] = Field(
        default_factory=dict, json_schema_extra={"additionalProperties": False}
    )
    """By their names on GitHub."""
    waivers: Many[CentralWaiver] = ()
    """Leave to fail a check until a day, granted to services by the ecosystem."""

    @cached_property
    def _services(self) -> tuple[Mapping[str, Sequence[Known]], Mapping[str, Sequence[Known]]]:
        """By repository and by name, in lower case: of ten thousand services each is looked up many times."""
        by_repository: dict[str, list[Known]] = {}
        by_name: dict[str, list[Known]] = {}
        for owner, organization in self.organizations.items():
            for service, entry in organization.services.items():
                one = (owner, service, entry)
                by_repository.setdefault(entry.repo.lower(), []).append(one)
                by_name.setdefault(service.lower(), []).append(one)
        return by_repository, by_name

    def within(self, repository: str) -> Sequence[Known]:
        """The services of a repository (owner/name): organisation, name and entry of each."""
        return self._services[0].get(repository.lower(), ())

    def named(self, name: str) -> Sequence[Known]:
        """The services of a name, whichever organisation they are of."""
        return self._services[1].get(name.lower(), ())

    def find(self, name: str, repository: str = "") -> Known | None:
        """Organisation, name and entry of a service, by its repository or, where that says nothing, by its name.

        Case does not matter, as on GitHub. A name that stands in several organisations is not told by itself.
        """
        here = self.within(repository)
        found = here
        if name:
            found = [one for one in here if one[1].lower() == name.lower()] if here else self.named(name)
        return found[0] if len(found) == 1 else None


def read_registry(text: str, name: str, dimensions: tuple[str, ...] = ()) -> Registry:
    """The registry. Raises ConfigError with every problem and its line."""
    document = parsed(text, name)
    registry: Registry = validated(Registry, text, name, document)
    if problems := unfit(registry, document, dimensions):
        raise invalid(name, problems)
    return registry


def unfit(registry: Registry, document: Document, dimensions: tuple[str, ...] = ()) -> list[str]:
    """What is wrong with a registry that has the shape of one, each with its line."""
    return [*_unknown_dimensions(registry, document, dimensions), *_unfit_services(registry, document)]


def _unknown_dimensions(registry: Registry, document: Document, dimensions: tuple[str, ...]) -> Iterator[str]:
    for kind, profile in registry.compliance_profiles.items():
        for one in profile:
            if dimensions and one not in dimensions:
                place = ("compliance_profiles", kind, one)
                close = did_you_mean(one, dimensions)
                yield f"{at(document, *place)}{'.'.join(place)}: there is no such dimension{close}"


def _unfit_services(registry: Registry, document: Document) -> Iterator[str]:
    """Services of a type that has no profile, and organisations and services that GitHub could not tell apart."""
    owners: dict[str, str] = {}
    for owner, organization in registry.organizations.items():
        other = owners.setdefault(owner.lower(), owner)
        if other != owner:
            yield f"{at(document, 'organizations', owner)}organizations.{owner}: it is here already, as {other}"
        seen: dict[str, str] = {}
        for name, entry in organization.services.items():
            place = ("organizations", owner, "services", name)
            if entry.type not in registry.compliance_profiles:
                close = did_you_mean(entry.type, registry.compliance_profiles)
                line = at(document, *place, "type")
                yield f"{line}{owner}/{name}: there is no profile for the type {entry.type}{close}"
            if name.lower() in seen:
                yield f"{at(document, *place)}{owner}/{name}: it is here already, as {seen[name.lower()]}"
            seen[name.lower()] = name


def need_of(registry: Registry, kind: str, dimension: str) -> Need:
    """What the profile of a type says of a dimension; a dimension that it does not name is not applicable."""
    profile: dict[str, Any] = registry.compliance_profiles.get(kind, {})
    return Need(profile.get(dimension, Need.NOT_APPLICABLE))
