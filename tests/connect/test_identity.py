"""Who the job is, and what a job that is nobody is told before any request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chittyactions.connect.identity import circumstance, identify
from chittyactions.errors import CredentialError

OIDC = {"ACTIONS_ID_TOKEN_REQUEST_URL": "http://x/token?v=2", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t"}
KEY = "a-key-0123456789"


@pytest.mark.parametrize(
    "auth, key, env, oidc, used",
    [
        ("auto", KEY, OIDC, True, KEY),
        ("auto", "", OIDC, True, ""),
        ("auto", KEY, {}, False, KEY),
        ("oidc", KEY, OIDC, True, ""),
        ("api-key", KEY, OIDC, False, KEY),
    ],
)
def test_the_identity(auth: str, key: str, env: dict[str, str], oidc: bool, used: str) -> None:
    """`auto` uses what is there; `oidc` and `api-key` leave the other unused."""
    identity = identify(auth, key, env)
    assert (identity.oidc, identity.key) == (oidc, used)


@pytest.mark.parametrize("auth, key, env", [("auto", "", {}), ("oidc", KEY, {}), ("api-key", "", OIDC)])
def test_nobody(auth: str, key: str, env: dict[str, str]) -> None:
    """Without an identity under `auth` there is an error with YAML to paste."""
    with pytest.raises(CredentialError) as caught:
        identify(auth, key, env)
    error = caught.value
    assert error.yaml == (
        "with:\n  api_key: ${{ secrets.CHITTYCONNECT_API_KEY }}"
        if auth == "api-key"
        else "permissions:\n  contents: read\n  id-token: write"
    )
    assert error.docs in ("getchitty-creds.md#no-identity", "getchitty-creds.md#api-key-missing")


@pytest.mark.parametrize("half", OIDC)
def test_half_an_id_token_is_none(half: str) -> None:
    """The address without the token, or the other way round, can't ask for anything."""
    with pytest.raises(CredentialError):
        identify("auto", "", {half: OIDC[half]})


def event(tmp_path: Path, payload: Any, **env: str) -> dict[str, str]:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(payload))
    return {
        "GITHUB_EVENT_PATH": str(path),
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_REPOSITORY": "acme/hello",
        **env,
    }


def pull(head: str | None, author: str = "octocat") -> dict[str, Any]:
    return {
        "pull_request": {
            "head": {"repo": {"full_name": head} if head else None},
            "base": {"repo": {"full_name": "acme/hello"}},
            "user": {"login": author},
        }
    }


def test_a_fork_is_named(tmp_path: Path) -> None:
    """A pull request from a fork is told as such, with the condition that skips it."""
    with pytest.raises(CredentialError) as caught:
        identify("auto", "", event(tmp_path, pull("stranger/hello")))
    assert "pull request from a fork (stranger/hello)" in caught.value.why
    assert caught.value.yaml == "if: github.event.pull_request.head.repo.full_name == github.repository"
    assert caught.value.docs == "getchitty-creds.md#forks"


def test_dependabot_is_named(tmp_path: Path) -> None:
    """A run of Dependabot is told as such, with the condition that skips it."""
    with pytest.raises(CredentialError) as caught:
        identify("auto", "", event(tmp_path, pull("acme/hello", "dependabot[bot]")))
    assert "started by Dependabot" in caught.value.why
    assert caught.value.docs == "getchitty-creds.md#dependabot"


@pytest.mark.parametrize(
    "payload, env, told",
    [
        (pull("acme/hello"), {}, ""),
        (pull("Acme/Hello"), {}, ""),
        (pull("stranger/hello"), {}, "fork stranger/hello"),
        (pull(None), {}, "fork"),
        (pull("stranger/hello"), {"GITHUB_EVENT_NAME": "pull_request_target"}, ""),
        ({}, {"GITHUB_ACTOR": "dependabot[bot]", "GITHUB_EVENT_NAME": "push"}, "dependabot"),
        ({"pull_request": []}, {}, ""),
        ([], {}, ""),
        ({"pull_request": {"head": "x", "user": 1}}, {"GITHUB_REPOSITORY": ""}, ""),
    ],
)
def test_the_circumstance(tmp_path: Path, payload: Any, env: dict[str, str], told: str) -> None:
    """Forks by the repositories of head and base, Dependabot by actor or author; odd payloads are nothing."""
    assert circumstance(event(tmp_path, payload, **env)) == told
