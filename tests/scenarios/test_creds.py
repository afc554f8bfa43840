"""The whole action, as a step of a job: what goes in, what comes out, and what shows nowhere."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from chittylocal import Fault, Local
from protocol.runner import ActionRun, ActionRunner

PEM = "-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKCAQEA7%0Aq+/=\"'ü\n-Zx9KQ==leading dash\n-----END PRIVATE KEY-----\n"
TOKEN = "-%tök\"en'with\\every&thing<in>it~?+/="
CANARIES = {
    "CLOUDFLARE_API_TOKEN": TOKEN,
    "GITHUB_APP_PRIVATE_KEY": PEM,
    "NEON_DATABASE_URL": "postgresql://user:p%40ss%2Fwörd@db.example/app?sslmode=require",
    "NPM_TOKEN": "npm_canary-0123456789abcdef",
}


def fetch(runner: ActionRunner, local: Local, identity: str = "both", **inputs: str) -> ActionRun:
    """Run the main step under an identity."""
    if identity in ("both", "api-key"):
        inputs.setdefault("api_key", local.api_key)
    return runner.run("getchitty-creds", inputs, local.env(identity), secrets=[inputs.get("api_key", "")])


def answer(local: Local, route: str, **body: Any) -> None:
    """Let a route answer what a service may answer one day."""
    local.fault("connect", "POST", route, Fault("status", status=200, body={"success": True, **body}))


def test_everything_at_once(action_runner: ActionRunner, local: Local) -> None:
    """Both identities, several credentials: each output is there, and no secret shows in any form anywhere else."""
    local.issue_as.update(CANARIES)
    run = fetch(action_runner, local, credentials=",".join([*CANARIES, "CLOUDFLARE_ACCOUNT_ID", "GITHUB_APP_ID"]))
    assert run.returncode == 0, run.log
    assert run.outputs["cloudflare_token"] == TOKEN
    assert run.outputs["github_app_private_key"] == PEM
    assert run.outputs["neon_token"] == run.outputs["neon_database_url"] == CANARIES["NEON_DATABASE_URL"]
    assert run.outputs["account_id"] == local.account_id
    assert run.outputs["auth_method"] == "both"
    held = json.loads(run.outputs["credentials"])
    assert {name: held[name] for name in CANARIES} == CANARIES
    assert set(run.outputs["granted"].split(",")) == set(held)
    assert run.outputs["lease_ids"] in json.loads(run.state["leases"])
    assert run.leaks({**CANARIES, "the key": local.api_key}) == []
    assert {"account_id", "granted", "expires_at", "auth_method", "lease_ids"} <= set(run.job_outputs)
    assert {"cloudflare_token", "github_app_private_key", "credentials"} <= set(run.dropped)


def test_the_log_is_one_line(action_runner: ActionRunner, local: Local) -> None:
    """When all goes well, one line says which way gave what."""
    run = fetch(action_runner, local, credentials="CLOUDFLARE_API_TOKEN, NEON_DATABASE_URL")
    assert run.log == (
        "ChittyConnect granted CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID by API key (provision); "
        "NEON_DATABASE_URL by OIDC."
    )


def test_the_summary_is_a_table(action_runner: ActionRunner, local: Local) -> None:
    """Who granted what, until when, and what the end of the job does to it; no values."""
    run = fetch(action_runner, local, credentials="CLOUDFLARE_API_TOKEN, NEON_DATABASE_URL")
    rows = [line for line in run.summary.splitlines() if line.startswith("| `")]
    expiry = run.outputs["expires_at"]
    assert rows == [
        f"| `CLOUDFLARE_API_TOKEN` | API key (provision) | {expiry} | revoked |",
        "| `NEON_DATABASE_URL` | OIDC | no end named | stays valid: cannot be revoked |",
        "| `CLOUDFLARE_ACCOUNT_ID` | API key (provision) | — | an identifier, no secret |",
    ]
    assert "**Cannot be revoked by this job (the service names no token id)**: `NEON_DATABASE_URL`." in run.summary
    assert "**No expiry named by the service**: `NEON_DATABASE_URL`" in run.summary


def test_masks_come_first(action_runner: ActionRunner, local: Local) -> None:
    """Before the first mask nothing is written, and after the last the first word about a credential."""
    run = fetch(action_runner, local)
    commands = [line.startswith("::add-mask::") for line in run.stdout.splitlines()]
    assert commands == sorted(commands, reverse=True)


def test_the_id_token_and_the_key_are_masked(action_runner: ActionRunner, local: Local) -> None:
    """What the job presents is as secret as what it gets: a mask for each id token, and one for the key."""
    run = fetch(action_runner, local, credentials="NEON_DATABASE_URL")
    assert [value for value in run.masker.values if value.count(".") == 2 and value.startswith("eyJ")]
    plain = action_runner.run("getchitty-creds", {"api_key": local.api_key}, local.env("api-key"))
    assert f"::add-mask::{local.api_key}" in plain.stdout


def test_on_the_standard_library_alone(action_runner: ActionRunner, local: Local) -> None:
    """Under -I -S, where nothing that is installed can be imported, the exchange and the revocation both work."""
    python = (sys.executable, "-S")
    env = local.env("both")
    run = action_runner.run("getchitty-creds", {"api_key": local.api_key}, env, python=python)
    assert run.returncode == 0, run.log
    post = action_runner.run("getchitty-creds-revoke", {}, env, state=run.state, python=python)
    assert post.log == "Revoked: CLOUDFLARE_API_TOKEN."


def test_export_env(action_runner: ActionRunner, local: Local) -> None:
    """On request each credential is a variable of later steps; by default none is."""
    assert fetch(action_runner, local).env == {}
    env = fetch(action_runner, local, export_env="true").env
    assert set(env) == {"CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"}


def test_export_env_takes_no_orders(action_runner: ActionRunner, local: Local) -> None:
    """A name that nobody asked for sets no variable: it could be PATH or NODE_OPTIONS."""
    values = {
        "CLOUDFLARE_API_TOKEN": "token-0123456789",
        "CLOUDFLARE_ACCOUNT_ID": "a" * 32,
        "NODE_OPTIONS": "--require /x",
    }
    answer(local, "/api/github-actions/credentials", credentials=values)
    run = fetch(action_runner, local, "oidc", export_env="true")
    assert "NODE_OPTIONS" not in run.env
    assert json.loads(run.outputs["credentials"])["NODE_OPTIONS"] == "--require /x"


def test_names_to_come(action_runner: ActionRunner, local: Local) -> None:
    """A credential that this version does not know is masked, and found in the `credentials` output."""
    secret = "future-secret-0123456789"
    answer(local, "/api/github-actions/credentials", credentials={"FUTURE_TOKEN": secret})
    run = fetch(action_runner, local, "oidc", credentials="FUTURE_TOKEN")
    assert run.returncode == 0
    assert json.loads(run.outputs["credentials"]) == {"FUTURE_TOKEN": secret}
    assert run.leaks([secret]) == []


def test_values_that_are_no_text(action_runner: ActionRunner, local: Local) -> None:
    """Numbers and structures come out as JSON; each part of a structure that is long enough is masked."""
    secret = {"user": "x", "password": "nested-secret-0123", "port": 5432}
    values = {"GITHUB_APP_ID": 12345, "DATABASE": secret, "NUMBER": 1234567890123}
    answer(local, "/api/github-actions/credentials", credentials=values)
    run = fetch(action_runner, local, "oidc", credentials="GITHUB_APP_ID, DATABASE, NUMBER")
    held = json.loads(run.outputs["credentials"])
    assert run.outputs["github_app_id"] == "12345"
    assert json.loads(held["DATABASE"]) == secret
    assert held["NUMBER"] == "1234567890123"
    assert run.leaks(["nested-secret-0123", "1234567890123"]) == []
    assert "github_app_id" in run.job_outputs


@pytest.mark.parametrize("nothing", [None, "", "  ", [], {}])
def test_a_null_or_empty_value_is_no_grant(action_runner: ActionRunner, local: Local, nothing: object) -> None:
    """The service answers success with nothing in it: the step fails, and says that the credential is missing."""
    answer(local, "/api/github-actions/credentials", credentials={"NOTION_TOKEN": nothing})
    run = fetch(action_runner, local, "oidc", credentials="NOTION_TOKEN")
    assert run.returncode == 1
    assert "ChittyConnect did not grant NOTION_TOKEN: it answered without NOTION_TOKEN." in run.errors[0]
    assert "API key was not tried: the input `api_key` is empty." in run.errors[0]
    assert run.outputs["granted"] == ""


def test_a_short_secret_is_refused(action_runner: ActionRunner, local: Local) -> None:
    """Seven characters can't be masked: the step fails, and the lease and the other masks are there all the same."""
    credential = {"type": "x", "value": "1234567", "token_id": "0123456789abcdef"}
    answer(local, "/api/credentials/provision", credential=credential)
    run = fetch(action_runner, local)
    assert run.returncode == 1
    assert "CLOUDFLARE_API_TOKEN is 7 characters long, too short to be kept secret." in run.errors[0]
    assert json.loads(run.state["leases"]) == {"0123456789abcdef": "CLOUDFLARE_API_TOKEN"}
    assert "1234567" not in run.log + run.summary + json.dumps(run.outputs)


def test_a_service_that_echoes_secrets(action_runner: ActionRunner, local: Local) -> None:
    """The key and the request's token in an error message, a stack and usage instructions: none of it is shown."""
    message = f'key {local.api_key} is bad {{"upstream": 1}}\n::error::injected'
    body = {
        "success": False,
        "error": {"code": "X", "message": message, "details": "Error\n    at f (index.js:1:2)"},
        "usage_instructions": {"command": "gh secret set"},
    }
    local.fault("connect", "POST", "*", Fault("status", status=400, body=body))
    run = fetch(action_runner, local)
    assert run.returncode == 1
    assert run.leaks({"key": local.api_key, "bearer": local.request_token}) == []
    assert not any(word in run.log for word in ("index.js", "gh secret", "upstream", "injected"))


def test_usage_instructions_are_not_shown(action_runner: ActionRunner, local: Local) -> None:
    """A provision's answer repeats the token in its instructions; nothing of them is printed or handed out."""
    run = fetch(action_runner, local, "api-key", zones="0123456789abcdef0123456789abcdef")
    assert run.returncode == 0
    assert "gh secret set" not in run.stdout + json.dumps(run.outputs) + run.summary


@pytest.mark.parametrize("key", ["with\nnewline-0123456789", "two words-0123456789", "tab\there-0123456789"])
def test_a_key_that_is_no_word(action_runner: ActionRunner, local: Local, key: str) -> None:
    """A key that can't stand in a header is refused before any request, and masked though it is no key."""
    run = fetch(action_runner, local, "api-key", api_key=key)
    assert run.returncode == 1
    assert "has a line break, a space or a control character in it" in run.errors[0]
    assert local.requests() == []
    assert run.leaks([key]) == []


@pytest.mark.parametrize("key", ["quo\"te'%0A%25-0123456789", "schlüssel-0123456789", "日本語のキー-0123456789"])
def test_a_strange_key_is_sent_as_it_is(action_runner: ActionRunner, local: Local, key: str) -> None:
    """Quotes, percent signs and unicode reach the service, which does not know the key and says so."""
    run = fetch(action_runner, local, "api-key", api_key=key)
    assert run.returncode == 1
    assert "it does not know this API key (HTTP 401)" in run.errors[0]
    assert run.leaks([key]) == []


def test_a_pasted_newline_around_the_key(action_runner: ActionRunner, local: Local) -> None:
    """White space around a key is a mistake of pasting and is dropped."""
    run = fetch(action_runner, local, "api-key", api_key=f"\n{local.api_key}\n")
    assert run.returncode == 0


def test_a_short_key(action_runner: ActionRunner, local: Local) -> None:
    """A key of a few characters can't be masked, so it is not used."""
    run = action_runner.run("getchitty-creds", {"api_key": "1234"}, local.env("api-key"))
    assert run.returncode == 1
    assert "The API key is 4 characters long, too short to be kept secret." in run.errors[0]
    assert local.requests() == []


def test_every_input_problem_at_once(action_runner: ActionRunner, local: Local) -> None:
    """Exit code 2 and all that is wrong, before anything is asked."""
    wrong = {"auth": "magic", "timeout": "soon", "revoke": "perhaps", "credentials": "A B;C", "typ": "x"}
    run = fetch(action_runner, local, **wrong)
    assert run.returncode == 2
    for word in ("auth is 'magic'", "timeout is 'soon'", "revoke is 'perhaps'", "'B;C'", "typ: there is no such input"):
        assert word in run.errors[0]
    assert local.requests() == []


def test_a_cleartext_address_is_warned_of(action_runner: ActionRunner, local: Local) -> None:
    """A service that is not on this machine and without TLS gets a warning, by name."""
    run = action_runner.run(
        "getchitty-creds",
        {"api_key": local.api_key, "connect_url": "http://connect.invalid", "timeout": "1s"},
        {**local.env("api-key"), "http_proxy": "http://127.0.0.1:9"},
    )
    assert run.returncode == 1
    assert run.warnings[0] == "http://connect.invalid is not encrypted: credentials travel in the clear."


@pytest.mark.parametrize("identity", ["oidc", "api-key", "both", "none"])
def test_no_file_is_left(action_runner: ActionRunner, local: Local, identity: str) -> None:
    """Whatever happens, the job's folders hold what they held before."""
    before = set(action_runner.left_over())
    run = fetch(action_runner, local, identity)
    assert set(run.files) == before


def test_what_the_deadline_bounds(action_runner: ActionRunner, local: Local) -> None:
    """A service that hangs costs the `timeout` input and no more; the state is there for the post step."""
    local.fault("connect", "POST", "*", Fault("hang"))
    run = fetch(action_runner, local, "api-key", timeout="1s")
    assert run.returncode == 1
    assert run.seconds < 3
    assert "took longer than 1 s, and no whole answer came in time" in run.errors[0]
    assert "may have been issued though the answer was lost" in run.warnings[0]


def test_the_event_file_may_be_anything(action_runner: ActionRunner, local: Local, tmp_path: Path) -> None:
    """A broken event payload is no reason to fail in another way."""
    broken = tmp_path / "event.json"
    broken.write_text("{")
    run = action_runner.run("getchitty-creds", {}, {**local.env("none"), "GITHUB_EVENT_PATH": str(broken)})
    assert "there is neither an id token nor an API key" in run.errors[0]
    assert run.stderr == ""
