"""The unmodified reusable workflow for compliance, called as repositories call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from chittylocal import Local
from chittylocal.actrun.session import Outcome
from compliance.compliant import compliant_worker
from e2e.harness import ROOT, Repository

pytestmark = pytest.mark.timeout(240)
CALLERS = ROOT / "action-tests"
NAME = "chittyos/hello"
CALLER = "ci.yml"


def worker(folder: Path, caller: str, files: dict[str, str]) -> Repository:
    """The sample Worker with these files and one of the callers' workflows, which is called ci.yml there."""
    repository = Repository(folder, name=NAME)
    (own,) = (repository.folder / ".github" / "workflows").iterdir()
    own.unlink()
    repository.write(files | {f".github/workflows/{CALLER}": (CALLERS / caller).read_text("utf-8")})
    return repository


def guarded(local: Local) -> None:
    """GitHub keeps the default branch as it should be kept."""
    local.github.repository(NAME, {"README.md": "# Hello\n"})
    local.github.rules.set_classic(NAME, checks=("compliance / compliance",))


def heartbeat(local: Local) -> None:
    """The registry hears of the service, as it does by a deploy."""
    with requests.Session() as web:
        web.trust_env = False
        url = f"{local.urls()['CHITTYREGISTRY_URL']}/api/services/hello/heartbeat"
        key = {"Authorization": f"Bearer {local.api_key}"}
        answer = web.post(url, json={"status": "ok", "version": "1"}, headers=key, timeout=10)
        assert answer.status_code == 200


def outputs(outcome: Outcome) -> dict[str, str]:
    return outcome.record.outputs.get(("compliance", "check"), {})


def told(outcome: Outcome, level: str) -> str:
    return "\n".join(note.text for note in outcome.record.notes if note.level == level)


def test_a_compliant_worker_passes_and_is_told_of_everywhere(tmp_path: Path) -> None:
    """Every required check passes: outputs reach a later job, one comment, findings handed over, no error."""
    repository = worker(tmp_path, "compliance-required.yml", compliant_worker())
    with Local() as local:
        guarded(local)
        heartbeat(local)
        outcome = repository.order(local, "none", None, {}, workflow=CALLER)
        repository.ended(outcome, 0)
        assert outputs(outcome)["outcome"] == "pass"
        assert outputs(outcome)["score"] == "100"
        (comment,) = local.github.comments(NAME, 1)
        assert "hello passes" in comment["body"]
        (upload,) = local.github.scanning.uploads(NAME)
        assert upload["ref"] == "refs/pull/1/merge"
    assert told(outcome, "error") == ""
    assert outcome.record.jobs == dict.fromkeys(outcome.record.jobs, "success")
    assert len(outcome.record.jobs) == 2


def test_a_worker_that_lacks_something_fails(tmp_path: Path) -> None:
    """The job fails with an error at the file; outputs, comment and Security tab have it all the same."""
    files = compliant_worker()
    del files["CHARTER.md"]
    files[".chittyconnect.yml"] = files[".chittyconnect.yml"].replace("chittyauth", "okta")
    repository = worker(tmp_path, "compliance-required.yml", files)
    with Local() as local:
        guarded(local)
        heartbeat(local)
        outcome = repository.order(local, "none", None, {}, workflow=CALLER)
        repository.ended(outcome, 1)
        (comment,) = local.github.comments(NAME, 1)
        assert "auth.provider" in comment["body"]
        (upload,) = local.github.scanning.uploads(NAME)
        rules: list[dict[str, Any]] = upload["sarif"]["runs"][0]["results"]
        assert {"chittycanon.charter", "chittytrust.provider"} <= {one["ruleId"] for one in rules}
    assert (outputs(outcome)["outcome"], outputs(outcome)["failed"]) == ("fail", "2")
    assert json.loads(outputs(outcome)["report_files"])["sarif"] == "compliance.sarif"
    assert "CHARTER.md" in told(outcome, "error")
    assert "okta" in told(outcome, "error")


def test_a_caller_of_today_is_warned_and_goes_on(tmp_path: Path) -> None:
    """No permissions, four inputs, services as they are today: the job is green, and names what would fail it."""
    repository = worker(tmp_path, "compliance-today.yml", {})
    with Local(behaviour="today") as local:
        outcome = repository.order(local, "none", None, {}, workflow=CALLER)
        repository.ended(outcome, 0)
        assert {entry["method"] for entry in local.requests("github")} <= {"GET"}
    assert outputs(outcome)["outcome"] == "fail"
    assert told(outcome, "error") == ""
    warned = told(outcome, "warning")
    assert "This would fail: chittyconnect.config" in warned
    assert "fail_on: required" in warned
