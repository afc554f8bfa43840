"""`service-registry.yml`, read: the services of the ecosystem, and what each type of them has to fulfil."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from chittyactions.compliance.catalogue import Strict, did_you_mean, invalid, validated
from chittyactions.compliance.model import Need
from chittyactions.compliance.waivers import WaiverSpec

DOMAIN = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$"
Domain = Annotated[str, StringConstraints(pattern=DOMAIN)]
Repo = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$")]


class Entry(Strict):
    """One service. What nobody knows is left out."""

    repo: Repo
    type: str
    tier: int | None = Field(default=None, ge=0, le=5)
    domain: Domain | None = None
    territory: str = ""
    active: bool = True
    description: str = ""


class Organization(Strict):
    """The services of one GitHub organisation."""

    services: dict[str, Entry]


class Registry(Strict):
    """The whole file."""

    schema_version: int = Field(ge=1, le=1)
    compliance_profiles: dict[str, dict[str, Need]]
    organizations: dict[str, Organization] = Field(default_factory=dict)
    waivers: tuple[WaiverSpec, ...] = ()

    @model_validator(mode="after")
    def _types_are_known(self) -> Registry:
        for owner, organization in self.organizations.items():
            for name, entry in organization.services.items():
                if entry.type not in self.compliance_profiles:
                    close = did_you_mean(entry.type, self.compliance_profiles)
                    raise ValueError(f"{owner}/{name}: there is no profile for the type {entry.type}{close}")
        return self

    def find(self, name: str, repository: str = "") -> tuple[str, str, Entry] | None:
        """Organisation, name and entry of a service, by its repository or, where that says nothing, by its name.

        Case does not matter, as on GitHub. A name that stands in several organisations is not told by itself.
        """
        everything = [
            (owner, service, entry)
            for owner, organization in self.organizations.items()
            for service, entry in organization.services.items()
        ]
        here = [one for one in everything if repository and one[2].repo.lower() == repository.lower()]
        named = [one for one in (here or everything) if one[1].lower() == name.lower()]
        if named:
            return named[0] if len(named) == 1 else None
        return here[0] if len(here) == 1 and not name else None


def read_registry(text: str, name: str, dimensions: tuple[str, ...] = ()) -> Registry:
    """The registry. Raises ConfigError with every problem and its line."""
    registry: Registry = validated(Registry, text, name)
    problems: list[str] = []
    for kind, profile in registry.compliance_profiles.items():
        problems += [
            f"compliance_profiles.{kind}: there is no dimension {one}{did_you_mean(one, dimensions)}"
            for one in profile
            if dimensions and one not in dimensions
        ]
    if problems:
        raise invalid(name, problems)
    return registry


def need_of(registry: Registry, kind: str, dimension: str) -> Need:
    """What the profile of a type says of a dimension; a dimension that it does not name is not applicable."""
    profile: dict[str, Any] = registry.compliance_profiles.get(kind, {})
    return Need(profile.get(dimension, Need.NOT_APPLICABLE))
