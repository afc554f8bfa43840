"""The routes of ChittyConnect that grant credentials: what is sent, and what an answer means.

Only routes that the service has or that its documents name; a proposed route is not asked.
"""

from __future__ import annotations

import json

from chittyactions.connect.answers import SERVICE, refusal
from chittyactions.connect.credential import from_deploy, from_exchange, from_provision
from chittyactions.connect.identity import PAGE
from chittyactions.connect.problem import Problem
from chittyactions.errors import AnswerLost, BadAnswer, ServiceError, Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from typing import Any

    from chittyactions.connect.catalogue import Ask
    from chittyactions.connect.credential import Credential
    from chittyactions.connect.flight import Flight
    from chittyactions.connect.identity import IdTokens
    from chittyactions.http import Client, Response

PATHS = {
    "oidc": "/api/github-actions/credentials",
    "deploy": "/credentials/deploy",
    "provision": "/api/credentials/provision",
}

WAYS = {"oidc": "OIDC", "deploy": "API key (deploy)", "provision": "API key (provision)"}
"""Route → what people read."""


class Routes:
    """The granting routes at `url`.

    What an answer grants goes to `keep` before anything else happens, which returns what of it can be used. A request
    that may have minted leaves on `flight`, and whoever called lands it once the outcome is noted: a job that is
    cancelled meanwhile loses no lease. `hasty` says that another way remains, which gets half of the time.
    Each method returns what was granted, maybe nothing, and raises Refused, Unreachable, AnswerLost or BadAnswer
    with a page of the documentation.
    """

    def __init__(
        self,
        url: str,
        client: Client,
        ask: Ask,
        *,
        tokens: IdTokens | None,
        key: str,
        keep: Callable[[Sequence[Credential]], Sequence[Credential]],
        flight: Flight,
    ) -> None:
        self._url = url.rstrip("/")
        self._client = client
        self._ask = ask
        self._tokens = tokens
        self._key = key
        self._keep = keep
        self.flight = flight

    def oidc(self, names: Sequence[str], *, hasty: bool) -> list[Credential]:
        """Exchange a fresh id token (one for each try) for `names`."""
        tokens = self._tokens
        assert tokens is not None
        body: dict[str, object] = {"credentials": list(names)}
        if self._ask.zones:
            body["zones"] = list(self._ask.zones)
        asked = ", ".join(names)

        def authorization() -> str:
            return f"Bearer {tokens.fresh(self._share(hasty=hasty))}"

        return self._grant("oidc", authorization, body, asked, from_exchange, hasty=hasty)

    def deploy(self, names: Sequence[str], *, hasty: bool) -> list[Credential]:
        """All that a deploy needs, by the API key in one call."""
        ask = self._ask
        body: dict[str, object] = {
            "purpose": ask.purpose,
            "service": ask.service,
            "repo": ask.repo,
            "run_id": ask.run_id,
        }
        return self._grant("deploy", self._bearer, body, ", ".join(names), from_deploy, hasty=hasty)

    def provision(self, names: Sequence[str], *, hasty: bool) -> list[Credential]:
        """The first of `names`, by the API key."""
        name = names[0]
        body = self._ask.provision(name)
        assert body is not None
        return self._grant(
            "provision", self._bearer, body, name, lambda answer: from_provision(name, answer), hasty=hasty
        )

    def _bearer(self) -> str:
        return f"Bearer {self._key}"

    def _share(self, *, hasty: bool) -> float:
        """Seconds that a way may take: a service that hangs leaves time for the other one."""
        left = self._client.deadline.remaining
        return left / 2 if hasty else left

    def _grant(
        self,
        way: str,
        authorization: Callable[[], str],
        body: dict[str, object],
        asked: str,
        read: Callable[[Any], list[Credential]],
        *,
        hasty: bool,
    ) -> list[Credential]:
        def final(response: Response) -> bool:
            if response.status == 429:
                return hasty
            return response.status == 503 and Problem(response).not_configured

        share = self._share(hasty=hasty)
        try:
            response = self._client.send(
                "POST",
                self._url + PATHS[way],
                headers=lambda: {"Authorization": authorization(), "Content-Type": "application/json"},
                body=json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass"),
                repeatable=False,
                within=share,
                final=final,
                on_send=self.flight.leave,
                on_settled=self.flight.land,
            )
            granted = self._keep(read(_success(response, way, asked, self._ask.words)))
        except ServiceError as error:
            error.docs = error.docs or f"{PAGE}#{_page(error)}"
            raise
        return [credential for credential in granted if credential.value]


def _success(response: Response, way: str, asked: str, own: Collection[str]) -> dict[str, object]:
    if not 200 <= response.status < 300:
        raise refusal(response, way, asked, own)
    answer = response.json()
    if not isinstance(answer, dict):
        failure = BadAnswer(
            f"{SERVICE} answered with JSON that is not an object.",
            service=SERVICE,
            why="What answered follows another contract.",
            fix="Check `connect_url`.",
        )
        failure.status = response.status
        raise failure
    if answer.get("success") is False or ("error" in answer and "success" not in answer):
        raise refusal(response, way, asked, own)
    return answer


def _page(error: ServiceError) -> str:
    if isinstance(error, Unreachable):
        return "unreachable"
    return "answer-lost" if isinstance(error, AnswerLost) else "bad-answer"
