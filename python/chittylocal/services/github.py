"""GitHub's API: all its routes, and those of deployments, pull requests of a commit, comparisons.

What every request passes: `github_gate`. Real repositories, with their contents, refs and pull requests:
`github_repos`, `github_pulls`. Issues: `github_issue_routes`, `github_labels`, `github_search`. Apps:
`github_app_routes`. What guards a repository: `github_rules`. Code scanning: `github_scanning`. Runs of workflows:
`github_actions`. GraphQL: `github_graphql`. Git itself: `github_transport`.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from chittylocal.services import (
    github_actions,
    github_app_routes,
    github_graphql,
    github_issue_routes,
    github_labels,
    github_objects,
    github_owners,
    github_pulls,
    github_repos,
    github_rules,
    github_scanning,
    github_search,
    github_transport,
)
from chittylocal.services.github_answers import Refusal, id_of, page, repository_of
from chittylocal.services.github_data import Data
from chittylocal.services.github_gate import Gate
from chittylocal.services.github_kept import BOT
from chittylocal.services.github_limits import rate_limits
from chittylocal.services.world import World
from chittylocal.state import now


class GitHub:
    """The routes over `Data`."""

    def __init__(self, data: Data) -> None:
        self._data = data

    async def rate_limit(self, request: web.Request) -> web.Response:
        """`GET /rate_limit`; it costs nothing."""
        return web.json_response(rate_limits(self._data.rest_budget, self._data.budget, self._data.search_budget))

    async def list_deployments(self, request: web.Request) -> web.Response:
        """`GET …/deployments`, filtered by sha, ref, task and environment."""
        filters = {name: request.query[name] for name in ("sha", "ref", "environment", "task") if name in request.query}
        found = [
            {name: value for name, value in item.items() if name != "statuses"}
            for item in self._data.deployments(repository_of(request))
            if all(item[name] == value for name, value in filters.items())
        ]
        return page(request, found)

    async def create_deployment(self, request: web.Request) -> web.Response:
        """`POST …/deployments`."""
        asked = json.loads(await request.text())
        entry = {
            "repository": repository_of(request), "ref": asked["ref"], "sha": asked.get("sha", asked["ref"]),
            "task": asked.get("task", "deploy"), "environment": asked.get("environment", "production"),
            "description": asked.get("description"), "payload": asked.get("payload", {}), "creator": BOT,
            "created_at": now(), "updated_at": now(), "statuses": [],
        }  # fmt: skip
        return web.json_response(self._data.add("deployments", entry), status=201)

    async def list_statuses(self, request: web.Request) -> web.Response:
        """`GET …/deployments/{id}/statuses`, newest first."""
        found = self._deployment(request)
        return page(request, found["statuses"][::-1]) if found else _absent()

    async def create_status(self, request: web.Request) -> web.Response:
        """`POST …/deployments/{id}/statuses`."""
        found, asked = self._deployment(request), json.loads(await request.text())
        if found is None:
            return _absent()
        status = {"id": len(found["statuses"]) + 1, "state": asked["state"], "created_at": now(), "creator": BOT}
        status |= {name: asked.get(name, "") for name in ("description", "environment_url", "log_url")}
        statuses = [*found["statuses"], status]
        self._data.change("deployments", found["id"], found["repository"], statuses=statuses, updated_at=now())
        return web.json_response(status, status=201)

    async def pulls(self, request: web.Request) -> web.Response:
        """`GET …/commits/{sha}/pulls`."""
        return page(request, self._data.pulls(repository_of(request), request.match_info["sha"]))

    async def compare(self, request: web.Request) -> web.Response:
        """`GET …/compare/{base}...{head}`."""
        older, dots, newer = request.match_info["basehead"].partition("...")
        name = repository_of(request)
        found = await asyncio.to_thread(self._data.comparison, name, older, newer) if dots else None  # it may ask git
        if found is None:
            raise Refusal(404, "Not Found")
        ahead, behind = found
        answer = {"status": _relation(ahead, behind), "ahead_by": ahead, "behind_by": behind, "total_commits": ahead}
        return web.json_response({**answer, "base_commit": {"sha": older}, "commits": [], "files": []})

    async def nothing(self, request: web.Request) -> web.Response:
        """No such route."""
        return _absent()

    def _deployment(self, request: web.Request) -> dict[str, Any] | None:
        found = self._data.deployments(repository_of(request))
        return next((item for item in found if item["id"] == id_of(request)), None)


def routes(world: World) -> list[web.RouteDef]:
    """Everything under `/github`."""
    data = world.extra["github.data"] = Data(world.state)
    hub, guarded = GitHub(data), Gate(data).guarded
    of = "/github/repos/{owner}/{repo}"
    return [
        web.get(of + "/deployments", guarded(hub.list_deployments, "deployments")),
        web.post(of + "/deployments", guarded(hub.create_deployment, "deployments")),
        web.get(of + r"/deployments/{id:\d+}/statuses", guarded(hub.list_statuses, "deployments")),
        web.post(of + r"/deployments/{id:\d+}/statuses", guarded(hub.create_status, "deployments")),
        web.get(of + "/commits/{sha}/pulls", guarded(hub.pulls)),
        web.get(of + "/compare/{basehead:.+}", guarded(hub.compare)),
        web.get("/github/rate_limit", hub.rate_limit),
        *github_graphql.routes(data),
        *github_repos.routes(data, guarded),
        *github_owners.routes(data, guarded),
        *github_objects.routes(data, guarded),
        *github_pulls.routes(data, guarded),
        *github_rules.routes(data, guarded),
        *github_scanning.routes(data, guarded),
        *github_actions.routes(data, guarded),
        *github_issue_routes.routes(data, guarded),
        *github_labels.routes(data, guarded),
        *github_search.routes(data, guarded),
        *github_app_routes.routes(data),
        *github_transport.routes(data),
        web.route("*", "/github/{tail:.*}", hub.nothing),
    ]


def _absent() -> web.Response:
    return Refusal(404, "Not Found").answer()


def _relation(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    return "ahead" if ahead else "behind" if behind else "identical"
