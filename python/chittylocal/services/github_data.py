"""What GitHub knows about repositories here: set and looked at by tests, asked by `github`."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from typing import Any

from chittylocal.state import State, now

History = Callable[[str, str], tuple[int, int] | None]
"""(base, head) → (ahead_by, behind_by) of `head`."""

BOT = {"login": "github-actions[bot]", "id": 41898282, "type": "Bot"}


class Data:
    """GitHub's data about repositories; a repository is named `owner/name`.

    Attributes:
        token: the workflow's token; any other than this is taken too, unless `strict` is set.
        strict: refuse other tokens than `token` with 401 Bad credentials.
        read_only: answer every write with 403 "Resource not accessible by integration", as for a fork's pull
            request or without the permission.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._lock = threading.RLock()
        self._kept: dict[str, Any] = state.read("github") or {"next": 1, "comments": [], "deployments": []}
        self._pulls: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self._comparisons: dict[tuple[str, str, str], tuple[int, int]] = {}
        self._histories: dict[str, History] = {}
        self.token = f"ghs_{secrets.token_hex(18)}"
        self.strict = False
        self.read_only = False

    def set_pull(self, repository: str, sha: str, number: int, state: str = "open", head: str = "feature") -> None:
        """Let the commit `sha` belong to pull request `number`."""
        owner = repository.partition("/")[0]
        pull = {
            "number": number, "state": state, "title": f"Pull request {number}", "user": {"login": "octocat"},
            "html_url": f"https://github.com/{repository}/pull/{number}",
            "head": {"ref": head, "sha": sha, "label": f"{owner}:{head}", "repo": {"full_name": repository}},
            "base": {"ref": "main", "label": f"{owner}:main", "repo": {"full_name": repository}},
        }  # fmt: skip
        with self._lock:
            self._pulls.setdefault((repository, sha), []).append(pull)

    def pulls(self, repository: str, sha: str) -> list[dict[str, Any]]:
        """The pull requests that a commit belongs to."""
        with self._lock:
            return list(self._pulls.get((repository, sha), []))

    def set_comparison(self, repository: str, base: str, head: str, ahead_by: int, behind_by: int) -> None:
        """Let `head` be that many commits ahead of and behind `base`."""
        with self._lock:
            self._comparisons[repository, base, head] = (ahead_by, behind_by)
            self._comparisons.setdefault((repository, head, base), (behind_by, ahead_by))

    def set_history(self, repository: str, history: History) -> None:
        """Let `history` compare what was not set by hand; None of it: GitHub does not know one of the commits."""
        with self._lock:
            self._histories[repository] = history

    def comparison(self, repository: str, base: str, head: str) -> tuple[int, int] | None:
        """(ahead_by, behind_by) of `head` against `base`; None: GitHub does not know one of them."""
        with self._lock:
            set_here = (0, 0) if base == head else self._comparisons.get((repository, base, head))
            history = self._histories.get(repository)
        return set_here or (history(base, head) if history else None)

    def comments(self, repository: str, number: int) -> list[dict[str, Any]]:
        """The comments of an issue or pull request, oldest first."""
        with self._lock:
            found = [c for c in self._kept["comments"] if c["repository"] == repository and c["issue"] == number]
            return [dict(comment) for comment in found]

    def add_comment(
        self, repository: str, number: int, body: str, user: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Write a comment, as `user` (default: the workflow's bot)."""
        entry = {"repository": repository, "issue": number, "body": body, "user": user or BOT}
        return self.add("comments", {**entry, "created_at": now(), "updated_at": now()})

    def deployments(self, repository: str) -> list[dict[str, Any]]:
        """A repository's deployments with their `statuses`, newest first."""
        with self._lock:
            return [dict(item) for item in reversed(self._kept["deployments"]) if item["repository"] == repository]

    def add(self, kind: str, entry: dict[str, Any]) -> dict[str, Any]:
        """Keep a new thing of that kind under a new `id`."""
        with self._lock:
            entry = {"id": 2_000_000_000 + self._kept["next"], **entry}
            self._kept["next"] += 1
            self._kept[kind].append(entry)
            self._state.write("github", self._kept)
            return dict(entry)

    def change(self, kind: str, number: int, repository: str, **changes: Any) -> dict[str, Any] | None:
        """Change what is kept under an id; None when there is no such thing in that repository."""
        with self._lock:
            for entry in self._kept[kind]:
                if entry["id"] == number and entry["repository"] == repository:
                    entry.update(changes)
                    self._state.write("github", self._kept)
                    return dict(entry)
        return None
