"""GitHub's REST API, as far as a delivery uses it: comments, deployments, pull requests of a commit, comparisons."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from chittylocal.services.github_data import BOT, Data
from chittylocal.services.world import World
from chittylocal.state import now

Handler = Callable[[web.Request], Awaitable[web.Response]]

DOCS = "https://docs.github.com/rest"


def page(request: web.Request, items: list[dict[str, Any]]) -> web.Response:
    """One page of a list, with GitHub's Link header."""
    size = max(1, min(_number(request.query.get("per_page"), 30), 100))
    number = max(1, _number(request.query.get("page"), 1))
    last = max(1, math.ceil(len(items) / size))
    places = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
    wanted = (["prev", "first"] if number > 1 else []) + (["next", "last"] if number < last else [])
    links = [
        f'<{request.url.update_query({"page": str(places[rel]), "per_page": str(size)})}>; rel="{rel}"'
        for rel in wanted
    ]
    headers = {"Link": ", ".join(links)} if links else {}
    return web.json_response(items[(number - 1) * size : number * size], headers=headers)


class GitHub:
    """The routes over `Data`; each handler is reached through `guarded`."""

    def __init__(self, world: World, data: Data) -> None:
        self._world = world
        self._data = data

    def guarded(self, handler: Handler) -> Handler:
        """`handler` behind GitHub's checks of the token and of the request's form."""

        async def answer(request: web.Request) -> web.Response:
            token = request.headers.get("Authorization", "").partition(" ")[2].strip()
            writes = request.method != "GET"
            if (writes and not token) or (self._data.strict and token and token != self._data.token):
                return _refused(401, "Bad credentials" if token else "Requires authentication")
            if writes and self._data.read_only:
                return _refused(403, "Resource not accessible by integration")
            try:
                return await handler(request)
            except KeyError as missing:
                return _refused(422, f"Invalid request: {missing.args[0]!r} wasn't supplied.")
            except (ValueError, TypeError):
                return _refused(400, "Problems parsing JSON")

        return answer

    async def list_comments(self, request: web.Request) -> web.Response:
        """`GET …/issues/{number}/comments`."""
        found = self._data.comments(_repository(request), _id(request))
        return page(request, [self._comment(comment) for comment in found])

    async def create_comment(self, request: web.Request) -> web.Response:
        """`POST …/issues/{number}/comments`."""
        body = json.loads(await request.text())["body"]
        comment = self._data.add_comment(_repository(request), _id(request), str(body))
        return web.json_response(self._comment(comment), status=201)

    async def update_comment(self, request: web.Request) -> web.Response:
        """`PATCH …/issues/comments/{id}`."""
        body = json.loads(await request.text())["body"]
        changes = {"body": str(body), "updated_at": now()}
        comment = self._data.change("comments", _id(request), _repository(request), **changes)
        return web.json_response(self._comment(comment)) if comment else _refused(404, "Not Found")

    async def list_deployments(self, request: web.Request) -> web.Response:
        """`GET …/deployments`, filtered by sha, ref, task and environment."""
        filters = {name: request.query[name] for name in ("sha", "ref", "environment", "task") if name in request.query}
        found = [
            {name: value for name, value in item.items() if name != "statuses"}
            for item in self._data.deployments(_repository(request))
            if all(item[name] == value for name, value in filters.items())
        ]
        return page(request, found)

    async def create_deployment(self, request: web.Request) -> web.Response:
        """`POST …/deployments`."""
        asked = json.loads(await request.text())
        entry = {
            "repository": _repository(request), "ref": asked["ref"], "sha": asked.get("sha", asked["ref"]),
            "task": asked.get("task", "deploy"), "environment": asked.get("environment", "production"),
            "description": asked.get("description"), "payload": asked.get("payload", {}), "creator": BOT,
            "created_at": now(), "updated_at": now(), "statuses": [],
        }  # fmt: skip
        return web.json_response(self._data.add("deployments", entry), status=201)

    async def list_statuses(self, request: web.Request) -> web.Response:
        """`GET …/deployments/{id}/statuses`, newest first."""
        found = self._deployment(request)
        return page(request, found["statuses"][::-1]) if found else _refused(404, "Not Found")

    async def create_status(self, request: web.Request) -> web.Response:
        """`POST …/deployments/{id}/statuses`."""
        found, asked = self._deployment(request), json.loads(await request.text())
        if found is None:
            return _refused(404, "Not Found")
        status = {"id": len(found["statuses"]) + 1, "state": asked["state"], "created_at": now(), "creator": BOT}
        status |= {name: asked.get(name, "") for name in ("description", "environment_url", "log_url")}
        statuses = [*found["statuses"], status]
        self._data.change("deployments", found["id"], found["repository"], statuses=statuses, updated_at=now())
        return web.json_response(status, status=201)

    async def pulls(self, request: web.Request) -> web.Response:
        """`GET …/commits/{sha}/pulls`."""
        return page(request, self._data.pulls(_repository(request), request.match_info["sha"]))

    async def compare(self, request: web.Request) -> web.Response:
        """`GET …/compare/{base}...{head}`."""
        older, dots, newer = request.match_info["basehead"].partition("...")
        name = _repository(request)
        found = await asyncio.to_thread(self._data.comparison, name, older, newer) if dots else None  # it may ask git
        if found is None:
            return _refused(404, "Not Found")
        ahead, behind = found
        answer = {"status": _relation(ahead, behind), "ahead_by": ahead, "behind_by": behind, "total_commits": ahead}
        return web.json_response({**answer, "base_commit": {"sha": older}, "commits": [], "files": []})

    async def nothing(self, request: web.Request) -> web.Response:
        """No such route."""
        return _refused(404, "Not Found")

    def _deployment(self, request: web.Request) -> dict[str, Any] | None:
        found = self._data.deployments(_repository(request))
        return next((item for item in found if item["id"] == _id(request)), None)

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
        web.get(of + "/deployments", hub.guarded(hub.list_deployments)),
        web.post(of + "/deployments", hub.guarded(hub.create_deployment)),
        web.get(of + r"/deployments/{id:\d+}/statuses", hub.guarded(hub.list_statuses)),
        web.post(of + r"/deployments/{id:\d+}/statuses", hub.guarded(hub.create_status)),
        web.get(of + "/commits/{sha}/pulls", hub.guarded(hub.pulls)),
        web.get(of + "/compare/{basehead:.+}", hub.guarded(hub.compare)),
        web.route("*", "/github/{tail:.*}", hub.nothing),
    ]


def _refused(status: int, message: str) -> web.Response:
    body = {"message": message, "documentation_url": DOCS, "status": str(status)}
    return web.json_response(body, status=status)


def _repository(request: web.Request) -> str:
    return f"{request.match_info['owner']}/{request.match_info['repo']}"


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default


def _relation(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    return "ahead" if ahead else "behind" if behind else "identical"
