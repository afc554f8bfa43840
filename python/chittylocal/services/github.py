"""GitHub's REST API, as far as a delivery uses it: comments, deployments, pull requests of a commit, comparisons.

Real repositories, with their contents, refs and pull requests: `github_repos`, `github_pulls`. Apps: `github_apps`.
What guards a repository: `github_rules`. Code scanning: `github_scanning`. GraphQL: `github_graphql`.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from chittylocal.services import (
    github_apps,
    github_graphql,
    github_pulls,
    github_repos,
    github_rules,
    github_scanning,
)
from chittylocal.services.github_answers import Handler, Refusal, id_of, page, repository_of, token_of
from chittylocal.services.github_data import Data
from chittylocal.services.github_issues import BOT
from chittylocal.services.github_limits import rate_limits
from chittylocal.services.world import World
from chittylocal.state import now


class GitHub:
    """The routes over `Data`; each handler is reached through `guarded`."""

    def __init__(self, world: World, data: Data) -> None:
        self._world = world
        self._data = data

    def guarded(self, handler: Handler, permission: str = "issues") -> Handler:
        """`handler` behind GitHub's checks of the token and of the request's form.

        `permission` is what an app's token has to have for it.
        """

        async def answer(request: web.Request) -> web.Response:
            limits, budget = self._data.limits, self._data.rest_budget
            await asyncio.sleep(limits.latency)
            refused = limits.meets_secondary() or (None if budget.spend(1) else limits.refuse(budget))
            response = refused or await self._answer(request, handler, permission)
            response.headers.update(budget.headers())
            return response

        return answer

    async def _answer(self, request: web.Request, handler: Handler, permission: str) -> web.Response:
        try:
            self._judge(request, permission)
            return self._moved(request) or await handler(request)
        except Refusal as refusal:
            return refusal.answer()
        except KeyError as missing:
            return Refusal(422, f"Invalid request: {missing.args[0]!r} wasn't supplied.").answer()
        except (ValueError, TypeError):
            return Refusal(400, "Problems parsing JSON").answer()

    def _moved(self, request: web.Request) -> web.Response | None:
        """The way to a renamed repository."""
        name = repository_of(request)
        current = self._data.repositories.current(name)
        if current.lower() == name.lower():
            return None
        url = str(request.url).replace(f"/repos/{name}", f"/repos/{current}", 1)
        answer = web.json_response({"message": "Moved Permanently", "url": url}, status=301)
        answer.headers["Location"] = url
        return answer

    def _judge(self, request: web.Request, permission: str) -> None:
        token, writes = token_of(request), request.method != "GET"
        self._data.apps.judge(request, permission)
        foreign = token and token != self._data.token and self._data.apps.token(token) is None
        if (writes and not token) or (self._data.strict and foreign):
            raise Refusal(401, "Bad credentials" if token else "Requires authentication")
        if writes and self._data.read_only:
            raise Refusal(403, "Resource not accessible by integration")
        if writes and self._data.profile(repository_of(request)).archived:
            raise Refusal(403, "Repository was archived so is read-only.")

    async def rate_limit(self, request: web.Request) -> web.Response:
        """`GET /rate_limit`; it costs nothing."""
        return web.json_response(rate_limits(self._data.rest_budget, self._data.budget))

    async def list_comments(self, request: web.Request) -> web.Response:
        """`GET …/issues/{number}/comments`."""
        found = self._data.comments(repository_of(request), id_of(request))
        return page(request, [self._comment(comment) for comment in found])

    async def create_comment(self, request: web.Request) -> web.Response:
        """`POST …/issues/{number}/comments`."""
        body = json.loads(await request.text())["body"]
        comment = self._data.add_comment(repository_of(request), id_of(request), str(body))
        return web.json_response(self._comment(comment), status=201)

    async def update_comment(self, request: web.Request) -> web.Response:
        """`PATCH …/issues/comments/{id}`."""
        body = json.loads(await request.text())["body"]
        changes = {"body": str(body), "updated_at": now()}
        comment = self._data.change("comments", id_of(request), repository_of(request), **changes)
        return web.json_response(self._comment(comment)) if comment else _absent()

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

    def _comment(self, entry: dict[str, Any]) -> dict[str, Any]:
        repository, issue = entry["repository"], entry["issue"]
        shown = {name: entry[name] for name in ("id", "body", "user", "created_at", "updated_at")}
        return shown | {
            "url": f"{self._world.state.url}/github/repos/{repository}/issues/comments/{entry['id']}",
            "issue_url": f"{self._world.state.url}/github/repos/{repository}/issues/{issue}",
            "html_url": f"https://github.com/{repository}/issues/{issue}#issuecomment-{entry['id']}",
        }


def routes(world: World) -> list[web.RouteDef]:
    """Everything under `/github`."""
    data = world.extra["github.data"] = Data(world.state)
    hub = GitHub(world, data)
    of = "/github/repos/{owner}/{repo}"
    return [
        web.get(of + r"/issues/{id:\d+}/comments", hub.guarded(hub.list_comments)),
        web.post(of + r"/issues/{id:\d+}/comments", hub.guarded(hub.create_comment)),
        web.patch(of + r"/issues/comments/{id:\d+}", hub.guarded(hub.update_comment)),
        web.get(of + "/deployments", hub.guarded(hub.list_deployments, "deployments")),
        web.post(of + "/deployments", hub.guarded(hub.create_deployment, "deployments")),
        web.get(of + r"/deployments/{id:\d+}/statuses", hub.guarded(hub.list_statuses, "deployments")),
        web.post(of + r"/deployments/{id:\d+}/statuses", hub.guarded(hub.create_status, "deployments")),
        web.get(of + "/commits/{sha}/pulls", hub.guarded(hub.pulls)),
        web.get(of + "/compare/{basehead:.+}", hub.guarded(hub.compare)),
        web.get("/github/rate_limit", hub.rate_limit),
        *github_graphql.routes(data),
        *github_repos.routes(data, hub.guarded),
        *github_pulls.routes(data, hub.guarded),
        *github_rules.routes(data, hub.guarded),
        *github_scanning.routes(data, hub.guarded),
        *github_apps.routes(data.apps, known=lambda name: data.repositories.find(name) is not None),
        web.route("*", "/github/{tail:.*}", hub.nothing),
    ]


def _absent() -> web.Response:
    return Refusal(404, "Not Found").answer()


def _relation(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    return "ahead" if ahead else "behind" if behind else "identical"
