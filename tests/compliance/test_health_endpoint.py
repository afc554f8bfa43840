"""The health check: what the probe learned, as a finding or as none."""

from __future__ import annotations

import pytest

from chittyactions.compliance.facts import Fact, NotAsked, NotKnown
from chittyactions.compliance.repository import Health, Observed
from compliance.repositories import findings, repository, service, spec_of

CHECK = "health_endpoint.health"
HERE = service(domain="hello.chitty.cc")
URL = "https://hello.chitty.cc/health"


def test_only_workers_with_a_domain_are_asked() -> None:
    """A package has no /health, and a Worker without a domain no address."""
    applies = spec_of(CHECK).applies
    assert (applies.types, applies.domain) == (("cloudflare-worker",), True)


def test_a_service_that_is_well_passes() -> None:
    """The probe saw what was documented."""
    assert findings(CHECK, repository({}, observed=Observed(health=Fact.present(Health(URL)))), HERE) == ()


def test_a_service_that_is_not_well_says_what_came() -> None:
    """The finding has the address, what came in place of the answer, and code that answers as it should."""
    held = repository({}, observed=Observed(health=Fact.present(Health(URL, 'HTTP 200 status "healthy"'))))
    (finding,) = findings(CHECK, held, HERE)
    assert finding.message == f'{URL} did not answer 200 with {{"status": "ok"}}: HTTP 200 status "healthy".'
    assert 'Response.json({ status: "ok" })' in finding.fix
    assert not finding.absent


def test_health_that_nobody_could_ask_for_is_no_failure() -> None:
    """No connection is unknown, offline is not asked."""
    with pytest.raises(NotKnown):
        findings(CHECK, repository({}, observed=Observed(health=Fact.unknown("no connection"))), HERE)
    with pytest.raises(NotAsked):
        findings(CHECK, repository({}), HERE)
