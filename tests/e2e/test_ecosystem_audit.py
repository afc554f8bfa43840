"""The unmodified audit workflow on a made ecosystem, run by act."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from chittylocal import Local
from chittylocal.actrun.session import Order, Outcome, run
from e2e.harness import ROOT, Repository
from scenarios.ecosystem_jobs import PRIVATE, SERVICES, names, registry

pytestmark = pytest.mark.timeout(300)
WORKFLOW = "ecosystem-compliance-audit.yml"
HOME = "chittyos/hello"


def home(folder: Path) -> Repository:
    """The repository that audits: the workflow as it is, and the made registry where the workflow looks for it."""
    repository = Repository(folder, name=HOME)
    (own,) = (repository.folder / ".github" / "workflows").iterdir()
    own.unlink()
    workflow = (ROOT / ".github/workflows" / WORKFLOW).read_text("utf-8")
    repository.write({f".github/workflows/{WORKFLOW}": workflow, "compliance/service-registry.yml": registry()})
    return repository


def audited(
    repository: Repository, local: Local, folder: Path, earlier: Path, event: str = "schedule", **inputs: str
) -> Outcome:
    """Run it in a folder of its own, with what earlier runs left."""
    repository.log = []
    order = Order(
        path=repository.folder, folder=folder, identity="none", event=event, workflow=WORKFLOW, inputs=inputs,
        env={"CHITTYLOCAL_EARLIER": str(earlier), "GITHUB_SERVER_URL": local.urls()["GITHUB_API_URL"]},
    )  # fmt: skip
    return run(local, order, repository.log.append, verbose=True)


def test_two_shards_issues_pages_and_the_week_after(tmp_path: Path) -> None:
    """On demand with all that there is; then by schedule, which reads what moved alone, and says what it would do."""
    repository = home(tmp_path)
    with Local() as local:
        for name, files in {**SERVICES, HOME: {"README.md": "# Hello\n"}}.items():
            local.github.repository(name, files)
            local.github.rules.set_classic(name, checks=("compliance / compliance",))
        local.github.profile(PRIVATE).private = True
        first = audited(
            repository, local, tmp_path / "first", tmp_path, "workflow_dispatch",
            org="ALL", skip_runtime="true", shards="2", fix_mode="true", publish="true", dashboard_issue="true",
        )  # fmt: skip
        repository.ended(first, 0)
        assert set(first.record.jobs.values()) == {"success"}
        assert len(first.record.jobs) == 7, "plan, two shards, merge, remediate, dashboard, pages"
        kept = tmp_path / "first/artifacts"
        document = json.loads((kept / "ecosystem-audit/audit.json").read_text("utf-8"))
        assert sorted(names(document)) == sorted(set(SERVICES) - {PRIVATE})
        assert document["complete"] is True
        with tarfile.open(kept / "github-pages/artifact.tar") as tar:
            assert "./index.html" in tar.getnames()
        assert [len(local.github.all("issues", name)) for name in SERVICES] == [0, 1, 0, 1, 0]
        (board,) = local.github.all("issues", HOME)
        assert board["title"] == "Compliance dashboard"
        assert not [one for one in repository.log if "daisy" in one.lower()]

        number = local.github.runs.add(
            HOME, WORKFLOW, created_at="2026-01-05T06:00:00Z", artifacts=("ecosystem-audit", "ecosystem-audit-state")
        )
        kept.rename(tmp_path / str(number))
        local.github.push("Grove/birch", SERVICES["Grove/ash"])
        second = audited(repository, local, tmp_path / "second", tmp_path)
        repository.ended(second, 0)
        document = json.loads((tmp_path / "second/artifacts/ecosystem-audit/audit.json").read_text("utf-8"))
        assert document["cost"]["reused"] == 3
        markdown = (tmp_path / "second/artifacts/ecosystem-audit/audit.md").read_text("utf-8")
        assert "Changes since" in markdown
        assert [one["state"] for one in local.github.all("issues", "Grove/birch")] == ["open"], "a plan changes nothing"
        assert any("close" in one and "birch" in one for one in repository.log)
        assert any("days old" in note.text for note in second.record.notes)
        assert len(second.record.jobs) == 4, "plan, one shard, merge, remediate"
