"""The API under `/cloudflare/client/v4`: who may ask, which routes there are, and what an unknown one answers."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from chittylocal.cloudflare import assets, deployments, domains, resources, scripts, secrets, triggers, user, versions
from chittylocal.cloudflare.account import Account
from chittylocal.cloudflare.envelope import Refused, refusal, success

PREFIX = "/cloudflare/client/v4"
ROUTES = [
    *user.routes(), *scripts.routes(), *versions.routes(), *deployments.routes(), *secrets.routes(),
    *triggers.routes(), *domains.routes(), *resources.routes(), *assets.routes(),
]  # fmt: skip

# An upload session's own token is the credential there, not the API's.
OWN_AUTHENTICATION = ("/accounts/{account}/workers/assets/upload",)

Handler = Callable[[Account, web.Request], Awaitable[Any]]
log = logging.getLogger("chittylocal.cloudflare")


def add_routes(app: web.Application, account: Account) -> None:
    """Serve the API from `app`."""
    for method, path, handler in ROUTES:
        app.router.add_route(method, PREFIX + path, _serve(account, handler, own=path in OWN_AUTHENTICATION))
    app.router.add_route("*", "/cloudflare/{tail:.*}", _serve(account, _unknown, own=False))


def _serve(account: Account, handler: Handler, *, own: bool) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(request: web.Request) -> web.StreamResponse:
        try:
            if not own:
                _authenticate(account, request)
            _check_account(account, request)
            return success(await handler(account, request))
        except Refused as refused:
            return refusal(refused)
        except json.JSONDecodeError:
            return refusal(Refused(400, 10026, "The request's body is no JSON."))
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return refusal(Refused(500, 10013, "An unknown error has occurred."))

    return serve


def _authenticate(account: Account, request: web.Request) -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not token:
        raise Refused(400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")
    if scheme.lower() != "bearer" or not account.store.state.token_is_live(token.strip()):
        raise Refused(403, 10000, "Authentication error")


def _check_account(account: Account, request: web.Request) -> None:
    known = account.store.state.account_id
    asked = request.match_info.get("account", known)
    if asked != known:
        raise Refused(403, 9109, f"Unauthorized to access requested resource: there is no account {asked!r}.")


async def _unknown(account: Account, request: web.Request) -> Any:
    route = f"{request.method} {request.path.removeprefix(PREFIX)}"
    account.unknown.append(route)
    log.warning("Cloudflare's API has no %s here", route)
    raise Refused(
        404, 7000,
        f"No route for that URI: chittylocal's Cloudflare API does not serve {route}. If a tool of a deploy needs "
        "it, it is missing in chittylocal/cloudflare.",
    )  # fmt: skip
