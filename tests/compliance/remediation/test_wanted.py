"""What each service's issue should be about, by an audit alone."""

from __future__ import annotations

import pytest

from chittyactions.compliance.audit.record import Scope, Standing
from chittyactions.compliance.model import Outcome
from chittyactions.compliance.remediation.wanted import Choice, State, chosen, named, wanted
from chittyactions.errors import InputError
from compliance.remediation.audits import BEACON, LEAVE, OWNERS, TRUST, audit, check, service, unjudged

ALL = Scope()


def test_required_failures_make_an_issue() -> None:
    """A check that could not be made is one; what is optional, waived or passes is none."""
    aim = wanted(
        service(
            check(OWNERS), check(TRUST, Outcome.ERROR), check(BEACON, Outcome.WAIVED, waiver=LEAVE),
            check("a.optional", required=False), check("a.passes", Outcome.PASS),
        ),
        ALL,
    )  # fmt: skip
    assert (aim.state, set(aim.checks)) == (State.FAILS, {OWNERS, TRUST})


def test_only_optional_failures_make_none() -> None:
    """The service is well."""
    assert wanted(service(check(OWNERS, Outcome.PASS), check(BEACON, required=False)), ALL).state is State.WELL


@pytest.mark.parametrize("standing", [one for one in Standing if one is not Standing.JUDGED])
def test_who_was_not_judged_is_an_open_question(standing: Standing) -> None:
    """Whatever the reason."""
    aim = wanted(unjudged(standing), ALL)
    assert (aim.state, aim.why[:11]) == (State.OPEN_QUESTION, "not judged:")


def test_unknown_is_an_open_question() -> None:
    """Neither well nor failing, by name."""
    aim = wanted(service(check(OWNERS, Outcome.UNKNOWN), check(BEACON, Outcome.PASS)), ALL)
    assert (aim.state, aim.why) == (State.OPEN_QUESTION, f"unknown: {OWNERS}")


def test_what_fails_beside_an_unknown_is_known_to_fail() -> None:
    """The unknown is kept apart."""
    aim = wanted(service(check(OWNERS, Outcome.UNKNOWN), check(BEACON)), ALL)
    assert (aim.state, set(aim.checks), aim.unsettled) == (State.FAILS, {BEACON}, frozenset({OWNERS}))


def test_numbers_and_lines_are_no_other_finding() -> None:
    """A line that moved and a time that was longer are no news, while the text is written anew for them."""
    one, other = (wanted(service(check(OWNERS, Outcome.FAIL, f"it took {n} ms")), ALL) for n in (12, 3456))
    assert one.checks == other.checks
    assert one.digest != other.digest
    assert wanted(service(check(OWNERS, Outcome.FAIL, "another")), ALL).checks != one.checks


def test_unknowns_commits_and_passes_write_no_text_anew() -> None:
    """The digest is of what fails and what is waived."""
    one = wanted(service(check(OWNERS), check(BEACON, Outcome.PASS)), ALL)
    other = wanted(service(check(OWNERS), check(BEACON, Outcome.UNKNOWN, reason="HTTP 502"), commit="ff"), ALL)
    assert one.digest == other.digest


def test_a_check_that_was_not_asked_is_still_open() -> None:
    """Where a dimension was left out, or the service was not asked; else a check that is gone is gone."""
    narrow = wanted(service(check(OWNERS)), Scope(except_dimensions=("chittybeacon",)))
    whole = wanted(service(check(OWNERS), check(TRUST, Outcome.NOT_EVALUATED)), ALL)
    assert (narrow.open_still(BEACON), narrow.open_still(OWNERS)) == (True, False)
    assert (whole.open_still(BEACON), whole.open_still(TRUST)) == (False, True)


def test_the_issue_is_where_the_repository_is_now() -> None:
    """A renamed one has it under its new name."""
    assert wanted(service(moved_to="chittyos/new"), ALL).repository == "chittyos/new"


SERVICES = audit(
    service(name="auth"),
    service(name="id", private=True),
    *(unjudged(one, one.value) for one in (Standing.MISSING, Standing.NO_ACCESS, Standing.UNKNOWN)),
    service(name="mint", organization="ChittyFoundation"),
    service(name="auth", organization="ChittyFoundation"),
)


@pytest.mark.parametrize(
    "choice, keys, private",
    [
        (Choice(), ["chittyfoundation/auth", "chittyfoundation/mint", "chittyos/auth"], 4),
        (
            Choice(private=True),
            [
                "chittyfoundation/auth",
                "chittyfoundation/mint",
                *(f"chittyos/{one}" for one in ("auth", "id", "missing", "no_access", "unknown")),
            ],
            0,
        ),
        (Choice(services=("AUTH",)), ["chittyfoundation/auth", "chittyos/auth"], 0),
        (Choice(services=("ChittyOS/Auth",)), ["chittyos/auth"], 0),
        (Choice(organizations=("chittyos",)), ["chittyos/auth"], 4),
    ],
)
def test_choosing(choice: Choice, keys: list[str], private: int) -> None:
    """In whatever case; private ones are counted and not named unless they are asked for."""
    services, left_out = chosen(SERVICES, choice)
    assert ([one.key for one in services], left_out) == (keys, private)


@pytest.mark.parametrize(
    "choice, words",
    [
        (Choice(services=("mimt",)), "Did you mean mint?"),
        (Choice(organizations=("chityos",)), "Did you mean chittyos?"),
        (Choice(services=("zzzzzz",)), "Nothing in it has a name like that."),
        (Choice(services=("mint",), organizations=("chittyos",)), "together leave none"),
    ],
)
def test_a_wrong_name_is_an_error(choice: Choice, words: str) -> None:
    """Never a run over nothing that ends well."""
    with pytest.raises(InputError) as caught:
        chosen(SERVICES, choice)
    assert words in str(caught.value)


def test_a_sentence_holds_five_names() -> None:
    """And says how many more there are."""
    assert named(["a", "b"]) == "a, b"
    assert named(list("abcdefg")) == "a, b, c, d, e, and 2 more"


def test_what_an_issue_does_not_show_makes_no_edit() -> None:
    """Of the security programme it has the names of the checks, so that another finding is the same text."""
    one, other, gone = (
        wanted(service(check(OWNERS), *more), Scope()).digest
        for more in (
            [check("security-credentials.plain", Outcome.FAIL, "a.sh", required=False)],
            [check("security-credentials.plain", Outcome.FAIL, "b.sh", required=False)],
            [],
        )
    )
    assert one == other != gone
