"""GitHub's routes for what an owner has, and how REST shows a repository."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from chittylocal.services.github_answers import Refusal, invalid, page, token_of
from chittylocal.services.github_data import Data
from chittylocal.services.github_gate import Guarded
from chittylocal.services.github_languages import language_of

ORDERS = {"created": "created_at", "updated": "updated_at", "pushed": "pushed_at", "full_name": "full_name"}
KINDS = ("all", "public", "private", "forks", "sources", "member", "owner")


def summary(data: Data, name: str) -> dict[str, Any]:
    """A repository as REST shows it, without what only its files tell."""
    rules, profile = data.rules, data.profile(name)
    return {
        "full_name": name, "name": name.partition("/")[2], "owner": rules.owner(name),
        "private": profile.visibility != "public", "visibility": profile.visibility, "archived": profile.archived,
        "disabled": profile.disabled, "fork": profile.fork, "is_template": profile.template,
        "description": profile.description, "has_issues": profile.has_issues, "created_at": profile.created_at,
        "default_branch": rules.default_branch(name), "url": f"{data.api_url}/repos/{name}",
        "html_url": f"https://github.com/{name}", "clone_url": f"{data.api_url}/{name}.git",
    }  # fmt: skip


def detailed(data: Data, name: str) -> dict[str, Any]:
    """A repository as REST shows it; `size` is in KiB."""
    shown, profile = summary(data, name), data.profile(name)
    branch, repository = shown["default_branch"], data.repositories.find(name)
    commit = repository.resolve(f"refs/heads/{branch}") if repository else None
    files = repository.files(commit) if repository and commit else {}
    pushed = profile.pushed_at or (repository.pushed_at(branch) if repository and commit else None)
    return shown | {
        "pushed_at": pushed, "updated_at": profile.updated_at or pushed or profile.created_at,
        "language": language_of(files, profile.language), "size": sum(file.size for file in files.values()) // 1024,
    }  # fmt: skip


class Owners:
    """The routes; each runs in a thread, since it may read files."""

    def __init__(self, data: Data) -> None:
        self._data = data

    async def of_organization(self, request: web.Request) -> web.Response:
        """`GET /orgs/{org}/repos`: all that the token sees, by type, sort and direction."""
        owner = self._owner(request.match_info["owner"], "Organization")
        return await asyncio.to_thread(self._page, request, self._seen(owner, token_of(request)), "created")

    async def of_user(self, request: web.Request) -> web.Response:
        """`GET /users/{user}/repos`, an organisation's too: the public ones."""
        owner = self._owner(request.match_info["owner"])
        return await asyncio.to_thread(self._page, request, self._seen(owner, ""), "full_name")

    async def show(self, request: web.Request) -> web.Response:
        """`GET /orgs/{org}` and `GET /users/{user}`."""
        kind = "Organization" if request.path.startswith("/github/orgs/") else ""
        owner = self._owner(request.match_info["owner"], kind)
        shown = {**self._data.rules.owner(f"{owner}/"), "public_repos": len(self._seen(owner, ""))}
        return web.json_response(shown)

    def _owner(self, login: str, kind: str = "") -> str:
        owner = self._data.repositories.owner(login)
        if owner is None or kind not in ("", self._data.rules.owner(f"{owner}/")["type"]):
            raise Refusal(404, "Not Found")
        return owner

    def _seen(self, owner: str, token: str) -> list[str]:
        return [name for name in self._data.repositories.owned(owner) if self._data.accounts.sees(token, name)]

    def _page(self, request: web.Request, names: list[str], default: str) -> web.Response:
        kind, order = request.query.get("type", "all"), request.query.get("sort", default)
        if kind not in KINDS or order not in ORDERS:
            field = "type" if kind not in KINDS else "sort"
            raise invalid("Repository", field=field, code="invalid", value=request.query[field])
        first = "asc" if order == "full_name" else "desc"
        names = [name for name in names if self._is(name, kind)]
        names.sort(key=lambda name: self._place(name, order), reverse=request.query.get("direction", first) == "desc")
        return page(request, names, show=lambda name: detailed(self._data, name))

    def _is(self, name: str, kind: str) -> bool:
        profile = self._data.profile(name)
        kinds = {"forks": profile.fork, "sources": not profile.fork, "public": profile.visibility == "public"}
        kinds["private"] = not kinds["public"]
        return kinds.get(kind, True)

    def _place(self, name: str, order: str) -> str:
        if order in ("created", "full_name"):  # told without reading any file
            return str(summary(self._data, name)[ORDERS[order]]).lower()
        return str(detailed(self._data, name)[ORDERS[order]] or "")


def routes(data: Data, guarded: Guarded) -> list[web.RouteDef]:
    """`/github/orgs/{org}` and `/github/users/{user}` with their `repos`."""
    hub = Owners(data)
    return [
        web.get("/github/orgs/{owner}", guarded(hub.show, "")),
        web.get("/github/users/{owner}", guarded(hub.show, "")),
        web.get("/github/orgs/{owner}/repos", guarded(hub.of_organization, "metadata")),
        web.get("/github/users/{owner}/repos", guarded(hub.of_user, "metadata")),
    ]
