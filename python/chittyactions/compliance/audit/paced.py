"""How often hosts are asked: so many things at once, and GitHub's REST API within its limits."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from chittyactions.compliance.observe import CALL_SECONDS
from chittyactions.ecosystem.github_budget import RATE_LIMIT, REST_PER_MINUTE, Budget, limit_of
from chittyactions.ecosystem.github_tokens import Asker
from chittyactions.ecosystem.github_wire import SERVICE
from chittyactions.errors import Refused, Unreachable
from chittyactions.http import Client, Response

PER_HOST = 8
"""Requests at one host at once, and fetches of git."""


class Hosts:
    """How much each host is asked at once, and how much it was asked at all; used by many threads."""

    def __init__(self, most: int = PER_HOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._free: dict[str, threading.Semaphore] = {}
        self.asked: dict[str, int] = {}
        """By what is asked: "rest", "probe", "archive"."""
        self.before = 0
        """Answers of an earlier audit that stood in for REST's, whose hour was used up."""

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Wait until a host may be asked one thing more."""
        with self._lock:
            free = self._free.setdefault(host, threading.Semaphore(self._most))
        with free:
            yield

    def count(self, what: str) -> None:
        """A request leaves."""
        with self._lock:
            self.asked[what] = self.asked.get(what, 0) + 1

    def stood(self) -> None:
        """An earlier answer stands."""
        with self._lock:
            self.before += 1


class Polite(Client):
    """A client that takes its turn at each host."""

    def __init__(self, hosts: Hosts, what: str, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        self._hosts = hosts
        self._what = what

    def send(self, method: str, url: str, **more: Any) -> Response:
        """Send a request in its turn. Each try counts."""
        with self._hosts.turn(urlsplit(url).netloc):
            return super().send(method, url, **more, on_send=lambda: self._hosts.count(self._what))


class Paced(Polite):
    """A client of GitHub's REST API that keeps to its limits: who meets one waits, and sends the request again."""

    def __init__(self, hosts: Hosts, budget: Budget, asker: Asker, *words: Any, **more: Any) -> None:
        super().__init__(hosts, "rest", *words, **more)
        self._budget = budget
        self._asker = asker
        self.limited = False
        """Whether a request was not sent, since it would have to wait too long."""
        self.unsent = False
        """Whether one was not sent, for that or another reason."""

    def send(self, method: str, url: str, **more: Any) -> Response:
        """Send a request when the limits allow it.

        Raises Refused with the code "rate limit" for too long a wait, with HTTP 401 where nobody asks with that token
        any more; CredentialError where there is none.
        """
        try:
            return self._sent(method, url, **more)
        except (Refused, Unreachable) as error:
            self.limited |= isinstance(error, Refused) and error.code == RATE_LIMIT
            self.unsent = True
            raise

    def _sent(self, method: str, url: str, *, headers: Mapping[str, str], **more: Any) -> Response:
        account, renewed = self._asker.account, False
        while True:
            turn = self._budget.enter(account)
            token = self._asker.token()
            more["headers"] = {**headers, "Authorization": f"Bearer {token}"}
            response = super().send(method, url, **more, within=CALL_SECONDS, final=lambda one: bool(limit_of(one)))
            self._budget.told(account, response.headers)
            if response.status == 401 and not renewed and self._asker.renew(token):
                renewed = True
                continue
            if response.status == 401:
                failure = _refused_token()
                self._budget.shut(account, failure)
                raise failure
            limit = limit_of(response)
            if not limit:
                self._budget.spent(account, 0)
                return response
            self._budget.limited(account, turn, response.headers, hourly=limit == "hourly")


def _refused_token() -> Refused:
    return Refused(
        f"{SERVICE} refused the token (HTTP 401).", service=SERVICE, status=401,
        why="It is wrong, has expired or was revoked.", fix="Give a token that is valid.",
    )  # fmt: skip


def rest_budget(**more: Any) -> Budget:
    """The budget of REST's limits, which are apart from GraphQL's."""
    return Budget(unit="requests", per_minute=REST_PER_MINUTE, **more)
