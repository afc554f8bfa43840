"""GitHub Apps: signed requests for installation tokens, and what such a token may do."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from chittylocal.services.github_answers import Refusal, repository_of, token_of
from chittylocal.state import now

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

LIFETIME = 3600
"""Seconds that an installation token lives."""
LONGEST_ASSERTION = 600
"""Seconds that a signed request may still have to live."""
PERMISSIONS = {"contents": "write", "metadata": "read", "pull_requests": "write"}
"""What an app here is granted where it is installed."""


@dataclass
class App:
    """An app with its installations, one an owner; `installed_on` are repositories as `owner/name` or `owner/*`."""

    id: str
    slug: str
    number: int
    key: RSAPrivateKey
    installations: dict[str, int]
    installed_on: tuple[str, ...]
    permissions: dict[str, str]

    @property
    def user(self) -> dict[str, Any]:
        """Who writes what it writes."""
        return {"login": f"{self.slug}[bot]", "id": 60_000_000 + self.number, "type": "Bot"}

    def installed(self, installation: int) -> tuple[str, ...]:
        """What one of its installations reaches; nothing where it is another app's."""
        owner = next((owner for owner, number in self.installations.items() if number == installation), None)
        return tuple(name for name in self.installed_on if name.partition("/")[0].lower() == owner)


@dataclass
class Token:
    """An installation token, without its value; `repositories` may be `owner/*`."""

    installation: int
    repositories: tuple[str, ...]
    permissions: dict[str, str]
    user: dict[str, Any]
    issued_at: str = field(default_factory=now)
    revoked_at: str | None = None
    expires: float = field(default_factory=lambda: time.time() + LIFETIME)

    @property
    def live(self) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and self.expires > time.time()

    def reaches(self, name: str) -> bool:
        """Whether a repository is among those that it is for."""
        return covers(self.repositories, name)


class Apps:
    """The apps that this process knows, and their tokens.

    Attributes:
        clock_ahead: seconds that GitHub's clock is ahead of the machine's.
    """

    def __init__(self) -> None:
        self._apps: dict[str, App] = {}
        self._tokens: dict[str, Token] = {}
        self._lock = threading.Lock()
        self.clock_ahead = 0.0

    def register(
        self, app_id: str, installed_on: Iterable[str], permissions: dict[str, str] | None, *, slug: str = ""
    ) -> str:
        """A new app and its private key as PEM (PKCS#1, as GitHub hands it out)."""
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        with self._lock:
            number, places = len(self._apps), tuple(installed_on)
            owners = dict.fromkeys(name.partition("/")[0].lower() for name in places)
            installations = {owner: 50_000_000 + number * 1000 + place for place, owner in enumerate(owners)}
            granted = PERMISSIONS if permissions is None else permissions
            self._apps[app_id] = App(
                app_id, slug or f"app-{app_id}", number, key, installations, places, dict(granted)
            )  # fmt: skip
        return key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        ).decode()

    def tokens(self) -> list[Token]:
        """Every token that was issued, oldest first."""
        with self._lock:
            return list(self._tokens.values())

    def token(self, value: str) -> Token | None:
        """The token of that value, live or not; None: it was not issued here."""
        return self._tokens.get(_digest(value))

    def identify(self, assertion: str) -> App:
        """The app that signed a request. Raises Refusal, by GitHub's rules and its clock."""
        import jwt

        try:
            unchecked = jwt.decode(assertion, options={"verify_signature": False, "verify_exp": False})
            app = self._apps.get(str(unchecked["iss"]))
            if app is None:
                raise Refusal(404, "Integration not found")
            claims = jwt.decode(
                assertion,
                app.key.public_key(),
                algorithms=["RS256"],
                options={"verify_exp": False, "verify_iat": False},
            )
            issued, expires = claims["iat"], claims["exp"]
        except (jwt.PyJWTError, KeyError):
            raise Refusal(401, "A JSON web token could not be decoded") from None
        moment = time.time() + self.clock_ahead
        if not isinstance(issued, int) or issued > moment:
            said = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
            raise Refusal(401, said)
        if not isinstance(expires, int) or expires <= moment:
            said = "'Expiration time' claim ('exp') must be a numeric value representing the future time"
            raise Refusal(401, f"{said} at which the assertion expires")
        if expires > moment + LONGEST_ASSERTION:
            raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
        return app

    def issue(self, app: App, installation: int, asked: dict[str, Any]) -> tuple[str, Token]:
        """A token for what is asked of an installation, everything it has when nothing is. Raises Refusal."""
        within = app.installed(installation)
        owner = within[0].partition("/")[0]
        names = {name.partition("/")[2].lower(): name for name in within}
        wanted = [str(name) for name in asked.get("repositories", names)]
        if "*" not in names and not names.keys() >= {name.lower() for name in wanted}:
            said = "There is at least one repository that does not exist or is not accessible to the parent"
            raise Refusal(422, f"{said} installation.")
        permissions = {str(name): str(level) for name, level in asked.get("permissions", app.permissions).items()}
        if any(not _covers(app.permissions.get(name, ""), level) for name, level in permissions.items()):
            raise Refusal(422, "The permissions requested are not granted to this installation.")
        value = f"ghs_{secrets.token_hex(18)}"
        reached = tuple(names.get(name.lower(), f"{owner}/{name}") for name in wanted)
        token = Token(installation, reached, permissions, app.user)
        with self._lock:
            self._tokens[_digest(value)] = token
        return value, token

    def grant(self, app_id: str, owner: str = "", **asked: Any) -> str:
        """A token's value without a signed request: of an owner's installation (default: the app's first)."""
        app = self._apps[app_id]
        installation = app.installations[owner.lower()] if owner else next(iter(app.installations.values()))
        return self.issue(app, installation, asked)[0]

    def judge(self, request: web.Request, permission: str, *, private: bool = False) -> None:
        """Refuse what the request's token may not do, where it is one of ours; others are not judged here.

        What everybody may read needs no permission.
        """
        token = self.token(token_of(request))
        if token is None:
            return
        if not token.live:
            raise Refusal(401, "Bad credentials")
        repository, writes = repository_of(request), request.method not in ("GET", "HEAD")
        level = token.permissions.get(permission, "") if permission else ""
        guarded = permission == "administration" or (private and permission not in ("", "metadata"))
        if writes and not (token.reaches(repository) and _covers(level, "write")):
            raise Refusal(403, "Resource not accessible by integration")
        if guarded and repository and not (token.reaches(repository) and _covers(level, "read")):
            raise Refusal(403, "Resource not accessible by integration")


def covers(places: Iterable[str], name: str) -> bool:
    """Whether a repository is among some, of which `owner/*` are all of an owner's."""
    either = (name.lower(), f"{name.partition('/')[0]}/*".lower())
    return any(place.lower() in either for place in places)


def _covers(granted: str, wanted: str) -> bool:
    return granted == "write" or (granted == "read" and wanted == "read")


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
