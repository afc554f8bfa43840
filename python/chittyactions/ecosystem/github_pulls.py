"""The pull requests of one branch of a repository by GitHub's REST API: found, opened, told anew, closed."""

from __future__ import annotations

from urllib.parse import quote

from pydantic import RootModel

from chittyactions.ecosystem.github_wire import BASE_URL, Answer, Wire
from chittyactions.http import Client

PER_PAGE = 100


class _Author(Answer):
    login: str = ""


class _Head(Answer):
    ref: str
    label: str = ""


class PullRequest(Answer):
    """A pull request; `merged_at` is "" for one that was not merged."""

    number: int
    state: str
    title: str = ""
    body: str | None = None
    html_url: str = ""
    merged_at: str | None = None
    user: _Author | None = None
    head: _Head

    @property
    def author(self) -> str:
        """Login of who opened it, "" where that is not told."""
        return self.user.login if self.user else ""


class _Pulls(RootModel[tuple[PullRequest, ...]]):
    pass


class PullRequests:
    """One repository (`owner/name`), with a token that may write pull requests there.

    Methods raise Refused, Unreachable, AnswerLost or BadAnswer.
    """

    def __init__(self, client: Client, *, repository: str, token: str, base_url: str = BASE_URL) -> None:
        self.repository = repository
        fix = f"Check that the token may write pull requests in {repository}."
        self._wire = Wire(client, token=token, base_url=f"{base_url.rstrip('/')}/repos/{repository}", fix=fix)

    def of(self, branch: str) -> tuple[PullRequest, ...]:
        """Those of the repository's own branch of that name, open or closed, the newest first; a hundred at most."""
        owner = self.repository.partition("/")[0]
        head = quote(f"{owner}:{branch}", safe="")
        listed = self._wire.call("GET", f"/pulls?state=all&head={head}&per_page={PER_PAGE}", _Pulls).root
        ours = [one for one in listed if one.head.label.lower() == f"{owner}:{branch}".lower()]
        return tuple(sorted(ours, key=lambda one: -one.number))

    def open(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        """A new one. Sent once. Refused (`pull request exists`, `no commits`) where GitHub sees none to open."""
        asked = {"title": title, "head": branch, "base": base, "body": body}
        return self._wire.call("POST", "/pulls", PullRequest, asked, repeatable=False)

    def edit(self, number: int, body: str) -> PullRequest:
        """Give it another text."""
        return self._wire.call("PATCH", f"/pulls/{number}", PullRequest, {"body": body})

    def close(self, number: int, body: str) -> PullRequest:
        """Close it, and give it its last text, in one request."""
        return self._wire.call("PATCH", f"/pulls/{number}", PullRequest, {"state": "closed", "body": body})
