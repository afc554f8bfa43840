"""What an audit asks beside GraphQL: settings that only REST has, the services themselves, and whole commits.

All of it is counted, and each host is asked so many things at once and no more.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chittyactions.compliance.assemble import Assembled
from chittyactions.compliance.audit.query import Base
from chittyactions.compliance.facts import Fact
from chittyactions.compliance.files import Files
from chittyactions.compliance.git_files import GitFiles
from chittyactions.compliance.model import Service
from chittyactions.compliance.observe import CALL_SECONDS, Sources, observe, protection_of, reason
from chittyactions.compliance.repository import LARGEST_TEXT, Observed, Protection
from chittyactions.ecosystem import github
from chittyactions.ecosystem.git_fetch import fetch_commit
from chittyactions.ecosystem.github_guard import Guard, RepositoryGuard
from chittyactions.errors import ServiceError
from chittyactions.http import Client, Deadline, Response

PER_HOST = 8
"""Requests at one host at once, and fetches of git."""
SKIPPED = "this audit asks no service (--skip-runtime)"


class Hosts:
    """How much each host is asked at once, and how much it was asked at all; used by many threads."""

    def __init__(self, most: int = PER_HOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._free: dict[str, threading.Semaphore] = {}
        self.asked: dict[str, int] = {}
        """By what is asked: "rest", "probe", "archive"."""

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Wait until a host may be asked one thing more."""
        with self._lock:
            free = self._free.setdefault(host, threading.Semaphore(self._most))
        with free:
            yield

    def count(self, what: str) -> None:
        """A request leaves."""
        with self._lock:
            self.asked[what] = self.asked.get(what, 0) + 1


class Polite(Client):
    """A client that takes its turn at each host."""

    def __init__(self, hosts: Hosts, what: str, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        self._hosts = hosts
        self._what = what

    def send(self, method: str, url: str, **more: Any) -> Response:
        """Send a request in its turn. Each try counts."""
        with self._hosts.turn(urlsplit(url).netloc):
            return super().send(method, url, **more, on_send=lambda: self._hosts.count(self._what))


@dataclass(frozen=True)
class _Probing(Sources):
    hosts: Hosts = field(default_factory=Hosts)
    time: Callable[[], Deadline] = lambda: Deadline(CALL_SECONDS)

    def client(self, service: str) -> Client:
        return Polite(self.hosts, "probe", service, self.time(), environ=self.environ, say=self.say, sleep=self.sleep)


@dataclass(frozen=True)
class Looking:
    """How the services of an audit are asked.

    Attributes:
        token: of an owner. Raises CredentialError.
        environ: addresses, proxies, certificates.
        runtime: whether the services themselves are asked.
        folder: for whole commits, which are deleted when they were read.
        runtime: whether the services themselves are asked.
        deadline: of the whole audit.
    """

    token: Callable[[str], str]
    environ: Mapping[str, str]
    hosts: Hosts
    folder: Path
    runtime: bool = True
    mask: Callable[[str, str], None] = lambda _name, _value: None
    sources: Sources = field(default_factory=Sources)
    deadline: Deadline | None = None

    def observe(self, base: Base, service: Service, assembled: Assembled, workflows: bool) -> Observed:
        """What services say of a service; `workflows`: whether there are any that may be switched off."""
        if self.runtime:
            probing = _Probing(
                self.environ, say=self.sources.say, sleep=self.sources.sleep, hosts=self.hosts, time=self._time
            )
            found = observe(assembled.engine, service, probing, assembled.questions(service))
        else:
            found = Observed(
                health=Fact.not_asked(SKIPPED), registered=Fact.not_asked(SKIPPED), routed=Fact.not_asked(SKIPPED)
            )
        client = Polite(
            self.hosts, "rest", github.SERVICE, self._time(),
            environ=self.environ, say=self.sources.say, sleep=self.sources.sleep,
        )  # fmt: skip
        url = self.environ.get("GITHUB_API_URL") or github.BASE_URL
        guard = RepositoryGuard(
            client, repository=base.name, token=self.token(base.name.partition("/")[0]), base_url=url
        )
        return replace(
            found,
            default_branch=base.branch,
            protection=_protection(base.guard) if base.told else protection_of(guard, base.branch),
            disabled_workflows=_disabled(guard) if workflows else Fact.present(()),
        )

    @contextmanager
    def whole(self, base: Base) -> Iterator[Files]:
        """All files of a commit. Raises ServiceError, ToolError and Unreadable."""
        place = Path(tempfile.mkdtemp(dir=self.folder))
        token = self.token(base.name.partition("/")[0])
        server = self.environ.get("GITHUB_SERVER_URL", "")
        try:
            with self.hosts.turn(f"git {server}"):
                self.hosts.count("archive")
                fetch_commit(
                    base.name, base.commit, place / "git", token=token, environ=self.environ, largest=LARGEST_TEXT,
                    mask=self.mask,
                )  # fmt: skip
            name = base.name.partition("/")[2]
            with closing(GitFiles(place / "git", base.commit, name=name, remote=_remote(base))) as files:
                yield files
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _time(self) -> Deadline:
        return self.deadline.within(CALL_SECONDS) if self.deadline else Deadline(CALL_SECONDS)


def _remote(base: Base) -> str:
    return f"https://github.com/{base.name}"


def _protection(guard: Guard) -> Fact[Protection]:
    if guard == Guard():
        return Fact.absent()
    return Fact.present(Protection(guard.reviews, guard.status_checks, not guard.no_force_pushes))


def _disabled(guard: RepositoryGuard) -> Fact[tuple[str, ...]]:
    try:
        return Fact.present(guard.disabled_workflows())
    except ServiceError as error:
        return Fact.unknown(reason(error))
