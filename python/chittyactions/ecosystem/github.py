"""GitHub's REST API, as far as actions need it: compare commits, keep one comment on a pull request, take findings."""

from __future__ import annotations

from urllib.parse import quote

from pydantic import RootModel

from chittyactions.ecosystem.github_wire import BASE_URL, SERVICE, Answer, Wire
from chittyactions.http import Client

__all__ = ["BASE_URL", "SERVICE", "Comment", "GitHub"]

PER_PAGE = 100
MOST_PAGES = 30


class _Author(Answer):
    type: str = ""


class Comment(Answer):
    """A comment of a pull request; `user` is its author, whose type is User or Bot."""

    id: int
    user: _Author | None = None
    body: str | None = None
    html_url: str = ""

    @property
    def by_bot(self) -> bool:
        """Whether an app wrote it, as the workflow's token does."""
        return self.user is not None and self.user.type == "Bot"


class _Page(RootModel[tuple[Comment, ...]]):
    pass


class _Comparison(Answer):
    status: str


class _Owner(Answer):
    login: str
    type: str = ""


class _Repository(Answer):
    owner: _Owner


class _Team(Answer):
    slug: str
    permission: str = ""


class _Teams(RootModel[tuple[_Team, ...]]):
    pass


class GitHub:
    """One repository (`owner/name`), with a token that may be empty.

    Methods raise Refused (with the HTTP status), Unreachable, AnswerLost or BadAnswer.
    """

    def __init__(self, client: Client, *, repository: str, token: str, base_url: str = BASE_URL) -> None:
        fix = "Check the permissions of the workflow's token."
        self._wire = Wire(client, token=token, base_url=f"{base_url.rstrip('/')}/repos/{repository}", fix=fix)

    def compare(self, base: str, head: str) -> str:
        """How `head` stands to `base`: ahead, behind, diverged or identical."""
        path = f"/compare/{quote(base, safe='')}...{quote(head, safe='')}?per_page=1"
        return self._wire.call("GET", path, _Comparison).status

    def comment(self, number: int, marker: str) -> Comment | None:
        """The pull request's comment by a bot that holds `marker`, wherever in its pages it is.

        Anybody can paste a marker: a person's comment is never taken for ours, nor one whose author is not told.
        """
        for page in range(1, MOST_PAGES + 1):
            path = f"/issues/{number}/comments?per_page={PER_PAGE}&page={page}"
            comments = self._wire.call("GET", path, _Page).root
            found = next((item for item in comments if item.by_bot and marker in (item.body or "")), None)
            if found or len(comments) < PER_PAGE:
                return found
        return None

    def write_comment(self, number: int, body: str) -> Comment:
        """A new comment. Sent once: a lost answer may have made it."""
        return self._wire.call("POST", f"/issues/{number}/comments", Comment, {"body": body}, repeatable=False)

    def edit_comment(self, comment_id: int, body: str) -> Comment:
        """Replace a comment's text."""
        return self._wire.call("PATCH", f"/issues/comments/{comment_id}", Comment, {"body": body})

    def upload_sarif(self, commit: str, ref: str, packed: str) -> None:
        """Hand a SARIF file, gzipped and in base64, to code scanning."""
        body = {"commit_sha": commit, "ref": ref, "sarif": packed, "tool_name": "chittyops"}
        self._wire.call("POST", "/code-scanning/sarifs", Answer, body, repeatable=False)

    def owners(self) -> tuple[str, ...]:
        """Who answers for the repository, as CODEOWNERS names them: its user, or the teams that may administer it."""
        owner = self._wire.call("GET", "", _Repository).owner
        if owner.type == "User":
            return (f"@{owner.login}",)
        teams = self._wire.call("GET", f"/teams?per_page={PER_PAGE}", _Teams).root
        return tuple(f"@{owner.login}/{team.slug}" for team in teams if team.permission in ("admin", "maintain"))
