"""The two runs of the first demo, and the proof of each claim: from the backend's state, and from the Worker itself."""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chittylocal.actrun.session import Order, Outcome, run
from chittylocal.demo.claims import claim, count_hidden, revoked
from chittylocal.local import Local

SERVICE = "hello"
AUDIENCE = "https://connect.chitty.cc"


@dataclass(frozen=True)
class Health:
    """One answer of the Worker at the edge."""

    status: int
    body: str
    version: str


@dataclass(frozen=True)
class Seen:
    """What one run did, as the backend saw it.

    Attributes:
        outcome: of the workflow.
        claims: of the id token that the run could show.
        leases: credentials that this run was issued.
        requests: what it asked the services.
        outputs: of the deploying step.
        serving: what has the traffic afterwards, (version id, percentage).
        health: what the Worker's own address answers afterwards.
    """

    outcome: Outcome
    claims: dict[str, Any]
    leases: list[dict[str, Any]]
    requests: list[dict[str, Any]]
    outputs: dict[str, str]
    serving: list[tuple[str, float]]
    health: Health

    def asked(self, service: str, path: str) -> list[dict[str, Any]]:
        """Requests to a service whose path holds `path`."""
        return [entry for entry in self.requests if entry["service"] == service and path in entry["path"]]


def id_token_claims(local: Local) -> dict[str, Any]:
    """What the run's id token says, as ChittyConnect reads it."""
    url = f"{local.env('oidc')['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience={urllib.parse.quote(AUDIENCE, safe='')}"
    asking = urllib.request.Request(url, headers={"Authorization": f"Bearer {local.request_token}"})
    with urllib.request.urlopen(asking, timeout=10) as answer:
        payload: str = json.load(answer)["value"].split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def ask_health(local: Local, url: str) -> Health:
    """Ask the deployed Worker by its own host name, at the backend's edge."""
    edge, host = urllib.parse.urlsplit(local.url), urllib.parse.urlsplit(url).netloc
    connection = http.client.HTTPConnection(edge.netloc, timeout=10)
    try:
        connection.request("GET", "/health", headers={"Host": host})
        answer = connection.getresponse()
        body = answer.read(10_000).decode("utf-8", "replace")
        return Health(answer.status, body.strip(), answer.getheader("X-Chitty-Version") or "")
    finally:
        connection.close()


class Story:
    """One backend and one repository; `deploy` runs its workflow."""

    def __init__(self, local: Local, repository: Path, folder: Path, write: Callable[[str], None]) -> None:
        self.local, self.repository, self.folder, self.write = local, repository, folder, write
        # Known beforehand, so that the log can be searched for them.
        self.token = secrets.token_urlsafe(30)
        self.signing_key = secrets.token_urlsafe(30)
        local.issue_as["CLOUDFLARE_API_TOKEN"] = self.token
        self.url = ""

    def deploy(self, *, colour: bool) -> Seen:
        """Run the repository's workflow and collect what it did. KeyboardInterrupt when that was cancelled."""
        local = self.local
        leases, requests = len(local.leases()), len(local.requests())
        order = Order(
            path=self.repository,
            folder=self.folder,
            secrets={"WORKER_SECRETS": json.dumps({"SIGNING_KEY": self.signing_key})},
        )
        outcome = run(local, order, self.write, colour=colour, compact=True)
        if outcome.code == 130:
            raise KeyboardInterrupt
        asked = local.requests()[requests:]
        outputs = outcome.record.outputs.get(("deploy", "deploy"), {})
        self.url = outputs.get("deployment_url") or self.url
        claim(self.url, "The deploying step gave no deployment_url: its log above says why.")
        newest = local.deployments(SERVICE)[:1]
        return Seen(
            outcome=outcome, claims=id_token_claims(local), leases=local.leases()[leases:], requests=asked,
            outputs=outputs,
            serving=[(each["version_id"], each["percentage"]) for each in newest[0]["versions"]] if newest else [],
            health=ask_health(local, self.url),
        )  # fmt: skip

    def check_secrets(self, seen: Seen) -> str:
        """No secret in any line that the run logged; returns what was looked for, in how many lines."""
        secret = {
            "the issued token": self.token,
            "the signing key": self.signing_key,
            "the API key": self.local.api_key,
            "the request token": self.local.request_token,
        }
        return count_hidden(secret, seen.outcome.record.messages)

    def check_revoked(self, seen: Seen) -> dict[str, Any]:
        """The token was issued, can be revoked, and is revoked, after its last use; returns its lease."""
        return revoked(seen.leases, seen.requests, "cloudflare")

    def check_good(self, seen: Seen) -> str:
        """The first half: deployed, verified, registered. Returns the version."""
        claim(seen.outcome.code == 0, "The first deploy should have succeeded: its log above says why it did not.")
        version = seen.outputs.get("version_id", "")
        claim(seen.serving == [(version, 100)], f"{version} should have all traffic, but it is {seen.serving}.")
        health = seen.health
        claim(health.status == 200 and json.loads(health.body)["status"] == "ok", f"/health answered {health.status}.")
        claim(health.version == version, f"/health was answered by {health.version or 'no version'}, not {version}.")
        claim(seen.outputs.get("health") == "ok", f"The gate's verdict was {seen.outputs.get('health')!r}.")
        for service, path in (("registry", "/heartbeat"), ("beacon", "/track")):
            statuses = [entry["status"] for entry in seen.asked(service, path)]
            claim(statuses and statuses[-1] in (200, 201, 202), f"The {service} was asked for {path}: {statuses}.")
        return version

    def check_rolled_back(self, seen: Seen, good: str) -> str:
        """The second half: failed, restored, the good version serves. Returns the sick version."""
        sick = seen.outputs.get("version_id", "")
        claim(seen.outcome.code != 0, "The second deploy should have failed, and the workflow ended well.")
        claim("failure" in seen.outcome.record.jobs.values(), "No job of the second run failed.")
        claim(sick and sick != good, "The second deploy uploaded no version of its own.")
        claim(seen.outputs.get("rolled_back") == "true", "The deploy does not say that it rolled back.")
        shares = [
            {each["version_id"]: each["percentage"] for each in deployment["versions"]}
            for deployment in self.local.deployments(SERVICE)
        ]
        claim({sick: 100} in shares, "The sick version never had the traffic, so nothing was rolled back.")
        claim(seen.serving == [(good, 100)], f"{good} should have all traffic again, but it is {seen.serving}.")
        claim(
            seen.health.status == 200 and seen.health.version == good,
            f"/health should be answered by {good}, but came from {seen.health.version} with {seen.health.status}.",
        )
        return sick
