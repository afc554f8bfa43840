"""A GitHub App's installation tokens: where the app is installed, a token for that, and its revocation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from chittyactions.ecosystem.github_wire import BASE_URL, Answer, Wire
from chittyactions.errors import Refused
from chittyactions.http import Client

FIX = "Check that the GitHub App is installed on the repository, with the permissions that are asked for."


class _Installation(Answer):
    id: int


class OwnersInstallation(Answer):
    """An app's installation on an organisation or a user, and what it was granted there."""

    id: int
    permissions: Mapping[str, str] = {}
    suspended_at: str | None = None


class Issued(Answer):
    """An installation token. Its value is not shown."""

    token: str
    expires_at: str = ""

    def __repr__(self) -> str:
        return f"Issued(expires_at={self.expires_at!r})"

    __str__ = __repr__


class Installations:
    """The installations of one app, which signs with `assertion` (a JWT of at most ten minutes).

    Methods raise Refused, Unreachable, AnswerLost or BadAnswer.
    """

    def __init__(self, client: Client, *, assertion: str, base_url: str = BASE_URL) -> None:
        self._wire = Wire(client, token=assertion, base_url=base_url, fix=FIX)

    def of(self, repository: str) -> int:
        """The installation on a repository (`owner/name`). Refused with 404 where the app is not installed."""
        return self._wire.call("GET", f"/repos/{repository}/installation", _Installation).id

    def on(self, owner: str) -> OwnersInstallation:
        """The installation on an organisation, else on a user. Refused with 404 where the app is on neither."""
        name = quote(owner, safe="")
        try:
            return self._wire.call("GET", f"/orgs/{name}/installation", OwnersInstallation)
        except Refused as refused:
            if refused.status != 404:
                raise
        return self._wire.call("GET", f"/users/{name}/installation", OwnersInstallation)

    def token(self, installation: int, *, permissions: Mapping[str, str], repository: str = "") -> Issued:
        """A token with these permissions alone, for one repository, else for all that the installation reaches.

        Sent once: a lost answer may have issued one.
        """
        asked: dict[str, Any] = {"permissions": dict(permissions)}
        if repository:
            asked["repositories"] = [repository.partition("/")[2]]
        path = f"/app/installations/{installation}/access_tokens"
        return self._wire.call("POST", path, Issued, asked, repeatable=False)


def revoke(client: Client, token: str, base_url: str = BASE_URL) -> None:
    """Revoke an installation token; one that is dead already is revoked."""
    try:
        Wire(client, token=token, base_url=base_url, fix=FIX).send("DELETE", "/installation/token")
    except Refused as refused:
        if refused.status != 401:
            raise
