"""Who the token belongs to: verification, accounts, memberships."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from chittylocal.cloudflare.account import Account
from chittylocal.cloudflare.envelope import Answer, page
from chittylocal.cloudflare.model import AUTHOR


def routes() -> list[tuple[str, str, Any]]:
    """Method, path and handler of the routes here."""
    return [
        ("GET", "/user", user),
        ("GET", "/user/tokens/verify", verify),
        ("GET", "/accounts/{account}/tokens/verify", verify),
        ("GET", "/accounts", accounts),
        ("GET", "/accounts/{account}", one_account),
        ("GET", "/memberships", memberships),
    ]


async def user(account: Account, request: web.Request) -> dict[str, Any]:
    """The user whose token it is."""
    return {"id": "0" * 32, "email": AUTHOR}


async def verify(account: Account, request: web.Request) -> Answer:
    """The token's id and state; a revoked one is refused before."""
    token = request.headers["Authorization"].partition(" ")[2].strip()
    lease = account.store.state.leases.find(token, "CLOUDFLARE_API_TOKEN") or {}
    result = {"id": account.store.state.leases.token_id(token), "status": "active"}
    if lease.get("expires_at"):
        result["expires_on"] = lease["expires_at"]
    message: Any = {"code": 10000, "message": "This API Token is valid and active", "type": None}
    return Answer(result, messages=[message])


def _account(account: Account) -> dict[str, Any]:
    return {"id": account.store.state.account_id, "name": "chittylocal", "type": "standard", "settings": {}}


async def accounts(account: Account, request: web.Request) -> Answer:
    """The one account."""
    return page([_account(account)])


async def one_account(account: Account, request: web.Request) -> dict[str, Any]:
    """The account by its id."""
    return _account(account)


async def memberships(account: Account, request: web.Request) -> Answer:
    """The account as a membership, which is how wrangler finds it."""
    return page([{"id": "0" * 32, "status": "accepted", "account": _account(account), "roles": ["Administrator"]}])
