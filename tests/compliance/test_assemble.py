"""The engine as it is put together from the toolkit's files, the registry and a repository's settings."""

from __future__ import annotations

from datetime import date

import pytest

from chittyactions.compliance.assemble import Assembled, load
from chittyactions.compliance.checks import ASKING, EVALUATORS
from chittyactions.compliance.checks.declared import KINDS
from chittyactions.compliance.identity import asked, identify
from chittyactions.compliance.model import Need, Outcome, Service
from chittyactions.compliance.settings import OWN, read_settings
from chittyactions.errors import ConfigError
from compliance.compliant import compliant_worker
from compliance.repositories import repository

CHECKS = """schema_version: 1
dimensions:
  chittycanon: {title: Canon, description: d, why: w}
checks:
  - id: chittycanon.readme
    dimension: chittycanon
    title: t
    description: d
    severity: high
    evaluate: file_present
    with: {paths: [README.md]}
"""

REGISTRY = """schema_version: 1
compliance_profiles:
  tool: {chittycanon: required}
  npm-package: {chittycanon: required}
organizations:
  CHITTYOS:
    services:
      one: {repo: CHITTYOS/one, type: tool}
      two: {repo: CHITTYOS/two, type: tool}
"""

WAIVER = "waivers:\n  - {check: chittycanon.readme, reason: r, owner: o, expires: 2031-01-01, service: CHITTYOS/one}\n"

SETTINGS = """
checks:
  - {id: own.a, title: t, evaluate: endpoint, with: {url: 'https://{domain}/a'}}
  - {id: own.b, title: t, evaluate: endpoint, with: {url: 'https://b.cc/{name}', status: 204}}
  - {id: own.c, title: t, evaluate: endpoint, with: {url: 'https://b.cc/{name}', status: 204}}
  - {id: own.d, title: t, evaluate: endpoint, with: {url: 'https://d.cc'}, applies: {types: [npm-package]}}
waivers:
  - {check: own, reason: r, owner: o, expires: 2031-01-01}
"""


def small(settings: str = "", checks: str = CHECKS, registry: str = REGISTRY) -> Assembled:
    """An engine of one check."""
    return load(read_settings(settings), checks_text=checks, registry_text=registry)


def problem(**texts: str) -> str:
    """What is said of files that don't fit together."""
    with pytest.raises(ConfigError) as caught:
        small(**texts)
    return caught.value.what


def test_our_own_files_fit_together() -> None:
    """checks.yml is what runs: each check names what there is, and each function is named by a check."""
    engine = load().engine
    used = {one.evaluate for one in engine.catalogue.checks}
    assert used <= engine.evaluators.keys()
    assert used - KINDS.keys() == EVALUATORS.keys()
    assert {one.dimension for one in engine.catalogue.checks} == engine.catalogue.dimensions.keys()
    assert engine.needs["cloudflare-worker"]["chittytrust"] is Need.REQUIRED


def test_what_services_are_asked_for_is_what_nobody_evaluates_offline() -> None:
    """Code scanning takes one without the other: each check is of the group that its outcome without asking tells.

    What is reported apart has groups of its own.
    """
    settings = "checks:\n  - {id: own.a, title: t, evaluate: endpoint, with: {url: 'https://{domain}/a'}}\n"
    assembled = load(read_settings(settings))
    worker = Service("hello", "cloudflare-worker", 2, "hello.chitty.cc")
    checks = assembled.engine.judge(repository(compliant_worker()), worker, today=date(2026, 1, 1)).checks
    asking = {one.id for one in checks if one.asks}
    assert asking == {one.id for one in checks if one.outcome is Outcome.NOT_EVALUATED and not one.apart}
    assert {"own.a", "chittycanon.protection", "health_endpoint.health"} < asking < {one.id for one in checks}
    assert assembled.engine.evaluators.keys() >= ASKING


def test_a_check_of_checks_yml_may_need_no_python() -> None:
    """The kinds of own checks are there for checks.yml too, and run."""
    assembled = small()
    service = identify(repository({}), assembled.registry, given=asked("one"))
    for files, outcome in (({"README.md": "x"}, Outcome.PASS), ({}, Outcome.FAIL)):
        verdict = assembled.engine.judge(repository(files), service, today=date(2026, 1, 1))
        assert [one.outcome for one in verdict.checks] == [outcome]


def test_own_checks_and_waivers_come_along() -> None:
    """The repository's checks are in the engine, and its waivers beside it."""
    assembled = small(SETTINGS)
    assert list(assembled.engine.catalogue.dimensions) == ["chittycanon", OWN]
    assert [(one.check, one.source.split(":")[0]) for one in assembled.waivers] == [("own", ".chittyops.yml")]


def test_an_own_check_fails_runs_and_is_required_only_when_it_says_so() -> None:
    """Own checks are judged like any other; `required` decides whether they count."""
    own = "checks:\n" + "".join(
        f"  - {{id: own.x{required}, title: t, evaluate: file_present, required: {required}, with: {{paths: [a]}}}}\n"
        for required in ("true", "false")
    )
    assembled = small(own)
    verdict = assembled.engine.judge(repository({"README.md": "x"}), Service("one", "tool"), today=date(2026, 1, 1))
    assert [(one.id, one.outcome, one.required) for one in verdict.checks[1:]] == [
        ("own.xtrue", Outcome.FAIL, True),
        ("own.xfalse", Outcome.FAIL, False),
    ]
    assert verdict.score == 50


def test_the_registry_waives_for_the_service_that_it_names() -> None:
    """A central waiver concerns one service, by its name or with its organisation, whatever the case."""
    assembled = small(registry=REGISTRY + WAIVER)
    one = Service("One", "tool", organization="chittyos")
    assert [waiver.check for waiver in assembled.waivers_for(one)] == ["chittycanon.readme"]
    assert assembled.waivers_for(Service("two", "tool", organization="CHITTYOS")) == ()
    assert assembled.waivers_for(Service("one", "tool", organization="other")) == ()
    short = small(registry=REGISTRY + WAIVER.replace("CHITTYOS/one", "One"))
    assert len(short.waivers_for(one)) == 1
    for organization in ("", "nobody"):
        assert short.waivers_for(Service("one", "tool", organization=organization)) == ()


def test_a_central_waiver_of_a_name_that_several_organisations_have_is_an_error() -> None:
    """It would let services fail that nobody thought of; with the organisation it is for one of them."""
    other = REGISTRY + "  other:\n    services:\n      One: {repo: other/One, type: tool}\n"
    said = problem(registry=other + WAIVER.replace("CHITTYOS/one", "one"))
    assert "line 14: waivers: one is the name of CHITTYOS/one, other/One; write ORGANISATION/name." in said
    assembled = small(registry=other + WAIVER)
    assert assembled.waivers_for(Service("One", "tool", organization="other")) == ()
    assert len(assembled.waivers_for(Service("one", "tool", organization="CHITTYOS"))) == 1


def test_a_central_waiver_names_its_service() -> None:
    """One for everybody would be none."""
    said = problem(registry=REGISTRY + WAIVER.replace(", service: CHITTYOS/one", ""))
    assert "line 11: waivers.0.service: it is missing" in said


def test_a_type_that_nobody_has_is_an_error_in_settings_and_in_checks_yml() -> None:
    """A check of it would be applied to nobody, and a service of it be asked for nothing."""
    assert "line 1: service.type: there is no such type; did you mean tool?" in problem(
        settings="service: {type: toool}"
    )
    said = problem(checks=CHECKS + "    applies: {types: [tool, worker]}\n")
    assert "line 12: checks.0.applies.types.1: there is no such type; there are tool, npm-package." in said


HEALTH = """  - id: chittycanon.health
    dimension: chittycanon
    title: t
    description: d
    severity: high
    evaluate: health_endpoint.health
    with: {path: /health, seconds: 30, tries: 3, why: w, remediation: r, fix: f}
"""


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("tries: 3", "tries: 0", "line 18: checks.1.with.tries: input should be greater than or equal to 1"),
        ("tries: 3", "tries: 11", "checks.1.with.tries: "),
        ("seconds: 30", "seconds: abc", "checks.1.with.seconds: input should be a valid number"),
        ("seconds: 30", "seconds: 0", "checks.1.with.seconds: "),
        ("seconds: 30", "seconds: 301", "checks.1.with.seconds: "),
        ("seconds: 30", "secondz: 30", "checks.1.with.seconds: it is missing"),
        ("path: /health", "path: health", "checks.1.with.path: "),
    ],
)
def test_how_health_is_asked_is_checked_when_checks_yml_is_read(old: str, new: str, said: str) -> None:
    """A service would else be asked not at all, or for ever, or the run end in an exception."""
    for wanted in ("seconds: 0.5", "seconds: 300", "seconds: 30"):
        small(checks=CHECKS + HEALTH.replace("seconds: 30", wanted).replace("tries: 3", "tries: 10"))
    assert said in problem(checks=CHECKS + HEALTH.replace(old, new))


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("dimension: chittycanon", "dimension: chittycannon", "line 6: chittycanon.readme: there is no dimension chit"),
        (
            "checks:\n",
            "checks:\n" + HEALTH.replace(".health\n", ".readme\n", 1),
            "line 12: chittycanon.readme stands twice",
        ),
    ],
)
def test_what_is_wrong_in_checks_yml_is_told_with_its_line(old: str, new: str, said: str) -> None:
    """A dimension that there is not, and an id that is taken."""
    assert said in problem(checks=CHECKS.replace(old, new))


def test_own_waivers_hold_for_whatever_the_service_is() -> None:
    """Those of the repository are its own, and come before the registry's."""
    assembled = small(SETTINGS, registry=REGISTRY + WAIVER)
    both = assembled.waivers_for(Service("one", "tool", organization="CHITTYOS"))
    assert [waiver.check for waiver in both] == ["own", "chittycanon.readme"]
    assert [waiver.check for waiver in assembled.waivers_for(Service("new", "tool"))] == ["own"]


@pytest.mark.parametrize(
    "change, said",
    [
        (("chittycanon.readme", "chittycanon.readmee"), "there is no check or dimension chittycanon.readmee; did you"),
        (("CHITTYOS/one", "CHITTYOS/oen"), "there is no service CHITTYOS/oen; did you mean CHITTYOS/one?"),
        (("CHITTYOS/one", "nobody"), "there is no service nobody"),
    ],
)
def test_a_typo_in_a_central_waiver_is_an_error(change: tuple[str, str], said: str) -> None:
    """It would silently waive nothing, or everything."""
    assert f"line 11: waivers: {said}" in problem(registry=REGISTRY + WAIVER.replace(*change))


@pytest.mark.parametrize(
    "change, said",
    [
        (
            ("file_present", "file_presnt"),
            "line 10: chittycanon.readme: there is no function file_presnt in checks/; did",
        ),
        (("file_present", "chittycanon.documnt"), "did you mean chittycanon.document?"),
        (("paths: [README.md]", "path: README.md"), "line 11: checks.0.with.paths: it is missing"),
        (("dimension: chittycanon", "dimension: chittycannon"), "there is no dimension chittycannon"),
        (("severity: high", "severity: hihg"), "line 9: checks.0.severity"),
    ],
)
def test_a_catalogue_that_cannot_run_is_an_error(change: tuple[str, str], said: str) -> None:
    """A check that names no function, or has parameters that it does not take, is told with its line."""
    assert said in problem(checks=CHECKS.replace(*change))


def test_a_profile_of_a_dimension_that_checks_yml_has_not_is_an_error() -> None:
    """Registry and catalogue are held to each other."""
    said = problem(registry=REGISTRY.replace("{chittycanon:", "{chittycannon:"))
    assert "there is no such dimension; did you mean chittycanon?" in said


def test_endpoints_are_asked_once_and_only_where_they_concern() -> None:
    """What has to be asked is known before the checks run: each question once, and none that concerns others."""
    assembled = small(SETTINGS)
    with_domain = assembled.questions(Service("one", "tool", domain="one.cc"))
    assert [(one.url, one.status) for one in with_domain] == [("https://one.cc/a", 200), ("https://b.cc/one", 204)]
    assert [one.url for one in assembled.questions(Service("one", "tool"))] == ["https://b.cc/one"]
