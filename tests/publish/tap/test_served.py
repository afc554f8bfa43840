"""What an address really serves: hashed as it comes, waited for, and asked without a credential."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from chittyactions.errors import ServiceError, Unreachable
from chittyactions.http import Client, Deadline
from chittyactions.publish.served import Public, Served
from chittylocal import Fault, Local

pytestmark = pytest.mark.engines

URL = "https://git.chitty.cc/hello@1.0.0"
DATA = b"a release " * 1000
SHA = hashlib.sha256(DATA).hexdigest()


class Watched(Deadline):
    """A deadline whose waits take a hundredth, and are counted."""

    def __init__(self, seconds: float, whole: Deadline | None = None) -> None:
        super().__init__(seconds, whole=whole)
        self.paused: list[float] = []

    def within(self, seconds: float) -> Watched:
        """The same kind of deadline; it counts into this one."""
        inner = Watched(min(seconds, self.remaining), self)
        inner.paused = self.paused
        return inner

    def pause(self, seconds: float) -> None:
        """Wait a little."""
        self.paused.append(seconds)
        super().pause(seconds / 100)


@pytest.fixture(scope="module")
def backend() -> Iterator[Local]:
    """A backend that has the release."""
    with Local() as local:
        local.r2.put("chittyos-packages", "hello/1.0.0/hello-1.0.0.tgz", DATA)
        metadata = {"version": "1.0.0", "tarball": "hello-1.0.0.tgz"}
        local.r2.put("chittyos-packages", "hello/metadata.json", json.dumps(metadata).encode())
        yield local


@pytest.fixture
def local(backend: Local) -> Local:
    """The backend, well again and with nothing asked of it."""
    backend.clear_faults()
    backend.forget_requests()
    return backend


def public(local: Local, said: list[str] | None = None, deadline: Deadline | None = None, **more: Any) -> Public:
    client = Client("The download address", deadline or Watched(20), environ={}, sleep=lambda _: None)
    given = {"edge": local.urls()["CHITTY_EDGE_URL"], "say": (said if said is not None else []).append, **more}
    return Public(client, **given)


def test_a_look(local: Local) -> None:
    """Size and hash of the bytes, by one request without any authorization."""
    assert public(local).look(URL) == Served(URL, 200, SHA, len(DATA))
    (entry,) = local.requests("git")
    assert (entry["path"], entry["auth"]) == ("/hello@1.0.0", None)


def test_memory_does_not_grow_with_the_download(local: Local) -> None:
    """Sixty-four megabytes pass through, a few at a time."""
    local.fault("git", "GET", "*", Fault("huge", size=64 * 1024 * 1024))
    looker = public(local)
    tracemalloc.start()
    try:
        size = looker.look(URL).size
        assert size > 64 * 1024 * 1024
        assert tracemalloc.get_traced_memory()[1] < 16 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_redirects_are_followed(local: Local) -> None:
    """To where the bytes are, by host name or path."""
    local.fault("git", "GET", "/a", Fault("redirect", location="/b?x=1"))
    local.fault("git", "GET", "/b", Fault("redirect", status=302, location=URL))
    assert public(local).look("https://git.chitty.cc/a") == Served(URL, 200, SHA, len(DATA))


def test_redirects_in_a_circle(local: Local) -> None:
    """They end after a few."""
    local.fault("git", "GET", "/a", Fault("redirect", location="https://git.chitty.cc/a"))
    with pytest.raises(ServiceError, match="redirects more than 5 times"):
        public(local).look("https://git.chitty.cc/a")
    assert len(local.requests("git")) == 6


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/x",
        "ftp://example.com/x",
        "https://user:canary@example.com/x",
        "file:///etc/passwd",
    ],
)
def test_addresses_that_are_not_asked(local: Local, address: str) -> None:
    """Neither at once nor by a redirect: https only, and nobody's password is shown."""
    local.fault("git", "GET", "/a", Fault("redirect", location=address))
    for first in (address, "https://git.chitty.cc/a"):
        with pytest.raises(ServiceError, match="no https address") as caught:
            public(local).look(first)
        assert "canary" not in str(caught.value)
    assert len(local.requests()) == 1


def test_an_address_of_this_machine(local: Local) -> None:
    """http is taken where no network is between, and is not led to the edge; a public address can't lead there."""
    here = f"{local.url}/git/hello@1.0.0"
    assert public(local, edge="").look(here).sha256 == SHA
    assert public(local, edge=local.closed_url).look(here).sha256 == SHA
    local.fault("git", "GET", "/a", Fault("redirect", location=here))
    with pytest.raises(ServiceError, match="no https address"):
        public(local, edge="")._allowed(here, "https://git.chitty.cc/a")


# -- waiting -------------------------------------------------------------------------------------------------------


def test_it_waits_until_the_release_is_served(local: Local) -> None:
    """Not there, then an old file, then the release: told meanwhile, with pauses that grow."""
    local.fault("git", "GET", "*", Fault("status", status=404, times=2))
    local.fault("git", "GET", "*", Fault("status", status=200, body=b"older", times=1))
    said: list[str] = []
    deadline = Watched(20)
    assert public(local, said, deadline).wait(URL, sha256=SHA, size=len(DATA)).sha256 == SHA
    older = hashlib.sha256(b"older").hexdigest()
    assert ["HTTP 404" in said[0], f"5 bytes with sha256 {older}" in said[2], len(said)] == [True, True, 3]
    assert deadline.paused == [1.0, 1.5, 2.25]


@pytest.mark.parametrize(
    "fault, instead",
    [
        (Fault("status", status=404), "HTTP 404"),
        (Fault("status", status=200, body=b"older"), "5 bytes with sha256"),
        (Fault("html"), "bytes with sha256"),
        (Fault("huge"), f"more than {len(DATA)} bytes"),
        (Fault("reset"), "the connection broke"),
    ],
)
def test_what_came_instead_is_told(local: Local, fault: Fault, instead: str) -> None:
    """At the deadline: what was expected, what was there, and where to look; a longer file is not read to its end."""
    local.fault("git", "GET", "*", fault)
    with pytest.raises(ServiceError) as caught:
        public(local).wait(URL, sha256=SHA, size=len(DATA), seconds=0)
    assert f"{URL} does not serve the release: " in caught.value.what
    assert instead in caught.value.what
    assert f"{len(DATA)} bytes with sha256 {SHA}" in caught.value.why
    assert caught.value.fix


def test_waiting_ends(local: Local) -> None:
    """After the seconds that it was given, and at once when the whole is at its end."""
    local.fault("git", "GET", "*", Fault("status", status=404))
    with pytest.raises(ServiceError, match="HTTP 404"):
        public(local).wait(URL, sha256=SHA, seconds=1.1)
    assert len(local.requests("git")) > 1
    over = Watched(20)
    over.shorten(0)
    with pytest.raises(ServiceError, match="does not serve the release"):
        public(local, deadline=over).wait(URL, sha256=SHA)


def test_a_certificate_that_is_not_trusted_is_not_waited_for(local: Local) -> None:
    """It will not get better."""
    with pytest.raises(Unreachable, match="certificate"):
        public(local, edge=local.bad_tls_url).wait(URL, sha256=SHA)
