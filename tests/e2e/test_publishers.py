"""The unmodified reusable workflow for packages, called as repositories call it. `make demo-publish` has the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chittylocal import Local
from chittylocal.actrun.session import Outcome
from e2e.harness import ROOT, Repository

pytestmark = pytest.mark.timeout(240)
CALLERS = ROOT / "action-tests"
BUCKET = "chittyos-packages"
STATUSES = ("npm_status", "r2_status", "brew_status")


def package(folder: Path, workflow: str) -> Repository:
    """The sample package with one of the callers' workflows."""
    return Repository(folder, CALLERS / workflow, "chittyos/greet", sample="package")


def outputs(outcome: Outcome) -> dict[str, str]:
    return outcome.record.outputs.get(("publish", "publish"), {})


def statuses(outcome: Outcome) -> list[str]:
    return [outputs(outcome).get(name, "") for name in STATUSES]


def errors(outcome: Outcome) -> str:
    return "\n".join(note.text for note in outcome.record.notes if note.level == "error")


def test_a_caller_of_today_gets_r2_and_is_told_what_the_tap_needs(tmp_path: Path) -> None:
    """No permissions, four inputs, one secret: R2 is out and stays, the tap's channel alone fails, and says how."""
    repository = package(tmp_path, "publish-today.yml")
    with Local(behaviour="today") as local:
        outcome = repository.run(local)
        repository.ended(outcome, 1)
        assert statuses(outcome) == ["skipped", "published", "failed"]
        metadata = json.loads(local.r2.read(BUCKET, "greet/metadata.json"))
        assert {"name", "version", "tarball", "published", "platforms", "install_url"} <= set(metadata)
        assert f"greet/{metadata['version']}/{metadata['tarball']}" in local.r2.objects()
        assert local.requests("oidc") == []
        assert local.requests("npm") == []
        tokens = [lease for lease in local.leases() if lease["token_id"]]
        assert tokens
        assert all(lease["revoked_at"] for lease in tokens)
    assert "TAP_TOKEN" in errors(outcome)


def test_tokens_of_ones_own_are_enough_and_outputs_reach_a_later_job(tmp_path: Path) -> None:
    """A release with every token passed: nothing is minted, three channels are out, the tap has a pull request."""
    repository = package(tmp_path, "publish-own-tokens.yml")
    repository.tag("v1.0.0")
    with Local() as local:
        outcome = repository.run(local, "none")
        repository.ended(outcome, 0)
        assert local.requests("connect") == []
        (pull,) = local.github.pull_requests("chittyos/homebrew-tap")
        assert "1.0.0" in pull["title"]
        assert len(local.github.log("chittyos/homebrew-tap")) == 1, "the branch itself is left to the pull request"
        packument = local.npm.packument("@chittyos/greet")
        assert packument
        assert packument["dist-tags"] == {"latest": "1.0.0"}
    assert outcome.record.jobs == dict.fromkeys(outcome.record.jobs, "success")
    assert len(outcome.record.jobs) == 3


def test_a_rehearsal_changes_nothing(tmp_path: Path) -> None:
    """A dry run by the id token alone reads, says what it would do, and writes nowhere."""
    repository = package(tmp_path, "publish-dry-run.yml")
    with Local() as local:
        outcome = repository.run(local, "oidc")
        repository.ended(outcome, 0)
        assert statuses(outcome) == ["skipped"] * 3
        assert local.npm.packument("@chittyos/greet") is None
        assert local.r2.objects() == {}
        assert len(local.github.log("chittyos/homebrew-tap")) == 1
        for service in ("npm", "r2", "git"):
            assert {entry["method"] for entry in local.requests(service)} <= {"GET", "HEAD"}
