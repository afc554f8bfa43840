"""The services that a deploy talks to, made from the request and the job's environment."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from chittyactions.deploy.health import Ask, asker
from chittyactions.deploy.request import Request
from chittyactions.ecosystem import beacon, cloudflare, github, registry
from chittyactions.ecosystem.cloudflare import Cloudflare
from chittyactions.ecosystem.cloudflare_wire import SERVICE, Wire
from chittyactions.ecosystem.github import GitHub
from chittyactions.errors import CredentialError
from chittyactions.http import Client, Deadline

CALL_SECONDS = 30.0
"""For one call of a service that the deploy does not depend on."""

CREDENTIALS_YAML = """- id: credentials
  uses: chittyos/chittyops/actions/getchitty-creds@v2
- uses: chittyos/chittyops/actions/worker-deploy@v2
  with:
    cloudflare_token: ${{ steps.credentials.outputs.cloudflare_token }}
    account_id: ${{ steps.credentials.outputs.account_id }}"""


class Services:
    """`environ` is the job's; `say` shows a line when something is tried again."""

    def __init__(self, request: Request, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._request = request
        self._environ = environ
        self._say = say
        self.repository = environ.get("GITHUB_REPOSITORY", "")
        self.registry_url = environ.get("CHITTYREGISTRY_URL") or registry.BASE_URL
        self.beacon_url = environ.get("CHITTYBEACON_URL") or beacon.BASE_URL

    def client(self, service: str) -> Client:
        """A client for one service, by its name in messages."""
        return Client(service, Deadline(CALL_SECONDS), environ=self._environ, say=self._say)

    def cloudflare_url(self, region: str = "") -> str:
        """The base URL of Cloudflare's API; `region` is the config's compliance_region."""
        return self._environ.get("CLOUDFLARE_API_BASE_URL") or cloudflare.BASE_URLS.get(region, cloudflare.BASE_URL)

    def cloudflare(self, region: str = "") -> Cloudflare:
        """Cloudflare's API with the credential that was handed over. Raises CredentialError when there is none."""
        request = self._request
        if not request.cloudflare_token or not request.account_id:
            missing = "account_id" if request.cloudflare_token else "cloudflare_token"
            raise CredentialError(
                f"There is no {missing} to deploy with.",
                why="The step before this one granted none, or its outputs were not handed over.",
                fix="Get credentials in the same job and hand them over:",
                yaml=CREDENTIALS_YAML,
                docs="worker-deploy.md#credentials",
            )
        wire = Wire(
            self.client(SERVICE), token=request.cloudflare_token, base_url=self.cloudflare_url(region), say=self._say
        )
        return Cloudflare(wire, request.account_id)

    def github(self) -> GitHub | None:
        """GitHub's API for this repository; None without a token."""
        token = self._request.github_token or self._environ.get("GITHUB_TOKEN", "")
        if not token or not self.repository:
            return None
        url = self._environ.get("GITHUB_API_URL") or github.BASE_URL
        return GitHub(self.client(github.SERVICE), repository=self.repository, token=token, base_url=url)

    def ask(self) -> Ask:
        """How health is asked: at Cloudflare's edge, or at the one that stands in for it."""
        return asker(self.client("The service"), self._environ.get("CHITTY_EDGE_URL", ""))

    @property
    def run_url(self) -> str:
        """The page of this workflow run."""
        server = self._environ.get("GITHUB_SERVER_URL") or "https://github.com"
        return f"{server}/{self.repository}/actions/runs/{self._environ.get('GITHUB_RUN_ID', '')}"

    @property
    def pull_request(self) -> int:
        """The number of the pull request that this run is about, 0 when it is about none."""
        if not self._environ.get("GITHUB_EVENT_NAME", "").startswith("pull_request"):
            return 0
        try:
            event = json.loads(Path(self._environ.get("GITHUB_EVENT_PATH", "")).read_text("utf-8"))
            return int(event["pull_request"]["number"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0
