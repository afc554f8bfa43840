"""How GitHub's API answers: pages with links, and refusals in its own words."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.Response]]

RAW = re.compile(r"application/vnd\.github\.(v3\.)?raw\b")
"""The media types that ask for a file's content alone."""
DOCS = "https://docs.github.com/rest"


class Refusal(Exception):
    """What GitHub does not do, with the status and the message of its answer."""

    def __init__(self, status: int, message: str, errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors

    def answer(self) -> web.Response:
        """The refusal as it is sent."""
        body: dict[str, Any] = {"message": self.message, "documentation_url": DOCS, "status": str(self.status)}
        return web.json_response(body | ({"errors": self.errors} if self.errors else {}), status=self.status)


def page(
    request: web.Request,
    items: Sequence[Any],
    *,
    show: Callable[[Any], dict[str, Any]] = dict,
    key: str = "",
    **more: Any,
) -> web.Response:
    """One page of a list, with GitHub's Link header; `show` is asked for what is on the page alone.

    With `key` the list is under that name, beside `total_count` and `more`.
    """
    size = max(1, min(_number(request.query.get("per_page"), 30), 100))
    number = max(1, _number(request.query.get("page"), 1))
    last = max(1, math.ceil(len(items) / size))
    places = {"prev": min(number - 1, last), "next": number + 1, "last": last, "first": 1}
    wanted = (["prev", "first"] if number > 1 else []) + (["next", "last"] if number < last else [])
    links = [
        f'<{request.url.update_query({"page": str(places[rel]), "per_page": str(size)})}>; rel="{rel}"'
        for rel in wanted
    ]
    headers = {"Link": ", ".join(links)} if links else {}
    shown = [show(item) for item in items[(number - 1) * size : number * size]]
    return web.json_response({"total_count": len(items), **more, key: shown} if key else shown, headers=headers)


def repository_of(request: web.Request) -> str:
    """`owner/name` of the request's path, "" where it names none."""
    owner, name = (request.match_info.get(part, "") for part in ("owner", "repo"))
    return f"{owner}/{name}" if owner and name else ""


def id_of(request: web.Request) -> int:
    """The number in the request's path."""
    return int(request.match_info["id"])


def token_of(request: web.Request) -> str:
    """What the request presents after `Bearer`, `token` or as the password of `Basic`, "" without."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return value.strip()
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except ValueError:
        return "-"  # it is no token, and it isn't none


def invalid(resource: str, **error: Any) -> Refusal:
    """422 Validation Failed, for one reason."""
    return Refusal(422, "Validation Failed", [{"resource": resource, **error}])


def too_long(resource: str, field: str, most: int) -> Refusal:
    """422 for a text of more characters than `most`."""
    said = f"{field} is too long (maximum is {most} characters)"
    return invalid(resource, field=field, code="custom", message=said)


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default
