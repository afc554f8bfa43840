"""A repository's issues in GraphQL."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from chittylocal.services.github_graphql_asked import Asked, Connection, id_of
from chittylocal.services.github_graphql_schema import Unanswered


class IssueNode:
    """`Issue`."""

    typename = "Issue"

    def __init__(self, asked: Asked, name: str, issue: dict[str, Any]) -> None:
        self._labels = issue["labels"]
        self.id = id_of("Issue", f"{name}#{issue['number']}")
        self.database_id = issue["id"]
        self.number, self.title, self.body = issue["number"], issue["title"], issue["body"] or ""
        self.state, self.closed = issue["state"].upper(), issue["state"] == "closed"
        self.url = f"https://github.com/{name}/issues/{self.number}"
        self.created_at, self.updated_at = issue["created_at"], issue["updated_at"]
        self.state_reason = issue["state_reason"].upper() if issue.get("state_reason") else None
        self.closed_at = issue.get("closed_at")
        self.author = actor(issue["user"])
        self.viewer_did_author = issue["user"]["login"] == asked.viewer["login"]

    def labels(self, **page: Any) -> Connection:
        """Its labels."""
        return Connection(self._labels, lambda name: SimpleNamespace(id=id_of("Label", name), name=name), **page)


def issues(asked: Asked, name: str, wanted: dict[str, Any], order_by: dict[str, str] | None, **page: Any) -> Connection:
    """A repository's issues; `wanted` are GraphQL's `IssueFilters`, of which labels, states and createdBy are known."""
    unknown = wanted.keys() - {"labels", "states", "createdBy"}
    if unknown:
        raise Unanswered("NOT_IMPLEMENTED", f"chittylocal does not filter issues by {', '.join(sorted(unknown))}.")
    labels, states = wanted["labels"], wanted["states"]
    found = [
        issue for issue in asked.data.issues.of(name)
        if (states is None or issue["state"].upper() in states)
        and (labels is None or {label.lower() for label in labels} & {label.lower() for label in issue["labels"]})
        and wanted.get("createdBy", issue["user"]["login"]) == issue["user"]["login"]
    ]  # fmt: skip
    if order_by:
        key = {"CREATED_AT": "number", "UPDATED_AT": "updated_at"}.get(order_by["field"], "number")
        found.sort(key=lambda issue: issue[key], reverse=order_by["direction"] == "DESC")
    return Connection(found, lambda issue: IssueNode(asked, name, issue), **page)


def actor(user: dict[str, Any]) -> SimpleNamespace:
    """Who wrote something; a bot is called without `[bot]` here, other than by REST."""
    kind = str(user.get("type", "User"))
    login = str(user["login"]).removesuffix("[bot]")
    return SimpleNamespace(typename=kind, login=login, id=id_of(kind, login), url=f"https://github.com/{login}")
