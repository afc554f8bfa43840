"""The health probe: what it learns of services that are well, ill, slow, gone, guarded, or no service at all."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from chittyactions.compliance.facts import Fact, State
from chittyactions.compliance.probe import Patience, probe
from chittyactions.compliance.repository import Health
from chittyactions.http import Client, Deadline

URL = "https://hello.chitty.cc/health"
OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"status":"ok"}'
QUICK = Patience(5.0, 3)


def answer(status: str, body: bytes = b"{}", more: str = "") -> bytes:
    """One answer as it goes over the wire."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


@contextmanager
def served(*answers: bytes | Callable[[socket.socket], None]) -> Iterator[tuple[str, list[str]]]:
    """A server that gives each connection its next answer, the last one ever after; what was asked is noted."""
    asked: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                asked.append(connection.recv(65536).decode("latin-1"))
                next_one = answers[min(len(asked), len(answers)) - 1]
                try:
                    connection.sendall(next_one) if isinstance(next_one, bytes) else next_one(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def asked_for(edge: str, patience: Patience = QUICK, waits: list[float] | None = None) -> Fact[Health]:
    """What the probe learns from the server that stands in for the service; waits are counted, not slept."""
    counted: list[float] = [] if waits is None else waits
    return probe(Client("The service", Deadline(60), environ={}), URL, patience, edge=edge, sleep=counted.append)


def problem(fact: Fact[Health]) -> str:
    """What is wrong with a service that answered."""
    assert fact.state is State.PRESENT
    assert fact.found is not None
    assert fact.found.url == URL
    return fact.found.problem


def test_a_service_that_is_well() -> None:
    """One question, with the service's own name, past every cache."""
    with served(OK) as (edge, asked):
        assert problem(asked_for(edge)) == ""
    (request,) = asked
    assert request.startswith("GET /health HTTP/1.1\r\n")
    assert "Host: hello.chitty.cc\r\n" in request
    assert "Cache-Control: no-cache" in request


@pytest.mark.parametrize(
    "sent, words",
    [
        (answer("200 OK", b'{"status":"healthy"}'), 'HTTP 200 status "healthy"'),
        (answer("200 OK", b'{"ok":true}'), "HTTP 200 ok: true and no status field"),
        (answer("200 OK", b"[1,2]"), "HTTP 200 an array of 2"),
        (answer("200 OK", b""), "HTTP 200 with an empty body"),
        (answer("200 OK", b"<html>"), "HTTP 200 with application/json, not JSON"),
        (answer("201 Created", b'{"status":"ok"}'), 'HTTP 201 status "ok"'),
        (answer("404 Not Found", b"404 Not Found"), "HTTP 404 with application/json, not JSON"),
        (answer("401 Unauthorized"), "HTTP 401 an object without a status field"),
        (answer("307 Temporary Redirect", b"", "Location: https://login.example.com/x\r\n"), "a redirect to https://login"),
    ],
)  # fmt: skip
def test_what_came_instead_is_said(sent: bytes, words: str) -> None:
    """An answer that is not the documented one is known, and not asked for again."""
    with served(sent) as (edge, asked):
        assert words in problem(asked_for(edge))
        assert len(asked) == 1


@pytest.mark.parametrize("status", ["500 Oops", "502 Bad Gateway", "503 Unavailable", "504 Timeout", "522 Timed out"])
def test_one_bad_moment_does_not_fail(status: str) -> None:
    """Known failure 25: a 5xx is asked again, 500 as well; twice is still a moment."""
    waits: list[float] = []
    with served(answer(status), answer(status), OK) as (edge, asked):
        assert problem(asked_for(edge, waits=waits)) == ""
        assert len(asked) == 3
    assert len(waits) == 2
    assert all(0 < wait <= 1 for wait in waits)


def test_a_service_that_stays_ill_fails() -> None:
    """Three times 503 is the service's own word."""
    with served(answer("503 Unavailable")) as (edge, asked):
        assert "HTTP 503" in problem(asked_for(edge))
        assert len(asked) == 3


def test_retry_after_is_heeded_where_it_fits() -> None:
    """Two seconds are waited for, an hour is not: a service is not judged by one moment all the same."""
    waits: list[float] = []
    with served(answer("503 x", more="Retry-After: 2\r\n"), OK) as (edge, _):
        assert problem(asked_for(edge, waits=waits)) == ""
    assert waits == [2.0]
    waits.clear()
    with served(answer("503 x", more="Retry-After: 30\r\n"), OK) as (edge, asked):
        assert problem(asked_for(edge, Patience(30.0, 3), waits)) == ""
        assert len(asked) == 2
    assert 0 < waits[0] <= 0.5
    with served(answer("429 x", more="Retry-After: 3600\r\n"), OK) as (edge, asked):
        assert asked_for(edge).state is State.UNKNOWN
        assert len(asked) == 1


@pytest.mark.parametrize("status", ["403 Forbidden", "429 Too Many Requests"])
def test_being_turned_away_says_nothing_of_the_service(status: str) -> None:
    """Known failure 1: a rate limit, or a guard that takes this machine for a robot, is unknown."""
    with served(answer(status)) as (edge, _):
        fact = asked_for(edge)
    assert fact.state is State.UNKNOWN
    assert status[:3] in fact.why


def test_no_connection_is_unknown_after_three_tries() -> None:
    """Known failure 1: a network error is no illness."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    waits: list[float] = []
    fact = asked_for(f"http://127.0.0.1:{port}", waits=waits)
    assert fact.state is State.UNKNOWN
    assert "could not be reached" in fact.why
    assert len(waits) == 2


def test_https_is_the_only_way() -> None:
    """Without an edge the connection speaks TLS: a server that answers in the clear is none of the service's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        seen: list[bytes] = []

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                seen.append(connection.recv(3))
                connection.sendall(OK)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        client = Client("The service", Deadline(5), environ={})
        fact = probe(client, f"https://127.0.0.1:{port}/health", Patience(2.0, 1))
        thread.join(5)
    assert seen[0][:1] == b"\x16"
    assert fact.state is State.UNKNOWN


def drip(connection: socket.socket) -> None:
    """A body that never ends, a byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{")
    until = time.monotonic() + 10
    while time.monotonic() < until:
        connection.sendall(b" ")
        threading.Event().wait(0.01)


def test_a_health_body_that_never_ends_does_not_hang() -> None:
    """Known failure 24: one deadline for all tries with their bodies, and what came is said."""
    started = time.monotonic()
    with served(drip) as (edge, _):
        fact = asked_for(edge, Patience(1.2, 2))
    assert time.monotonic() - started < 4
    assert problem(fact) == "no whole answer came within 1.2 s, in 2 of 2 tries"


def test_a_connection_that_breaks_is_tried_again() -> None:
    """Half an answer, then a whole one."""
    with served(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", OK) as (edge, asked):
        assert problem(asked_for(edge)) == ""
        assert len(asked) == 2


def test_a_huge_body_is_not_read_to_its_end() -> None:
    """More than a mebibyte is no health."""
    with served(answer("200 OK", b"[" + b" " * (3 * 1024 * 1024) + b"]")) as (edge, _):
        assert "1024 KiB" in problem(asked_for(edge))
