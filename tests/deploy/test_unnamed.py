"""Services that name no version, and what is left behind by deploys that failed: nothing is believed too early."""

from __future__ import annotations

import pytest

from chittylocal import Fault
from deploy.service import SICK, Service, worker

pytestmark = pytest.mark.engines

DOWN = worker("{ status: 'down' }", 503, named=False)


def unnamed(service: Service) -> str:
    """The service serves, without previews, and says nothing of versions; returns the version's id."""
    del service.config["version_metadata"]
    service.config["preview_urls"] = False
    first = service.seed(worker(named=False))
    service.call("POST", "/scripts/hello/subdomain", {"enabled": True, "previews_enabled": False})
    return first


@pytest.mark.parametrize("strategy", ["auto", "direct"])
def test_good_answers_of_the_old_version_do_not_make_a_sick_one_well(service: Service, strategy: str) -> None:
    """The edge takes four seconds to learn of a change, and answers as before until then."""
    first = unnamed(service)
    service.local.cloudflare.edge.delay = 4.0
    run = service.deploy(DOWN, 1, strategy=strategy, health_timeout="10s")

    assert run.returncode == 1, run.log
    assert service.traffic == {first: 100}
    assert (run.outputs["health"], run.outputs["rolled_back"]) == ("failed", "true")
    assert 'HTTP 503 status "down"' in run.errors[0]


def test_an_unnamed_answer_at_no_traffic_is_no_check(service: Service) -> None:
    """The override header may have been passed over: it is said, and `preview` does without no check."""
    first = unnamed(service)
    run = service.deploy(worker(named=False), 1, strategy="preview", health_timeout="4s")

    assert run.returncode == 1
    assert "its answers to the override header name no version" in run.errors[0]
    assert service.traffic == {first: 100}

    run = service.deploy(worker(named=False), 1, health_timeout="3s")
    assert run.returncode == 0, run.log + run.stderr
    assert "its answers name no version, so this was no check of the new one" in run.summary


def test_a_version_left_at_no_traffic_does_not_keep_the_next_from_its_check(service: Service) -> None:
    """`rollback: false` leaves 0 % beside 100 %: only traffic makes a split, and the next is asked at 0 % too."""
    first = service.seed()
    service.config["preview_urls"] = False
    service.call("POST", "/scripts/hello/subdomain", {"enabled": True, "previews_enabled": False})
    left = service.deploy(SICK, 1, rollback="false", health_timeout="2s")
    assert left.returncode == 1
    assert service.traffic == {left.outputs["version_id"]: 0, first: 100}

    run = service.deploy(SICK, 2, health_timeout="2s")
    assert run.returncode == 1
    assert {run.outputs["version_id"]: 100} not in service.splits
    assert service.traffic == {left.outputs["version_id"]: 0, first: 100}


def test_a_deploy_that_was_taken_back_after_its_gate_is_not_called_well(service: Service) -> None:
    """The version was well, its settings were refused: what serves is the one before, so there is no verdict."""
    first = service.seed()
    service.config["observability"] = {"enabled": True}
    refusal = {"success": False, "errors": [{"code": 10000, "message": "Authentication error"}], "result": None}
    settings = "/accounts/*/workers/scripts/hello/script-settings"
    service.local.fault("cloudflare", "PATCH", settings, Fault("status", status=403, body=refusal))
    run = service.deploy(worker(), 1)

    assert run.returncode == 1
    assert service.traffic == {first: 100}
    assert (run.outputs["health"], run.outputs["rolled_back"]) == ("", "true")
    assert "| Health |" not in run.summary


def test_a_timeout_that_does_not_fit_into_the_job_is_refused(service: Service) -> None:
    """The error has the sum, before any request."""
    run = service.deploy(worker(), strategy="canary", health_timeout="20m")

    assert run.returncode == 2
    assert "5 gates of 1200 s are 100 minutes" in run.errors[0]
    assert service.local.requests() == []
