"""What a run's id token says, by the rules that trust is given by."""

from __future__ import annotations

from pathlib import Path

import pytest

from chittylocal.actrun.claims import claims
from chittylocal.actrun.stage import Repository

REPOSITORY = Repository(Path(), "acme/greet", "trunk", "5f0c", False, "First", "2026-01-01T00:00:00Z", tag="v1.0.0")
TOOLKIT = "chittyos/chittyops/.github/workflows"


def said(uses: str, given: dict[str, str] | None = None) -> dict[str, str | None]:
    """The claims of a push of v1.0.0 whose workflow has one job."""
    workflow = {"name": "Release", "jobs": {"it": {"uses": uses, "with": given or {}}}}
    return claims(REPOSITORY, workflow, ".github/workflows/release.yml", "push", run_id="7", actor="octocat")


def test_a_publish_by_tag_names_tag_and_workflow() -> None:
    """npm trusts by the caller's file, ChittyConnect by the called one; without an environment there is none."""
    found = said(f"{TOOLKIT}/reusable-package-publish.yml@v2")
    assert found["ref"] == "refs/tags/v1.0.0"
    assert found["ref_type"] == "tag"
    assert found["workflow_ref"] == "acme/greet/.github/workflows/release.yml@refs/tags/v1.0.0"
    assert found["job_workflow_ref"] == f"{TOOLKIT}/reusable-package-publish.yml@refs/tags/v2"
    assert found["environment"] is None


@pytest.mark.parametrize(
    "workflow, given, environment",
    [
        ("reusable-worker-deploy.yml", {}, "production"),
        ("reusable-worker-deploy.yml", {"environment": "staging"}, "staging"),
        ("reusable-worker-deploy.yml", {"environment": "${{ inputs.place }}"}, "production"),
        ("reusable-package-publish.yml", {"environment": "npm"}, "npm"),
    ],
)
def test_the_environment_is_the_callers(workflow: str, given: dict[str, str], environment: str) -> None:
    """A deploy always has one, a publish when it is named."""
    assert said(f"{TOOLKIT}/{workflow}@{'a' * 40}", given)["environment"] == environment
    assert said(f"{TOOLKIT}/{workflow}@{'a' * 40}", given)["job_workflow_ref"] == f"{TOOLKIT}/{workflow}@{'a' * 40}"
