"""The unmodified reusable workflow, called as repositories call it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chittylocal import Local
from chittylocal.actrun.session import Outcome
from e2e.harness import ROOT, Repository

pytestmark = pytest.mark.timeout(240)
CALLERS = ROOT / "action-tests"


def outputs(outcome: Outcome) -> dict[str, str]:
    return outcome.record.outputs.get(("deploy", "deploy"), {})


def warnings(outcome: Outcome) -> str:
    return "\n".join(note.text for note in outcome.record.notes if note.level == "warning")


def test_a_caller_of_today_deploys(tmp_path: Path) -> None:
    """No permissions, one secret, services as they are today: it deploys, and says what was refused."""
    repository = Repository(tmp_path, CALLERS / "today.yml")
    with Local(behaviour="today") as local:
        outcome = repository.run(local)
        repository.ended(outcome, 0)
        assert outputs(outcome)["health"] == "ok"
        assert [entry["path"] for entry in local.requests("oidc")] == []
        statuses = {entry["status"] for entry in local.requests("registry")}
        assert statuses == {401}
        tokens = [lease for lease in local.leases() if lease["token_id"]]
        assert tokens
        assert all(lease["revoked_at"] for lease in tokens)
    said = warnings(outcome)
    assert "heartbeat" in said
    assert "app-beacon is not on the registry" in said


def test_a_token_of_ones_own_is_enough(tmp_path: Path) -> None:
    """With CLOUDFLARE_API_TOKEN passed nothing is minted, and the outputs reach the caller's next job."""
    repository = Repository(tmp_path, CALLERS / "own-token.yml")
    with Local() as local:
        outcome = repository.run(local, "none")
        repository.ended(outcome, 0)
        assert local.requests("connect") == []
        assert local.requests("oidc") == []
    assert outcome.record.jobs == dict.fromkeys(outcome.record.jobs, "success")
    assert len(outcome.record.jobs) == 3


def test_a_pull_request_gets_a_preview_of_staging(tmp_path: Path) -> None:
    """By the id token alone: the environment's own Worker, one comment for two pushes, nothing in production."""
    repository = Repository(tmp_path, CALLERS / "pull-request.yml")
    with Local() as local:
        repository.ended(repository.run(local, "oidc"), 0)
        repository.edit("src/index.ts", lambda text: text.replace("${name}!", "dear ${name}!"))
        repository.edit("test/hello.test.ts", lambda text: text.replace("Hello, ada!", "Hello, dear ada!"))
        outcome = repository.run(local, "oidc")
        repository.ended(outcome, 0)
        assert local.deployments("hello") == []
        assert len(local.deployments("hello-staging")) == 2
        assert outputs(outcome)["preview_url"].endswith("-hello-staging.chittylocal.workers.dev")
        comments = local.github.comments("chittyos/hello", 1)
        assert len(comments) == 1
        assert outputs(outcome)["version_id"][:8] in comments[0]["body"]
        assert outputs(outcome)["preview_url"] in comments[0]["body"]


def test_a_rehearsal_changes_nothing(tmp_path: Path) -> None:
    """A dry run, started by hand, writes nothing at Cloudflare."""
    repository = Repository(tmp_path, CALLERS / "dry-run.yml")
    with Local() as local:
        outcome = repository.order(local, "oidc", "workflow_dispatch", {}, {"environment": "production"})
        repository.ended(outcome, 0)
        assert local.deployments("hello") == []
        assert {entry["method"] for entry in local.requests("cloudflare")} <= {"GET"}


def test_an_unknown_environment_stops_before_anything_is_sent(tmp_path: Path) -> None:
    """A name that the config lacks fails in the build, and no credential is issued for it."""
    repository = Repository(tmp_path, CALLERS / "dry-run.yml")
    with Local() as local:
        outcome = repository.order(local, "oidc", "workflow_dispatch", {}, {"environment": "stagign"})
        repository.ended(outcome, 1)
        assert local.requests("connect") == []
        assert local.requests("cloudflare") == []
    errors = " ".join(note.text for note in outcome.record.notes if note.level == "error")
    assert "stagign" in errors
    assert "staging" in errors


def test_no_identity_is_explained(tmp_path: Path) -> None:
    """Neither id token nor key: it fails before any request, with the YAML that helps."""
    repository = Repository(tmp_path, CALLERS / "today.yml")
    with Local() as local:
        outcome = repository.run(local, "oidc")
        repository.ended(outcome, 1)
        assert local.requests("connect") == []
    errors = " ".join(note.text for note in outcome.record.notes if note.level == "error")
    assert "id-token: write" in errors


def test_credentials_reach_a_callers_own_steps(tmp_path: Path) -> None:
    """Both paths of getchitty-creds: outputs, environment where asked, and a revocation after a later failure."""
    repository = Repository(tmp_path, CALLERS / "credentials.yml")
    with Local() as local:
        outcome = repository.run(local)
        repository.ended(outcome, 1)
        tokens = [lease for lease in local.leases() if lease["token_id"]]
        assert len(tokens) == 2
        assert all(lease["revoked_at"] for lease in tokens)
    failed = [name for _, name, result, _ in outcome.record.steps if result == "failure"]
    assert failed == ["Fail after them"]
