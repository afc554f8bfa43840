"""How GitHub's REST API is asked: one request, its answer held to a model, a refusal with what it means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from chittyactions.errors import BadAnswer, Refused
from chittyactions.http import Client, Response

SERVICE = "GitHub's API"
BASE_URL = "https://api.github.com"
BODY_LIMIT = 8 * 1024 * 1024
"""Bytes: a page of a hundred long comments, a comparison with many files."""

CODES = {
    "does not match": "stale",
    "but expected": "stale",
    '"sha" wasn\'t supplied': "exists",
    "through a pull request": "protected",
    "approving review": "protected",
    "rule violations": "protected",
    "branch not protected": "not protected",
    "protected branch": "protected",
    "required status check": "protected",
    "not authorized to push": "protected",
    "is empty": "empty",
    "reference already exists": "reference exists",
    "rate limit": "rate limit",
    "upgrade to github": "plan",
    "must be enabled for this repository": "not enabled",
    "code scanning is not enabled": "not enabled",
    "saml": "single sign-on",
    "was archived": "archived",
    "not permitted to create": "no pull requests",
    "'issued at' claim": "clock",
    "'expiration time' claim": "clock",
}
"""A part of the message of a refusal → the code that `Refused` carries, the first that fits."""
PULL_CODES = {"a pull request already exists": "pull request exists", "no commits between": "no commits"}
"""The same of what a list of `errors` says."""


class Answer(BaseModel):
    """A part of an answer: the fields that are used, whatever else comes along."""

    model_config = ConfigDict(frozen=True, extra="ignore")


A = TypeVar("A", bound=BaseModel)


class Wire:
    """Requests below `base_url`, with a token that may be empty.

    `fix` is what a person does about a refusal. Methods raise Refused (with the HTTP status and, where the message is
    a known one, a code of ours), Unreachable, AnswerLost or BadAnswer.
    """

    def __init__(self, client: Client, *, token: str, base_url: str, fix: str) -> None:
        self.client = client
        self._token = token
        self._base = base_url.rstrip("/")
        self._fix = fix

    def call(self, method: str, path: str, shape: type[A], body: object = None, *, repeatable: bool = True) -> A:
        """The answer to a request, as `shape`."""
        return self.shaped(self.send(method, path, body, repeatable=repeatable), method, shape)

    def shaped(self, response: Response, method: str, shape: type[A]) -> A:
        """An answer as `shape`."""
        try:
            return shape.model_validate(response.json())
        except ValidationError:
            failure = BadAnswer(
                f"{SERVICE} answered {method} with something unexpected.",
                service=SERVICE,
                why="The answer does not have the documented fields.",
                fix="Check GITHUB_API_URL.",
            )
            failure.status = response.status
            raise failure from None

    def send(self, method: str, path: str, body: object = None, *, repeatable: bool = True, etag: str = "") -> Response:
        """Send a request and return what came, unless it is a refusal.

        Where the answer is still the one that has this `etag`, it is 304 without a body, and costs nothing of the hour.
        """
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if etag:
            headers["If-None-Match"] = etag
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        response = self.client.send(
            method, self._base + path, headers=headers, body=data, repeatable=repeatable, limit=BODY_LIMIT
        )
        if response.status >= 400:
            raise self._refused(method, path, response)
        return response

    def _refused(self, method: str, path: str, response: Response) -> Refused:
        code = meaning(response.status, response.headers, response.body)
        asked = path.partition("?")[0].strip("/") or "the repository"
        return Refused(
            f"{SERVICE} refused {method} {asked} (HTTP {response.status}).",
            service=SERVICE,
            status=response.status,
            code=code,
            why="The token may not do that, or there is no such thing for it."
            if response.status in (401, 403, 404)
            else "GitHub did not take the request.",
            fix=self._fix,
        )


def meaning(status: int, headers: Mapping[str, str], body: bytes) -> str:
    """The code of a refusal, "" where its message is none that is known. The message itself goes nowhere."""
    if status in (403, 429) and headers.get("x-ratelimit-remaining") == "0":
        return "rate limit"
    if "x-github-sso" in headers:
        return "single sign-on"
    try:
        answer: Any = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(answer, dict):
        return ""
    errors = json.dumps(answer.get("errors", "")).lower()
    message = str(answer.get("message", "")).lower()
    known = [code for words, code in PULL_CODES.items() if words in errors]
    return next(iter(known + [code for words, code in CODES.items() if words in message]), "")
