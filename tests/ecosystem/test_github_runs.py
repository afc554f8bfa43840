"""Earlier runs of a workflow, against the embedded GitHub."""

from __future__ import annotations

import pytest

from chittyactions.ecosystem.github_runs import LATEST, PER_PAGE, Runs
from chittyactions.errors import BadAnswer, Refused
from chittyactions.http import Client, Deadline
from chittylocal import Fault, Local

HOME, FILE = "acme/hello", "audit.yml"


def runs(local: Local, token: str = "") -> Runs:
    client = Client("GitHub's API", Deadline(20), environ={}, sleep=lambda _: None)
    base_url = local.urls()["GITHUB_API_URL"]
    return Runs(client, repository=HOME, token=token or local.github_token, base_url=base_url)


def test_runs_that_have_ended_the_newest_first(local: Local) -> None:
    """Of that file and that branch alone; what goes on has not ended."""
    add = local.github.runs.add
    old = add(HOME, FILE, created_at="2026-11-02T06:00:00Z")
    add(HOME, FILE, created_at="2026-11-23T06:00:00Z", conclusion=None)
    failed = add(HOME, FILE, created_at="2026-11-16T06:00:00Z", conclusion="failure")
    new = add(HOME, FILE, created_at="2026-11-09T06:00:00Z")
    add(HOME, FILE, created_at="2026-11-10T06:00:00Z", branch="feature/x")
    add(HOME, "other.yml", created_at="2026-11-11T06:00:00Z")
    assert [one.id for one in runs(local).ended(FILE, "main")] == [failed, new, old]
    assert [one.id for one in runs(local).ended(FILE, "main", only="success")] == [new, old]
    assert [one.succeeded for one in runs(local).ended(FILE, "main")] == [False, True, True]
    assert len(runs(local).ended(FILE, "feature/x")) == 1
    assert runs(local).ended(FILE, "none") == ()


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target", "workflow_run"])
@pytest.mark.parametrize("fork", ["mallory/hello", None])
def test_a_run_of_a_fork_is_none_of_ours(local: Local, event: str, fork: str | None) -> None:
    """A pull request may start the same file on a branch that its fork calls main, and leaves artifacts of its own."""
    local.github.runs.add(HOME, FILE, created_at="2026-11-02T06:00:00Z", event=event, fork=fork)
    assert runs(local).ended(FILE, "main") == ()


def test_a_run_of_a_pull_request_is_none_of_ours(local: Local) -> None:
    """It is what somebody proposes, whosever branch it is."""
    add = local.github.runs.add
    add(HOME, FILE, created_at="2026-11-02T06:00:00Z", event="pull_request")
    mine = add("Acme/Hello", FILE, created_at="2026-11-01T06:00:00Z", event="workflow_dispatch")
    assert [(one.id, one.is_scheduled) for one in runs(local).ended(FILE, "main")] == [(mine, False)]


def test_many_runs_of_forks_hide_none_of_ours(local: Local) -> None:
    """Who floods the list of runs takes no history away."""
    mine = local.github.runs.add(HOME, FILE, created_at="2026-11-01T06:00:00Z")
    for _ in range(PER_PAGE + 5):
        local.github.runs.add(HOME, FILE, created_at="2026-11-02T06:00:00Z", event="pull_request", fork="mallory/hello")
    assert [one.id for one in runs(local).ended(FILE, "main")] == [mine]


def test_half_a_year_is_enough(local: Local) -> None:
    """Of many runs the latest, by one request."""
    for day in range(1, 28):
        for hour in range(2):
            local.github.runs.add(HOME, FILE, created_at=f"2026-10-{day:02}T0{hour}:00:00Z")
    local.forget_requests()
    found = runs(local).ended(FILE, "main")
    assert (len(found), found[0].created_at.day, len(local.requests("github"))) == (LATEST, 27, 1)


def test_artifacts_by_their_names(local: Local) -> None:
    """One that has expired is gone, and another's name is another's."""
    run = local.github.runs.add(HOME, FILE, created_at="2026-11-02T06:00:00Z", artifacts=("a",), expired=("b",))
    assert [runs(local).has_artifact(run, name) for name in ("a", "b", "c")] == [True, False, False]


def test_what_is_not_there_is_refused(local: Local) -> None:
    """A workflow that never ran, and a run of nobody; the message has the permission to give."""
    with pytest.raises(Refused, match="HTTP 404") as missing:
        runs(local).ended("never.yml", "main")
    assert "actions: read" in missing.value.fix
    with pytest.raises(Refused):
        runs(local).has_artifact(1, "a")


def test_an_answer_without_runs_is_no_answer(local: Local) -> None:
    """A proxy's page is not taken for "there was none"."""
    local.fault("github", "GET", "*/runs", Fault("status", status=200, body={"message": "hello"}))
    with pytest.raises(BadAnswer):
        runs(local).ended(FILE, "main")
