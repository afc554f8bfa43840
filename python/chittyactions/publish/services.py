"""The channels of a publish, made from the request and the job's environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chittyactions.ecosystem import cloudflare, gitchitty, github_wire
from chittyactions.ecosystem.github_contents import Contents
from chittyactions.environment import tool_cache
from chittyactions.errors import ConfigError, CredentialError
from chittyactions.http import Client, Deadline
from chittyactions.process import ending
from chittyactions.publish.app_token import installation_token
from chittyactions.publish.flow import Task
from chittyactions.publish.formula import About
from chittyactions.publish.homebrew import HomebrewChannel, left_alone
from chittyactions.publish.model import Release, Result, Say, Status
from chittyactions.publish.npm import NpmChannel
from chittyactions.publish.npm_cli import ensure_npm, npm_registry_url
from chittyactions.publish.outcome import NAMES
from chittyactions.publish.r2 import R2, endpoint_of
from chittyactions.publish.request import Request
from chittyactions.publish.served import Public
from chittyactions.publish.tap import Tap

WHOLE_SECONDS = 50 * 60.0
"""For all requests of all channels together; the job has ten minutes more."""

PART_SECONDS = 300.0
"""For one request to R2, which sends a part of a file on a slow line."""

LONGEST_WAIT = 120.0
"""For one `Retry-After`: who publishes is better told than kept waiting."""

LAST_SECONDS = 1.0
"""For an answer that is on its way when the job is cancelled."""

PATIENCE = 300.0
"""Seconds that the download address may take to serve what was just published."""

PAGE = "package-publish.md"
R2_YAML = """permissions:
  contents: read
  id-token: write
secrets:
  CHITTYCONNECT_API_KEY: ${{ secrets.CHITTYCONNECT_API_KEY }}
# or, of your own:
secrets:
  CLOUDFLARE_API_TOKEN: ${{ secrets.CLOUDFLARE_API_TOKEN }}
  CLOUDFLARE_ACCOUNT_ID: ${{ secrets.CLOUDFLARE_ACCOUNT_ID }}"""

TAP_YAML = """permissions:
  contents: read
  id-token: write
secrets:
  TAP_TOKEN: ${{ secrets.TAP_TOKEN }}"""


@dataclass(frozen=True)
class Talk:
    """How the channels, each in its thread, reach a person: a line under a channel's name, a mask, a redaction."""

    say: Callable[[str, str], None]
    mask: Callable[[str, str], None]
    redact: Callable[[str], str]


class Services:
    """`environ` is the job's, `temp` a folder of this run, `about` what a formula that is new says of the package."""

    def __init__(
        self, request: Request, release: Release, environ: Mapping[str, str], temp: Path, about: About, talk: Talk
    ) -> None:
        self._request = request
        self._release = release
        self._environ = environ
        self._temp = temp
        self._about = about
        self._talk = talk
        self._deadline = Deadline(WHOLE_SECONDS)

    def tasks(self) -> tuple[Task, ...]:
        """The channels that were asked for. Homebrew follows those that may serve its download address."""
        request, work = self._request, []
        if request.publish_npm:
            work.append(Task("npm", lambda _: self._npm()))
        if request.publish_r2:
            work.append(Task("r2", lambda _: self._r2()))
        if request.brew_formula:
            others = tuple(task.channel for task in work)
            # The address that is not given is R2's, so npm need not be waited for.
            after = ("r2",) if request.publish_r2 and not request.public_url else others
            work.append(Task("homebrew", self._homebrew, after))
        return tuple(work)

    @contextmanager
    def stopping(self) -> Iterator[None]:
        """Within, every request and every program of every channel comes to its end, and none begins."""
        self._deadline.shorten(LAST_SECONDS)
        with ending():
            yield

    # -- channels ----------------------------------------------------------------------------------------------

    def _npm(self) -> Result:
        request, environ, say = self._request, self._environ, self._voice("npm")
        cli = ensure_npm(tool_cache(environ), environ, say)
        channel = NpmChannel(
            cli,
            self._client("The npm registry", say),
            registry=npm_registry_url(cli, environ, request.registry_url),
            token=request.npm_token,
            dist_tag=request.dist_tag,
            access=request.access,
            provenance=request.provenance,
            environ=environ,
            temp=self._temp,
            say=say,
            redact=self._talk.redact,
        )
        return channel.publish(self._release, dry_run=request.dry_run)

    def _r2(self) -> Result:
        request, environ, say = self._request, self._environ, self._voice("r2")
        if not request.cloudflare_token or not request.account_id:
            missing = "account_id" if request.cloudflare_token else "cloudflare_token"
            raise CredentialError(
                f"There is no {missing} to publish to R2 with.",
                why="No secret of the caller gives one, and ChittyConnect granted none, or that was not handed over.",
                fix="Let the job ask ChittyConnect, by its identity or a key (either is enough), or pass your own "
                "secrets; or leave R2 out (publish_r2: false):",
                yaml=R2_YAML,
                docs=f"{PAGE}#r2-credentials",
            )
        channel = R2(
            self._client("R2", say, try_seconds=PART_SECONDS),
            self._client("Cloudflare", say),
            self._refresh(say),
            account_id=request.account_id,
            token=request.cloudflare_token,
            endpoint=request.r2_endpoint or environ.get("CHITTY_R2_URL") or endpoint_of(request.account_id),
            bucket=request.bucket,
            public_url=request.public_url,
            cloudflare_url=environ.get("CLOUDFLARE_API_BASE_URL") or cloudflare.BASE_URL,
            mask=self._talk.mask,
            say=say,
        )
        return channel.publish(self._release, dry_run=request.dry_run)

    def _refresh(self, say: Say) -> Callable[[], None]:
        usual = (self._environ.get("CHITTYGIT_URL") or gitchitty.BASE_URL).rstrip("/") + gitchitty.PATH
        client = self._client(gitchitty.SERVICE, say)

        def refresh() -> None:
            gitchitty.refresh(client, self._request.refresh_url or usual, self._request.service_name)

        return refresh

    def _homebrew(self, before: Mapping[str, Result]) -> Result:
        request, say = self._request, self._voice("homebrew")
        if early := left_alone(request.brew_formula, self._release):
            return early
        source = before.get("r2") or before.get("npm")
        # What failed there may be out all the same, but will not be out in a minute.
        sick = source if source and source.status in (Status.FAILED, Status.UNKNOWN) else None
        edge = self._environ.get("CHITTY_EDGE_URL", "")
        client = self._client("The download address", say, try_seconds=PART_SECONDS)
        fix = f"See to {NAMES[sick.channel]} first, then run again: a rerun does both." if sick else ""
        public = Public(client, edge=edge, fix=fix, say=say)
        with self._tap(say) as tap:
            channel = HomebrewChannel(
                formula=request.brew_formula,
                public_url=self._download(before),
                mode=request.tap_mode,
                tap=tap,
                public=public,
                about=self._about,
                environ=self._environ,
                say=say,
                wait_seconds=0.0 if sick else PATIENCE,
            )
            return channel.publish(self._release, dry_run=request.dry_run)

    def _download(self, before: Mapping[str, Result]) -> str:
        """The template of the download address, "" for the usual one, which is R2's; without R2 it is npm's."""
        request = self._request
        if request.public_url or request.publish_r2:
            return request.public_url
        npm = before["npm"]
        if npm.urls:
            return npm.urls[0].replace("{", "{{").replace("}", "}}")
        raise ConfigError(
            "There is no address to download from: the release is not on npm.",
            why="R2 is off, so that the formula would name npm's tarball.",
            fix="Run it again when npm works.",
            docs=f"{PAGE}#homebrew-served",
        )

    @contextmanager
    def _tap(self, say: Say) -> Iterator[Tap]:
        """The tap, with the caller's token, else with one of the app's that lives within this block."""
        request = self._request
        client = self._client(github_wire.SERVICE, say)
        owner = self._environ.get("GITHUB_REPOSITORY_OWNER") or self._environ.get("GITHUB_REPOSITORY", "").split("/")[0]
        repository = request.tap if "/" in request.tap else f"{owner}/{request.tap}"
        url = self._environ.get("GITHUB_API_URL") or github_wire.BASE_URL
        if request.tap_token:
            yield Tap(Contents(client, repository=repository, token=request.tap_token, base_url=url), say=say)
            return
        if not request.github_app_id or not request.github_app_private_key:
            raise CredentialError(
                f"There is no token for the tap {repository}.",
                why="There is no secret TAP_TOKEN, and ChittyConnect granted no GitHub App.",
                fix="Pass TAP_TOKEN; or let the job ask by its identity, which is the way to the App:",
                yaml=TAP_YAML,
                docs=f"{PAGE}#tap-credentials",
            )
        with installation_token(
            client,
            app_id=request.github_app_id,
            private_key=request.github_app_private_key,
            repository=repository,
            mask=self._talk.mask,
            permissions={"contents": "write"}
            | ({"pull_requests": "write"} if request.tap_mode == "pull-request" else {}),
            base_url=url,
            say=say,
        ) as token:
            yield Tap(Contents(client, repository=repository, token=token, base_url=url), say=say)

    def _voice(self, channel: str) -> Say:
        return partial(self._talk.say, channel)

    def _client(self, service: str, say: Say, *, try_seconds: float = 30.0) -> Client:
        return Client(
            service, self._deadline, try_timeout=try_seconds, environ=self._environ, say=say, longest_wait=LONGEST_WAIT
        )
