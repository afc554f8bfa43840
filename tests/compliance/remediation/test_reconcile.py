"""What is to be done about an issue, by what is wanted and what is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chittyactions.compliance.audit.record import CheckRecord, Scope, Standing
from chittyactions.compliance.model import Outcome
from chittyactions.compliance.remediation.fingerprint import Mark, line_of, read_mark
from chittyactions.compliance.remediation.reconcile import Decision, Difference, Seen, Verb, decide, ours
from chittyactions.compliance.remediation.wanted import Wanted, wanted
from chittyactions.ecosystem.github_issues import Issue
from compliance.remediation.audits import BEACON, LEAVE, OWNERS, TRUST, check, service, unjudged

ME = "chitty-bot[bot]"


def aim(*checks: CheckRecord, **scope: tuple[str, ...]) -> Wanted:
    return wanted(service(*checks), Scope(**scope))  # type: ignore[arg-type]


def issue(
    mark: Mark | None, number: int = 1, state: str = "open", reason: str | None = None, author: str = ME
) -> Issue:
    given = {"number": number, "state": state, "state_reason": reason, "user": {"login": author}}
    return Issue.model_validate(given | {"body": line_of(mark) + "\nText" if mark else "Text"})


def opened(*checks: CheckRecord, number: int = 1, state: str = "open", reason: str | None = None) -> Seen:
    """An issue as it is after a run that found `checks`."""
    mark = decide(aim(*checks), ()).mark or Mark("chittyos/auth", 1, aim(*checks).digest, {})
    return Seen(issue(mark, number, state, reason), mark)


FAILS, PASSES = check(OWNERS), check(OWNERS, Outcome.PASS)


def test_a_failing_service_gets_an_issue_once() -> None:
    """Opened, and then kept as it is."""
    first = decide(aim(FAILS), ())
    assert (first.verb, first.mark and set(first.mark.checks)) == (Verb.CREATE, {OWNERS})
    again = decide(aim(FAILS), [opened(FAILS)])
    assert (again.verb, again.acts) == (Verb.KEEP, False)


def test_a_passing_service_gets_none() -> None:
    """Nor is a closed one touched."""
    closed = opened(FAILS, state="closed", reason="completed")
    assert [decide(aim(PASSES), seen).acts for seen in ([], [closed])] == [False, False]


@pytest.mark.parametrize(
    "before, after, difference",
    [
        ([FAILS], [FAILS, check(BEACON)], Difference(added=(BEACON,))),
        ([FAILS, check(BEACON)], [FAILS, check(BEACON, Outcome.PASS)], Difference(fixed=(BEACON,))),
        ([FAILS, check(BEACON)], [FAILS, check(BEACON, Outcome.WAIVED, waiver=LEAVE)], Difference(fixed=(BEACON,))),
        ([FAILS, check(BEACON)], [FAILS], Difference(fixed=(BEACON,))),
        ([FAILS], [check(OWNERS, Outcome.FAIL, "It is empty.")], Difference(changed=(OWNERS,))),
    ],
)
def test_an_edit_says_what_changed(before: list[CheckRecord], after: list[CheckRecord], difference: Difference) -> None:
    """And its text is one revision on."""
    decision = decide(aim(*after), [opened(*before)])
    assert (decision.verb, decision.difference) == (Verb.EDIT, difference)
    assert decision.mark
    assert decision.mark.revision == 2


def test_details_are_edited_without_a_word() -> None:
    """A line that moved, or what is waived besides, is news to nobody."""
    waived = check(BEACON, Outcome.WAIVED, waiver=LEAVE)
    decision = decide(aim(FAILS, waived), [opened(FAILS)])
    assert (decision.verb, bool(decision.difference)) == (Verb.EDIT, False)


def test_what_is_fixed_is_closed_with_a_word() -> None:
    """And once closed it stays so."""
    seen = opened(FAILS)
    decision = decide(aim(PASSES), [seen])
    assert (decision.verb, decision.difference) == (Verb.CLOSE, Difference(fixed=(OWNERS,)))
    assert decision.mark
    closed = Seen(issue(decision.mark, state="closed", reason="completed"), decision.mark)
    assert decide(aim(PASSES), [closed]).acts is False
    reopened = Seen(issue(decision.mark, state="open", reason="reopened"), decision.mark)
    assert (decide(aim(PASSES), [reopened]).verb, decide(aim(FAILS), [reopened]).verb) == (Verb.LEAVE, Verb.EDIT)


def test_what_fails_again_is_reopened() -> None:
    """The same issue, by whomever it was closed; all that fails is named."""
    for reason in ("completed", None):
        decision = decide(aim(FAILS), [opened(FAILS, state="closed", reason=reason)])
        assert (decision.verb, decision.difference) == (Verb.REOPEN, Difference(added=(OWNERS,)))


@pytest.mark.parametrize("reason", ["not_planned", "duplicate"])
def test_what_a_person_closed_for_good_stays_closed(reason: str) -> None:
    """Whatever is found later; the plan says so."""
    decision = decide(aim(FAILS, check(BEACON)), [opened(FAILS, state="closed", reason=reason)])
    assert (decision.verb, decision.acts) == (Verb.LEAVE, False)
    assert f"somebody closed #1 as {reason.replace('_', ' ')}" in decision.why


# -- unknowns ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "there", [[], [opened(FAILS)], [opened(FAILS, state="closed")], [opened(FAILS), opened(FAILS)]]
)
def test_an_open_question_changes_nothing(there: list[Seen]) -> None:
    """Not judged, or a required check unknown: whatever there is stays."""
    for one in (aim(check(OWNERS, Outcome.UNKNOWN)), wanted(unjudged(Standing.MISSING), Scope())):
        assert decide(one, there).acts is False


def test_an_unknown_is_neither_fixed_nor_edited_away() -> None:
    """It stays in the issue by name, and its being unknown is no reason to write."""
    there = opened(FAILS, check(BEACON))
    unknown = check(BEACON, Outcome.UNKNOWN)
    assert decide(aim(FAILS, unknown), [there]).acts is False
    more = decide(aim(FAILS, unknown, check(TRUST)), [there])
    assert (more.verb, more.difference, more.carried) == (Verb.EDIT, Difference(added=(TRUST,)), (BEACON,))
    assert more.mark
    assert set(more.mark.checks) == {OWNERS, BEACON, TRUST}


@pytest.mark.parametrize(
    "now",
    [
        aim(check(OWNERS, Outcome.NOT_EVALUATED), check(BEACON, Outcome.PASS)),
        aim(check(BEACON, Outcome.PASS), except_dimensions=("chittycanon",)),
    ],
)
def test_what_was_not_asked_closes_nothing(now: Wanted) -> None:
    """An audit without the services' answers, or without a dimension, does not know that it is fixed."""
    decision = decide(now, [opened(FAILS)])
    assert (decision.verb, decision.acts) == (Verb.LEAVE, False)
    assert OWNERS in decision.why


def test_a_check_that_is_gone_is_not_waited_for() -> None:
    """A whole audit that no longer makes it closes the issue."""
    assert decide(aim(check(BEACON, Outcome.PASS)), [opened(FAILS)]).verb is Verb.CLOSE


# -- whose ------------------------------------------------------------------------------------------------------------


MARK = Mark("chittyos/auth", 1, "00", {OWNERS: "11"})


def test_only_our_own_issues_of_the_service_are_ours() -> None:
    """Not one with the line pasted in, nor of another service, nor a pull request; the lowest number first."""
    pull = issue(MARK, 4).model_copy(update={"pull_request": {}})
    found = [
        issue(MARK, 9), issue(MARK, 1, author="mallory"), issue(replace(MARK, service="chittyos/id"), 2),
        issue(None, 3), pull, issue(MARK, 5, author=ME.upper()), issue(MARK, 6, author=""),
    ]  # fmt: skip
    assert [one.number for one in ours(found, ME, "chittyos/auth")] == [5, 9]


@pytest.mark.parametrize("now", [FAILS, PASSES])
def test_the_lowest_number_goes_on(now: CheckRecord) -> None:
    """Of several it is the one that counts; the others that are open are closed."""
    there = [opened(FAILS, number=3), opened(FAILS, number=5), opened(FAILS, number=7, state="closed")]
    decision = decide(aim(now), there)
    assert decision.acts is True
    assert (decision.seen and decision.seen.number, [one.number for one in decision.duplicates]) == (3, [5])


def simulated(decision: Decision, seen: Seen | None) -> Seen | None:
    """GitHub's issue after a decision."""
    if not decision.mark:
        return seen
    closed = decision.verb is Verb.CLOSE
    body = line_of(decision.mark)
    made = issue(read_mark(body), 1, "closed" if closed else "open", "completed" if closed else None)
    return Seen(made, decision.mark)


def test_any_story_comes_to_rest() -> None:
    """After each decision the same audit finds nothing more to do, whatever happened before."""
    states = [
        aim(FAILS), aim(FAILS, check(BEACON)), aim(PASSES), aim(check(OWNERS, Outcome.UNKNOWN)),
        aim(FAILS, check(BEACON, Outcome.UNKNOWN)), aim(check(OWNERS, Outcome.FAIL, "Other."), check(BEACON)),
        aim(check(OWNERS, Outcome.NOT_EVALUATED)),
    ]  # fmt: skip
    for first in states:
        for second in states:
            for third in states:
                there: Seen | None = None
                for one in (first, second, third):
                    there = simulated(decide(one, [there] if there else []), there)
                    assert decide(one, [there] if there else []).acts is False
