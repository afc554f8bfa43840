"""`.chittyops.yml`: what a repository says of itself to the checks: its service, its waivers, its own checks."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from chittyactions.compliance.catalogue import (
    Applies,
    Catalogue,
    CheckSpec,
    DimensionSpec,
    Id,
    Line,
    Strict,
    did_you_mean,
    invalid,
    parsed,
    validated,
)
from chittyactions.compliance.declared import PARAMETERS
from chittyactions.compliance.declared import problems as declared_problems
from chittyactions.compliance.fail_on import FailOn
from chittyactions.compliance.model import Severity, Waiver
from chittyactions.compliance.registry import DOMAIN
from chittyactions.compliance.waivers import WaiverSpec, read_waivers

FILE = ".chittyops.yml"

OWN = "own"
"""The dimension of a repository's own checks."""


POLICIES = tuple(one.value for one in FailOn)


def _known_policy(text: str) -> str:
    if text and text not in POLICIES:
        raise ValueError(f"there is no such policy{did_you_mean(text, POLICIES)}; there are {', '.join(POLICIES)}")
    return text


class ServiceSettings(Strict):
    """What the repository says that it is, where `.chittyconnect.yml` does not."""

    name: str = ""
    type: str = ""
    tier: int | None = Field(default=None, ge=0, le=5)
    domain: Annotated[str, StringConstraints(pattern=f"^$|{DOMAIN}")] = ""


class OwnCheck(Strict):
    """A check of the repository's own, of one of the kinds that need no Python."""

    id: Id
    title: Line
    description: str = ""
    severity: Severity = Severity.MEDIUM
    required: bool = False
    evaluate: str
    parameters: dict[str, Any] = Field(default_factory=dict, alias="with")
    applies: Applies = Applies()


class Settings(Strict):
    """The whole file; none of it is needed."""

    schema_version: int = Field(default=1, ge=1, le=1)
    service: ServiceSettings = ServiceSettings()
    """What `.chittyconnect.yml` leaves open."""
    fail_on: Annotated[str, AfterValidator(_known_policy), Field(json_schema_extra={"enum": list(POLICIES)})] = ""
    """What fails the job; an input of the workflow comes before it."""
    waivers: tuple[WaiverSpec, ...] = ()
    checks: tuple[OwnCheck, ...] = ()


def read_settings(text: str | None, name: str = FILE) -> Settings:
    """The settings of a repository; those of none where there is no file. Raises ConfigError."""
    document = parsed(text or "", name)
    settings: Settings = validated(Settings, "", name, document)
    problems: list[str] = []
    for number, check in enumerate(settings.checks):
        if check.evaluate not in PARAMETERS:
            line = document.spot("checks", number, "evaluate").line
            close = did_you_mean(check.evaluate, PARAMETERS)
            problems.append(
                f"line {line}: {check.evaluate} is no kind of check{close}; there are {', '.join(PARAMETERS)}"
            )
        problems += declared_problems(check.evaluate, check.parameters, document, ("checks", number, "with"))
    if problems:
        raise invalid(name, problems)
    return settings


def with_own_checks(catalogue: Catalogue, settings: Settings, kinds: tuple[str, ...], name: str = FILE) -> Catalogue:
    """The catalogue with the repository's own checks behind it. Raises ConfigError for an unknown kind or id."""
    if not settings.checks:
        return catalogue
    problems = [
        f"checks.{check.id}: {check.evaluate} is no kind of check{did_you_mean(check.evaluate, kinds)}; "
        f"there are {', '.join(kinds)}"
        for check in settings.checks
        if check.evaluate not in kinds
    ]
    ids = [*(check.id for check in catalogue.checks), *(check.id for check in settings.checks)]
    problems += [f"checks.{one}: the id is taken" for one in dict.fromkeys(ids) if ids.count(one) > 1]
    if problems:
        raise invalid(name, problems)
    own = tuple(
        CheckSpec.model_validate(
            {
                "id": check.id,
                "dimension": OWN,
                "title": check.title,
                "description": check.description or check.title,
                "severity": check.severity,
                "evaluate": check.evaluate,
                "with": check.parameters,
                "applies": check.applies,
                "required": check.required,
                "source": name,
            }
        )
        for check in settings.checks
    )
    spec = DimensionSpec(
        title="Own checks", description=f"What {name} asks for.", why="The repository's owners want it."
    )
    return Catalogue(
        schema_version=1,
        dimensions={**catalogue.dimensions, OWN: spec},
        checks=(*catalogue.checks, *own),
    )


def waivers_of(settings: Settings, catalogue: Catalogue, name: str = FILE) -> list[Waiver]:
    """The repository's waivers. Raises ConfigError for one that names no check."""
    waivers, problems = read_waivers(settings.waivers, catalogue, name)
    problems += [
        f"waivers: {one.check}: service is for the registry's waivers; here it is this repository's service"
        for one in settings.waivers
        if one.service
    ]
    if problems:
        raise invalid(name, problems)
    return waivers
