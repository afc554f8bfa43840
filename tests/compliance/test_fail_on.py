"""What fails a run, what only warns, and what leaves it incomplete."""

from __future__ import annotations

import pytest

from chittyactions.compliance.fail_on import FailOn, decide, read_fail_on, worst_first
from chittyactions.compliance.model import Outcome, Severity
from chittyactions.errors import InputError
from compliance.verdicts import check, passing, verdict

FAIL, UNKNOWN = Outcome.FAIL, Outcome.UNKNOWN


@pytest.mark.parametrize(
    "asked, settings, said",
    [
        ("", "", FailOn.AUTO),
        ("auto", "", FailOn.AUTO),
        ("auto", "none", FailOn.NONE),
        ("", "high", FailOn.HIGH),
        ("required", "none", FailOn.REQUIRED),
        (" LOW ", "", FailOn.LOW),
    ],
)
def test_the_input_says_more_than_the_file(asked: str, settings: str, said: FailOn) -> None:
    """An input wins over .chittyops.yml, and auto leaves it to the file."""
    assert read_fail_on(asked, settings) is said


@pytest.mark.parametrize("asked, settings, where", [("hihg", "", "fail_on is"), ("", "hihg", ".chittyops.yml is")])
def test_a_mistyped_policy_is_an_error(asked: str, settings: str, where: str) -> None:
    """Known failure 23, `--threshold=abc` passes: a word that is no policy never lets everything pass."""
    with pytest.raises(InputError, match="did you mean high") as caught:
        read_fail_on(asked, settings)
    told = str(caught.value)
    assert told.startswith(where if asked else "fail_on in " + where)
    assert "  Why: Only a known word can say what fails the run;" in told
    assert "  Fix: Use one of auto, required, critical, high, medium, low, none." in told
    assert told.endswith("docs/compliance.md#fail-on")
    assert caught.value.exit_code == 2


def test_the_file_alone_may_say_nothing() -> None:
    """Without an input and without a file it is auto."""
    assert read_fail_on("") is FailOn.AUTO


def test_a_mistyped_policy_is_quoted_shortly() -> None:
    """A file's whole text by mistake does not fill the log."""
    with pytest.raises(InputError) as caught:
        read_fail_on("x" * 500)
    assert "'" + "x" * 40 + "'" in caught.value.what


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.ERROR])
def test_a_required_check_that_fails_or_cannot_be_made_fails_the_run(outcome: Outcome) -> None:
    """Known failure 32, the self-check never fails."""
    found = decide(verdict(check("a.b", outcome)), FailOn.REQUIRED, opted_in=False)
    assert (found.fails, found.would_fail, found.exit_code) == (True, False, 1)


@pytest.mark.parametrize(
    "outcome", [Outcome.PASS, Outcome.WAIVED, Outcome.NOT_APPLICABLE, Outcome.NOT_EVALUATED, Outcome.UNKNOWN]
)
def test_nothing_else_fails_it(outcome: Outcome) -> None:
    """Waived, not applicable, not evaluated and unknown are no failures under any policy."""
    for policy in FailOn:
        assert not decide(verdict(check("a.b", outcome)), policy, opted_in=True).counting


def test_auto_only_warns_whoever_has_not_asked() -> None:
    """Ten repositories require this job today: their merges go on, and they are told exactly what would fail."""
    judged = verdict(check("a.b", FAIL), check("c.d", FAIL, required=False))
    warned = decide(judged, FailOn.AUTO, opted_in=False)
    assert (warned.fails, warned.would_fail, warned.exit_code) == (False, True, 0)
    assert [one.id for one in warned.counting] == ["a.b"]
    held = decide(judged, FailOn.AUTO, opted_in=True)
    assert (held.fails, held.would_fail, held.exit_code) == (True, False, 1)


@pytest.mark.parametrize(
    "policy, counted",
    [
        (FailOn.NONE, []),
        (FailOn.REQUIRED, ["r.low"]),
        (FailOn.CRITICAL, ["o.critical"]),
        (FailOn.HIGH, ["o.critical", "o.high"]),
        (FailOn.MEDIUM, ["o.critical", "o.high", "o.medium"]),
        (FailOn.LOW, ["r.low", "o.critical", "o.high", "o.medium"]),
    ],
)
def test_a_severity_counts_what_weighs_as_much_or_more(policy: FailOn, counted: list[str]) -> None:
    """Severity and being required are two things: each policy counts by the one or by the other."""
    judged = verdict(
        check("r.low", FAIL, severity=Severity.LOW),
        check("o.medium", FAIL, severity=Severity.MEDIUM, required=False),
        check("o.critical", FAIL, severity=Severity.CRITICAL, required=False),
        check("o.high", FAIL, severity=Severity.HIGH, required=False),
    )
    found = decide(judged, policy, opted_in=True)
    assert [one.id for one in found.counting] == counted
    assert found.exit_code == (1 if counted else 0)


@pytest.mark.parametrize("policy", FailOn)
def test_an_advisory_check_never_fails_a_run(policy: FailOn) -> None:
    """A specification that is not certified stops nobody, however grave it calls itself."""
    advisory = check("a.b", FAIL, severity=Severity.CRITICAL, required=False, advisory=True)
    assert not decide(verdict(advisory), policy, opted_in=True).fails


def test_a_required_check_that_is_unknown_leaves_the_run_incomplete() -> None:
    """Known failure 1, read as a missing file: unknown is exit 3 of the command and fails no job."""
    found = decide(verdict(check("a.b", UNKNOWN)), FailOn.REQUIRED, opted_in=True)
    assert (found.fails, found.exit_code) == (False, 3)


def test_what_is_not_evaluated_leaves_nothing_incomplete() -> None:
    """A fact that the run does not ask for never exits 3."""
    assert decide(verdict(check("a.b", Outcome.NOT_EVALUATED)), FailOn.REQUIRED, opted_in=True).exit_code == 0


@pytest.mark.parametrize(
    "policy, severity, code",
    [(FailOn.HIGH, Severity.HIGH, 3), (FailOn.HIGH, Severity.LOW, 0), (FailOn.NONE, Severity.HIGH, 0)],
)
def test_an_unknown_that_would_count_is_incomplete_too(policy: FailOn, severity: Severity, code: int) -> None:
    """Under a severity an unknown check that is not required matters where its failure would."""
    judged = verdict(check("a.b", UNKNOWN, severity=severity, required=False))
    assert decide(judged, policy, opted_in=True).exit_code == code


def test_a_failure_is_worse_than_being_incomplete() -> None:
    """Exit 1 wins over 3."""
    judged = verdict(check("a.b", FAIL), check("c.d", UNKNOWN))
    assert decide(judged, FailOn.REQUIRED, opted_in=True).exit_code == 1


def test_all_is_well() -> None:
    """A verdict that passes exits 0 under every policy."""
    assert {decide(passing(), policy, opted_in=True).exit_code for policy in FailOn} == {0}


def test_the_worst_comes_first() -> None:
    """Required before the others, then by severity, then as in the catalogue."""
    checks = [
        check("a.low", FAIL, severity=Severity.LOW, required=False),
        check("b.critical", FAIL, severity=Severity.CRITICAL, required=False),
        check("c.medium", FAIL, severity=Severity.MEDIUM),
        check("d.high", FAIL),
        check("e.high", FAIL),
    ]
    assert [one.id for one in worst_first(checks)] == ["d.high", "e.high", "c.medium", "b.critical", "a.low"]


@pytest.mark.parametrize("policy", list(FailOn))
def test_a_decision_names_its_policy(policy: FailOn) -> None:
    """Reports say by which rule a run failed."""
    assert decide(passing(), policy, opted_in=True).policy is policy
