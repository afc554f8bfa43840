"""Ask a service once how it is, and say what came: never the body, only what identifies and describes it.

A service is well when `/health` answers 200 with `{"status": "ok"}`. It names the version that answered in the header
`X-Chitty-Version`, or in the body's field `version` where that is a version id (docs/worker-deploy.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from chittyactions.ecosystem.health import REDIRECTED, judge, no_answer
from chittyactions.errors import ServiceError
from chittyactions.http import Client, Deadline

VERSION_HEADER = "x-chitty-version"
OVERRIDE_HEADER = "Cloudflare-Workers-Version-Overrides"
ASK_SECONDS = 10.0
"""The whole of one question: a health check that takes longer is no answer."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Answer:
    """What came back from one question.

    `well`: 200 with status ok. `said`: a short description, safe to show. `status`: HTTP's, 0 without an answer.
    `version`: the id of the version that answered, "" when the answer names none.
    """

    well: bool
    said: str
    status: int = 0
    version: str = ""

    @property
    def guarded(self) -> bool:
        """Whether it looks as if a login stood before the service."""
        return not self.version and (self.said == REDIRECTED or self.status in (401, 403))

    def __str__(self) -> str:
        return f"{self.said} from version {self.version}" if self.version else self.said


@dataclass(frozen=True)
class Address:
    """Where health is asked. `version` pins one by the override header, of the Worker `script`.

    `names_version` is True for a preview URL, which leads to one version and no other.
    """

    url: str
    script: str = ""
    version: str = ""
    names_version: bool = False

    def pinned(self, script: str, version: str) -> Address:
        """The same place, asked for one version of the Worker, whatever its share of the traffic."""
        return replace(self, script=script, version=version)

    @property
    def root(self) -> str:
        """The address without its path: where the service is."""
        return "/".join(self.url.split("/", 3)[:3])

    @property
    def headers(self) -> dict[str, str]:
        """What is sent with each question."""
        pin = {OVERRIDE_HEADER: f'{self.script}="{self.version}"'} if self.version else {}
        return {"Cache-Control": "no-cache", **pin}


class Ask(Protocol):
    """Asks an address once, in at most `seconds`."""

    def __call__(self, address: Address, seconds: float) -> Answer:
        """What came; an answer that could not be had is an answer too."""
        ...


def asker(client: Client, edge: str = "") -> Ask:
    """Ask over the network, by a new connection each time. `edge` is the origin to connect to instead."""

    def ask(address: Address, seconds: float) -> Answer:
        client.deadline = Deadline(min(seconds, ASK_SECONDS))
        try:
            response = client.send("GET", address.url, headers=address.headers, tries=1, connect_to=edge)
        except ServiceError as error:
            return Answer(well=False, said=no_answer(error))
        return classify(response.status, response.headers, response.body)

    return ask


def classify(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Judge an answer. `headers` have lower-case names."""
    well, said, value = judge(status, headers, body)
    named = headers.get(VERSION_HEADER, "").strip().lower()
    field = value.get("version") if isinstance(value, dict) else None
    if not _UUID.fullmatch(named):
        named = field.strip().lower() if isinstance(field, str) else ""
    return Answer(well, said, status, named if _UUID.fullmatch(named) else "")
