"""How Cloudflare's API answers: one envelope for results and for refusals.

Source: https://developers.cloudflare.com/fundamentals/api/how-to/make-api-calls/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


class Refused(Exception):
    """Cloudflare says no: HTTP status, error code and message, as the real API words it where that is known."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(f"{message} [code: {code}]")
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class Answer:
    """A result that carries more than itself.

    Attributes:
        result: what stands under `result`.
        info: `result_info` of a list.
        messages: remarks that are no errors.
    """

    result: Any
    info: dict[str, Any] | None = None
    messages: list[str] = field(default_factory=list)


def page(items: list[Any]) -> Answer:
    """All of a list on its first page."""
    count = len(items)
    return Answer(items, {"page": 1, "per_page": max(count, 1), "count": count, "total_count": count, "total_pages": 1})


def success(answer: Any) -> web.Response:
    """The envelope of a result; an `Answer` brings its extras, a ready response passes as it is."""
    if isinstance(answer, web.Response):
        return answer
    if not isinstance(answer, Answer):
        answer = Answer(answer)
    body: dict[str, Any] = {"success": True, "errors": [], "messages": answer.messages, "result": answer.result}
    if answer.info is not None:
        body["result_info"] = answer.info
    return web.json_response(body)


def refusal(refused: Refused) -> web.Response:
    """The envelope of a refusal."""
    error = {"code": refused.code, "message": refused.message}
    body = {"success": False, "errors": [error], "messages": [], "result": None}
    return web.json_response(body, status=refused.status)


def no_such_worker(status: int = 404, code: int = 10007) -> Refused:
    """The account has no Worker of that name (10007; the legacy services route says 10090)."""
    return Refused(status, code, "This Worker does not exist on your account.")


def no_such_version() -> Refused:
    """The id names no version; the real API says so of a version uploaded a moment ago, too."""
    message = "The requested Worker version could not be found, please check the ID being passed and try again."
    return Refused(404, 100146, message)
