"""What is refused before a credential is fetched: pull requests, and settings that can't go with the release."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from semver import Version

from chittyactions.errors import ChittyError, ConfigError, InputError
from chittyactions.inputs import Inputs
from chittyactions.publish.model import Release, ReleaseFile
from chittyactions.publish.refusals import refuse_pull_requests, refuse_settings
from chittyactions.publish.request import FOR_R2, Request, read_inputs

OURS, FORK = {"repo": {"full_name": "acme/hello"}}, {"repo": {"full_name": "mallory/hello"}}


def request(**given: str) -> Request:
    return read_inputs(Inputs({"service_name": "hello", "artifact": "hello.tar", **given}))


def problems(**given: str) -> str:
    with pytest.raises(InputError) as refused:
        request(**given)
    return refused.value.what


@pytest.fixture
def started_by(tmp_path: Path) -> Any:
    """A job's environment for an event."""

    def environ(name: str, event: Mapping[str, Any]) -> dict[str, str]:
        path = tmp_path / "event.json"
        path.write_text(json.dumps(event), "utf-8")
        return {"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path), "GITHUB_REPOSITORY": "Acme/hello"}

    return environ


@pytest.mark.parametrize(
    "name, event",
    [
        ("pull_request", {"pull_request": {"head": FORK}}),
        ("pull_request_target", {"pull_request": {"head": FORK}}),
        ("pull_request", {"pull_request": {"head": {"repo": None}}}),
        ("pull_request", {}),
        ("workflow_run", {"workflow_run": {"event": "pull_request", "head_repository": FORK["repo"]}}),
    ],
    ids=["fork", "with the base's rights", "a fork that is gone", "an event that is not there", "after a run for it"],
)
def test_nothing_is_published_from_a_fork(started_by: Any, name: str, event: Mapping[str, Any]) -> None:
    """However the run of a fork's pull request was started, a dry run too, it is refused with the line to add."""
    for dry_run in (False, True):
        with pytest.raises(ConfigError, match="pull request of a fork") as refused:
            refuse_pull_requests(started_by(name, event), dry_run=dry_run)
        assert "head.repo.full_name == github.repository" in refused.value.yaml


def test_a_pull_request_of_the_repository_may_look(started_by: Any) -> None:
    """What is not merged is not published; a dry run of it is allowed, and the message says so."""
    environ = started_by("pull_request", {"pull_request": {"head": OURS}})
    refuse_pull_requests(environ, dry_run=True)
    with pytest.raises(ConfigError) as refused:
        refuse_pull_requests(environ, dry_run=False)
    assert "dry_run" in refused.value.yaml


@pytest.mark.parametrize(
    "name, event",
    [
        ("push", {}),
        ("workflow_dispatch", {"inputs": {}}),
        ("release", {"release": {}}),
        ("workflow_run", {"workflow_run": {"event": "push", "head_repository": OURS["repo"]}}),
    ],
)
def test_any_other_event_may_publish(started_by: Any, name: str, event: Mapping[str, Any]) -> None:
    """Pushes, tags, releases, dispatches and runs after them publish."""
    refuse_pull_requests(started_by(name, event), dry_run=False)


def release(version: str, name: str = "@acme/hello") -> Release:
    file = ReleaseFile("hello.tgz", Path("hello.tgz"), 1, "0" * 64)
    return Release("hello", "npm", name, Version.parse(version), "1" * 40, (file,), "sha512-x")


def test_a_prerelease_never_takes_latest() -> None:
    """dist_tag: latest with a prerelease is refused before anything is fetched; another tag is not."""
    with pytest.raises(ChittyError, match="latest"):
        refuse_settings(request(publish_npm="true", dist_tag="latest"), release("1.2.0-beta.1"))
    refuse_settings(request(publish_npm="true", dist_tag="latest"), release("1.2.0"))
    refuse_settings(request(publish_npm="true", dist_tag="beta"), release("1.2.0-beta.1"))
    refuse_settings(request(dist_tag="latest"), release("1.2.0-beta.1"))  # for R2 alone it means nothing


def test_a_package_without_a_scope_is_never_restricted() -> None:
    """npm would refuse it in the middle of the publish."""
    with pytest.raises(ConfigError, match="no scope"):
        refuse_settings(request(publish_npm="true", access="restricted"), release("1.0.0", "hello"))
    refuse_settings(request(publish_npm="true", access="restricted"), release("1.0.0"))


@pytest.mark.parametrize(
    "given, said",
    [
        ({"public_url": "http://downloads.example/x"}, "https://"),
        ({"public_url": "https://user:word@downloads.example/x"}, "everybody can read"),
        ({"public_url": "https://downloads.example/{arch}/x"}, "{arch}"),
        ({"public_url": "https://downloads.example/{file"}, "brace"),
        ({"registry_url": "ftp://npm.example"}, "https://"),
        ({"public_url": "https://downloads.example/{file!r}"}, "{file!r}"),
        ({"public_url": "https://downloads.example/{file:9}"}, "{file:9}"),
        ({"r2_endpoint": "https://r2.example/#x"}, "#fragment"),
        *(
            ({name: "https://host.example#"}, f"{name} has a #fragment")
            for name in ("registry_url", "r2_endpoint", "refresh_url", "public_url")
        ),
        ({"r2_endpoint": "https://r2.example/chittyos-packages"}, "the bucket is the input `bucket`"),
        ({"r2_endpoint": "https://r2.example/?x"}, "has a path or a query"),
        ({"tap": "a/b/c"}, "homebrew-tap"),
        ({"tap_mode": "push"}, "pull-request or dispatch"),
        ({"bucket": "Bucket"}, "chittyos-packages"),
        ({"account_id": "short"}, "32 hexadecimal"),
        ({"own_secrets": "NPM_TOKEN SOMETHING"}, "SOMETHING"),
        ({"own_secrets": "CLOUDFLARE_API_TOKEN"}, "without CLOUDFLARE_ACCOUNT_ID"),
        ({"brew_formula": "hello", "publish_r2": "false"}, "no place to download from"),
    ],
)
def test_inputs_that_can_not_be_used_are_named(given: dict[str, str], said: str) -> None:
    """Each is found before anything happens, and the message says what was expected."""
    assert said in problems(**given)


def test_an_origin_may_end_in_a_slash() -> None:
    """That is no path."""
    assert request(r2_endpoint="https://r2.example:8443/").r2_endpoint


def test_all_problems_are_told_at_once() -> None:
    """Nobody corrects one input at a time."""
    said = problems(tap_mode="push", bucket="B", registry_url="x")
    assert "3 inputs cannot be used" in said


def test_an_address_on_this_machine_needs_no_tls() -> None:
    """A registry on the loopback is a test's; nothing else may do without encryption."""
    assert request(registry_url="http://127.0.0.1:4873/").registry_url == "http://127.0.0.1:4873/"


@pytest.mark.parametrize(
    "given, credentials, required",
    [
        ({}, "CLOUDFLARE_API_TOKEN,CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN,CLOUDFLARE_ACCOUNT_ID"),
        (
            {"brew_formula": "hello"},
            "CLOUDFLARE_API_TOKEN,CLOUDFLARE_ACCOUNT_ID,GITHUB_APP_ID,GITHUB_APP_PRIVATE_KEY",
            "CLOUDFLARE_API_TOKEN,CLOUDFLARE_ACCOUNT_ID",
        ),
        (
            {"brew_formula": "hello", "publish_r2": "false", "publish_npm": "true"},
            "GITHUB_APP_ID,GITHUB_APP_PRIVATE_KEY",
            "GITHUB_APP_ID,GITHUB_APP_PRIVATE_KEY",
        ),
        ({"publish_r2": "false", "publish_npm": "true"}, "", ""),
        ({"own_secrets": "CLOUDFLARE_API_TOKEN CLOUDFLARE_ACCOUNT_ID"}, "", ""),
        ({"own_secrets": "CLOUDFLARE_ACCOUNT_ID"}, *["CLOUDFLARE_API_TOKEN,CLOUDFLARE_ACCOUNT_ID"] * 2),
        ({"brew_formula": "x", "own_secrets": "TAP_TOKEN"}, *["CLOUDFLARE_API_TOKEN,CLOUDFLARE_ACCOUNT_ID"] * 2),
    ],
    ids=["R2", "R2 and tap", "npm and tap", "npm", "own keys", "own account", "own tap token"],
)
def test_no_more_credentials_are_asked_for_than_needed(given: dict[str, str], credentials: str, required: str) -> None:
    """What the channels need and no secret gives; a tap's app that is missing does not keep R2 from its token."""
    wanted = request(**given)
    asked, needed = wanted.credentials(prerelease=False), wanted.required(prerelease=False)
    assert (",".join(asked), ",".join(needed)) == (credentials, required)


def test_a_prerelease_asks_for_no_token_of_the_tap() -> None:
    """It gets no formula."""
    assert request(brew_formula="hello").credentials(prerelease=True) == FOR_R2
    assert request(brew_formula="hello", publish_r2="false", publish_npm="true").credentials(prerelease=True) == ()
