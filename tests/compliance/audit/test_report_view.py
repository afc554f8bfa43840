"""What a report of an audit shows and what it leaves out."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from chittyactions.compliance.audit.record import Audit, Scope, ServiceRecord, Standing, WaiverRecord
from chittyactions.compliance.audit.reports import csv_report, dashboard, json_report, markdown, sarif
from chittyactions.compliance.audit.reports.saying import CHANGES, STANDINGS, remaining, repository_address
from chittyactions.compliance.audit.reports.view import View, point, view
from chittyactions.compliance.audit.totals import Change, totals
from compliance.audit.ecosystem import TOOL, WEEK, audit, service

FORMATS: dict[str, Callable[[View], str]] = {
    "html": dashboard.render,
    "markdown": markdown.render,
    "sarif": sarif.render,
    "csv": csv_report.render,
    "json": json_report.render,
}


def secret(**given: Any) -> ServiceRecord:
    """A service that nobody outside is to know of."""
    return service("CHITTYOS", TOOL, "hush-hush", 1, **{"private": True, **given})


def with_services(*services: ServiceRecord, base: Audit | None = None) -> Audit:
    """The made audit, with more services."""
    base = base or audit()
    return base.model_copy(update={"services": (*base.services, *services)})


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "before, after",
    [
        ({}, {}),
        ({"private": False}, {}),
        ({}, {"standing": Standing.UNKNOWN, "private": False}),
        ({}, {"standing": Standing.MISSING, "private": False}),
        ({}, {"standing": Standing.NO_ACCESS, "private": False}),
        ({}, None),
        (None, {}),
    ],
)
def test_a_public_report_never_names_what_is_not_known_to_be_public(
    name: str, before: dict[str, Any] | None, after: dict[str, object] | None
) -> None:
    """Neither now nor by what changed; a sentence about the run that names it is left out as well."""
    old, new = (
        with_services(*([] if given is None else [secret(**given)]), base=audit(week))
        for week, given in ((-1, before), (0, after))
    )
    told = {"complete": False, "incomplete": ("CHITTYOS/Hush-Hush did not answer.", "GitHub was slow.")}
    new = new.model_copy(update={**told, "scope": Scope(services=("hush-hush",) if after is not None else ())})
    shown = FORMATS[name](view(new, previous=old, history=[point(old, public=True)], public=after is not None))
    if after is None:
        shown = FORMATS[name](view(new.model_copy(update=told | {"incomplete": ()}), previous=old, public=True))
    assert "hush-hush" not in shown.lower()
    assert after is None or name == "csv" or "GitHub was slow." in shown


def test_a_public_report_says_how_many_it_leaves_out() -> None:
    """Whoever reads it knows that there is more, and no number is of what is not shown."""
    here = with_services(secret())
    shown = view(here, public=True)
    hidden = [one for one in here.services if not one.is_public]
    assert len(hidden) == shown.left_out == 6
    assert shown.totals == totals(one for one in here.services if one.is_public)
    assert shown.history[-1].totals == shown.totals == point(here, public=True).totals
    assert json.loads(json_report.render(shown))["summary"]["left_out"] == 6
    for name in ("html", "markdown", "sarif"):
        assert "6 services are left out: private, or not known to be public." in FORMATS[name](shown)


def test_a_private_service_is_shown_to_its_own_people() -> None:
    """Without --public nothing is left out."""
    shown = view(with_services(secret()))
    assert shown.left_out == 0
    assert all("hush-hush" in made(shown) for made in FORMATS.values())


def test_one_denominator_in_every_report() -> None:
    """The same audit has the same numbers whatever it is shown as."""
    shown = view(audit())
    numbers = shown.totals
    passing = f"{numbers.passing} of the {numbers.rate.whole} services with a verdict pass"
    assert all(passing in FORMATS[name](shown) for name in ("html", "markdown", "sarif"))
    checks = numbers.required_checks
    for name in ("html", "markdown"):
        assert f"{checks} ({checks.passed} of {checks.whole})" in FORMATS[name](shown)
    summary = json.loads(json_report.render(shown))["summary"]
    assert (summary["rate"]["passed"], summary["rate"]["whole"]) == (numbers.passing, numbers.rate.whole)
    assert summary["required_checks"]["whole"] == checks.whole


def test_almost_all_is_not_all() -> None:
    """299 of 300 services are 99 %, in every report."""
    well = service("o", TOOL, "well", 0)
    bad = next(one for one in audit().services if one.outcome and one.outcome.value == "fail")
    services = [well.model_copy(update={"name": f"well-{number}"}) for number in range(299)]
    shown = view(audit().model_copy(update={"services": (*services, bad)}))
    assert "299 of 300 services pass (99 %)" in markdown.render(shown)
    assert json.loads(json_report.render(shown))["summary"]["rate"] == {"passed": 299, "whole": 300, "percent": 99}
    assert '<span class="big">99<small> %</small></span> <span>299 of 300 services pass</span>' in dashboard.render(
        shown
    )


def test_an_audit_of_other_services_makes_none_new_or_gone() -> None:
    """After `--org ChittyCorp`, the whole ecosystem is not new."""
    narrow = with_services().model_copy(update={"scope": Scope(organizations=("ChittyCorp",))})
    narrow = narrow.model_copy(update={"services": audit(-1).services[:10], "finished": audit(-1).finished})
    shown = view(audit(), previous=narrow)
    assert shown.other_scope
    assert not {Change.ADDED, Change.REMOVED} & {one.change for one in shown.changes}
    fresh = len({one.key for one in audit().services} - {one.key for one in narrow.services})
    for made in (dashboard.render(shown), markdown.render(shown)):
        assert "The audit before looked at other services or checks, so none is told as new or gone." in made
        assert f"{fresh} services were not in the audit before." in made


@pytest.mark.parametrize("name", ["html", "markdown"])
@pytest.mark.parametrize(
    "scope",
    [
        Scope(organizations=("CHITTYOS",)),
        Scope(services=("x",)),
        Scope(except_dimensions=("identity",)),
        Scope(runtime=False),
    ],
)
def test_of_another_scope_it_is_never_said_that_nothing_changed(name: str, scope: Scope) -> None:
    """The services that the audit before did not look at may have changed as they like."""
    before = audit().model_copy(update={"scope": scope, "finished": audit(-1).finished})
    before = before.model_copy(update={"services": before.services[1:]})
    made = FORMATS[name](view(audit(), previous=before))
    assert "Nothing changed" not in made
    assert "Of what is in both audits, nothing changed since 2026-11-09." in made
    assert "1 service was not in the audit before." in made
    assert "Nothing changed since 2026-11-09." in FORMATS[name](
        view(audit(), previous=audit().model_copy(update={"finished": audit(-1).finished}))
    )


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("public", [False, True])
def test_what_is_not_in_this_audit_for_an_unknown_reason_is_counted(name: str, public: bool) -> None:
    """The audit was handed on without a service: whether it is private now or gone, no report says which it is."""
    base = audit(-1).model_copy(update={"services": tuple(one for one in audit(-1).services if one.is_public)})
    was = with_services(secret(private=False), base=base)
    now = base.model_copy(update={"finished": audit().finished, "scope": audit().scope})
    for shown in (view(now, previous=was, already=1), view(now, previous=was, public=public, already=1)):
        assert (shown.changes, shown.lost, shown.left_out) == ((), 1, 1)
        made = FORMATS[name](shown)
        assert "hush-hush" not in made.lower()
        if name in ("html", "markdown"):
            assert "Of what is in both audits, nothing changed since 2026-11-09." in made
            assert "1 service of the audit before is not in this one." in made
    gone = view(now, previous=was)
    assert [(one.change, one.service.name) for one in gone.changes] == [(Change.REMOVED, "hush-hush")]
    assert gone.lost == 0


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_there_again_is_not_new(name: str) -> None:
    """It was left out of the audit before, as that says itself."""
    base = audit().model_copy(update={"services": tuple(one for one in audit().services if one.is_public)})
    handed = view(base, already=1)
    before = Audit.model_validate_json(json_report.render(handed)).model_copy(update={"finished": audit(-1).finished})
    shown = view(with_services(secret(private=False), base=base), previous=before)
    assert (shown.changes, shown.fresh) == ((), 1)
    assert "audit before" not in FORMATS[name](shown)
    assert view(before).left_out == 1, "a document says itself what it lacks"


def test_the_history_is_in_order_and_ends_with_this_audit() -> None:
    """Whatever order the files come in; one that is not earlier is none of it."""
    shown = view(audit(), history=[point(audit(week)) for week in (-1, -3, 0, -2, 2)])
    assert [one.finished for one in shown.history] == [audit().finished + week * WEEK for week in (-3, -2, -1, 0)]


def test_services_stand_worst_first() -> None:
    """Failing before unknown before passing, and each by its score."""
    kinds = [one.outcome.value for one in view(audit()).judged() if one.outcome]
    assert kinds == sorted(kinds, key=["fail", "unknown", "pass"].index)
    scores = [one.score or 0 for one in view(audit()).judged() if one.outcome and one.outcome.value == "fail"]
    assert scores == sorted(scores)


@pytest.mark.parametrize(
    "expires, said",
    [
        (date(2026, 11, 4), "expired 12 days ago"),
        (date(2026, 11, 15), "expired 1 day ago"),
        (date(2026, 11, 16), "ends in 0 days"),
        (date(2026, 12, 16), "ends in 30 days"),
        (date(2026, 12, 17), "holds"),
    ],
)
def test_a_waiver_says_how_long_it_holds(expires: date, said: str) -> None:
    """One that ends within thirty days is marked, so that somebody can act before it does."""
    waiver = WaiverRecord(check="a.b", reason="r", owner="o", expires=expires, expired=False)
    assert remaining(waiver, date(2026, 11, 16)) == said


def test_waivers_stand_by_their_end() -> None:
    """What has expired comes first."""
    ends = [one.waiver.expires for one in view(audit()).waivers()]
    assert ends == sorted(ends)
    assert len(ends) > 4


@pytest.mark.parametrize(
    "repository", ["", "x", "a/b/c", "a/b?x", "javascript:alert(1)", "a/..%2f", "a b/c", "a/b\n", "-a/b"]
)
def test_only_the_name_of_a_repository_is_linked(repository: str) -> None:
    """What the registry says may be anything."""
    assert repository_address(service("o", TOOL, "x", 0, repository=repository)) == ""


def test_every_standing_and_change_has_its_word() -> None:
    """A standing that is new in the contract has to be told as well."""
    assert set(STANDINGS) == set(Standing)
    assert set(CHANGES) == set(Change)


@pytest.mark.parametrize("name", ["html", "markdown", "sarif"])
def test_a_shard_says_that_it_is_one(name: str) -> None:
    """Nobody takes the numbers of a third for those of all."""
    one = audit().model_copy(update={"scope": Scope(shard="2/3")})
    assert "This is shard 2/3: other services are in the other shards." in FORMATS[name](view(one))
    assert "shard" not in FORMATS[name](view(audit()))


@pytest.mark.parametrize("name", ["html", "markdown", "sarif"])
def test_a_report_says_what_was_asked_for(name: str) -> None:
    """Nobody takes the numbers of one organisation, or without the services' own answers, for those of all."""
    few = Scope(organizations=("Grove",), except_dimensions=("chittytrust",), runtime=False)
    shown = FORMATS[name](view(audit().model_copy(update={"scope": few})))
    assert "UTC of Grove, without chittytrust, and no service was asked" in shown.replace("</time>", "")
    many = Scope(services=tuple(f"s{number}" for number in range(60)))
    assert f"UTC of {', '.join(many.services[:10])} and 50 more" in FORMATS[name](
        view(audit().model_copy(update={"scope": many}))
    ).replace("</time>", "")
    assert "UTC of" not in FORMATS[name](view(audit())).replace("</time>", "")
