"""Publishing by the job's id token alone: what npm keeps to itself when it fails is told, with the likely cause."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chittyactions.errors import CredentialError, ServiceError
from chittyactions.publish.model import Status
from chittyactions.publish.npm_cli import IDENTITY, default_registry
from chittyactions.publish.npm_identity import Identity
from chittyactions.publish.package_json import PackageJson
from chittylocal import Fault, Local
from publish.npm.packages import ENVIRONMENT, Publisher, the_npm

pytestmark = pytest.mark.engines

WORKFLOW = "chittyos/hello/.github/workflows/deploy.yml"


@pytest.fixture
def trusted(local: Local, tmp_path: Path, name: str) -> Publisher:
    """A job with `id-token: write` and no token; the package was published once before, by a user."""
    Publisher(local, tmp_path / "user", name).publish("1.0.0")
    local.forget_requests()
    environ = {
        **local.env("oidc"),
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "chittyos/hello",
        "GITHUB_WORKFLOW_REF": f"{WORKFLOW}@refs/heads/main",
    }
    return Publisher(local, tmp_path / "job", name, token="", environ=environ)


def test_without_a_token(trusted: Publisher) -> None:
    """The exchanged token publishes the package, and puts its tags right, and there is no npmrc to hold one."""
    trusted.local.npm.trust(trusted.name, WORKFLOW)
    assert trusted.publish("1.1.0").status is Status.PUBLISHED
    assert trusted.publish("1.2.0", dist_tag="next").status is Status.PUBLISHED
    assert trusted.publish("1.2.0").status is Status.ALREADY
    assert trusted.tags == {"latest": "1.2.0", "next": "1.2.0"}
    by = [entry["by"] for entry in trusted.local.npm.published() if entry["name"] == trusted.name]
    assert by == ["chitty", "oidc", "oidc"]


@pytest.mark.parametrize("workflow", ["", "chittyos/chittyops/.github/workflows/reusable-package-publish.yml"])
def test_another_publisher_is_trusted(trusted: Publisher, workflow: str) -> None:
    """npm says "you need to log in"; we say which repository and workflow file the registry has to name."""
    if workflow:
        trusted.local.npm.trust(trusted.name, workflow)
    with pytest.raises(CredentialError) as raised:
        trusted.publish("1.1.0")
    assert f"Trusted publishing of {trusted.name} was refused." in str(raised.value)
    assert "repository chittyos/hello, workflow deploy.yml (the caller's file" in raised.value.fix
    assert "OIDC token exchange error - package not found" in raised.value.why
    assert trusted.sent("PUT") == []


def test_the_first_publish_needs_a_token(trusted: Publisher) -> None:
    """A package that is not there has no trusted publisher: said before npm is started."""
    trusted.name += "-new"
    with pytest.raises(CredentialError, match="its first publish needs one"):
        trusted.publish("1.0.0")
    assert trusted.sent("POST") == []


@pytest.mark.parametrize("missing", ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
def test_no_identity(trusted: Publisher, missing: str) -> None:
    """Without the permission there is nothing to sign in by, and the YAML to paste grants it."""
    trusted.environ.pop(missing)
    with pytest.raises(CredentialError) as raised:
        trusted.publish("1.1.0")
    assert "id-token: write" in raised.value.yaml
    assert "NPM_TOKEN" in raised.value.yaml


def test_github_gives_no_id_token(trusted: Publisher) -> None:
    """A refusal of GitHub's is told apart from one of the registry's."""
    trusted.local.npm.trust(trusted.name, WORKFLOW)
    trusted.local.fault("oidc", "GET", "/token", Fault("status", status=403, body={"message": "no"}))
    with pytest.raises(CredentialError) as raised:
        trusted.publish("1.1.0")
    assert "GitHub gave the job no id token" in raised.value.why


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_publish_that_trust_may_not_do(trusted: Publisher, status: int) -> None:
    """No token is blamed where there is none: the publisher's settings are named, with npm's own words."""
    trusted.local.npm.trust(trusted.name, WORKFLOW)
    trusted.local.fault("npm", "PUT", f"/{trusted.name}", Fault("status", status=status, body={"error": "Not so"}))
    with pytest.raises(CredentialError) as raised:
        trusted.publish("1.1.0")
    assert f"Trusted publishing of {trusted.name} was refused." in str(raised.value)
    assert f"(E{status})" in raised.value.why
    assert status == 401 or "Not so" in raised.value.why
    assert "repository chittyos/hello, workflow deploy.yml" in raised.value.fix


def test_a_tag_that_trust_may_not_move(trusted: Publisher) -> None:
    """The version is out and stays out; the note has the command that a person runs."""
    trusted.local.npm.trust(trusted.name, WORKFLOW)
    trusted.publish("1.1.0", dist_tag="next")
    trusted.local.fault("npm", "PUT", "/-/package/*", Fault("status", status=403, body={"error": "not allowed"}))
    result = trusted.publish("1.1.0")
    assert result.status is Status.ALREADY
    assert f"`npm dist-tag add {trusted.name}@1.1.0 latest`" in result.notes[0]


def test_a_token_wins_over_the_identity(trusted: Publisher) -> None:
    """npm would try the identity first; with a token at hand it never sees one."""
    trusted.local.npm.trust(trusted.name, WORKFLOW)
    trusted.token = trusted.local.npm_token
    trusted.publish("1.1.0")
    by = [entry["by"] for entry in trusted.local.npm.published() if entry["name"] == trusted.name]
    assert by == ["chitty", "chitty"]
    assert trusted.local.requests("oidc") == []


def test_provenance_is_never_decided_by_npm(trusted: Publisher) -> None:
    """For a public repository npm would go to Sigstore by itself; here it goes only where everything fits."""
    trusted.local.npm.trust(trusted.name, WORKFLOW)
    trusted.local.claims["repository_visibility"] = "public"
    trusted.environ["HTTPS_PROXY"] = trusted.local.proxy_url
    assert trusted.publish("1.1.0").status is Status.PUBLISHED
    assert not any("sigstore" in entry["path"] for entry in trusted.local.requests("proxy"))


def test_provenance_as_it_is_told(trusted: Publisher) -> None:
    """npm asks Sigstore for a certificate (which no test reaches); without an id token it is refused before."""
    trusted.environ |= {"HTTPS_PROXY": trusted.local.proxy_url, "GITHUB_SERVER_URL": "https://github.com"}
    trusted.token = trusted.local.npm_token
    with pytest.raises(ServiceError):
        trusted.publish("1.2.0", provenance="true", access="public")
    assert any("sigstore" in entry["path"] for entry in trusted.local.requests("proxy"))
    trusted.environ.pop("ACTIONS_ID_TOKEN_REQUEST_URL")
    with pytest.raises(CredentialError, match="Provenance needs an id token"):
        trusted.publish("1.2.0", fields={"publishConfig": {"provenance": True}})
    assert trusted.versions == ["1.0.0"]


@pytest.mark.parametrize(
    "repository, package, registry, expected",
    [
        ({"private": False}, {}, "", True),
        ({"private": False}, {"provenance": False}, "", False),
        ({"private": True}, {}, "", False),
        ({}, {}, "", False),
        ({"private": False}, {}, "https://npm.example/", False),
    ],
)
def test_when_provenance_goes_by_itself(
    tmp_path: Path, repository: dict[str, bool], package: dict[str, bool], registry: str, expected: bool
) -> None:
    """`auto` needs a public repository, a public package and npm's own registry, and the package may say no."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"repository": repository}), "utf-8")
    environ = {**ENVIRONMENT, **dict.fromkeys(IDENTITY, "x"), "GITHUB_EVENT_PATH": str(event)}
    cli = the_npm()
    registry = registry or default_registry(cli, environ)
    manifest = PackageJson("hello", "1.0.0", package)
    assert Identity("", "auto", environ).provenance(cli, registry, manifest, public=lambda: True) is expected
    assert not Identity("", "auto", environ).provenance(cli, registry, manifest, public=lambda: False)
