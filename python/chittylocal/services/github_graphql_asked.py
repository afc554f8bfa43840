"""Who asks a GraphQL query, and the pages that connections come in."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from chittylocal.services.github_data import Data
from chittylocal.services.github_graphql_cost import Cost
from chittylocal.services.github_graphql_schema import Unanswered


class Asked:
    """One query: the data that it is asked of, its token, what it costs."""

    def __init__(self, data: Data, token: str, cost: Cost) -> None:
        self.data = data
        self.cost = cost
        self.repositories = 0
        self.viewer = data.accounts.of(token)
        self._value, self._token = token, data.apps.token(token)

    @property
    def admin(self) -> str:
        """Whether the token may see classic rules: `yes`, `forbidden`, `hidden` (see `Rules.admin`)."""
        if self._token and "administration" not in self._token.permissions:
            return "forbidden"
        return self.data.rules.admin

    def refusal(self, name: str) -> Unanswered | None:
        """The error that is answered instead of a repository, each of which counts for one; None: it is answered."""
        self.repositories += 1
        limits = self.data.limits
        if limits.partial_after is not None and self.repositories > limits.partial_after:
            return Unanswered("RESOURCE_LIMITS_EXCEEDED", "Resource limits for this query exceeded.")
        error = limits.error(name)
        return Unanswered(*error) if error else None

    def sees(self, name: str) -> bool:
        """Whether the token may know of a repository."""
        return self.data.accounts.sees(self._value, name)


class Connection:
    """A page of a list; `node` makes what is shown of an item, for those of the page alone."""

    def __init__(
        self,
        items: Sequence[Any],
        node: Callable[[Any], Any],
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> None:
        start, end = _place(after, -1) + 1, min(len(items), _place(before, len(items)))
        if first is not None:
            end = min(end, start + first)
        elif last is not None:
            start = max(start, end - last)
        self.total_count = len(items)
        self.nodes = [node(item) for item in items[start:end]]
        self.edges = [SimpleNamespace(node=one, cursor=cursor(start + i)) for i, one in enumerate(self.nodes)]
        self.page_info = SimpleNamespace(
            has_next_page=end < len(items), has_previous_page=start > 0,
            start_cursor=cursor(start) if self.nodes else None, end_cursor=cursor(end - 1) if self.nodes else None,
        )  # fmt: skip


def cursor(place: int) -> str:
    """The name of a place in a list."""
    return base64.b64encode(f"cursor:v2:{place}".encode()).decode()


def id_of(kind: str, name: str) -> str:
    """A node's id."""
    return base64.b64encode(f"{kind}:{name}".encode()).decode()


def _place(name: str | None, default: int) -> int:
    return int(base64.b64decode(name).decode().rpartition(":")[2]) if name else default
