"""Deploys in bad weather: Cloudflare's passing errors, lost answers, a change that arrives late."""

from __future__ import annotations

import pytest

from chittylocal import Fault
from deploy.service import SICK, Service, worker

pytestmark = pytest.mark.engines

INTERNAL = {"success": False, "errors": [{"code": 10013, "message": "workers.api.error.unknown"}], "result": None}
UPLOADS = "/accounts/*/workers/scripts/hello/versions*"
DEPLOYMENTS = "/accounts/*/workers/scripts/hello/deployments*"


def sent(service: Service, method: str, ending: str) -> int:
    """How many such requests reached Cloudflare."""
    return sum(e["method"] == method and e["path"].endswith(ending) for e in service.local.requests("cloudflare"))


def test_an_internal_error_at_the_upload_passes(service: Service) -> None:
    """10013, as often as wrangler itself tries: the upload is sent again, and one version comes of it."""
    service.seed()
    service.local.fault("cloudflare", "POST", UPLOADS, Fault("status", status=500, body=INTERNAL, times=3))
    run = service.deploy(worker(), 1)

    assert run.returncode == 0, run.log + run.stderr
    assert sent(service, "POST", "/versions") == 4
    assert len(service.call("GET", "/scripts/hello/versions?deployable=true")["items"]) == 2


def test_an_upload_whose_answer_was_lost_is_found_and_not_sent_again(service: Service) -> None:
    """However often wrangler itself tried, the version is at Cloudflare, and this run knows it by its mark."""
    service.seed()
    service.local.fault("cloudflare", "POST", UPLOADS, Fault("reset", after_effect=True))
    run = service.deploy(worker(), 1)

    assert run.returncode == 0, run.log + run.stderr
    newest = service.call("GET", "/scripts/hello/versions?deployable=true")["items"][0]["id"]
    assert f"The answer to the upload was lost; version {newest} arrived, and is used." in run.log
    assert service.traffic == {newest: 100}
    assert run.log.count("Total Upload") == 1


def test_a_first_deploy_whose_answer_was_lost_is_found_and_gets_its_triggers(service: Service) -> None:
    """The Worker is there and serves; what wrangler had left to do is done."""
    service.local.fault("cloudflare", "PUT", "/accounts/*/workers/scripts/hello", Fault("reset", after_effect=True))
    run = service.deploy(worker())

    assert run.returncode == 0, run.log + run.stderr
    assert "arrived, and is used." in run.log
    assert service.traffic == {run.outputs["version_id"]: 100}
    assert service.ask() == (200, {"status": "ok"})


def test_a_change_of_traffic_whose_answer_was_lost_is_looked_up(service: Service) -> None:
    """The deployment was made: it is found by its message, and not made twice."""
    first = service.seed()
    service.local.fault("cloudflare", "POST", DEPLOYMENTS, Fault("reset", after_effect=True, times=1))
    run = service.deploy(worker(), 1)

    assert run.returncode == 0, run.log + run.stderr
    assert service.splits == [{first: 100}, {run.outputs["version_id"]: 100}]
    assert sent(service, "POST", "/deployments") == 1


@pytest.mark.parametrize("fault", [Fault("reset", times=1), Fault("status", status=500, body=INTERNAL, times=1)])
def test_a_change_of_traffic_that_had_no_effect_is_sent_again(service: Service, fault: Fault) -> None:
    """Once the list shows that nothing changed, sending it again is safe."""
    first = service.seed()
    service.local.fault("cloudflare", "POST", DEPLOYMENTS, fault)
    run = service.deploy(worker(), 1)

    assert run.returncode == 0, run.log + run.stderr
    assert service.splits == [{first: 100}, {run.outputs["version_id"]: 100}]


def test_a_change_of_traffic_that_arrives_late_is_waited_for(service: Service) -> None:
    """Old answers after the promotion are not the new version's: the gate waits until it answers everywhere."""
    service.seed()
    service.local.cloudflare.edge.delay = 2.0
    service.local.cloudflare.edge.mixed = True
    run = service.deploy(worker(), 1, strategy="direct", health_timeout="30s")

    assert run.returncode == 0, run.log + run.stderr
    assert run.outputs["health"] == "ok"
    assert "which is another one" in run.log


def test_a_restore_passes_over_changed_secrets(service: Service) -> None:
    """Cloudflare refuses an older version with other secrets (10220); the restore of what served is meant."""
    first = service.seed()
    run = service.deploy(SICK, 1, {"NEW_SECRET": "a-secret-that-is-new"}, strategy="direct", health_timeout="2s")

    assert run.returncode == 1
    assert run.outputs["rolled_back"] == "true"
    assert service.traffic == {first: 100}


def test_code_that_does_not_start_is_explained(service: Service) -> None:
    """10021 comes with what it means and what to do, and nothing changed."""
    first = service.seed()
    run = service.deploy("throw new Error('at the top level');\n" + worker(), 1)

    assert run.returncode == 1
    assert "(code 10021)" in run.errors[0]
    assert "The code does not start" in run.errors[0]
    assert service.splits == [{first: 100}]


def test_a_restore_that_fails_says_how_to_do_it_by_hand_and_is_settled(service: Service) -> None:
    """The worst case: both errors are told with the command, and the last phase of the job tries again."""
    first = service.seed()
    refusal = {"success": False, "errors": [{"code": 10000, "message": "Authentication error"}], "result": None}
    service.local.fault("cloudflare", "POST", DEPLOYMENTS, Fault("status", status=403, body=refusal, skip=1))
    run = service.deploy(SICK, 1, strategy="direct", health_timeout="2s")

    assert run.returncode == 1
    assert "could not be put back" in run.errors[0]
    assert f"npx wrangler rollback {first} --name hello" in run.errors[0]
    service.local.clear_faults()
    assert service.settle().outputs["rolled_back"] == "true"
    assert service.traffic == {first: 100}
