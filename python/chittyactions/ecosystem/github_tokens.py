"""Whose token asks for which organisation: one token for all, or one of a GitHub App for each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from chittyactions.ecosystem.github_app import Installations, Issued, OwnersInstallation, revoke
from chittyactions.ecosystem.github_budget import Budget
from chittyactions.ecosystem.github_graphql import GraphQL
from chittyactions.ecosystem.github_wire import BASE_URL
from chittyactions.errors import AnswerLost, BadAnswer, CredentialError, Refused, ServiceError
from chittyactions.http import Client, Deadline

LIFETIME = 3600.0
"""Seconds that an installation token lives."""
MARGIN = 300.0
"""Seconds before its end at which a token is not handed out any more: a query may be tried for minutes."""
MINT_SECONDS = 20.0
REVOKE_SECONDS = 10.0
"""For asking for a token, and for revoking all. They are their own: a cancelled run cuts short neither."""
FINAL = frozenset({403, 404, 422})
"""Refusals that the next try would meet as well."""

SUSPENDED = "An owner of it, or GitHub, has suspended the installation."
LEVELS = ("", "read", "write", "admin")
READING = {"metadata": "read"}
"""What every app has, and every token asks for."""

Mask = Callable[[str, str], None]


class OneToken:
    """A person's token, or `GITHUB_TOKEN`: the same for every organisation.

    `mask` gets a name and the value. Raises CredentialError where there is none.
    """

    def __init__(self, token: str, *, mask: Mask) -> None:
        self._token = token.strip()
        if not self._token:
            raise CredentialError(
                "There is no token for GitHub.",
                why="GitHub's GraphQL API answers nobody without one.",
                fix="Set GITHUB_TOKEN to a token that may read the repositories, or give a GitHub App.",
            )
        mask("The token for GitHub", self._token)

    def for_owner(self, _owner: str) -> str:
        """The token."""
        return self._token

    def account(self, _owner: str) -> str:
        """Whose limits count: those of the one token."""
        return ""

    def renew(self, _owner: str, _refused: str) -> bool:
        """There is no other."""
        return False

    def close(self) -> None:
        """It is the caller's own, and stays as it is."""


@dataclass(frozen=True)
class _Held:
    value: str
    until: float


class AppTokens:
    """A GitHub App's tokens, one for each organisation or user, made when they are first asked for.

    `sign` makes the app's JWT for a moment (seconds since 1970). `permissions` are the most that a token is to have:
    what an installation was not granted is not asked for. `client` is for this alone: its deadline is replaced while
    a token is made or revoked. `mask` gets a name and the value of every secret before it is used; `say` hears when a
    revocation failed. `clock` gives seconds since 1970.
    """

    def __init__(
        self,
        client: Client,
        *,
        sign: Callable[[float], str],
        permissions: Mapping[str, str],
        mask: Mask,
        base_url: str = BASE_URL,
        say: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._sign = sign
        self._permissions = READING | dict(permissions)
        self._mask = mask
        self._base_url = base_url
        self._say = say
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._installations: dict[str, OwnersInstallation] = {}
        self._refused: dict[str, CredentialError] = {}
        self._issued: list[tuple[str, float]] = []
        self._closed = False
        self._lock = threading.Lock()

    def for_owner(self, owner: str) -> str:
        """The token for an organisation or user, whatever case its name is in, good for five minutes at least.

        Raises CredentialError where there is none to be had for it, Unreachable when GitHub is not there.
        """
        key = owner.lower()
        with self._lock:
            if key in self._refused:
                raise self._refused[key]
            held = self._held.get(key)
            if held is None or held.until - MARGIN <= self._clock():
                held = self._held[key] = self._mint(owner)
            return held.value

    def account(self, owner: str) -> str:
        """Whose limits count: each installation has its own."""
        return owner.lower()

    def renew(self, owner: str, refused: str) -> bool:
        """Whether another token than `refused` is to be had: it expired early or was revoked."""
        with self._lock:
            held = self._held.get(owner.lower())
            if held is not None and held.value == refused:
                del self._held[owner.lower()]
        return True

    def close(self) -> None:
        """Revoke what was issued and may still be alive. Nothing is issued afterwards."""
        with self._lock:
            self._closed = True
            issued, self._issued = self._issued, []
            self._held.clear()
            with _own_time(self._client, REVOKE_SECONDS):
                alive = [token for token, until in issued if until > self._clock()]
                failed = [failure for token in alive if (failure := self._end(token))]
        if failed:
            count = f"{len(failed)} of {len(alive)} tokens of the GitHub App were"
            self._say(f"{count} not revoked: {failed[0].what} They expire by themselves within an hour.")

    def _end(self, token: str) -> ServiceError | None:
        try:
            revoke(self._client, token, self._base_url)
        except ServiceError as failure:
            return failure
        return None

    def _mint(self, owner: str) -> _Held:
        if self._closed:
            raise CredentialError(f"There is no token for {owner} any more.", why="The work with GitHub has ended.")
        now = self._clock()
        assertion = self._sign(now)
        self._mask("The GitHub App's signature", assertion)
        with self._explained(owner), _own_time(self._client, MINT_SECONDS):
            installations = Installations(self._client, assertion=assertion, base_url=self._base_url)
            number, permissions = self._granted(installations, owner)
            issued = installations.token(number, permissions=permissions)
        until = min(now + LIFETIME, _expiry(issued, now + LIFETIME))
        self._issued.append((issued.token, now + LIFETIME))
        self._mask(f"The token for {owner}", issued.token)
        return _Held(issued.token, until)

    def _granted(self, installations: Installations, owner: str) -> tuple[int, Mapping[str, str]]:
        """The installation on `owner`, and what to ask of it: no more than it has, and no more than is wanted."""
        key = owner.lower()
        if key not in self._installations:
            self._installations[key] = installations.on(owner)
        found = self._installations[key]
        if found.suspended_at:
            failed = _no_token(owner, "the app is suspended there.", SUSPENDED, f"Let an owner of {owner} resume it.")
            self._refused[key] = failed
            raise failed
        if not found.permissions:  # not told
            return found.id, self._permissions
        wanted = self._permissions.items()
        granted = {name: min(level, found.permissions.get(name, ""), key=_level) for name, level in wanted}
        return found.id, {name: level for name, level in granted.items() if level} or READING

    @contextmanager
    def _explained(self, owner: str) -> Iterator[None]:
        try:
            yield
        except (AnswerLost, BadAnswer) as failure:
            why = "A token that was issued and lost expires within an hour."
            raise _no_token(owner, failure.what, why, failure.fix or "Run again.") from None
        except Refused as refused:
            cause, fix = _meaning(refused, owner)
            failed = _no_token(owner, cause, f"GitHub answered HTTP {refused.status}.", fix)
            if refused.status in FINAL and not refused.code:
                self._refused[owner.lower()] = failed  # it is told from now on, without asking again
            raise failed from None


Tokens = OneToken | AppTokens


@dataclass(frozen=True)
class Asker:
    """Who asks about one organisation's repositories.

    Attributes:
        account: whose limits count.
        token: is called for each request, when it may be sent: waiting may take longer than a token lives. Raises
            CredentialError.
        renew: is told a token that was refused, and says whether `token` gives another now.
    """

    account: str
    token: Callable[[], str]
    renew: Callable[[str], bool] = lambda _: False


def asker(tokens: Tokens, owner: str) -> Asker:
    """Who asks about an organisation's repositories, by its token."""
    return Asker(tokens.account(owner), lambda: tokens.for_owner(owner), lambda refused: tokens.renew(owner, refused))


def graphql_for(tokens: Tokens, owner: str, client: Client, *, url: str, budget: Budget) -> GraphQL:
    """Queries about one organisation's repositories, by its token; `client` and `budget` may be everybody's."""
    by = asker(tokens, owner)
    return GraphQL(client, token=by.token, renew=by.renew, account=by.account, url=url, budget=budget)


def _no_token(owner: str, cause: str, why: str, fix: str) -> CredentialError:
    return CredentialError(f"There is no token for {owner}: {cause}", why=why, fix=fix)


def _meaning(refused: Refused, owner: str) -> tuple[str, str]:
    if refused.code == "clock":
        return "this machine's clock is off by minutes.", "Set the machine's clock."
    if refused.code == "rate limit":
        return "the app has met GitHub's rate limit.", "Run again in an hour."
    return {
        401: ("the key is not one of this app's, or it was deleted.", "Check the app's id and its private key."),
        404: ("the app is not installed there, or there is no such owner or app.", f"Install the app on {owner}."),
        403: ("the installation is suspended, or a rule refuses the request.", "Look at the installation."),
        422: ("the installation lacks a permission.", "Accept the app's new permissions in the installation."),
    }.get(refused.status, ("GitHub did not take the request.", "Run again when GitHub is well."))


def _level(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else 0


def _expiry(issued: Issued, default: float) -> float:
    try:
        return datetime.fromisoformat(issued.expires_at.replace("Z", "+00:00")).timestamp()
    except (ValueError, OverflowError):
        return default


@contextmanager
def _own_time(client: Client, seconds: float) -> Iterator[None]:
    shared, client.deadline = client.deadline, Deadline(seconds)
    try:
        yield
    finally:
        client.deadline = shared
