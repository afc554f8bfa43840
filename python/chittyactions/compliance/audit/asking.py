"""What an audit asks beside GraphQL: settings that only REST has, the services themselves, and whole commits.

All of it is counted, and each host is asked so many things at once and no more (see `paced`).
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from chittyactions.compliance.assemble import Assembled
from chittyactions.compliance.audit.guarded import NOTHING_TO_ASK, Guarded, guarded
from chittyactions.compliance.audit.paced import Hosts, Paced, Polite, rest_budget
from chittyactions.compliance.audit.query import Base
from chittyactions.compliance.audit.state import STANDS
from chittyactions.compliance.facts import Fact, State
from chittyactions.compliance.files import Files
from chittyactions.compliance.git_files import GitFiles
from chittyactions.compliance.model import Service
from chittyactions.compliance.observe import CALL_SECONDS, Sources, observe, protection_of, reason
from chittyactions.compliance.repository import LARGEST_TEXT, Observed, Protection
from chittyactions.ecosystem import github
from chittyactions.ecosystem.git_fetch import fetch_commit
from chittyactions.ecosystem.github_budget import Budget
from chittyactions.ecosystem.github_guard import Guard, RepositoryGuard, Switches
from chittyactions.ecosystem.github_tokens import Asker
from chittyactions.errors import ServiceError
from chittyactions.http import Client, Deadline

FEW = 50
"""Requests left of the hour, of which as many repositories as are judged at once may need four each."""
UNTOLD = "GraphQL does not tell it to this token"
SKIPPED = "this audit asks no service (--skip-runtime)"


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
        asker: who asks about an owner's repositories.
        environ: addresses, proxies, certificates.
        folder: for whole commits, which are deleted when they were read.
        runtime: whether the services themselves are asked.
        deadline: of the whole audit.
        budget: of REST.
        clock: seconds since 1970.
    """

    asker: Callable[[str], Asker]
    environ: Mapping[str, str]
    hosts: Hosts
    folder: Path
    runtime: bool = True
    mask: Callable[[str, str], None] = lambda _name, _value: None
    sources: Sources = field(default_factory=Sources)
    deadline: Deadline | None = None
    budget: Budget = field(default_factory=rest_budget)
    clock: Callable[[], float] = time.time
    in_turn: Hosts = field(default_factory=lambda: Hosts(1))

    @contextmanager
    def together(self, base: Base) -> Iterator[None]:
        """Ask REST for all that it has of a repository. Raises CredentialError.

        Where little of the hour is left, one repository after the other: else each had a part, and none the whole.
        """
        account = self._asker(base).account
        with self.in_turn.turn(account) if self.budget.is_short(account, FEW) else nullcontext():
            yield

    def guarded(self, base: Base, held: Guarded) -> tuple[Guarded, Fact[Protection], int]:
        """The protection that GraphQL did not tell, with what is to be kept of it, and when it was asked for (see
        Asking); `held` is what was known of it.

        It stands for a day where REST's limit is used up. Raises CredentialError.
        """
        now = int(self.clock())
        client = self._client(base)
        found = protection_of(self._guard(base, client), base.branch)
        tried = 0 if client.unsent else now
        stands = held.branch == base.branch and held.found is not None and now - STANDS < held.asked <= now
        if found.state is not State.UNKNOWN or not client.limited:
            passing = found.state is State.UNKNOWN and stands  # it may be told next time, or the limit be met
            return (held if passing else guarded(found, base.branch, now)), found, tried
        if held.asked == NOTHING_TO_ASK or held.branch != base.branch:
            return Guarded(0), found, tried
        if not stands:
            return held, found, tried
        self.hosts.stood()
        return held, held.fact, tried

    def switches(self, base: Base, held: Switches | None) -> tuple[Fact[Switches], int]:
        """The workflows that are switched off, and when that was asked (see Asking); `held` is what was known of them.

        It stands where GitHub says that nothing has changed, and for a day where REST's limit is used up. Raises
        CredentialError.
        """
        now = int(self.clock())
        client = self._client(base)
        try:
            return Fact.present(replace(self._guard(base, client).switches(held), asked=now)), now
        except ServiceError as error:
            if client.limited and held and held.asked > now - STANDS:
                self.hosts.stood()
                return Fact.present(held), 0
            return Fact.unknown(reason(error)), 0 if client.unsent else now

    def observe(self, base: Base, service: Service, assembled: Assembled, off: Fact[tuple[str, ...]]) -> Observed:
        """What services say of a service; `off`: the workflows that are switched off.

        Of protection what GraphQL told: for the rest see `guarded`.
        """
        if self.runtime:
            probing = _Probing(
                self.environ, say=self.sources.say, sleep=self.sources.sleep, hosts=self.hosts, time=self._time
            )
            found = observe(assembled.engine, service, probing, assembled.questions(service))
        else:
            found = Observed(
                health=Fact.not_asked(SKIPPED), registered=Fact.not_asked(SKIPPED), routed=Fact.not_asked(SKIPPED)
            )
        return replace(
            found,
            default_branch=base.branch,
            protection=_protection(base.guard) if base.told else Fact.not_asked(UNTOLD),
            disabled_workflows=off,
        )

    def _client(self, base: Base) -> Paced:
        """A client of the owner's account."""
        return Paced(
            self.hosts, self.budget, self._asker(base), github.SERVICE, self.deadline or Deadline(float("inf")),
            environ=self.environ, say=self.sources.say, sleep=self.sources.sleep,
        )  # fmt: skip

    def _guard(self, base: Base, client: Paced) -> RepositoryGuard:
        """GitHub's REST API, of one repository; its client has the token."""
        url = self.environ.get("GITHUB_API_URL") or github.BASE_URL
        return RepositoryGuard(client, repository=base.name, token="", base_url=url)

    @contextmanager
    def whole(self, base: Base) -> Iterator[Files]:
        """All files of a commit. Raises ServiceError, ToolError, CredentialError and Unreadable."""
        place = Path(tempfile.mkdtemp(dir=self.folder))
        server = self.environ.get("GITHUB_SERVER_URL", "")
        try:
            with self.hosts.turn(f"git {server}"):
                token = self._asker(base).token()
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

    def _asker(self, base: Base) -> Asker:
        return self.asker(base.name.partition("/")[0])

    def _time(self) -> Deadline:
        return self.deadline.within(CALL_SECONDS) if self.deadline else Deadline(CALL_SECONDS)


def _remote(base: Base) -> str:
    return f"https://github.com/{base.name}"


def _protection(guard: Guard) -> Fact[Protection]:
    if guard == Guard():
        return Fact.absent()
    return Fact.present(Protection(guard.reviews, guard.status_checks, not guard.no_force_pushes))
