"""What services, organisations, repositories and domains can be called: one rule for every file and input."""

from __future__ import annotations

import json
import re

import pytest

from chittyactions.compliance import names
from chittyactions.compliance.claims import asked, host_of, slug_of
from chittyactions.compliance.registry_stated import stated
from chittyactions.compliance.request import read_inputs
from chittyactions.errors import InputError
from chittyactions.inputs import Inputs
from compliance.repositories import catalogue
from contracts.files import ROOT

REAL = ("chittyauth", "ChittyAuth", ".github", ".claude", "-chittyos", "a", "a_b.c-d", "...", "..a", ".a", "a" * 100)
IMPOSSIBLE = ("", ".", "..", "a/b", "a b", " a", "a\n", "x\ny", "a\x1b", "\u00e9", "a\u202fb", "@a/b", "a" * 101)


@pytest.mark.parametrize("name", REAL)
def test_what_a_service_or_a_repository_can_be_called(name: str) -> None:
    """As GitHub allows it of repositories: names of the ecosystem begin with a dot or a dash, too."""
    assert names.is_service(name)
    assert names.is_repository(f"CHITTYOS/{name}")


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_nothing_can_be_called(name: str) -> None:
    """No path, no white space, nothing that is not seen, no `..`."""
    assert not names.is_service(name)
    assert not names.is_repository(f"CHITTYOS/{name}")


@pytest.mark.parametrize(
    "owner, fits",
    [
        *((one, True) for one in ("a", "CHITTYOS", "furnished-condos", "0-1", "a" * 39, "a--b", "a-")),
        *((one, False) for one in ("", "-", "-a", "a" * 40, "a_b", "a.b", "a b", "a\n", "\u00e9", "a/b")),
    ],
)
def test_what_an_organisation_can_be_called(owner: str, *, fits: bool) -> None:
    """Letters, digits and hyphens; there are older accounts with two hyphens together, or one at the end."""
    assert names.is_owner(owner) is fits
    assert names.is_repository(f"{owner}/x") is fits


@pytest.mark.parametrize(
    "domain, fits",
    [
        *((one, True) for one in ("x.cc", "a.b-c.example", "x.xn--p1ai", "xn--e1afmkfd.xn--80asehdb", "1.cc")),
        *(
            (one, False)
            for one in ("x", "x.c", "x.1", "-x.cc", "x-.cc", "x..cc", "x.xn--", "x.xn--a-", "x.cc-a", "x.c1", "x y.cc")
        ),
    ],
)
def test_what_a_domain_is(domain: str, *, fits: bool) -> None:
    """Its last label is of letters, or one of another script as the name servers write it."""
    assert (host_of(domain) == domain) is fits


@pytest.mark.parametrize("name", IMPOSSIBLE[1:])
def test_no_way_in_takes_what_nothing_can_be_called(name: str) -> None:
    """Neither `--service`, nor the action's input (but for a repository or a package), nor what a repository states."""
    with pytest.raises(InputError) as caught:
        asked(name)
    assert "which is no name of a service" in caught.value.what
    assert caught.value.what.isprintable()
    assert "a" * 101 not in caught.value.what
    if name == name.strip() and "/" not in name:  # around an input white space says nothing
        with pytest.raises(InputError):
            read_inputs(Inputs({"service_name": name}))
    said = stated(json.dumps({"service": {"name": f"{name}x y"}}), [])
    assert (said.values, said.unusable) == ({}, ("line 1: service.name is no name of a service",))


@pytest.mark.parametrize("name", REAL)
def test_every_way_in_takes_what_a_service_can_be_called(name: str) -> None:
    """Real names are refused nowhere."""
    assert asked(name).name == name
    assert read_inputs(Inputs({"service_name": name})).service_name == name
    assert stated(json.dumps({"service": {"name": name}}), []).values == {"name": name}


def test_a_remote_that_leads_to_no_repository() -> None:
    """What no repository can be called is no repository's name."""
    assert slug_of("https://github.com/chittyos/chittyauth.git") == "chittyos/chittyauth"
    assert slug_of("https://github.com/chittyos/..") == ""
    assert slug_of("chittyos/\u00e9") == ""


def test_editors_and_checks_go_by_the_same_names() -> None:
    """What is written by hand, and not made from the models, says the same."""
    schema = json.loads((ROOT / "schemas/chittyconnect.schema.json").read_text("utf-8"))
    service = schema["properties"]["service"]["properties"]
    assert service["name"]["pattern"] == f"^{names.SERVICE}$"
    (config,) = (one for one in catalogue().checks if one.id == "chittyconnect.config")
    assert config.parameters["fields"][0]["pattern"] == names.SERVICE
    assert service["domains"]["properties"]["production"]["pattern"] == f"^{names.DOMAIN_AS_WRITTEN}$"
    assert re.fullmatch(names.DOMAIN_AS_WRITTEN, "X.XN--P1AI")
