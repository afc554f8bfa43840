"""`.chittyops.yml`: what a repository says of itself to the checks: its service, its waivers, its own checks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PrivateAttr

from chittyactions.compliance import names, opting
from chittyactions.compliance.catalogue import (
    Applies,
    Catalogue,
    CheckSpec,
    DimensionSpec,
    Id,
    Level,
    Line,
    Many,
    Strict,
    Tier,
    Whole,
    at,
    did_you_mean,
    invalid,
    parsed,
    unknown_types,
    validated,
)
from chittyactions.compliance.claims import host_of
from chittyactions.compliance.declared import PARAMETERS
from chittyactions.compliance.declared import problems as declared_problems
from chittyactions.compliance.documents import Document
from chittyactions.compliance.fail_on import FailOn
from chittyactions.compliance.model import Severity, Waiver
from chittyactions.compliance.waivers import WaiverSpec, read_waivers

FILE = opting.FILE

OWN = "own"
"""The dimension of a repository's own checks."""


POLICIES = tuple(one.value for one in FailOn)


def _known_policy(text: str) -> str:
    if text not in POLICIES:
        raise ValueError(f"there is no such policy{did_you_mean(text, POLICIES)}; there are {', '.join(POLICIES)}")
    return text


DOMAIN_OR_URL = rf"^$|^([a-z]+://)?{names.DOMAIN_AS_WRITTEN}(/.*)?$"
"""For editors; `host_of` is what decides."""


def _host(text: str) -> str:
    host = host_of(text)
    if text and not host:
        raise ValueError("that is no domain, such as auth.chitty.cc")
    return host


def _name(text: str) -> str:
    if text and not names.is_service(text):
        raise ValueError("that is no name of a service, such as chittyauth")
    return text


class ServiceSettings(Strict):
    """What the repository says that it is, where `.chittyconnect.yml` does not."""

    name: Annotated[str, AfterValidator(_name), Field(json_schema_extra={"pattern": f"^$|^{names.SERVICE}$"})] = ""
    type: str = ""
    tier: Tier | None = None
    domain: Annotated[str, AfterValidator(_host), Field(json_schema_extra={"pattern": DOMAIN_OR_URL})] = ""


class OwnCheck(Strict):
    """A check of the repository's own, of one of the kinds that need no Python."""

    id: Id
    title: Line
    description: str = ""
    severity: Level = Severity.MEDIUM
    required: bool = False
    evaluate: str
    parameters: dict[str, Any] = Field(default_factory=dict, alias="with")
    applies: Applies = Applies()


class Settings(Strict):
    """The whole file; none of it is needed."""

    schema_version: Whole = Field(default=1, ge=1, le=1)
    service: ServiceSettings = ServiceSettings()
    """What `.chittyconnect.yml` leaves open."""
    fail_on: Annotated[str, AfterValidator(_known_policy), Field(json_schema_extra={"enum": list(POLICIES)})] = ""
    """What fails the job; an input of the workflow comes before it."""
    waivers: Many[WaiverSpec] = ()
    checks: Many[OwnCheck] = ()

    _document: Document = PrivateAttr(default_factory=lambda: Document(None))

    def model_post_init(self, context: Any) -> None:
        """Keep the places of what is said, for what is found wrong only later."""
        if isinstance(context, Document):
            self._document = context

    @property
    def document(self) -> Document:
        """The file as it was read."""
        return self._document


def read_settings(text: str | None, name: str = FILE) -> Settings:
    """The settings of a repository; those of none where there is no file. Raises ConfigError."""
    document = parsed(text or "", name)
    settings: Settings = validated(Settings, "", name, document)
    problems: list[str] = []
    for number, check in enumerate(settings.checks):
        if check.evaluate not in PARAMETERS:
            close = did_you_mean(check.evaluate, PARAMETERS)
            problems.append(
                f"{at(document, 'checks', number, 'evaluate')}{check.evaluate} is no kind of check{close}; "
                f"there are {', '.join(PARAMETERS)}"
            )
        problems += declared_problems(check.evaluate, check.parameters, document, ("checks", number, "with"))
    if problems:
        raise invalid(name, problems)
    return settings


def hold_to_types(settings: Settings, types: Iterable[str], name: str = FILE) -> None:
    """Raises ConfigError where the settings speak of a type of service that there is not."""
    known = list(types)
    document, service = settings.document, settings.service
    problems = []
    if "type" in service.model_fields_set and service.type not in known:
        close = did_you_mean(service.type, known)
        problems.append(
            f"{at(document, 'service', 'type')}service.type: there is no such type{close}; there are {', '.join(known)}"
        )
    for number, check in enumerate(settings.checks):
        problems += unknown_types(check.applies, known, document, ("checks", number, "applies"))
    if problems:
        raise invalid(name, problems)


def with_own_checks(catalogue: Catalogue, settings: Settings, name: str = FILE) -> Catalogue:
    """The catalogue with the repository's own checks behind it. Raises ConfigError for an id that is taken."""
    if not settings.checks:
        return catalogue
    taken = {check.id for check in catalogue.checks}
    problems = []
    for number, check in enumerate(settings.checks):
        if check.id in taken:
            problems.append(f"{at(settings.document, 'checks', number, 'id')}checks.{check.id}: the id is taken")
        taken.add(check.id)
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
    waivers, problems = read_waivers(settings.waivers, catalogue, name, settings.document)
    if problems:
        raise invalid(name, problems)
    return waivers
