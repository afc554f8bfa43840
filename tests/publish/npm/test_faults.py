"""Faults of npm's registry: what is out is never called failed, nothing is out twice, and a rerun does the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chittyactions.errors import CredentialError, Refused, ServiceError
from chittyactions.http import Client, Deadline
from chittyactions.publish.flow import status_of
from chittyactions.publish.model import Result, Status
from chittyactions.publish.npm_registry import Registry
from chittyactions.publish.npm_said import SERVICE, Said
from chittylocal import Fault, Local
from faults import FAULTS, PATIENCE, Case, bounded
from publish.npm.packages import Publisher

TRIES = 2
"""Of one call of npm, here."""


@pytest.mark.parametrize("fault", FAULTS)
def test_reading(local: Local, fault: str) -> None:
    """Each fault is told with a remedy and no body, by its deadline, and the token follows no redirect."""
    case: Case = FAULTS[fault]
    if case.fault and case.fault.kind == "huge":
        pytest.skip("a package is as long as this fault")
    seconds = PATIENCE if case.silent else 8.0
    if case.fault:
        local.fault("npm", "GET", "/hello", case.fault)
    origin = {"refused": local.closed_url, "bad certificate": local.bad_tls_url}.get(fault, local.url)
    client = Client(SERVICE, Deadline(seconds), environ={}, sleep=lambda _: None)
    message = ""
    with bounded(seconds):
        try:
            assert Registry(client, f"{origin}/npm/", local.npm_token).packument("hello") is None
        except (ServiceError, CredentialError) as error:
            message = str(error)
    if fault in ("404", "503 once"):  # no such package
        assert message == ""
    else:
        assert case.expected.words in message
        assert "Fix: " in message
        assert local.npm_token not in message
    assert len(local.requests("npm")) == case.expected.repeatable
    assert local.requests("elsewhere") == []


def lost(kind: str, **how: Any) -> Fault:
    """A fault that takes the answer after the publish took effect."""
    return Fault(kind, after_effect=True, **how)


PUBLISHES: dict[str, tuple[Fault, Status | type[Exception], int]] = {
    "503 once": (Fault("status", status=503, times=1), Status.PUBLISHED, 2),
    "429 once": (Fault("status", status=429, times=1), Status.PUBLISHED, 2),
    "reset after effect": (lost("reset"), Status.PUBLISHED, 1),
    "hang after effect": (lost("hang"), Status.PUBLISHED, 1),
    "504 after effect": (lost("status", status=504), Status.PUBLISHED, 1),
    "520 after effect": (lost("status", status=520), Status.PUBLISHED, 1),
    "524 after effect": (lost("status", status=524), Status.PUBLISHED, 1),
    "drip after effect": (lost("drip", where="headers", interval=0.2), Status.PUBLISHED, 1),
    "400 after effect": (lost("status", status=400), Status.ALREADY, 1),
    "520": (Fault("status", status=520), Status.UNKNOWN, TRIES),
    "html after effect": (lost("html"), Status.PUBLISHED, 1),
    "503": (Fault("status", status=503), Refused, TRIES),
    "401": (Fault("status", status=401), CredentialError, 1),
    "409 and not there": (Fault("status", status=409), Refused, TRIES),
    "409 once": (Fault("status", status=409, times=1), Status.PUBLISHED, 2),
    "reset": (Fault("reset"), Status.UNKNOWN, TRIES),
    "hang": (Fault("hang"), Status.UNKNOWN, TRIES),
    "html": (Fault("html"), Status.UNKNOWN, 1),
    "redirect": (Fault("redirect"), Status.UNKNOWN, 1),
}
"""Faults of the publish itself: what becomes of the release, and how often it is sent."""


@pytest.mark.parametrize("case", PUBLISHES)
def test_publishing(publisher: Publisher, quick: dict[str, Any], case: str) -> None:
    """Whatever npm says, the registry is asked what became of it; and a rerun ends with one version, served."""
    fault, expected, sent = PUBLISHES[case]
    publisher.local.fault("npm", "PUT", f"/{publisher.name}", fault)
    if isinstance(expected, Status):
        assert publisher.publish("1.0.0", **quick).status is expected
    else:
        with pytest.raises(expected):
            publisher.publish("1.0.0", **quick)
    assert len(publisher.sent()) == sent
    out = expected in (Status.PUBLISHED, Status.ALREADY)
    assert publisher.versions == (["1.0.0"] if out else [])
    publisher.local.clear_faults()
    assert publisher.publish("1.0.0").status is (Status.ALREADY if out else Status.PUBLISHED)
    assert (publisher.versions, publisher.tags) == (["1.0.0"], {"latest": "1.0.0"})
    assert not [entry for entry in publisher.local.requests("elsewhere") if entry["credentials"]]


@pytest.mark.parametrize("kind", ["reset", "html", "hang"])
def test_what_is_lost_of_the_first_look_is_no_doubt(publisher: Publisher, kind: str) -> None:
    """Before anything is sent, an answer that does not come or says nothing leaves nothing unknown."""
    publisher.local.fault("npm", "GET", f"/{publisher.name}", Fault(kind))
    client = Client(SERVICE, Deadline(2), try_timeout=0.3, tries=1, environ=publisher.environ)
    with pytest.raises(ServiceError) as failed:
        publisher.channel(client=client).publish(publisher.release("1.0.0"), dry_run=False)
    assert status_of(failed.value) is Status.FAILED
    assert "so nothing was changed" in failed.value.why
    assert "may have taken effect" not in failed.value.why
    assert failed.value.fix


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Settings under which nothing is waited for long, and little is tried again."""
    monkeypatch.setattr("chittyactions.publish.npm_tagger.backoff", lambda _: 0.01)
    monkeypatch.setattr("chittyactions.publish.npm.CONFLICT_SECONDS", 0.1)
    for module in ("npm", "npm_tagger"):
        monkeypatch.setattr(f"chittyactions.publish.{module}.TRIES", TRIES)
    monkeypatch.setattr("chittyactions.publish.npm_cli.MARGIN", 1.5)
    return {"call_seconds": 0.7, "wait_seconds": 0.4}


@pytest.mark.parametrize(
    "code, words, lost",
    [
        ("", "", True),
        ("", "Exit handler never called!", True),
        ("EIDLETIMEOUT", "", True),
        ("ERR_STREAM_PREMATURE_CLOSE", "", True),
        ("HPE_INVALID_CONSTANT", "", True),
        ("E500", "", True),
        ("E599", "", True),
        ("E503", "", False),
        ("E400", "", False),
        ("E403", "You cannot publish over the previously published versions", False),
        ("", "You cannot publish over the previously published versions: 1.0.0.", False),
        ("ECONNREFUSED", "", False),
        ("ENEEDAUTH", "", False),
        ("SELF_SIGNED_CERT_IN_CHAIN", "", False),
    ],
)
def test_what_may_have_taken_effect(code: str, words: str, lost: bool) -> None:
    """Whatever is not known to have changed nothing may have changed something."""
    assert Said(code, words).lost is lost


def test_a_refusal_is_told_where_the_registry_does_not_tell(publisher: Publisher, quick: dict[str, Any]) -> None:
    """npm's 400 is a refusal, also when the look at what became of it fails."""
    publisher.local.fault("npm", "PUT", f"/{publisher.name}", Fault("status", status=400))
    publisher.local.fault("npm", "GET", f"/{publisher.name}", Fault("status", status=500, skip=2))
    with pytest.raises(Refused, match="E400"):
        publisher.publish("1.0.0", **quick)


TAGS: dict[str, tuple[Fault, Status, dict[str, str]]] = {
    "503 once": (Fault("status", status=503, times=1), Status.ALREADY, {"latest": "1.1.0", "next": "1.1.0"}),
    "reset after effect": (lost("reset"), Status.ALREADY, {"latest": "1.1.0", "next": "1.1.0"}),
    "503": (Fault("status", status=503), Status.FAILED, {"latest": "1.0.0", "next": "1.1.0"}),
}


@pytest.mark.parametrize("case", TAGS)
def test_moving_a_tag(publisher: Publisher, quick: dict[str, Any], case: str) -> None:
    """A tag that can't be moved fails the run and says where the tags lead; a rerun moves it."""
    fault, status, tags = TAGS[case]
    publisher.publish("1.0.0")
    publisher.publish("1.1.0", dist_tag="next")
    publisher.local.fault("npm", "PUT", "/-/package/*", fault)
    result: Result = publisher.publish("1.1.0", **quick)
    assert (result.status, publisher.tags) == (status, tags)
    assert bool(result.failure) is (status is Status.FAILED)
    assert {pointer.name: pointer.after for pointer in result.pointers} == tags
    publisher.local.clear_faults()
    assert publisher.publish("1.1.0").status is Status.ALREADY
    assert publisher.tags == {"latest": "1.1.0", "next": "1.1.0"}


@pytest.mark.parametrize("fault", [Fault("status", status=500), Fault("hang"), Fault("html")])
def test_the_exchange_of_the_identity(
    local: Local, tmp_path: Path, name: str, quick: dict[str, Any], fault: Fault
) -> None:
    """npm says nothing of it but that nobody is signed in; the message is about trusted publishing all the same."""
    Publisher(local, tmp_path / "user", name).publish("1.0.0")
    job = Publisher(local, tmp_path / "job", name, token="", environ={**local.env("oidc"), "GITHUB_ACTIONS": "true"})
    local.fault("npm", "POST", "*/oidc/token/exchange/*", fault)
    with pytest.raises(CredentialError, match="Trusted publishing of"):
        job.publish("1.1.0", **quick)
    assert job.versions == ["1.0.0"]
