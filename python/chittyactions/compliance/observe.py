"""Gather what only services can say of a repository, as far as this run may ask; what stays unknown has its reason.

All is asked at the same time, so that a service which hangs costs its own deadline and no more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote

from chittyactions.compliance import endpoints
from chittyactions.compliance.catalogue import CheckSpec
from chittyactions.compliance.endpoints import Question
from chittyactions.compliance.engine import Engine
from chittyactions.compliance.facts import Fact
from chittyactions.compliance.model import Service
from chittyactions.compliance.probe import SERVICE, Patience, probe
from chittyactions.compliance.repository import Health, Observed, Protection
from chittyactions.ecosystem import github, lookup, registry
from chittyactions.ecosystem.github_guard import Guard, RepositoryGuard
from chittyactions.errors import Refused, ServiceError
from chittyactions.http import Client, Deadline

CALL_SECONDS = 30.0
"""For everything that is asked of one service."""

HEALTH = "health_endpoint.health"
REGISTERED = "chittyregister.registered"
ROUTED = "chittyrouter.routed"
"""The checks whose entries in checks.yml say what is asked, and where."""

UNCONCERNED = "no check of this service needs it"
NO_TOKEN = "this run has no token to ask GitHub with"  # noqa: S105 - a sentence
NO_REPOSITORY = "this run does not know the repository's name on GitHub"

T = TypeVar("T")


@dataclass(frozen=True)
class Sources:
    """What a run may ask. `repository` is owner/name, `token` GitHub's; without one of them GitHub is not asked.

    `environ` names the services' addresses, proxies and certificates; `say` shows a line when a try is repeated.
    """

    environ: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    repository: str = ""
    health: bool = True
    offline: bool = False
    say: Callable[[str], None] = lambda _: None
    sleep: Callable[[float], None] = time.sleep

    def client(self, service: str) -> Client:
        """A client for one service."""
        return Client(service, Deadline(CALL_SECONDS), environ=self.environ, say=self.say, sleep=self.sleep)

    def guard(self) -> RepositoryGuard | None:
        """GitHub, of this repository."""
        if not self.token or not self.repository:
            return None
        url = self.environ.get("GITHUB_API_URL") or github.BASE_URL
        client = self.client(github.SERVICE)
        return RepositoryGuard(client, repository=self.repository, token=self.token, base_url=url)

    @property
    def edge(self) -> str:
        """The origin to connect to in place of a service's own, "" for none."""
        return self.environ.get("CHITTY_EDGE_URL", "")


def observe(engine: Engine, service: Service, sources: Sources, questions: Iterable[Question] = ()) -> Observed:
    """What the services say of `service`. `questions` are those of the repository's own checks."""
    if sources.offline:
        return Observed()
    with ThreadPoolExecutor(5, "observe") as pool:
        guarded = pool.submit(_guarded, sources)
        health = _asked(pool, engine.concerning(HEALTH, service), lambda spec: _health(spec, service, sources))
        registered = _asked(pool, engine.concerning(REGISTERED, service), lambda spec: _known(spec, service, sources))
        routed = _asked(pool, engine.concerning(ROUTED, service), lambda spec: _known(spec, service, sources))
        answers = pool.submit(endpoints.ask, list(questions), sources.client(SERVICE), edge=sources.edge)
        branch, protection, disabled = guarded.result()
        return Observed(
            protection=protection,
            default_branch=branch,
            disabled_workflows=disabled,
            health=health.result(),
            registered=registered.result(),
            routed=routed.result(),
            endpoints=answers.result(),
        )


def _asked(pool: ThreadPoolExecutor, spec: CheckSpec | None, ask: Callable[[CheckSpec], Fact[T]]) -> Future[Fact[T]]:
    return pool.submit(ask, spec) if spec else pool.submit(Fact[T].not_asked, UNCONCERNED)


def _health(spec: CheckSpec, service: Service, sources: Sources) -> Fact[Health]:
    if not sources.health:
        return Fact.not_asked("this run does not ask for health (check_health is off)")
    url = f"https://{service.domain}{spec.parameters['path']}"
    patience = Patience(float(spec.parameters["seconds"]), int(spec.parameters["tries"]))
    return probe(sources.client(SERVICE), url, patience, edge=sources.edge, sleep=sources.sleep)


def _known(spec: CheckSpec, service: Service, sources: Sources) -> Fact[str]:
    """Whether the registry or the router has an entry."""
    if spec.id == REGISTERED:
        name, base = registry.SERVICE, sources.environ.get("CHITTYREGISTRY_URL") or registry.BASE_URL
    else:
        name, base = lookup.ROUTER, sources.environ.get("CHITTYROUTER_URL") or lookup.ROUTER_URL
    place = str(spec.parameters["endpoint"])
    for word, value in (("{service}", service.name), ("{domain}", service.domain)):
        place = place.replace(word, quote(value, safe=""))
    try:
        found = lookup.known(sources.client(name), base.rstrip("/") + place, spec.parameters["not_found"])
    except ServiceError as error:
        return Fact.unknown(reason(error))
    return Fact.present(name) if found else Fact.absent(f"{name} says that it does not know it")


# -- GitHub ------------------------------------------------------------------------------------------------------


def _guarded(sources: Sources) -> tuple[str, Fact[Protection], Fact[tuple[str, ...]]]:
    """The default branch, its protection, and the workflows that are off."""
    guard = sources.guard()
    if guard is None:
        why = NO_REPOSITORY if sources.token else NO_TOKEN
        return "", Fact.not_asked(why), Fact.not_asked(why)
    try:
        disabled: Fact[tuple[str, ...]] = Fact.present(guard.disabled_workflows())
    except ServiceError as error:
        disabled = Fact.unknown(reason(error))
    try:
        branch = guard.default_branch()
    except ServiceError as error:
        return "", Fact.unknown(reason(error)), disabled
    return branch, protection_of(guard, branch), disabled


def protection_of(guard: RepositoryGuard, branch: str) -> Fact[Protection]:
    """What classic rule and rulesets ask for together.

    Whoever has no admin rights is not shown the classic rule. Then it is known only where the rest says enough: nothing
    is lacking, or GitHub says that the branch is not protected at all.
    """
    reasons: list[str] = []
    protected, visible = _tried(lambda: guard.shown(branch), reasons) or (None, Guard())
    rules = _tried(lambda: guard.rules(branch), reasons)
    seen = visible | (rules or Guard())
    classic: Guard | None = Guard()
    if protected is not False and not seen.whole:
        classic = _tried(lambda: guard.classic(branch), reasons)
        seen |= classic or Guard()
    if not seen.whole and (rules is None or classic is None):
        return Fact.unknown(reasons[-1])
    if seen == Guard() and not protected:
        return Fact.absent()
    return Fact.present(_protection(seen))


def _tried(ask: Callable[[], T], reasons: list[str]) -> T | None:
    try:
        return ask()
    except ServiceError as error:
        reasons.append(reason(error))
        return None


def _protection(guard: Guard) -> Protection:
    return Protection(guard.reviews, guard.status_checks, not guard.no_force_pushes)


def reason(error: ServiceError) -> str:
    """Why something stays unknown, in a sentence or two."""
    if isinstance(error, Refused) and error.code == "rate limit":
        return f"{error.service} has a limit, and it is used up for now."
    return f"{error.what} {error.why}".strip()
