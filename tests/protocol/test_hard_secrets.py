"""Secrets that try to end a workflow command early, under GitHub's own rules (act reads these differently)."""

from __future__ import annotations

import json

import pytest

from chittylocal import Local
from protocol.runner import ROOT, ActionRunner

LEASE = ROOT / "actions" / "getchitty-creds" / "lease"
HARD = {
    "commands inside": "-cf::add-mask::x::error title=a::'\"&%=",
    "escapes inside": "%0Aab%0D%25%3A,\"'\\u00e4{}$HOME`id`",
    "workflow words": "--EOF<<ghadelimiter=true%s\\n/end",
}
PEM = (
    "-----BEGIN KEY-----\r\nMIIE+ab/cd=::%0A\n::add-mask::second 'line'\nthïrd—日本語🔑 \"ligne\"\n-----END KEY-----\n"
)


@pytest.mark.parametrize("token", HARD.values(), ids=HARD.keys())
def test_a_hard_token_never_shows(action_runner: ActionRunner, token: str) -> None:
    """Main and post, started as the nested action is, show no part of a token or of a key of several lines."""
    inputs = {"purpose": "test", "credentials": "CLOUDFLARE_API_TOKEN,CLOUDFLARE_ACCOUNT_ID,GITHUB_APP_PRIVATE_KEY"}
    with Local() as local:
        local.issue_as.update(CLOUDFLARE_API_TOKEN=token, GITHUB_APP_PRIVATE_KEY=PEM)
        given = {"inputs": json.dumps({**inputs, "api_key": local.api_key})}
        env = local.env("both")
        main = action_runner.start_javascript(LEASE / "main.js", given, env, secrets=[local.api_key]).wait()
        assert main.returncode == 0, main.log
        assert main.outputs["cloudflare_token"] == token
        assert main.outputs["github_app_private_key"] == PEM
        assert {"cloudflare_token", "github_app_private_key", "credentials"} <= set(main.dropped)
        post = action_runner.start_javascript(LEASE / "post.js", given, env, state=main.state).wait()
        assert post.returncode == 0, post.log
        revoked = [lease["revoked_at"] for lease in local.leases() if lease["token_id"]]
        assert revoked
        assert all(revoked)
        canaries = {"token": token, "key": PEM, "API key": local.api_key, "request token": local.request_token}
    assert main.leaks(canaries) == []
    assert post.leaks(canaries) == []
