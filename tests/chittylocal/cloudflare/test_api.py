"""The API's contract, without workerd: who may ask, what is refused with which code, what a version inherits."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from chittylocal import Local

SECRET = {"name": "SECRET", "type": "secret_text", "text": "canary-of-the-first-version"}
KEEP = ["secret_text", "secret_key"]


def traffic(api: Any, script: str = "hello") -> list[dict[str, Any]]:
    deployment = api.call("GET", f"/workers/scripts/{script}/deployments").result["deployments"][0]
    return list(deployment["versions"])


def test_a_token_that_was_not_issued_here_is_refused(api: Any) -> None:
    """Every route answers 403 and 10000 to a token that is unknown or was revoked."""
    reply = api.call("GET", "/workers/scripts", token="stranger")

    assert (reply.status, reply.code) == (403, 10000)
    assert reply.body["errors"][0]["message"] == "Authentication error"


def test_a_lease_is_a_token_until_it_is_revoked(api: Any) -> None:
    """What ChittyConnect issued works here, and stops working the moment it is revoked there."""
    value = provision(api.local)
    assert api.call("GET", "/workers/scripts", token=value).result == []
    assert api.call("GET", "//user/tokens/verify", token=value).result["id"]

    revoke(api.local, api.local.state.leases.find(value, "CLOUDFLARE_API_TOKEN")["token_id"])

    assert api.call("GET", "/workers/scripts", token=value).code == 10000


def connect(local: Local, method: str, path: str, given: dict[str, Any]) -> Any:
    body = json.dumps(given).encode()
    headers = {"X-ChittyOS-API-Key": local.api_key, "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{local.url}/connect{path}", body, headers, method=method)
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)


def provision(local: Local) -> str:
    context = {"service": "hello", "purpose": "deploy", "repo": "chittyos/hello", "run_id": "1"}
    given = {"type": "cloudflare_workers_deploy", "context": context}
    return str(connect(local, "POST", "/api/credentials/provision", given)["credential"]["value"])


def revoke(local: Local, token_id: str) -> None:
    connect(local, "DELETE", "/api/credentials/revoke", {"token_id": token_id})


def test_the_token_verifies_and_leads_to_the_account(api: Any) -> None:
    """A client finds the account by its token, as wrangler does without an account id."""
    assert api.call("GET", "//user/tokens/verify").result["status"] == "active"
    assert [account["id"] for account in api.call("GET", "//accounts").result] == [api.local.account_id]
    assert api.call("GET", "//memberships").result[0]["account"]["id"] == api.local.account_id


def test_another_account_is_refused(api: Any) -> None:
    """An account id that isn't the token's fails, it does not answer with an empty account."""
    assert api.call("GET", "//accounts/" + "0" * 32 + "/workers/scripts").code == 9109


def test_a_route_that_nobody_serves_says_so_and_is_remembered(api: Any) -> None:
    """A tool that calls something new is noticed: the refusal names the route, and the view lists it."""
    reply = api.call("POST", "/workers/brand-new")

    assert (reply.status, reply.code) == (404, 7000)
    assert "POST /accounts/" in reply.body["errors"][0]["message"]
    assert api.local.cloudflare.unknown == [f"POST /accounts/{api.local.account_id}/workers/brand-new"]


@pytest.mark.parametrize(
    "path, code",
    [
        ("/workers/services/ghost", 10090),
        ("/workers/workers/ghost", 10007),
        ("/workers/scripts/ghost/deployments", 10007),
        ("/workers/scripts/ghost/settings", 10007),
        ("/workers/scripts/ghost/versions", 10007),
    ],
)
def test_a_worker_that_does_not_exist_is_refused_with_its_route_s_code(api: Any, path: str, code: int) -> None:
    """wrangler tells a first deploy by exactly these codes."""
    reply = api.call("GET", path)

    assert (reply.status, reply.code) == (404, code)


def test_a_version_of_a_worker_that_does_not_exist_is_refused(api: Any) -> None:
    """Only the upload that deploys makes a Worker."""
    assert api.upload("hello").code == 10007


def test_an_upload_that_deploys_makes_the_worker_with_its_first_version(api: Any) -> None:
    """The first deploy is seen by every read: service, deployment with all traffic, version with its resources."""
    version = api.deploy("hello", annotations={"workers/message": "first"})

    assert api.call("GET", "/workers/services/hello").result["default_environment"]["script"]["tag"]
    assert traffic(api) == [{"version_id": version, "percentage": 100}]
    shown = api.call("GET", f"/workers/scripts/hello/versions/{version}").result
    assert (shown["number"], shown["annotations"]["workers/message"]) == (1, "first")
    assert shown["resources"]["script_runtime"]["compatibility_date"] == "2026-10-01"
    assert api.local.deployments("hello") == api.local.cloudflare.deployments("hello")


def test_a_version_takes_no_traffic_until_it_is_deployed(api: Any) -> None:
    """An upload leaves what serves; a deployment moves it, and the list has the newest first."""
    old = api.deploy("hello")
    new = api.upload("hello").result["id"]
    assert traffic(api) == [{"version_id": old, "percentage": 100}]

    api.give_traffic("hello", {new: 0, old: 100}).accepted()
    api.give_traffic("hello", {new: 25.5, old: 74.5}).accepted()

    assert traffic(api) == [{"version_id": new, "percentage": 25.5}, {"version_id": old, "percentage": 74.5}]
    assert api.local.cloudflare.traffic("hello") == {new: 25.5, old: 74.5}
    assert len(api.local.cloudflare.deployments("hello")) == 3


@pytest.mark.parametrize(
    "shares, code",
    [
        ({}, 10216),
        ({"old": 60, "new": 30}, 10217),
        ({"old": 120, "new": -20}, 10217),
        ({"00000000-0000-4000-8000-000000000000": 100}, 100146),
        ({"old": 50, "new": 25, "newest": 25}, 10216),
    ],
)
def test_a_deployment_that_makes_no_sense_changes_nothing(api: Any, shares: dict[str, float], code: int) -> None:
    """Shares have to be of one or two known versions and make 100 together."""
    known = {"old": api.deploy("hello"), "new": api.upload("hello").result["id"]}
    known["newest"] = api.upload("hello").result["id"]

    reply = api.give_traffic("hello", {known.get(name, name): share for name, share in shares.items()})

    assert reply.code == code
    assert traffic(api) == [{"version_id": known["old"], "percentage": 100}]


def test_secrets_are_inherited_and_their_values_never_shown(api: Any) -> None:
    """`keep_bindings` carries secrets from version to version; nothing gives a value back or writes it in clear."""
    api.deploy("hello", bindings=[SECRET])
    kept = api.upload("hello", keep_bindings=KEEP).result
    inherited = api.upload("hello", bindings=[{"name": "SECRET", "type": "inherit"}]).result
    dropped = api.upload("hello").result

    shown = {"name": "SECRET", "type": "secret_text"}
    assert kept["resources"]["bindings"] == inherited["resources"]["bindings"] == [shown]
    assert dropped["resources"]["bindings"] == []
    folder = api.local.state.folder
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert not [path for path in files if SECRET["text"].encode() in path.read_bytes()]
    assert {path.stat().st_mode & 0o777 for path in files if path.name.startswith("secrets")} == {0o600}


def test_a_binding_that_cannot_be_inherited_is_refused(api: Any) -> None:
    """`inherit` of a binding that the latest version lacks fails the upload (10057), which leaves no version."""
    api.deploy("hello")

    assert api.upload("hello", bindings=[{"name": "MISSING", "type": "inherit"}]).code == 10057
    assert len(api.local.cloudflare.versions("hello")) == 1


def test_putting_a_secret_makes_and_deploys_a_version(api: Any) -> None:
    """A secret edit is a deployment that no gate has seen, and is refused while a newer version waits (10215)."""
    old = api.deploy("hello")
    assert api.call("PUT", "/workers/scripts/hello/secrets", SECRET).result == {"name": "SECRET", "type": "secret_text"}
    new = traffic(api)[0]["version_id"]
    assert new != old
    assert api.call("GET", "/workers/scripts/hello/secrets").result == [{"name": "SECRET", "type": "secret_text"}]

    api.upload("hello", keep_bindings=KEEP)

    assert api.call("PUT", "/workers/scripts/hello/secrets", SECRET).code == 10215
    assert api.call("PATCH", "/workers/scripts/hello/secrets-bulk", {"secrets": {"SECRET": None}}).code == 10215


def test_going_back_over_a_changed_secret_needs_force(api: Any) -> None:
    """An older version with another secret is refused and the secret named (10220); `force` deploys it."""
    old = api.deploy("hello", bindings=[SECRET])
    new = api.upload("hello", bindings=[{**SECRET, "text": "another-value"}]).result["id"]
    api.give_traffic("hello", {new: 100}).accepted()

    refused = api.give_traffic("hello", {old: 100})

    assert refused.code == 10220
    assert refused.body["errors"][0]["message"].endswith("The following secrets have changed: SECRET")
    api.give_traffic("hello", {old: 100}, "?force=true").accepted()
    assert traffic(api) == [{"version_id": old, "percentage": 100}]


def test_migrations_are_applied_by_a_deploy_only_and_close_the_way_back(api: Any) -> None:
    """The tag is given back, a version upload with a migration is refused (10211), so is a rollback across one."""
    counter = {"name": "COUNTER", "type": "durable_object_namespace", "class_name": "Counter"}
    migration = {"new_tag": "v1", "steps": [{"new_sqlite_classes": ["Counter"]}]}
    old = api.deploy("hello")
    assert api.upload("hello", migrations=migration).code == 10211
    assert api.upload("hello", bindings=[counter]).code == 10061

    api.deploy("hello", bindings=[counter], migrations=migration)

    script = api.call("GET", "/workers/services/hello").result["default_environment"]["script"]
    assert script["migration_tag"] == "v1"
    assert api.give_traffic("hello", {old: 100}).code == 10210
    assert api.upload("hello", bindings=[counter]).result["metadata"]["has_preview"] is False
    again = api.upload("hello", deploy=True, migrations={"old_tag": "v0", "new_tag": "v2", "steps": []})
    assert (again.status, again.code) == (412, 10079)


def test_a_custom_domain_of_another_worker_is_taken_over_only_when_asked(api: Any) -> None:
    """Asking (changeset) changes nothing; attaching conflicts, unless the origin may be overridden."""
    api.deploy("first")
    api.deploy("second")
    records, wanted = "/workers/scripts/{}/domains/records", [{"hostname": "api.example.com"}]
    api.call("PUT", records.format("first"), {"origins": wanted}).accepted()

    asked = api.call("POST", "/workers/scripts/second/domains/changeset?replace_state=true", wanted).result
    assert [(item["service"], item["modified"]) for item in asked["updated"]] == [("first", True)]
    refused = api.call("PUT", records.format("second"), {"origins": wanted})
    assert (refused.status, refused.code) == (409, 100116)
    assert [domain["service"] for domain in api.local.cloudflare.domains()] == ["first"]

    api.call("PUT", records.format("second"), {"origins": wanted, "override_existing_origin": True}).accepted()
    assert [domain["service"] for domain in api.call("GET", "/workers/domains?hostname=api.example.com").result] == [
        "second"
    ]


def test_attaching_a_domain_moves_it_and_detaching_frees_it(api: Any) -> None:
    """The direct request takes a name from its Worker without a question: who calls it has to look first."""
    api.deploy("first")
    api.deploy("second")
    for service in ("first", "second"):
        api.call("PUT", "/workers/domains", {"hostname": "api.example.com", "service": service}).accepted()

    (domain,) = api.call("GET", "/workers/domains?hostname=api.example.com").result
    assert (domain["service"], domain["zone_name"]) == ("second", "example.com")
    given = {"hostname": "api.example.com", "service": "first", "override_existing_origin": False}
    assert api.call("PUT", "/workers/domains", given).code == 100116
    api.call("DELETE", f"/workers/domains/{domain['id']}").accepted()
    assert api.local.cloudflare.domains() == []


def test_a_route_leads_to_one_worker(api: Any) -> None:
    """A zone is found by its name alone, a pattern is taken once (10020), and replacing routes is per Worker."""
    api.deploy("first")
    api.deploy("second")
    assert api.call("GET", "//zones?name=api.example.com").result == []
    zone = api.call("GET", "//zones?name=example.com").result[0]["id"]
    route = {"pattern": "api.example.com/*", "script": "first"}
    api.call("POST", f"//zones/{zone}/workers/routes", route).accepted()

    assert api.call("PUT", "/workers/scripts/second/routes", [{"pattern": route["pattern"]}]).code == 10020
    api.call("PUT", "/workers/scripts/second/routes", [{"pattern": "example.com/shop*"}]).accepted()

    patterns = {item["pattern"]: item["script"] for item in api.call("GET", f"//zones/{zone}/workers/routes").result}
    assert patterns == {"api.example.com/*": "first", "example.com/shop*": "second"}


def test_schedules_settings_and_subdomain_are_kept(api: Any) -> None:
    """What isn't versioned is read back as it was set; previews follow workers.dev unless they are named."""
    api.deploy("hello")
    api.call("PUT", "/workers/scripts/hello/schedules", [{"cron": "*/5 * * * *"}]).accepted()
    api.call("PATCH", "/workers/scripts/hello/script-settings", {"tags": ["cf:service=hello"]}).accepted()
    subdomain = api.call("POST", "/workers/scripts/hello/subdomain", {"enabled": False}).result

    assert subdomain == {"enabled": False, "previews_enabled": False}
    assert api.local.cloudflare.schedules("hello") == ["*/5 * * * *"]
    assert api.call("GET", "/workers/scripts/hello/script-settings").result["tags"] == ["cf:service=hello"]
    worker = api.call("GET", "/workers/workers/hello").result
    assert worker["subdomain"]["preview_url_suffix"] == "-hello.chittylocal.workers.dev"


def test_a_state_folder_that_is_opened_again_holds_everything(api: Any, tmp_path: Path) -> None:
    """Versions, traffic and secrets survive the process."""
    old = api.deploy("hello", bindings=[SECRET])
    new = api.upload("hello", keep_bindings=KEEP).result["id"]
    api.give_traffic("hello", {old: 90, new: 10}).accepted()
    before = api.local.cloudflare.versions("hello")
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in sorted(api.local.state.folder.rglob("*")):
        target = copy / path.relative_to(api.local.state.folder)
        target.mkdir() if path.is_dir() else target.write_bytes(path.read_bytes())

    with Local(copy) as again:
        assert again.cloudflare.versions("hello") == before
        assert again.cloudflare.traffic("hello") == {old: 90, new: 10}


@pytest.mark.parametrize(
    "metadata, status, code",
    [({"main_module": "other.js"}, 400, 10021), ({"main_module": None}, 400, 10021)],
)
def test_an_upload_without_its_main_module_is_refused(
    api: Any, metadata: dict[str, Any], status: int, code: int
) -> None:
    """The metadata has to name a module that is there."""
    reply = api.upload("hello", deploy=True, **metadata)

    assert (reply.status, reply.code) == (status, code)
    assert api.local.cloudflare.scripts() == []


def test_a_body_that_is_no_form_is_refused(api: Any) -> None:
    """A JSON body and a form that breaks off are refused with a reason, not a crash."""
    assert api.call("PUT", "/workers/scripts/hello", {"no": "form"}).status == 415
    cut = (b"--x\r\nContent-Disposition: form-data; name=metadata\r\n\r\n{}", "multipart/form-data; boundary=x")
    assert api.call("PUT", "/workers/scripts/hello", cut).code == 10002


def test_requests_are_noted_without_what_they_carry(api: Any) -> None:
    """The backend's log has the API's routes and statuses, and neither token nor secret."""
    api.deploy("hello", bindings=[SECRET])

    noted = json.dumps(api.local.requests("cloudflare"))
    assert f"/accounts/{api.local.account_id}/workers/scripts/hello" in noted
    assert SECRET["text"] not in noted
    assert api.local.cloudflare_token not in noted
