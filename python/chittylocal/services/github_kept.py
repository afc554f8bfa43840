"""What GitHub keeps here through the state: comments, deployments, pull requests, events, issues and labels."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from chittylocal.state import State, now

BOT = {"login": "github-actions[bot]", "id": 41898282, "type": "Bot"}
"""The author of what a workflow's token writes."""
KINDS = ("comments", "deployments", "pulls", "dispatches", "issues", "labels")


class Kept:
    """Lists of things by kind; each has an `id` and the `repository` (`owner/name`, in any case) that it is of.

    Attributes:
        lock: held while something is looked at and then changed.
        on_change: told the kind, what was (None: nothing) and what became of it, after each addition and change.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self.lock = threading.RLock()
        self.on_change: list[Callable[[str, dict[str, Any] | None, dict[str, Any]], None]] = []
        self._kept: dict[str, Any] = {"next": 1, **{kind: [] for kind in KINDS}}
        self._kept |= state.read("github") or {}

    def all(self, kind: str, repository: str) -> list[dict[str, Any]]:
        """What is kept of that kind for a repository, oldest first."""
        wanted = repository.lower()
        with self.lock:
            return [dict(entry) for entry in self._kept[kind] if entry["repository"].lower() == wanted]

    def everything(self, kind: str) -> list[dict[str, Any]]:
        """What is kept of that kind, for whichever repository."""
        with self.lock:
            return [dict(entry) for entry in self._kept[kind]]

    def add(self, kind: str, entry: dict[str, Any]) -> dict[str, Any]:
        """Keep a new thing of that kind under a new `id`."""
        with self.lock:
            entry = {"id": 2_000_000_000 + self._kept["next"], **entry}
            self._kept["next"] += 1
            self._kept[kind].append(entry)
            return self._changed(kind, None, entry)

    def change(self, kind: str, number: int, repository: str, **changes: Any) -> dict[str, Any] | None:
        """Change what is kept under an id; None when there is no such thing in that repository."""
        with self.lock:
            entry = self._find(kind, number, repository)
            if entry is None:
                return None
            before = dict(entry)
            entry.update(changes)
            return self._changed(kind, before, entry)

    def remove(self, kind: str, number: int, repository: str) -> bool:
        """Keep something no longer; False when it wasn't."""
        with self.lock:
            entry = self._find(kind, number, repository)
            if entry is not None:
                self._kept[kind].remove(entry)
                self._state.write("github", self._kept)
            return entry is not None

    def rename(self, old: str, new: str) -> None:
        """Have what is kept of a repository be another's."""
        with self.lock:
            for kind in KINDS:
                for entry in self._kept[kind]:
                    if entry["repository"].lower() == old.lower():
                        entry["repository"] = new if entry["repository"] == old else new.lower()
            self._state.write("github", self._kept)

    def comments(self, repository: str, number: int) -> list[dict[str, Any]]:
        """The comments of an issue or pull request, oldest first."""
        return [comment for comment in self.all("comments", repository) if comment["issue"] == number]

    def add_comment(
        self, repository: str, number: int, body: str, user: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Write a comment, as `user` (default: the workflow's bot)."""
        entry = {"repository": repository, "issue": number, "body": body, "user": user or BOT}
        return self.add("comments", {**entry, "created_at": now(), "updated_at": now()})

    def _find(self, kind: str, number: int, repository: str) -> dict[str, Any] | None:
        entries: list[dict[str, Any]] = self._kept[kind]
        same = (one for one in entries if one["id"] == number and one["repository"].lower() == repository.lower())
        return next(same, None)

    def _changed(self, kind: str, before: dict[str, Any] | None, entry: dict[str, Any]) -> dict[str, Any]:
        self._state.write("github", self._kept)
        for told in self.on_change:
            told(kind, before, dict(entry))
        return dict(entry)
