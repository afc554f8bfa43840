"""What a service says at its health endpoint: well is 200 with `{"status": "ok"}`. The body itself is never shown."""

from __future__ import annotations

import json
from collections.abc import Mapping

from chittyactions.errors import AnswerLost, BadAnswer, ServiceError, Unreachable

REDIRECTED = "a redirect"
SHOWN = 40
"""Characters of a service's own words that are shown."""


def judge(status: int, headers: Mapping[str, str], body: bytes) -> tuple[bool, str, object]:
    """Whether a service is well, what it said in short, and the answer as data (None where it is no JSON).

    `headers` have lower-case names.
    """
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        kind = headers.get("content-type", "").split(";")[0].strip()[:SHOWN] or "no content type"
        said = f"HTTP {status} with an empty body" if not body.strip() else f"HTTP {status} with {kind}, not JSON"
        return False, said, None
    well = status == 200 and isinstance(value, dict) and value.get("status") == "ok"
    return well, f"HTTP {status} {_shape(value)}", value


def no_answer(error: ServiceError) -> str:
    """What there was in place of an answer."""
    if isinstance(error, Unreachable):
        return "no connection"
    if isinstance(error, AnswerLost):
        return "no whole answer"
    if isinstance(error, BadAnswer):
        return REDIRECTED if "redirect" in error.what else "an answer that is too long"
    return "no answer"


def _shape(value: object) -> str:
    """Name what a JSON answer is, quoting no more of it than its status field."""
    if isinstance(value, list):
        return f"an array of {len(value)}"
    if not isinstance(value, dict):
        return f"a bare {type(value).__name__}"
    if "status" in value:
        status = value["status"]
        if isinstance(status, str):
            shown = status if len(status) <= SHOWN else status[: SHOWN - 1] + "…"
            return f"status {json.dumps(shown, ensure_ascii=False)}"
        return f"a status that is no string but {type(status).__name__}"
    if isinstance(value.get("ok"), bool):
        return f"ok: {str(value['ok']).lower()} and no status field"
    return "an object without a status field"
