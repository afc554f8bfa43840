"""An audit from its plan to its document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chittyactions.compliance.audit.judge import Judge
from chittyactions.compliance.audit.record import Standing
from chittyactions.compliance.audit.run import Auditor, Progress
from chittyactions.compliance.audit.state import State
from chittyactions.ecosystem.github_graphql_answers import Answered
from chittylocal import Local
from compliance.audit.made import MADE, Made, registry


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
