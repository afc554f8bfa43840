"""A GitHub App's installation tokens: which installation a repository has, a token for it, and its revocation."""

from __future__ import annotations

from collections.abc import Mapping

from chittyactions.ecosystem.github_wire import BASE_URL, Answer, Wire
from chittyactions.errors import Refused
from chittyactions.http import Client

FIX = "Check that the GitHub App is installed on the repository, with the permissions that are asked for."


class _Installation(Answer):
    id: int


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

    def token(self, installation: int, *, repository: str, permissions: Mapping[str, str]) -> Issued:
        """A token for one repository and these permissions alone. Sent once: a lost answer may have issued one."""
        asked = {"repositories": [repository.partition("/")[2]], "permissions": dict(permissions)}
        path = f"/app/installations/{installation}/access_tokens"
        return self._wire.call("POST", path, Issued, asked, repeatable=False)


def revoke(client: Client, token: str, base_url: str = BASE_URL) -> None:
    """Revoke an installation token; one that is dead already is revoked."""
    try:
        Wire(client, token=token, base_url=base_url, fix=FIX).send("DELETE", "/installation/token")
    except Refused as refused:
        if refused.status != 401:
            raise
