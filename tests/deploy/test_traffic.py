"""Changes of traffic against the local API alone: what is made, what is found, what is somebody else's."""

from __future__ import annotations

import json
import stat

import pytest

from chittyactions.deploy.journal import Entry, Journal
from chittyactions.deploy.traffic import Split, Traffic, described, same, shared, whole
from chittyactions.ecosystem.cloudflare import Cloudflare
from chittyactions.ecosystem.cloudflare_answers import Share
from chittyactions.ecosystem.cloudflare_wire import Wire
from chittyactions.errors import ChittyError, Refused, Superseded
from chittyactions.http import Client, Deadline
from chittylocal import Fault
from deploy.service import Service

DEPLOYMENTS = "/accounts/*/workers/scripts/hello/deployments*"


@pytest.fixture
def api(service: Service) -> Cloudflare:
    """The account's API; nothing is tried in workerd."""
    local = service.local
    local.cloudflare.edge.verify = False
    client = Client("Cloudflare's API", Deadline(10), environ={}, sleep=lambda _: None)
    wire = Wire(
        client, token=local.cloudflare_token, base_url=local.urls()["CLOUDFLARE_API_BASE_URL"], sleep=lambda _: None
    )
    return Cloudflare(wire, local.account_id)


def begun(service: Service, api: Cloudflare, mark: str = "mark") -> Traffic:
    """The traffic of a run that has captured what serves."""
    journal = Journal.of(service.runner.temp, "hello", "production")
    deployments = api.deployments("hello")
    assert deployments
    journal.begin(Entry(account_id=api.account_id, script="hello", mark=mark, captured=deployments[0]))
    return again(service, api)


def again(service: Service, api: Cloudflare) -> Traffic:
    """The traffic as another process finds it in the journal."""
    journal = Journal.of(service.runner.temp, "hello", "production")
    assert journal.read() is not None
    return Traffic(api, journal, sleep=lambda _: None)


def test_a_change_and_back(service: Service, api: Cloudflare) -> None:
    """Each is a deployment with this run's mark; back is exactly what was captured."""
    old = service.seed()
    new = service.add_version()
    traffic = begun(service, api)
    traffic.give(shared(new, 10, old), "a canary")
    assert service.traffic == {new: 10, old: 90}
    assert service.local.deployments("hello")[0]["annotations"]["workers/message"] == "mark/1: a canary"
    assert traffic.restore() is True
    assert service.traffic == {old: 100}


def test_nothing_is_sent_when_nothing_changed(service: Service, api: Cloudflare) -> None:
    """What was captured serves still."""
    old = service.seed()
    assert begun(service, api).restore() is False
    assert service.splits == [{old: 100}]


def test_a_change_is_refused_after_somebody_elses(service: Service, api: Cloudflare) -> None:
    """The error names the other deployment and who made it."""
    old = service.seed()
    new, other = service.add_version(), service.add_version()
    traffic = begun(service, api)
    service.give({other: 100})
    with pytest.raises(Superseded, match="Somebody else deployed hello meanwhile") as caught:
        traffic.give(whole(new), "too late")
    assert f"({other} 100 %)" in caught.value.why
    with pytest.raises(Superseded):
        traffic.restore()
    assert service.splits == [{old: 100}, {other: 100}]


def test_a_change_whose_answer_never_came_is_known_as_ours_later(service: Service, api: Cloudflare) -> None:
    """Killed between the request and its answer: the next process knows the deployment by its mark."""
    old = service.seed()
    new = service.add_version()
    begun(service, api)
    body = {
        "strategy": "percentage",
        "versions": [{"version_id": new, "percentage": 100}],
        "annotations": {"workers/message": "mark/1: 100 %"},
    }
    service.call("POST", "/scripts/hello/deployments", body)
    assert again(service, api).restore() is True
    assert service.traffic == {old: 100}


def test_a_pending_change_is_outdone(service: Service, api: Cloudflare) -> None:
    """A change that was sent and does not show may show later, so what was captured is deployed once more."""
    old = service.seed()
    traffic = begun(service, api)
    journal = Journal.of(service.runner.temp, "hello", "production")
    journal.read()
    journal.note(pending=True)
    assert traffic.changed is False
    assert again(service, api).restore() is True
    assert service.splits == [{old: 100}, {old: 100}]


def test_a_refusal_ends_it_at_once(service: Service, api: Cloudflare) -> None:
    """What Cloudflare will not do is not asked for again, and nothing changed."""
    old = service.seed()
    traffic = begun(service, api)
    with pytest.raises(Refused, match="100146"):
        traffic.give(whole("00000000-0000-4000-8000-000000000000"), "no such version")
    assert traffic.changed is False
    assert service.splits == [{old: 100}]


def test_a_change_that_stays_lost_is_sent_a_few_times(service: Service, api: Cloudflare) -> None:
    """Each time the list is looked at first, and shows that it had no effect."""
    old = service.seed()
    new = service.add_version()
    traffic = begun(service, api)
    service.local.fault("cloudflare", "POST", DEPLOYMENTS, Fault("reset"))
    with pytest.raises(ChittyError, match="was lost"):
        traffic.give(whole(new), "lost")
    sent = [e for e in service.local.requests("cloudflare") if e["method"] == "POST" and e["fault"]]
    assert len(sent) == 3
    assert service.splits == [{old: 100}]


def test_a_worker_that_was_deleted_meanwhile(service: Service, api: Cloudflare) -> None:
    """Nothing is made anew under its name."""
    service.seed()
    traffic = begun(service, api)
    service.call("DELETE", "/scripts/hello?force=true")
    with pytest.raises(Superseded, match="is gone"):
        traffic.restore()


def test_splits() -> None:
    """The order of the versions makes no difference; 0 % is a share, and 100 % needs no other."""
    one: Split = (Share(version_id="a", percentage=10), Share(version_id="b", percentage=90))
    assert same(one, one[::-1])
    assert not same(one, whole("a"))
    assert shared("a", 0, "b") == (Share(version_id="a", percentage=0), Share(version_id="b", percentage=100))
    assert shared("a", 100, "b") == whole("a")
    assert described(one) == "a 10 % + b 90 %"


def test_the_journal_is_its_owners_alone_and_goes_when_it_is_closed(service: Service, api: Cloudflare) -> None:
    """Mode 0600, valid JSON at any time, no secret within, and no file after a deploy that ended."""
    service.seed()
    begun(service, api)
    journal = Journal.of(service.runner.temp, "hello", "production")
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert service.local.cloudflare_token not in journal.path.read_text()
    assert json.loads(journal.path.read_text())["script"] == "hello"
    journal.close()
    assert journal.read() is None
    assert list(service.runner.temp.iterdir()) == []


def test_a_damaged_journal_changes_nothing(service: Service) -> None:
    """It says what to do by hand instead of guessing."""
    journal = Journal.of(service.runner.temp, "hello", "production")
    journal.path.write_text('{"script": "hello"')
    with pytest.raises(ChittyError, match="can't be read, so nothing was put back"):
        journal.read()


def test_a_name_with_a_slash_stays_in_the_folder(service: Service) -> None:
    """Whatever a service is called, the journal lies where it belongs."""
    assert Journal.of(service.runner.temp, "../x", "a/b").path.parent == service.runner.temp
