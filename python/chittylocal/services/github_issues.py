"""The issues of GitHub's repositories."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from chittylocal.state import now

if TYPE_CHECKING:
    from chittylocal.services.github_data import Data

BOT = {"login": "github-actions[bot]", "id": 41898282, "type": "Bot"}


class Issues:
    """The issues that `Data` keeps; a repository is named `owner/name`."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def open(
        self,
        name: str,
        title: str,
        body: str = "",
        *,
        labels: Iterable[str] = (),
        author: dict[str, Any] | None = None,
        state: str = "open",
    ) -> dict[str, Any]:
        """Open an issue, as `author` (default: the workflow's bot); `state` is `open` or `closed`."""
        with self._data.lock:
            entry = {
                "repository": name.lower(), "number": self.next_number(name), "title": title, "body": body,
                "state": state, "labels": list(labels), "user": author or BOT, "created_at": now(),
                "updated_at": now(),
            }  # fmt: skip
            return self._data.add("issues", entry)

    def of(self, name: str) -> list[dict[str, Any]]:
        """A repository's issues, oldest first: number, title, body, state, labels (names), user …"""
        return self._data.kept("issues", name.lower())

    def change(self, name: str, number: int, **changes: Any) -> dict[str, Any] | None:
        """Change an issue's title, body, state or labels; None when there is no such one."""
        found = next((issue for issue in self.of(name) if issue["number"] == number), None)
        if found is None:
            return None
        return self._data.change("issues", found["id"], name.lower(), **changes, updated_at=now())

    def next_number(self, name: str) -> int:
        """The number of the next issue or pull request: they share one row of numbers."""
        taken = [self._data.kept(kind, name.lower()) for kind in ("issues", "pulls")]
        return 1 + max((entry["number"] for entries in taken for entry in entries), default=0)
