"""ChittyRouter's checks: the domain is declared as a host, and the router's word on it."""

from __future__ import annotations

import pytest

from chittyactions.compliance.facts import Fact, NotAsked, NotKnown
from chittyactions.compliance.repository import Observed
from compliance.repositories import findings, repository, service, spec_of

DECLARED, ROUTED = "chittyrouter.declared", "chittyrouter.routed"
FILE = ".chittyconnect.yml"
HERE = service(domain="hello.chitty.cc")


def test_only_services_with_a_domain_are_asked() -> None:
    """Without a domain there is nothing to route."""
    assert spec_of(DECLARED).applies.domain
    assert spec_of(ROUTED).applies.domain


def test_a_declared_domain_passes() -> None:
    """Where it differs from what others say, that is repository.identity's to tell."""
    assert findings(DECLARED, {FILE: "service: {domains: {production: hello.chitty.cc}}"}, HERE) == ()
    assert findings(DECLARED, {FILE: "service: {domains: {production: HELLO.chitty.cc}}"}, HERE) == ()


@pytest.mark.parametrize("text", ["service: {name: hello}", "service:\n  domains:\n    staging: x.chitty.cc\n", ""])
def test_an_undeclared_domain_is_absent(text: str) -> None:
    """The block to paste holds the domain that is known."""
    (finding,) = findings(DECLARED, {FILE: text} if text else {}, HERE)
    assert finding.absent
    assert "service.domains.production does not declare hello.chitty.cc." in finding.message
    assert finding.fix == "service:\n  domains:\n    production: hello.chitty.cc\n"


def test_an_undeclared_domain_is_told_where_it_belongs() -> None:
    """At the table that lacks it."""
    (finding,) = findings(DECLARED, {FILE: "version: 1\nservice:\n  name: a\n  domains:\n    staging: a.cc\n"}, HERE)
    assert (finding.path, finding.line, finding.column) == (FILE, 4, 3)


@pytest.mark.parametrize(
    "value, words",
    [
        ("https://a.cc/", "'https://a.cc/', which is no host name. Leave the scheme and the path away."),
        ("${HELLO_DOMAIN}", "'${HELLO_DOMAIN}', which is no host name."),
        ("hello", "'hello', which is no host name."),
        ("hello..cc", "'hello..cc', which is no host name."),
        ("x" * 80, f"'{'x' * 60}', which is no host name."),
        ("[hello.chitty.cc]", "a list, which is no host name."),
        ("12", "a number, which is no host name."),
    ],
)
def test_what_is_no_host_name_is_broken(value: str, words: str) -> None:
    """An address, a placeholder, a word, a list: each is told with its place, and no more of it than helps."""
    (finding,) = findings(DECLARED, {FILE: f"service:\n  domains:\n    production: {value}\n"}, HERE)
    assert finding.message == f"service.domains.production is {words}"
    assert (finding.line, finding.column, finding.absent) == (3, 5, False)


def test_service_as_a_string() -> None:
    """Real repositories have `service: hello`: told, with the whole table to put in its place."""
    (finding,) = findings(DECLARED, {FILE: "version: 1\nservice: hello\n"}, HERE)
    assert finding.message == "`service` is no table, so that service.domains.production cannot stand in it."
    assert finding.line == 2
    assert finding.fix.startswith("service:\n  name: chittyexample\n")


def test_a_known_route_passes() -> None:
    """The router says that it knows the domain."""
    assert findings(ROUTED, repository({}, observed=Observed(routed=Fact.present("route"))), HERE) == ()


def test_a_route_that_the_router_does_not_know() -> None:
    """Its word counts, and only its word."""
    (finding,) = findings(ROUTED, repository({}, observed=Observed(routed=Fact.absent())), HERE)
    assert finding.message == "ChittyRouter knows no route to hello.chitty.cc."
    assert finding.absent
    with pytest.raises(NotKnown, match="no such question"):
        findings(ROUTED, repository({}, observed=Observed(routed=Fact.unknown("no such question"))), HERE)
    with pytest.raises(NotAsked):
        findings(ROUTED, repository({}), HERE)
