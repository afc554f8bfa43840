"""A GitHub App's key becomes a token for the tap alone, and the token does not outlive the work."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from chittyactions.ecosystem.github_contents import Contents
from chittyactions.errors import Cancelled, CredentialError, Refused, Unreachable
from chittyactions.http import Client, Deadline
from chittyactions.publish.app_token import PERMISSIONS, installation_token, sign
from chittylocal import Fault, Local

pytestmark = pytest.mark.engines

TAP, OTHER, APP = "chittyos/homebrew-tap", "chittyos/hello", "123456"
FORMULA = "Formula/hello.rb"


@pytest.fixture(scope="module")
def backend() -> Iterator[tuple[Local, str]]:
    """A backend with an app on two repositories, and the app's key."""
    with Local() as local:
        for name in (TAP, OTHER):
            local.github.repository(name, {FORMULA: "old"})
        yield local, local.github.app(APP, installed_on=[TAP, OTHER])


@pytest.fixture
def local(backend: tuple[Local, str]) -> Iterator[Local]:
    """The backend, well again."""
    backend[0].clear_faults()
    backend[0].forget_requests()
    yield backend[0]
    backend[0].github.apps.clock_ahead = 0.0


@pytest.fixture
def key(backend: tuple[Local, str]) -> str:
    """The app's private key."""
    return backend[1]


class Given:
    """A client and what it was given to mask and to say."""

    def __init__(self, local: Local, key: str, **more: Any) -> None:
        self.client = Client("GitHub's API", Deadline(5), environ={}, sleep=lambda _: None)
        self.masked: list[str] = []
        self.said: list[str] = []
        self.url = local.urls()["GITHUB_API_URL"]
        self.token = installation_token(
            self.client,
            app_id=APP,
            repository=TAP,
            mask=lambda _, value: self.masked.append(value),
            base_url=self.url,
            say=self.said.append,
            **{"private_key": key} | more,
        )

    def contents(self, token: str, repository: str = TAP) -> Contents:
        """The contents API with that token."""
        return Contents(self.client, repository=repository, token=token, base_url=self.url)


def put(contents: Contents, text: bytes) -> None:
    there = contents.file(FORMULA, "main")
    assert there
    contents.put(FORMULA, text, message="m", sha=there.sha, branch="main")


def test_the_token_reaches_the_tap_alone_and_ends_with_the_block(local: Local, key: str) -> None:
    """It writes to the tap, not next door; it and the signature were masked before use; then it is revoked."""
    given = Given(local, key)
    with given.token as token:
        assert token in given.masked
        assert len(given.masked) == 2
        put(given.contents(token), b"new")
        with pytest.raises(Refused):
            put(given.contents(token, OTHER), b"new")
        issued = local.github.issued_tokens()[-1]
        assert (issued.repositories, issued.permissions, issued.live) == ((TAP,), PERMISSIONS, True)
    assert not issued.live
    assert local.github.read(TAP, FORMULA) == "new"
    assert given.said == []


@pytest.mark.parametrize("error", [ValueError, Cancelled, KeyboardInterrupt, SystemExit])
def test_it_is_revoked_whatever_ends_the_block(local: Local, key: str, error: type[BaseException]) -> None:
    """An error, a cancelled job, an interrupt: the token goes, and the error stays what it was."""
    with pytest.raises(error), Given(local, key).token:
        raise error("x")
    assert not local.github.issued_tokens()[-1].live


def test_it_is_revoked_when_no_time_is_left(local: Local, key: str) -> None:
    """A deadline that a cancellation brought forward does not keep the token alive."""
    given = Given(local, key)
    with given.token:
        given.client.deadline.shorten(0)
    assert not local.github.issued_tokens()[-1].live


def test_a_token_that_is_being_asked_for_when_the_job_is_cancelled(local: Local, key: str) -> None:
    """The answer is waited for, since a token that nobody got can't be revoked; then there is no time to use it."""
    given = Given(local, key)
    before = len(local.github.issued_tokens())
    local.fault("github", "POST", "/app/*", Fault("slow", delay=0.6))
    threading.Timer(0.3, given.client.deadline.shorten, [0]).start()
    with pytest.raises(Unreachable), given.token as token:
        given.contents(token).about()
    (issued,) = local.github.issued_tokens()[before:]
    assert not issued.live


def test_a_revocation_that_fails_is_said_and_nothing_else(local: Local, key: str) -> None:
    """The work is done; that the token lives on for a while is a warning without its value."""
    given = Given(local, key)
    local.fault("github", "DELETE", "/installation/token", Fault("status", status=500))
    with given.token as token:
        pass
    (said,) = given.said
    assert "expires by itself" in said
    assert token not in said


def test_a_lost_revocation_is_asked_again(local: Local, key: str) -> None:
    """It was revoked and the answer lost: the second try finds it dead, and that is what is wanted."""
    given = Given(local, key)
    local.fault("github", "DELETE", "/installation/token", Fault("reset", after_effect=True, times=1))
    with given.token:
        pass
    assert given.said == []


@pytest.mark.parametrize("ahead", [-240, 240])
def test_a_clock_that_is_off_by_minutes(local: Local, key: str, ahead: float) -> None:
    """Four minutes to either side do no harm."""
    local.github.apps.clock_ahead = ahead
    with Given(local, key).token as token:
        assert token


@pytest.mark.parametrize("ahead", [-3600, 3600])
def test_a_clock_that_is_off_by_an_hour(local: Local, key: str, ahead: float) -> None:
    """That is told as what it is."""
    local.github.apps.clock_ahead = ahead
    with pytest.raises(CredentialError) as caught, Given(local, key).token:
        pass
    assert "clock" in caught.value.why


@pytest.mark.parametrize("form", [r"a \n for each newline", "in quotes", "with CRLF", "with space around"])
def test_forms_of_a_key(local: Local, key: str, form: str) -> None:
    """A key that went through a secret store in one of the usual ways is taken."""
    given = {
        r"a \n for each newline": key.replace("\n", "\\n"), "in quotes": f'"{key}"',
        "with CRLF": key.replace("\n", "\r\n"), "with space around": f"\n  {key}\n\n",
    }[form]  # fmt: skip
    with Given(local, given).token as token:
        assert token


def pem(key: Any, encryption: Any = None) -> str:
    form = serialization.PrivateFormat.PKCS8
    return str(key.private_bytes(serialization.Encoding.PEM, form, encryption or serialization.NoEncryption()).decode())


BAD_KEYS = {
    "nothing": "",
    "no key": "canary-of-a-password",
    "a broken key": "-----BEGIN RSA PRIVATE KEY-----\nY2FuYXJ5\n-----END RSA PRIVATE KEY-----",
    "a short key": pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
    "another kind of key": pem(ec.generate_private_key(ec.SECP256R1())),
    "a locked key": pem(ec.generate_private_key(ec.SECP256R1()), serialization.BestAvailableEncryption(b"x")),
}


@pytest.mark.parametrize("name", BAD_KEYS)
def test_a_bad_key_is_told_without_showing_it(name: str) -> None:
    """What is wrong, and no line of the key; nothing of it is in the chain of causes either."""
    with pytest.raises(CredentialError) as caught:
        sign(APP, BAD_KEYS[name], 0)
    shown = f"{caught.value}{caught.value.__cause__}"
    assert "GITHUB_APP_PRIVATE_KEY cannot be used" in shown
    assert not any(line in shown for line in BAD_KEYS[name].splitlines() if line)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("app_id", ["", "  ", "my app", "12\n34"])
def test_a_bad_app_id(app_id: str, key: str) -> None:
    """What is no id of an app is told before anything is signed."""
    with pytest.raises(CredentialError, match="GITHUB_APP_ID"):
        sign(app_id, key, 0)


def test_what_is_signed(key: str) -> None:
    """Issuer and times alone, within GitHub's ten minutes."""
    payload = sign(f" {APP} ", key, 1_000_000).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert claims == {"iss": APP, "iat": 999_710, "exp": 1_000_290}


def test_refusals_name_the_cause(local: Local, key: str) -> None:
    """A foreign key, an app that is not installed there, a permission that it has not."""
    stranger = local.github.app("777", installed_on=[])
    for more, words in (
        ({"private_key": stranger}, "not one of this app's"),
        ({"repository": "chittyos/none"}, "not installed"),
        ({"permissions": {"workflows": "write"}}, "lacks a permission"),
    ):
        with pytest.raises(CredentialError) as caught, _token(local, key, **more):
            pass
        assert words in caught.value.why


def _token(local: Local, key: str, **more: Any) -> Any:
    given = {"app_id": APP, "private_key": key, "repository": TAP} | more
    client = Client("GitHub's API", Deadline(5), environ={}, sleep=lambda _: None)
    return installation_token(client, mask=lambda _, __: None, base_url=local.urls()["GITHUB_API_URL"], **given)


def test_a_lost_token_fails_and_leaves_the_tap_alone(local: Local, key: str) -> None:
    """Issued, and the answer lost: no token, asked for once; nothing of the tap is unknown."""
    local.fault("github", "POST", "/app/*", Fault("reset", after_effect=True))
    before = len(local.github.issued_tokens())
    with pytest.raises(CredentialError, match="no token for chittyos/homebrew-tap") as caught, Given(local, key).token:
        pass
    assert "within an hour" in caught.value.why
    assert len(local.github.issued_tokens()) == before + 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_tap_that_was_renamed(local: Local, key: str, status: int) -> None:
    """GitHub answers with a redirect, which is not followed: the remedy is the tap's new name."""
    local.fault("github", "GET", "*/installation", Fault("redirect", status=status))
    with pytest.raises(CredentialError, match="has another name now") as caught, Given(local, key).token:
        pass
    assert "as it is called now" in caught.value.fix
    assert local.requests("elsewhere") == []


def test_a_github_that_is_not_there(local: Local, key: str) -> None:
    """Nothing was sent, and that is said."""
    with pytest.raises(Unreachable), _token_at(local.closed_url, key):
        pass


def _token_at(origin: str, key: str) -> Any:
    client = Client("GitHub's API", Deadline(5), environ={}, sleep=lambda _: None)
    given = {"app_id": APP, "private_key": key, "repository": TAP, "base_url": origin}
    return installation_token(client, mask=lambda _, __: None, **given)  # type: ignore[arg-type]
