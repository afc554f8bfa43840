"""TLS with good and bad certificates, and the forward proxy."""

from __future__ import annotations

import pytest
import requests

from chittylocal import Fault, Local


def test_tls_with_a_certificate_that_the_ca_file_vouches_for(local: Local, web: requests.Session) -> None:
    """The same services over TLS, for whoever trusts the authority and nobody else."""
    url = f"{local.tls_url}/registry/health"
    assert web.get(url, verify=str(local.ca_file)).json()["status"] == "ok"
    with pytest.raises(requests.exceptions.SSLError, match=r"self-signed|unable to get local issuer"):
        web.get(url)


@pytest.mark.parametrize(
    "flaw, complaint",
    [
        ("untrusted", "unable to get local issuer|self-signed"),
        ("expired", "certificate has expired"),
        ("wrong-host", "doesn't match|Hostname mismatch"),
    ],
)
def test_bad_certificates(local: Local, web: requests.Session, flaw: str, complaint: str) -> None:
    """Each flaw is found by a client that trusts the authority."""
    with pytest.raises(requests.exceptions.SSLError, match=complaint):
        web.get(local.bad_tls(flaw), verify=str(local.ca_file))
    assert local.requests() == []


@pytest.mark.parametrize("kind", ["reset", "truncated", "close"])
def test_faults_reach_through_tls(local: Local, web: requests.Session, kind: str) -> None:
    """What goes wrong without TLS goes wrong with it."""
    local.fault("registry", "*", "*", Fault(kind))
    with pytest.raises(requests.RequestException):
        web.get(f"{local.tls_url}/registry/health", verify=str(local.ca_file), timeout=5)


@pytest.mark.parametrize("scheme, method", [("https", "CONNECT"), ("http", "GET")])
def test_the_proxy_tunnels_and_forwards(local: Local, web: requests.Session, scheme: str, method: str) -> None:
    """A name that only the proxy knows is answered by the backend, and the proxy's log has it."""
    proxies = {"http": local.proxy_url, "https": local.proxy_url}
    url = f"{scheme}://chittylocal.test/registry/health"
    assert web.get(url, proxies=proxies, verify=str(local.ca_file)).json()["status"] == "ok"
    (passed,) = local.requests("proxy")
    assert (passed["method"], passed["path"].partition(":")[0], passed["status"]) == (method, "chittylocal.test", 200)
    assert [entry["path"] for entry in local.requests("registry")] == ["/health"]


def test_a_body_goes_through_the_proxy(local: Local, web: requests.Session) -> None:
    """A POST in absolute form arrives whole."""
    event = {"name": "hello", "event": "x" * 200_000}
    proxies = {"http": local.proxy_url}
    assert web.post(f"{local.url}/beacon/track", json=event, proxies=proxies, timeout=5).json() == {"status": "ok"}
    assert local.events()[0]["event"] == event["event"]


def test_the_proxy_reaches_this_machine_only(local: Local, web: requests.Session) -> None:
    """Any other host is a 502, so no test can reach the internet by it."""
    answer = web.get("http://example.com/", proxies={"http": local.proxy_url}, timeout=5)
    assert answer.status_code == 502


def test_a_proxy_that_refuses(local: Local, web: requests.Session) -> None:
    """A fault over `proxy` refuses the tunnel."""
    local.fault("proxy", "CONNECT", "*", Fault("status", status=407))
    with pytest.raises(requests.exceptions.ProxyError, match="407"):
        web.get("https://chittylocal.test/", proxies={"https": local.proxy_url}, timeout=5)


def test_the_proxy_notes_whether_it_was_authorized(local: Local, web: requests.Session) -> None:
    """That credentials for the proxy came, and not which."""
    proxy = local.proxy_url.replace("http://", "http://user:hunter22@")
    web.get(f"{local.url}/registry/health", proxies={"http": proxy}, timeout=5)
    (passed,) = local.requests("proxy")
    assert passed["authorized"] is True
    assert "hunter22" not in (local.state.folder / "requests.ndjson").read_text("utf-8")
