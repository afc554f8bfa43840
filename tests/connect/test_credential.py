"""How answers become credentials, and what of them is secret."""

from __future__ import annotations

from typing import Any

import pytest

from chittyactions.connect.catalogue import Ask, canonical, name_of_type
from chittyactions.connect.credential import Credential, from_deploy, from_exchange, from_provision, moment, plain
from chittyactions.connect.report import earliest


def test_an_exchange() -> None:
    """Names of old are known by one name; null and empty values are no grants; odd names are not taken."""
    held = {"CHITTYREGISTER_TOKEN": "r" * 9, "OPENAI_API_KEY": None, "NPM_TOKEN": "", "a b\n": "x" * 9, "": "y" * 9}
    assert {c.name: c.value for c in from_exchange({"credentials": held})} == {"REGISTER_TOKEN": "r" * 9}


@pytest.mark.parametrize("held", [None, [], "text", 7])
def test_an_exchange_of_another_shape(held: Any) -> None:
    """Anything but an object grants nothing."""
    assert from_exchange({"credentials": held}) == []


def test_the_one_call() -> None:
    """Known fields, fields that are secrets by their name, nothing else; one expiry for all but the identifiers."""
    answer = {
        "cloudflare_token": "c" * 9, "npm_token": None, "account_id": "a" * 9, "expires_at": "2030-01-01T00:00:00Z",
        "future_key": "f" * 9, "service": "hello", "request_id": "17", "success": True,
    }  # fmt: skip
    found = {c.name: c for c in from_deploy(answer)}
    assert list(found) == ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "FUTURE_KEY"]
    assert [c.expires_at for c in found.values()] == ["2030-01-01T00:00:00Z", "", "2030-01-01T00:00:00Z"]
    assert found["CLOUDFLARE_ACCOUNT_ID"].secrets == ()
    assert all(c.identity == "api-key" for c in found.values())


def test_a_provision_brings_the_account() -> None:
    """The token, its lease and its end, and the account as a credential of its own."""
    held = {"value": "t" * 9, "token_id": "abc123", "expires_at": "2030-01-01T00:00:00Z", "account_id": "a" * 9}
    token, account = from_provision("CLOUDFLARE_API_TOKEN", {"credential": held})
    assert (token.token_id, token.expires_at) == ("abc123", "2030-01-01T00:00:00Z")
    assert (account.name, account.public) == ("CLOUDFLARE_ACCOUNT_ID", True)


def test_a_lease_without_a_value_is_kept() -> None:
    """A token id says that a credential exists, and it has to be revoked though nobody got it."""
    (token,) = from_provision("CLOUDFLARE_API_TOKEN", {"credential": {"value": None, "token_id": "abc"}})
    assert (token.value, token.token_id) == ("", "abc")


@pytest.mark.parametrize("token_id", [True, None, "with space", "line\nbreak", "a,b", "x" * 201, {}, "ü"])
def test_an_odd_token_id_is_none(token_id: Any) -> None:
    """Only what can be a token id is kept as one: it is written to the state, the log and a request."""
    assert Credential("A", "v" * 9, "provision", token_id=token_id).token_id == ""


@pytest.mark.parametrize("token_id", [12345, "cfut:abc/def+1==", "x" * 200])
def test_a_token_id_may_look_like_anything(token_id: Any) -> None:
    """An id that can't be kept is a token that can't be revoked, so numbers and marks are kept."""
    assert Credential("A", "v" * 9, "provision", token_id=token_id).token_id == str(token_id)


@pytest.mark.parametrize("blank", ["   ", "\n", None])
def test_a_blank_value_is_none(blank: Any) -> None:
    """White space is nothing to hand out and nothing to mask; the lease with it is kept."""
    (token,) = from_provision("CLOUDFLARE_API_TOKEN", {"credential": {"value": blank, "token_id": 7}})
    assert (token.value, token.secrets, token.token_id) == ("", (), "7")


def test_the_secrets_of_a_document_in_a_string() -> None:
    """A service account arrives as the text of its JSON: its parts are secrets of their own."""
    text = '{\n  "private_key": "-----BEGIN X-----\\nAAAABBBBCCCC\\n", "id": 7\n}'
    assert "-----BEGIN X-----\nAAAABBBBCCCC\n" in Credential("A", text, "oidc").secrets


@pytest.mark.parametrize("depth", [49, 60, 400, 900])
def test_a_deep_structure_does_not_end_the_step(depth: int) -> None:
    """What is nested beyond reason has no value, is no stack either, and keeps its lease."""
    value: Any = "deep-deep-deep"
    for _ in range(depth):
        value = [value]
    credential = Credential("A", value, "provision", token_id="abc")
    assert (bool(credential.value), credential.token_id) == (depth < 50, "abc")


def test_the_secrets_of_a_structure() -> None:
    """The whole in both of its dumps, and each part that is long enough to be one."""
    secrets = Credential("A", {"user": "bob", "pässword": "sécret-0123", "ports": [1, 123456789]}, "oidc").secrets
    assert "sécret-0123" in secrets
    assert "123456789" in secrets
    assert not {"bob", "1"} & set(secrets)
    assert any("\\u00e9" in secret for secret in secrets)


@pytest.mark.parametrize(
    "text, known",
    [
        ("2026-01-31T12:00:00.123Z", True),
        ("2026-01-31T12:00:00+01:00", True),
        ("2026-01-31T12:00:00.1234567Z", True),
        ("2026-01-31 12:00", True),
        ("tomorrow at twelve o'clock", False),
        ("2026-13-31T12:00:00Z", False),
        ("| evil | cell | 2026", False),
        ("2030-01-01|00:00", False),
        ("2030-01-01\n00:00", False),
        ("", False),
    ],
)
def test_times(text: str, known: bool) -> None:
    """ISO 8601 in what variety services write it, on every Python; anything else is no expiry."""
    assert (moment(text) is not None) is known
    assert Credential("A", "v" * 9, "oidc", expires_at=text).expires_at == (text if known else "")


def test_the_earliest_end() -> None:
    """By the moment, not by the letters; without any end, empty."""
    ends = ["2030-01-01T01:00:00+02:00", "2030-01-01T00:00:00Z", ""]
    granted = {str(n): Credential(str(n), "v" * 9, "oidc", expires_at=end) for n, end in enumerate(ends)}
    assert earliest(granted) == ends[0]
    assert earliest({}) == ""


@pytest.mark.parametrize(
    "text, is_plain", [("A_b-1.c", True), ("", False), ("ü", False), ("a b", False), ("a|b", False)]
)
def test_plain_names(text: str, is_plain: bool) -> None:
    """Names go into Markdown, JSON and command files: letters, digits and three marks."""
    assert plain(text) is is_plain


def test_names_and_types() -> None:
    """Old names lead to the one name; a type leads to the credential that it gives."""
    names = ("cloudflare_api_token", "CLOUDFLARE_TOKEN", "Future", "anthropic_api_key", "neon_api_key")
    assert [canonical(name) for name in names] == [
        "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_TOKEN", "Future", "ANTHROPIC_API_KEY", "NEON_API_KEY",
    ]  # fmt: skip
    types = ("cloudflare_r2_access", "github_api_key", "neon_database_connection", "stripe_api_key")
    assert [name_of_type(kind) for kind in types] == [
        "CLOUDFLARE_API_TOKEN", "GITHUB_TOKEN", "NEON_DATABASE_URL", "STRIPE_API_KEY",
    ]  # fmt: skip


def test_what_a_provision_sends() -> None:
    """Type and context as the service wants them; zones only where they mean something."""
    ask = Ask(zones=["z1"], purpose="p", repo="acme/hello", run_id="7")
    context = {"service": "hello", "purpose": "p", "repo": "acme/hello", "run_id": "7"}
    assert ask.provision("CLOUDFLARE_API_TOKEN") == {
        "type": "cloudflare_workers_deploy", "context": {**context, "zones": ["z1"]},
    }  # fmt: skip
    assert ask.provision("OPENAI_API_KEY") == {"type": "openai_api_key", "context": context}
    register = ask.provision("REGISTER_TOKEN")
    assert register is not None
    assert register["type"] == "chittyos_service_token"
    assert ask.provision("NPM_TOKEN") is None
