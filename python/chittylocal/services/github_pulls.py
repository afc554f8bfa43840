"""GitHub's routes for pull requests between branches of one repository, and for repository_dispatch events."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from chittylocal.services.github_answers import Refusal, id_of, invalid, page, repository_of, token_of
from chittylocal.services.github_data import Data
from chittylocal.services.github_gate import Guarded
from chittylocal.state import now


class Pulls:
    """The routes over what `Data` keeps."""

    def __init__(self, data: Data) -> None:
        self._data = data

    async def found(self, request: web.Request) -> web.Response:
        """`GET …/pulls`, filtered by state, base and head; a head without `owner:` filters nothing, as on GitHub."""
        state, base = request.query.get("state", "open"), request.query.get("base", "")
        head = request.query.get("head", "")
        pulls = [
            pull for pull in await asyncio.to_thread(self._data.pull_requests, repository_of(request))
            if state in ("all", pull["state"]) and base in ("", pull["base"]["ref"])
            and (":" not in head or pull["head"]["label"] == head)
        ]  # fmt: skip
        return page(request, pulls[::-1], show=self._shown)

    async def show(self, request: web.Request) -> web.Response:
        """`GET …/pulls/{number}`."""
        pulls = await asyncio.to_thread(self._data.pull_requests, repository_of(request))
        pull = next((pull for pull in pulls if pull["number"] == id_of(request)), None)
        if pull is None:
            raise Refusal(404, "Not Found")
        return web.json_response(self._shown(pull))

    async def create(self, request: web.Request) -> web.Response:
        """`POST …/pulls`."""
        asked = json.loads(await request.text())
        author = self._data.accounts.of(token_of(request))
        return await asyncio.to_thread(self._create, repository_of(request), asked, author)

    def _create(self, name: str, asked: dict[str, Any], author: dict[str, Any]) -> web.Response:
        title, base, owner = str(asked["title"]), str(asked["base"]), name.partition("/")[0]
        head = str(asked["head"]).removeprefix(f"{owner}:")
        repository = self._data.repositories.find(name)
        if repository is None:
            raise Refusal(404, "Not Found")
        for field, branch in (("head", head), ("base", base)):
            if not repository.resolve(f"refs/heads/{branch}"):
                raise invalid("PullRequest", field=field, code="invalid")
        if not (repository.comparison(base, head) or (0, 0))[0]:
            raise invalid("PullRequest", code="custom", message=f"No commits between {base} and {head}")
        with repository.lock:
            pulls = self._data.pull_requests(name)
            if any(pull["state"] == "open" and pull["head"]["ref"] == head for pull in pulls):
                raise invalid(
                    "PullRequest", code="custom", message=f"A pull request already exists for {owner}:{head}."
                )
            pull = self._data.add_pull(name, title, head, base, str(asked.get("body") or ""), author)
        return web.json_response(self._shown(pull), status=201)

    async def change(self, request: web.Request) -> web.Response:
        """`PATCH …/pulls/{number}`: title, body, state."""
        asked = json.loads(await request.text())
        changes: dict[str, Any] = {name: str(asked[name]) for name in ("title", "body", "state") if name in asked}
        if "state" in changes:
            changes["closed_at"] = now() if changes["state"] == "closed" else None
        pull = await asyncio.to_thread(self._data.change_pull, repository_of(request), id_of(request), changes)
        if pull is None:
            raise Refusal(404, "Not Found")
        return web.json_response(self._shown(pull))

    def _shown(self, pull: dict[str, Any]) -> dict[str, Any]:
        name, number = self._data.repositories.current(pull["repository"]), pull["number"]
        labels = [self._data.labels.shown(name, label) for label in pull.get("labels", ())]
        api = f"{self._data.api_url}/repos/{name}"
        urls = {"url": f"{api}/pulls/{number}", "issue_url": f"{api}/issues/{number}"}
        return {"merged_at": None, **pull, **urls, "labels": labels, "draft": False}

    async def dispatch(self, request: web.Request) -> web.Response:
        """`POST …/dispatches`: an event for the repository's own workflows."""
        asked, name = json.loads(await request.text()), repository_of(request)
        payload = asked.get("client_payload", {})
        if self._data.repositories.find(name) is None:
            raise Refusal(404, "Not Found")
        if not asked["event_type"] or len(payload) > 10:
            raise Refusal(422, "Invalid request.\n\nNo more than 10 properties are allowed.")
        self._data.add_dispatch(name, str(asked["event_type"]), payload)
        return web.Response(status=204)


def routes(data: Data, guarded: Guarded) -> list[web.RouteDef]:
    """`pulls` and `dispatches` under `/github/repos/{owner}/{repo}`."""
    pulls = Pulls(data)
    of = "/github/repos/{owner}/{repo}"
    return [
        web.get(of + "/pulls", guarded(pulls.found, "pull_requests")),
        web.post(of + "/pulls", guarded(pulls.create, "pull_requests")),
        web.get(of + r"/pulls/{id:\d+}", guarded(pulls.show, "pull_requests")),
        web.patch(of + r"/pulls/{id:\d+}", guarded(pulls.change, "pull_requests")),
        web.post(of + "/dispatches", guarded(pulls.dispatch, "contents")),
    ]
