"""Credentials in plain sight. Every value here is made up at run time, so that no scanner takes this file for one."""

from __future__ import annotations

import base64
import hashlib
import time
import zlib

import pytest

from chittyactions.compliance.checks import security_credentials
from chittyactions.compliance.checks.security_workflows import MOST
from chittyactions.compliance.facts import NotKnown
from compliance.repositories import Content, findings

CHECK = "security-remediation.credentials"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def drawn(length: int, signs: str = DIGITS) -> str:
    """Letters as if drawn by lot, the same each time."""
    number, made = int.from_bytes(hashlib.sha512(b"a").digest() * 4, "big"), ""
    for _ in range(length):
        number, one = divmod(number, len(signs))
        made += signs[one]
    return made


def summed(prefix: str) -> str:
    """A token with its sum, as GitHub and npm make them."""
    body = drawn(30)
    number, told = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        told = DIGITS[digit] + told
    return f"{prefix}{body}{told}"


HEX = "0123456789abcdef"
KEY = base64.b64encode(hashlib.sha512(b"b").digest() * 2).decode()
HEADING = "-----BEGIN {}PRIVATE " + "KEY-----"

REAL = {
    "GitHub token": [*(summed(f"gh{kind}_") for kind in "pousr"), f"github_pat_{drawn(22)}_{drawn(59)}"],
    "npm token": [summed("npm_")],
    "Cloudflare token": [f"cf{kind}_{drawn(40)}{drawn(8, HEX)}" for kind in ("k", "ut", "at")],
    "Cloudflare origin key": [f"v1.0-{drawn(24, HEX)}-{drawn(146, HEX)}"],
    "Slack token": ["xoxb-" + f"123456789012-210987654321-{drawn(24)}".replace("12345678", "98127436")],
    "Slack webhook": [f"hooks.slack.com/services/T{drawn(9, 'ABCDEF01')}/B{drawn(9, 'ABCDEF01')}/{drawn(24)}"],
    "Stripe key": ["sk_live_" + drawn(24)],
    "Anthropic key": [f"sk-ant-api03-{drawn(93)}AA"],
    "PyPI token": ["pypi-AgEIcHlwaS5vcmc" + drawn(60)],
    "private key": [
        f"{HEADING.format('')}\n{KEY[:64]}\n{KEY[64:128]}\n",
        f"{HEADING.format('RSA ')}\\n{KEY}",
        f'"{HEADING.format("OPENSSH ")}\\n" +\n  "{KEY[:64]}\\n"',
    ],
}


@pytest.mark.parametrize("what, value", [(what, value) for what, values in REAL.items() for value in values])
def test_each_format_is_found_and_never_shown(what: str, value: str) -> None:
    """With its place, four signs at most, and how to revoke it first."""
    (one,) = findings(CHECK, {"src/a.ts": f"first\nconst a = '{value}';\n"})
    assert f" {what} in plain sight" in one.message
    assert one.line == 2
    assert one.remediation.startswith("Revoke it")
    assert one.fix
    shown = f"{one.message} {one.why} {one.remediation} {one.fix}"
    assert value[4:30] not in shown


def test_an_aws_key_is_found_only_with_its_secret() -> None:
    """The name alone opens nothing, and a commit beside it is no secret."""
    name, secret = "AKIA" + drawn(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), drawn(40)
    (one,) = findings(CHECK, {"a.env": f"ID={name}\nKEY={secret}\n"})
    assert (one.message, one.line, one.column) == ("a.env has an AWS access key in plain sight (AKIA…).", 1, 4)
    assert findings(CHECK, {"a.env": f"ID={name}\n"}) == ()
    assert findings(CHECK, {"a.env": f"ID={name}\nSHA={drawn(40, HEX)}\n"}) == ()
    assert findings(CHECK, {"a.env": f"ID={name}\n{'#' * 600}\nKEY={secret}\n"}) == ()


TOKEN = summed("ghp_")


@pytest.mark.parametrize(
    "text",
    [
        TOKEN[:-1] + ("a" if TOKEN[-1] != "a" else "b"),
        TOKEN[:-1],
        TOKEN + "a",
        "a" + TOKEN,
        "ghp_" + "x" * 36,
        "github_pat_" + "1" * 22 + "_" + "a" * 59,
        "sk_live_EXAMPLE" + drawn(24),
        "sk_test_" + drawn(24),
        HEADING.format(""),
        HEADING.format("ENCRYPTED ") + "\n" + KEY,
        HEADING.format("") + "\n...\n" + KEY,
        "-----BEGIN PUBLIC KEY-----\n" + KEY,
        "cfut_" + drawn(40) + "zzzzzzzz",
    ],
)
def test_what_only_looks_like_one_is_let_pass(text: str) -> None:
    """A wrong sum, a word that goes on, a placeholder, a heading alone."""
    assert findings(CHECK, {"src/a.ts": f"const a = '{text}';\n"}) == ()


@pytest.mark.parametrize(
    "path",
    [
        "tests/a.py",
        "src/__tests__/a.ts",
        "a.test.ts",
        "a/my-tests/a.ts",
        "keys/a.localhost.key",
        "go/a_test.go",
        "a.png",
    ],
)
def test_tests_and_what_is_no_text_are_let_be(path: str) -> None:
    """Made-up credentials belong there."""
    assert findings(CHECK, {path: TOKEN}) == ()


@pytest.mark.parametrize("path", ["contest.py", "latest/a.py", "src/attestation.ts"])
def test_a_folder_that_merely_sounds_like_tests_is_looked_at(path: str) -> None:
    """The name has to be whole, or set off by a sign."""
    assert len(findings(CHECK, {path: TOKEN})) == 1


def test_no_more_than_twenty_are_told() -> None:
    """A dump of them is one matter."""
    assert len(findings(CHECK, {"a.txt": f"{TOKEN}\n" * 30})) == MOST == 20


def test_too_much_is_unknown_and_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found by then stays found."""
    monkeypatch.setattr(security_credentials, "MOST_BYTES", 10)
    with pytest.raises(NotKnown, match="was not searched"):
        findings(CHECK, {"a.txt": "a" * 11})


def test_hostile_files_take_no_time() -> None:
    """Beginnings without end, each of which might be one."""
    files: dict[str, Content] = {
        "a": "AKIA" * 250_000,
        "b": f"AKIA{drawn(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')} " * 45_000,
        "c": (HEADING.format("") + "\n") * 35_000,
        "d": "xoxb-1" * 160_000,
        "e": "ghp_" * 260_000,
        "f": "pypi-AgEIcHlwaS5vcmc" + "a" * 900_000,
    }
    begun = time.monotonic()
    findings(CHECK, files)
    assert time.monotonic() - begun < 10
