"""A GitHub App's key becomes a token for the tap alone, which lives no longer than the work with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from chittyactions.ecosystem.github_app import Installations, revoke
from chittyactions.ecosystem.github_wire import BASE_URL
from chittyactions.errors import AnswerLost, BadAnswer, CredentialError, Refused, ServiceError
from chittyactions.http import Client, Deadline
from chittyactions.publish.model import Say
from chittyactions.publish.tap_refusals import MOVED, explained

DOCS = "package-publish.md#tap-credentials"
PERMISSIONS = {"contents": "write", "pull_requests": "write"}
"""What work on a tap takes."""

SKEW = 290
"""Seconds that this machine's clock may be off to either side. GitHub takes a request that was signed in the past and
expires within ten minutes, by its own clock."""
MINT_SECONDS = 10.0
REVOKE_SECONDS = 5.0
"""For asking for a token and for its revocation. They are their own: a cancelled job cuts short neither, since a token
whose answer is cut off can't be revoked, and the revocation is due just when no time is left."""
SMALLEST_KEY = 2048


@contextmanager
def installation_token(
    client: Client,
    *,
    app_id: str,
    private_key: str,
    repository: str,
    mask: Callable[[str, str], None],
    permissions: Mapping[str, str] = PERMISSIONS,
    base_url: str = BASE_URL,
    say: Say = lambda _: None,
) -> Iterator[str]:
    """A token of the app for one repository (`owner/name`), revoked at the end of the block however it ends.

    `private_key` is a PEM, in which a backslash and n may stand for a newline. `mask` gets a name and the value of
    every secret that is made here before it is used; `say` hears when the revocation failed, which changes nothing
    else. Raises CredentialError when there is no token to be had, Unreachable when GitHub is not there.
    """
    assertion = sign(app_id, private_key, time.time())
    mask("The GitHub App's signature", assertion)
    token = ""
    try:
        with _explained(repository), _own_time(client, min(MINT_SECONDS, client.deadline.remaining)):
            installations = Installations(client, assertion=assertion, base_url=base_url)
            number = installations.of(repository)
            token = installations.token(number, repository=repository, permissions=permissions).token
        mask("The tap's token", token)
        yield token
    finally:
        if token:
            _end(client, token, base_url, say)


def sign(app_id: str, private_key: str, moment: float) -> str:
    """What the app presents: a JWT by RS256, issued and expiring around `moment` (seconds since 1970).

    Raises CredentialError that shows nothing of the key.
    """
    issuer = app_id.strip()
    if not issuer or not issuer.isascii() or not issuer.isalnum():
        raise CredentialError(
            "GITHUB_APP_ID is not the id of a GitHub App.",
            why="It is empty, or has other signs than letters and digits.",
            fix="Give the App ID (or the Client ID) that the app's settings page shows.",
            docs=DOCS,
        )
    claims = {"iss": issuer, "iat": int(moment) - SKEW, "exp": int(moment) + SKEW}
    return jwt.encode(claims, _key(private_key), algorithm="RS256")


def _key(pem: str) -> RSAPrivateKey:
    text = pem.strip().strip("\"'").replace("\\r", "").replace("\\n", "\n").replace("\r\n", "\n").strip()
    why = "It is no private key in PEM form."
    if not text:
        why = "It is empty."
    elif "ENCRYPTED" in text:
        why = "It is protected by a passphrase."
    else:
        try:
            key = load_pem_private_key(text.encode(), password=None)
            if isinstance(key, RSAPrivateKey) and key.key_size >= SMALLEST_KEY:
                return key
            why = f"It is not an RSA key of at least {SMALLEST_KEY} bits, as GitHub makes them."
        except Exception:  # noqa: BLE001, S110 - whatever a parser says of a key may quote it
            pass
    raise CredentialError(
        "GITHUB_APP_PRIVATE_KEY cannot be used.",
        why=why,
        fix="Make a new private key in the app's settings, and store the whole .pem file, line breaks included.",
        docs=DOCS,
    )


def _end(client: Client, token: str, base_url: str, say: Say) -> None:
    try:
        with _own_time(client, REVOKE_SECONDS):
            revoke(client, token, base_url)
    except ServiceError as failure:
        say(f"The tap's token was not revoked: {failure.what} It expires by itself within an hour.")


@contextmanager
def _own_time(client: Client, seconds: float) -> Iterator[None]:
    shared, client.deadline = client.deadline, Deadline(seconds)
    try:
        yield
    finally:
        client.deadline = shared


@contextmanager
def _explained(repository: str) -> Iterator[None]:
    """Within, nothing but a token is at stake: what is lost or refused leaves the tap as it was."""
    try:
        yield
    except (AnswerLost, BadAnswer) as failure:
        if isinstance(failure, BadAnswer) and failure.status in MOVED:
            renamed = explained(failure, repository)
            raise CredentialError(renamed.what, why=renamed.why, fix=renamed.fix, docs=renamed.docs) from None
        raise CredentialError(
            f"There is no token for {repository}: {failure.what}",
            why="The tap is as it was. A token that was issued and lost expires within an hour.",
            fix=failure.fix or "Run again.",
            docs=DOCS,
        ) from None
    except Refused as refused:
        why, fix = _meaning(refused, repository)
        raise CredentialError(
            f"GitHub gave the app no token for {repository} (HTTP {refused.status}).", why=why, fix=fix, docs=DOCS
        ) from None


def _meaning(refused: Refused, repository: str) -> tuple[str, str]:
    if refused.code == "clock":
        minutes = SKEW // 60
        return f"This machine's clock is off by more than {minutes} minutes.", "Set the runner's clock."
    return {
        401: (
            "The key is not one of this app's, or it was deleted.",
            "Check that GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY belong together; make a new key if need be.",
        ),
        404: (
            f"The app is not installed on {repository}, or there is no such repository or app.",
            f"Install the app on {repository}, check the input tap, or give a TAP_TOKEN.",
        ),
        403: ("The installation is suspended, or the request was refused by a rule.", "Look at the installation."),
        422: (
            "The installation does not reach the repository, or lacks a permission.",
            f"Give the app contents: write and pull requests: write, and let its installation reach {repository}.",
        ),
    }.get(refused.status, ("GitHub did not take the request.", "Run again when GitHub is well."))
