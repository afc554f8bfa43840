"""GitHub's REST API, as far as a delivery uses it: comments, deployments, pull requests of a commit, comparisons.

What tests set and look at is `Data`; comments and deployments are kept in `github.json`.
"""

from __future__ import annotations

import json
import math
import secrets
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from chittylocal.services.world import World
from chittylocal.state import State, now

Handler = Callable[[web.Request], Awaitable[web.Response]]

DOCS = "https://docs.github.com/rest"
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

    def comparison(self, repository: str, base: str, head: str) -> tuple[int, int] | None:
        """(ahead_by, behind_by) of `head` against `base`; None: GitHub does not know one of them."""
        with self._lock:
            return (0, 0) if base == head else self._comparisons.get((repository, base, head))

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


def routes(world: World) -> list[web.RouteDef]:
    """Everything under `/github`."""
    data = world.extra["github.data"] = Data(world.state)
    base = "/github/repos/{owner}/{repo}"

    def guarded(handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.Response:
            token = request.headers.get("Authorization", "").partition(" ")[2].strip()
            writes = request.method != "GET"
            if (writes and not token) or (data.strict and token and token != data.token):
                return _refused(401, "Bad credentials" if token else "Requires authentication")
            if writes and data.read_only:
                return _refused(403, "Resource not accessible by integration")
            try:
                return await handler(request)
            except ValueError:
                return _refused(400, "Problems parsing JSON")
            except KeyError as missing:
                return _refused(422, f"Invalid request.\n\n\"{missing.args[0]}\" wasn't supplied.")

        return answer

    async def list_comments(request: web.Request) -> web.Response:
        return page(request, [_comment(c, world) for c in data.comments(_repository(request), _id(request))])

    async def create_comment(request: web.Request) -> web.Response:
        body = json.loads(await request.text())["body"]
        comment = data.add_comment(_repository(request), _id(request), str(body))
        return web.json_response(_comment(comment, world), status=201)

    async def update_comment(request: web.Request) -> web.Response:
        body = json.loads(await request.text())["body"]
        comment = data.change("comments", _id(request), _repository(request), body=str(body), updated_at=now())
        return web.json_response(_comment(comment, world)) if comment else _refused(404, "Not Found")

    async def list_deployments(request: web.Request) -> web.Response:
        filters = {name: request.query[name] for name in ("sha", "ref", "environment", "task") if name in request.query}
        found = [
            {name: value for name, value in item.items() if name != "statuses"}
            for item in data.deployments(_repository(request))
            if all(item[name] == value for name, value in filters.items())
        ]
        return page(request, found)

    async def create_deployment(request: web.Request) -> web.Response:
        asked = json.loads(await request.text())
        entry = {
            "repository": _repository(request), "ref": asked["ref"], "sha": asked.get("sha", asked["ref"]),
            "task": asked.get("task", "deploy"), "environment": asked.get("environment", "production"),
            "description": asked.get("description"), "payload": asked.get("payload", {}), "creator": BOT,
            "created_at": now(), "updated_at": now(), "statuses": [],
        }  # fmt: skip
        return web.json_response(data.add("deployments", entry), status=201)

    def deployment(request: web.Request) -> dict[str, Any] | None:
        return next((d for d in data.deployments(_repository(request)) if d["id"] == _id(request)), None)

    async def list_statuses(request: web.Request) -> web.Response:
        found = deployment(request)
        return page(request, found["statuses"][::-1]) if found else _refused(404, "Not Found")

    async def create_status(request: web.Request) -> web.Response:
        found, asked = deployment(request), json.loads(await request.text())
        if found is None:
            return _refused(404, "Not Found")
        status = {"id": len(found["statuses"]) + 1, "state": asked["state"], "created_at": now(), "creator": BOT}
        status |= {name: asked.get(name, "") for name in ("description", "environment_url", "log_url")}
        statuses = [*found["statuses"], status]
        data.change("deployments", found["id"], found["repository"], statuses=statuses, updated_at=now())
        return web.json_response(status, status=201)

    async def pulls(request: web.Request) -> web.Response:
        return page(request, data.pulls(_repository(request), request.match_info["sha"]))

    async def compare(request: web.Request) -> web.Response:
        older, dots, newer = request.match_info["basehead"].partition("...")
        found = data.comparison(_repository(request), older, newer) if dots else None
        if found is None:
            return _refused(404, "Not Found")
        return web.json_response(
            {
                "status": _relation(*found), "ahead_by": found[0], "behind_by": found[1], "total_commits": found[0],
                "base_commit": {"sha": older}, "commits": [], "files": [],
            }
        )  # fmt: skip

    async def nothing(request: web.Request) -> web.Response:
        return _refused(404, "Not Found")

    return [
        web.get(base + r"/issues/{id:\d+}/comments", guarded(list_comments)),
        web.post(base + r"/issues/{id:\d+}/comments", guarded(create_comment)),
        web.patch(base + r"/issues/comments/{id:\d+}", guarded(update_comment)),
        web.get(base + "/deployments", guarded(list_deployments)),
        web.post(base + "/deployments", guarded(create_deployment)),
        web.get(base + r"/deployments/{id:\d+}/statuses", guarded(list_statuses)),
        web.post(base + r"/deployments/{id:\d+}/statuses", guarded(create_status)),
        web.get(base + "/commits/{sha}/pulls", guarded(pulls)),
        web.get(base + "/compare/{basehead:.+}", guarded(compare)),
        web.route("*", "/github/{tail:.*}", nothing),
    ]


def _refused(status: int, message: str) -> web.Response:
    body = {"message": message, "documentation_url": DOCS, "status": str(status)}
    return web.json_response(body, status=status)


def _comment(entry: dict[str, Any], world: World) -> dict[str, Any]:
    repository, issue = entry["repository"], entry["issue"]
    shown = {name: entry[name] for name in ("id", "body", "user", "created_at", "updated_at")}
    return shown | {
        "url": f"{world.state.url}/github/repos/{repository}/issues/comments/{entry['id']}",
        "issue_url": f"{world.state.url}/github/repos/{repository}/issues/{issue}",
        "html_url": f"https://github.com/{repository}/issues/{issue}#issuecomment-{entry['id']}",
    }


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
