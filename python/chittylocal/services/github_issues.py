"""The issues of GitHub's repositories; pull requests share their numbers and are shown among them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from chittylocal.services.github_kept import BOT
from chittylocal.state import now

if TYPE_CHECKING:
    from chittylocal.services.github_data import Data


class Issues:
    """The issues that `Data` keeps; a repository is named `owner/name`."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def open(
        self,
        name: str,
        title: str,
        body: str | None = "",
        *,
        labels: Iterable[str] = (),
        assignees: Iterable[str] = (),
        author: dict[str, Any] | None = None,
        state: str = "open",
    ) -> dict[str, Any]:
        """Open an issue, as `author` (default: the workflow's bot); `state` is `open` or `closed`.

        Labels that the repository has not are made.
        """
        with self._data.lock:
            moment = now()
            entry = {
                "repository": name.lower(), "number": self.next_number(name), "title": title, "body": body,
                "state": state, "state_reason": "completed" if state == "closed" else None,
                "labels": self._data.labels.ensure(name, labels), "assignees": list(assignees), "user": author or BOT,
                "created_at": moment, "updated_at": moment, "closed_at": moment if state == "closed" else None,
                "closed_by": None,
            }  # fmt: skip
            return self._data.add("issues", entry)

    def of(self, name: str) -> list[dict[str, Any]]:
        """A repository's issues, oldest first: number, title, body, state, labels (names), user …"""
        return self._data.all("issues", name)

    def with_pulls(self, name: str) -> list[dict[str, Any]]:
        """Issues and pull requests, by number."""
        return sorted(self.of(name) + self._data.all("pulls", name), key=lambda issue: int(issue["number"]))

    def find(self, name: str, number: int) -> dict[str, Any] | None:
        """The issue or pull request of that number."""
        return next((issue for issue in self.with_pulls(name) if issue["number"] == number), None)

    def change(
        self, name: str, number: int, *, by: dict[str, Any] | None = None, **changes: Any
    ) -> dict[str, Any] | None:
        """Change title, body, state, state_reason, labels or assignees; None when there is no such issue.

        `by` is who closes it (default: the workflow's bot).
        """
        with self._data.lock:
            found = self.find(name, number)
            if found is None:
                return None
            if "labels" in changes:
                changes["labels"] = self._data.labels.ensure(name, changes["labels"])
            if changes.get("state", found["state"]) != found["state"]:
                changes |= _turned(changes, by or BOT)
            kind = "pulls" if "head" in found else "issues"
            return self._data.change(kind, found["id"], name, **changes, updated_at=now())

    def next_number(self, name: str) -> int:
        """The number of the next issue or pull request: they share one row of numbers."""
        return 1 + max((entry["number"] for entry in self.with_pulls(name)), default=0)

    def shown(self, name: str, issue: dict[str, Any]) -> dict[str, Any]:
        """An issue or pull request as REST shows it."""
        api, web = f"{self._data.api_url}/repos/{name}", f"https://github.com/{name}"
        number, pull = issue["number"], "head" in issue
        place = f"{api}/issues/{number}"
        assignees = [{"login": login, "type": "User"} for login in issue.get("assignees", ())]
        found = {
            "id": issue["id"], "number": number, "title": issue["title"], "body": issue["body"],
            "state": issue["state"], "state_reason": issue.get("state_reason"), "locked": False, "user": issue["user"],
            "labels": [self._data.labels.shown(name, label) for label in issue.get("labels", ())],
            "assignees": assignees, "assignee": assignees[0] if assignees else None, "milestone": None,
            "comments": len(self._data.comments(name, number)), "created_at": issue.get("created_at"),
            "updated_at": issue.get("updated_at"), "closed_at": issue.get("closed_at"),
            "closed_by": issue.get("closed_by"), "url": place, "repository_url": api,
            "labels_url": place + "/labels{/name}", "comments_url": f"{place}/comments",
            "html_url": f"{web}/{'pull' if pull else 'issues'}/{number}",
        }  # fmt: skip
        if pull:
            html = found["html_url"]
            found["pull_request"] = {"url": f"{api}/pulls/{number}", "html_url": html, "diff_url": f"{html}.diff"}
        return found


def _turned(changes: dict[str, Any], by: dict[str, Any]) -> dict[str, Any]:
    """What follows where an issue is closed or opened again."""
    if changes["state"] == "closed":
        reason = changes.get("state_reason") or "completed"
        return {"state_reason": reason, "closed_at": now(), "closed_by": by}
    return {"state_reason": "reopened", "closed_at": None, "closed_by": None}
