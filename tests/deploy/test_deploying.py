"""Whole deploys by the real action, the pinned wrangler and workerd."""

from __future__ import annotations

import pytest

from deploy.service import SICK, Service, worker

pytestmark = pytest.mark.engines


def test_a_first_deploy_says_so_and_serves(service: Service) -> None:
    """A first deploy goes by `wrangler deploy`, says beforehand that there is no way back, and is verified."""
    run = service.deploy(worker())

    assert run.returncode == 0, run.log + run.stderr
    assert service.traffic == {run.outputs["version_id"]: 100}
    assert run.outputs["deployment_url"] == f"https://{service.host}"
    assert (run.outputs["health"], run.outputs["rolled_back"]) == ("ok", "false")
    assert run.outputs["previous_version_id"] == ""
    assert any("there is nothing to go back to. Nothing serves now" in text for text in run.warnings)


def test_a_good_version_is_asked_at_its_preview_first_and_takes_the_traffic(service: Service) -> None:
    """The usual deploy: preview, then all traffic, then the gate at the real address."""
    first = service.deployed(worker())
    run = service.deploy(worker(), 1)

    assert run.returncode == 0, run.log + run.stderr
    assert service.splits == [{first: 100}, {run.outputs["version_id"]: 100}]
    assert run.outputs["preview_url"].startswith("https://")
    assert (run.outputs["health"], run.outputs["previous_version_id"]) == ("ok", first)


def test_a_sick_version_that_got_the_traffic_is_rolled_back(service: Service) -> None:
    """Without a check beforehand, the gate finds it, and exactly what served before is restored."""
    first = service.deployed(worker())
    run = service.deploy(SICK, 1, strategy="direct", health_timeout="3s")

    assert run.returncode == 1
    assert service.splits == [{first: 100}, {run.outputs["version_id"]: 100}, {first: 100}]
    assert (run.outputs["health"], run.outputs["rolled_back"]) == ("failed", "true")
    assert 'HTTP 503 status "down"' in run.errors[0]
    assert f'It answers HTTP 200 status "ok" from version {first}' in run.errors[0]
