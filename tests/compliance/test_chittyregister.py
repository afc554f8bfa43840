"""The ChittyRegister checks: a heartbeat that is really sent, and a registry that knows the service."""

from __future__ import annotations

import pytest

from chittyactions.compliance.facts import Fact, NotAsked, NotKnown
from chittyactions.compliance.repository import Observed
from compliance.repositories import Content, findings, repository, service

HEARTBEAT = "chittyregister.heartbeat"
REGISTERED = "chittyregister.registered"
URL = "https://registry.chitty.cc/api/services/chittyexample/heartbeat"


def step(text: str) -> dict[str, Content]:
    return {".github/workflows/w.yml": f"on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - {text}\n"}


def deploy(more: str = "", name: str = "reusable-worker-deploy.yml") -> dict[str, Content]:
    uses = f"uses: chittyos/chittyops/.github/workflows/{name}@v2"
    return {".github/workflows/w.yml": f"on: push\njobs:\n  j:\n    {uses}\n{more}"}


def beats(files: dict[str, Content]) -> bool:
    return not findings(HEARTBEAT, files)


def test_no_heartbeat_is_absent_and_comes_with_a_deploy_that_sends_it() -> None:
    """The workflow that is offered passes the check, and names the service."""
    (one,) = findings(HEARTBEAT, {"README.md": "x"})
    assert one.absent
    assert "service_name: chittyexample" in one.fix
    assert beats({one.path: one.fix})


def test_our_deploy_workflow_counts() -> None:
    """It sends the heartbeat itself, unless it only rehearses."""
    assert beats(deploy())
    assert not beats(deploy("    with: {dry_run: true}\n"))
    assert not beats(deploy(name="reusable-package-publish.yml"))
    assert not beats(deploy("    if: false\n"))


def test_the_deploy_action_counts_where_it_is_given_the_registrys_key() -> None:
    """Without a key the action sends nothing."""
    uses = "uses: chittyos/chittyops/actions/worker-deploy@v2"
    assert beats(step(f"{uses}\n        with: {{register_token: '${{{{ secrets.CHITTYCONNECT_API_KEY }}}}'}}"))
    assert not beats(step(uses))
    assert not beats(step(f"{uses}\n        with: {{register_token: ''}}"))


@pytest.mark.parametrize(
    "run",
    [
        f"curl -X POST {URL}",
        'curl -d "{}" "https://registry.chitty.cc/api/services/${SERVICE}/heartbeat"',
        "curl -X POST https://registry.chitty.cc/api/services/${{ inputs.service_name }}/heartbeat",
        'curl -X POST "$CHITTYREGISTRY_URL/api/services/x/heartbeat"',
    ],
)
def test_a_heartbeat_of_ones_own_counts(run: str) -> None:
    """Whatever service it names: which one it is, is often known only when it runs."""
    assert beats(step(f"run: |\n          {run}"))


@pytest.mark.parametrize(
    "run",
    [
        f"curl {URL}",
        f"echo {URL}",
        f"# curl -X POST {URL}",
        "curl -X POST https://registry.chitty.cc/api/services/chittyexample",
        "curl -X POST https://registry.chitty.cc/api/services/a/b/heartbeat",
        "curl -X POST https://example.com/api/services/x/heartbeat",
        "curl -X POST $UNKNOWN/api/services/x/heartbeat",
    ],
)
def test_what_only_looks_like_a_heartbeat_does_not_count(run: str) -> None:
    """Another method, another address, a comment."""
    assert not beats(step(f"run: |\n          {run}"))


def test_known_failure_10_deregister_idle_runners_is_no_heartbeat() -> None:
    """`register` in a name says nothing."""
    files = step("run: ./deregister-idle-runners")
    assert not beats({path: f"name: Deregister idle runners\n{text!s}" for path, text in files.items()})


def test_a_service_that_the_registry_knows_passes() -> None:
    """What the registry says of it is not looked into."""
    assert findings(REGISTERED, repository({}, observed=Observed(registered=Fact.present("chittyexample")))) == ()


def test_a_service_that_the_registry_does_not_know_is_told_so() -> None:
    """With the registry's own words, where it has any."""
    (one,) = findings(REGISTERED, repository({}, observed=Observed(registered=Fact.absent("it answered 404"))))
    assert one.message == "The registry does not know chittyexample: it answered 404."
    assert one.absent
    (one,) = findings(REGISTERED, repository({}, observed=Observed(registered=Fact.absent())))
    assert one.message == "The registry does not know chittyexample."


def test_a_service_without_a_name_is_told_as_the_service() -> None:
    """Where nothing states a name, the sentence is still one."""
    (one,) = findings(REGISTERED, repository({}, observed=Observed(registered=Fact.absent())), service(name=""))
    assert one.message == "The registry does not know the service."


def test_known_failure_1_a_registry_that_does_not_answer_is_no_verdict() -> None:
    """Unknown where it was asked, not evaluated where it was not."""
    with pytest.raises(NotKnown, match="no route"):
        findings(REGISTERED, repository({}, observed=Observed(registered=Fact.unknown("it has no route for services"))))
    with pytest.raises(NotAsked):
        findings(REGISTERED, repository({}))
