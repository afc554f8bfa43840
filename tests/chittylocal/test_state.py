"""The state folder: what survives, what is written down, and what never is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

from chittylocal import Local

DEPLOY = {"type": "cloudflare_workers_deploy", "context": {"service": "hello"}}


def provision(local: Local, web: requests.Session, key: str) -> dict[str, str]:
    """A Cloudflare token by API key."""
    url = f"{local.env()['CHITTYCONNECT_URL']}/api/credentials/provision"
    answer = web.post(url, json=DEPLOY, headers={"X-ChittyOS-API-Key": key})
    credential: dict[str, str] = answer.json()["credential"]
    return credential


def test_a_folder_that_is_opened_again_continues(tmp_path: Path, web: requests.Session) -> None:
    """Leases, API keys, heartbeats and comments of last time are there; a token that was live still is."""
    with Local(tmp_path / "state") as first:
        credential, key = provision(first, web, first.api_key), first.api_key
        first.github.add_comment("chittyos/hello", 7, "kept")
        beat = {"status": "healthy", "version": "1"}
        heartbeat = f"{first.env()['CHITTYREGISTRY_URL']}/api/services/hello/heartbeat"
        web.post(heartbeat, json=beat, headers={"Authorization": "Bearer x"})
    with Local(tmp_path / "state") as second:
        assert second.state.token_is_live(credential["value"])
        assert provision(second, web, key)["token_id"] != credential["token_id"]
        assert second.leases()[0]["token_id"] == credential["token_id"]
        assert second.heartbeats()["hello"]["version"] == "1"
        comment = second.github.comments("chittyos/hello", 7)[0]
        assert comment["body"] == "kept"
        assert second.github.add_comment("chittyos/hello", 7, "next")["id"] > comment["id"]
        assert len(second.requests()) == 1
    lines = (tmp_path / "state/requests.ndjson").read_text("utf-8").splitlines()
    assert [json.loads(line)["path"] for line in lines] == [
        "/api/credentials/provision",
        "/api/services/hello/heartbeat",
        "/api/credentials/provision",
    ]


def test_every_request_is_written_down(local: Local, web: requests.Session) -> None:
    """Service, method, the path within the service, status, time, duration and the kind of credential."""
    web.get(f"{local.url}/registry/api/services/nobody?page=2&code=hunter22")
    (entry,) = local.requests()
    assert entry | {"at": "", "duration_ms": 0} == {
        "service": "registry", "method": "GET", "path": "/api/services/nobody", "query": {"page": "2", "code": "…"},
        "status": 404, "fault": None, "auth": None, "at": "", "duration_ms": 0,
    }  # fmt: skip
    assert entry["at"].endswith("Z")


def test_no_secret_is_in_the_folder(local: Local, web: requests.Session) -> None:
    """After every way of getting a credential, no file holds a value, a key, a request token or an id token."""
    for name in ("CLOUDFLARE_API_TOKEN", "NPM_TOKEN", "GITHUB_TOKEN", "NOTION_TOKEN"):
        local.issue_as[name] = f"canary-{name}"
    env = local.env("both")
    bearer = {"Authorization": f"Bearer {env['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"}
    url = f"{env['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience=https://connect.chitty.cc"
    token = web.get(url, headers=bearer).json()["value"]
    connect = env["CHITTYCONNECT_URL"]
    key = {"Authorization": f"Bearer {local.api_key}"}
    web.post(
        f"{connect}/api/github-actions/credentials",
        json={"credentials": ["NOTION_TOKEN"]},
        headers={"Authorization": f"Bearer {token}"},
    )
    web.post(f"{connect}/credentials/deploy", json={"service": "hello"}, headers=key)
    provision(local, web, local.api_key)
    assert len(local.leases()) == 5
    written = "".join(path.read_text("utf-8") for path in local.state.folder.rglob("*") if path.is_file())
    secrets = [token, local.api_key, local.inactive_api_key, local.request_token, local.cloudflare_token, "canary-"]
    assert [secret for secret in secrets if secret in written] == []


def test_secrets_can_be_chosen(web: requests.Session) -> None:
    """Canaries for the two identities."""
    with Local(api_key="canary-key", request_token="canary-request") as local:
        assert local.env("oidc")["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] == "canary-request"
        assert provision(local, web, "canary-key")["value"]


def test_callers_may_bring_their_own_cloudflare_token(local: Local) -> None:
    """A long-lived token is live without a lease of its own in the list."""
    assert local.state.token_is_live(local.cloudflare_token)
    assert not local.state.token_is_live("made-up")
    assert local.leases() == []


def test_an_expired_token_is_dead(local: Local) -> None:
    """A lease ends by itself."""
    local.state.leases.add("short-lived", name="CLOUDFLARE_API_TOKEN", kind="deploy", way="deploy", ttl=-1)
    assert not local.state.token_is_live("short-lived")


def test_a_temporary_folder_goes_with_the_backend() -> None:
    """Without `state` nothing is left."""
    with Local() as local:
        folder = local.state.folder
        assert folder.is_dir()
        certificate = local.ca_file
    assert not folder.exists()
    assert not certificate.exists()


def test_hosts_that_are_not_the_services_are_the_edge(local: Local, web: requests.Session) -> None:
    """A Worker's host name never reaches a service, whatever the path."""
    answer = web.get(f"{local.url}/registry/health", headers={"Host": "nobody.acme.workers.dev"})
    assert answer.status_code >= 400
    (entry,) = local.requests()
    assert (entry["service"], entry["host"], entry["path"]) == ("edge", "nobody.acme.workers.dev", "/registry/health")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:1234", "LOCALHOST", "[::1]:80"])
def test_names_of_this_machine_are_the_services(local: Local, web: requests.Session, host: str) -> None:
    """With a port and without, in any case."""
    assert web.get(f"{local.url}/registry/health", headers={"Host": host}).status_code == 200


def test_unknown_paths_are_told(local: Local, web: requests.Session) -> None:
    """A path of no service is a 404 that is written down too."""
    assert web.get(f"{local.url}/nowhere").status_code == 404
    assert [entry["service"] for entry in local.requests()] == ["unknown"]


def test_a_taken_port_is_an_error(local: Local) -> None:
    """Two backends can't share a port, and the second leaves nothing behind."""
    port = int(local.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"), Local(port=port):
        pass


def test_a_folder_has_one_backend_at_a_time(tmp_path: Path) -> None:
    """Two would overwrite each other's leases; after the first is gone the folder is free."""
    with Local(tmp_path), pytest.raises(OSError, match="another backend is using"), Local(tmp_path):
        pass
    with Local(tmp_path):
        pass


def test_a_behaviour_that_does_not_exist() -> None:
    """The message names the choices."""
    with pytest.raises(ValueError, match="named or today"):
        Local(behaviour="tomorrow")
