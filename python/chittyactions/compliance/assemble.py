"""Put the engine together: the toolkit's checks and registry, with a repository's own checks and waivers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from chittyactions.compliance.catalogue import (
    Catalogue,
    at,
    did_you_mean,
    invalid,
    parsed,
    read_catalogue,
    unknown_types,
)
from chittyactions.compliance.checks import ASKING, EVALUATORS
from chittyactions.compliance.checks.declared import KINDS
from chittyactions.compliance.declared import Endpoint
from chittyactions.compliance.declared import problems as declared_problems
from chittyactions.compliance.documents import Document
from chittyactions.compliance.endpoints import Question
from chittyactions.compliance.engine import Engine, does_not_apply
from chittyactions.compliance.model import Service, Waiver
from chittyactions.compliance.registry import Registry, read_registry
from chittyactions.compliance.registry_waivers import aimless, meant
from chittyactions.compliance.settings import FILE, Settings, hold_to_types, waivers_of, with_own_checks
from chittyactions.compliance.waivers import read_waivers
from chittyactions.environment import toolkit

CHECKS = "compliance/checks.yml"
REGISTRY = "compliance/service-registry.yml"


@dataclass(frozen=True)
class Assembled:
    """What a run of the checks needs beside a repository and its service."""

    engine: Engine
    registry: Registry
    waivers: tuple[Waiver, ...]
    """The repository's own. `waivers_for` adds what the registry grants a service."""

    def held_to(self, settings: Settings, name: str = FILE) -> Assembled:
        """The same with what a repository's settings say, in a file of that name. Raises ConfigError."""
        hold_to_types(settings, self.registry.compliance_profiles, name)
        catalogue = with_own_checks(self.engine.catalogue, settings, name)
        waivers = waivers_of(settings, catalogue, name)
        return replace(self, engine=replace(self.engine, catalogue=catalogue), waivers=tuple(waivers))

    def waivers_for(self, service: Service) -> tuple[Waiver, ...]:
        """Every waiver that concerns a service."""
        full = f"{service.organization}/{service.name}".lower()
        concerned = [
            one
            for one in self.registry.waivers
            if [name.lower() for name, _ in meant(self.registry, one.service)] == [full]
        ]
        granted, _ = read_waivers(concerned, self.engine.catalogue, REGISTRY)
        return (*self.waivers, *granted)

    def questions(self, service: Service) -> tuple[Question, ...]:
        """What has to be asked of endpoints (endpoints.ask) before the checks that concern a service run."""
        asked = (
            Endpoint.model_validate(check.parameters).question(service)
            for check in self.engine.catalogue.checks
            if check.evaluate == "endpoint" and not does_not_apply(check.applies, service)
        )
        return tuple(dict.fromkeys(one for one in asked if one))


def load(
    settings: Settings | None = None, *, checks_text: str = "", registry_text: str = "", settings_name: str = FILE
) -> Assembled:
    """The engine for a repository of these settings. Raises ConfigError with every problem of a file.

    Without a text, the toolkit's own file is read.
    """
    checks = checks_text or _own(CHECKS)
    catalogue = read_catalogue(checks, CHECKS)
    text = registry_text or _own(REGISTRY)
    registry = read_registry(text, REGISTRY, tuple(catalogue.dimensions))
    if problems := list(_unfit_checks(catalogue, tuple(registry.compliance_profiles), parsed(checks, CHECKS))):
        raise invalid(CHECKS, problems)
    if problems := list(_unfit_waivers(registry, catalogue, parsed(text, REGISTRY))):
        raise invalid(REGISTRY, problems)
    engine = Engine(catalogue, registry.compliance_profiles, {**EVALUATORS, **KINDS}, ASKING)
    made = Assembled(engine, registry, ())
    return made.held_to(settings, settings_name) if settings else made


def _own(path: str) -> str:
    return (toolkit() / path).read_text("utf-8")


def _unfit_checks(catalogue: Catalogue, types: tuple[str, ...], document: Document) -> Iterator[str]:
    """Checks of checks.yml that name nothing that can be evaluated, or have parameters that it does not take."""
    known = {**EVALUATORS, **KINDS}
    for number, check in enumerate(catalogue.checks):
        place = ("checks", number)
        if check.evaluate not in known:
            close = did_you_mean(check.evaluate, known)
            line = at(document, *place, "evaluate")
            yield f"{line}{check.id}: there is no function {check.evaluate} in checks/{close}"
        yield from declared_problems(check.evaluate, check.parameters, document, (*place, "with"))
        yield from unknown_types(check.applies, types, document, (*place, "applies"))


def _unfit_waivers(registry: Registry, catalogue: Catalogue, document: Document) -> Iterator[str]:
    """Waivers of the registry that waive nothing; one that has ended is no error."""
    for doubt in aimless(registry, catalogue):
        yield f"{at(document, 'waivers', doubt.number, doubt.key)}waivers: {doubt.said}"
