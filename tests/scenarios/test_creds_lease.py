"""The nested JavaScript action: what becomes of leases when the job goes on, fails, or is cancelled at any moment."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chittylocal import Fault, Local
from protocol.runner import ROOT, ActionRun, ActionRunner, RunningAction

LEASE = ROOT / "actions/getchitty-creds/lease"
PROVISION = "/api/credentials/provision"

pytestmark = pytest.mark.timeout(60)


def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for a condition that something outside of this process makes true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.005)


class Job:
    """One job with the action in it."""

    def __init__(self, runner: ActionRunner, local: Local, identity: str = "api-key") -> None:
        self.runner = runner
        self.local = local
        self.env = local.env(identity)

    def main(self, **inputs: str) -> RunningAction:
        given = {"inputs": json.dumps({"api_key": self.local.api_key, **inputs})}
        return self.runner.start_javascript(LEASE / "main.js", given, self.env, secrets=[self.local.api_key])

    def post(self, main: ActionRun) -> ActionRun:
        return self.runner.start_javascript(LEASE / "post.js", {}, self.env, state=main.state).wait()

    def asked(self, path: str) -> int:
        return sum(entry["path"] == path for entry in self.local.requests("connect"))


@pytest.fixture
def job(action_runner: ActionRunner, local: Local) -> Job:
    """A job with an API key and today's ChittyConnect, whose tokens have ids."""
    local.settings.behaviour = "today"
    local.settings.provision_limit = None
    return Job(action_runner, local)


def live(local: Local) -> list[str]:
    """Names of the leases that can be revoked and are not."""
    return [lease["name"] for lease in local.leases() if lease["token_id"] and not lease["revoked_at"]]


def test_granted_then_revoked(job: Job) -> None:
    """The main step hands out a token that works; the post step revokes it, from the saved state alone."""
    main = job.main().wait()
    assert main.returncode == 0, main.log
    assert job.local.state.token_is_live(main.outputs["cloudflare_token"])
    post = job.post(main)
    assert post.returncode == 0
    assert "Revoked: CLOUDFLARE_API_TOKEN." in post.log
    assert not job.local.state.token_is_live(main.outputs["cloudflare_token"])


def test_the_state_survives_a_failure(job: Job) -> None:
    """A main step that fails after its mint, since something required is missing, leaves the lease to its post step."""
    main = job.main(credentials="CLOUDFLARE_API_TOKEN, NPM_TOKEN").wait()
    assert main.returncode == 1
    assert "did not grant NPM_TOKEN" in main.errors[0]
    assert job.post(main).returncode == 0
    assert len(job.local.leases()) == 1
    assert live(job.local) == []


def test_cancelled_while_a_mint_is_in_flight(job: Job) -> None:
    """The mint's answer comes two seconds after the cancellation: it is kept, and revoked."""
    job.local.fault("connect", "POST", PROVISION, Fault("slow", delay=2.0))
    running = job.main()
    until(lambda: job.asked("/credentials/deploy"))
    time.sleep(0.3)  # the provision follows at once; its own entry is written only when it was answered
    running.cancel()
    main = running.wait()
    assert main.returncode == 130
    assert "was cancelled" in main.errors[0]
    assert main.outputs == {}
    assert len(job.local.leases()) == 1
    post = job.post(main)
    assert "Revoked" in post.log
    assert live(job.local) == []


def test_cancelled_while_a_mint_hangs(job: Job) -> None:
    """An answer that never comes is given up after five seconds, before the runner kills."""
    job.local.fault("connect", "POST", PROVISION, Fault("hang"))
    running = job.main()
    until(lambda: job.asked("/credentials/deploy"))
    time.sleep(0.3)
    started = time.monotonic()
    running.process.send_signal(signal.SIGINT)
    main = running.wait()
    assert 4.0 < time.monotonic() - started < 7.5
    assert main.returncode == 130
    assert job.post(main).returncode == 0


def test_cancelled_between_two_mints(job: Job) -> None:
    """Nothing more is asked for, and what was granted before is revoked."""
    # The second credential is limited, so that the process waits for its next try when the signal comes.
    limited = Fault("status", status=429, headers={"Retry-After": "30"}, skip=1)
    job.local.fault("connect", "POST", PROVISION, limited)
    running = job.main(credentials="CLOUDFLARE_API_TOKEN OPENAI_API_KEY")
    until(lambda: job.asked(PROVISION) == 2)
    started = time.monotonic()
    running.cancel()
    main = running.wait()
    assert time.monotonic() - started < 3
    assert main.returncode == 130
    assert job.asked(PROVISION) == 2
    job.post(main)
    assert [lease["name"] for lease in job.local.leases()] == ["CLOUDFLARE_API_TOKEN"]
    assert live(job.local) == []


def test_cancelled_before_anything_was_asked(action_runner: ActionRunner, local: Local) -> None:
    """A signal while GitHub's id token is awaited ends the step at once; there is nothing to revoke."""
    job = Job(action_runner, local, "both")
    local.fault("oidc", "GET", "/token", Fault("slow", delay=30.0))
    running = job.main(credentials="NEON_DATABASE_URL")
    until(lambda: local.state.url and running.process.poll() is None)
    time.sleep(0.5)
    started = time.monotonic()
    running.process.send_signal(signal.SIGTERM)
    main = running.wait()
    assert time.monotonic() - started < 3
    assert main.returncode == 130
    assert local.leases() == []
    assert job.post(main).returncode == 0


def test_cancelled_again_and_again(job: Job) -> None:
    """More signals change nothing: the first one's rules go on, and no stack is shown."""
    job.local.fault("connect", "POST", PROVISION, Fault("slow", delay=1.5))
    running = job.main()
    until(lambda: job.asked("/credentials/deploy"))
    time.sleep(0.3)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
        running.process.send_signal(number)
        time.sleep(0.05)
    main = running.wait()
    assert main.returncode == 130
    assert "Traceback" not in main.stderr + main.log
    job.post(main)
    assert len(job.local.leases()) == 1
    assert live(job.local) == []


def test_already_gone_counts_as_done(job: Job) -> None:
    """A token that was revoked elsewhere answers 500 with a 404 in it: no warning."""
    main = job.main().wait()
    for token_id in json.loads(main.state["leases"]):
        job.local.state.leases.revoke(token_id)
    post = job.post(main)
    assert (post.returncode, post.warnings) == (0, [])
    assert "Revoked" in post.log


def test_a_revocation_that_fails_only_warns(job: Job) -> None:
    """The job did its work: the post step says what stays valid and how to revoke it, and succeeds."""
    main = job.main().wait()
    job.local.fault("connect", "DELETE", "/api/credentials/revoke", Fault("status", status=403))
    post = job.post(main)
    assert post.returncode == 0
    (warning,) = post.warnings
    (token_id,) = json.loads(main.state["leases"])
    assert token_id in warning
    assert "stays valid" in warning
    assert post.leaks({"key": job.local.api_key, "token": main.outputs["cloudflare_token"]}) == []


def test_without_revoke_nothing_is_saved(job: Job) -> None:
    """`revoke: false` leaves no key and no lease in the state, and the summary says that the token stays."""
    main = job.main(revoke="false").wait()
    assert main.state == {}
    assert "Not revoked (`revoke` is off)**: `CLOUDFLARE_API_TOKEN`" in main.summary
    post = job.post(main)
    assert (post.returncode, post.log) == (0, "")
    assert live(job.local) == ["CLOUDFLARE_API_TOKEN"]


def test_no_python(job: Job, tmp_path: Path) -> None:
    """A runner without Python is told so in one line."""
    node = tmp_path / "bin"
    node.mkdir()
    import shutil

    found = shutil.which("node")
    assert found
    (node / "node").symlink_to(found)
    run = job.runner.start_javascript(
        LEASE / "main.js", {"inputs": "{}"}, {**job.env, "PATH": str(node)}, node=str(node / "node")
    ).wait()
    assert run.returncode == 1
    assert run.errors == ["ChittyOps needs Python 3.10 or newer. Add actions/setup-python before it."]


def test_the_inputs_do_not_reach_the_child_twice(job: Job) -> None:
    """The key stands in one variable of Python's environment, and in no command line."""
    main = job.main().wait()
    assert main.leaks({"key": job.local.api_key, "token": main.outputs["cloudflare_token"]}) == []
