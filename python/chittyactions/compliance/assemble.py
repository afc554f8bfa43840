"""Put the engine together: the toolkit's checks and registry, with a repository's own checks and waivers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chittyactions.compliance.catalogue import Catalogue, did_you_mean, invalid, parsed, read_catalogue
from chittyactions.compliance.checks import ASKING, EVALUATORS
from chittyactions.compliance.checks.declared import KINDS
from chittyactions.compliance.declared import Endpoint
from chittyactions.compliance.declared import problems as declared_problems
from chittyactions.compliance.documents import Document
from chittyactions.compliance.endpoints import Question
from chittyactions.compliance.engine import Engine, does_not_apply
from chittyactions.compliance.model import Service, Waiver
from chittyactions.compliance.registry import Registry, read_registry
from chittyactions.compliance.settings import FILE, Settings, waivers_of, with_own_checks
from chittyactions.compliance.waivers import WaiverSpec, read_waivers
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

    def waivers_for(self, service: Service) -> tuple[Waiver, ...]:
        """Every waiver that concerns a service."""
        concerned = [one for one in self.registry.waivers if _concerns(one, service)]
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
    settings = settings or Settings()
    catalogue = _catalogue(checks_text or _own(CHECKS))
    text = registry_text or _own(REGISTRY)
    registry = read_registry(text, REGISTRY, tuple(catalogue.dimensions))
    problems = list(_unfit_waivers(registry, catalogue, parsed(text, REGISTRY)))
    if problems:
        raise invalid(REGISTRY, problems)
    catalogue = with_own_checks(catalogue, settings, tuple(KINDS), settings_name)
    waivers = waivers_of(settings, catalogue, settings_name)
    engine = Engine(catalogue, registry.compliance_profiles, {**EVALUATORS, **KINDS}, ASKING)
    return Assembled(engine, registry, tuple(waivers))


def _own(path: str) -> str:
    return (toolkit() / path).read_text("utf-8")


def _catalogue(text: str) -> Catalogue:
    """checks.yml, whose checks all name something that can be evaluated, with parameters that it takes."""
    catalogue = read_catalogue(text, CHECKS)
    document = parsed(text, CHECKS)
    known = {**EVALUATORS, **KINDS}
    problems = []
    for number, check in enumerate(catalogue.checks):
        place = ("checks", number)
        if check.evaluate not in known:
            line = document.spot(*place, "evaluate").line
            close = did_you_mean(check.evaluate, known)
            problems.append(f"line {line}: {check.id}: there is no function {check.evaluate} in checks/{close}")
        problems += declared_problems(check.evaluate, check.parameters, document, (*place, "with"))
    if problems:
        raise invalid(CHECKS, problems)
    return catalogue


def _concerns(waiver: WaiverSpec, service: Service) -> bool:
    full = f"{service.organization}/{service.name}"
    return waiver.service.lower() in (full.lower(), service.name.lower())


def _unfit_waivers(registry: Registry, catalogue: Catalogue, document: Document) -> Iterator[str]:
    """Waivers of the registry that would silently waive nothing."""
    services = [(owner, name) for owner, one in registry.organizations.items() for name in one.services]
    names = {text.lower(): text for owner, name in services for text in (name, f"{owner}/{name}")}
    for number, waiver in enumerate(registry.waivers):
        line = document.spot("waivers", number).line
        if not catalogue.named(waiver.check):
            close = did_you_mean(waiver.check, catalogue.names())
            yield f"line {line}: waivers: there is no check or dimension {waiver.check}{close}"
        if not waiver.service:
            yield f"line {line}: waivers: it names no service"
        elif waiver.service.lower() not in names:
            close = did_you_mean(waiver.service, names.values())
            yield f"line {line}: waivers: there is no service {waiver.service}{close}"
