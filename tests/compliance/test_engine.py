"""The engine: what an evaluator's answer comes to under each profile, what dimensions come to together, the score."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from chittyactions.compliance.catalogue import Catalogue
from chittyactions.compliance.engine import Engine, Subject, together
from chittyactions.compliance.facts import Fact, NotApplicable, NotAsked, NotKnown, Undecided, Wrong
from chittyactions.compliance.model import (
    Checked,
    Finding,
    Need,
    Outcome,
    Service,
    Severity,
    Verdict,
    Waiver,
)
from chittyactions.compliance.repository import Observed
from chittyactions.errors import Cancelled
from compliance.repositories import repository

TODAY = date(2026, 6, 1)
GONE = Finding("it is gone", "bring it back", absent=True)
BROKEN = Finding("it is broken", "mend it", path="a.yml", line=3)
NEEDS = {
    "worker": {"canon": Need.REQUIRED, "trust": Need.REQUIRED},
    "tool": {"canon": Need.OPTIONAL},
    "docs": {"trust": Need.REQUIRED},
}
TOOL, WORKER, DOCS = Service("a", "tool"), Service("a", "worker"), Service("a", "docs")


def catalogue(*checks: Mapping[str, Any], advisory: bool = False) -> Catalogue:
    """Checks with the dimensions canon, trust, and `other`, which no profile names."""
    about = {"title": "t", "description": "d", "why": "w"}
    full = [
        {"id": f"canon.c{n}", "dimension": "canon", "title": f"check {n}", "description": "d", "severity": "high",
         "evaluate": "it", "with": {}, **check}
        for n, check in enumerate(checks)
    ]  # fmt: skip
    dimensions = {"canon": {**about, "advisory": advisory}, "trust": about, "other": about}
    return Catalogue.model_validate({"schema_version": 1, "dimensions": dimensions, "checks": full})


def saying(answer: Any) -> Callable[[Subject], Iterable[Finding]]:
    """An evaluator that gives findings, or raises."""

    def evaluate(_: Subject) -> Iterable[Finding]:
        if isinstance(answer, BaseException):
            raise answer
        return answer  # type: ignore[no-any-return]

    return evaluate


def verdict(
    answers: Sequence[Any],
    service: Service = WORKER,
    *,
    waivers: Sequence[Waiver] = (),
    advisory: bool = False,
    **check: Any,
) -> Verdict:
    """The verdict of one check for each answer."""
    evaluators = {f"it{n}": saying(answer) for n, answer in enumerate(answers)}
    specs = catalogue(*({"evaluate": name, **check} for name in evaluators), advisory=advisory)
    return Engine(specs, NEEDS, evaluators).judge(repository({}), service, waivers=waivers, today=TODAY)


def outcome(answer: Any, service: Service = WORKER, **more: Any) -> Checked:
    """What one check comes to."""
    (checked,) = verdict([answer], service, **more).checks
    return checked


# -- one check -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer, wanted, reason",
    [
        ([], Outcome.PASS, ""),
        ([BROKEN], Outcome.FAIL, ""),
        (Wrong(BROKEN), Outcome.FAIL, ""),
        (Undecided(BROKEN), Outcome.ERROR, "it is broken"),
        (NotKnown("a rate limit"), Outcome.UNKNOWN, "a rate limit"),
        (NotAsked("offline"), Outcome.NOT_EVALUATED, "offline"),
        (NotApplicable("no sources"), Outcome.NOT_APPLICABLE, "no sources"),
        (KeyError("a secret"), Outcome.UNKNOWN, "the check itself broke (KeyError); please report it"),
        (RecursionError(), Outcome.UNKNOWN, "the check itself broke (RecursionError); please report it"),
    ],
)
def test_what_an_answer_comes_to(answer: Any, wanted: Outcome, reason: str) -> None:
    """Each way to answer is an outcome of its own: unknown and not asked never fail, nor does our own mistake."""
    checked = outcome(answer)
    assert (checked.outcome, checked.reason) == (wanted, reason)
    assert checked.findings == ((BROKEN,) if wanted in (Outcome.FAIL, Outcome.ERROR) else ())


ON, OFF = ".github/workflows/on.yml", ".github/workflows/off.yml"
FLOW = "on: push\njobs: {j: {runs-on: x, steps: [{run: x}]}}\n"


@pytest.mark.parametrize(
    "on, off, wanted",
    [
        ([], [], Outcome.PASS),
        ([BROKEN], [BROKEN], Outcome.FAIL),
        ([BROKEN], [GONE], Outcome.FAIL),
        ([], [BROKEN], Outcome.UNKNOWN),
        ([BROKEN], [], Outcome.UNKNOWN),
        ([BROKEN], NotApplicable("no workflow"), Outcome.UNKNOWN),
        ([], NotApplicable("no workflow"), Outcome.PASS),
        ([], NotAsked("settings"), Outcome.UNKNOWN),
        (NotAsked("settings"), NotAsked("settings"), Outcome.NOT_EVALUATED),
        (NotApplicable("no workflow"), [], Outcome.UNKNOWN),
        (NotKnown("a rate limit"), [], Outcome.UNKNOWN),
        ([], NotKnown("a rate limit"), Outcome.UNKNOWN),
    ],
)
def test_whatever_workflows_are_switched_off(on: Any, off: Any, wanted: Outcome) -> None:
    """Where nobody can say, a check is unknown unless it comes to the same; nothing wrong is not made unknown by it."""
    asked: list[tuple[str, ...]] = []

    def evaluate(subject: Subject) -> Iterable[Finding]:
        asked.append(subject.repository.switched_off)
        return saying(off if subject.repository.switched_off else on)(subject)

    held = repository({ON: FLOW, OFF: FLOW}, observed=Observed(disabled_workflows=Fact.unknown("HTTP 500")))
    (checked,) = Engine(catalogue({}), NEEDS, {"it": evaluate}).judge(held, WORKER, today=TODAY).checks
    assert checked.outcome is wanted
    assert asked == ([()] if isinstance(on, NotKnown) else [(), (OFF, ON)])
    if wanted is Outcome.UNKNOWN:
        told = "it depends on which workflows are switched on, and that is not known: HTTP 500"
        assert (checked.findings, checked.reason) == ((), str(on) if isinstance(on, NotKnown) else told)
    else:
        assert checked.findings == (tuple(on) if isinstance(on, list) else ())


@pytest.mark.parametrize("switches", [Fact.present(()), Fact.present((OFF,)), Fact.not_asked("offline")])
def test_workflows_that_are_known_are_looked_at_once(switches: Fact[tuple[str, ...]]) -> None:
    """So is what does not go by them, whatever is known."""
    asked: list[tuple[str, ...]] = []
    unknown: Fact[tuple[str, ...]] = Fact.unknown("HTTP 500")
    for state, going_by_them in ((switches, True), (unknown, True), (unknown, False), (unknown, True)):

        def evaluate(subject: Subject, going_by_them: bool = going_by_them) -> Iterable[Finding]:
            asked.append(subject.repository.switched_off if going_by_them else ("not looked at",))
            return []

        engine = Engine(catalogue({}), NEEDS, {"it": evaluate})
        engine.judge(repository({OFF: FLOW}, observed=Observed(disabled_workflows=state)), WORKER, today=TODAY)
    assert asked == [switches.found or (), (), (OFF,), ("not looked at",), (), (OFF,)]


def test_a_check_that_does_not_go_by_workflows_is_made_once() -> None:
    """Also behind one that does."""
    made: list[str] = []

    def going(subject: Subject) -> Iterable[Finding]:
        made.append(f"going {subject.repository.switched_off}")
        return []

    def still(_: Subject) -> Iterable[Finding]:
        made.append("still")
        return []

    held = repository({OFF: FLOW}, observed=Observed(disabled_workflows=Fact.unknown("HTTP 500")))
    specs = catalogue({"evaluate": "going"}, {"evaluate": "still"})
    Engine(specs, NEEDS, {"going": going, "still": still}).judge(held, WORKER, today=TODAY)
    assert made == ["going ()", f"going {(OFF,)}", "still"]


def test_a_check_says_whether_services_have_to_be_asked_for_it() -> None:
    """By what it is evaluated with, as whoever made the engine says."""
    evaluators = {name: saying([]) for name in ("here", "asked")}
    engine = Engine(catalogue(*({"evaluate": one} for one in evaluators)), NEEDS, evaluators, frozenset({"asked"}))
    assert [one.asks for one in engine.judge(repository({}), WORKER, today=TODAY).checks] == [False, True]


@pytest.mark.parametrize("end", [NotKnown("limit"), NotApplicable("x"), NotAsked("x"), Undecided(GONE), ValueError()])
def test_what_was_found_before_a_check_broke_off_stays_found(end: Exception) -> None:
    """A rate limit in the middle hides no finding."""

    def evaluate(_: Subject) -> Iterable[Finding]:
        yield BROKEN
        raise end

    specs = catalogue({})
    checked = Engine(specs, NEEDS, {"it": evaluate}).judge(repository({}), WORKER, today=TODAY).checks[0]
    assert (checked.outcome, checked.findings) == (Outcome.FAIL, (BROKEN,))


def test_a_check_that_is_stopped_says_nothing() -> None:
    """Somebody ends the whole run: no outcome is made of it, and nothing is done with what was found."""
    specs = catalogue({})
    engine = Engine(specs, NEEDS, {"it": saying(Cancelled("stopped"))})
    with pytest.raises(Cancelled):
        engine.judge(repository({}), WORKER, today=TODAY)


def test_a_malformed_file_is_told_beside_what_was_found_before() -> None:
    """Both findings are shown."""

    def evaluate(_: Subject) -> Iterable[Finding]:
        yield GONE
        raise Wrong(BROKEN)

    checked = Engine(catalogue({}), NEEDS, {"it": evaluate}).judge(repository({}), WORKER, today=TODAY).checks[0]
    assert checked.findings == (GONE, BROKEN)


def test_a_check_gets_its_parameters_repository_and_service() -> None:
    """What checks.yml says under `with` is what runs."""
    seen: list[Subject] = []

    def evaluate(subject: Subject) -> Iterable[Finding]:
        seen.append(subject)
        return ()

    held = repository({"a": "a"})
    Engine(catalogue({"with": {"path": "x"}}), NEEDS, {"it": evaluate}).judge(held, WORKER, today=TODAY)
    (subject,) = seen
    assert (subject.repository, subject.service, dict(subject.parameters)) == (held, WORKER, {"path": "x"})


def test_what_a_checked_check_carries() -> None:
    """Id, dimension, title, severity and page come from its entry."""
    checked = outcome([BROKEN], severity="low")
    assert (checked.id, checked.dimension, checked.title) == ("canon.c0", "canon", "check 0")
    assert (checked.severity, checked.docs) == (Severity.LOW, "compliance/canon.md#canonc0")
    own = outcome([BROKEN], source=".chittyops.yml")
    assert own.docs == "compliance.md#own-checks"


# -- profiles ------------------------------------------------------------------------------------------------------


def test_an_optional_dimension_that_is_not_set_up_does_not_apply() -> None:
    """Known failure 18: nothing there and nothing asked for is no failure."""
    checked = outcome([GONE], TOOL)
    assert (checked.outcome, checked.required) == (Outcome.NOT_APPLICABLE, False)
    assert "optional" in checked.reason


@pytest.mark.parametrize("answer", [[BROKEN], [GONE, BROKEN], Wrong(BROKEN)])
def test_an_optional_dimension_that_is_broken_fails(answer: Any) -> None:
    """Known failure 16: broken is not "not configured"; it is shown as failed, and still not required."""
    checked = outcome(answer, TOOL)
    assert (checked.outcome, checked.required) == (Outcome.FAIL, False)


def test_a_required_dimension_that_is_absent_fails() -> None:
    """What is required has to be there."""
    checked = outcome([GONE])
    assert (checked.outcome, checked.required) == (Outcome.FAIL, True)


def test_a_dimension_that_the_type_does_not_need_is_not_looked_at() -> None:
    """Its check does not even run."""
    checked = outcome(AssertionError("it ran"), DOCS)
    assert (checked.outcome, checked.required) == (Outcome.NOT_APPLICABLE, False)
    assert checked.reason == "a docs does not need canon"


@pytest.mark.parametrize("service", [TOOL, WORKER, DOCS])
def test_a_dimension_of_no_profile_is_looked_at_for_everybody(service: Service) -> None:
    """And required of nobody; what is missing there is told."""
    for answer in ([BROKEN], [GONE]):
        checked = outcome(answer, service, dimension="other")
        assert (checked.outcome, checked.required) == (Outcome.FAIL, False)


def test_what_is_advisory_is_never_required() -> None:
    """A check, or a whole dimension, whose specification is not certified."""
    for checked in (outcome([BROKEN], advisory=True), outcome([BROKEN], TOOL, advisory=True)):
        assert (checked.outcome, checked.required, checked.advisory) == (Outcome.FAIL, False, True)
    engine = Engine(catalogue({"advisory": True}), NEEDS, {"it": saying([BROKEN])})
    checked = engine.judge(repository({}), WORKER, today=TODAY).checks[0]
    assert (checked.required, checked.advisory) == (False, True)


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("service", [TOOL, WORKER, DOCS])
def test_a_repositorys_own_check_says_itself_whether_it_is_required(service: Service, required: bool) -> None:
    """Whatever the profiles say, and absent as well as broken."""
    checked = outcome([GONE], service, required=required)
    assert (checked.outcome, checked.required) == (Outcome.FAIL, required)


@pytest.mark.parametrize(
    "applies, service, reason",
    [
        ({"types": ["tool", "docs"]}, WORKER, "it is for tool, docs, and this is a worker"),
        ({"tiers": [2, 3]}, Service("a", "worker", 1), "it is for the tiers 2, 3, and this is tier 1"),
        ({"tiers": [2, 3]}, Service("a", "worker", 0), "it is for the tiers 2, 3, and this is tier 0"),
        ({"tiers": [2, 3]}, WORKER, "it is for the tiers 2, 3, and no tier is stated"),
        ({"domain": True}, WORKER, "the service has no domain"),
    ],
)
def test_a_check_that_does_not_concern_the_service(applies: Any, service: Service, reason: str) -> None:
    """By type, tier or domain; the reason says which."""
    checked = outcome(AssertionError("it ran"), service, applies=applies)
    assert (checked.outcome, checked.reason) == (Outcome.NOT_APPLICABLE, reason)


@pytest.mark.parametrize("applies", [{"types": ["worker"]}, {"tiers": [2, 3]}, {"domain": True}, {}])
def test_a_check_that_concerns_the_service(applies: Any) -> None:
    """It runs."""
    assert outcome([BROKEN], Service("a", "worker", 2, "a.cc"), applies=applies).outcome is Outcome.FAIL


def test_which_entry_concerns_a_service() -> None:
    """For those who gather facts: nothing is asked that no check needs."""
    engine = Engine(catalogue({"applies": {"domain": True}}), NEEDS, {})
    found = engine.concerning("canon.c0", Service("a", "worker", domain="a.cc"))
    assert found is not None
    assert found.id == "canon.c0"
    assert engine.concerning("canon.c0", WORKER) is None
    assert engine.concerning("canon.c0", Service("a", "docs", domain="a.cc")) is None
    assert engine.concerning("canon.none", WORKER) is None


# -- together ------------------------------------------------------------------------------------------------------

ANSWERS = {
    Outcome.FAIL: [BROKEN],
    Outcome.ERROR: Undecided(BROKEN),
    Outcome.UNKNOWN: NotKnown("x"),
    Outcome.PASS: [],
    Outcome.NOT_EVALUATED: NotAsked("x"),
    Outcome.NOT_APPLICABLE: NotApplicable("x"),
}


@pytest.mark.parametrize(
    "outcomes, wanted",
    [(list(ANSWERS)[start:], one) for start, one in enumerate(ANSWERS)],
    ids=[one.value for one in ANSWERS],
)
def test_a_dimension_is_as_its_worst_check(outcomes: list[Outcome], wanted: Outcome) -> None:
    """Fail, error, unknown, pass, not evaluated, not applicable, in that order, however the checks are ordered."""
    for order in (outcomes, outcomes[::-1]):
        found = verdict([ANSWERS[one] for one in order])
        assert found.dimensions[0].outcome is wanted
    assert found.dimensions[1].outcome is Outcome.NOT_APPLICABLE
    assert [one.need for one in found.dimensions] == [Need.REQUIRED, Need.REQUIRED, Need.OPTIONAL]


def test_a_waived_dimension_is_neither_passed_nor_failed() -> None:
    """It stands between unknown and pass."""
    made = [Checked("a", "canon", "t", Severity.LOW, True, one) for one in (Outcome.WAIVED, Outcome.PASS)]
    assert together(made, "canon") is Outcome.WAIVED
    made.append(Checked("a", "canon", "t", Severity.LOW, True, Outcome.UNKNOWN))
    assert together(made, "canon") is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "answers, score, wanted",
    [
        ([[]] * 299 + [[BROKEN]], 99, Outcome.FAIL),
        ([[]] * 300, 100, Outcome.PASS),
        ([[], [BROKEN], [BROKEN]], 33, Outcome.FAIL),
        ([[], Undecided(BROKEN)], 50, Outcome.FAIL),
        ([[], NotKnown("x")], 100, Outcome.UNKNOWN),
        ([[], NotAsked("x"), NotApplicable("x")], 100, Outcome.PASS),
        ([NotAsked("x")], None, Outcome.PASS),
        ([], None, Outcome.PASS),
        ([[BROKEN]], 0, Outcome.FAIL),
        ([NotKnown("x"), [BROKEN]], 0, Outcome.FAIL),
    ],
)  # fmt: skip
def test_score_and_outcome(answers: Sequence[Any], score: int | None, wanted: Outcome) -> None:
    """Known failures 20 and 21: floored, with one denominator; what has no verdict counts neither way."""
    found = verdict(answers)
    assert (found.score, found.outcome) == (score, wanted)


def test_only_required_checks_make_score_and_outcome() -> None:
    """What is optional or advisory is shown, and counts for nothing."""
    found = verdict([[BROKEN], NotKnown("x")], TOOL)
    assert (found.score, found.outcome) == (None, Outcome.PASS)
    assert found.count(Outcome.FAIL, required=False) == 1
    assert found.count(Outcome.FAIL) == 0


def test_every_check_is_evaluated_whatever_the_others_do() -> None:
    """In the order of the catalogue, each once."""
    found = verdict([ValueError(), Wrong(BROKEN), [], NotKnown("x")])
    assert [one.outcome for one in found.checks] == [Outcome.UNKNOWN, Outcome.FAIL, Outcome.PASS, Outcome.UNKNOWN]
    assert [one.id for one in found.checks] == ["canon.c0", "canon.c1", "canon.c2", "canon.c3"]


@pytest.mark.parametrize("advisory", [False, True])
def test_a_verdict_names_what_it_is_about(*, advisory: bool) -> None:
    """The service, the commit, and each dimension with its title and whether it is advisory."""
    engine = Engine(catalogue({}, advisory=advisory), NEEDS, {"it": saying([])})
    found = engine.judge(repository({}, commit="a" * 40), TOOL, today=TODAY)
    assert (found.service, found.commit) == (TOOL, "a" * 40)
    dimension = found.dimensions[0]
    assert (dimension.name, dimension.title, dimension.advisory) == ("canon", "t", advisory)


def test_what_is_known_is_not_looked_at_again() -> None:
    """Outcomes of earlier stand for their own checks alone, and waivers count for them as for any other."""
    engine = Engine(catalogue({}, {}), NEEDS, {"it": saying([])})
    first, second = engine.judge(repository({}), WORKER, today=TODAY).checks
    failed = Checked(first.id, first.dimension, first.title, first.severity, True, Outcome.FAIL, (BROKEN,))
    again = engine.judge(repository({}), WORKER, today=TODAY, known={failed.id: failed})
    assert again.checks == (failed, second)
    granted = Waiver("canon", "later", "me", TODAY)
    waived = engine.judge(repository({}), WORKER, waivers=[granted], today=TODAY, known={failed.id: failed})
    assert [one.outcome for one in waived.checks] == [Outcome.WAIVED, Outcome.PASS]
