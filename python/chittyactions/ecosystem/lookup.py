"""Ask ChittyRegistry for a service, or ChittyRouter for a route: is it known there?

Neither answers such a question today. "No such route" is not "no such service": only an answer that says so counts.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from chittyactions.errors import BadAnswer, Refused
from chittyactions.http import Client

ROUTER = "ChittyRouter"
ROUTER_URL = "https://router.chitty.cc"


def known(client: Client, url: str, not_found: Collection[str]) -> bool:
    """Whether `GET url` answers with an entry; False where a 404 carries one of the codes `not_found`.

    Raises Refused, BadAnswer, Unreachable or AnswerLost where the answer says neither.
    """
    response = client.send("GET", url)
    if response.status == 404 and _code(response.body) in not_found:
        return False
    if response.status == 200:
        if isinstance(response.json(), dict):
            return True
        raise BadAnswer(f"{client.service} answered with something that is no entry.", service=client.service)
    raise Refused(
        f"{client.service} does not say (HTTP {response.status}).",
        service=client.service,
        status=response.status,
        code=_code(response.body),
        why="It has no such question today." if response.status == 404 else "It has a problem of its own.",
        fix="Nothing to do here; ask again when it answers.",
    )


def _code(body: bytes) -> str:
    """The code of a refusal: `error`, or `error.code`."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    error = answer.get("error") if isinstance(answer, dict) else None
    code = error.get("code") if isinstance(error, dict) else error
    return code if isinstance(code, str) else ""
