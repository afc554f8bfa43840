"""gitChitty: have it look anew at a service's releases."""

from __future__ import annotations

from urllib.parse import quote

from chittyactions.errors import Refused
from chittyactions.http import Client

SERVICE = "gitChitty"
BASE_URL = "https://git.chitty.cc"
PATH = "/api/refresh/{service}"
SECONDS = 30.0
"""For the whole of it: the release is out, and need not wait longer."""

DOCS = "package-publish.md#refresh"


def refresh(client: Client, url: str, service: str) -> int:
    """`POST` to `url`, in which `{service}` stands for the service's name; returns the HTTP status.

    Raises Refused with the status, Unreachable, AnswerLost or BadAnswer; the answer's body is never shown. The same
    again does no harm.
    """
    response = client.send("POST", url.replace("{service}", quote(service, safe="")), body=b"", within=SECONDS)
    if response.status >= 400:
        raise Refused(
            f"{SERVICE} refused to refresh {service} (HTTP {response.status}).",
            service=SERVICE,
            status=response.status,
            why="It has no such route or does not know the service yet."
            if response.status in (404, 405)
            else "It did not take the request.",
            fix="Check the input refresh_url. gitChitty finds the release by itself later on.",
            docs=DOCS,
        )
    return response.status
