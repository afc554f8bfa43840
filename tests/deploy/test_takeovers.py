"""What other Workers serve is asked about, whichever way the config would get at it."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.service import Service, worker

pytestmark = pytest.mark.engines


def others(service: Service, *, domain: str = "", route: str = "") -> None:
    """Another Worker of the account, with a custom domain or a route; ours has none yet."""
    name, service.config["name"] = service.config["name"], "other"
    service.seed(worker("{ status: 'ok', who: 'other' }"))
    service.config["name"] = name
    zone = service.call("GET", "//zones?name=example.com")[0]["id"]
    if domain:
        body = {"hostname": domain, "service": "other", "environment": "production", "zone_id": zone}
        service.call("PUT", "/domains", body)
    if route:
        service.call("POST", f"//zones/{zone}/workers/routes", {"pattern": route, "script": "other"})
    service.seed()
    service.local.forget_requests()


def in_zone(pattern: str) -> dict[str, Any]:
    """A route of the config."""
    return {"pattern": pattern, "zone_name": "example.com"}


@pytest.mark.parametrize(
    "theirs, ours, told",
    [
        ({"domain": "api.example.com"}, in_zone("api.example.com/*"), "other by the custom domain api.example.com"),
        ({"domain": "api.example.com"}, in_zone("*.example.com/*"), "other by the custom domain api.example.com"),
        ({"route": "api.example.com/*"}, in_zone("https://api.example.com/*"), "other by api.example.com/*"),
        ({"route": "api.example.com/*"}, in_zone("api.example.com/health"), "other by api.example.com/*"),
        (
            {"route": "api.example.com/*"},
            {"pattern": "api.example.com", "custom_domain": True},
            "other by api.example.com/*",
        ),
    ],
)
def test_a_route_or_domain_that_gets_at_anothers_is_refused(
    service: Service, theirs: dict[str, str], ours: dict[str, Any], told: str
) -> None:
    """Routes go before custom domains and finer routes before coarser ones, and schemes hide nothing."""
    others(service, **theirs)
    service.config["routes"] = [ours]
    run = service.deploy(worker(), 1)

    assert run.returncode == 1, run.log
    assert f"{ours['pattern']} (served by {told}). Nothing was uploaded." in run.errors[0]
    assert {entry["method"] for entry in service.local.requests("cloudflare")} == {"GET"}
    assert service.ask("api.example.com")[1]["who"] == "other"


def test_a_coarser_route_leaves_the_finer_one_to_its_worker(service: Service) -> None:
    """Nothing is taken over, so nothing is refused; and a route that is there already is none that is new."""
    others(service, route="api.example.com/v1/*")
    service.config["routes"] = [in_zone("api.example.com/*")]
    for commit in (1, 2):
        run = service.deploy(worker(), commit)
        assert run.returncode == 0, run.log + run.stderr
    assert service.ask("api.example.com", "/v1/health")[1]["who"] == "other"
    assert service.ask("api.example.com") == (200, {"status": "ok"})


def test_an_overlap_that_is_meant_is_deployed(service: Service) -> None:
    """`allow_domain_takeover` puts the route before the other's domain, and the next deploy need not ask again."""
    others(service, domain="api.example.com")
    service.config["routes"] = [in_zone("api.example.com/*")]
    run = service.deploy(worker(), 1, allow_domain_takeover="true")
    assert run.returncode == 0, run.log + run.stderr
    assert service.ask("api.example.com") == (200, {"status": "ok"})

    again = service.deploy(worker(), 2)
    assert again.returncode == 0, again.log + again.stderr


def test_a_domain_under_a_route_that_the_deploy_brings_is_asked_afterwards(service: Service) -> None:
    """`domain` leads nowhere before `*.example.com/*` is there: until then workers.dev is asked."""
    first = service.seed()
    service.config["routes"] = [in_zone("*.example.com/*")]
    run = service.deploy(worker(), 1, domain="api.example.com")

    assert run.returncode == 0, run.log + run.stderr
    assert service.splits == [{first: 100}, {run.outputs["version_id"]: 100}]
    assert run.outputs["deployment_url"] == "https://api.example.com"
    assert run.log.index(f"{service.host}/health →") < run.log.index("https://api.example.com/health →")
