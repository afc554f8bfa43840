"""The registry file: ours as it is, and everything that can be wrong with one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from chittyactions.compliance.model import Need
from chittyactions.compliance.registry import need_of, read_registry
from chittyactions.errors import ConfigError
from compliance.repositories import catalogue

OURS = (Path(__file__).resolve().parents[2] / "compliance/service-registry.yml").read_text("utf-8")

HEAD = "schema_version: 1\ncompliance_profiles:\n  tool: {chittycanon: required}\n"
SEVEN = (
    "chittyconnect", "chittybeacon", "chittycanon", "chittyregister", "chittyrouter", "chittytrust", "health_endpoint",
)  # fmt: skip


def problem(text: str, dimensions: tuple[str, ...] = ()) -> str:
    """What is said of a registry that can't be used."""
    with pytest.raises(ConfigError) as caught:
        read_registry(text, "registry.yml", dimensions)
    return caught.value.what


# -- ours --------------------------------------------------------------------------------------------------------


def test_the_registry_lists_the_ecosystem() -> None:
    """67 services of five organisations, by type; the archived organisation is not among them."""
    registry = read_registry(OURS, "service-registry.yml", tuple(catalogue().dimensions))
    services = {
        (owner, name): one for owner, org in registry.organizations.items() for name, one in org.services.items()
    }
    assert len(services) == 67
    assert sum(one.active for one in services.values()) == 57
    assert Counter(owner for owner, _ in services) == {
        "CHITTYOS": 58,
        "ChittyCorp": 5,
        "chittyfoundation": 2,
        "chittyapps": 1,
        "furnished-condos": 1,
    }
    assert "nevershitty" not in {owner.lower() for owner, _ in services}


def test_profiles_ask_of_each_type_what_the_design_says() -> None:
    """Workers fulfil all seven; libraries connect and canon; documentation canon alone; channel access is optional."""
    registry = read_registry(OURS, "service-registry.yml")
    required = {
        kind: {one for one in SEVEN if need_of(registry, kind, one) is Need.REQUIRED}
        for kind in registry.compliance_profiles
    }
    library = {"chittyconnect", "chittycanon"}
    assert required == {
        "cloudflare-worker": set(SEVEN),
        "npm-package": library,
        "tool": library,
        "client-sdk": library,
        "documentation": {"chittycanon"},
        "org-config": {"chittycanon"},
    }
    optional = {kind: {one for one in SEVEN if need_of(registry, kind, one) is Need.OPTIONAL} for kind in required}
    assert optional["tool"] == optional["npm-package"] == {"chittybeacon", "chittyregister", "chittytrust"}
    assert optional["documentation"] == optional["org-config"] == {"chittyconnect"}
    for kind in registry.compliance_profiles:
        assert need_of(registry, kind, "channel-access-pattern") is Need.OPTIONAL
    assert need_of(registry, "tool", "chittyrouter") is Need.NOT_APPLICABLE
    assert need_of(registry, "tool", "secrets-model") is Need.NOT_APPLICABLE


def test_what_nobody_knows_is_left_out() -> None:
    """No tier, domain or description is made up: an empty text is no description."""
    registry = read_registry(OURS, "service-registry.yml")
    entries = registry.organizations["CHITTYOS"].services
    assert entries["shared"].tier is None
    assert entries["shared"].domain is None
    assert entries["chittyconnectfinance"].repo == "CHITTYOS/chittyconnect-finance"
    assert (entries["chittyconnect"].tier, entries["chittyconnect"].domain) == (2, "connect.chitty.cc")
    assert 'description: ""' not in OURS


@pytest.mark.parametrize(
    "name, repository, found",
    [
        ("chittyconnect", "", ("CHITTYOS", "chittyconnect")),
        ("ChittyConnect", "", ("CHITTYOS", "chittyconnect")),
        ("", "chittyos/ChittyConnect", ("CHITTYOS", "chittyconnect")),
        ("", "chittyos/chittyconnect-finance", ("CHITTYOS", "chittyconnectfinance")),
        ("", "ChittyCorp/chittychronicle", ("ChittyCorp", "chittychronicle-corp")),
        ("chittychronicle", "", ("CHITTYOS", "chittychronicle")),
        (".github", "ChittyCorp/.github", ("ChittyCorp", ".github")),
        (".github", "", None),
        ("chittyconnec", "", None),
        ("chitty", "", None),
        ("chittyapi", "chittyos/chittyconnect", None),
        ("", "", None),
    ],
)
def test_known_failure_31_a_service_is_looked_up_and_not_grepped(
    name: str, repository: str, found: tuple[str, str] | None
) -> None:
    """By the whole name or repository, whatever the case: `chittyconnect` is not `chittyconnectfinance`."""
    registry = read_registry(OURS, "service-registry.yml")
    hit = registry.find(name, repository)
    assert (hit[:2] if hit else None) == found


# -- everything that can be wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, said",
    [
        ("organizations:\n  A:\n    services: [one, two]\n", "line 6: organizations.A.services: "),
        ("organizations:\n  A:\n    services:\n      one:\n", "line 7: organizations.A.services.one: "),
        ("organizations:\n  A:\n", "line 5: organizations.A: "),
        ("organizations: []\n", "line 4: organizations: "),
    ],
)
def test_known_failure_19_services_as_a_list_or_a_null_entry(text: str, said: str) -> None:
    """A registry of another shape is an error with its line, and no empty registry."""
    assert f"{said}it has to be a mapping" in problem(HEAD + text)


@pytest.mark.parametrize(
    "entry, said",
    [
        ("{type: tool}", "line 7: organizations.A.services.x.repo: it is missing"),
        ("{repo: a/x}", "organizations.A.services.x.type: it is missing"),
        ("{repo: x, type: tool}", "organizations.A.services.x.repo: "),
        ("{repo: a/x, type: tool, tier: 6}", "organizations.A.services.x.tier: "),
        ("{repo: a/x, type: tool, domain: 'https://x.cc'}", "organizations.A.services.x.domain: "),
        ("{repo: a/x, type: tool, teir: 3}", "organizations.A.services.x.teir: there is no such key"),
        ("{repo: a/x, type: cloudflare-wroker}", "line 7: A/x: there is no profile for the type cloudflare-wroker"),
        ("{repo: a/x, type: tol}", "the type tol; did you mean tool?"),
        ("{repo: a/x, type: tool}\n      X: {repo: a/y, type: tool}", "line 8: A/X: it is here already, as x"),
        ("{repo: a/x, type: tool}\n  a:\n    services: {}", "line 8: organizations.a: it is here already, as A"),
        (
            "{repo: a/x, type: tool, active: no}",
            "line 7: organizations.A.services.x.active: input should be a valid bool",
        ),
        ("{repo: a/x, type: tool, tier: '3'}", "organizations.A.services.x.tier: input should be a valid integer"),
    ],
)
def test_an_entry_that_cannot_be_is_told_with_its_line(entry: str, said: str) -> None:
    """Every field of a service is checked, and the line of what is wrong is named."""
    assert said in problem(HEAD + f"organizations:\n  A:\n    services:\n      x: {entry}\n")


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "schema_version: it is missing"),
        ("schema_version: 2\ncompliance_profiles: {}\n", "line 1: schema_version: "),
        ("schema_version: 1\ncompliance_profiles: {tool: {chittycanon: maybe}}\n", "line 2: compliance_profiles.tool"),
        ("schema_version: 1\ncompliance_profiles: {}\nextra: 1\n", "line 3: extra: there is no such key"),
        ("a: [\n", "line 2, column 1: "),
        ("a: 1\na: 2\n", "line 2, column 1: the key a stands twice"),
        (HEAD + "waivers: [{check: x}]\n", "waivers.0.reason: it is missing"),
    ],
)
def test_a_registry_of_another_shape_is_told_with_its_line(text: str, said: str) -> None:
    """What can't be read, or is not known, is told where it stands."""
    assert said in problem(text)


def test_a_profile_of_a_dimension_that_is_not_there_is_told() -> None:
    """A misspelt dimension in a profile would silently ask for nothing."""
    text = "schema_version: 1\ncompliance_profiles:\n  tool:\n    chittycannon: required\n"
    said = problem(text, ("chittycanon", "chittytrust"))
    assert (
        "line 4: compliance_profiles.tool.chittycannon: there is no such dimension; did you mean chittycanon?" in said
    )


@pytest.mark.parametrize(
    "service, told",
    [
        ("''", '""'),
        ("a/b c", '"a/b c"'),
        (r'"x\ny"', r'"x\ny"'),
        (r'"\e[2J"', r'"\u001b[2J"'),
        *((one, one) for one in ("..", "é", "a" * 101)),
    ],
)
def test_a_service_of_an_impossible_name_is_told_with_its_line(service: str, told: str) -> None:
    """Every other file and input refuses such a name, and an address would be made of it."""
    said = problem(
        HEAD + f"organizations:\n  A:\n    services:\n      ? {service}\n      : {{repo: a/x, type: tool}}\n"
    )
    reason = "it is no name of a service: at most 100 letters, digits, dots, dashes and underscores"
    assert said == f"registry.yml cannot be used: line 7: organizations.A.services.{told}: {reason}."


@pytest.mark.parametrize(
    "repo", ["A/..", "A/.", "-/..", "-/x", "A/x y", "A/", "/x", "A/x/y", f"{'A' * 40}/x", r'"A/x\n"']
)
def test_an_impossible_repository_is_told_with_its_line(repo: str) -> None:
    """GitHub has none of that name, and a path would be made of it."""
    said = problem(HEAD + f"organizations:\n  A:\n    services:\n      x:\n        type: tool\n        repo: {repo}\n")
    reason = "it is no repository of GitHub's, such as CHITTYOS/chittyauth"
    assert said == f"registry.yml cannot be used: line 9: organizations.A.services.x.repo: {reason}."


@pytest.mark.parametrize("owner", ["''", "-", "a b", "a/b", "a_b", "A" * 40])
def test_an_impossible_organisation_is_told_with_its_line(owner: str) -> None:
    """GitHub has none of that name."""
    said = problem(HEAD + f"organizations:\n  {owner}: {{services: {{}}}}\n")
    assert said.startswith("registry.yml cannot be used: line 5: organizations.")
    assert said.endswith("it is no organisation's name on GitHub: at most 39 letters, digits and hyphens.")


def test_names_that_are_rare_and_real_are_read() -> None:
    """An older organisation, a repository that begins with a dot or a dash, a domain of another script."""
    entry = "{repo: a--b-/-.x_y, type: tool, domain: x.xn--p1ai}"
    read = read_registry(HEAD + f"organizations:\n  a--b-:\n    services:\n      .github: {entry}\n", "registry.yml")
    assert read.organizations["a--b-"].services[".github"].domain == "x.xn--p1ai"


def test_every_problem_is_told_at_once() -> None:
    """Somebody who repairs the file sees all that is wrong with it."""
    text = HEAD + "organizations:\n  A:\n    services:\n      x: {repo: a/x, type: u}\n      y: {repo: a/y, type: v}\n"
    assert problem(text).count("there is no profile") == 2


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    """A registry that an editor on Windows wrote is the same registry."""
    text = (HEAD + "organizations:\n  A:\n    services:\n      x: {repo: a/x, type: tool}\n").replace("\n", "\r\n")
    assert read_registry(text, "registry.yml").organizations["A"].services["x"].repo == "a/x"
