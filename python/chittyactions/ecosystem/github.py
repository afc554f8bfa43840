"""GitHub's REST API, as far as a deploy needs it: compare commits, keep one comment on a pull request."""

from __future__ import annotations

import json
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from chittyactions.errors import BadAnswer, Refused
from chittyactions.http import Client

SERVICE = "GitHub's API"
BASE_URL = "https://api.github.com"
PER_PAGE = 100
MOST_PAGES = 30
BODY_LIMIT = 8 * 1024 * 1024
"""Bytes: a page of a hundred long comments, a comparison with many files."""


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Author(_Answer):
    type: str = ""


class Comment(_Answer):
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


class _Comparison(_Answer):
    status: str


A = TypeVar("A", bound=BaseModel)


class GitHub:
    """One repository (`owner/name`), with a token that may be empty.

    Methods raise Refused (with the HTTP status), Unreachable, AnswerLost or BadAnswer.
    """

    def __init__(self, client: Client, *, repository: str, token: str, base_url: str = BASE_URL) -> None:
        self._client = client
        self._token = token
        self._base = f"{base_url.rstrip('/')}/repos/{repository}"

    def compare(self, base: str, head: str) -> str:
        """How `head` stands to `base`: ahead, behind, diverged or identical."""
        path = f"/compare/{quote(base, safe='')}...{quote(head, safe='')}?per_page=1"
        return self._call("GET", path, _Comparison).status

    def comment(self, number: int, marker: str) -> Comment | None:
        """The pull request's comment by a bot that holds `marker`, wherever in its pages it is.

        Anybody can paste a marker: a person's comment is never taken for ours, nor one whose author is not told.
        """
        for page in range(1, MOST_PAGES + 1):
            path = f"/issues/{number}/comments?per_page={PER_PAGE}&page={page}"
            comments = self._call("GET", path, _Page).root
            found = next((item for item in comments if item.by_bot and marker in (item.body or "")), None)
            if found or len(comments) < PER_PAGE:
                return found
        return None

    def write_comment(self, number: int, body: str) -> Comment:
        """A new comment. Sent once: a lost answer may have made it."""
        return self._call("POST", f"/issues/{number}/comments", Comment, {"body": body}, repeatable=False)

    def edit_comment(self, comment_id: int, body: str) -> Comment:
        """Replace a comment's text."""
        return self._call("PATCH", f"/issues/comments/{comment_id}", Comment, {"body": body})

    def _call(self, method: str, path: str, shape: type[A], body: object = None, *, repeatable: bool = True) -> A:
        try:
            return shape.model_validate(self._ask(method, path, body, repeatable=repeatable))
        except ValidationError:
            raise BadAnswer(
                f"{SERVICE} answered {method} with something unexpected.",
                service=SERVICE,
                why="The answer does not have the documented fields.",
                fix="Check GITHUB_API_URL.",
            ) from None

    def _ask(self, method: str, path: str, body: object = None, *, repeatable: bool = True) -> Any:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        response = self._client.send(
            method, self._base + path, headers=headers, body=data, repeatable=repeatable, limit=BODY_LIMIT
        )
        if response.status >= 400:
            raise Refused(
                f"{SERVICE} refused {method} {path.partition('?')[0].strip('/')} (HTTP {response.status}).",
                service=SERVICE,
                status=response.status,
                why="The token may not do that, or there is no such thing for it."
                if response.status in (401, 403, 404)
                else "GitHub did not take the request.",
                fix="Check the permissions of the workflow's token.",
            )
        return response.json()
