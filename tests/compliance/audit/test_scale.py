"""What an audit of many services costs: what the benchmark measures it by, and what must not be done for each."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from chittyactions.compliance.audit.document import dumped, read_audit
from chittyactions.compliance.audit.record import Audit, ServiceRecord
from chittyactions.compliance.audit.reports import json_report
from chittyactions.compliance.audit.reports.forms import FORMS
from chittyactions.compliance.audit.reports.view import view
from chittyactions.compliance.audit.rules import Rules
from chittyactions.compliance.settings import FILE, read_settings
from chittylocal import Local
from compliance.audit.ecosystem import audit
from compliance.audit.made import MADE, NOW, TODAY, Made, checks, registry

ROOT = Path(__file__).resolve().parents[3]


def test_a_registry_is_read_once_whatever_repositories_ask_for() -> None:
    """A repository with checks or waivers of its own is held to them without reading the registry once more."""
    rules = Rules(checks(), registry("flat"), TODAY, NOW, frozenset({"chittytrust"}))
    settings = read_settings("checks:\n  - {id: own.a, title: t, evaluate: file_present, with: {paths: [A]}}\n", FILE)
    plain, own = rules.assembled(), rules.assembled(settings)
    assert own.registry is plain.registry
    assert [one.id for one in own.engine.catalogue.checks] == [
        *(one.id for one in plain.engine.catalogue.checks),
        "own.a",
    ]


def test_the_benchmark_measures_services_of_all_sorts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the base facts are enough for is neither all alike nor all well; who needs a whole commit is left out."""
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks.audit.services import candidates, enough

    every = candidates()
    found = enough(every, tmp_path)
    assert {one.kind for one in found} == {"cloudflare-worker", "documentation", "org-config"}
    assert {bool(flaw.fails) for one in found for flaw in one.flaws} == {True, False}
    assert any(".chittyops.yml" in one.files for one in found)
    assert not any(one.tier is not None and one.tier > 1 for one in found)  # held to patterns of their source
    assert len(found) < len(every)


def kept_once(found: Sequence[ServiceRecord]) -> None:
    """Whether equal records of different services are one in memory."""
    every = [one for service in found for one in (*service.checks, *service.dimensions.values())]
    assert len({id(one) for one in every}) == len(set(every)) < len(every)


def test_an_audit_has_each_record_once(tmp_path: Path) -> None:
    """Services that come to the same share its records, newly read or not: thousands fit into memory."""
    with Local() as local:
        for name in ("flat", "bare"):
            local.github.repository(f"made/{name}", MADE[name])
        made = Made(local, tmp_path)
        for _ in range(2):
            kept_once([*made.audit("flat", "bare", state=tmp_path / "state").values()])


def test_an_audit_that_is_read_has_each_record_once(tmp_path: Path) -> None:
    """Reports of thousands of services hold each record once, too, and write it for everybody."""
    told = dumped(audit())
    (tmp_path / "a.json").write_text(told, "utf-8")
    read = read_audit(tmp_path / "a.json")
    kept_once(read.services)
    assert dumped(read) == told


@pytest.mark.parametrize("write", [dumped, lambda one: json_report.render(view(one))], ids=["audit", "report"])
def test_an_audit_is_read_service_by_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Any) -> None:
    """A document at once takes three times the memory; both commands that write one lay it out so."""
    (tmp_path / "a.json").write_text(write(audit()), "utf-8")
    read: list[int] = []
    plain = Audit.model_validate_json

    def counted(data: bytes, **more: Any) -> Audit:
        read.append(len(data))
        return plain(data, **more)

    monkeypatch.setattr(Audit, "model_validate_json", counted)
    assert len(read_audit(tmp_path / "a.json").services) == len(audit().services)
    assert len(read) == 1
    assert read[0] < 5_000


@pytest.mark.parametrize("form", ["json", "csv"])
def test_what_is_long_is_written_service_by_service(form: str) -> None:
    """Of ten thousand it is a hundred megabytes, none of which is held."""
    shown = view(audit(size=500))
    list(FORMS[form](view(audit(size=2))))
    tracemalloc.start()
    try:
        written = sum(map(len, FORMS[form](shown)))
        held = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (held < 1_000_000, written > 3_000_000) == (True, True)
