"""Run the checks over a repository, and put their outcomes together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from chittyactions.compliance.catalogue import Applies, Catalogue, CheckSpec
from chittyactions.compliance.facts import NotApplicable, NotAsked, NotKnown, State, Undecided, Wrong
from chittyactions.compliance.model import (
    Checked,
    Dimension,
    Finding,
    Need,
    Outcome,
    Service,
    Verdict,
    Waiver,
)
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.waivers import waived
from chittyactions.compliance.workflows import files
from chittyactions.errors import Cancelled


@dataclass(frozen=True)
class Subject:
    """What a check looks at: the repository, the service that it is, and the check's own parameters."""

    repository: Repository
    service: Service
    parameters: Mapping[str, Any]


Evaluator = Callable[[Subject], Iterable[Finding]]
"""A check: its findings, none where all is well. It may raise NotApplicable, NotAsked, NotKnown, Undecided, Wrong."""


@dataclass(frozen=True)
class Engine:
    """The checks, what the profiles ask of each type, and how each check is evaluated.

    `needs` maps a type to its dimensions. `evaluators` holds every name that `evaluate` may have, `asking` those of
    them that go by what services say.
    """

    catalogue: Catalogue
    needs: Mapping[str, Mapping[str, Need]]
    evaluators: Mapping[str, Evaluator]
    asking: frozenset[str] = frozenset()

    def judge(
        self,
        repository: Repository,
        service: Service,
        *,
        waivers: Sequence[Waiver] = (),
        today: date,
        known: Mapping[str, Checked] | None = None,
    ) -> Verdict:
        """The verdict on a service, of a type that there is a profile for.

        `known` are outcomes of earlier, by the check's id, before waivers: these checks are not made again.
        """
        earlier = known or {}
        made = (earlier.get(spec.id) or self.check(spec, repository, service) for spec in self.catalogue.checks)
        checks = tuple(waived(one, waivers, today) for one in made)
        dimensions = tuple(
            Dimension(name, spec.title, self._need(name, service), together(checks, name), spec.advisory)
            for name, spec in self.catalogue.dimensions.items()
        )
        return Verdict(service, repository.files.commit, dimensions, checks)

    def concerning(self, check: str, service: Service) -> CheckSpec | None:
        """The entry of a check that looks at such a service; None where there is none, or it does not concern it."""
        spec = next((one for one in self.catalogue.checks if one.id == check), None)
        if spec is None or self._need(spec.dimension, service) is Need.NOT_APPLICABLE:
            return None
        return None if does_not_apply(spec.applies, service) else spec

    def _need(self, dimension: str, service: Service) -> Need:
        """A dimension that no profile names is nobody's duty: it is looked at, and never required."""
        named = {one for profile in self.needs.values() for one in profile}
        if dimension not in named:
            return Need.OPTIONAL
        return self.needs[service.type].get(dimension, Need.NOT_APPLICABLE)

    def check(self, spec: CheckSpec, repository: Repository, service: Service) -> Checked:
        """What comes of one check, before waivers.

        Where nobody can say which workflows are switched off, it is unknown unless it comes to the same whichever are.
        """
        looks = repository.looks_at_switches
        made = self._check(spec, repository, service)
        switches = repository.observed.disabled_workflows
        if switches.state is not State.UNKNOWN or repository.looks_at_switches == looks:
            return made
        if made.outcome is Outcome.UNKNOWN:
            return made
        none = self._check(spec, repository.switching_off(*files(repository)), service)
        if none.outcome in (made.outcome, *_AS_GOOD.get(made.outcome, ())):
            return made
        why = f"it depends on which workflows are switched on, and that is not known: {switches.why}"
        return replace(made, outcome=Outcome.UNKNOWN, findings=(), reason=why)

    def _check(self, spec: CheckSpec, repository: Repository, service: Service) -> Checked:
        need = self._need(spec.dimension, service)
        advisory = spec.advisory or self.catalogue.dimensions[spec.dimension].advisory
        required = spec.required if spec.required is not None else need is Need.REQUIRED and not advisory

        def came_to(outcome: Outcome, findings: Iterable[Finding] = (), reason: str = "") -> Checked:
            page = f"compliance/{spec.dimension}.md#{spec.id.replace('.', '')}"
            docs = page if not spec.source else "compliance.md#own-checks"
            return Checked(
                spec.id,
                spec.dimension,
                spec.title,
                spec.severity,
                required,
                outcome,
                tuple(findings),
                reason,
                docs=docs,
                advisory=advisory,
                asks=spec.evaluate in self.asking,
            )

        if need is Need.NOT_APPLICABLE and spec.required is None:
            return came_to(Outcome.NOT_APPLICABLE, reason=f"a {service.type} does not need {spec.dimension}")
        if reason := does_not_apply(spec.applies, service):
            return came_to(Outcome.NOT_APPLICABLE, reason=reason)
        found, ended = evaluated(self.evaluators[spec.evaluate], Subject(repository, service, spec.parameters))
        if ended and not found:
            outcome, findings, why = ended
            return came_to(outcome, findings, why)
        if not found:
            return came_to(Outcome.PASS)
        nothing_yet = all(one.absent for one in found)
        if need is Need.OPTIONAL and nothing_yet and spec.required is None and self._is_profiled(spec.dimension):
            return came_to(Outcome.NOT_APPLICABLE, reason=f"{spec.dimension} is optional here, and not set up")
        return came_to(Outcome.FAIL, found)

    def _is_profiled(self, dimension: str) -> bool:
        return any(dimension in profile for profile in self.needs.values())


Ended = tuple[Outcome, tuple[Finding, ...], str]
"""How a check ended without a verdict of its own: outcome, findings, reason."""


def evaluated(evaluate: Evaluator, subject: Subject) -> tuple[list[Finding], Ended | None]:
    """A check's findings, and how it ended where it did not come to its end. What was found by then stays found."""
    found: list[Finding] = []
    try:
        for finding in evaluate(subject):
            found.append(finding)  # noqa: PERF402 - what came before an exception is kept
    except NotApplicable as nothing:
        return found, (Outcome.NOT_APPLICABLE, (), str(nothing))
    except NotAsked as error:
        return found, (Outcome.NOT_EVALUATED, (), str(error))
    except NotKnown as error:
        return found, (Outcome.UNKNOWN, (), str(error))
    except Undecided as undecided:
        return found, (Outcome.ERROR, (undecided.finding,), undecided.finding.message)
    except Wrong as wrong:
        found.append(wrong.finding)
    except Cancelled:  # says nothing of the check
        raise
    except Exception as error:  # noqa: BLE001 - a mistake of ours is no failure of the repository, and ends no run
        return found, (Outcome.UNKNOWN, (), f"the check itself broke ({type(error).__name__}); please report it")
    return found, None


def does_not_apply(applies: Applies, service: Service) -> str:
    """Why a check does not concern a service, or ""."""
    if applies.types and service.type not in applies.types:
        return f"it is for {', '.join(applies.types)}, and this is a {service.type}"
    if applies.tiers and service.tier not in applies.tiers:
        told = "no tier is stated" if service.tier is None else f"this is tier {service.tier}"
        return f"it is for the tiers {', '.join(map(str, applies.tiers))}, and {told}"
    if applies.domain and not service.domain:
        return "the service has no domain"
    return ""


_AS_GOOD = {Outcome.PASS: (Outcome.NOT_APPLICABLE,)}
"""What is no less than an outcome: where nothing is wrong with some workflows, nothing is without them."""

_WORST = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.WAIVED, Outcome.PASS, Outcome.NOT_EVALUATED)


def together(checks: Iterable[Checked], dimension: str) -> Outcome:
    """What a dimension came to: its worst check; not applicable where none applies."""
    outcomes = {one.outcome for one in checks if one.dimension == dimension}
    return next((one for one in _WORST if one in outcomes), Outcome.NOT_APPLICABLE)
