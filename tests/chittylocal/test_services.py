"""Registry, beacon and router, as named and as today."""

from __future__ import annotations

import requests

from chittylocal import Local

BEARER = {"Authorization": "Bearer some-register-token"}


def test_a_heartbeat_registers_the_service(local: Local, web: requests.Session) -> None:
    """What was sent can be asked for, by the service's route and in the list of tools."""
    base = local.env()["CHITTYREGISTRY_URL"]
    beat = {"status": "healthy", "version": "1.2.3"}
    assert web.post(f"{base}/api/services/hello/heartbeat", json=beat, headers=BEARER).status_code == 200
    assert web.get(f"{base}/api/services/hello").json()["version"] == "1.2.3"
    assert [tool["name"] for tool in web.get(f"{base}/api/v1/tools").json()["tools"]] == ["hello"]
    assert local.heartbeats()["hello"]["status"] == "healthy"


def test_a_heartbeat_needs_a_token_and_a_status(local: Local, web: requests.Session) -> None:
    """401 without a bearer, 400 without the fields."""
    url = f"{local.env()['CHITTYREGISTRY_URL']}/api/services/hello/heartbeat"
    assert web.post(url, json={"status": "healthy", "version": "1"}).status_code == 401
    assert web.post(url, json={}, headers=BEARER).status_code == 400


def test_todays_registry_is_read_only_and_knows_no_services(today: Local, web: requests.Session) -> None:
    """401 READ_ONLY for a heartbeat; 404 with the endpoints that exist for a service."""
    base = today.env()["CHITTYREGISTRY_URL"]
    refused = web.post(f"{base}/api/services/hello/heartbeat", json={}, headers=BEARER)
    assert (refused.status_code, refused.json()["error"]) == (401, "READ_ONLY")
    missing = web.get(f"{base}/api/services/hello")
    assert missing.status_code == 404
    assert "GET /health" in missing.json()["availableEndpoints"]
    assert web.get(f"{base}/health").json()["status"] == "ok"


def test_an_unregistered_service_is_not_a_missing_route(local: Local, web: requests.Session) -> None:
    """Both are 404, and only one lists the endpoints."""
    answer = web.get(f"{local.env()['CHITTYREGISTRY_URL']}/api/services/nobody")
    assert (answer.status_code, answer.json()["error"]) == (404, "SERVICE_NOT_FOUND")


def test_the_beacon_keeps_events(local: Local, web: requests.Session) -> None:
    """An event is kept as it was sent; what is no JSON object is refused in plain text."""
    url = f"{local.env()['CHITTYBEACON_URL']}/track"
    assert web.post(url, json={"name": "hello", "event": "deploy"}).json() == {"status": "ok"}
    refused = web.post(url, data="{")
    assert (refused.status_code, refused.text) == (400, "Bad Request")
    assert [(event["name"], event["event"]) for event in local.events()] == [("hello", "deploy")]


def test_the_router_has_the_routes_of_the_state_folder(local: Local, today: Local, web: requests.Session) -> None:
    """Known domains have routes; today there is no such endpoint."""
    for backend in (local, today):
        backend.state.write("router", {"hello.chitty.cc": {"service": "hello"}})
    found = web.get(f"{local.env()['CHITTYROUTER_URL']}/api/routes/hello.chitty.cc")
    assert found.json() == {"domain": "hello.chitty.cc", "service": "hello"}
    unknown = web.get(f"{local.env()['CHITTYROUTER_URL']}/api/routes/other.chitty.cc")
    assert (unknown.status_code, unknown.json()["error"]) == (404, "ROUTE_NOT_FOUND")
    missing = web.get(f"{today.env()['CHITTYROUTER_URL']}/api/routes/hello.chitty.cc")
    assert (missing.status_code, missing.text) == (404, "404 Not Found")
