"""Who publishes: a user by a long-lived token, or a workflow by one that its id token was exchanged for.

Trusted publishing as npm documents it: the publisher of a package is the caller's workflow file in its repository, and
a token that comes of it may change that package alone.
"""

from __future__ import annotations

import secrets
import string
import time
from dataclasses import dataclass
from typing import Any

from chittylocal.services.oidc import ISSUER, signing_key
from chittylocal.services.world import World

USER = "chitty"
LIFETIME = 3600
"""Seconds that an exchanged token lives."""

_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Grant:
    """What a token allows: to whom, and for one `package` or ("") for all. `expires` is a Unix time, 0: never."""

    user: str
    package: str = ""
    expires: float = 0.0


@dataclass(frozen=True)
class Publisher:
    """A workflow file that may publish: `chittyos/hello/.github/workflows/release.yml`, in one environment or any."""

    workflow: str
    environment: str = ""


class Tokens:
    """The tokens of the registry, in memory only.

    Attributes:
        user: a user's token, for everything.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.user = world.settings.npm_token or made_up()
        self._grants = {self.user: Grant(USER)}
        self._publishers: dict[str, list[Publisher]] = {}

    def grant(self, token: str) -> Grant | None:
        """What `token` allows; None when it is not valid."""
        found = self._grants.get(token)
        return found if found and (not found.expires or time.time() < found.expires) else None

    def accept(self, token: str, user: str = USER, package: str = "") -> None:
        """Take `token` as one of `user`'s from now on, for one package where it is named."""
        self._grants[token] = Grant(user, package)

    def trust(self, package: str, publisher: Publisher) -> None:
        """Let a workflow publish `package`."""
        self._publishers.setdefault(package, []).append(publisher)

    def exchange(self, id_token: str, package: str, host: str) -> str:
        """A token for `package`. `host` is the registry's. Raises PermissionError with what does not fit."""
        import jwt

        try:
            claims: dict[str, Any] = jwt.decode(
                id_token, signing_key().public_key(), algorithms=["RS256"], issuer=ISSUER, audience=f"npm:{host}"
            )
        except jwt.InvalidTokenError as error:
            raise PermissionError(f"the id token is not valid: {error}") from None
        workflow = str(claims.get("workflow_ref", "")).partition("@")[0]
        environment = str(claims.get("environment") or "")
        if not any(_is(publisher, workflow, environment) for publisher in self._publishers.get(package, ())):
            raise PermissionError("package not found")  # as the public registry: it does not tell what is amiss
        token = made_up()
        self._grants[token] = Grant(f"oidc:{claims['repository']}", package, time.time() + LIFETIME)
        return token


def made_up() -> str:
    """A random token in npm's form."""
    return "npm_" + "".join(secrets.choice(_LETTERS) for _ in range(36))


def _is(publisher: Publisher, workflow: str, environment: str) -> bool:
    return publisher.workflow == workflow and publisher.environment in ("", environment)
