"""Whose token asks GitHub: a GitHub App's by its key, else the one in the environment."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from chittyactions.ecosystem.github_tokens import AppTokens, OneToken, Tokens
from chittyactions.ecosystem.github_wire import BASE_URL, SERVICE
from chittyactions.errors import CredentialError
from chittyactions.http import Client, Deadline
from chittyactions.publish.app_token import sign
from chittyactions.runner import Runner

Mask = Callable[[str, str], None]
MINUTE = 60.0


def mask_for(environ: Mapping[str, str]) -> Mask:
    """Hides what is secret in a job's log; elsewhere nothing prints it.

    By stderr, which the runner reads as well: stdout may be a file that is kept.
    """
    return Runner(environ, sys.stderr).mask if environ.get("GITHUB_ACTIONS") == "true" else lambda _name, _value: None


def tokens_of(
    environ: Mapping[str, str], permissions: Mapping[str, str], mask: Mask, say: Callable[[str], None]
) -> Tokens:
    """The tokens, to be closed; an app's ask for `permissions`. Raises CredentialError where there are none."""
    app, key = environ.get("GITHUB_APP_ID", "").strip(), environ.get("GITHUB_APP_PRIVATE_KEY", "")
    if app and key.strip():
        client = Client(SERVICE, Deadline(MINUTE), environ=environ, say=say)
        base_url = environ.get("GITHUB_API_URL") or BASE_URL
        mask("The GitHub App's key", key)
        return AppTokens(
            client,
            sign=lambda moment: sign(app, key, moment),
            permissions=permissions,
            mask=mask,
            base_url=base_url,
            say=say,
        )
    token = (environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN") or "").strip()
    if not token:
        raise CredentialError(
            "There is no token for GitHub.",
            why="GITHUB_TOKEN and GH_TOKEN are empty, and GitHub's GraphQL API answers nobody without one.",
            fix="Set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY of a GitHub App.",
            docs="audit.md#tokens",
        )
    if not (token.isascii() and token.isprintable()):
        raise CredentialError(
            "The token for GitHub can't be sent.",
            why="A line break, or something else that is no visible ASCII character, is in it; it is not shown here.",
            fix="Set GITHUB_TOKEN (or GH_TOKEN) to the token alone, on one line.",
            docs="audit.md#tokens",
        )
    return OneToken(token, mask=mask)
