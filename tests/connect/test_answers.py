"""What becomes of the service's refusals: four shapes, one error each, and nothing of a body but its first words."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from chittyactions.connect.answers import refusal
from chittyactions.connect.lease import already_gone, load
from chittyactions.connect.problem import LONGEST, Problem, showable
from chittyactions.http import Response

PAGE = Path(__file__).resolve().parents[2] / "docs/getchitty-creds.md"


def response(status: int, body: Any, **headers: str) -> Response:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response("ChittyConnect", status, {name.replace("_", "-"): value for name, value in headers.items()}, data)


def failed(code: str, message: str, **more: Any) -> dict[str, Any]:
    return {"success": False, "error": {"code": code, "message": message, **more}}


@pytest.mark.parametrize(
    "body, code, message",
    [
        ({"error": "Invalid API key"}, "", "Invalid API key"),
        (failed("DENIED", "no", details="Error: no\n at x"), "DENIED", "no"),
        ({"success": False, "error": "token_id is required"}, "", "token_id is required"),
        (b"404 Not Found", "", ""),
        ({"error": "Auth backend unavailable", "code": "API_KEYS_BINDING_MISSING"}, "API_KEYS_BINDING_MISSING", None),
        ({"error": "Rate limit exceeded", "message": "Too many requests."}, "", "Rate limit exceeded"),
        (["odd"], "", ""),
        ({"error": None}, "", ""),
        ({"error": {"code": 7, "message": ["x"]}}, "", None),
    ],
)
def test_the_shapes(body: Any, code: str, message: str | None) -> None:
    """Code and message are found in each of the shapes that the service's parts answer with."""
    problem = Problem(response(400, body))
    assert problem.code == code
    if message is not None:
        assert problem.message == message


@pytest.mark.parametrize(
    "message, shown",
    [
        ("plain words", "plain words"),
        ('Failed: 404 - {"errors":[{"code":1003}]}', "Failed: 404"),
        ("first\nsecond", "first"),
        ("<html>page</html>", ""),
        ("Unknown credentials: CLOUDFLARE_WORKERS_TOKEN", "Unknown credentials: CLOUDFLARE_WORKERS_TOKEN"),
        ("token abcdefghij0123456789XY is bad", "token *** is bad"),
        ("tab\there", "tab here"),
        ("::warning::x", "warning::x"),
        ("key hunter2 and npm_abc123def and sk-12345 are bad", "key *** and *** and *** are bad"),
        ("base64 and oauth2 of region eu-west-1", "base64 and oauth2 of region eu-west-1"),
        (
            "Environment production-eu-west-1-restricted is locked",
            "Environment production-eu-west-1-restricted is locked",
        ),
        ("word " * 60, ("word " * 60)[: LONGEST - 1] + "…"),
    ],
)
def test_what_is_shown_of_a_message(message: str, shown: str) -> None:
    """One line, no quoted body, nothing that looks like a token, no more than a sentence."""
    assert showable(message) == shown


def test_words_of_the_request_are_shown() -> None:
    """A name that we sent ourselves gives nothing away, whatever it looks like; a token beside it is still hidden."""
    own = {"cloudflare_x1234567_access"}
    shown = showable("cloudflare_x1234567_access: x1234567y is bad for cloudflare_x1234567_access.", own)
    assert shown == "cloudflare_x1234567_access: *** is bad for cloudflare_x1234567_access."


def test_what_is_not_configured_is_said_once() -> None:
    """The service's own words for it add nothing to ours."""
    error = refusal(response(503, failed("CREDENTIAL_NOT_AVAILABLE", "Credential A is not configured")), "oidc", "A")
    assert "It says" not in error.why


CASES: dict[str, tuple[str, int, Any, str, str]] = {
    "wrong audience": ("oidc", 401, failed("OIDC_INVALID", 'OIDC validation failed: unexpected "aud" claim value'),
                       "another audience", "wrong-audience"),
    "id token": ("oidc", 401, failed("OIDC_INVALID", "expired"), "refused the id token", "id-token-refused"),
    "organisation": ("oidc", 403, failed("ORG_NOT_ALLOWED", "Organization x is not authorized"),
                     "does not trust this organisation", "organisation-not-allowed"),
    "unknown name": ("oidc", 400, failed("INVALID_CREDENTIALS", "Unknown credentials: A", allowed=["B", "C"]),
                     "does not know A", "unknown-credential"),
    "not configured": ("oidc", 503, failed("CREDENTIAL_NOT_AVAILABLE", "Credential A is not configured"),
                       "has no value for A", "not-configured"),
    "key missing": ("deploy", 401, {"error": "Missing API key"}, "got no API key", "api-key-missing"),
    "key unknown": ("deploy", 401, {"error": "Invalid API key"}, "does not know this API key", "api-key-unknown"),
    "key inactive": ("provision", 401, {"error": "API key is inactive"}, "it is inactive", "api-key-inactive"),
    "denied": ("provision", 403, failed("PROVISION_FAILED", "DENIED: risk"), "denied A", "denied"),
    "unknown type": ("provision", 400, failed("PROVISION_FAILED", "Unknown credential type: a"),
                     "provisions no such type for A", "unknown-credential"),
    "context": ("provision", 400, failed("PROVISION_FAILED", "bucket is required in context for x"),
                "needs to know more for A", "context-missing"),
    "refused": ("provision", 400, failed("PROVISION_FAILED", "purpose is odd"), "refused to grant A", "refused"),
    "a page": ("provision", 403, b"<!doctype html><title>Wait</title>",
               "a page that is not JSON", "bad-answer"),
    "limited": ("provision", 429, failed("PROVISION_FAILED", "Rate limit exceeded"),
                "limits how often", "rate-limited"),
    "no route": ("provision", 404, b"404 Not Found", "has no such route", "no-such-route"),
    "no one call": ("deploy", 404, b"404 Not Found", "has no route /credentials/deploy", "not-granted"),
    "gateway": ("provision", 502, b"<html>", "did not answer its gateway", "answer-lost"),
    "down": ("provision", 500, failed("INTERNAL_ERROR", "boom"), "is not well", "service-down"),
    "starting": ("oidc", 503, b"", "is not well", "service-down"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_refusal_is_told_apart(name: str) -> None:
    """Cause and remedy differ by case, the status is named, and the link leads to a heading of the page."""
    way, status, body, words, anchor = CASES[name]
    error = refusal(response(status, body), way, "A")
    assert words in error.what
    assert f"(HTTP {status})" in error.what
    assert error.fix
    assert error.docs == f"getchitty-creds.md#{anchor}"
    headings = re.findall(r"^#+ (.+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert anchor in {heading.lower().replace(" ", "-") for heading in headings}


def test_no_two_refusals_read_alike() -> None:
    """Every case has words of its own."""
    told = [refusal(response(status, body), way, "A").what for way, status, body, _, _ in CASES.values()]
    assert len(set(told)) == len(told)


def test_the_offered_names_are_told() -> None:
    """An unknown name comes with the ones that there are."""
    error = refusal(response(*CASES["unknown name"][1:3]), "oidc", "A")
    assert error.offers == ("B", "C")
    assert "It offers B, C." in error.why


def test_the_reset_of_a_limit() -> None:
    """Retry-After in seconds; without it, the next full hour for a provision, and honest ignorance else."""
    assert "reset in 60 s" in refusal(response(429, {}, retry_after="60"), "deploy", "A").why
    hour = time.strftime("%H:00 UTC", time.gmtime(time.time() + 3600))
    assert hour in refusal(response(429, {}), "provision", "A").why
    assert "did not say when" in refusal(response(429, {}), "oidc", "A").why


@pytest.mark.parametrize(
    "status, body, gone",
    [
        (500, failed("REVOKE_FAILED", 'Failed to revoke token: 404 - {"success":false}'), True),
        (500, failed("REVOKE_FAILED", "Failed to revoke token: 500 - x"), False),
        (500, failed("REVOKE_FAILED", "token 1404 failed"), False),
        (404, failed("NOT_FOUND", "no such token"), True),
        (404, failed("NOT_FOUND", "Not found"), False),
        (404, b"404 Not Found", False),
        (500, {"error": "Internal error at handler.ts:404"}, False),
        (500, {"error": "Cloudflare API error: 404: not found"}, True),
        (403, failed("X", "404"), False),
    ],
)
def test_already_gone(status: int, body: Any, gone: bool) -> None:
    """Cloudflare's 404 inside a 500 means done; a missing route, and other failures, do not."""
    assert already_gone(status, Problem(response(status, body))) is gone


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "7"])
def test_an_odd_state_holds_no_lease(text: str) -> None:
    """Whatever the saved state holds, the revocation does not stumble over it."""
    assert load(text) == {}
