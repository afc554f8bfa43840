"""What GitHub allows and how it refuses: points an hour, secondary limits, queries too large for it.

Any other fault is laid by `Local.fault("github", "POST", "/graphql", Fault(…))`.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from aiohttp import web

from chittylocal.services.github_answers import DOCS, Refusal

HOUR = 3600.0
LATE = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
USED_UP = "API rate limit exceeded for user ID 41898282."
TOO_LARGE = (
    "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug."
)


@dataclass
class Budget:
    """The points of one kind of request and hour.

    Attributes:
        resource: `graphql` or `core` (REST).
        limit: points an hour: 5,000 for a user, 1,000 for a workflow's token.
        used: those that are gone.
        resets: when the hour ends, in seconds since 1970.
    """

    resource: str
    limit: int = 5000
    used: int = 0
    resets: float = field(default_factory=lambda: time.time() + HOUR)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def remaining(self) -> int:
        """Points that are left."""
        return max(0, self.limit - self.used)

    def use_up(self, seconds: float = HOUR) -> None:
        """Have none left, for so many seconds."""
        self.used, self.resets = self.limit, time.time() + seconds

    def spend(self, points: int) -> bool:
        """Take points; False when there aren't as many."""
        with self._lock:
            if time.time() >= self.resets:
                self.used, self.resets = 0, time.time() + HOUR
            if points > self.remaining:
                return False
            self.used += points
            return True

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
            answered instead.
    """

    latency: float = 0.0
    secondary: int = 0
    retry_after: int | None = 60
    used_up_status: int = 403
    most_repositories: int | None = None
    most_nodes: int | None = None
    partial_after: int | None = None
    errors: dict[str, tuple[str, str]] = field(default_factory=dict)

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


def rate_limits(core: Budget, graphql: Budget) -> dict[str, Any]:
    """REST's `/rate_limit`."""
    resources = {
        budget.resource: {
            "limit": budget.limit, "remaining": budget.remaining, "used": budget.used, "reset": int(budget.resets),
        }
        for budget in (core, graphql)
    }  # fmt: skip
    return {"resources": resources, "rate": resources["core"]}


def graphql_refusal(budget: Budget) -> web.Response:
    """GraphQL's answer when the hour's points are gone: 200, and an error in it."""
    body = {"errors": [{"type": "RATE_LIMITED", "message": USED_UP}], "documentation_url": DOCS}
    return web.json_response(body, headers=budget.headers())
