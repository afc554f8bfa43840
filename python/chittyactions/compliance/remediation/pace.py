"""How fast GitHub may be asked to change things, and what is waited for: said before, and never without an end."""

from __future__ import annotations

import hashlib
import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from chittyactions.ecosystem.github_graphql_answers import limited
from chittyactions.ecosystem.github_tokens import Asker
from chittyactions.ecosystem.github_wire import SERVICE, meaning
from chittyactions.errors import ServiceError
from chittyactions.http import ASKING, Client, Deadline, Response, retry_after

BETWEEN = 1.0
"""Seconds between two changes, at least."""
AN_HOUR = 3600.0
IN_AN_HOUR = 500
"""Changes in any hour, at most: GitHub takes no more of what notifies people."""
SECONDARY = 60.0
"""Seconds to wait where GitHub does not say; twice as many each time that it says so again."""
SAID_FROM = 5.0
"""Seconds of a wait that is worth a line."""
DAY = 24 * AN_HOUR

LIMITS = frozenset({403, 429})
REST, GRAPHQL = "core", "graphql"
"""What GitHub calls the budgets of its two APIs."""

Budget = tuple[str, str]
"""Whose requests of which kind: an account, or a token, as its digest, and `REST` or `GRAPHQL`."""

NOBODY = ("", REST)


class LimitReached(ServiceError):
    """GitHub's limit holds for longer than this run may wait. What is done is done, and another run goes on."""

    exit_code = 3


class Pace:
    """Waits of one run: between changes, and for GitHub's limits.

    `longest` is how many seconds it may wait for limits in all. `clock` only runs forward, `wall` is the time of day
    in seconds since 1970, by which GitHub says when an hour ends.
    """

    def __init__(
        self,
        *,
        longest: float,
        say: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._left = longest
        self._say = say
        self._clock = clock
        self._wall = wall
        self._sleep = sleep
        self._changes: deque[float] = deque(maxlen=IN_AN_HOUR)
        self._again = 0
        self._resets: dict[Budget, float] = {}
        self.waited = 0.0
        """Seconds, for limits."""

    def pause(self, seconds: float) -> None:
        """Wait a moment, for GitHub to show what was written."""
        self._sleep(seconds)

    def between_tries(self, seconds: float) -> None:
        """Wait before the same request is sent again, for want of an answer."""
        self._sleep(max(seconds, BETWEEN))

    def before_asking(self, budget: Budget = NOBODY) -> None:
        """Wait until GitHub answers again. Raises LimitReached."""
        ends = self._resets.pop(budget, 0.0)
        self._wait(ends - self._wall(), "the token's requests of this hour are used up")

    def before_change(self, budget: Budget = NOBODY) -> None:
        """Wait until another change may be made. Raises LimitReached."""
        self.before_asking(budget)
        if len(self._changes) == IN_AN_HOUR:
            self._wait(self._changes[0] + AN_HOUR - self._clock(), f"{IN_AN_HOUR} changes were made within an hour")
        if self._changes and (rest := self._changes[-1] + BETWEEN - self._clock()) > 0:
            self._sleep(rest)

    def changed(self) -> None:
        """Note that a request leaves that changes something, the same again too."""
        self._changes.append(self._clock())

    def heard(self, status: int, headers: Mapping[str, str], body: bytes, budget: Budget = NOBODY) -> bool:
        """Take in an answer; whether it is a limit's, after waiting for it, so that the request is sent again.

        Raises LimitReached.
        """
        asked_of = (budget[0], headers.get("x-ratelimit-resource") or budget[1])
        spent, reset = headers.get("x-ratelimit-remaining") == "0", headers.get("x-ratelimit-reset", "")
        if spent and reset.isdecimal():
            self._resets[asked_of] = float(reset) + 1
        asked = retry_after(headers)
        refused = status in LIMITS and (status == 429 or asked > 0 or meaning(status, headers, body) == "rate limit")
        if not refused and not (budget[1] == GRAPHQL and _turned_away(status, body)):
            self._again = 0
            return False
        if spent and asked_of in self._resets and not asked:
            self.before_asking(asked_of)
        else:
            wait = asked or SECONDARY * 2.0**self._again
            self._again += 1
            self._wait(wait, "GitHub asks for fewer requests at once")
        return True

    def _wait(self, seconds: float, why: str) -> None:
        if seconds <= 0:
            return
        if seconds > self._left:
            raise LimitReached(
                f"GitHub takes no more for another {said(seconds)}: {why}.",
                service=SERVICE,
                why=f"This run may wait {said(max(0.0, self._left))} more.",
                fix="Run it again after that time: it goes on where it stopped. Or raise --max-wait.",
                docs="remediation.md#limits",
            )
        if seconds >= SAID_FROM:
            self._say(f"Waiting {said(seconds)}: {why}.")
        self._left -= seconds
        self.waited += seconds
        self._sleep(seconds)


class PacedClient(Client):
    """An HTTP client that keeps a pace, and sends again what a limit turned away: such a request had no effect.

    With an `asker` each request is signed by its token when it leaves: a wait may take longer than a token lives.
    """

    def __init__(self, pace: Pace, asker: Asker | None = None, **options: Any) -> None:
        super().__init__(SERVICE, Deadline(DAY), sleep=pace.between_tries, **options)
        self.pace = pace
        self._asker = asker
        self._options = options

    def of(self, asker: Asker) -> PacedClient:
        """The same for another asker, at the same pace."""
        return PacedClient(self.pace, asker, **self._options)

    def send(self, method: str, url: str, **options: Any) -> Response:
        """As `Client.send`. Raises LimitReached, and CredentialError where the asker has no token."""
        headers = options.pop("headers", None) or {}
        changes, budget = _changes(method, url, options.get("body")), _budget(url, headers, self._asker)
        signed, renewed = _Signed(self._asker, headers), False
        while True:
            (self.pace.before_change if changes else self.pace.before_asking)(budget)
            options |= {"headers": signed, "on_send": self.pace.changed if changes else _nothing}
            answer = super().send(method, url, **options, final=lambda one: one.status in LIMITS)
            if answer.status == 401 and not renewed and self._asker and self._asker.renew(signed.token):
                renewed = True
            elif not self.pace.heard(answer.status, answer.headers, answer.body, budget):
                return answer


class _Signed:
    """Headers for each try, with the token that is valid by then; `token` is the last one."""

    def __init__(self, asker: Asker | None, headers: Mapping[str, str]) -> None:
        self._asker = asker
        self._headers = headers
        self.token = ""

    def __call__(self) -> Mapping[str, str]:
        if self._asker is None:
            return self._headers
        self.token = self._asker.token()
        return {**self._headers, "Authorization": f"Bearer {self.token}"}


def _nothing() -> None:
    pass


def said(seconds: float) -> str:
    """`42 s`, `17 min`."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _changes(method: str, url: str, body: bytes | None) -> bool:
    """Whether a request changes something: GraphQL asks by POST."""
    if method in ASKING:
        return False
    return not url.endswith("/graphql") or b'"mutation' in (body or b"")


def _budget(url: str, headers: Mapping[str, str], asker: Asker | None) -> Budget:
    whose = asker.account if asker else hashlib.sha256(headers.get("Authorization", "").encode()).hexdigest()
    return whose, GRAPHQL if url.endswith("/graphql") else REST


def _turned_away(status: int, body: bytes) -> bool:
    """Whether GraphQL says by an error that its limit is reached, which it does with 200, too."""
    if status != 200:
        return False
    try:
        return bool(limited(json.loads(body)))
    except (ValueError, RecursionError):
        return False
