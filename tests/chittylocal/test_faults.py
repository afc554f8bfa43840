"""Each fault, seen from the other end of the wire."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from chittylocal import Fault, Local
from chittylocal.faults import parse_fault

PROVISION = "/api/credentials/provision"
REQUEST = f"POST /connect{PROVISION} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode()
BODY = {"type": "cloudflare_workers_deploy", "context": {"service": "hello"}}


def provision(local: Local, web: requests.Session, **how: Any) -> requests.Response:
    """The request that the faults here are laid over."""
    headers = {"X-ChittyOS-API-Key": local.api_key}
    how.setdefault("timeout", 5)
    return web.post(f"{local.env()['CHITTYCONNECT_URL']}{PROVISION}", json=BODY, headers=headers, **how)


def lay(local: Local, kind: str, **options: Any) -> None:
    """Lay a fault over it."""
    local.fault("connect", "POST", PROVISION, Fault(kind, **options))


def raw(local: Local, seconds: float = 0.5) -> bytes:
    """What arrives on a bare socket until it is closed or `seconds` have passed without a byte."""
    place = urlsplit(local.url)
    with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=5) as connection:
        connection.sendall(REQUEST)
        connection.settimeout(seconds)
        received = b""
        try:
            while data := connection.recv(65536):
                received += data
        except TimeoutError:
            return received + b"<silence>"
        return received + b"<end>"


def test_a_status_with_headers_and_body(local: Local, web: requests.Session) -> None:
    """The answer is what the fault says, to the letter."""
    lay(local, "status", status=429, headers={"Retry-After": "2"}, body={"error": "Rate limit exceeded"})
    answer = provision(local, web)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    assert answer.json() == {"error": "Rate limit exceeded"}
    assert local.leases() == []


def test_a_held_request_goes_through_when_the_faults_are_cleared(local: Local, web: requests.Session) -> None:
    """It has no effect while it is held, and its own answer afterwards."""
    lay(local, "hold", times=1)
    answers: list[int] = []
    caller = threading.Thread(target=lambda: answers.append(provision(local, web, timeout=30).status_code))
    caller.start()
    while not local.held("connect"):
        time.sleep(0.01)
    assert local.leases() == []
    local.clear_faults()
    caller.join()
    assert answers == [200]
    assert len(local.leases()) == 1
    assert local.held("connect") == 0


def test_a_fault_is_spent(local: Local, web: requests.Session) -> None:
    """`times` requests are hit after `skip` passed, and then all is well."""
    lay(local, "status", status=503, times=2, skip=1)
    statuses = [provision(local, web).status_code for _ in range(5)]
    assert statuses == [200, 503, 503, 200, 200]


def test_faults_hit_what_they_match(local: Local, web: requests.Session) -> None:
    """Service, method and path are patterns; the first fault laid wins; others are untouched."""
    local.fault("connect", "*", "/api/*", Fault("status", status=500))
    local.fault("*", "*", "*", Fault("status", status=502))
    assert provision(local, web).status_code == 500
    assert web.get(f"{local.url}/registry/health").status_code == 502
    local.clear_faults()
    assert web.get(f"{local.url}/registry/health").status_code == 200


def test_reset(local: Local, web: requests.Session) -> None:
    """The connection is reset after the request was read."""
    lay(local, "reset")
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        provision(local, web)


def test_close(local: Local, web: requests.Session) -> None:
    """The connection ends without a byte."""
    lay(local, "close")
    with pytest.raises(requests.ConnectionError, match="without response"):
        provision(local, web)
    assert raw(local) == b"<end>"


def test_hang(local: Local, web: requests.Session) -> None:
    """Accepted, read, never answered."""
    lay(local, "hang")
    with pytest.raises(requests.ReadTimeout):
        provision(local, web, timeout=0.3)
    assert raw(local, 0.2) == b"<silence>"


@pytest.mark.parametrize("where, start", [("body", b"drip"), ("headers", b"X-Drip: y")])
def test_drip(local: Local, where: str, start: bytes) -> None:
    """Bytes keep coming one by one: no timeout between two reads ever ends this."""
    lay(local, "drip", where=where, interval=0.01)
    place = urlsplit(local.url)
    with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=5) as connection:
        connection.sendall(REQUEST)
        pieces = [connection.recv(65536) for _ in range(30)]
    received = b"".join(pieces)
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert start in received
    assert min(map(len, pieces)) == 1
    assert (b"\r\n\r\n" in received) is (where == "body")


def test_truncated(local: Local, web: requests.Session) -> None:
    """Fewer bytes than announced."""
    lay(local, "truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        provision(local, web)
    head, _, body = raw(local).removesuffix(b"<end>").partition(b"\r\n\r\n")
    assert b"Content-Length: 4096" in head
    assert len(body) == 64


def test_html(local: Local, web: requests.Session) -> None:
    """A page where JSON was to come, with 200."""
    lay(local, "html")
    answer = provision(local, web)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_empty(local: Local, web: requests.Session) -> None:
    """200 and nothing."""
    lay(local, "empty")
    answer = provision(local, web)
    assert (answer.status_code, answer.content) == (200, b"")


def test_huge(local: Local, web: requests.Session) -> None:
    """A body far over any limit; a client that hangs up does no harm."""
    lay(local, "huge", size=8 * 1024 * 1024)
    answer = provision(local, web)
    assert len(answer.content) > 8 * 1024 * 1024
    assert answer.json()["success"] is True
    with provision(local, web, stream=True) as answer:
        assert len(answer.raw.read(1024 * 1024)) == 1024 * 1024
    local.clear_faults()
    assert provision(local, web).status_code == 200


def test_garbage(local: Local, web: requests.Session) -> None:
    """Something that is no HTTP, as from a wrong port."""
    lay(local, "garbage")
    with pytest.raises(requests.ConnectionError, match="BadStatusLine"):
        provision(local, web)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect(local: Local, web: requests.Session, status: int) -> None:
    """The other origin notes what a client carries there: here requests, which keeps an unknown header."""
    lay(local, "redirect", status=status)
    assert provision(local, web).json() == {"success": True, "origin": "elsewhere"}
    (arrived,) = local.requests("elsewhere")
    assert arrived["credentials"] == ["X-ChittyOS-API-Key"]
    assert arrived["path"] == f"/connect{PROVISION}"
    assert (arrived["method"], arrived["bytes"] > 0) == (("POST", True) if status in (307, 308) else ("GET", False))


def test_slow(local: Local, web: requests.Session) -> None:
    """The request gets through, late."""
    lay(local, "slow", delay=0.2)
    started = time.monotonic()
    assert provision(local, web).status_code == 200
    assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize("after_effect, minted", [(True, 1), (False, 0)])
def test_a_lost_answer(local: Local, web: requests.Session, after_effect: bool, minted: int) -> None:
    """With `after_effect` the credential exists although nobody heard of it."""
    lay(local, "reset", after_effect=after_effect)
    with pytest.raises(requests.ConnectionError):
        provision(local, web)
    assert len(local.leases()) == minted


def test_nobody_listens(local: Local, web: requests.Session) -> None:
    """The closed port refuses."""
    with pytest.raises(requests.ConnectionError, match="refused"):
        web.get(local.closed_url, timeout=5)


def test_a_port_that_opens_late(local: Local, web: requests.Session) -> None:
    """Refused at first, served after a while: what a retry of a refused connection is for."""
    url = local.late_url(0.3)
    with pytest.raises(requests.ConnectionError, match="refused"):
        web.get(url, timeout=5)
    deadline = time.monotonic() + 5
    answer = None
    while answer is None and time.monotonic() < deadline:
        with contextlib.suppress(requests.ConnectionError):
            answer = web.get(f"{url}/registry/health", timeout=5)
    assert answer is not None
    assert answer.status_code == 200


def test_a_port_that_never_connects(local: Local, web: requests.Session) -> None:
    """Only a connect timeout ends this."""
    with pytest.raises(requests.ConnectTimeout):
        web.get(local.deaf_url, timeout=(0.3, 5))


@pytest.mark.parametrize("kind", ["reset", "hang", "status", "slow"])
def test_faults_are_written_down(local: Local, web: requests.Session, kind: str) -> None:
    """A request that met a fault is in the log at once, so that tries can be counted."""
    lay(local, kind, delay=0.05)
    with contextlib.suppress(requests.RequestException):
        provision(local, web, timeout=0.5)
    (entry,) = local.requests("connect")
    expected: dict[str, int | None] = {"reset": None, "hang": None, "status": 503, "slow": 200}
    assert (entry["fault"], entry["status"]) == (kind, expected[kind])


def test_stopping_does_not_wait_for_a_hanging_request(web: requests.Session) -> None:
    """The backend goes down while requests hang and drip."""
    with Local() as local:
        local.fault("*", "*", "*", Fault("hang"))
        with pytest.raises(requests.ReadTimeout):
            web.get(local.url, timeout=0.1)
        place = urlsplit(local.url)
        with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=5) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            started = time.monotonic()
            local.__exit__(None, None, None)
            assert time.monotonic() - started < 2


def test_faults_from_another_process(local: Local, web: requests.Session) -> None:
    """The control routes lay faults and take them away, and are not in the log."""
    rule = {"service": "registry", "method": "*", "path": "*", "fault": {"kind": "status", "status": 500}}
    assert web.post(f"{local.url}/_local/faults", json=rule).status_code == 201
    assert web.get(f"{local.url}/registry/health").status_code == 500
    assert web.delete(f"{local.url}/_local/faults").status_code == 200
    assert web.get(f"{local.url}/registry/health").status_code == 200
    assert web.post(f"{local.url}/_local/faults", json={**rule, "fault": {"kind": "fire"}}).status_code == 400
    assert [entry["status"] for entry in web.get(f"{local.url}/_local/requests").json()] == [500, 200]


def test_a_spec_of_the_command_line() -> None:
    """All of it in one line."""
    spec = "connect POST /api/* status status=429 times=2 headers.Retry-After=1 after_effect=true"
    expected = Fault("status", status=429, times=2, headers={"Retry-After": "1"}, after_effect=True)
    assert parse_fault(spec) == ("connect", "POST", "/api/*", expected)


@pytest.mark.parametrize(
    "spec, complaint",
    [
        ("connect POST /x", "SERVICE METHOD PATH KIND"),
        ("connect POST /x fire", "no fault is called 'fire'"),
        ("connect POST /x status colour=red", "no option of a fault"),
        ("connect POST /x drip where=nowhere", "headers or body"),
    ],
)
def test_a_wrong_spec_says_what_is_right(spec: str, complaint: str) -> None:
    """The message names the mistake and the choices."""
    with pytest.raises(ValueError, match=complaint):
        parse_fault(spec)
