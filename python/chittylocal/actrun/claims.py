"""What GitHub's id token would say of a run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chittylocal.actrun.event import git_ref
from chittylocal.actrun.stage import Repository
from chittylocal.actrun.workflows import TOOLKIT


def claims(
    repository: Repository, workflow: Mapping[str, Any], name: str, event: str, *, run_id: str, actor: str
) -> dict[str, str | None]:
    """Claims that replace the local issuer's defaults; None takes one away. `name` is the workflow's file."""
    ref = git_ref(event, repository)
    return {
        "repository": repository.full_name,
        "repository_owner": repository.owner,
        "ref": ref,
        "ref_type": "tag" if ref.startswith("refs/tags/") else "branch",
        "sha": repository.sha,
        "workflow": str(workflow.get("name") or ""),
        "workflow_ref": f"{repository.full_name}/{name}@{ref}",
        "run_id": run_id,
        "actor": actor,
        "event_name": event,
        **_called(workflow),
    }


def _called(workflow: Mapping[str, Any]) -> dict[str, str | None]:
    """What the reusable workflow that is called adds to the id token's claims: its own name, and an environment.

    A deploy always has one, a publish when the caller names it.
    """
    jobs = workflow.get("jobs")
    for job in jobs.values() if isinstance(jobs, Mapping) else ():
        called, at, ref = str(job.get("uses", "") if isinstance(job, Mapping) else "").partition("@")
        if not called.lower().startswith(f"{TOOLKIT}/.github/workflows/") or not at:
            continue
        given = job.get("with")
        named = given.get("environment") if isinstance(given, Mapping) else None
        default = "production" if called.endswith("-deploy.yml") else None
        at_ref = ref if re.fullmatch(r"[0-9a-f]{40}", ref) else f"refs/tags/{ref}"
        return {
            "job_workflow_ref": f"{called}@{at_ref}",
            "environment": named if isinstance(named, str) and "${{" not in named else default,
        }
    return {"job_workflow_ref": None, "environment": None}
