"""The fault matrix on what a tap and a user's download are asked: message, time, number of requests, and no harm."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import pytest

from chittyactions.ecosystem import gitchitty
from chittyactions.errors import AnswerLost, CredentialError, ServiceError
from chittyactions.http import Client, Deadline
from chittyactions.publish.app_token import installation_token
from chittyactions.publish.flow import status_of
from chittyactions.publish.model import Status
from chittyactions.publish.served import Public
from chittyactions.publish.tap import New
from chittyactions.publish.tap_change import TRIES
from chittylocal import Fault, Local
from faults import FAULTS, PATIENCE, Case, bounded
from faults import TRIES as TRIES_OF_ONE_CALL
from publish.tap.workshop import FORMULA, OLD, tap_of

TAP = "chittyos/homebrew-tap"
TOKEN = "canary-of-a-token"
NEW = OLD.replace("1.0.0", "1.0.1")
SECONDS, ONE_TRY = 8.0, 1.5 * PATIENCE
"""For a call as a whole, and for one try at a service that never ends its answer."""
LARGE = {"huge"}
"""Faults that are none where an answer may be large."""


@pytest.fixture(scope="module")
def backend() -> Iterator[Local]:
    """One backend for this module."""
    with Local() as running:
        yield running


@pytest.fixture
def local(backend: Local) -> Local:
    """The backend, well again, with nothing asked of it, and the tap as it was."""
    backend.clear_faults()
    if backend.github.repositories.find(TAP) is None:
        backend.github.repository(TAP, {FORMULA: OLD})
    elif backend.github.read(TAP, FORMULA) != OLD:
        backend.github.push(TAP, {FORMULA: OLD})
    backend.forget_requests()
    return backend


def origin_of(local: Local, name: str) -> str:
    return {"refused": local.closed_url, "bad certificate": local.bad_tls_url}.get(name, local.url)


def told(call: Callable[[], object]) -> ServiceError | CredentialError | None:
    """What a call ends with, within its time."""
    ended: ServiceError | CredentialError | None = None
    with bounded(SECONDS):
        try:
            call()
        except (ServiceError, CredentialError) as error:
            ended = error
    if ended:
        shown = f"{ended}{ended.__cause__}"
        assert ended.fix
        assert not any(word in shown for word in ("Just a moment", "xxxx", TOKEN))
    return ended


def lay(local: Local, name: str, service: str, method: str, path: str) -> tuple[Case, float]:
    """Lay a fault; the case, and the seconds that one try may take."""
    case = FAULTS[name]
    if case.fault:
        local.fault(service, method, path, case.fault)
    return case, ONE_TRY if case.silent else SECONDS


def client(service: str, one_try: float) -> Client:
    """A client whose waits between two tries take no time."""
    return Client(service, Deadline(SECONDS), try_timeout=one_try, environ={}, sleep=lambda _: None)


@pytest.mark.parametrize("name", FAULTS)
def test_a_tap_that_is_read(local: Local, name: str) -> None:
    """Whatever happens to a question, nothing is unknown, and nothing is written."""
    _, one_try = lay(local, name, "github", "*", "/repos/*")
    tap = tap_of(local, TAP, [], token=TOKEN, origin=origin_of(local, name), try_timeout=one_try)
    error = told(lambda: tap.commit("hello", lambda _: New(FORMULA, NEW), "hello 1.0.1"))
    assert (error is None) is (name == "503 once")
    assert error is None or status_of(error) is Status.FAILED
    assert (local.github.read(TAP, FORMULA) == NEW) is (name == "503 once")
    assert local.requests("elsewhere") == []


LOST = {"reset", "close", "truncated", "garbage", "html", "empty", "502", "504", "500", "hang"}
"""Faults of a write that leave open whether it took effect."""
DRIPS = {"slow drip", "slow drip in the headers"}


@pytest.mark.parametrize("after_effect", [True, False], ids=["made", "not made"])
@pytest.mark.parametrize("name", [name for name in FAULTS if FAULTS[name].fault and not FAULTS[name].silent])
def test_a_tap_that_is_written(local: Local, name: str, after_effect: bool) -> None:
    """Whatever happens to the write, the tap has at most one commit of it, and one that was made is found."""
    case = FAULTS[name]
    assert case.fault
    how = {"kind": case.fault.kind, "status": case.fault.status, "times": 1, "after_effect": after_effect}
    local.fault("github", "PUT", "*", Fault(**how))  # type: ignore[arg-type]
    before = len(local.github.log(TAP))
    tap = tap_of(local, TAP, [], token=TOKEN)
    written, error = None, None
    try:
        written = tap.commit("hello", lambda _: New(FORMULA, NEW), "hello 1.0.1")
    except ServiceError as failure:
        error = failure
    made = len(local.github.log(TAP)) - before
    assert made == (local.github.read(TAP, FORMULA) == NEW) <= 1
    if name in LOST:
        assert written is not None
        assert (written.changed, made) == (True, 1)
    assert (error is None) or not after_effect or name in {"400", "401", "403", "404", "redirect", "huge"}


@pytest.mark.parametrize("name", FAULTS)
def test_a_tap_that_never_takes_a_write(local: Local, name: str) -> None:
    """A fault that stays is told: unknown where it may have been made, refused else; a few tries at most."""
    case, one_try = lay(local, name, "github", "PUT", "*")
    tap = tap_of(local, TAP, [], token=TOKEN, try_timeout=one_try)
    if case.fault is None:
        return
    error = told(lambda: tap.commit("hello", lambda _: New(FORMULA, NEW), "hello 1.0.1"))
    assert (error is None) is (name == "503 once")
    if name in {"reset", "close", "truncated", "garbage", "502", "504", "hang", *DRIPS}:
        assert isinstance(error, AnswerLost)
    sent = [entry for entry in local.requests("github") if entry["method"] == "PUT"]
    assert 1 <= len(sent) <= TRIES * case.expected.once_only


@pytest.mark.parametrize("name", FAULTS)
def test_a_dispatch(local: Local, name: str) -> None:
    """Sent once where it may have arrived; told as unknown just then."""
    case, one_try = lay(local, name, "github", "POST", "*/dispatches")
    tap = tap_of(local, TAP, [], token=TOKEN, origin=origin_of(local, name), try_timeout=one_try)
    error = told(lambda: tap.dispatch(formula="hello", version="1.0.1", sha256="", url=""))
    fine = {"503 once", "html", "empty", "huge"}  # a 2xx whose body nobody needs
    assert (error is None) is (name in fine - LARGE)
    assert isinstance(error, AnswerLost) is (name in (LOST | DRIPS) - fine)
    assert len(local.requests("github")) == case.expected.once_only


@pytest.mark.parametrize("name", FAULTS)
def test_an_installation_token(local: Local, name: str) -> None:
    """No fault of the mint leaves anything of the tap unknown, and none is asked for twice where one may be out."""
    key = _key(local)
    case, one_try = lay(local, name, "github", "POST", "/app/*")
    hub = client("GitHub's API", one_try)
    url = f"{origin_of(local, name)}/github"

    def mint() -> None:
        token = installation_token(
            hub, app_id="77", private_key=key, repository=TAP, mask=lambda _, __: None, base_url=url
        )
        with token:
            pass

    error = told(mint)
    assert (error is None) is (name == "503 once")
    assert not isinstance(error, AnswerLost)
    sent = [entry for entry in local.requests("github") if entry["method"] == "POST"]
    assert len(sent) == case.expected.once_only
    assert not any(token.live for token in local.github.issued_tokens())


_keys: dict[int, str] = {}


def _key(local: Local) -> str:
    """The key of an app on the tap, made once a backend."""
    if id(local) not in _keys:
        _keys[id(local)] = local.github.app("77", installed_on=[TAP])
    return _keys[id(local)]


@pytest.mark.parametrize("name", FAULTS)
def test_a_refresh(local: Local, name: str) -> None:
    """gitChitty's trouble is told in the words of its fault; asking again does no harm."""
    local.r2.put("chittyos-packages", "hello/metadata.json", b"{}")
    case, one_try = lay(local, name, "git", "POST", "*")
    url = f"{origin_of(local, name)}/git{gitchitty.PATH}"
    error = told(lambda: gitchitty.refresh(client(gitchitty.SERVICE, one_try), url, "hello"))
    fine = {"503 once", "html", "empty"}  # what it says is of no interest
    assert (error is None) is (name in fine)
    assert name in fine or case.expected.words in str(error)
    tries = TRIES_OF_ONE_CALL if case.silent else case.expected.repeatable
    assert len(local.requests("git")) == tries


@pytest.mark.parametrize("name", FAULTS)
def test_a_download(local: Local, name: str) -> None:
    """Whatever comes instead is told, and never taken for the release; a credential would go nowhere."""
    data = b"the release"
    local.r2.put("chittyos-packages", "hello/1.0.0/hello.tgz", data)
    case, one_try = lay(local, name, "git", "GET", "*")
    public = Public(client("The download address", one_try), edge=origin_of(local, name))
    sha256 = hashlib.sha256(data).hexdigest()
    url = "https://git.chitty.cc/hello@1.0.0"
    error = told(lambda: public.wait(url, sha256=sha256, size=len(data), seconds=0))
    assert (error is None) is (name == "503 once")
    assert not isinstance(error, AnswerLost)
    assert all(not entry.get("auth") and not entry.get("credentials") for entry in local.requests())
    if error and case.fault and case.fault.kind == "status":
        assert f"HTTP {case.fault.status}" in error.what
