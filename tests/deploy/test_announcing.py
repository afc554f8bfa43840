"""What is told after a deploy: registry, beacon, pull request. A refusal warns, and never fails it."""

from __future__ import annotations

import pytest

from chittylocal import Fault
from deploy.service import SICK, Service, worker

pytestmark = pytest.mark.engines

REPOSITORY = "acme/hello"


def on_pull_request(service: Service, number: int = 7) -> None:
    """Let the run be about a pull request."""
    service.env |= service.runner.set_event("pull_request", {"pull_request": {"number": number}})


def test_registry_and_beacon_hear_of_a_deploy(service: Service) -> None:
    """One heartbeat with the version, healthy since it named itself, and one event."""
    service.seed()
    run = service.deploy(worker(), 1, register_token="the-key-of-the-registry")

    assert run.returncode == 0, run.log + run.stderr
    assert run.warnings == []
    told = service.local.state.read("registry", {})["hello"]
    assert (told["status"], told["version"]) == ("healthy", run.outputs["version_id"])
    event = service.local.state.read("beacon", [])[0]
    assert (event["name"], event["event"], event["version"]) == ("hello", "deploy", run.outputs["version_id"])


def test_what_the_registry_refuses_is_a_warning_with_the_status(service: Service) -> None:
    """Never fatal, never silent; and the beacon is told all the same."""
    service.seed()
    service.local.settings.behaviour = "today"
    service.local.fault("beacon", "POST", "/track", Fault("status", status=500))
    run = service.deploy(worker(), 1, register_token="the-key-of-the-registry")

    assert run.returncode == 0, run.log + run.stderr
    assert any("ChittyRegistry refused the heartbeat of hello (HTTP 401)" in text for text in run.warnings)
    assert any("ChittyBeacon refused the event (HTTP 500)" in text for text in run.warnings)


def test_nothing_is_announced_of_a_deploy_that_failed(service: Service) -> None:
    """A version that was taken back is not alive."""
    service.seed()
    service.deploy(SICK, 1, health_timeout="2s", register_token="the-key-of-the-registry")

    assert service.local.requests("registry") + service.local.requests("beacon") == []


def test_the_pull_request_has_one_comment_that_is_edited(service: Service) -> None:
    """Found on whichever page it is, by a marker; it has preview, version, and the bundle's size and change."""
    on_pull_request(service)
    service.seed()
    for number in range(120):
        service.local.github.add_comment(REPOSITORY, 7, f"comment {number}")
    token = service.local.github_token
    first = service.deploy(worker(), 1, github_token=token)
    second = service.deploy(worker(extra="// longer\n"), 2, github_token=token)

    assert (first.returncode, second.returncode) == (0, 0), first.log + second.log
    ours = [c["body"] for c in service.local.github.comments(REPOSITORY, 7) if "<!-- chittyops" in c["body"]]
    assert len(ours) == 1
    for told in (second.outputs["preview_url"], second.outputs["version_id"], "(+10 B)", "is deployed"):
        assert told in ours[0]
    assert first.outputs["version_id"] not in ours[0]


def test_a_failed_deploy_says_so_in_the_comment(service: Service) -> None:
    """Who reads the pull request does not take a version that was refused for one that serves."""
    on_pull_request(service)
    service.seed()
    service.deploy(SICK, 1, health_timeout="2s", github_token=service.local.github_token)

    body = service.local.github.comments(REPOSITORY, 7)[0]["body"]
    assert "was not deployed" in body
    assert "did not pass the gate" in body


def test_a_missing_permission_to_comment_shows_the_yaml(service: Service) -> None:
    """A warning with what to paste; the deploy is fine."""
    on_pull_request(service)
    service.seed()
    service.local.github.read_only = True
    run = service.deploy(worker(), 1, github_token=service.local.github_token, register_token="the-key-of-registry")

    assert run.returncode == 0, run.log + run.stderr
    assert any("GitHub's API refused POST issues/7/comments (HTTP 403)" in text for text in run.warnings)
    assert "pull-requests: write" in run.log


def test_comment_off_writes_none(service: Service) -> None:
    """Who does not want the comment gets none."""
    on_pull_request(service)
    service.seed()
    service.deploy(worker(), 1, github_token=service.local.github_token, comment="false")

    assert service.local.github.comments(REPOSITORY, 7) == []
