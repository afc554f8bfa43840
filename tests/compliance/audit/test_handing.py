"""What one job of an audit hands to the next."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest

from chittyactions.compliance.audit.document import read_audit
from chittyactions.compliance.audit.handing import carry_state, for_others, left_out, part
from chittyactions.compliance.audit.plan import Target
from chittyactions.compliance.audit.record import Audit, CheckRecord, Cost, Scope, ServiceRecord, Standing
from chittyactions.compliance.audit.run import audit_of
from chittyactions.compliance.audit.shards import merged
from chittyactions.compliance.audit.state import Kept, State
from chittyactions.compliance.model import Outcome, Severity

NOW = datetime(2026, 11, 16, tzinfo=timezone.utc)


def service(name: str, standing: Standing = Standing.JUDGED, *, private: bool = False) -> ServiceRecord:
    return ServiceRecord(
        organization="made", name=name, repository=f"made/{name}", type="tool", standing=standing, private=private
    )


def shard(*services: ServiceRecord, number: str = "1/2") -> Audit:
    return audit_of(services, Scope(plan="p", shard=number), Cost(), NOW, NOW)


def kept(name: str, commit: str, *, private: bool = False) -> Kept:
    return Kept(
        repository=f"made/{name}", private=private, commit=commit, digest="d", off=None, settings=None, services={}
    )


def state(path: Path, *ones: Kept) -> Path:
    held = State(path)
    for one in ones:
        held.keep(one)
    held.close()
    return path


def targets(*names: str) -> list[Target]:
    return [Target(f"made/{name}", ()) for name in names]


def test_a_public_shard_is_without_what_is_private(tmp_path: Path) -> None:
    """And counts what it lacks; it is read as an audit by the merge."""
    whole = shard(service("open"), service("secret", private=True), service("gone", Standing.MISSING))
    path = tmp_path / "shard.json"
    path.write_text(part(whole, public=True), "utf-8")
    read = read_audit(path)
    assert [one.name for one in read.services] == ["open"]
    assert left_out([read, read]) == 4
    assert "secret" not in path.read_text("utf-8")
    path.write_text(part(whole, public=False), "utf-8")
    assert len(read_audit(path).services) == 3
    assert left_out([read_audit(path)]) == 0


@pytest.mark.parametrize("name", ["not", "shard", "all", "public", "1"])
def test_what_could_not_be_looked_at_is_not_forgotten_with_its_name(name: str) -> None:
    """Whatever it is called: the shard stays incomplete, and so does the merge; nobody is named."""
    one = for_others(shard(service("open"), service(name, Standing.UNKNOWN))).audit
    assert one.complete is False
    assert one.incomplete == ("What is not known to be public could not all be looked at in shard 1/2.",)
    whole = merged([one, shard(service("other"), number="2/2")])
    assert whole.complete is False
    assert whole.incomplete == one.incomplete


def test_that_something_private_is_unknown_is_said_beside_what_is_public(tmp_path: Path) -> None:
    """Both have a required check that is unknown: the public one by its name, and that there is another."""
    unknown = CheckRecord(
        id="a.b", dimension="a", title="B", outcome=Outcome.UNKNOWN, severity=Severity.HIGH, required=True
    )
    both = [
        service(name, private=name == "secret").model_copy(update={"checks": (unknown,)}) for name in ("x", "secret")
    ]
    said = for_others(shard(*both)).audit.incomplete
    assert said[0] == "1 of 1 services have required checks that are unknown: made/x."
    assert said[-1] == "What is not known to be public could not all be looked at in shard 1/2."
    assert for_others(shard(both[0], service("secret", private=True))).audit.incomplete == said[:-1]


def test_a_whole_shard_says_nothing_more() -> None:
    """Private services alone make nothing incomplete."""
    assert for_others(shard(service("open"), service("secret", private=True))).audit.incomplete == ()


def test_state_is_that_of_the_last_source(tmp_path: Path) -> None:
    """The newer knowledge counts; what nobody asks for is dropped; a source that is not there is none."""
    old = state(tmp_path / "old", kept("a", "1"), kept("b", "1"), kept("left-the-registry", "1"))
    new = state(tmp_path / "new", kept("b", "2"))
    assert carry_state([tmp_path / "none", old, new], tmp_path / "out", targets("a", "b", "c"), public=True) == 2
    read = State(tmp_path / "out")
    found = [read.get(f"made/{name}") for name in ("a", "b", "left-the-registry")]
    read.close()
    assert [one.commit if one else None for one in found] == ["1", "2", None]


def test_state_of_what_is_private_now_is_not_handed_on(tmp_path: Path) -> None:
    """Private, out of sight or gone; what merely could not be asked keeps its line, which was public when written."""
    services = (
        service("secret", private=True), service("gone", Standing.MISSING), service("shut", Standing.NO_ACCESS),
        service("later", Standing.UNKNOWN), service("open"),
    )  # fmt: skip
    names = [one.name for one in services]
    source = state(tmp_path / "state", *(kept(name, "1") for name in names))
    assert carry_state([source], tmp_path / "out", targets(*names), services, public=True) == 2
    assert _names(tmp_path / "out") == ["later", "open"]


def test_state_that_was_private_stays_so_until_it_is_seen_to_be_public(tmp_path: Path) -> None:
    """After a run that took private services in: those that nobody asked for, or could, are handed on to nobody."""
    services = (service("down", Standing.UNKNOWN), service("down-and-private", Standing.UNKNOWN, private=True))
    names = ["down", "down-and-private", "not-asked-for", "open-now", "before-this-was-noted"]
    lines = [kept(name, "1", private=True) for name in names]
    source = state(tmp_path / "state", *lines)
    text = source.read_text("utf-8")
    source.write_text(text.replace('"private":true,', "", text.count("\n") - 1), "utf-8")
    told = (*services, service("open-now"))
    assert carry_state([source], tmp_path / "shard", targets(*names), told, public=True) == 1
    assert carry_state([tmp_path / "shard"], tmp_path / "merged", targets(*names), public=True) == 1
    assert _names(tmp_path / "merged") == ["open-now"]


def test_state_of_private_services_is_handed_on_where_they_are_opted_in(tmp_path: Path) -> None:
    """All of it, each with what is known of its being public."""
    names = ["secret", "open", "not-asked-for"]
    source = state(tmp_path / "state", kept("secret", "1"), kept("open", "1", private=True), kept("not-asked-for", "1"))
    told = (service("secret", private=True), service("open"))
    assert carry_state([source], tmp_path / "all", targets(*names), told, public=False) == 3
    assert carry_state([tmp_path / "all"], tmp_path / "out", targets(*names), public=True) == 2
    assert _names(tmp_path / "out") == ["not-asked-for", "open"]


def _names(path: Path) -> list[str]:
    lines = path.read_text("utf-8").splitlines()[1:]
    return sorted(json.loads(one)["repository"].partition("/")[2] for one in lines)
