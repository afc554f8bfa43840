"""GitHub Apps: signed requests for installation tokens, and what such a token may do."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from aiohttp import web

from chittylocal.services.github_answers import Handler, Refusal, id_of, repository_of, token_of
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
    """An app with its installation; `installed_on` are repositories as `owner/name`."""

    id: str
    key: RSAPrivateKey
    installation: int
    installed_on: tuple[str, ...]
    permissions: dict[str, str]


@dataclass
class Token:
    """An installation token, without its value."""

    installation: int
    repositories: tuple[str, ...]
    permissions: dict[str, str]
    issued_at: str = field(default_factory=now)
    revoked_at: str | None = None
    expires: float = field(default_factory=lambda: time.time() + LIFETIME)

    @property
    def live(self) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and self.expires > time.time()


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

    def register(self, app_id: str, installed_on: Iterable[str], permissions: dict[str, str] | None) -> str:
        """A new app and its private key as PEM (PKCS#1, as GitHub hands it out)."""
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        with self._lock:
            number = 50_000_000 + len(self._apps)
            granted = PERMISSIONS if permissions is None else permissions
            self._apps[app_id] = App(app_id, key, number, tuple(installed_on), dict(granted))
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

    def issue(self, app: App, asked: dict[str, Any]) -> tuple[str, Token]:
        """A token for what is asked of an installation, everything it has when nothing is. Raises Refusal."""
        owners = {name.partition("/")[2].lower(): name for name in app.installed_on}
        wanted = [str(name).lower() for name in asked.get("repositories", owners)]
        if not owners.keys() >= set(wanted):
            said = "There is at least one repository that does not exist or is not accessible to the parent"
            raise Refusal(422, f"{said} installation.")
        permissions = {str(name): str(level) for name, level in asked.get("permissions", app.permissions).items()}
        if any(not _covers(app.permissions.get(name, ""), level) for name, level in permissions.items()):
            raise Refusal(422, "The permissions requested are not granted to this installation.")
        value = f"ghs_{secrets.token_hex(18)}"
        token = Token(app.installation, tuple(owners[name] for name in wanted), permissions)
        with self._lock:
            self._tokens[_digest(value)] = token
        return value, token

    def judge(self, request: web.Request, permission: str) -> None:
        """Refuse what the request's token may not do, where it is one of ours; others are not judged here."""
        token = self.token(token_of(request))
        if token is None:
            return
        if not token.live:
            raise Refusal(401, "Bad credentials")
        repository, writes = repository_of(request).lower(), request.method != "GET"
        reaches = repository in (name.lower() for name in token.repositories)
        level = token.permissions.get(permission, "") if permission else ""
        if writes and not (reaches and _covers(level, "write")):
            raise Refusal(403, "Resource not accessible by integration")


def routes(apps: Apps, *, known: Callable[[str], bool]) -> list[web.RouteDef]:
    """The installation of a repository, its tokens, and their revocation. `known` tells whether a repository is."""

    async def installation(request: web.Request) -> web.Response:
        app, name = apps.identify(token_of(request)), repository_of(request)
        if not known(name) or name.lower() not in (repository.lower() for repository in app.installed_on):
            raise Refusal(404, "Not Found")
        account = {"login": name.partition("/")[0]}
        return web.json_response({"id": app.installation, "account": account, "permissions": app.permissions})

    async def access_tokens(request: web.Request) -> web.Response:
        app = apps.identify(token_of(request))
        if app.installation != id_of(request):
            raise Refusal(404, "Not Found")
        text = await request.text()
        value, token = apps.issue(app, json.loads(text) if text else {})
        expires = (datetime.now(timezone.utc) + timedelta(seconds=LIFETIME)).isoformat(timespec="seconds")
        names = [{"full_name": name} for name in token.repositories]
        answer = {"token": value, "expires_at": expires, "permissions": token.permissions, "repositories": names}
        return web.json_response(answer, status=201)

    async def revoke(request: web.Request) -> web.Response:
        token = apps.token(token_of(request))
        if token is None or not token.live:
            raise Refusal(401, "Bad credentials")
        token.revoked_at = now()
        return web.Response(status=204)

    return [
        web.get("/github/repos/{owner}/{repo}/installation", _answering(apps, installation)),
        web.post(r"/github/app/installations/{id:\d+}/access_tokens", _answering(apps, access_tokens)),
        web.delete("/github/installation/token", _answering(apps, revoke)),
    ]


def _answering(apps: Apps, handler: Handler) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        try:
            response = await handler(request)
        except Refusal as refusal:
            response = refusal.answer()
        except (ValueError, TypeError):
            response = Refusal(400, "Problems parsing JSON").answer()
        moment = datetime.now(timezone.utc) + timedelta(seconds=apps.clock_ahead)
        response.headers["Date"] = moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
        return response

    return answer


def _covers(granted: str, wanted: str) -> bool:
    return granted == "write" or (granted == "read" and wanted == "read")


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
