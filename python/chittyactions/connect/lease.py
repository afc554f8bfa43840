"""Leases: what has to be revoked when the job ends, as text for the saved state, and the revocation itself."""

from __future__ import annotations

import json
import re

from chittyactions.connect.answers import refusal
from chittyactions.connect.problem import Problem
from chittyactions.errors import ChittyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chittyactions.connect.credential import Credential
    from chittyactions.http import Client

PATH = "/api/credentials/revoke"


def dump(credentials: Sequence[Credential]) -> str:
    """The leases among `credentials`: a JSON object of token ids and credential names."""
    return json.dumps({credential.token_id: credential.name for credential in credentials if credential.token_id})


def load(text: str) -> dict[str, str]:
    """Token id → credential name, from the saved state; anything else counts as no lease."""
    try:
        held = json.loads(text or "{}")
    except (ValueError, RecursionError):
        held = {}
    return {str(token): str(name) for token, name in held.items()} if isinstance(held, dict) else {}


def revoke(client: Client, url: str, key: str, token_id: str) -> str:
    """Revoke one token; "" when that is done (or was done before), else what is in the way.

    A revocation may be repeated, so a lost answer is asked for again.
    """
    try:
        response = client.send(
            "DELETE",
            url.rstrip("/") + PATH,
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            body=json.dumps({"token_id": token_id}).encode(),
        )
        if 200 <= response.status < 300:
            answer = response.json()
            if isinstance(answer, dict) and answer.get("success") is True:
                return ""
            raise refusal(response, "revoke", "the revocation")
        if already_gone(response.status, Problem(response)):
            return ""
        raise refusal(response, "revoke", "the revocation")
    except ChittyError as error:
        return " ".join(part for part in (error.what, error.why) if part)


def already_gone(status: int, problem: Problem) -> bool:
    """Whether a refusal means that there is nothing left to revoke.

    The service passes on Cloudflare's 404 as a 500 that quotes it. A 404 of its own counts when it speaks of the
    token: any other one is a missing route.
    """
    if status == 404:
        return problem.is_json and bool(re.search(r"\btoken\b", problem.raw, re.IGNORECASE))
    return status == 500 and bool(re.search(r"(?<![\w.:/-])404(?!\w|[.:/-]\w)", problem.raw))


def names(leases: Mapping[str, str]) -> str:
    """The credentials of some leases, for a sentence."""
    return ", ".join(dict.fromkeys(leases.values()))
