"""ChittyBeacon: one event for a deploy."""

from __future__ import annotations

import json
from collections.abc import Mapping

from chittyactions.errors import Refused
from chittyactions.http import Client

SERVICE = "ChittyBeacon"
BASE_URL = "https://beacon.chitty.cc"


def track(client: Client, base_url: str, event: Mapping[str, object]) -> int:
    """`POST /track` with an event (id, name, version, platform, event, timestamp, …); returns the HTTP status.

    Raises Refused with the status, Unreachable, AnswerLost or BadAnswer.
    """
    response = client.send(
        "POST",
        f"{base_url.rstrip('/')}/track",
        headers={"Content-Type": "application/json"},
        body=json.dumps(event).encode(),
    )
    if response.status >= 400:
        raise Refused(
            f"{SERVICE} refused the event (HTTP {response.status}).",
            service=SERVICE,
            status=response.status,
            why="The beacon did not take it; the deploy does not depend on it.",
            fix="Check CHITTYBEACON_URL and the beacon's status.",
        )
    return response.status
