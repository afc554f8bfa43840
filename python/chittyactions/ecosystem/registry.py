"""ChittyRegistry: tell it that a service is alive, and in which version."""

from __future__ import annotations

import json
from urllib.parse import quote

from chittyactions.errors import Refused
from chittyactions.http import Client

SERVICE = "ChittyRegistry"
BASE_URL = "https://registry.chitty.cc"


def heartbeat(client: Client, base_url: str, service: str, *, key: str, status: str, version: str) -> int:
    """`POST /api/services/{name}/heartbeat` with `status` and `version`; returns the HTTP status.

    Raises Refused with the status, Unreachable, AnswerLost or BadAnswer; the answer's body is never shown.
    """
    response = client.send(
        "POST",
        f"{base_url.rstrip('/')}/api/services/{quote(service, safe='')}/heartbeat",
        headers={"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})},
        body=json.dumps({"status": status, "version": version}).encode(),
    )
    if response.status >= 400:
        why, fix = _meaning(response.status, bool(key))
        raise Refused(
            f"{SERVICE} refused the heartbeat of {service} (HTTP {response.status}).",
            service=SERVICE,
            status=response.status,
            why=why,
            fix=fix,
            docs="worker-deploy.md#registration",
        )
    return response.status


def _meaning(status: int, with_key: bool) -> tuple[str, str]:
    if status in (401, 403):
        if not with_key:
            return "No key was sent.", "Pass the secret CHITTYCONNECT_API_KEY, which the registry takes as well."
        return "The key may not write there, or the registry is read-only.", "Check what register_token may do."
    if status == 404:
        return "The service is not registered, or this registry has no heartbeats.", "Register the service first."
    return "The registry has a problem of its own.", "Nothing to do for this deploy; the next one tries again."
