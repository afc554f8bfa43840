"""GitHub's routes for an app: its installations, their tokens, and the end of a token."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta, timezone
from typing import Any

from aiohttp import web

from chittylocal.services.github_answers import Handler, Refusal, id_of, page, repository_of, token_of
from chittylocal.services.github_apps import LIFETIME, App, covers
from chittylocal.services.github_data import Data
from chittylocal.state import now


class Installed:
    """The routes over `Data`; all but the last are asked by a signed request."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._apps = data.apps

    async def app(self, request: web.Request) -> web.Response:
        """`GET /app`: the app that signed."""
        app = self._apps.identify(token_of(request))
        return web.json_response({"id": app.id, "slug": app.slug, "name": app.slug, "permissions": app.permissions})

    async def all(self, request: web.Request) -> web.Response:
        """`GET /app/installations`."""
        app = self._apps.identify(token_of(request))
        return page(request, [self._shown(app, owner) for owner in app.installations])

    async def of_repository(self, request: web.Request) -> web.Response:
        """`GET …/repos/{owner}/{repo}/installation`."""
        app, name = self._apps.identify(token_of(request)), repository_of(request)
        if self._data.repositories.find(name) is None or not covers(app.installed_on, name):
            raise Refusal(404, "Not Found")
        return web.json_response(self._shown(app, name.partition("/")[0]))

    async def of_owner(self, request: web.Request) -> web.Response:
        """`GET /orgs/{owner}/installation` and `GET /users/{owner}/installation`."""
        app, owner = self._apps.identify(token_of(request)), request.match_info["owner"]
        kind = "Organization" if request.path.startswith("/github/orgs/") else "User"
        known = owner.lower() in app.installations and self._data.rules.owner(f"{owner}/")["type"] == kind
        if not known:
            raise Refusal(404, "Not Found")
        return web.json_response(self._shown(app, owner))

    async def access_tokens(self, request: web.Request) -> web.Response:
        """`POST /app/installations/{id}/access_tokens`, for all that it reaches where no `repositories` are named."""
        app, installation = self._apps.identify(token_of(request)), id_of(request)
        if not app.installed(installation):
            raise Refusal(404, "Not Found")
        text = await request.text()
        asked = json.loads(text) if text else {}
        value, token = self._apps.issue(app, installation, asked)
        expires = (datetime.now(timezone.utc) + timedelta(seconds=LIFETIME)).isoformat(timespec="seconds")
        answer: dict[str, Any] = {"token": value, "expires_at": expires, "permissions": token.permissions}
        whole = any(name.endswith("/*") for name in token.repositories)
        answer["repository_selection"] = "all" if whole else "selected"
        if not whole:
            answer["repositories"] = [{"full_name": name} for name in token.repositories]
        return web.json_response(answer, status=201)

    async def repositories(self, request: web.Request) -> web.Response:
        """`GET /installation/repositories`: what the token is for."""
        token = self._apps.token(token_of(request))
        if token is None or not token.live:
            raise Refusal(401, "Bad credentials")
        owners = dict.fromkeys(name.partition("/")[0] for name in token.repositories)
        names = [name for owner in owners for name in self._data.repositories.owned(owner) if token.reaches(name)]
        return page(request, [{"full_name": name} for name in names], key="repositories")

    async def revoke(self, request: web.Request) -> web.Response:
        """`DELETE /installation/token`."""
        token = self._apps.token(token_of(request))
        if token is None or not token.live:
            raise Refusal(401, "Bad credentials")
        token.revoked_at = now()
        return web.Response(status=204)

    def _shown(self, app: App, owner: str) -> dict[str, Any]:
        account = self._data.rules.owner(f"{self._data.repositories.owner(owner) or owner}/")
        chosen = "all" if f"{owner}/*".lower() in (name.lower() for name in app.installed_on) else "selected"
        return {
            "id": app.installations[owner.lower()], "account": account, "target_type": account["type"],
            "permissions": app.permissions, "app_id": app.id, "app_slug": app.slug, "repository_selection": chosen,
        }  # fmt: skip


def routes(data: Data) -> list[web.RouteDef]:
    """Everything that an app asks about itself."""
    installed = Installed(data)

    def answering(handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.Response:
            await asyncio.sleep(data.limits.latency)
            response = data.limits.meets_secondary() or await _answer(handler, request)
            moment = datetime.now(timezone.utc) + timedelta(seconds=data.apps.clock_ahead)
            response.headers["Date"] = moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
            return response

        return answer

    return [
        web.get("/github/app", answering(installed.app)),
        web.get("/github/app/installations", answering(installed.all)),
        web.post(r"/github/app/installations/{id:\d+}/access_tokens", answering(installed.access_tokens)),
        web.get("/github/repos/{owner}/{repo}/installation", answering(installed.of_repository)),
        web.get("/github/orgs/{owner}/installation", answering(installed.of_owner)),
        web.get("/github/users/{owner}/installation", answering(installed.of_owner)),
        web.get("/github/installation/repositories", answering(installed.repositories)),
        web.delete("/github/installation/token", answering(installed.revoke)),
    ]


async def _answer(handler: Handler, request: web.Request) -> web.Response:
    try:
        return await handler(request)
    except Refusal as refusal:
        return refusal.answer()
    except (ValueError, TypeError):
        return Refusal(400, "Problems parsing JSON").answer()
