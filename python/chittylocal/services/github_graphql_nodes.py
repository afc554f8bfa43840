"""Where GraphQL queries begin: repositories, their owners, who asks, and what is left of the hour's points."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from chittylocal.services.github_git import Repository
from chittylocal.services.github_graphql_asked import Asked, Connection, id_of
from chittylocal.services.github_graphql_guards import RefNode
from chittylocal.services.github_graphql_issues import actor, issues
from chittylocal.services.github_graphql_objects import CommitNode, Tree
from chittylocal.services.github_graphql_schema import Unanswered
from chittylocal.services.github_languages import language_of


class RepositoryNode:
    """`Repository`; of its contents nothing is read before it is asked for, and then once a query."""

    typename = "Repository"

    def __init__(self, asked: Asked, name: str, repository: Repository) -> None:
        self._asked = asked
        self._repository = repository
        self._profile = profile = asked.data.profile(name)
        self._branch = asked.data.rules.default_branch(name)
        self.id = id_of("Repository", name)
        self.name_with_owner = name
        self.name = name.partition("/")[2]
        self.url = f"https://github.com/{name}"
        self.description, self.visibility = profile.description, profile.visibility.upper()
        self.is_archived, self.is_disabled, self.is_locked = profile.archived, profile.disabled, profile.archived
        self.is_private, self.is_fork, self.is_template = profile.visibility != "public", profile.fork, profile.template
        self.has_issues_enabled = profile.has_issues
        self.is_mirror, self.is_in_organization = False, asked.data.rules.owner(name)["type"] == "Organization"
        self.created_at = profile.created_at
        self.viewer_permission = "ADMIN" if asked.admin == "yes" else "WRITE" if asked.data.rules.writer else "READ"
        self.viewer_can_administer = asked.admin == "yes"

    @property
    def is_empty(self) -> bool:
        """Whether it has no branch."""
        return self._repository.empty

    @property
    def pushed_at(self) -> str | None:
        """When it was last pushed to; null of an empty one."""
        told = self._profile.pushed_at
        return told or (self._repository.pushed_at(self._branch) if self._head else None)

    @property
    def primary_language(self) -> SimpleNamespace | None:
        """The language that most of its default branch is written in."""
        found = language_of(self._head.files if self._head else {}, self._profile.language)
        return SimpleNamespace(id=id_of("Language", found), name=found, color=None) if found else None

    @property
    def disk_usage(self) -> int:
        """KiB of the default branch's files."""
        return sum(file.size for file in self._head.files.values()) // 1024 if self._head else 0

    @property
    def updated_at(self) -> str:
        """When anything about it last changed."""
        return self._profile.updated_at or self.pushed_at or self.created_at

    @property
    def owner(self) -> Owner:
        """Whose it is."""
        return Owner(self._asked, self.name_with_owner.partition("/")[0])

    def default_branch_ref(self) -> RefNode | None:
        """The default branch; null of an empty repository."""
        return RefNode(self._asked, self._head, self._branch) if self._head else None

    def ref(self, qualified_name: str) -> RefNode | None:
        """A branch."""
        branch = qualified_name.removeprefix("refs/heads/")
        tree = self._head if branch == self._branch else self._tree(f"refs/heads/{branch}")
        return RefNode(self._asked, tree, branch) if tree else None

    def object(self, expression: str | None = None, oid: str | None = None) -> Any:
        """What `REVISION`, `REVISION:PATH` or a name of git's stands for; null where there is no such thing."""
        error = self._asked.data.limits.error(self.name_with_owner, expression)
        if error:
            raise Unanswered(*error)
        if expression is None:
            return self._head.named(oid) if self._head and oid else None
        revision, colon, path = expression.partition(":")
        tree = self._head if revision in ("HEAD", self._branch) else self._tree(revision)
        return tree and (tree.at(path) if colon else CommitNode(tree))

    def issues(
        self,
        *,
        labels: list[str] | None = None,
        states: list[str] | None = None,
        filter_by: dict[str, Any] | None = None,
        order_by: dict[str, str] | None = None,
        **page: Any,
    ) -> Connection:
        """Its issues that are in one of the states and have one of the labels."""
        wanted = {"labels": labels, "states": states, **(filter_by or {})}
        return issues(self._asked, self.name_with_owner, wanted, order_by, **page)

    @cached_property
    def _head(self) -> Tree | None:
        return self._tree(f"refs/heads/{self._branch}")

    def _tree(self, revision: str) -> Tree | None:
        commit = self._repository.resolve(revision)
        return Tree(self._repository, self.name_with_owner, commit) if commit else None


class Owner:
    """`Organization` or `User`."""

    def __init__(self, asked: Asked, login: str) -> None:
        self._asked = asked
        self.login = login
        self.typename = asked.data.rules.owner(f"{login}/")["type"]
        self.id = id_of(self.typename, login)
        self.url = f"https://github.com/{login}"

    def repositories(
        self,
        *,
        is_archived: bool | None = None,
        is_fork: bool | None = None,
        visibility: str | None = None,
        privacy: str | None = None,
        owner_affiliations: list[str] | None = None,
        order_by: dict[str, str] | None = None,
        **page: Any,
    ) -> Connection:
        """Its repositories that the token may see, by name; it owns all of them."""
        data, found = self._asked.data, []
        for name in data.repositories.owned(self.login):
            profile = data.profile(name)
            asked_for = (
                (is_archived, profile.archived), (is_fork, profile.fork), (visibility, profile.visibility.upper()),
                (privacy, "PUBLIC" if profile.visibility == "public" else "PRIVATE"),
            )  # fmt: skip
            if all(wanted in (None, value) for wanted, value in asked_for) and self._asked.sees(name):
                found.append(name)
        if order_by:
            found.sort(key=self._order(order_by["field"]), reverse=order_by["direction"] == "DESC")
        return Connection(found, self._node, **page)

    def _order(self, field: str) -> Callable[[str], str]:
        data = self._asked.data
        told: dict[str, Callable[[str], str]] = {
            "NAME": lambda name: name.lower(),
            "CREATED_AT": lambda name: data.profile(name).created_at,
            "PUSHED_AT": lambda name: self._made(name).pushed_at or "",
            "UPDATED_AT": lambda name: self._made(name).updated_at,
        }
        if field not in told:
            raise Unanswered("NOT_IMPLEMENTED", f"chittylocal does not order repositories by {field}.")
        return told[field]

    def _node(self, name: str) -> RepositoryNode | Unanswered:
        # Of a list one place may be in error and null, while the others are answered.
        return self._asked.refusal(name) or self._made(name)

    def _made(self, name: str) -> RepositoryNode:
        repository = self._asked.data.repositories.find(name)
        assert repository
        return RepositoryNode(self._asked, name, repository)


class Query:
    """The root of every query."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self.viewer = SimpleNamespace(
            typename="User", login=asked.viewer["login"], id=actor(asked.viewer).id
        )  # fmt: skip

    def repository(self, owner: str, name: str, follow_renames: bool | None = None) -> RepositoryNode:
        """A repository by its name, or by one that it once had."""
        data, full = self._asked.data, f"{owner}/{name}"
        refusal = self._asked.refusal(full)
        if refusal:
            raise refusal
        current = data.repositories.current(full)
        moved = current.lower() != full.lower()
        found = None if moved and follow_renames is False else data.repositories.find(current)
        if found is None or not self._asked.sees(current):
            raise Unanswered("NOT_FOUND", f"Could not resolve to a Repository with the name '{full}'.")
        return RepositoryNode(self._asked, current, found)

    def organization(self, login: str) -> Owner:
        """An organisation."""
        found = self._owner(login)
        if found is None or found.typename != "Organization":
            raise Unanswered("NOT_FOUND", f"Could not resolve to an Organization with the login of '{login}'.")
        return found

    def user(self, login: str) -> Owner:
        """A person."""
        found = self._owner(login)
        if found is None or found.typename != "User":
            raise Unanswered("NOT_FOUND", f"Could not resolve to a User with the login of '{login}'.")
        return found

    def repository_owner(self, login: str) -> Owner | None:
        """Either; null when there is none."""
        return self._owner(login)

    def rate_limit(self) -> SimpleNamespace:
        """What this query costs and what is left."""
        cost = self._asked.cost
        return SimpleNamespace(cost=cost.points, node_count=cost.nodes, **self._asked.data.budget.shown())

    def _owner(self, login: str) -> Owner | None:
        spelled = self._asked.data.repositories.owner(login)
        return Owner(self._asked, spelled) if spelled else None
