"""What is told of a registry: each thing that is wrong with it, and what it does not know, with the line."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from chittyactions.compliance.registry_lint import Linted, lint
from compliance.repositories import catalogue

OURS = (Path(__file__).resolve().parents[2] / "compliance/service-registry.yml").read_text("utf-8")
TODAY = date(2026, 11, 20)

HEAD = """\
schema_version: 1
compliance_profiles:
  tool: {chittycanon: required}
  cloudflare-worker: {health_endpoint: required}
  library: {chittyrouter: optional}
organizations:
  A:
    services:
"""
WHOLE = "tier: 1, territory: operations, description: What for."


def linted(*services: str, more: str = "") -> Linted:
    """Services of A from line 9 on, whatever each leaves open filled in."""
    lines = "".join(f"      {one.replace('…', WHOLE)}\n" for one in services)
    return lint(HEAD + lines + more, catalogue(), TODAY)


def told(found: Linted) -> list[tuple[int, str, str]]:
    """Line, code and message of each problem."""
    return [(one.line, one.code, one.message) for one in found.problems]


def noted(found: Linted) -> list[tuple[int, str]]:
    """Line and code of each note."""
    return [(one.line, one.code) for one in found.notes]


def test_our_own_registry_has_no_problem() -> None:
    """It is whole, and says of 67 services what it does not know: tiers and descriptions that nobody told."""
    found = lint(OURS, catalogue(), TODAY)
    assert found.problems == ()
    assert (found.services, found.active, found.organizations) == (67, 57, 5)
    assert {one.code for one in found.notes} == {"no-tier", "no-description", "unused-domain"}
    lines = OURS.splitlines()
    assert all(lines[one.line - 1].startswith("      ") for one in found.notes)
    described = OURS.count("        description: ")
    assert sum(one.code == "no-description" for one in found.notes) == 67 - described


def test_the_page_says_how_much_is_not_known() -> None:
    """docs/registry.md counts what our own registry leaves out as `lint` does."""
    page = (Path(__file__).resolve().parents[2] / "docs/registry.md").read_text("utf-8")
    notes = Counter(one.code for one in lint(OURS, catalogue(), TODAY).notes)
    assert (
        f"of {notes['no-description']} services nobody told what they are for, of {notes['no-tier']} not the tier"
        in page
    )
    assert f"57 active: no problems, {sum(notes.values())} notes." in page


def test_a_service_of_which_all_is_known() -> None:
    """Nothing is told of it."""
    found = linted("x: {repo: a/x, type: tool, …}", "y: {repo: a/y, type: cloudflare-worker, domain: y.cc, …}")
    assert (found.problems, found.notes, found.services, found.active) == ((), (), 2, 2)


@pytest.mark.parametrize(
    "services, problems",
    [
        (
            ["x: {repo: a/x, type: tol, …}"],
            [(9, "profile", "A/x: there is no profile for the type tol; did you mean tool?")],
        ),
        (
            ["x: {repo: a/x, type: tool, …}", "X: {repo: a/y, type: tool, …}"],
            [(10, "profile", "A/X: it is here already, as x")],
        ),
        (["x: {repo: a/x, tier: 1}"], [(9, "schema", "organizations.A.services.x.type: it is missing")]),
        (
            ["x: {repo: a/x, type: tool, domain: d.cc, …}", "y: {repo: a/y, type: tool, domain: d.cc, …}"],
            [(10, "duplicate-domain", "A/y: the domain d.cc is that of A/x already")],
        ),
        (
            [f"{one}: {{repo: a/{one}, type: tool, …}}" for one in "xy"]
            + ["z: {repo: a/z, type: tool, territory: operatoins}"],
            [(11, "territory", "A/z: no other service has the territory operatoins; did you mean operations?")],
        ),
        (
            ["x: {repo: a/x, type: tool, territory: legal}", "y: {repo: a/y, type: tool, territory: Legal}"],
            [(10, "territory", "A/y: no other service has the territory Legal; did you mean legal?")],
        ),
    ],
)
def test_a_problem_is_told_with_its_line(services: list[str], problems: list[tuple[int, str, str]]) -> None:
    """Types, names, domains, territories."""
    assert told(linted(*services)) == problems


def test_a_service_that_does_not_fit_hides_no_other_problem() -> None:
    """What can be read is looked at as well."""
    found = linted(
        "x: {repo: a/x, type: tool, teir: 3}",
        "y: {repo: y, type: tool}",
        "z: {repo: a/z, type: tol, …}",
        more="waivers: [{check: chittycanon, service: zz, reason: r, owner: o, expires: 2026-12-01}]\n",
    )
    assert [(line, code) for line, code, _ in told(found)] == [
        (9, "schema"), (10, "schema"), (11, "profile"), (12, "waiver-service"),
    ]  # fmt: skip
    assert found.services == 1


def test_impossible_names_are_told_and_hide_no_other_problem() -> None:
    """A name that no service, no repository and no domain can have, each with its line and once."""
    found = linted(
        "'': {repo: a/v, type: tool, …}",
        "a/b c: {repo: A/.., type: tool, …}",
        r'"x\n::y": {repo: a/w, type: tool, …}',
        "y: {repo: -/.., type: tool, domain: x.c1, …}",
        "z: {repo: a/z, type: tol, domain: x.xn--p1ai, …}",
    )
    named, repo = "it is no name of a service", "it is no repository of GitHub's"
    assert [(line, code, said.partition(":")[0]) for line, code, said in told(found)] == [
        (9, "schema", 'organizations.A.services.""'),
        (10, "schema", 'organizations.A.services."a/b c".repo'),
        (10, "schema", 'organizations.A.services."a/b c"'),
        (11, "schema", r'organizations.A.services."x\n'),
        (12, "schema", "organizations.A.services.y.domain"),
        (12, "schema", "organizations.A.services.y.repo"),
        (13, "profile", "A/z"),
    ]
    said = "\n".join(one for _, _, one in told(found))
    assert (said.count(named), said.count(repo), said.count("it is no domain")) == (3, 2, 1)
    assert found.services == 1


def test_what_is_no_registry_is_told_and_nothing_else() -> None:
    """Another shape, and an error of YAML, with their places."""
    assert [one[1:] for one in told(lint("[]", catalogue(), TODAY))] == [("schema", "the file: it has to be a mapping")]
    (only,) = told(lint("a: 1\nb: [\n", catalogue(), TODAY))
    said = "it is no YAML that can be read: column 1: did not find expected node content while parsing a flow node"
    assert only == (3, "yaml", said)
    assert told(lint("schema_version: 1\ncompliance_profiles: {}\nwavers: []\n", catalogue(), TODAY)) == [
        (3, "schema", "wavers: there is no such key")
    ]


def test_every_key_that_stands_twice() -> None:
    """Not the first alone; the same key in another table is another one, and so is a value that looks like it."""
    text = (
        HEAD + "      x: {repo: a/x, repo: x, type: repo}\n      y: {repo: a/y, type: tool}\n      y: {type: [x, x]}\n"
    )
    assert told(lint(text, catalogue(), TODAY)) == [
        (9, "duplicate-key", "the key repo stands twice"),
        (11, "duplicate-key", "the key y stands twice"),
    ]
    assert [one[0] for one in told(lint("a: 1\na: 2\nb: [\n", catalogue(), TODAY))] == [2]


@pytest.mark.parametrize(
    "changed, problem",
    [
        ({"expires": "2026-11-20"}, None),
        ({"expires": "2026-11-19"}, (13, "waiver-expired", "expired on 2026-11-19; remove it")),
        (
            {"check": "chittycannon"},
            (13, "waiver-check", "no check or dimension chittycannon; did you mean chittycanon?"),
        ),
        ({"service": "A/y"}, (13, "waiver-service", "there is no service A/y")),
        ({"service": "off"}, (13, "waiver-inactive", "A/off is not active, so that the waiver waives nothing")),
        ({"service": "x"}, (13, "waiver-service", "x is the name of A/x, B/x; write ORGANISATION/name")),
        ({"service": "b/X"}, None),
    ],
)
def test_waivers(changed: dict[str, str], problem: tuple[int, str, str] | None) -> None:
    """One that waives nothing, or has ended, is told at its own line; it may be used through its last day."""
    waiver = {"check": "chittycanon", "service": "A/x", "reason": "r", "owner": "o", "expires": "2027-01-31", **changed}
    shown = ", ".join(f"{key}: {value}" for key, value in waiver.items())
    found = linted(
        "x: {repo: a/x, type: tool, …}",
        "off: {repo: a/off, type: tool, active: false, …}",
        more=f"  B: {{services: {{x: {{repo: b/x, type: tool, …}}}}}}\nwaivers:\n  - {{{shown}}}\n".replace("…", WHOLE),
    )
    expected = [problem[:2]] if problem else []
    assert [one[:2] for one in told(found)] == expected
    assert problem is None or problem[2] in found.problems[0].message


@pytest.mark.parametrize(
    "services, notes",
    [
        (["x: {repo: a/x, type: tool}"], [(9, "no-description"), (9, "no-territory"), (9, "no-tier")]),
        (["x: {repo: a/x, type: tool, territory: t, description: d, tier: 0}"], []),
        (["x: {repo: a/x, type: cloudflare-worker, …}"], [(9, "no-domain")]),
        (["x: {repo: a/x, type: cloudflare-worker, active: false, …}"], []),
        (["x: {repo: a/x, type: tool, domain: x.cc, …}"], [(9, "unused-domain")]),
        (["x: {repo: a/x, type: library, domain: x.cc, …}"], []),
        (["x: {repo: b/x, type: tool, …}"], [(9, "other-organization")]),
        (["x: {repo: a/m, type: tool, …}", "y: {repo: A/M, type: tool, …}"], [(10, "same-repository")]),
    ],
)
def test_what_is_not_known_is_noted(services: list[str], notes: list[tuple[int, str]]) -> None:
    """Left out is no problem, and said; so is what only a person can tell to be right."""
    found = linted(*services)
    assert (noted(found), found.problems) == (notes, ())


def test_a_domain_of_what_is_switched_off_may_be_used_again() -> None:
    """Two services have it one after the other."""
    found = linted(
        "x: {repo: a/x, type: tool, domain: d.cc, active: false}", "y: {repo: a/y, type: tool, domain: d.cc}"
    )
    assert found.problems == ()


def test_a_service_in_two_organisations() -> None:
    """The same name for the same repository: one of both was copied."""
    more = "  B: {services: {X: {repo: A/X, type: tool, tier: 1}}}\n"
    found = linted("x: {repo: a/x, type: tool}", more=more)
    assert told(found) == [(10, "same-service", "B/X: it is here already, as A/x")]
