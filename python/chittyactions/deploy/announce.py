"""Tell the ecosystem about a deploy. Nothing here can fail it, and nothing fails in silence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone

from chittyactions.deploy.outcome import Outcome
from chittyactions.deploy.report import comment, marker
from chittyactions.deploy.request import Request
from chittyactions.deploy.services import Services
from chittyactions.ecosystem import beacon, registry
from chittyactions.ecosystem.github import GitHub
from chittyactions.errors import Refused, ServiceError
from chittyactions.http import Client

COMMENT_YAML = """permissions:
  contents: read
  id-token: write
  pull-requests: write"""


@dataclass(frozen=True)
class Warned:
    """Something that did not work: a sentence, and YAML to paste where that helps."""

    text: str
    yaml: str = ""


def tell(outcome: Outcome, request: Request, services: Services) -> list[Warned]:
    """Everything that is told of a deploy: to all, when it succeeded, and on its pull request in any case."""
    warned = []
    if outcome.failure is None:
        warned += announce(
            outcome,
            services.client,
            registry_url=services.registry_url,
            key=request.register_token,
            beacon_url=services.beacon_url,
            repository=services.repository,
        )
    github = services.github()
    if request.comment and services.pull_request and github:
        warned += tell_pull_request(outcome, github, services.pull_request, services.run_url)
    return warned


def announce(
    outcome: Outcome, client: Callable[[str], Client], *, registry_url: str, key: str, beacon_url: str, repository: str
) -> list[Warned]:
    """Heartbeat and beacon event of a deploy that succeeded. `client` makes one for a service's name.

    The heartbeat says `healthy` when the new version itself is known to have answered well, else `deployed`.
    """

    def heartbeat() -> None:
        registry.heartbeat(
            client(registry.SERVICE),
            registry_url,
            outcome.service,
            key=key,
            status="healthy" if outcome.health and outcome.health.asserted else "deployed",
            version=outcome.version_id,
        )

    def event() -> None:
        beacon.track(
            client(beacon.SERVICE),
            beacon_url,
            {
                "id": outcome.version_id,
                "name": outcome.service,
                "version": outcome.version_id,
                "platform": "cloudflare-workers",
                "event": "deploy",
                "environment": outcome.environment,
                "commit": outcome.commit,
                "repository": repository,
                "timestamp": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
        )

    return [warned for attempt in (heartbeat, event) if (warned := _try(attempt))]


def tell_pull_request(outcome: Outcome, github: GitHub, number: int, run_url: str) -> list[Warned]:
    """Write the pull request's one comment of this service and environment, or edit it in place."""

    def write() -> None:
        body = comment(outcome, run_url)
        there = github.comment(number, marker(outcome))
        if there is None:
            github.write_comment(number, body)
        else:
            github.edit_comment(there.id, body)

    warned = _try(write)
    return [warned] if warned else []


def _try(attempt: Callable[[], None]) -> Warned | None:
    try:
        attempt()
    except ServiceError as failure:
        denied = isinstance(failure, Refused) and failure.status in (401, 403, 404) and "GitHub" in failure.service
        fix = "Let the caller grant what is missing." if denied else failure.fix
        return Warned(
            " ".join(part for part in (failure.what, failure.why, fix) if part), COMMENT_YAML if denied else ""
        )
    return None
