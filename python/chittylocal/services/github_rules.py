"""What guards a repository on GitHub: its default branch, classic rules, rulesets, and workflows that are off."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from chittylocal.services.github_answers import Handler, Refusal, page, repository_of
from chittylocal.services.github_git import DEFAULT_BRANCH, Repository

if TYPE_CHECKING:
    from chittylocal.services.github_data import Data

UPGRADE = "Upgrade to GitHub Pro or make this repository public to enable this feature."
WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
CLASSIC_OFF = {"enabled": False}


class Rules:
    """The guards of every repository; a repository is named `owner/name`.

    Attributes:
        admin: whether tokens may see classic rules: `yes`; `forbidden` (403, as a workflow's token); `hidden` (404, as
            a person without rights).
        writer: whether tokens that may not see classic rules are told what one asks of their own pushes, which
            GraphQL alone tells (`refUpdateRule`).
        plan: whether the owners' plan has rules at all; without, GitHub refuses every question about them.
    """

    def __init__(self) -> None:
        self.admin = "yes"
        self.writer = False
        self.plan = True
        self._default: dict[str, str] = {}
        self._classic: dict[tuple[str, str], dict[str, Any]] = {}
        self._rulesets: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self._workflows: dict[str, dict[str, str]] = {}
        self._teams: dict[str, dict[str, str]] = {}
        self._people: set[str] = set()

    def set_default_branch(self, name: str, branch: str) -> None:
        """Call the default branch otherwise than `main`."""
        self._default[name.lower()] = branch

    def default_branch(self, name: str) -> str:
        """What the default branch is called."""
        return self._default.get(name.lower(), DEFAULT_BRANCH)

    def set_classic(
        self,
        name: str,
        branch: str = DEFAULT_BRANCH,
        *,
        approvals: int | None = 1,
        checks: tuple[str, ...] = ("ci",),
        force_pushes: bool = False,
        code_owners: bool = False,
        admins: bool = False,
    ) -> None:
        """Protect a branch by a classic rule; `approvals` None: it does not speak of pull requests.

        `code_owners`: theirs is one of the approvals; `admins`: the rule binds them as well.
        """
        rule: dict[str, Any] = {"allow_force_pushes": {"enabled": force_pushes}, "allow_deletions": CLASSIC_OFF}
        if approvals is not None:
            rule["required_pull_request_reviews"] = {"required_approving_review_count": approvals}
            if code_owners:
                rule["required_pull_request_reviews"]["require_code_owner_reviews"] = True
        if admins:
            rule["enforce_admins"] = {"enabled": True}
        if checks:
            shown = [{"context": context, "app_id": None} for context in checks]
            rule["required_status_checks"] = {"strict": False, "contexts": list(checks), "checks": shown}
        self._classic[name.lower(), branch] = rule

    def set_rules(self, name: str, rules: list[dict[str, Any]], branch: str = DEFAULT_BRANCH) -> None:
        """A branch's rules from active rulesets of repository and organisation: `type`, `parameters`.

        `ruleset` (name, enforcement) is what GraphQL tells of where a rule comes from.
        """
        self._rulesets[name.lower(), branch] = rules

    def rename(self, old: str, new: str) -> None:
        """Have what guards a repository guard it under another name."""
        for by_name in (self._default, self._workflows, self._teams):
            if old.lower() in by_name:
                by_name[new.lower()] = by_name.pop(old.lower())  # type: ignore[assignment]
        for by_branch in (self._classic, self._rulesets):
            for name, branch in [key for key in by_branch if key[0] == old.lower()]:
                by_branch[new.lower(), branch] = by_branch.pop((name, branch))  # type: ignore[assignment]

    def set_workflows(self, name: str, states: Mapping[str, str]) -> None:
        """The workflows of a repository: path → active, disabled_manually, disabled_inactivity …"""
        self._workflows[name.lower()] = dict(states)

    def set_person(self, login: str) -> None:
        """Have an owner be a person; every other one is an organisation."""
        self._people.add(login.lower())

    def set_teams(self, name: str, teams: Mapping[str, str]) -> None:
        """The teams of a repository: slug → permission (pull, triage, push, maintain, admin)."""
        self._teams[name.lower()] = dict(teams)

    def owner(self, name: str) -> dict[str, str]:
        """Who a repository belongs to."""
        login = name.partition("/")[0]
        return {"login": login, "type": "User" if login.lower() in self._people else "Organization"}

    def teams(self, name: str) -> list[dict[str, str]]:
        """The teams as GitHub lists them."""
        return [{"slug": slug, "permission": given} for slug, given in self._teams.get(name.lower(), {}).items()]

    def classic(self, name: str, branch: str) -> dict[str, Any] | None:
        """The classic rule of a branch."""
        return self._classic.get((name.lower(), branch))

    def rules(self, name: str, branch: str) -> list[dict[str, Any]]:
        """The rules of a branch."""
        return self._rulesets.get((name.lower(), branch), [])

    def workflows(self, name: str) -> dict[str, str]:
        """Path → state."""
        return self._workflows.get(name.lower(), {})


class Guards:
    """The routes over `Data`."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._rules = data.rules

    async def branch(self, request: web.Request) -> web.Response:
        """`GET …/branches/{branch}`."""
        name, branch, repository = self._named(request)
        commit = repository.resolve(f"refs/heads/{branch}")
        if commit is None:
            raise Refusal(404, "Branch not found")
        return web.json_response(self._shown(name, branch, commit))

    async def branches(self, request: web.Request) -> web.Response:
        """`GET …/branches`; by `protected` those that are, or those that aren't."""
        name, _, repository = self._named(request)
        found = await asyncio.to_thread(repository.branches)
        shown = [self._shown(name, branch, commit) for branch, commit in found.items()]
        wanted = {"true": True, "false": False}.get(request.query.get("protected", ""))
        return page(request, [branch for branch in shown if wanted in (None, branch["protected"])])

    def _shown(self, name: str, branch: str, commit: str) -> dict[str, Any]:
        classic = self._rules.classic(name, branch) or {}
        checks = {"enforcement_level": "off", "contexts": [], "checks": []}
        if "required_status_checks" in classic:
            checks = {"enforcement_level": "non_admins", **classic["required_status_checks"]}
        is_protected = bool(classic or self._rules.rules(name, branch) or branch in self._data.protected(name))
        protection = {"enabled": bool(classic), "required_status_checks": checks}
        return {"name": branch, "commit": {"sha": commit}, "protected": is_protected, "protection": protection}

    async def protection(self, request: web.Request) -> web.Response:
        """`GET …/branches/{branch}/protection`: for admins."""
        name, branch, _ = self._named(request)
        if self._rules.admin == "forbidden":
            raise Refusal(403, "Resource not accessible by integration")
        if self._rules.admin == "hidden":
            raise Refusal(404, "Not Found")
        if not self._rules.plan:
            raise Refusal(403, UPGRADE)
        classic = self._rules.classic(name, branch)
        if classic is None:
            raise Refusal(404, "Branch not protected")
        return web.json_response(classic)

    async def rules(self, request: web.Request) -> web.Response:
        """`GET …/rules/branches/{branch}`: those of active rulesets."""
        name, branch, _ = self._named(request)
        if not self._rules.plan:
            raise Refusal(403, UPGRADE)
        found = in_force(self._data, name, branch)
        return page(request, [{key: value for key, value in rule.items() if key != "ruleset"} for rule in found])

    async def workflows(self, request: web.Request) -> web.Response:
        """`GET …/actions/workflows`: those of the default branch are active, and whatever else was set."""
        name, _, repository = self._named(request)
        states = await asyncio.to_thread(_written, repository, self._rules.default_branch(name))
        listed = [
            {"id": number, "name": path, "path": path, "state": state}
            for number, (path, state) in enumerate((states | self._rules.workflows(name)).items(), 1)
        ]
        return page(request, listed, key="workflows")

    async def teams(self, request: web.Request) -> web.Response:
        """`GET …/teams`."""
        name, _, _ = self._named(request)
        return page(request, self._rules.teams(name))

    def _named(self, request: web.Request) -> tuple[str, str, Repository]:
        name, branch = repository_of(request), request.match_info.get("branch", "")
        repository = self._data.repositories.find(name)
        if repository is None:
            raise Refusal(404, "Not Found")
        return name, branch, repository


def _written(repository: Repository, branch: str) -> dict[str, str]:
    """The workflows that lie in a branch, each of which runs."""
    commit = repository.resolve(f"refs/heads/{branch}")
    return {path: "active" for path in (repository.files(commit) if commit else ()) if WORKFLOW.fullmatch(path)}


def in_force(data: Data, name: str, branch: str) -> list[dict[str, Any]]:
    """The rules of a branch, with the one that `Data.protect` stands for."""
    own = [{"type": "pull_request", "parameters": {"required_approving_review_count": 0}}]
    return (own if branch in data.protected(name) else []) + data.rules.rules(name, branch)


def routes(data: Data, guarded: Callable[..., Handler]) -> list[web.RouteDef]:
    """`branches`, `branches/{branch}`, its `protection`, `rules/branches/{branch}`, `actions/workflows` and `teams`."""
    guards = Guards(data)
    of = "/github/repos/{owner}/{repo}"
    return [
        web.get(of + "/branches", guarded(guards.branches, "contents")),
        web.get(of + "/branches/{branch:.+}/protection", guarded(guards.protection, "administration")),
        web.get(of + "/branches/{branch:.+}", guarded(guards.branch, "contents")),
        web.get(of + "/rules/branches/{branch:.+}", guarded(guards.rules, "metadata")),
        web.get(of + "/actions/workflows", guarded(guards.workflows, "actions")),
        web.get(of + "/teams", guarded(guards.teams, "administration")),
    ]
