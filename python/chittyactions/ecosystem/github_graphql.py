"""GitHub's GraphQL API: one query, its answer, and the waits that its limits ask for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chittyactions.ecosystem.github_budget import Budget, limit_of
from chittyactions.ecosystem.github_graphql_answers import TOO_MUCH, Answered, limited, read
from chittyactions.ecosystem.github_wire import SERVICE, meaning
from chittyactions.errors import Refused
from chittyactions.http import Client, Response

LARGEST = 50 * 1024 * 1024
"""Bytes of an answer."""
LOST_TO_SIZE = frozenset({502, 504})
"""How GitHub answers a query that takes it too long: the same query again would fare no better."""


class GraphQL:
    """Queries that only read, at `url` (see `graphql_url`), with a token.

    `token` is called for each request. `renew` is told a token that was refused and says whether `token` gives
    another now. `account` is whose limits the token counts against in `budget`.
    """

    def __init__(
        self,
        client: Client,
        *,
        token: Callable[[], str],
        url: str,
        budget: Budget,
        account: str = "",
        renew: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._client = client
        self._token = token
        self._url = url
        self._budget = budget
        self._account = account
        self._renew = renew

    def ask(self, query: str, variables: Mapping[str, Any] | None = None) -> Answered:
        """Send a query; a limit is waited for and it is sent again.

        Raises Refused with the code "rate limit" (the wait would be too long), "too much" (ask for less), "query"
        (its form), or with HTTP 401 (nobody asks with that token any more); Unreachable, AnswerLost, BadAnswer.
        """
        body = json.dumps({"query": query, "variables": dict(variables or {})}).encode()
        renewed = False
        while True:
            turn = self._budget.enter(self._account)
            token = self._token()
            response = self._send(token, body)
            self._budget.told(self._account, response.headers)
            if response.status == 401 and not renewed and self._renew(token):
                renewed = True
                continue
            found = None if response.status >= 400 else response.json()
            limit = limit_of(response) if response.status >= 400 else limited(found)
            if limit:
                self._budget.limited(self._account, turn, response.headers, hourly=limit == "hourly")
                continue
            if response.status >= 400:
                failure = _refusal(response)
                if response.status == 401:
                    self._budget.shut(self._account, failure)
                raise failure
            answered = read(found, response.status)
            self._budget.spent(self._account, answered.cost)
            remaining, reset_at = self._budget.left(self._account)
            return replace(answered, remaining=remaining, reset_at=reset_at or None)

    def _send(self, token: str, body: bytes) -> Response:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        return self._client.send(
            "POST", self._url, headers=headers, body=body, limit=LARGEST, final=_final, on_send=self._budget.sent
        )


def _final(response: Response) -> bool:
    """Whether the client should not try it again by itself: a limit is everybody's, too large a query is halved."""
    return response.status == 429 or response.status in LOST_TO_SIZE


def _refusal(response: Response) -> Refused:
    status = response.status
    code = TOO_MUCH if status in LOST_TO_SIZE else meaning(status, response.headers, response.body)
    why, fix = "GitHub did not take the query.", "Run again when GitHub is well."
    if status == 401:
        why, fix = "The token is wrong, has expired or was revoked.", "Give a token that is valid."
    elif status in (403, 404):
        why, fix = "The token may not do that, or the address is wrong.", "Check the token and GITHUB_GRAPHQL_URL."
    elif code == TOO_MUCH:
        why = "The query takes GitHub too long, or GitHub is not well."
    return Refused(
        f"{SERVICE} refused a query (HTTP {status}).", service=SERVICE, status=status, code=code, why=why, fix=fix
    )
