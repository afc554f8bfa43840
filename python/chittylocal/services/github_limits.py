"""What GitHub allows and how it refuses: points an hour, secondary limits, queries too large for it.

Any other fault is laid by `Local.fault("github", "POST", "/graphql", Fault(…))`.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from aiohttp import web

from chittylocal.services.github_answers import DOCS, Refusal

MINUTE, HOUR = 60.0, 3600.0
LATE = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
BLOCKED = (
    "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. "
    "Please retry your request again later."
)
USED_UP = "API rate limit exceeded for user ID 41898282."
TOO_LARGE = (
    "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug."
)


@dataclass
class Budget:
    """The points of one kind of request and hour.

    Attributes:
        resource: `graphql`, `core` (REST) or `search`.
        limit: points an hour: 5,000 for a user, 1,000 for a workflow's token.
        used: those that are gone.
        resets: when the hour ends, in seconds since 1970.
        clock: what tells the time; `period` the seconds after which there are new points.
    """

    resource: str
    limit: int = 5000
    used: int = 0
    resets: float = 0.0
    clock: Callable[[], float] = field(default=time.time, repr=False)
    period: float = HOUR
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        self.resets = self.resets or self.clock() + self.period

    @property
    def remaining(self) -> int:
        """Points that are left."""
        return max(0, self.limit - self.used)

    def use_up(self, seconds: float = HOUR) -> None:
        """Have none left, for so many seconds."""
        self.used, self.resets = self.limit, self.clock() + seconds

    def spend(self, points: int) -> bool:
        """Take points; False when there aren't as many."""
        with self._lock:
            if self.clock() >= self.resets:
                self.used, self.resets = 0, self.clock() + self.period
            if points > self.remaining:
                return False
            self.used += points
            return True

    def refund(self, points: int) -> None:
        """Give points back: what was asked cost nothing."""
        with self._lock:
            self.used = max(0, self.used - points)

    def headers(self) -> dict[str, str]:
        """As every answer tells it."""
        values = {"limit": self.limit, "remaining": self.remaining, "used": self.used, "reset": int(self.resets)}
        return {f"x-ratelimit-{name}": str(value) for name, value in {**values, "resource": self.resource}.items()}

    def shown(self) -> dict[str, Any]:
        """As GraphQL's `rateLimit` and REST's `/rate_limit` tell it, in GraphQL's names."""
        moment = datetime.fromtimestamp(int(self.resets), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"limit": self.limit, "remaining": self.remaining, "used": self.used, "reset_at": moment}


@dataclass
class Limits:
    """How GitHub behaves under load; all may be changed while it runs.

    Attributes:
        latency: seconds that each answer takes longer.
        secondary: how many of the next requests meet the secondary limit: 403 with `retry_after` (seconds; None: it
            is not told).
        used_up_status: how REST refuses when the hour's requests are gone: 403 or 429.
        most_repositories, most_nodes: what a query may ask for; one with more is answered by 502.
        partial_after: of more repositories than this in one query only so many are answered, the others are
            null with an error RESOURCE_LIMITS_EXCEEDED each.
        errors: `owner/name`, or `owner/name:EXPRESSION` for one object of it → (type, message) of the error that is
            answered instead; by REST it is 403, 404 or 502, and for the whole repository alone.
        creations_a_minute, creations_an_hour: how much may be written (POST, PUT, PATCH) before GitHub refuses more by
            403 with Retry-After: 80 and 500 as GitHub documents it; None: there is no limit.
        search_delay, search_lag: how late a search knows what became of an issue: seconds, and further searches.
        incomplete_searches: how many of the next searches find nothing and say that they are incomplete.
        most_entries: of more entries than this a tree shows the first, and says that it is truncated.
        ahead: seconds that have passed for GitHub's limits and search alone (see `Data.pass_time`).
    """

    latency: float = 0.0
    secondary: int = 0
    retry_after: int | None = 60
    used_up_status: int = 403
    most_repositories: int | None = None
    most_nodes: int | None = None
    partial_after: int | None = None
    errors: dict[str, tuple[str, str]] = field(default_factory=dict)
    creations_a_minute: int | None = None
    creations_an_hour: int | None = None
    search_delay: float = 0.0
    search_lag: int = 0
    incomplete_searches: int = 0
    most_entries: int = 100_000
    ahead: float = 0.0
    _created: deque[float] = field(default_factory=lambda: deque(maxlen=10_000), repr=False)

    def now(self) -> float:
        """Seconds since 1970, as GitHub's limits count them."""
        return time.time() + self.ahead

    def meets_creation(self) -> web.Response | None:
        """The answer to who has written too much; None: it may be written, and counts."""
        moment = self.now()
        for most, seconds in ((self.creations_a_minute, MINUTE), (self.creations_an_hour, HOUR)):
            within = [at for at in self._created if at > moment - seconds]
            if most is not None and len(within) >= most:
                answer = Refusal(403, BLOCKED).answer()
                freed = within[-most] + seconds if most else moment + seconds
                answer.headers["Retry-After"] = str(max(1, math.ceil(freed - moment)))
                return answer
        self._created.append(moment)
        return None

    def uncreate(self) -> None:
        """What counted last wasn't written after all."""
        if self._created:
            self._created.pop()

    def error(self, name: str, expression: str | None = None) -> tuple[str, str] | None:
        """What is answered instead of a repository, or of one object of it."""
        wanted = (name.lower(), expression)
        places = ((place.partition(":"), error) for place, error in self.errors.items())
        return next((error for (of, _, path), error in places if (of.lower(), path or None) == wanted), None)

    def meets_secondary(self) -> web.Response | None:
        """The answer to a request that meets the secondary limit; None: it may pass."""
        if self.secondary < 1:
            return None
        self.secondary -= 1
        answer = Refusal(403, LATE).answer()
        if self.retry_after is not None:
            answer.headers["Retry-After"] = str(self.retry_after)
        return answer

    def refuse(self, budget: Budget) -> web.Response:
        """REST's answer when the hour's requests are gone."""
        answer = Refusal(self.used_up_status, USED_UP).answer()
        answer.headers.update(budget.headers())
        return answer

    def too_large(self, repositories: int, nodes: int) -> web.Response | None:
        """The answer to a query that asks for too much; None: it may pass."""
        asked = ((repositories, self.most_repositories), (nodes, self.most_nodes))
        if all(most is None or count <= most for count, most in asked):
            return None
        return web.json_response({"data": None, "errors": [{"message": TOO_LARGE}]}, status=502)


def rate_limits(*budgets: Budget) -> dict[str, Any]:
    """REST's `/rate_limit`."""
    resources = {
        budget.resource: {
            "limit": budget.limit, "remaining": budget.remaining, "used": budget.used, "reset": int(budget.resets),
        }
        for budget in budgets
    }  # fmt: skip
    return {"resources": resources, "rate": resources["core"]}


def graphql_refusal(budget: Budget) -> web.Response:
    """GraphQL's answer when the hour's points are gone: 200, and an error in it."""
    body = {"errors": [{"type": "RATE_LIMITED", "message": USED_UP}], "documentation_url": DOCS}
    return web.json_response(body, headers=budget.headers())
