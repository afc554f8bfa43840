"""`.chittyops.yml`: what it may say, and what is told of what it may not."""

from __future__ import annotations

from datetime import date

import pytest

from chittyactions.compliance.catalogue import Catalogue, read_catalogue
from chittyactions.compliance.claims import asked
from chittyactions.compliance.model import Severity
from chittyactions.compliance.request import read_inputs
from chittyactions.compliance.settings import OWN, Settings, hold_to_types, read_settings, waivers_of, with_own_checks
from chittyactions.errors import ConfigError, InputError
from chittyactions.inputs import Inputs

CATALOGUE = """
schema_version: 1
dimensions:
  chittycanon: {title: Canon, description: d, why: w}
checks:
  - {id: chittycanon.charter, dimension: chittycanon, title: t, description: d, severity: high, evaluate: file_present}
"""

OWN_CHECK = """
checks:
  - id: team.readme
    title: There is a README
    evaluate: file_present
    with: {paths: [README.md]}
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """One dimension with one check."""
    return read_catalogue(CATALOGUE, "checks.yml")


def problem(text: str) -> str:
    """What is said of settings that can't be used."""
    with pytest.raises(ConfigError) as caught:
        read_settings(text)
    return caught.value.what


@pytest.mark.parametrize("text", [None, "", "# nothing yet\n", "{}", "schema_version: 1"])
def test_nothing_of_it_is_needed(text: str | None) -> None:
    """No file, an empty one, and one of comments say the same: nothing."""
    assert read_settings(text).model_dump() == Settings().model_dump()


def test_everything_that_it_may_say_is_read() -> None:
    """Service, policy, waivers and checks of its own."""
    settings = read_settings(
        "schema_version: 1\nservice: {name: x, type: tool, tier: 0, domain: x.chitty.cc}\nfail_on: high\n"
        "waivers: [{check: chittycanon, reason: r, owner: '@a', expires: 2031-02-03}]\n" + OWN_CHECK
    )
    assert (settings.service.name, settings.service.tier, settings.service.domain) == ("x", 0, "x.chitty.cc")
    assert settings.fail_on == "high"
    assert settings.waivers[0].expires == date(2031, 2, 3)
    assert settings.checks[0].parameters == {"paths": ["README.md"]}


@pytest.mark.parametrize("text", ["x.chitty.cc", "https://x.chitty.cc/", "HTTPS://X.chitty.cc/health", "x.chitty.cc."])
def test_a_domain_may_be_written_as_an_address(text: str) -> None:
    """Its host is what counts, as with the input and the option."""
    assert read_settings(f"service: {{domain: '{text}'}}").service.domain == "x.chitty.cc"
    assert read_inputs(Inputs({"domain": text})).domain == asked(domain=text).domain == "x.chitty.cc"


def test_an_input_that_is_no_domain_is_told() -> None:
    """With an example."""
    with pytest.raises(InputError, match=r"domain is 'x\.cc:8080': expected something like auth\.chitty\.cc"):
        read_inputs(Inputs({"domain": "x.cc:8080"}))


@pytest.mark.parametrize(
    "text, said",
    [
        ("servce: {name: x}", "line 1: servce: there is no such key"),
        ("service: {tier: 9}", "service.tier: "),
        ("service: {domain: 'no domain'}", "line 1: service.domain: that is no domain, such as auth.chitty.cc"),
        ("service: {domain: 'x.cc:8080'}", "line 1: service.domain: that is no domain"),
        ("service: x", "line 1: service: it has to be a mapping"),
        ("service: {name: two words}", "line 1: service.name: "),
        ("service: {tier: '3'}", "line 1: service.tier: input should be a valid integer"),
        ("service: {tier: true}", "line 1: service.tier: input should be a valid integer"),
        ("service:\n  tier: 3.5", "line 2: service.tier: input should be a valid integer"),
        ("fail_on: ''", "fail_on: there is no such policy; there are auto, required,"),
        ("schema_version: '1'", "line 1: schema_version: input should be a valid integer"),
        (
            "checks: [{id: a.b, title: t, evaluate: regex, required: yes}]",
            "checks.0.required: input should be a valid b",
        ),
        ("checks: [{id: a.b, title: t, evaluate: regex, applies: {tiers: [77]}}]", "checks.0.applies.tiers.0: "),
        ("fail_on: requierd", "fail_on: there is no such policy; did you mean required?"),
        ("fail_on: high\nfail_on: low\n", "line 2, column 1: the key fail_on stands twice"),
        ("schema_version: 2", "schema_version: "),
        ("waivers: {check: x}", "waivers: it has to be a list"),
        ("waivers: [{check: x, reason: r, owner: o}]", "waivers.0.expires: it is missing"),
        (
            "waivers: [{check: x, reason: r, owner: o, expires: soon}]",
            "waivers.0.expires: it is no day; write one as 2",
        ),
        ("waivers: [{check: x, reason: r, owner: o, expires: 1798675200}]", "waivers.0.expires: it is no day"),
        ("waivers: [{check: x, reason: r, owner: o, expires: 20310101}]", "waivers.0.expires: it is no day"),
        ("waivers: [{check: x, reason: r, owner: o, expires: 2031-01-01T00:00:00}]", "waivers.0.expires: it is no day"),
        ("waivers: [{check: x, reason: r, owner: o, expires: 2031-02-30}]", "waivers.0.expires: there is no such day"),
        (
            "waivers:\n- {check: x, reason: r, owner: o, expires: 2031-01-01, service: x}",
            "line 2: waivers.0.service: there",
        ),
        ("waivers: [{check: x, reason: '', owner: o, expires: 2031-01-01}]", "waivers.0.reason: it is blank"),
        ("waivers: [{check: x, reason: r, owner: ' ', expires: 2031-01-01}]", "waivers.0.owner: it is blank"),
        ("waivers: [{check: x, reason: r, owner: o, expires: 2031-01-01, until: x}]", "waivers.0.until: there is no"),
        ("checks: [{id: x, title: t, evaluate: regex}]", "checks.0.id: "),
        ("checks: [{id: a.b, title: t, evaluate: regex, severity: fatal}]", "checks.0.severity: "),
        ("- a\n", "the file: it has to be a mapping"),
        ("a: &a [*a]", "line 1, column 8: "),
    ],
)
def test_what_it_may_not_say_is_told_with_its_line(text: str, said: str) -> None:
    """A misspelt key or a wrong value is an error: it would otherwise silently do nothing."""
    assert said in problem(text)


def test_an_unknown_kind_of_check_is_told_with_what_there_is() -> None:
    """A misspelt kind names the line, the kind that was meant, and all of them."""
    said = problem("checks:\n  - id: a.b\n    title: t\n    evaluate: file_presnt\n")
    assert "line 4: file_presnt is no kind of check; did you mean file_present?; there are file_present, " in said


def test_wrong_parameters_are_told_with_their_line() -> None:
    """What a kind does not take, lacks, or can't use stands at its line in the file."""
    said = problem(
        "checks:\n"
        "  - id: a.b\n    title: t\n    evaluate: regex\n    with:\n      paths: [x]\n      pattern: '('\n"
        "  - id: a.c\n    title: t\n    evaluate: file_present\n    with:\n      path: x\n"
    )
    assert "line 7: checks.0.with.pattern: it is no regular expression" in said
    assert "line 11: checks.1.with.paths: it is missing" in said
    assert "line 12: checks.1.with.path: there is no such key" in said


def test_own_checks_stand_behind_ours_in_a_dimension_of_their_own(catalogue: Catalogue) -> None:
    """They keep their order, are not required unless they say so, and say which file they are from."""
    text = (
        OWN_CHECK
        + "  - {id: team.b, title: b, evaluate: regex, required: true, severity: low, with: {paths: [x], pattern: y}}\n"
    )
    whole = with_own_checks(catalogue, read_settings(text))
    assert [(one.id, one.dimension) for one in whole.checks] == [
        ("chittycanon.charter", "chittycanon"),
        ("team.readme", OWN),
        ("team.b", OWN),
    ]
    assert [(one.required, one.severity, one.source) for one in whole.checks[1:]] == [
        (False, Severity.MEDIUM, ".chittyops.yml"),
        (True, Severity.LOW, ".chittyops.yml"),
    ]
    assert list(whole.dimensions) == ["chittycanon", OWN]


def test_without_own_checks_the_catalogue_stays_as_it_is(catalogue: Catalogue) -> None:
    """No empty dimension appears in the reports."""
    assert with_own_checks(catalogue, Settings()) is catalogue


@pytest.mark.parametrize("name", ["chittycanon.charter", "team.readme"])
def test_an_id_that_is_taken_is_an_error_with_its_line(catalogue: Catalogue, name: str) -> None:
    """A check of its own can't take the place of one of ours, nor of another of its own."""
    text = OWN_CHECK + f"  - {{id: {name}, title: t, evaluate: file_present, with: {{paths: [x]}}}}\n"
    with pytest.raises(ConfigError, match=rf"used: line 7: checks\.{name}: the id is taken\.\n"):
        with_own_checks(catalogue, read_settings(text))


def test_a_waiver_names_a_check_or_a_dimension(catalogue: Catalogue) -> None:
    """Both are read, an own check's too, with the file that they stand in."""
    text = (
        OWN_CHECK
        + "waivers:\n"
        + "".join(
            f"  - {{check: {one}, reason: r, owner: o, expires: 2031-01-01}}\n"
            for one in ("chittycanon", "chittycanon.charter", "team.readme", OWN)
        )
    )
    settings = read_settings(text)
    waivers = waivers_of(settings, with_own_checks(catalogue, settings))
    assert [one.check for one in waivers] == ["chittycanon", "chittycanon.charter", "team.readme", OWN]
    assert waivers[0].source.startswith(".chittyops.yml")


@pytest.mark.parametrize(
    "waiver, said",
    [
        ("check: chittycannon", "there is no check or dimension chittycannon; did you mean chittycanon?"),
        ("check: chittycanon.chartre", "did you mean chittycanon.charter?"),
    ],
)
def test_a_typo_in_a_waiver_is_an_error_with_its_line(catalogue: Catalogue, waiver: str, said: str) -> None:
    """A waiver that waives nothing is told."""
    settings = read_settings(f"waivers:\n  - reason: r\n    owner: o\n    expires: 2031-01-01\n    {waiver}\n")
    with pytest.raises(ConfigError) as caught:
        waivers_of(settings, catalogue)
    assert "used: line 5: waivers: " in caught.value.what
    assert said in caught.value.what


TYPED = "service:\n  type: {0}\nchecks:\n  - id: own.a\n    title: t\n    evaluate: regex\n    required: true\n"
TYPED += "    with: {{paths: [x], pattern: x}}\n    applies:\n      types:\n        - {1}\n        - tool\n"


@pytest.mark.parametrize(
    "stated, concerned, said",
    [
        ("toool", "tool", "line 2: service.type: there is no such type; did you mean tool?; there are tool, worker."),
        ("''", "tool", "line 2: service.type: there is no such type; there are tool, worker."),
        (
            "tool",
            "toool",
            "line 11: checks.0.applies.types.0: there is no such type; did you mean tool?; there are tool, w",
        ),
    ],
)
def test_a_typo_in_a_type_is_an_error_with_its_line(stated: str, concerned: str, said: str) -> None:
    """A required check of a type that nobody has would be skipped, and pass, without a word."""
    with pytest.raises(ConfigError) as caught:
        hold_to_types(read_settings(TYPED.format(stated, concerned)), ("tool", "worker"))
    assert f".chittyops.yml cannot be used: {said}" in caught.value.what


def test_types_that_there_are_and_none_at_all_are_taken() -> None:
    """Nobody has to name a type."""
    for text in ("", "service: {name: x}", TYPED.format("tool", "worker")):
        hold_to_types(read_settings(text), ("tool", "worker"))
