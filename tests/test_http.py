"""The HTTP client: certificates, proxies, addresses, deadlines. Its retries: tests/connect/test_faults.py."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from chittyactions import dial
from chittyactions.dial import origin, split, tls_context
from chittyactions.errors import AnswerLost, BadAnswer, Refused, ServiceError, Unreachable
from chittyactions.http import Client, Deadline, Response, backoff, retry_after
from chittyactions.wire import PIECE
from chittylocal import Fault, Local

HEALTH = "/connect/health"


@pytest.fixture(scope="module")
def backend() -> Iterator[Local]:
    """One backend for this module."""
    with Local() as local:
        yield local


@pytest.fixture
def local(backend: Local) -> Local:
    """The backend, well again and with nothing asked of it."""
    backend.clear_faults()
    backend.forget_requests()
    return backend


def client(seconds: float = 5, **more: Any) -> Client:
    given = {"environ": {}, "sleep": lambda _: None, **more}
    return Client("The service", Deadline(seconds), **given)


def get(address: str, **environ: str) -> Response:
    return client(environ=environ).send("GET", address + HEALTH)


# -- certificates --------------------------------------------------------------------------------------------------


def test_a_certificate_of_an_own_authority(local: Local) -> None:
    """NODE_EXTRA_CA_CERTS, which runners already set, vouches for a service's certificate."""
    assert get(local.tls_url, NODE_EXTRA_CA_CERTS=str(local.ca_file)).status == 200


def test_ssl_cert_file(local: Local, tmp_path: Path) -> None:
    """SSL_CERT_FILE replaces the system's store, as OpenSSL has it."""
    import subprocess
    import sys

    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from chittyactions.http import Client, Deadline\n"
        "print(Client('x', Deadline(5)).send('GET', sys.argv[2]).status)"
    )
    python = Path(__file__).resolve().parents[1] / "python"
    argv = [sys.executable, "-I", "-S", "-c", code, str(python), local.tls_url + HEALTH]
    env = {"PATH": os.environ["PATH"], "SSL_CERT_FILE": str(local.ca_file)}
    assert subprocess.run(argv, env=env, capture_output=True, text=True, check=True).stdout == "200\n"


@pytest.mark.parametrize("flaw", ["untrusted", "expired", "wrong-host"])
def test_a_bad_certificate_is_not_tried_again(local: Local, flaw: str) -> None:
    """It will not get better: one try, the reason, and where to put an authority."""
    said: list[str] = []
    with pytest.raises(Unreachable) as caught:
        client(environ={"NODE_EXTRA_CA_CERTS": str(local.ca_file)}, say=said.append).send(
            "GET", local.bad_tls(flaw) + HEALTH
        )
    assert caught.value.permanent
    assert "its certificate is not trusted" in caught.value.what
    assert "NODE_EXTRA_CA_CERTS" in caught.value.fix
    assert said == []


def test_an_unusable_file_of_authorities(local: Local, tmp_path: Path) -> None:
    """A file without certificates is told by its name; one that does not exist is passed over, as Node does."""
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    with pytest.raises(Unreachable, match="the file of NODE_EXTRA_CA_CERTS cannot be used") as caught:
        get(local.tls_url, NODE_EXTRA_CA_CERTS=str(broken))
    assert str(broken) in caught.value.why
    with pytest.raises(Unreachable, match="not trusted"):
        get(local.tls_url, NODE_EXTRA_CA_CERTS=str(tmp_path / "none.pem"))


# -- proxies -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_https_through_a_proxy(local: Local, name: str) -> None:
    """A CONNECT to a name that only the proxy knows, with the certificate checked beyond it."""
    environ = {name: local.proxy_url, "NODE_EXTRA_CA_CERTS": str(local.ca_file)}
    assert get("https://chittylocal.test", **environ).status == 200
    assert [entry["method"] for entry in local.requests("proxy")] == ["CONNECT"]


def test_http_through_a_proxy(local: Local) -> None:
    """A plain address is asked of the proxy as a whole."""
    assert get("http://chittylocal.test", HTTP_PROXY=local.proxy_url).status == 200
    assert len(local.requests("proxy")) == 1


@pytest.mark.parametrize("rule", ["127.0.0.1", "*", "other.test, 127.0.0.1", "127.0.0.1:{port}"])
def test_no_proxy(local: Local, rule: str) -> None:
    """What NO_PROXY names is asked directly."""
    rule = rule.format(port=split(local.url, "x").port)
    assert get(local.url, HTTP_PROXY=local.proxy_url, NO_PROXY=rule).status == 200
    assert local.requests("proxy") == []


@pytest.mark.parametrize(
    "rule, host, direct",
    [
        ("corp", "api.corp", True),
        (".corp", "api.corp", True),
        ("*.corp", "api.corp", True),
        (".corp", "corp", True),
        ("corp", "notcorp", False),
        ("api.corp:443", "api.corp", True),
        ("api.corp:8443", "api.corp", False),
        (".", "api.corp", False),
        ("", "api.corp", False),
    ],
)
def test_rules_of_no_proxy(rule: str, host: str, direct: bool) -> None:
    """Names, suffixes and ports, as curl reads them."""
    environ = {"https_proxy": "http://proxy:3128", "no_proxy": rule}
    assert (dial.proxy_for(split(f"https://{host}/", "x"), environ) is None) is direct


def test_the_proxys_user_is_sent_to_the_proxy_alone(local: Local) -> None:
    """User and password of the proxy's address are its own authorization, and in no message."""
    parts = split("http://us%40er:p%20w@proxy:3128", "the proxy")
    assert dial.proxy_authorization(parts) == {"Proxy-Authorization": "Basic dXNAZXI6cCB3"}
    assert origin(parts) == "http://proxy:3128"
    address = local.proxy_url.replace("://", "://user:secret-password@")
    assert get("http://chittylocal.test", HTTP_PROXY=address).status == 200


def test_a_proxy_that_is_not_there(local: Local) -> None:
    """A proxy that refuses the connection is no answer of the service: nothing was sent."""
    with pytest.raises(Unreachable, match="could not be reached"):
        get("https://chittylocal.test", HTTPS_PROXY=local.closed_url)


def test_a_proxy_that_refuses(local: Local) -> None:
    """A CONNECT to where the proxy does not lead fails with the proxy's status."""
    with pytest.raises(Unreachable, match="Tunnel connection failed"):
        get("https://nowhere.invalid", HTTPS_PROXY=local.proxy_url)


def test_a_proxy_by_tls_is_told() -> None:
    """A proxy that is itself reached by TLS is not spoken to in clear."""
    with pytest.raises(BadAnswer, match="reached by TLS"):
        get("https://service.invalid", HTTPS_PROXY="https://proxy:443")


def test_http_proxy_from_a_request_header_is_not_trusted() -> None:
    """Where a CGI server sets the environment, HTTP_PROXY is a request header (CVE-2016-5385)."""
    environ = {"REQUEST_METHOD": "GET", "HTTP_PROXY": "http://evil:80"}
    assert dial.proxy_for(split("http://service/", "x"), environ) is None


# -- names and addresses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["", "connect.chitty.cc", "ftp://x", "http://", "http://x:port", "http://a b/", "http://x\n/", "http://[::1"],
)
def test_an_address_that_is_none(address: str) -> None:
    """What is no http(s) URL is told by the service's name before anything is opened."""
    with pytest.raises(BadAnswer, match="The address of The service is not an http"):
        client().send("GET", address)


def test_user_and_password_are_not_repeated() -> None:
    """A broken address with credentials in it is not quoted."""
    with pytest.raises(BadAnswer) as caught:
        client().send("GET", "ftp://user:password@host/")
    assert "password" not in str(caught.value)


@pytest.mark.parametrize("name", ["no-such-name.invalid", "ungültig..invalid"])
def test_a_name_that_is_none(name: str) -> None:
    """A name without an address is told as such."""
    with pytest.raises(Unreachable, match="could not be resolved"):
        client(tries=1).send("GET", f"http://{name}/")


def test_a_resolver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lookup can't be interrupted, so it is left behind when its time is over."""
    free = threading.Event()

    def hang(*arguments: Any) -> list[Any]:
        if socket.AI_NUMERICHOST in arguments:
            raise socket.gaierror(socket.EAI_NONAME, "not a number")
        free.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    started = time.monotonic()
    with pytest.raises(Unreachable, match="not accepted in time"):
        client(0.3, tries=1).send("GET", "http://slow.invalid/")
    assert time.monotonic() - started < 1.5
    free.set()


def test_every_address_of_a_name_is_tried(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first address refuses, the second answers: the request arrives."""
    port = split(local.url, "x").port
    closed = split(local.closed_url, "x").port
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", number)) for number in (closed, port)]
    monkeypatch.setattr(dial, "_lookup", lambda *_: found)
    assert get("http://localhost:1").status == 200


def test_connect_to(local: Local) -> None:
    """The request goes to another origin and keeps the name that it is for."""
    client().send("GET", "https://hello.example.dev/health", connect_to=local.url)
    assert [entry["host"] for entry in local.requests("edge")] == ["hello.example.dev"]


# -- time ----------------------------------------------------------------------------------------------------------


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_deadline() -> None:
    """It counts down and stops at zero; a part of it ends no later than the whole, shortened or not."""
    clock = Clock()
    whole = Deadline(10, clock)
    part = whole.within(60)
    assert (whole.remaining, part.remaining, part.seconds) == (10, 10, 10)
    clock.now += 4
    whole.shorten(2)
    assert part.remaining == 2
    whole.shorten(5)
    assert whole.remaining == 2
    clock.now += 9
    assert (whole.remaining, part.remaining) == (0, 0)


def test_nothing_is_sent_after_the_deadline(local: Local) -> None:
    """A deadline that has passed makes no request."""
    with pytest.raises(Unreachable, match="before the request was sent"):
        client(0).send("GET", local.url + HEALTH)
    assert local.requests() == []


def test_a_deadline_that_is_brought_forward_ends_a_read(local: Local) -> None:
    """A read that waits notices within a moment that its time is over: this is how a cancellation ends it."""
    local.fault("connect", "GET", "/health", Fault("hang"))
    deadline = Deadline(30)
    threading.Timer(0.2, deadline.shorten, [0.2]).start()
    started = time.monotonic()
    with pytest.raises(ServiceError, match=r"longer than [01][.\d]* s, and no whole answer came in time"):
        Client("x", deadline, environ={}).send("GET", local.url + HEALTH, repeatable=False)
    assert time.monotonic() - started < 2


def test_one_try_has_a_limit_of_its_own(local: Local) -> None:
    """A try that hangs leaves time for the next."""
    local.fault("connect", "GET", "/health", Fault("hang", times=1))
    assert client(5, try_timeout=0.3).send("GET", local.url + HEALTH).status == 200
    assert len(local.requests("connect")) == 2


def test_backoff_is_jittered_and_bounded() -> None:
    """Half a second, doubling, at most 15 s, each jittered down to a half."""
    for attempt, most in ((1, 0.5), (2, 1.0), (3, 2.0), (10, 15.0)):
        waits = {backoff(attempt) for _ in range(50)}
        assert len(waits) > 1
        assert all(most / 2 <= wait <= most for wait in waits)


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("7", 7),
        (" 7 ", 7),
        ("", 0),
        ("soon", 0),
        ("-1", 0),
        ("٣", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("9" * 40, 999999999),
    ],
)
def test_retry_after(text: str, seconds: float) -> None:
    """A number of seconds or a date; what is neither, or in the past, asks for no wait."""
    assert retry_after({"retry-after": text}) == seconds


def test_retry_after_as_a_date() -> None:
    """A date in the future is the time until then."""
    from email.utils import formatdate

    assert 58 <= retry_after({"retry-after": formatdate(time.time() + 60)}) <= 60


# -- answers -------------------------------------------------------------------------------------------------------


def test_headers_may_be_made_for_each_try(local: Local) -> None:
    """A function is called once a try: each carries what is fresh then."""
    made: list[int] = []
    local.fault("connect", "GET", "/health", Fault("status", status=503, times=2))

    def headers() -> dict[str, str]:
        made.append(1)
        return {"Authorization": f"Bearer {len(made)}"}

    assert client().send("GET", local.url + HEALTH, headers=headers).status == 200
    assert len(made) == 3


def test_a_final_answer_is_not_waited_out(local: Local) -> None:
    """The caller may know of a passing status that it will not pass."""
    local.fault("connect", "GET", "/health", Fault("status", status=503))
    assert client().send("GET", local.url + HEALTH, final=lambda response: response.status == 503).status == 503
    assert len(local.requests("connect")) == 1


def test_each_retry_is_said(local: Local) -> None:
    """Why, how long, and which try, in a line for the log."""
    local.fault("connect", "GET", "/health", Fault("status", status=429, headers={"Retry-After": "2"}, times=1))
    said: list[str] = []
    client(say=said.append).send("GET", local.url + HEALTH)
    assert said == ["The service answered 429. Trying again in 2.0 s (1 of 4 tries made)."]


@pytest.mark.parametrize("body", [b"", b"{", b"<html>", b"\xff", b"[" * 100_000])
def test_what_is_no_json(body: bytes) -> None:
    """The error names size and kind, and quotes nothing."""
    with pytest.raises(BadAnswer) as caught:
        Response("X", 200, {"content-type": "text/html; charset=x"}, body).json()
    assert "not JSON" in caught.value.what
    assert body.decode("latin-1")[:5] not in str(caught.value) or len(body) < 2


def test_a_bundle_named_twice_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NODE_EXTRA_CA_CERTS that leads to the system's own bundle is not read a second time, and trusted as before."""
    bundle, link = tmp_path / "ca.pem", tmp_path / "link.pem"
    trustme.CA().cert_pem.write_to_path(str(bundle))
    link.symlink_to(bundle)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    assert len(tls_context(str(link), "it").get_ca_certs()) == 1


def test_a_pause_ends_with_its_deadline() -> None:
    """A wait between two tries does not outlast a deadline that a signal brought forward."""
    deadline = Deadline(60)
    threading.Timer(0.05, deadline.shorten, [0.05]).start()
    started = time.monotonic()
    deadline.pause(30)
    assert time.monotonic() - started < 5


def test_a_wait_before_a_retry_ends_with_its_deadline(local: Local) -> None:
    """A cancellation reaches the pause that `Retry-After` asks for: nothing more is sent, and the refusal is told."""
    local.fault("connect", "GET", "/health", Fault("status", status=503, headers={"Retry-After": "40"}))
    deadline = Deadline(60)
    started = time.monotonic()
    answer = Client("It", deadline, environ={}, say=lambda _: deadline.shorten(0.1)).send("GET", local.url + HEALTH)
    assert answer.status == 503
    assert time.monotonic() - started < 2
    assert len(local.requests("connect")) == 1


@pytest.mark.parametrize("asked, requests", [("120", 4), ("121", 1)])
def test_a_wait_that_is_too_long_is_told(local: Local, asked: str, requests: int) -> None:
    """Who sets a longest wait is told of a longer one by its seconds; what is not longer is waited for."""
    local.fault("connect", "GET", "/health", Fault("status", status=429, headers={"Retry-After": asked}))
    impatient = client(3000, longest_wait=120)
    if requests == 1:
        with pytest.raises(Refused, match="asks to wait 121 s") as caught:
            impatient.send("GET", local.url + HEALTH)
        assert (caught.value.status, caught.value.why) == (429, "A request is not held back for more than 120 s.")
    else:
        assert impatient.send("GET", local.url + HEALTH).status == 429
    assert len(local.requests("connect")) == requests


def test_a_last_answer_is_returned_whatever_it_asks_for(local: Local) -> None:
    """Nothing waits after the last try, so that no wait is too long."""
    local.fault("connect", "GET", "/health", Fault("status", status=429, headers={"Retry-After": "9999"}))
    assert client(longest_wait=1).send("GET", local.url + HEALTH, tries=1).status == 429


def test_the_deadline_that_ended_a_call_is_named(local: Local) -> None:
    """A call with a bound of its own says that one, not the deadline of all calls together."""
    local.fault("connect", "GET", "/health", Fault("hang"))
    with pytest.raises(AnswerLost, match=r"longer than 0\.3 s") as caught:
        client(3000).send("GET", local.url + HEALTH, within=0.3)
    assert caught.value.why.startswith("The whole deadline is 0.3 s, one try's 30 s.")


@pytest.mark.parametrize("fault", ["reset", "truncated", "hang"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_lost_answer_to_a_question_leaves_no_doubt(local: Local, method: str, fault: Any) -> None:
    """Only a request that changes something may have taken effect."""
    local.fault("connect", method, "/health", Fault(fault))
    with pytest.raises(AnswerLost) as caught:
        client(0.3).send(method, local.url + HEALTH, repeatable=False)
    assert ("nothing was changed" in caught.value.why) == (method == "GET")
    assert ("may have taken effect" in caught.value.why) == (method == "POST" and fault != "hang")


# -- bodies taken piece by piece -----------------------------------------------------------------------------------


class Bodies:
    """What was taken of a body, by try."""

    def __init__(self) -> None:
        self.tries: list[list[bytes]] = []

    def begin(self) -> Callable[[bytes], object]:
        """A new try's body begins."""
        self.tries.append([])
        return self.tries[-1].append


def test_a_body_is_taken_in_pieces(local: Local) -> None:
    """A large body passes in pieces of a bounded size, all of it, and the answer keeps none."""
    local.fault("connect", "GET", "/health", Fault("huge", size=3 * 1024 * 1024))
    bodies = Bodies()
    answer = client().send("GET", local.url + HEALTH, into=bodies.begin, limit=8 * 1024 * 1024)
    (pieces,) = bodies.tries
    assert (answer.status, answer.body) == (200, b"")
    assert 3 * 1024 * 1024 < sum(map(len, pieces)) < 3 * 1024 * 1024 + 100
    assert max(map(len, pieces)) <= PIECE


def test_a_try_that_fails_midway_begins_anew(local: Local) -> None:
    """What was taken of a body that broke off is not continued: the next try gets a taker of its own."""
    local.fault("connect", "GET", "/health", Fault("truncated", times=1))
    bodies = Bodies()
    client().send("GET", local.url + HEALTH, into=bodies.begin)
    assert json.loads(b"".join(bodies.tries[-1]))["status"]
    assert len(bodies.tries) == 2


def test_a_refusal_is_not_taken_for_the_body(local: Local) -> None:
    """Only a success reaches the taker; what a refusal says stays in the answer."""
    local.fault("connect", "GET", "/health", Fault("status", status=404, body={"no": "such file"}))
    bodies = Bodies()
    answer = client().send("GET", local.url + HEALTH, into=bodies.begin)
    assert (answer.status, answer.json(), bodies.tries) == (404, {"no": "such file"}, [])


def test_a_body_beyond_the_limit_is_not_read_on(local: Local) -> None:
    """The limit holds for what is taken in pieces too."""
    local.fault("connect", "GET", "/health", Fault("huge"))
    bodies = Bodies()
    with pytest.raises(BadAnswer, match="more than 1024 KiB"):
        client().send("GET", local.url + HEALTH, into=bodies.begin, limit=1024 * 1024)
    assert sum(map(len, bodies.tries[0])) <= 1024 * 1024


def test_a_refusal_has_a_limit_of_its_own(local: Local) -> None:
    """A download may be large; what is said in place of it is kept whole, and so may not be."""
    local.fault("connect", "GET", "/health", Fault("huge", status=404, size=4 * 1024 * 1024))
    with pytest.raises(BadAnswer, match="more than 1024 KiB"):
        client().send("GET", local.url + HEALTH, into=Bodies().begin, limit=64 * 1024 * 1024)


def test_a_dripping_body_ends_with_the_deadline(local: Local) -> None:
    """A server that sends a byte now and then holds nobody beyond the deadline."""
    local.fault("connect", "GET", "/health", Fault("drip"))
    started = time.monotonic()
    with pytest.raises(AnswerLost, match="no whole answer came in time"):
        client(0.3).send("GET", local.url + HEALTH, into=Bodies().begin)
    assert time.monotonic() - started < 2


def test_a_redirect_is_returned_to_who_wants_to_judge_it(local: Local) -> None:
    """It is returned with its address, and not followed."""
    local.fault("connect", "GET", "/health", Fault("redirect"))
    answer = client().send("GET", local.url + HEALTH, redirects=True)
    assert (answer.status, answer.headers["location"]) == (307, local.elsewhere_url + HEALTH)
    assert local.requests("elsewhere") == []
