"""The numbers of an audit and what changed between two: every report takes them from there."""

from __future__ import annotations

import pytest

from chittyactions.compliance.audit.record import Audit, Scope, ServiceRecord, Standing
from chittyactions.compliance.audit.totals import Change, Rate, changes, totals
from chittyactions.compliance.model import Outcome
from compliance.audit.ecosystem import TOOL, WORKER, audit, service

WELL = service("o", TOOL, "well", 0)
"""All of its checks pass."""


def with_outcome(outcome: Outcome, check: int = 0, name: str = "well") -> ServiceRecord:
    """A service with one check that came to something."""
    checks = list(WELL.checks)
    checks[check] = checks[check].model_copy(update={"outcome": outcome, "required": True})
    return WELL.model_copy(update={"name": name, "checks": tuple(checks)})


def of(*services: ServiceRecord) -> Audit:
    """An audit of some services."""
    return audit().model_copy(update={"services": services})


def told(before: ServiceRecord | None, after: ServiceRecord | None) -> list[tuple[Change, str]]:
    """What changed of a service."""
    one, other = (
        of(*([service] if service else [])).model_copy(update={"scope": Scope(plan=plan)})
        for service, plan in ((before, "a"), (after, "b"))
    )
    return [(change.change, change.said) for change in changes(one, other)]


@pytest.mark.parametrize(
    "passed, whole, percent, said",
    [(299, 300, 99, "99 %"), (300, 300, 100, "100 %"), (0, 3, 0, "0 %"), (2, 3, 66, "66 %"), (0, 0, None, "none")],
)
def test_a_rate_is_never_rounded_up(passed: int, whole: int, percent: int | None, said: str) -> None:
    """299 of 300 are not all of them."""
    assert (Rate(passed, whole).percent, str(Rate(passed, whole))) == (percent, said)


@pytest.mark.parametrize("complete", [True, False])
def test_every_service_is_counted_once(complete: bool) -> None:
    """Passing, failing, unknown and not judged together are all of them."""
    numbers = totals(audit(complete=complete).services)
    assert numbers.judged + sum(numbers.unjudged.values()) == numbers.services == 62
    assert numbers.rate.whole == numbers.passing + numbers.failing
    assert Standing.JUDGED not in numbers.unjudged


def test_a_service_without_a_known_outcome_is_unknown() -> None:
    """What was judged and came to nothing that anybody knows counts for nobody, and is not lost."""
    numbers = totals([WELL.model_copy(update={"outcome": outcome}) for outcome in (None, Outcome.NOT_EVALUATED)])
    assert (numbers.services, numbers.judged, numbers.unknown) == (2, 2, 2)


@pytest.mark.parametrize(
    "outcome, share",
    [
        (Outcome.PASS, (1, 1)),
        (Outcome.FAIL, (0, 1)),
        (Outcome.ERROR, (0, 1)),
        (Outcome.WAIVED, (0, 1)),
        (Outcome.UNKNOWN, (0, 0)),
        (Outcome.NOT_EVALUATED, (0, 0)),
        (Outcome.NOT_APPLICABLE, (0, 0)),
    ],
)
def test_a_waiver_never_raises_a_rate_and_unknown_never_lowers_one(outcome: Outcome, share: tuple[int, int]) -> None:
    """What nobody could say is neither for nor against anybody."""
    one = with_outcome(outcome)
    numbers = totals([one.model_copy(update={"checks": one.checks[:1]})])
    assert (numbers.required_checks.passed, numbers.required_checks.whole) == share
    assert numbers.dimensions == {"chittyconnect": Rate(*share)}


def test_what_is_not_required_is_in_no_rate() -> None:
    """An optional check makes no dimension worse."""
    optional = tuple(one.model_copy(update={"required": False}) for one in WELL.checks)
    numbers = totals([WELL.model_copy(update={"checks": optional})])
    assert (dict(numbers.dimensions), numbers.required_checks) == ({}, Rate(0, 0))


TITLE = WELL.checks[0].title


@pytest.mark.parametrize(
    "before, after, said",
    [
        (Outcome.PASS, Outcome.FAIL, [(Change.BROKEN, f"{TITLE}: fails")]),
        (Outcome.WAIVED, Outcome.ERROR, [(Change.BROKEN, f"{TITLE}: fails")]),
        (Outcome.FAIL, Outcome.PASS, [(Change.FIXED, f"{TITLE}: fixed")]),
        (Outcome.ERROR, Outcome.WAIVED, [(Change.FIXED, f"{TITLE}: waived")]),
        (Outcome.FAIL, Outcome.ERROR, []),
        (Outcome.PASS, Outcome.UNKNOWN, []),
        (Outcome.UNKNOWN, Outcome.FAIL, []),
        (Outcome.PASS, Outcome.PASS, []),
    ],
)
def test_a_check_that_changed(before: Outcome, after: Outcome, said: list[tuple[Change, str]]) -> None:
    """Neither to nor from unknown is a change."""
    assert told(with_outcome(before), with_outcome(after)) == said


def test_services_that_come_go_and_move() -> None:
    """A repository that was archived, renamed or deleted is told as that, and not as broken."""
    archived = WELL.model_copy(update={"standing": Standing.ARCHIVED, "checks": (), "outcome": None})
    unknown = archived.model_copy(update={"standing": Standing.UNKNOWN})
    moved = WELL.model_copy(update={"moved_to": "o/better"})
    assert told(None, WELL) == [(Change.ADDED, "was not in the audit before")]
    assert told(WELL, None) == [(Change.REMOVED, "is no longer audited")]
    assert told(WELL, archived) == [(Change.STANDING, "was judged, and is archived")]
    assert told(WELL, unknown) == told(unknown, WELL) == []
    assert told(WELL, moved) == [(Change.STANDING, "moved to o/better")]
    assert told(moved, moved) == []
    assert told(moved, WELL) == [(Change.STANDING, f"moved to {WELL.repository}")], "and back"
    assert told(moved, WELL.model_copy(update={"repository": "O/Better"})) == [], "the registry has its new name"
    elsewhere = WELL.model_copy(update={"repository": "o/elsewhere"})
    assert told(WELL, elsewhere) == [(Change.STANDING, "moved to o/elsewhere")]


@pytest.mark.parametrize("standing", [Standing.UNKNOWN, Standing.MISSING, Standing.NO_ACCESS])
def test_what_nobody_sees_has_not_moved(standing: Standing) -> None:
    """GitHub does not lead to its new name then, nor tell its branch."""
    moved = WELL.model_copy(update={"moved_to": "o/better", "branch": "main"})
    gone = WELL.model_copy(update={"standing": standing, "checks": (), "outcome": None, "branch": ""})
    assert [said for _, said in told(moved, gone) if "moved" in said or "branch" in said] == []
    assert [said for _, said in told(gone, WELL.model_copy(update={"branch": "main"})) if "branch" in said] == []


def test_another_default_branch_is_told() -> None:
    """What is judged is another line of commits then; its case counts, as git's does."""
    old, new, loud = (WELL.model_copy(update={"branch": one}) for one in ("master", "main", "Main"))
    assert told(old, new) == [(Change.STANDING, "default branch: master \u2192 main")]
    assert told(new, loud) == [(Change.STANDING, "default branch: main \u2192 Main")]
    assert told(new, new) == []
    moved = new.model_copy(update={"moved_to": "o/better"})
    assert [said for _, said in told(old, moved)] == ["moved to o/better", "default branch: master \u2192 main"]


@pytest.mark.parametrize(
    "before, after, left_out, added, removed",
    [
        ({}, {}, (0, 0), True, True),
        ({}, {"complete": False}, (0, 0), True, False),
        ({}, {}, (0, 1), True, False),
        ({}, {"scope": Scope(plan="a")}, (0, 0), True, False),
        ({"complete": False}, {}, (0, 0), False, True),
        ({}, {}, (1, 0), False, True),
        ({}, {"scope": Scope(plan="b", organizations=("o",))}, (0, 0), False, False),
        ({}, {"scope": Scope(plan="b", services=("well",))}, (0, 0), False, False),
        ({}, {"scope": Scope(plan="b", except_dimensions=("identity",))}, (0, 0), False, False),
        ({}, {"scope": Scope(plan="b", runtime=False)}, (0, 0), False, False),
        ({}, {"scope": Scope(plan="b", shard="1/2")}, (0, 0), False, False),
    ],
)
def test_new_and_gone_are_told_only_where_that_is_certain(
    before: dict[str, object], after: dict[str, object], left_out: tuple[int, int], added: bool, removed: bool
) -> None:
    """What nobody looked at, what is left out and what was not asked for is neither new nor gone."""
    old = of(WELL).model_copy(update={"scope": Scope(plan="a"), **before})
    new = of(WELL.model_copy(update={"name": "other"})).model_copy(update={"scope": Scope(plan="b"), **after})
    found = [one.change for one in changes(old, new, left_out_before=left_out[0], left_out_after=left_out[1])]
    assert found == [Change.ADDED] * added + [Change.REMOVED] * removed


def test_a_service_is_the_same_in_any_case() -> None:
    """GitHub tells names apart without their case, and so does the comparison."""
    assert told(WELL, WELL.model_copy(update={"organization": "O", "name": "WELL"})) == []


def test_the_worst_change_stands_first() -> None:
    """What broke is what people have to see."""
    kinds = [one.change for one in changes(audit(-1), audit())]
    assert kinds == sorted(kinds, key=list(Change).index)
    assert set(kinds) == set(Change)


def test_the_made_ecosystem_has_all_there_is() -> None:
    """The tests of the reports would say little of an ecosystem in which nothing is wrong."""
    checks = [check for one in audit().services for check in one.checks]
    assert {one.outcome for one in checks} == set(Outcome)
    assert {one.standing for one in audit(complete=False).services} == set(Standing)
    assert any(one.waiver and one.waiver.expired for one in checks)
    assert service("o", WORKER, "x", 1).dimensions["health_endpoint"].title == "Health endpoint"
