"""What a deploy refuses before it sends anything: older commits, others' domains, a foreign account, no credential."""

from __future__ import annotations

import subprocess

import pytest

from deploy.service import COMMITS, SICK, Service, worker

pytestmark = pytest.mark.engines

REPOSITORY = "acme/hello"


def writes(service: Service) -> list[str]:
    """The requests to Cloudflare that could have changed something."""
    return [f"{e['method']} {e['path']}" for e in service.local.requests("cloudflare") if e["method"] != "GET"]


def test_an_older_commit_never_replaces_a_newer_one(service: Service) -> None:
    """GitHub says that this commit is behind the one that serves: refused before the upload."""
    service.seed(commit=1)
    service.local.github.set_comparison(REPOSITORY, COMMITS[1], COMMITS[0], ahead_by=0, behind_by=3)
    service.local.forget_requests()
    run = service.deploy(worker(), 0, github_token=service.local.github_token)

    assert run.returncode == 1
    assert (
        f"Commit {COMMITS[0][:12]} is older than {COMMITS[1][:12]}, which serves. Nothing was uploaded."
        in run.errors[0]
    )
    assert writes(service) == []


def test_a_commit_older_than_the_smallest_share_is_refused_too(service: Service) -> None:
    """Of a split 90 to 10 the deploy replaces both, so the newer one of them counts, whatever its share."""
    old = service.seed(commit=0)
    new = service.add_version(commit=2)
    service.give({old: 90, new: 10})
    service.local.github.set_comparison(REPOSITORY, COMMITS[0], COMMITS[1], ahead_by=1, behind_by=0)
    service.local.github.set_comparison(REPOSITORY, COMMITS[2], COMMITS[1], ahead_by=0, behind_by=1)
    service.local.forget_requests()
    run = service.deploy(worker(), 1, github_token=service.local.github_token)

    assert run.returncode == 1
    assert f"Commit {COMMITS[1][:12]} is older than {COMMITS[2][:12]}, which serves." in run.errors[0]
    assert writes(service) == []


def test_an_older_commit_is_deployed_when_it_is_meant(service: Service) -> None:
    """`allow_older` deploys it, and the summary says that it is older."""
    service.seed(commit=1)
    service.local.github.set_comparison(REPOSITORY, COMMITS[1], COMMITS[0], ahead_by=0, behind_by=3)
    run = service.deploy(worker(), 0, github_token=service.local.github_token, allow_older="true")

    assert run.returncode == 0, run.log + run.stderr
    assert "older than the one that serves (allowed by allow_older)" in run.summary


def test_the_checkout_tells_the_order_where_github_does_not(service: Service) -> None:
    """Without a token the history in the checkout decides, where there is one."""
    git = ["git", "-C", str(service.runner.workspace), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    commits = []
    for number in range(2):
        subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", str(number)], check=True)
        done = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
        commits.append(done.stdout.strip())
    service.seed(annotations={"workers/tag": commits[1]})
    tar = service.build(worker(), commits[0])
    run = service.runner.run("worker-deploy", service.inputs(artifact=str(tar)), service.job_env(commits[0]))

    assert run.returncode == 1
    assert f"Commit {commits[0][:12]} is older" in run.errors[0]


def test_what_cannot_be_compared_is_said_and_goes_on(service: Service) -> None:
    """An unknown order stops nobody, and nobody has to guess it."""
    service.seed(commit=1)
    run = service.deploy(worker(), 0, github_token=service.local.github_token)

    assert run.returncode == 0, run.log + run.stderr
    assert "(not comparable with what serves)" in run.summary


def give_domain(service: Service, hostname: str, owner: str) -> None:
    """Let another Worker serve a custom domain."""
    zone = service.call("GET", "//zones?name=example.com")[0]
    body = {"hostname": hostname, "service": owner, "environment": "production", "zone_id": zone["id"]}
    service.call("PUT", "/domains", body)


def other_worker(service: Service) -> None:
    """A Worker of somebody else in the same account."""
    name = service.config["name"]
    service.config["name"] = "other"
    service.seed(worker("{ status: 'ok', who: 'other' }"))
    service.config["name"] = name


@pytest.mark.parametrize("kind", ["domain", "route"])
def test_what_another_worker_serves_is_not_taken_over(service: Service, kind: str) -> None:
    """A custom domain or route of another Worker is refused before the upload, and its owner is named."""
    other_worker(service)
    service.seed()
    if kind == "domain":
        give_domain(service, "api.example.com", "other")
        service.config["routes"] = [{"pattern": "api.example.com", "custom_domain": True}]
    else:
        zone = service.call("GET", "//zones?name=example.com")[0]["id"]
        service.call("POST", f"//zones/{zone}/workers/routes", {"pattern": "api.example.com/*", "script": "other"})
        service.config["routes"] = [{"pattern": "api.example.com/*", "zone_name": "example.com"}]
    service.local.forget_requests()
    run = service.deploy(worker(), 1)

    assert run.returncode == 1
    assert "(served by other). Nothing was uploaded." in run.errors[0]
    assert writes(service) == []
    assert service.ask("api.example.com")[1]["who"] == "other"


def test_a_takeover_that_is_meant_is_verified_at_the_domain(service: Service) -> None:
    """`allow_domain_takeover` moves the domain after the gate, and asks the service there."""
    other_worker(service)
    first = service.seed()
    give_domain(service, "api.example.com", "other")
    service.config["routes"] = [{"pattern": "api.example.com", "custom_domain": True}]
    run = service.deploy(worker(), 1, allow_domain_takeover="true")

    assert run.returncode == 0, run.log + run.stderr
    assert run.outputs["deployment_url"] == "https://api.example.com"
    assert "custom domain api.example.com" in run.summary
    assert service.ask("api.example.com") == (200, {"status": "ok"})
    assert run.outputs["previous_version_id"] == first


def test_a_route_is_taken_over_when_it_is_meant_and_given_back_when_it_fails(service: Service) -> None:
    """wrangler itself would refuse the route; ours leads there, and to its owner again after a failure."""
    other_worker(service)
    service.seed()
    zone = service.call("GET", "//zones?name=example.com")[0]["id"]
    service.call("POST", f"//zones/{zone}/workers/routes", {"pattern": "api.example.com/*", "script": "other"})
    service.config["routes"] = [{"pattern": "api.example.com/*", "zone_name": "example.com"}]
    sick_there = worker("{ status: new URL(request.url).hostname === 'api.example.com' ? 'down' : 'ok' }")
    failed = service.deploy(sick_there, 1, allow_domain_takeover="true", health_timeout="2s")
    assert failed.returncode == 1, failed.log
    assert service.ask("api.example.com")[1]["who"] == "other"

    run = service.deploy(worker(), 2, allow_domain_takeover="true")
    assert run.returncode == 0, run.log + run.stderr
    assert service.ask("api.example.com") == (200, {"status": "ok"})


def test_triggers_are_put_back_when_the_service_is_sick_at_its_new_domain(service: Service) -> None:
    """Well at its preview and on workers.dev, sick at the domain: traffic, domain, crons and workers.dev as before."""
    other_worker(service)
    first = service.seed()
    give_domain(service, "api.example.com", "other")
    service.call("PUT", "/scripts/hello/schedules", [{"cron": "0 1 * * *"}])
    service.config |= {
        "routes": [{"pattern": "api.example.com", "custom_domain": True}],
        "workers_dev": False,
        "triggers": {"crons": ["5 5 * * *"]},
    }
    code = worker("{ status: new URL(request.url).hostname === 'api.example.com' ? 'down' : 'ok' }")
    run = service.deploy(code, 1, allow_domain_takeover="true", health_timeout="3s")

    assert run.returncode == 1
    assert service.traffic == {first: 100}
    assert service.ask("api.example.com")[1]["who"] == "other"
    assert [item["cron"] for item in service.call("GET", "/scripts/hello/schedules")["schedules"]] == ["0 1 * * *"]
    assert service.call("GET", "/scripts/hello/subdomain") == {"enabled": True, "previews_enabled": True}
    assert "triggers put back" in run.log


def test_routes_are_put_back_as_they_were(service: Service) -> None:
    """A route that the deploy added is gone again, and those that it removed are there, in every zone."""
    first = service.seed()
    zone = service.call("GET", "//zones?name=example.com")[0]["id"]
    service.call("POST", f"//zones/{zone}/workers/routes", {"pattern": "old.example.com/*", "script": "hello"})
    other = service.call("GET", "//zones?name=example.net")[0]["id"]
    service.call("POST", f"//zones/{other}/workers/routes", {"pattern": "far.example.net/*", "script": "hello"})
    service.config["routes"] = [{"pattern": "new.example.com/*", "zone_name": "example.com"}]
    code = worker("{ status: new URL(request.url).hostname === 'new.example.com' ? 'down' : 'ok' }")
    run = service.deploy(code, 1, health_timeout="3s")

    assert run.returncode == 1, run.log
    assert "far.example.net/*" in run.log
    for place, pattern in ((zone, "old.example.com/*"), (other, "far.example.net/*")):
        routes = service.call("GET", f"//zones/{place}/workers/routes")
        assert [(route["pattern"], route["script"]) for route in routes] == [(pattern, "hello")]
    assert service.traffic == {first: 100}


def test_an_account_that_the_config_does_not_mean_is_refused(service: Service) -> None:
    """The credential's account and the config's have to be the same."""
    service.config["account_id"] = "f" * 32
    run = service.deploy(worker())

    assert run.returncode == 1
    assert "The config's account_id is " + "f" * 32 in run.errors[0]
    assert service.local.requests() == []


def test_a_deploy_without_a_credential_shows_the_yaml(service: Service) -> None:
    """The error is told before any request, with what to paste."""
    run = service.deploy(SICK, cloudflare_token="")

    assert run.returncode == 1
    assert "There is no cloudflare_token to deploy with." in run.errors[0]
    assert "cloudflare_token: ${{ steps.credentials.outputs.cloudflare_token }}" in run.log
    assert service.local.requests() == []


def test_every_bad_input_is_reported_at_once(service: Service) -> None:
    """One error for all of them, before anything else."""
    run = service.deploy(worker(), canary_steps="50,10", strategy="blue", health_path="health", domain="x y")

    assert run.returncode == 2
    for name in ("canary_steps is '50,10'", "strategy is 'blue'", "health_path is 'health'", "domain is 'x y'"):
        assert name in run.errors[0]
