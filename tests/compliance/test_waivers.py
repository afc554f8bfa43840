"""Waivers: shown apart, never raising the score, gone the day after their expiry, and never for what does not exist."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from chittyactions.compliance.catalogue import validated
from chittyactions.compliance.model import Finding, Outcome, Waiver
from chittyactions.compliance.waivers import WaiverSpec, read_waivers
from chittyactions.errors import ConfigError
from compliance.test_engine import BROKEN, GONE, TODAY, TOOL, catalogue, outcome, verdict

ENTRY: dict[str, Any] = {
    "check": "canon.c0",
    "reason": "a migration",
    "owner": "@chittyos/core",
    "expires": "2026-12-31",
}
DAY = timedelta(days=1)


def waiver(check: str = "canon.c0", expires: date = TODAY, reason: str = "a migration") -> Waiver:
    return Waiver(check, reason, "@chittyos/core", expires, ".chittyops.yml")


@pytest.mark.parametrize("check", ["canon.c0", "canon"])
def test_a_failure_is_waived_by_check_or_by_dimension(check: str) -> None:
    """The finding stays, and the waiver with its reason and owner goes along."""
    checked = outcome([BROKEN], waivers=[waiver(check)])
    assert checked.outcome is Outcome.WAIVED
    assert checked.findings == (BROKEN,)
    assert checked.waiver == waiver(check)
    assert checked.required


@pytest.mark.parametrize("check", ["canon.c1", "trust", "canon.", "can"])
def test_a_waiver_of_something_else_waives_nothing(check: str) -> None:
    """Names are compared whole."""
    checked = outcome([BROKEN], waivers=[waiver(check)])
    assert (checked.outcome, checked.waiver) == (Outcome.FAIL, None)


@pytest.mark.parametrize(
    "expires, wanted",
    [(TODAY - DAY, Outcome.FAIL), (TODAY, Outcome.WAIVED), (TODAY + DAY, Outcome.WAIVED), (date.max, Outcome.WAIVED)],
)
def test_a_waiver_holds_to_the_end_of_its_last_day(expires: date, wanted: Outcome) -> None:
    """From the day after it the check fails again, and the report can say why."""
    checked = outcome([BROKEN], waivers=[waiver(expires=expires)])
    assert checked.outcome is wanted
    assert checked.waiver == waiver(expires=expires)


def test_of_several_waivers_the_one_that_lasts_longest_holds() -> None:
    """In whatever order they stand."""
    short, long = waiver(expires=TODAY - DAY), waiver("canon", TODAY + DAY, "another reason")
    for order in ([short, long], [long, short]):
        checked = outcome([BROKEN], waivers=order)
        assert (checked.outcome, checked.waiver) == (Outcome.WAIVED, long)


def test_a_waiver_never_raises_the_score() -> None:
    """Waived counts as not passed, in the same denominator; the verdict no longer fails."""
    plain, lenient = verdict([[], [BROKEN]]), verdict([[], [BROKEN]], waivers=[waiver("canon.c1")])
    assert plain.score == lenient.score == 50
    assert (plain.outcome, lenient.outcome) == (Outcome.FAIL, Outcome.PASS)
    assert lenient.count(Outcome.WAIVED) == 1
    assert verdict([[BROKEN]], waivers=[waiver("canon")]).score == 0


@pytest.mark.parametrize("answer", [[], [GONE]])
def test_what_did_not_fail_is_not_waived(answer: list[Finding]) -> None:
    """A pass stays a pass, and an optional dimension that is not set up stays as it is."""
    checked = outcome(answer, TOOL, waivers=[waiver("canon")])
    assert checked.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE)
    assert checked.waiver is None


def test_a_waiver_is_read_with_its_source() -> None:
    """Who reads the report finds the waiver."""
    read, problems = read_waivers([WaiverSpec.model_validate(ENTRY)], catalogue({}), "compliance/service-registry.yml")
    assert problems == []
    expected = Waiver(
        "canon.c0", "a migration", "@chittyos/core", date(2026, 12, 31), "compliance/service-registry.yml"
    )
    assert read == [expected]


@pytest.mark.parametrize(
    "check, told",
    [
        ("canon.c9", "waivers: there is no check or dimension canon.c9; did you mean canon.c0?"),
        ("cannon", "waivers: there is no check or dimension cannon; did you mean canon?"),
        ("zzz", "waivers: there is no check or dimension zzz"),
    ],
)
def test_a_typo_in_a_waiver_is_told(check: str, told: str) -> None:
    """It would silently waive nothing."""
    _, problems = read_waivers([WaiverSpec.model_validate({**ENTRY, "check": check})], catalogue({}), "x")
    assert problems == [told]


@pytest.mark.parametrize(
    "change, words",
    [
        ({"expires": "soon"}, "expires: it is no day; write one as 2027-01-31"),
        ({"expires": "2026-12-32"}, "expires: there is no such day"),
        ({"expires": "2026-12-31 "}, "expires: it is no day"),
        ({"expires": None}, "expires"),
        ({"reason": " "}, "reason: it is blank"),
        ({"owner": ""}, "owner"),
        ({"until": "2026-12-31"}, "until: there is no such key"),
        ({"check": None}, "check"),
    ],
)
def test_a_waiver_without_reason_owner_or_day_is_an_error(change: dict[str, Any], words: str) -> None:
    """Each of them is needed, and no other key is taken."""
    entry = {name: value for name, value in {**ENTRY, **change}.items() if value is not None}
    text = "\n".join(f"{name}: {value!r}" for name, value in entry.items())
    with pytest.raises(ConfigError, match=words):
        validated(WaiverSpec, text, ".chittyops.yml")
