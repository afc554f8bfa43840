"""Whole deploys by the real action, the pinned wrangler and workerd."""

from __future__ import annotations

import pytest

from deploy.service import COMMITS, SICK, Service, worker

pytestmark = pytest.mark.engines

COUNTER = """
import { DurableObject } from 'cloudflare:workers';
export class Counter extends DurableObject { async next() { return 1; } }
"""


def test_a_first_deploy_says_so_and_serves(service: Service) -> None:
    """A first deploy goes by `wrangler deploy`, says beforehand that there is no way back, and is verified."""
    run = service.deploy(worker())

    assert run.returncode == 0, run.log + run.stderr
    assert service.traffic == {run.outputs["version_id"]: 100}
    assert run.outputs["deployment_url"] == f"https://{service.host}"
    assert (run.outputs["health"], run.outputs["rolled_back"]) == ("ok", "false")
    assert run.outputs["previous_version_id"] == ""
    assert any("there is nothing to go back to. Nothing serves now" in text for text in run.warnings)


def test_a_sick_first_deploy_fails_and_says_how_to_remove_it(service: Service) -> None:
    """Where there is nothing to go back to, the error names what serves now and the command that removes it."""
    run = service.deploy(SICK, health_timeout="2s")

    assert run.returncode == 1
    assert (run.outputs["health"], run.outputs["rolled_back"]) == ("failed", "false")
    assert f"{run.outputs['version_id']} 100 % serves now and stays" in run.errors[0]
    assert "npx wrangler delete --name hello" in run.errors[0]


def test_a_good_version_is_asked_at_its_preview_first_and_takes_the_traffic(service: Service) -> None:
    """The usual deploy: preview, then all traffic, then the gate at the real address; the summary tells it all."""
    first = service.seed()
    run = service.deploy(worker(), 1)
    new = run.outputs["version_id"]

    assert run.returncode == 0, run.log + run.stderr
    assert service.splits == [{first: 100}, {new: 100}]
    assert run.outputs["preview_url"] == f"https://{new[:8]}-{service.host}"
    assert (run.outputs["health"], run.outputs["previous_version_id"]) == ("ok", first)
    for told in (f"| Version | {new} |", f"| Before | {first} 100 % |", "| Bundle |", "Check before traffic", "+62 B"):
        assert told in run.summary


def test_a_version_that_is_sick_at_its_preview_never_takes_traffic(service: Service) -> None:
    """The check before traffic spares the visitors, and the error shows both answers."""
    first = service.seed()
    run = service.deploy(SICK, 1, health_timeout="2s")

    assert run.returncode == 1
    assert service.splits == [{first: 100}]
    assert (run.outputs["health"], run.outputs["rolled_back"]) == ("failed", "false")
    assert 'HTTP 503 status "down"' in run.errors[0]
    assert f'never took traffic: {first} 100 % serves as before. It answers HTTP 200 status "ok"' in run.errors[0]


def test_a_sick_version_that_got_the_traffic_is_rolled_back(service: Service) -> None:
    """Without a check beforehand, the gate finds it, and what served before is restored and asked."""
    first = service.seed()
    run = service.deploy(SICK, 1, strategy="direct", health_timeout="2s")

    assert run.returncode == 1
    assert service.splits == [{first: 100}, {run.outputs["version_id"]: 100}, {first: 100}]
    assert (run.outputs["health"], run.outputs["rolled_back"]) == ("failed", "true")
    assert 'HTTP 503 status "down"' in run.errors[0]
    assert f'restored: {first} 100 %. It answers HTTP 200 status "ok" from version {first}' in run.errors[0]
    assert not list(service.runner.temp.glob("chittyops-deploy-*"))


def test_a_split_deployment_is_restored_exactly(service: Service) -> None:
    """What served was two versions with their percentages, and that is what serves again."""
    one = service.seed()
    two = service.add_version()
    service.give({one: 70, two: 30})
    run = service.deploy(SICK, 1, strategy="direct", health_timeout="2s")

    assert run.returncode == 1
    assert service.traffic == {one: 70, two: 30}
    assert run.outputs["previous_version_id"] == one


def test_rollback_off_leaves_the_sick_version_and_says_so(service: Service) -> None:
    """Who switches the rollback off gets the failure, and is told what serves."""
    service.seed()
    run = service.deploy(SICK, 1, strategy="direct", health_timeout="2s", rollback="false")

    assert run.returncode == 1
    assert service.traffic == {run.outputs["version_id"]: 100}
    assert run.outputs["rolled_back"] == "false"
    assert f"rollback is off: {run.outputs['version_id']} 100 % serves" in run.summary


def test_a_canary_goes_by_its_steps_with_a_gate_at_each(service: Service) -> None:
    """Each percentage is a deployment of its own, and the new version is asked by the override header meanwhile."""
    first = service.seed()
    run = service.deploy(worker(), 1, strategy="canary", canary_steps="10,50")
    new = run.outputs["version_id"]

    assert run.returncode == 0, run.log + run.stderr
    assert service.splits == [{first: 100}, {new: 10, first: 90}, {new: 50, first: 50}, {new: 100}]
    assert [line for line in ("10 %", "50 %", "100 %") if f"| {line} of the traffic |" in run.summary] == [
        "10 %",
        "50 %",
        "100 %",
    ]


def test_without_a_preview_url_the_version_is_asked_at_nought_percent(service: Service) -> None:
    """NEW at 0 % beside OLD at 100 %, asked by the override header, before it takes any traffic."""
    service.config["preview_urls"] = False
    first = service.seed()
    service.call("POST", "/scripts/hello/subdomain", {"enabled": True, "previews_enabled": False})
    run = service.deploy(SICK, 1, health_timeout="2s")

    assert run.returncode == 1
    assert service.splits == [{first: 100}, {run.outputs["version_id"]: 0, first: 100}, {first: 100}]
    assert run.outputs["preview_url"] == ""


def test_a_preview_behind_a_login_is_passed_over(service: Service) -> None:
    """Cloudflare Access answers previews with a redirect: the version is asked at 0 % instead, and it is said."""
    first = service.seed()
    code = worker().replace(
        "Response.json(", "new URL(request.url).hostname.includes('-hello.') ? login() : Response.json("
    )
    run = service.deploy("const login = () => Response.redirect('https://login.example.com/');\n" + code, 1)
    new = run.outputs["version_id"]

    assert run.returncode == 0, run.log + run.stderr
    assert service.splits == [{first: 100}, {new: 0, first: 100}, {new: 100}]
    assert "as if it were behind a login" in run.log


def test_without_isolation_wrangler_builds_from_the_checkout(service: Service) -> None:
    """`isolation: off` uploads what lies in the checkout, with the committed config."""
    first = service.seed()
    service.isolated = False
    run = service.deploy(worker("{ status: 'ok', from: 'the checkout' }"), 1, isolation="off")

    assert run.returncode == 0, run.log + run.stderr
    assert service.splits == [{first: 100}, {run.outputs["version_id"]: 100}]
    assert service.ask()[1]["from"] == "the checkout"


def test_a_service_that_names_no_version_is_reported_as_not_asserted(service: Service) -> None:
    """Good answers that nobody can attribute deploy, and are never called verified."""
    del service.config["version_metadata"]
    service.seed(worker(named=False))
    run = service.deploy(worker(named=False), 1, health_timeout="4s", register_token="the-key-of-the-registry")

    assert run.returncode == 0, run.log + run.stderr
    assert run.outputs["health"] == "version-not-asserted"
    assert any("version not asserted" in text for text in run.warnings)
    assert "(version not asserted)" in run.summary
    assert service.local.state.read("registry", {})["hello"]["status"] == "deployed"


def test_health_that_is_not_the_documented_answer_is_named(service: Service) -> None:
    """`{"ok": true}` with 200 does not open the gate, and the message names what came."""
    service.seed()
    run = service.deploy(worker("{ ok: true }"), 1, health_timeout="2s")

    assert run.returncode == 1
    assert "HTTP 200 ok: true and no status field" in run.errors[0]


def test_secrets_travel_with_the_upload_and_stay_nowhere(service: Service) -> None:
    """Secrets that are named reach the version that was gated; others don't; none is in a log, an argv or a file."""
    service.seed()
    secrets = {"SIGNING_KEY": 'canary "quoted" % ünïcode\nsecond line of it', "OTHER": "-another-canary-secret"}
    code = worker("{ status: env.SIGNING_KEY?.includes('ünïcode') && !env.OTHER ? 'ok' : 'no secret' }")
    run = service.deploy(code, 1, secrets, secrets_from="SIGNING_KEY")

    assert run.returncode == 0, run.log + run.stderr
    assert run.leaks({**secrets, "the token": service.local.cloudflare_token}) == []
    assert len(service.splits) == 2


def test_a_secret_that_was_not_passed_is_named_and_nothing_is_sent(service: Service) -> None:
    """The error lists names only, before any request."""
    run = service.deploy(worker(), 0, {"ONE": "the-value-of-one"}, secrets_from="ONE,TWO")

    assert run.returncode == 2
    assert "WORKER_SECRETS has no TWO." in run.errors[0]
    assert service.local.requests("cloudflare") == []
    assert run.leaks({"one": "the-value-of-one"}) == []


def test_a_migration_goes_at_once_and_says_so_before(service: Service) -> None:
    """A pending Durable Object migration can't be gated: said as a warning before the deploy, which is verified."""
    first = service.seed()
    service.config |= {
        "durable_objects": {"bindings": [{"name": "COUNTER", "class_name": "Counter"}]},
        "migrations": [{"tag": "v1", "new_sqlite_classes": ["Counter"]}],
    }
    run = service.deploy(COUNTER + worker(), 1)

    assert run.returncode == 0, run.log + run.stderr
    assert any(
        "applies a Durable Object migration" in text and f"{first} 100 % serves now" in text for text in run.warnings
    )
    again = service.deploy(COUNTER + worker(), 2)
    assert again.returncode == 0, again.log + again.stderr
    assert not any("migration" in text for text in again.warnings)


def test_a_dry_run_writes_nothing(service: Service) -> None:
    """It asks, shows the plan, and sends not a single write."""
    service.seed()
    service.local.forget_requests()
    run = service.deploy(worker(), 1, dry_run="true")

    assert run.returncode == 0, run.log + run.stderr
    assert {entry["method"] for entry in service.local.requests()} == {"GET"}
    assert "dry run, nothing was changed" in run.summary
    assert "Goes by strategy auto" in run.log


def test_settings_that_belong_to_no_version_are_applied(service: Service) -> None:
    """`versions upload` leaves observability as it is; a deploy of ours brings it as `wrangler deploy` does."""
    service.seed()
    service.config["observability"] = {"enabled": True, "head_sampling_rate": 0.5}
    run = service.deploy(worker(), 1)

    assert run.returncode == 0, run.log + run.stderr
    patches = [e for e in service.local.requests("cloudflare") if e["method"] == "PATCH"]
    assert patches[-1]["path"].endswith("/scripts/hello/script-settings")


def test_the_check_phase_needs_no_credential(service: Service) -> None:
    """Config, tools and artifact are checked, and no service is asked."""
    tar = service.build(worker(), COMMITS[0])
    inputs = service.inputs(phase="check", artifact=str(tar), cloudflare_token="", account_id="")
    run = service.runner.run("worker-deploy", inputs, service.job_env(COMMITS[0]))

    assert run.returncode == 0, run.log + run.stderr
    assert service.local.requests() == []
