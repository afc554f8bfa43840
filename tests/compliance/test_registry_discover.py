"""What is proposed for a registry: from what GitHub shows and repositories state, and never from what is not known."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chittyactions.compliance.registry import read_registry
from chittyactions.compliance.registry_discover import Proposed, applied, propose
from chittyactions.compliance.registry_listing import Listed, Listing
from chittyactions.compliance.registry_stated import stated

REGISTRY = """\
schema_version: 1
compliance_profiles: {tool: {}, cloudflare-worker: {}, org-config: {}}
organizations:
  Acme: # ours
    services:
      alpha: # the first
        repo: Acme/alpha
        tier: 3
        type: tool
        active: true
      auth:
        repo: Acme/mono
        type: tool
        domain: auth.cc
      billing:
        repo: Acme/mono
        type: tool
      old:
        repo: Acme/old
        type: tool
        active: false
  Other:
    services:
      zeta:
        repo: Other/zeta
        type: tool
        domain: zeta.cc
waivers:
  - {check: chittycanon, service: Acme/auth, reason: r, owner: o, expires: 2031-01-01}
"""
HERE = ("Acme/alpha", "Acme/mono")


def connect(**service: Any) -> str:
    """A `.chittyconnect.yml` with these fields of its service."""
    return json.dumps({"service": service}, indent=1)


def proposed(*more: Listed, without: str = "", private: bool = False, whole: bool = True, **listing: Any) -> Proposed:
    """What comes of repositories beside, or in place of, those that are registered."""
    found = {name: Listed(name) for name in HERE if name != without}
    found |= {one.repository: one for one in more}
    made = Listing("Acme", tuple(found.values()), **listing)
    return propose(read_registry(REGISTRY, "registry.yml"), made, private=private, whole=whole)


def changes(found: Proposed) -> list[tuple[str, str, dict[str, object], str]]:
    """Sign, service, fields and new name of each proposal."""
    return [(one.sign, one.edit.service, dict(one.edit.fields), one.edit.name) for one in found.proposals]


def test_a_registry_that_is_right() -> None:
    """Nothing is proposed, whatever is not stated, or stated as it stands, or written in other capitals."""
    found = proposed(Listed("acme/ALPHA", connect=connect(name="Alpha", type="tool", tier="3")), without="Acme/alpha")
    assert (found.proposals, found.left, found.passed) == ((), (), {})
    assert found.repositories == 2


def test_a_new_repository_that_says_what_it_is() -> None:
    """What it states gets in, with the line that states it; nothing else."""
    text = connect(name="neo", type="cloudflare-worker", tier=2, domains={"production": "https://Neo.cc/"})
    found = proposed(Listed("Acme/neo-worker", connect=text))
    fields = {
        "repo": "Acme/neo-worker", "tier": 2, "type": "cloudflare-worker", "domain": "neo.cc", "active": True,
    }  # fmt: skip
    assert changes(found) == [("+", "neo", fields, "")]
    assert found.proposals[0].reasons == (
        ".chittyconnect.yml:3 states the name neo",
        ".chittyconnect.yml:4 states the type cloudflare-worker",
        ".chittyconnect.yml:5 states the tier 2",
        ".chittyconnect.yml:7 states the domain neo.cc",
    )


def test_the_repository_of_the_organisations_own_files() -> None:
    """GitHub knows it by its name: it needs to state nothing."""
    found = proposed(Listed("Acme/.github"))
    assert changes(found) == [("+", ".github", {"repo": "Acme/.github", "type": "org-config", "active": True}, "")]


@pytest.mark.parametrize(
    "listed, said",
    [
        (
            Listed("Acme/x", language="Rust"),
            "Acme/x is not registered: it has no .chittyconnect.yml, and is written in Rust.",
        ),
        (
            Listed("Acme/x", connect=connect(name="x")),
            "Acme/x is not registered: its .chittyconnect.yml states no type.",
        ),
        (
            Listed("Acme/x", connect=connect(type="toool")),
            "line 3: service.type is no type that has a profile; did you mean tool?",
        ),
        (Listed("Acme/x", connect="a: ["), "it is no YAML: line 1"),
        (Listed("Acme/x", connect="[]"), "it is no table of settings"),
        (Listed("Acme/x", connect=connect(name="alpha", type="tool")), "the name alpha is another service's"),
        (Listed("Acme/x", unread="it is no text"), "Acme/x: it is no text."),
        (Listed("Acme/alpha", connect=connect(tier=9)), "line 3: service.tier is no tier from 0 to 5"),
        (Listed("Acme/alpha", connect=connect(name="a b")), "service.name is no name of a service"),
        (Listed("Acme/alpha", connect=connect(name="zeta")), "the name zeta, which another service has"),
        (Listed("Acme/alpha", connect=connect(domains={"production": "x"})), "service.domains.production is no domain"),
        (Listed("Acme/alpha", connect=connect(domains={"production": "zeta.cc"})), "the domain zeta.cc, which another"),
    ],
)
def test_what_nobody_states_is_left_to_a_person(listed: Listed, said: str) -> None:
    """Nothing is made up, and nothing taken from another service."""
    found = proposed(listed)
    assert found.proposals == ()
    assert said in " ".join(found.left)


@pytest.mark.parametrize("flag", ["archived", "fork", "empty", "private", "template"])
def test_repositories_that_are_passed_over(flag: str) -> None:
    """They are counted, and not named: a private one's name belongs in no public file."""
    plain = Listed("Acme/x", connect=connect(type="tool"))
    listed = {
        "archived": replace(plain, archived=True),
        "fork": replace(plain, fork=True),
        "empty": replace(plain, empty=True),
        "private": replace(plain, private=True),
        "template": replace(plain, template=True),
    }[flag]
    found = proposed(listed)
    assert (found.proposals, found.left) == ((), ())
    assert sum(found.passed.values()) == 1
    assert len(proposed(listed, private=True).proposals) == (flag == "private")


def test_what_a_repository_states_otherwise() -> None:
    """Each field by itself, beside what the registry says now."""
    found = proposed(
        Listed("Acme/alpha", connect=connect(type="cloudflare-worker", tier=0, domains={"production": "a.cc"}))
    )
    assert changes(found) == [("~", "alpha", {"type": "cloudflare-worker", "tier": 0, "domain": "a.cc"}, "")]
    assert found.proposals[0].was == {"type": "tool", "tier": 3, "domain": None}


def test_another_name() -> None:
    """A service is called what its repository says, where nobody has that name and no waiver goes by the old one."""
    assert changes(proposed(Listed("Acme/alpha", connect=connect(name="beta")))) == [("~", "alpha", {}, "beta")]
    text = REGISTRY.replace("service: Acme/auth", "service: alpha")
    made = Listing("Acme", (Listed("Acme/alpha", connect=connect(name="beta")), Listed("Acme/mono")))
    found = propose(read_registry(text, "registry.yml"), made)
    assert found.proposals == ()
    assert "a waiver is for alpha, so rename both by hand" in found.left[0]


def test_a_monorepo_states_nothing_of_its_services() -> None:
    """Its root's file is about one of them, or none; that it is archived concerns all."""
    assert proposed(Listed("Acme/mono", connect=connect(name="mono", tier=1))).proposals == ()
    found = proposed(Listed("Acme/mono", archived=True))
    assert changes(found) == [("-", "auth", {"active": False}, ""), ("-", "billing", {"active": False}, "")]


def test_an_archived_repository_is_switched_off() -> None:
    """Nothing else is said of it; what is off already stays as it is."""
    found = proposed(Listed("Acme/alpha", archived=True, connect=connect(tier=1)), Listed("Acme/old", archived=True))
    assert changes(found) == [("-", "alpha", {"active": False}, "")]
    assert found.proposals[0].reasons == ("Acme/alpha is archived on GitHub",)


def test_a_repository_that_is_gone_is_switched_off_and_never_removed() -> None:
    """GitHub does not tell a deleted one from a private one."""
    found = proposed(without="Acme/alpha", followed={"acme/alpha": None})
    assert changes(found) == [("-", "alpha", {"active": False}, "")]
    assert "or this token may not see it" in found.proposals[0].reasons[0]


@pytest.mark.parametrize(
    "listing",
    [
        {"without": "Acme/alpha"},
        {"without": "Acme/alpha", "incomplete": ("Acme: GitHub could not be asked.",)},
        {"without": "Acme/alpha", "followed": {"acme/alpha": None}, "incomplete": ("Acme: in part.",)},
    ],
)
def test_nothing_is_switched_off_by_what_is_not_known(listing: dict[str, Any]) -> None:
    """A repository that is not listed, while GitHub did not answer everything, says nothing."""
    assert proposed(**listing).proposals == ()


@pytest.mark.parametrize(
    "one, why",
    [
        (Listed("Acme/alpha", archived=True), "Acme/alpha is archived on GitHub"),
        (None, "GitHub has no Acme/alpha any more, or this token may not see it"),
    ],
)
@pytest.mark.parametrize("how", [{"whole": False}, {"incomplete": ("Acme: in part.",)}])
def test_what_a_run_that_is_not_complete_would_switch_off(one: Listed | None, why: str, how: dict[str, Any]) -> None:
    """It is told in words, whichever organisation is not known; what is stated is proposed all the same."""
    listing: dict[str, Any] = {"followed": {"acme/alpha": None}} if one is None else {}
    new = Listed("Acme/neo", connect=connect(type="tool"))
    found = proposed(new, *([one] if one else []), without="Acme/alpha", **listing, **how)
    assert [sign for sign, *_ in changes(found)] == ["+"]
    assert [
        said.startswith(f"Acme/alpha is to be switched off by a run that is complete: {why}") for said in found.left
    ] == [True]


def test_a_repository_that_was_renamed() -> None:
    """The entry follows it, with what it states, and it is not added as a new one."""
    moved = Listed("Acme/omega", connect=connect(type="tool", tier=1))
    found = proposed(moved, without="Acme/alpha", followed={"acme/alpha": moved})
    assert changes(found) == [("~", "alpha", {"repo": "Acme/omega", "tier": 1}, "")]
    assert found.proposals[0].reasons[0] == "GitHub leads from Acme/alpha to Acme/omega"


@pytest.mark.parametrize(
    "to, said",
    [("Elsewhere/alpha", "move its entry to that organisation"), ("Acme/mono", "which has an entry; remove one")],
)
def test_a_repository_that_moved_where_its_entry_cannot_follow(to: str, said: str) -> None:
    """Another organisation, or another entry's repository: a person decides."""
    found = proposed(without="Acme/alpha", followed={"acme/alpha": Listed(to)})
    assert found.proposals == ()
    assert said in found.left[0]


def test_two_that_claim_the_same() -> None:
    """The first one gets a domain or a name; of the other a person is told."""
    text = connect(name="x", type="tool", domains={"production": "x.cc"})
    other = connect(name="y", type="tool", domains={"production": "x.cc"})
    found = proposed(*(Listed(f"Acme/{name}", connect=one) for name, one in (("x", text), ("x2", text), ("y", other))))
    assert [(name, fields.get("domain")) for _, name, fields, _ in changes(found)] == [("x", "x.cc"), ("y", None)]
    assert [one.partition(":")[0] for one in found.left] == ["Acme/x2 is not registered", "Acme/y"]


def test_proposals_become_text() -> None:
    """Comments stay, and what comes out is a registry that says what was proposed: looked at again, nothing is left."""
    moved = Listed("Acme/omega", connect=connect(name="omega", tier=1))
    new = Listed("Acme/beta", connect=connect(type="tool"))
    listing = Listing("Acme", (moved, new, Listed("Acme/mono", archived=True)), {"acme/alpha": moved})
    proposals = propose(read_registry(REGISTRY, "registry.yml"), listing).proposals
    made, homeless = applied(REGISTRY, proposals)
    assert homeless == {}
    assert made.count("#") == REGISTRY.count("#")
    after = read_registry(made, "registry.yml")
    services = after.organizations["Acme"].services
    assert list(services) == ["omega", "auth", "beta", "billing", "old"]
    assert (services["omega"].repo, services["omega"].tier) == ("Acme/omega", 1)
    assert propose(after, listing).proposals == ()


def test_what_has_no_place_in_the_text_keeps_nothing_else_out() -> None:
    """It is named with the reason, and the others are written."""
    text = REGISTRY.replace("active: true", "active: &on true").replace("active: false", "active: *on")
    listing = Listing("Acme", (Listed("Acme/alpha", archived=True), Listed("Acme/mono"), Listed("Acme/.github")))
    proposals = propose(read_registry(text, "registry.yml"), listing).proposals
    made, homeless = applied(text, proposals)
    assert homeless == {1: "there is no place for it that leaves all else as it is"}
    assert read_registry(made, "registry.yml").organizations["Acme"].services[".github"].type == "org-config"


@pytest.mark.parametrize(
    "text, values",
    [
        ("service: simple\n", {"name": "simple"}),
        ("\ufeffservice: {name: x, tier: 2.0}\n", {"name": "x", "tier": 2}),
        ("service: {name: '${NAME}', type: '{{ type }}', domains: {production: ''}}\n", {}),
        ("service: [x]\n", {}),
        ("", {}),
    ],
)
def test_what_a_file_states(text: str, values: dict[str, str | int]) -> None:
    """In every form that the checks read; templates that are filled in later state nothing."""
    assert stated(text, ["tool"]).values == values
