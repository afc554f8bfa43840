"""What every request to GitHub's REST API passes: limits, its token, where its repository is, what it holds already."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Protocol

from aiohttp import web

from chittylocal.services.github_answers import Handler, Refusal, repository_of, token_of
from chittylocal.services.github_data import Data
from chittylocal.services.github_git import Repository
from chittylocal.services.github_limits import Budget

STATUSES = {"FORBIDDEN": 403, "NOT_FOUND": 404}
"""Type of an injected error → REST's status; that of every other one is 502."""
READS = ("GET", "HEAD")


def repository_asked(data: Data, request: web.Request) -> tuple[str, Repository]:
    """The name that the request's path has, and its repository. Raises Refusal where there is none."""
    name = repository_of(request)
    found = data.repositories.find(name)
    if found is None:
        raise Refusal(404, "Not Found")
    return name, found


class Guarded(Protocol):
    """`Gate.guarded`."""

    def __call__(self, handler: Handler, permission: str = ..., budget: Budget | None = ...) -> Handler:
        """The handler behind the gate."""


class Gate:
    """The checks over `Data`."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def guarded(self, handler: Handler, permission: str = "issues", budget: Budget | None = None) -> Handler:
        """`handler` behind GitHub's checks of limits, of the token and of the request's form.

        `permission` is what an app's token has to have for it, `budget` what it costs of (default: the hour's
        requests).
        """
        spent = budget or self._data.rest_budget

        async def answer(request: web.Request) -> web.Response:
            limits = self._data.limits
            await asyncio.sleep(limits.latency)
            refused = limits.meets_secondary() or (None if spent.spend(1) else limits.refuse(spent))
            response = refused or await self._within_creations(request, handler, permission)
            if response.status == 200 and request.method in READS:
                response = self._unchanged(request, response, spent)
            response.headers.update(spent.headers())
            return response

        return answer

    async def _within_creations(self, request: web.Request, handler: Handler, permission: str) -> web.Response:
        creates = request.method in ("POST", "PUT", "PATCH")
        refused = self._data.limits.meets_creation() if creates else None
        response = refused or await self._answer(request, handler, permission)
        if creates and not refused and response.status >= 300:
            self._data.limits.uncreate()
        return response

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

    def _unchanged(self, request: web.Request, response: web.Response, spent: Budget) -> web.Response:
        """The answer with its ETag; 304, for nothing, where the caller has it already.

        GitHub's ETags are of the answer and the token: with another token the same answer has another one.
        """
        content = bytes(response.body or b"") if isinstance(response.body, (bytes, bytearray, type(None))) else b""
        of = f"{token_of(request)}:{response.headers.get('Link', '')}:".encode()
        name = hashlib.sha256(of + content).hexdigest()
        held = {tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")}
        if f'"{name}"' in held:
            if token_of(request):
                spent.refund(1)
            response = web.Response(status=304)
        response.headers["ETag"] = f'W/"{name}"'
        return response

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
        data, token, writes = self._data, token_of(request), request.method not in READS
        name = data.repositories.current(repository_of(request))
        private = bool(name) and data.profile(name).visibility != "public"
        issued = data.apps.token(token)
        if (issued and not issued.live) or (data.strict and token and not data.accounts.known(token)):
            raise Refusal(401, "Bad credentials")
        if writes and not token:
            raise Refusal(401, "Requires authentication")
        if private and not data.accounts.sees(token, name):
            raise Refusal(404, "Not Found")
        error = data.limits.error(name) if name else None
        if error:
            raise Refusal(STATUSES.get(error[0], 502), error[1])
        data.apps.judge(request, permission, private=private)
        if writes and not data.accounts.writes(token):
            raise Refusal(403, "Resource not accessible by personal access token")
        if writes and data.read_only:
            raise Refusal(403, "Resource not accessible by integration")
        if writes and data.profile(name).archived:
            raise Refusal(403, "Repository was archived so is read-only.")
