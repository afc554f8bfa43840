"""An audit from its plan to its document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from chittyactions.compliance.audit.judge import Judge
from chittyactions.compliance.audit.record import CheckRecord, Cost, Scope, ServiceRecord, Standing
from chittyactions.compliance.audit.run import Auditor, Progress, audit_of, incomplete
from chittyactions.compliance.audit.state import State
from chittyactions.compliance.model import Outcome, Severity
from chittyactions.ecosystem.github_graphql_answers import Answered
from chittylocal import Local
from compliance.audit.made import MADE, Made, registry

NOW = datetime(2026, 11, 21, tzinfo=timezone.utc)


def record(
    name: str, standing: Standing = Standing.JUDGED, outcome: Outcome | None = Outcome.PASS, *made: Outcome
) -> ServiceRecord:
    """A service of which checks came to these outcomes."""
    checks = tuple(
        CheckRecord(id=f"a.{number}", dimension="a", title="T", outcome=one, severity=Severity.LOW, required=number < 9)
        for number, one in enumerate(made)
    )
    return ServiceRecord(
        organization="made", name=name, repository=f"made/{name}", type="tool", standing=standing,
        outcome=outcome if standing is Standing.JUDGED else None, checks=checks,
    )  # fmt: skip


def test_an_audit_of_what_is_settled_is_complete() -> None:
    """What is archived, gone or wrong by itself was looked at."""
    settled = [record(one.value, one) for one in Standing if one is not Standing.UNKNOWN]
    assert incomplete([*settled, record("fails", Standing.JUDGED, Outcome.FAIL, Outcome.FAIL)]) == ()


def test_what_was_not_looked_at_is_told() -> None:
    """Five of them by name."""
    unknown = [record(f"u{number}", Standing.UNKNOWN) for number in range(7)]
    assert incomplete([record("fine"), *unknown]) == (
        "7 of 8 services could not be looked at: made/u0, made/u1, made/u2, made/u3, made/u4 and 2 more.",
    )


def test_required_checks_that_are_unknown_are_told() -> None:
    """Also of a service that fails anyway; those that nobody requires are not."""
    fails = record("fails", Standing.JUDGED, Outcome.FAIL, Outcome.FAIL, Outcome.UNKNOWN)
    optional = record("optional", Standing.JUDGED, Outcome.PASS, *[Outcome.PASS] * 9, Outcome.UNKNOWN)
    (said,) = incomplete([fails, optional])
    assert said == "1 of 2 services have required checks that are unknown: made/fails."
    document = audit_of([fails, optional], Scope(), Cost(), NOW, NOW)
    assert (document.complete, document.incomplete) == (False, (said,))


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    """A few repositories."""
    with Local() as local:
        for name in ("flat", "bare", "deep"):
            local.github.repository(f"made/{name}", MADE[name])
        yield Made(local, tmp_path)


def test_progress_counts_services(made: Made) -> None:
    """All of them, with those that fail; who was read as a whole, who was not read at all."""
    made.audit("flat", "bare", "deep", "gone")
    progress = made.progress
    assert (progress.whole, progress.done, progress.failing, progress.unknown) == (4, 4, 3, 0)
    assert (progress.archives, progress.reused) == (1, 0)


def test_what_is_archived_since_is_not_counted_as_unmoved(made: Made, tmp_path: Path) -> None:
    """It was not judged by what was kept."""
    made.audit("flat", "bare", state=tmp_path / "state")
    made.local.github.profile("made/flat").archived = True
    found = made.audit("flat", "bare", state=tmp_path / "state")
    assert (found["flat"].standing, made.progress.reused) == (Standing.ARCHIVED, 1)


def test_one_repository_that_nobody_thought_of(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is unknown, and a mistake of ours; the others have their verdicts."""
    undisturbed = made.audit("flat", "bare", "deep", state=tmp_path / "state")
    judge = Judge.judge

    def broken(self: Judge, target: object, *words: object) -> object:
        if target.repository == "made/flat":  # type: ignore[attr-defined]
            raise RecursionError
        return judge(self, target, *words)  # type: ignore[arg-type]

    def useless(*_: object) -> object:
        raise RecursionError

    monkeypatch.setattr(Judge, "judge", broken)
    found = made.audit("flat", "bare", "deep")
    assert found["flat"].standing is Standing.UNKNOWN
    assert found["flat"].reason == "The audit itself broke on it (RecursionError); please report it."
    assert {**found, "flat": undisturbed["flat"]} == undisturbed
    monkeypatch.setattr(Judge, "again", useless)
    monkeypatch.setattr(Judge, "judge", judge)
    assert made.audit("flat", "bare", "deep", state=tmp_path / "state") == undisturbed


def test_who_leaves_early_is_told_to_hurry(made: Made) -> None:
    """Before anything is waited for."""
    rules = made.rules(registry("flat", "bare"))
    left: list[bool] = []

    def ask(_owner: str, _text: str, _variables: dict[str, str]) -> Answered:
        raise KeyboardInterrupt

    auditor = Auditor(ask, made.judge(rules), State(None), on_leave=lambda: left.append(True))
    with pytest.raises(KeyboardInterrupt):
        list(auditor.records(made.targets(rules), Progress(2)))
    assert left


def test_organisations_of_different_tokens_share_no_query(made: Made) -> None:
    """Each is asked by its own."""
    made.local.github.repository("other/flat", MADE["flat"])
    text = registry("flat", "bare") + "  other:\n    services:\n      flat: {repo: other/flat, type: tool}\n"
    rules = made.rules(text)
    asked: list[tuple[str, set[str]]] = []

    def ask(owner: str, _text: str, variables: dict[str, str]) -> Answered:
        asked.append((owner, {value for key, value in variables.items() if key.startswith("o")}))
        return Answered({})

    auditor = Auditor(ask, made.judge(rules), State(None), apart=str.lower)
    found = list(auditor.records(made.targets(rules), Progress(3)))
    assert {one.standing for one in found} == {Standing.UNKNOWN}
    assert all(owners == {owner} for owner, owners in asked)
    assert {owner for owner, _ in asked} == {"made", "other"}
