"""The fault matrix of a publish: a channel says what befell it, the others are out, a rerun does exactly the rest.

What each client makes of each fault is tested beside the client; here it is what becomes of the release. The channels
run in this process, with short deadlines and waits that are counted as done.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from chittyactions.entries import unexpected
from chittyactions.http import Client, Deadline
from chittyactions.inputs import Inputs
from chittyactions.publish import services
from chittyactions.publish.flow import run_all
from chittyactions.publish.formula import About
from chittyactions.publish.model import Release, Result, Say, Status
from chittyactions.publish.request import Request, read_inputs
from chittyactions.publish.services import Services, Talk
from chittylocal import Local
from deploy.workers import NODE, TOOL_CACHE
from faults import FAULTS, PATIENCE
from publish.chain import TAP, Tap
from publish.releases import release_of

pytestmark = pytest.mark.timeout(120)

WELL = {Status.PUBLISHED, Status.ALREADY}
CHOSEN = ("reset", "hang", "truncated", "html", "garbage", "403", "429", "500", "503")
"""One of each kind: no answer, half of one, one that is nonsense, a refusal, a limit, a failure."""

PLACES = {
    "npm is asked": ("npm", "npm", "GET", "*"),
    "the Cloudflare token is verified": ("r2", "cloudflare", "GET", "*/tokens/verify"),
    "R2 is asked": ("r2", "r2", "[GH]*", "*"),
    "the object is sent": ("r2", "r2", "PUT", "*/1.2.3/*"),
    "latest/ is written": ("r2", "r2", "PUT", "*/latest/*"),
    "the metadata is written": ("r2", "r2", "PUT", "*/metadata.json"),
    "the app asks for a token": ("homebrew", "github", "POST", "*/access_tokens"),
    "the download is looked at": ("homebrew", "git", "GET", "*"),
    "the tap is read": ("homebrew", "github", "GET", "*/contents/*"),
    "the tap is written": ("homebrew", "github", "PUT", "*/contents/*"),
}
"""Where it goes wrong → the channel that suffers, and the requests that the fault is laid over."""

LOST = {"reset", "hang", "truncated", "html", "garbage", "500"}
"""What a write may have taken effect before."""

WRITES = {"the object is sent", "latest/ is written", "the metadata is written", "the tap is written"}


def expected(place: str, name: str) -> Status:
    """Unknown is what may be out, and failed what is not."""
    return Status.UNKNOWN if place in WRITES and name in LOST else Status.FAILED


_numbers = itertools.count(1)


class Skipping(Deadline):
    """A deadline by whose clock a wait is over at once."""

    def __init__(self, seconds: float, skipped: list[float] | None = None, whole: Deadline | None = None) -> None:
        self._skipped = skipped if skipped is not None else [0.0]
        super().__init__(seconds, lambda: time.monotonic() + self._skipped[0], whole=whole)

    def within(self, seconds: float) -> Deadline:
        """The same clock."""
        return Skipping(min(seconds, self.remaining), self._skipped, self)

    def pause(self, seconds: float) -> None:
        """Let the time pass."""
        self._skipped[0] += min(seconds, self.remaining)


class Quick(Services):
    """Services whose waits take no time; each client has a clock of its own."""

    seconds = 30.0
    """For one try."""

    def _client(self, service: str, say: Say, *, try_seconds: float = 30.0) -> Client:
        return Client(
            service, Skipping(120), try_timeout=self.seconds, environ=self._environ, say=say, sleep=lambda _: None
        )


@dataclass
class Publish:
    """One release for a service of its own, which R2 and the tap have not got; npm has the package."""

    tap: Tap
    release: Release
    temp: Path

    @property
    def local(self) -> Local:
        """The backend."""
        return self.tap.local

    def request(self) -> Request:
        """What the workflow would ask for."""
        given = {
            "phase": "publish",
            "service_name": self.release.service,
            "publish_npm": "true",
            "brew_formula": self.release.service,
            "tap": TAP,
            "artifact": "package.tar",
            "cloudflare_token": self.local.cloudflare_token,
            "account_id": self.local.account_id,
            "npm_token": self.local.npm_token,
            "github_app_id": self.tap.app_id,
            "github_app_private_key": self.tap.key,
        }
        return read_inputs(Inputs.load({"CHITTY_INPUTS": json.dumps(given)}))

    def run(self, seconds: float = 30.0) -> Mapping[str, Result]:
        """Publish on all channels, waiting for one try of a request that long."""
        environ = {
            **self.local.env("none"),
            "PATH": f"{NODE}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.temp),
            "RUNNER_ENVIRONMENT": "github-hosted",
            "RUNNER_TOOL_CACHE": str(TOOL_CACHE),
            "GITHUB_REPOSITORY": "chittyos/hello",
        }
        talk = Talk(say=lambda channel, text: None, mask=lambda name, secret: None, redact=str)
        quick = Quick(self.request(), self.release, environ, self.temp, About(desc="Greets"), talk)
        quick.seconds = seconds
        results, cancelled = run_all(quick.tasks(), stopping=quick.stopping, defect=unexpected)
        assert cancelled is None
        return results


@pytest.fixture(scope="module")
def tap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tap]:
    """The tap of a backend that has one package on npm: @chittyos/hello 1.2.3, for every service here."""
    with Local() as local:
        made = Tap.made(local)
        folder = tmp_path_factory.mktemp("first")
        results = Publish(made, release_of(folder), folder).run()
        assert {result.status for result in results.values()} == {Status.PUBLISHED}, told(results)
        yield made


@pytest.fixture
def publish(tap: Tap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publish]:
    """A release of a service that nobody knows."""
    monkeypatch.setattr(services, "PATIENCE", 0.0)
    yield Publish(tap, release_of(tmp_path, service=f"hello{next(_numbers)}"), tmp_path)
    tap.local.clear_faults()


def told(results: Mapping[str, Result]) -> str:
    """All that a person reads of it."""
    return "\n".join(f"{r.channel} {r.status.value} {r.failure} {r.notes}" for r in results.values())


@pytest.mark.parametrize("name", CHOSEN)
@pytest.mark.parametrize("place", PLACES)
def test_one_channel_suffers(publish: Publish, place: str, name: str) -> None:
    """It fails or is unknown, with a remedy; what does not need it is out; a rerun does exactly the rest."""
    suffering, service, method, path = PLACES[place]
    case = FAULTS[name]
    assert case.fault
    publish.local.fault(service, method, path, case.fault)
    results = publish.run(2 * PATIENCE if case.silent else 30.0)
    publish.local.clear_faults()

    assert results[suffering].status is expected(place, name), told(results)
    failure = results[suffering].failure
    assert failure
    assert failure.fix
    others = {"npm", "r2"} - {suffering} | ({"homebrew"} if suffering == "npm" else set())
    assert {results[channel].status for channel in others} <= WELL, told(results)

    again = publish.run()
    assert {result.status for result in again.values()} <= WELL, told(again)
    assert {again[channel].status for channel in others} == {Status.ALREADY}
    assert {result.status for result in publish.run().values()} == {Status.ALREADY}
