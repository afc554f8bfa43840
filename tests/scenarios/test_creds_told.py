"""What a person is told when not all goes well: nothing that lives on is passed over, the remedy is the right one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from chittylocal import Fault, Local
from protocol.runner import ROOT, ActionRun, ActionRunner

PROVISION = "/api/credentials/provision"
DEPLOY = "/credentials/deploy"
EXCHANGE = "/api/github-actions/credentials"
LEASE = ROOT / "actions/getchitty-creds/lease"
RUN = ROOT / "python/chittyactions/run.py"


def fetch(runner: ActionRunner, local: Local, identity: str = "both", **inputs: str) -> ActionRun:
    """Run the main step under an identity."""
    if identity in ("both", "api-key"):
        inputs.setdefault("api_key", local.api_key)
    return runner.run("getchitty-creds", inputs, local.env(identity), secrets=[inputs.get("api_key", "")])


def lay(local: Local, route: str, body: Any = b"", status: int = 200, **how: Any) -> None:
    local.fault("connect", "POST", route, Fault("status", status=status, body=body, **how))


def arrived(local: Local) -> None:
    """Wait until a request has met the first fault that is laid: it is under way, and not answered."""
    (rule, *_) = local._backend.faults._rules
    end = time.monotonic() + 20
    while not rule.seen:
        assert time.monotonic() < end, "it was never asked"
        time.sleep(0.005)


def cancelled(runner: ActionRunner, local: Local, identity: str = "api-key", **inputs: str) -> ActionRun:
    """A main step that gets SIGINT while its request is under way."""
    given = {"inputs": json.dumps({"api_key": local.api_key if identity != "oidc" else "", **inputs})}
    running = runner.start_javascript(LEASE / "main.js", given, local.env(identity), secrets=[local.api_key])
    arrived(local)
    running.process.send_signal(signal.SIGINT)
    return running.wait()


# -- cancellation --------------------------------------------------------------------------------------------------


def test_cancelled_while_a_mint_hangs(action_runner: ActionRunner, local: Local) -> None:
    """A token may be alive that nobody can revoke: the error and a warning say so."""
    local.settings.behaviour = "today"
    local.fault("connect", "POST", PROVISION, Fault("hang"))
    run = cancelled(action_runner, local)
    assert run.returncode == 130
    assert "Perhaps issued, and not to be revoked by this job: CLOUDFLARE_API_TOKEN." in run.errors[0]
    assert "may have been issued though the answer was lost" in run.warnings[0]


@pytest.mark.parametrize(
    "identity, revoke, told, row",
    [
        ("api-key", "true", "Revoked when this job ends: CLOUDFLARE_API_TOKEN.", "| revoked |"),
        ("api-key", "false", "stays valid (`revoke` is off): CLOUDFLARE_API_TOKEN.", "`revoke` is off |"),
        ("oidc", "true", "stays valid (it can't be revoked by this job): CLOUDFLARE_API_TOKEN.", "cannot be revoked |"),
    ],
)
def test_cancelled_after_a_grant(
    action_runner: ActionRunner, local: Local, identity: str, revoke: str, told: str, row: str
) -> None:
    """What was granted is in the summary, though not handed out, and the error says what becomes of it."""
    local.settings.behaviour = "today"
    local.fault("connect", "POST", EXCHANGE if identity == "oidc" else PROVISION, Fault("slow", delay=1.5))
    run = cancelled(action_runner, local, identity, revoke=revoke)
    assert run.returncode == 130
    assert told in run.errors[0]
    (line,) = [line for line in run.summary.splitlines() if "not handed out" in line]
    assert row in line


# -- the key alone, on the service of today ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key, limit, title, anchor",
    [
        ("an-unknown-key-0123456789", None, "it does not know this API key (HTTP 401)", "api-key-unknown"),
        ("inactive", None, "it refused the API key: it is inactive (HTTP 401)", "api-key-inactive"),
        ("", 0, "it limits how often it may be asked (HTTP 429)", "rate-limited"),
    ],
)
def test_the_key_alone_gets_its_own_remedy(
    action_runner: ActionRunner, local: Local, key: str, limit: int | None, title: str, anchor: str
) -> None:
    """That the service has no call for all does not stand in front of what is wrong with the key."""
    local.settings.behaviour, local.settings.provision_limit = "today", limit
    chosen = local.inactive_api_key if key == "inactive" else key or local.api_key
    run = fetch(action_runner, local, "api-key", api_key=chosen)
    assert run.returncode == 1
    assert title in run.errors[0]
    assert run.errors[0].endswith(f"#{anchor}")
    assert "id-token: write\n" not in run.log
    assert "/credentials/deploy" not in run.errors[0]


# -- both identities -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status, level", [(401, "warning"), (403, "warning"), (500, "warning"), (429, "notice")])
def test_what_went_another_way_is_told(action_runner: ActionRunner, local: Local, status: int, level: str) -> None:
    """The revocable way is refused and the other gives a token that lives on: one annotation says both."""
    lay(local, PROVISION, status=status)
    run = fetch(action_runner, local)
    assert run.returncode == 0
    (note,) = run.annotations
    assert note.level == level
    assert f"(HTTP {status})" in note.message
    assert "Granted by OIDC instead; CLOUDFLARE_API_TOKEN can't be revoked by this job." in note.message


def test_a_hanging_way_leaves_time_for_the_other(action_runner: ActionRunner, local: Local) -> None:
    """With both identities, a first way that never answers takes half of the time and no more."""
    local.fault("connect", "POST", PROVISION, Fault("hang"))
    run = fetch(action_runner, local, timeout="4s")
    assert run.returncode == 0
    assert run.outputs["auth_method"] == "oidc"
    assert "may have been issued" in run.warnings[0]


def test_a_hanging_issuer_leaves_time_for_the_key(action_runner: ActionRunner, local: Local) -> None:
    """GitHub's id token service belongs to its way: when it hangs, the key gets its half."""
    local.fault("oidc", "GET", "/token", Fault("hang"))
    run = fetch(action_runner, local, credentials="OPENAI_API_KEY", timeout="4s")
    assert run.returncode == 0, run.log
    assert run.outputs["auth_method"] == "api-key"


@pytest.mark.parametrize("fault", [Fault("html"), Fault("huge"), Fault("status", status=200, body=b'{"success":tr')])
def test_a_success_that_cannot_be_read_may_have_minted(action_runner: ActionRunner, local: Local, fault: Fault) -> None:
    """It is told like a lost answer, and the key does not mint once more by its other route."""
    local.fault("connect", "POST", PROVISION, fault)
    lay(local, EXCHANGE, status=403)
    run = fetch(action_runner, local)
    assert run.returncode == 1
    assert run.warnings[0].startswith("CLOUDFLARE_API_TOKEN may have been issued though the answer was lost")
    assert DEPLOY not in [entry["path"] for entry in local.requests("connect")]


def test_a_lost_call_names_all_that_it_issues(action_runner: ActionRunner, local: Local) -> None:
    """The one call issues more than was asked for, and each of it may be left over."""
    local.fault("connect", "POST", DEPLOY, Fault("reset"))
    run = fetch(action_runner, local, "api-key")
    assert run.warnings[0].startswith("CLOUDFLARE_API_TOKEN, GITHUB_TOKEN and NPM_TOKEN may have been issued")


def test_a_second_token_is_in_the_summary(action_runner: ActionRunner, local: Local) -> None:
    """Provision and the one call both issue a Cloudflare token: the one that is not handed out is listed as well."""
    run = fetch(action_runner, local, credentials="CLOUDFLARE_API_TOKEN,NPM_TOKEN")
    rows = [line for line in run.summary.splitlines() if line.startswith("| `CLOUDFLARE_API_TOKEN`")]
    assert [("not handed out" in row, "cannot be revoked" in row) for row in rows] == [(False, False), (True, True)]


# -- values --------------------------------------------------------------------------------------------------------


def test_a_short_one_that_nobody_asked_for(action_runner: ActionRunner, local: Local) -> None:
    """A placeholder beside what was asked for is left out with a warning; required, it fails the step."""
    body = {"cloudflare_token": "depl-token-123456", "npm_token": "n/a", "account_id": "a" * 32}
    lay(local, DEPLOY, body)
    run = fetch(action_runner, local, "api-key")
    assert run.returncode == 0
    assert run.warnings[0].startswith("NPM_TOKEN is 3 characters long, too short to be kept secret.")
    assert run.outputs["npm_token"] == ""
    asked = fetch(action_runner, local, "api-key", credentials="CLOUDFLARE_API_TOKEN NPM_TOKEN")
    assert asked.returncode == 1
    spared = {"credentials": "CLOUDFLARE_API_TOKEN NPM_TOKEN", "required": "CLOUDFLARE_API_TOKEN"}
    run = fetch(action_runner, local, "api-key", **spared)
    assert (run.returncode, len(run.warnings)) == (0, 1)


def test_half_a_character(action_runner: ActionRunner, local: Local) -> None:
    """A value that is no text is refused without a stack, and its lease is there for the post step."""
    body = b'{"success":true,"credential":{"value":"abcdefgh\\ud800xyz","token_id":"cf/1:2=="}}'
    lay(local, PROVISION, body)
    run = fetch(action_runner, local)
    assert run.returncode == 1
    assert "CLOUDFLARE_API_TOKEN is no text" in run.errors[0]
    assert json.loads(run.state["leases"]) == {"cf/1:2==": "CLOUDFLARE_API_TOKEN"}
    assert run.stderr == ""
    assert "| `CLOUDFLARE_API_TOKEN`, not handed out | API key (provision) | no end named | revoked |" in run.summary


def test_deep_nesting(action_runner: ActionRunner, local: Local) -> None:
    """A structure beyond reason is no value and no stack; its lease is kept."""
    lay(local, PROVISION, b'{"credential":{"value":' + b"[" * 900 + b'"x"' + b"]" * 900 + b',"token_id":"abc"}}')
    run = fetch(action_runner, local)
    assert json.loads(run.state["leases"]) == {"abc": "CLOUDFLARE_API_TOKEN"}
    assert (run.returncode, run.stderr) == (0, "")


def test_a_type_that_needs_more(action_runner: ActionRunner, local: Local) -> None:
    """A type whose context has no input says which part is missing, and names the type."""
    run = fetch(action_runner, local, "api-key", type="cloudflare_r2_access")
    assert run.returncode == 1
    assert "it needs to know more for CLOUDFLARE_API_TOKEN than this action can say (HTTP 400)" in run.errors[0]
    assert "for cloudflare_r2_access." in run.errors[0]


def test_export_env_is_for_what_was_asked(action_runner: ActionRunner, local: Local) -> None:
    """What the one call issues beside it is no variable of later steps."""
    run = fetch(action_runner, local, "api-key", credentials="CLOUDFLARE_API_TOKEN", export_env="true")
    assert set(run.env) == {"CLOUDFLARE_API_TOKEN"}
    assert run.outputs["npm_token"] != ""


# -- the address ---------------------------------------------------------------------------------------------------

BAD = [
    "connect.chitty.cc", "ftp://connect.chitty.cc", "http://ho st", "https://a\n::error::b", "https://h/?key=1",
    "https://h/#f", "https://bob:hunter22@host", "http://bob@host", "bob:hunter22@host", "https://", "https://h:99999",
]  # fmt: skip


@pytest.mark.parametrize("url", BAD)
@pytest.mark.parametrize("where", ["connect_url", "CHITTYCONNECT_URL"])
def test_an_address_that_is_none(action_runner: ActionRunner, local: Local, url: str, where: str) -> None:
    """It is an error of inputs that names where it was set and shows nothing of it."""
    inputs = {"api_key": local.api_key, **({"connect_url": url} if where == "connect_url" else {})}
    env = {**local.env("api-key"), **({where: url} if where == "CHITTYCONNECT_URL" else {})}
    run = action_runner.run("getchitty-creds", inputs, env)
    assert run.returncode == 2
    assert where in run.errors[0]
    assert run.errors[0].endswith("docs/getchitty-creds.md#inputs")
    assert not any(part in run.log for part in ("ho st", "::b", "key=1", "#f", "99999"))
    assert "hunter22" not in run.log


def test_the_scheme_in_capitals(action_runner: ActionRunner, local: Local) -> None:
    """`HTTP://` is an address like any other."""
    url = local.env("api-key")["CHITTYCONNECT_URL"].replace("http:", "HTTP:")
    assert fetch(action_runner, local, "api-key", connect_url=url).returncode == 0


@pytest.mark.parametrize(
    "url, clear",
    [
        ("http://localhost:1", False), ("HTTP://127.0.0.1", False), ("http://127.9.9.9/x", False),
        ("http://[::1]:8", False), ("https://host", False), ("HTTP://host", True), ("http://127.evil.example", True),
        ("http://localhost.evil.example", True), ("http://127.0.0.1.evil.example", True), ("http://127.1", True),
    ],
)  # fmt: skip
def test_what_is_this_machine(url: str, clear: bool) -> None:
    """By the exact host: a name that only begins like this machine's is another machine."""
    from chittyactions.connect.address import in_the_clear

    assert in_the_clear(url) is clear


# -- the process ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["GITHUB_STATE", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
def test_a_full_disk(action_runner: ActionRunner, local: Local, name: str) -> None:
    """Without state nothing is asked for; without outputs the step fails; without a summary it goes on."""
    env = {**local.env("api-key"), "CHITTY_INPUTS": json.dumps({"api_key": local.api_key}), name: "/dev/full"}
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(RUN), "getchitty-creds"], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == (0 if name == "GITHUB_STEP_SUMMARY" else 1)
    assert "could not be written: No space left on device." in done.stdout
    assert done.stderr == ""
    assert bool(local.requests("connect")) is (name != "GITHUB_STATE")


def test_a_signal_before_there_is_a_rule() -> None:
    """SIGINT while the modules are loaded ends the main step in one line, without a stack."""
    code = (
        "import builtins, runpy, sys\n"
        "real = builtins.__import__\n"
        "def load(name, *more, **named):\n"
        "    if name.startswith('chittyactions.entries'): raise KeyboardInterrupt\n"
        "    return real(name, *more, **named)\n"
        "builtins.__import__ = load\n"
        "sys.argv = ['run.py', 'getchitty-creds']\n"
        f"runpy.run_path({str(RUN)!r}, run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "")
    assert done.stdout.startswith("::error title=Cancelled::")


# -- the post step -------------------------------------------------------------------------------------------------


def post(runner: ActionRunner, local: Local, leases: dict[str, str], env: dict[str, str], timeout: str = "60") -> Any:
    state = {"leases": json.dumps(leases), "api_key": local.api_key, "timeout": timeout}
    state["url"] = local.env("api-key")["CHITTYCONNECT_URL"]
    return runner.start_javascript(LEASE / "post.js", {}, {**local.env("api-key"), **env}, state=state)


def issued(local: Local, number: int) -> dict[str, str]:
    """Token ids of live leases."""
    for count in range(number):
        local.state.leases.add(f"token-{count}-0123456789", name="CLOUDFLARE_API_TOKEN", kind="x", way="provision",
                               token_id=f"id-{count}")  # fmt: skip
    return {f"id-{count}": "CLOUDFLARE_API_TOKEN" for count in range(number)}


def live(local: Local) -> list[str]:
    return [lease["token_id"] for lease in local.leases() if not lease["revoked_at"]]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_does_not_stop_the_revocation(action_runner: ActionRunner, local: Local, number: int) -> None:
    """What is cancelled while it revokes goes on to the last lease."""
    leases = issued(local, 2)
    local.fault("connect", "DELETE", "*", Fault("slow", delay=0.7))
    running = post(action_runner, local, leases, {})
    arrived(local)
    running.process.send_signal(number)
    run = running.wait()
    assert run.returncode == 0
    assert live(local) == []
    assert run.warnings == []


def test_one_that_hangs_does_not_take_the_time_of_the_others(action_runner: ActionRunner, local: Local) -> None:
    """Each lease has its share: the first revocation never answers, and the others are done all the same."""
    leases = issued(local, 3)
    local.fault("connect", "DELETE", "*", Fault("hang", times=1))
    run = post(action_runner, local, leases, {}, timeout="3").wait()
    assert run.returncode == 0
    assert live(local) == ["id-0"]
    assert len(run.warnings) == 1


def test_a_post_step_without_python_only_warns(action_runner: ActionRunner, local: Local, tmp_path: Path) -> None:
    """The job did its work: that nothing is revoked is a warning."""
    import shutil

    node = shutil.which("node")
    assert node
    state = {"leases": '{"a": "X"}'}
    running = action_runner.start_javascript(LEASE / "post.js", {}, {"PATH": str(tmp_path)}, state=state, node=node)
    run = running.wait()
    assert (run.returncode, run.errors) == (0, [])
    assert "What was granted is not revoked" in run.warnings[0]


def test_an_odd_state_only_warns(action_runner: ActionRunner, local: Local) -> None:
    """Whatever goes wrong in the post step, it is a warning with exit code 0, and no password of an address shows."""
    state = {"leases": '{"a": "X"}', "api_key": local.api_key, "url": "http://bob:hunter22@127.0.0.1:1/x"}
    run = action_runner.run("getchitty-creds-revoke", {}, local.env("api-key"), state=state)
    assert run.returncode == 0
    assert "DELETE http://127.0.0.1:1/x/api/credentials/revoke" in run.warnings[0]
    assert "hunter22" not in run.log
    run = action_runner.run("getchitty-creds-revoke", {}, local.env("api-key"), state={**state, "api_key": "short"})
    assert (run.returncode, run.errors, run.stderr) == (0, [], "")
    assert "may not be revoked" in run.warnings[0]
