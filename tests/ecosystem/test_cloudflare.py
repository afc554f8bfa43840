"""What Cloudflare's client makes of answers: codes explained, passing errors tried again, odd shapes refused."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from chittyactions.ecosystem.cloudflare import Cloudflare
from chittyactions.ecosystem.cloudflare_answers import Share, Subdomain
from chittyactions.ecosystem.cloudflare_codes import MEANINGS
from chittyactions.ecosystem.cloudflare_wire import SERVICE, TRIES, Wire
from chittyactions.errors import AnswerLost, BadAnswer, Refused, Unreachable
from chittyactions.http import Client, Deadline
from chittylocal import Fault, Local
from faults import PATIENCE, bounded

SCRIPT = "/accounts/*/workers/scripts/hello/"


@pytest.fixture
def api(local: Local) -> Cloudflare:
    """A client whose waits are not slept."""
    client = Client(SERVICE, Deadline(10), environ={}, sleep=lambda _: None)
    url = f"{local.url}/cloudflare/client/v4"
    wire = Wire(client, token=local.cloudflare_token, base_url=url, sleep=lambda _: None)
    return Cloudflare(wire, local.account_id)


def refusal(code: int, message: str = "said by Cloudflare") -> dict[str, Any]:
    """An envelope that refuses."""
    return {"success": False, "errors": [{"code": code, "message": message}], "messages": [], "result": None}


def test_no_such_worker_is_none(api: Cloudflare) -> None:
    """A first deploy is no error."""
    assert api.deployments("hello") is None


@pytest.mark.parametrize("code", [code for code in MEANINGS if code not in ("10007", "10090", "10013", "100146")])
def test_a_known_code_is_explained(local: Local, api: Cloudflare, code: str) -> None:
    """Cause and remedy come with the code and with Cloudflare's own words."""
    local.fault("cloudflare", "GET", SCRIPT + "deployments", Fault("status", status=400, body=refusal(int(code))))
    with pytest.raises(Refused) as caught:
        api.deployments("hello")
    assert caught.value.code == code
    assert f"(HTTP 400, code {code})" in caught.value.what
    assert caught.value.why == f"{MEANINGS[code].why} It says: said by Cloudflare"
    assert caught.value.fix == MEANINGS[code].fix
    assert local.account_id not in str(caught.value)


def test_a_wait_for_an_internal_error_ends_with_the_deadline(local: Local) -> None:
    """A cancellation reaches the pause between two tries: the refusal is told, and nothing more is sent."""
    local.fault("cloudflare", "*", SCRIPT + "*", Fault("status", status=500, body=refusal(10013)))
    whole = Deadline(30)
    url = f"{local.url}/cloudflare/client/v4"
    wire = Wire(
        Client(SERVICE, whole, environ={}),
        token=local.cloudflare_token,
        base_url=url,
        whole=whole,
        say=lambda _: whole.shorten(0),
    )
    with pytest.raises(Refused, match="code 10013"):
        Cloudflare(wire, local.account_id).deployments("hello")
    assert len(local.requests("cloudflare")) == 1


def test_an_internal_error_is_tried_again(local: Local, api: Cloudflare) -> None:
    """10013 passes by itself; a question is asked again, a change is not."""
    local.fault("cloudflare", "*", SCRIPT + "*", Fault("status", status=500, body=refusal(10013)))
    with pytest.raises(Refused, match="code 10013"):
        api.deployments("hello")
    assert len(local.requests("cloudflare")) == TRIES
    local.forget_requests()
    with pytest.raises(Refused, match="code 10013"):
        api.deploy("hello", (Share(version_id="1", percentage=100),), "once")
    assert len(local.requests("cloudflare")) == 1


def test_a_version_that_is_not_known_yet_is_deployed_again(local: Local, api: Cloudflare) -> None:
    """100146 comes for a version that was uploaded a moment ago, and nothing was deployed."""
    local.fault(
        "cloudflare", "POST", SCRIPT + "deployments", Fault("status", status=404, body=refusal(100146), times=2)
    )
    with pytest.raises(Refused, match="code 10007"):  # the third reaches the API, which has no such Worker
        api.deploy("hello", (Share(version_id="1", percentage=100),), "a test")
    assert len(local.requests("cloudflare")) == 3


@pytest.mark.parametrize(
    "result", [None, [], {}, {"deployments": None}, {"deployments": [{"no": "id"}]}, {"deployments": 7}]
)
def test_an_answer_of_another_shape_names_the_field(local: Local, api: Cloudflare, result: object) -> None:
    """A contract that changed is told by the place where it did, without the body."""
    body = {"success": True, "errors": [], "messages": [], "result": result}
    local.fault("cloudflare", "GET", SCRIPT + "deployments", Fault("status", status=200, body=body))
    with pytest.raises(BadAnswer, match="answered GET workers/scripts/hello/deployments with something unexpected"):
        api.deployments("hello")


@pytest.mark.parametrize("result", [5, True, "text", {"a": 1}, {}, [7]])
def test_a_list_that_is_none_is_refused(local: Local, api: Cloudflare, result: object) -> None:
    """Whatever stands in a list's place is a bad answer, and never a crash."""
    body = {"success": True, "errors": [], "messages": [], "result": result}
    local.fault("cloudflare", "GET", "/accounts/*/workers/domains*", Fault("status", status=200, body=body))
    with pytest.raises(BadAnswer, match="answered GET workers/domains with something unexpected"):
        api.domains(service="hello")


def test_a_script_in_a_strange_name_stays_one_part_of_the_path(local: Local, api: Cloudflare) -> None:
    """Names are quoted."""
    assert api.deployments("a/../b") is None
    assert local.requests("cloudflare")[0]["path"].endswith(("/scripts/a%2F..%2Fb/deployments", "/a/../b/deployments"))


def test_a_call_ends_when_it_is_hurried(local: Local, api: Cloudflare) -> None:
    """A cancelled job has no time for a call that hangs."""
    local.fault("cloudflare", "GET", SCRIPT + "subdomain", Fault("hang"))
    api.hurry(0.2)
    with pytest.raises(Exception, match="no whole answer came in time"):
        api.subdomain("hello")


def test_a_call_ends_with_the_whole_work(local: Local) -> None:
    """A deadline over all calls, brought forward from outside, ends the one that is under way and the next."""
    local.fault("cloudflare", "GET", "*", Fault("hang"))
    whole = Deadline(30)
    wire = Wire(
        Client(SERVICE, whole, environ={}), token="t", base_url=f"{local.url}/cloudflare/client/v4", whole=whole
    )
    threading.Timer(PATIENCE, whole.shorten, [0]).start()
    with bounded(PATIENCE), pytest.raises(AnswerLost):
        wire.ask("GET", "/user/tokens/verify")
    with pytest.raises(Unreachable):
        wire.ask("GET", "/user/tokens/verify")


def test_a_secret_in_a_long_message_is_not_cut_in_two(local: Local, api: Cloudflare) -> None:
    """Half of one would not be masked: what is too long ends between two words."""
    secret = "s-" * 20
    for words in range(140, 151):
        fault = Fault("status", status=400, body=refusal(1, f"{'a ' * words}{secret} and more"), times=1)
        local.fault("cloudflare", "GET", SCRIPT + "deployments", fault)
        with pytest.raises(Refused) as caught:
            api.deployments("hello")
        assert "s-" not in caught.value.why.replace(secret, "")
        assert len(caught.value.why) < 320


def test_subdomains_compare_by_what_they_switch(api: Cloudflare) -> None:
    """Further fields of the answer make no difference."""
    assert Subdomain.model_validate({"enabled": True, "previews_enabled": False, "x": 1}) == Subdomain(enabled=True)


def test_null_is_nothing(local: Local, api: Cloudflare) -> None:
    """A field that is null has its default: what serves is known all the same."""
    deployment = {
        "id": "d",
        "author_email": None,
        "annotations": None,
        "versions": [{"version_id": "v", "percentage": 100}],
    }
    body = {"success": True, "errors": None, "result": {"deployments": [deployment]}}
    local.fault("cloudflare", "GET", SCRIPT + "deployments", Fault("status", status=200, body=body))
    found = api.deployments("hello")
    assert found is not None
    assert (found[0].author_email, found[0].message, found[0].versions[0].version_id) == ("", "", "v")
