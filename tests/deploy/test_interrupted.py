"""Deploys that are cancelled, killed, or overtaken: what served before serves again, or somebody else's stays."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from chittylocal import Fault
from deploy.service import Service, worker
from protocol.runner import RunningAction

pytestmark = [pytest.mark.engines, pytest.mark.timeout(180)]

PATIENCE = 60.0
SLOW = worker("{ status: new URL(request.url).hostname.startsWith('hello.') ? 'warming up' : 'ok' }")
"""Well at its preview, and at the real address it keeps the gate waiting for as long as a test needs."""


def until(running: RunningAction, condition: Callable[[], bool]) -> None:
    """Wait for a condition, as long as a busy machine may take and the action runs."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, running.lines
        assert running.process.poll() is None, running.lines
        time.sleep(0.02)


def test_a_cancelled_canary_gives_the_traffic_back_at_once(service: Service) -> None:
    """SIGINT in mid-canary: the captured split serves again before SIGTERM would come; nothing is left to settle."""
    one = service.seed()
    two = service.add_version()
    service.give({one: 60, two: 40})
    running = service.start(SLOW, 1, strategy="canary", health_timeout="60s")
    until(running, lambda: service.traffic.get(one) == 90)
    started = time.monotonic()
    running.cancel()
    took = time.monotonic() - started
    run = running.wait()

    assert run.returncode == 130
    assert took < 7
    assert service.traffic == {one: 60, two: 40}
    assert run.outputs["rolled_back"] == "true"
    assert "was cancelled" in run.errors[0]
    assert "was restored" in run.errors[0]
    assert "Nothing to settle" in service.settle().log


def test_a_cancelled_canary_does_not_wait_for_an_api_that_hangs(service: Service) -> None:
    """Ten seconds after the first signal the runner kills: it ends before, says so, and is settled afterwards."""
    first = service.seed()
    running = service.start(SLOW, 1, strategy="canary", health_timeout="60s")
    until(running, lambda: service.traffic.get(first) == 90)
    service.local.fault("cloudflare", "*", "/accounts/*/deployments*", Fault("hang"))
    started = time.monotonic()
    running.cancel()
    took = time.monotonic() - started
    run = running.wait()

    assert run.returncode == 130
    assert took < 7
    assert "could not be put back" in run.errors[0]
    service.local.clear_faults()
    assert service.settle().outputs["rolled_back"] == "true"
    assert service.traffic == {first: 100}


def test_a_killed_deploy_is_settled_from_its_journal(service: Service) -> None:
    """SIGKILL leaves the traffic as it was; the last phase of the job restores it, and a second one has no work."""
    first = service.seed()
    running = service.start(SLOW, 1, strategy="canary", health_timeout="60s")
    until(running, lambda: service.traffic.get(first) == 90)
    running.process.kill()
    running.wait(10)
    journal = next(service.runner.temp.glob("chittyops-deploy-*.json"))
    assert journal.stat().st_mode & 0o777 == 0o600
    assert service.traffic[first] == 90

    settled = service.settle()
    assert settled.returncode == 0, settled.log + settled.stderr
    assert service.traffic == {first: 100}
    assert settled.outputs["rolled_back"] == "true"
    assert not journal.exists()
    assert "Nothing to settle" in service.settle().log


def test_settle_with_another_account_says_that_they_differ(service: Service) -> None:
    """The journal is of one account and the credential for another: nobody is asked, and the journal stays."""
    first = service.seed()
    running = service.start(SLOW, 1, strategy="canary", health_timeout="60s")
    until(running, lambda: service.traffic.get(first) == 90)
    running.process.kill()
    running.wait(10)
    service.local.forget_requests()
    inputs = service.inputs(phase="settle", account_id="f" * 32)
    settled = service.runner.run("worker-deploy", inputs, service.job_env(""))

    assert settled.returncode == 1
    assert f"was in the account {service.local.account_id}, and the credential is for {'f' * 32}" in settled.errors[0]
    assert service.local.requests() == []
    assert list(service.runner.temp.glob("chittyops-deploy-*.json"))


def test_settle_leaves_a_deployment_that_somebody_made_since(service: Service) -> None:
    """What serves is no longer the killed run's, so nothing is put back, and it is said."""
    first = service.seed()
    other = service.add_version()
    running = service.start(SLOW, 1, strategy="canary", health_timeout="60s")
    until(running, lambda: service.traffic.get(first) == 90)
    running.process.kill()
    running.wait(10)
    service.give({other: 100})

    settled = service.settle()
    assert settled.returncode == 1
    assert "Somebody else deployed hello" in settled.errors[0]
    assert service.traffic == {other: 100}


def test_a_deploy_that_was_overtaken_stops_and_changes_nothing_more(service: Service) -> None:
    """Somebody deploys in mid-canary: their deployment stays, and this run says whose it is."""
    service.seed()
    other = service.add_version()
    running = service.start(worker(), 1, strategy="canary", canary_steps="10,20,30,40,50,60,70,80,90")
    until(running, lambda: 10 in service.traffic.values())
    service.give({other: 100})
    run = running.wait(60)

    assert run.returncode == 1
    assert "Somebody else deployed hello meanwhile" in run.errors[0]
    assert service.traffic == {other: 100}
    assert run.outputs["rolled_back"] == "false"


def test_triggers_of_a_worker_that_somebody_else_deployed_are_not_touched(service: Service) -> None:
    """Overtaken at the last gate before the triggers, by a version whose answers open it: nothing more is changed."""
    service.seed()
    other = service.add_version(worker(named=False))
    service.config["triggers"] = {"crons": ["5 5 * * *"]}
    running = service.start(SLOW, 1, health_timeout="12s")
    until(running, lambda: len(service.splits) == 2)
    service.give({other: 100})
    run = running.wait(60)

    assert run.returncode == 1
    assert "Somebody else deployed hello meanwhile" in run.errors[0]
    assert service.call("GET", "/scripts/hello/schedules")["schedules"] == []
    assert f"| Serves now | {other} 100 % |" in run.summary
    assert run.outputs["health"] == ""


@pytest.mark.parametrize("named", [True, False])
def test_triggers_that_were_changed_before_it_was_overtaken_are_told(service: Service, named: bool) -> None:
    """Overtaken while asked at its new domain, failing there or not: theirs serves, the domain stays and is told."""
    service.seed()
    other = service.add_version(worker(named=named))
    service.config["routes"] = [{"pattern": "api.example.com", "custom_domain": True}]
    code = worker("{ status: new URL(request.url).hostname === 'api.example.com' ? 'down' : 'ok' }")
    running = service.start(code, 1, health_timeout="10s")
    until(running, lambda: any("api.example.com/health →" in line for line in running.lines))
    service.give({other: 100})
    run = running.wait(60)

    assert run.returncode == 1
    assert service.traffic == {other: 100}
    assert f"| Serves now | {other} 100 % |" in run.summary
    assert "had begun to change triggers, and they stay: " in run.errors[0]
    assert "custom domain api.example.com" in run.errors[0]
    assert service.ask("api.example.com") == (200, {"status": "ok"})
    assert not list(service.runner.temp.glob("chittyops-deploy-*"))


def test_a_cancelled_upload_leaves_everything_as_it_was(service: Service) -> None:
    """SIGINT before any change of traffic: nothing to restore, no wrangler left behind."""
    first = service.seed()
    running = service.start(worker(), 1)
    until(
        running,
        lambda: any(e["method"] == "GET" and "/versions/" in e["path"] for e in service.local.requests("cloudflare")),
    )
    running.cancel()
    run = running.wait()

    assert run.returncode == 130
    assert service.splits == [{first: 100}]
    assert not list(service.runner.temp.glob("chittyops-deploy-*"))


def test_the_next_run_converges_after_a_kill_that_nobody_settled(service: Service) -> None:
    """A rerun takes what serves as it is, and ends with its version on all traffic."""
    first = service.seed()
    running = service.start(SLOW, 1, strategy="canary", health_timeout="60s")
    until(running, lambda: service.traffic.get(first) == 90)
    running.process.kill()
    running.wait(10)
    run = service.deploy(worker(), 2)

    assert run.returncode == 0, run.log + run.stderr
    assert service.traffic == {run.outputs["version_id"]: 100}


def test_a_cancelled_first_deploy_tells_what_serves(service: Service) -> None:
    """There is no way back from it, so at least nobody has to guess how far it got."""
    running = service.start(worker("{ status: 'warming up' }"), health_timeout="60s")
    until(running, lambda: bool(service.local.requests("edge")))
    running.cancel()
    run = running.wait()

    assert run.returncode == 130
    assert f"{next(iter(service.traffic))} 100 % serves now and stays" in run.errors[0]
    assert "npx wrangler delete --name hello" in run.errors[0]
