"""GitHub Apps: who may ask for a token, and what the token may do."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest
import requests

from chittylocal import Local

pytestmark = pytest.mark.engines

TAP, OTHER = "chittyos/homebrew-tap", "chittyos/hello"
APP = "123456"


@pytest.fixture(scope="module")
def local() -> Any:
    """A backend with two repositories and an app that is installed on both."""
    with Local() as running:
        for name in (TAP, OTHER):
            running.github.repository(name, {"README.md": "x"})
        yield running


@pytest.fixture(scope="module")
def key(local: Local) -> str:
    """The app's private key."""
    return local.github.app(APP, installed_on=[TAP, OTHER])


def assertion(key: str, **claims: Any) -> str:
    now = int(time.time())
    return jwt.encode({"iat": now - 60, "exp": now + 300, "iss": APP} | claims, key, algorithm="RS256")


def ask(local: Local, web: requests.Session, method: str, path: str, token: str, json: Any = None) -> requests.Response:
    url = local.urls()["GITHUB_API_URL"] + path
    return web.request(method, url, json=json, headers={"Authorization": f"Bearer {token}"})


def token(local: Local, web: requests.Session, key: str, **asked: Any) -> str:
    signed = assertion(key)
    number = ask(local, web, "GET", f"/repos/{TAP}/installation", signed).json()["id"]
    answer = ask(local, web, "POST", f"/app/installations/{number}/access_tokens", signed, asked)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


@pytest.mark.parametrize(
    "claims, status, words",
    [
        ({}, 200, ""),
        ({"iat": 9999999999}, 401, "'Issued at' claim"),
        ({"exp": 1}, 401, "must be a numeric value representing the future"),
        ({"exp": 9999999999}, 401, "too far in the future"),
        ({"iss": "7"}, 404, "Integration not found"),
    ],
)
def test_claims_are_judged(
    local: Local, web: requests.Session, key: str, claims: dict[str, Any], status: int, words: str
) -> None:
    """Issued in the past, expiring within ten minutes, by an app that exists."""
    answer = ask(local, web, "GET", f"/repos/{TAP}/installation", assertion(key, **claims))
    assert answer.status_code == status
    assert words in answer.json().get("message", "")


def test_a_signature_of_another_key(local: Local, web: requests.Session, key: str) -> None:
    """Only the app's own key signs for it."""
    stranger = local.github.app("another", installed_on=[])
    answer = ask(local, web, "GET", f"/repos/{TAP}/installation", assertion(stranger))
    assert (answer.status_code, answer.json()["message"]) == (401, "A JSON web token could not be decoded")
    assert ask(local, web, "GET", f"/repos/{TAP}/installation", "no-jwt").status_code == 401


def test_a_token_is_held_to_what_it_was_asked_for(local: Local, web: requests.Session, key: str) -> None:
    """One repository and one permission: writing there works, elsewhere and otherwise not."""
    value = token(local, web, key, repositories=["homebrew-tap"], permissions={"contents": "write"})
    event = {"event_type": "x"}
    assert ask(local, web, "POST", f"/repos/{TAP}/dispatches", value, event).status_code == 204
    answer = ask(local, web, "POST", f"/repos/{OTHER}/dispatches", value, event)
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")
    pull = {"title": "t", "head": "a", "base": "main"}
    assert ask(local, web, "POST", f"/repos/{TAP}/pulls", value, pull).status_code == 403
    assert ask(local, web, "POST", f"/repos/{TAP}/issues/1/comments", value, {"body": "x"}).status_code == 403


def test_what_is_not_granted_is_not_issued(local: Local, web: requests.Session, key: str) -> None:
    """A foreign repository and a permission that the app has not are 422."""
    signed = assertion(key)
    number = ask(local, web, "GET", f"/repos/{TAP}/installation", signed).json()["id"]
    url = f"/app/installations/{number}/access_tokens"
    assert "not accessible" in ask(local, web, "POST", url, signed, {"repositories": ["secret"]}).text
    assert "not granted" in ask(local, web, "POST", url, signed, {"permissions": {"workflows": "write"}}).text
    assert ask(local, web, "POST", "/app/installations/1/access_tokens", signed, {}).status_code == 404


def test_a_revoked_token_is_dead(local: Local, web: requests.Session, key: str) -> None:
    """204 once; from then on the token is refused everywhere, and the revocation has a time."""
    value = token(local, web, key)
    assert ask(local, web, "GET", f"/repos/{TAP}", value).status_code == 200
    assert ask(local, web, "DELETE", "/installation/token", value).status_code == 204
    assert ask(local, web, "GET", f"/repos/{TAP}", value).status_code == 401
    assert ask(local, web, "DELETE", "/installation/token", value).status_code == 401
    issued = local.github.issued_tokens()[-1]
    assert issued.revoked_at
    assert value not in repr(issued)
