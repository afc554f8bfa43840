"""A workflow stands in for one that would be written only where it runs, and for this service."""

from __future__ import annotations

import pytest

from chittyactions.compliance.fixing.running import done_already
from compliance.repositories import Content, repository

REUSABLE = "chittyos/chittyops/.github/workflows/reusable-worker-deploy.yml@v2"


def doing(job: str, folder: str, **others: Content) -> bool:
    """Whether a workflow with this job deploys the service in a folder."""
    held = repository({".github/workflows/a.yml": f"on: push\njobs: {{a: {{{job}}}}}\n", **others})
    found = done_already(held, "deploy", folder)
    assert found in ("", ".github/workflows/a.yml")
    return bool(found)


@pytest.mark.parametrize(
    "told, folders",
    [
        ("", {""}),
        (", with: {working_directory: .}", {""}),
        (", with: {working_directory: services/auth}", {"services/auth"}),
        (", with: {working_directory: ./services/auth/}", {"services/auth"}),
        (", with: {working_directory: services}", set()),
        (", with: {working_directory: '${{ matrix.folder }}'}", {"", "services/auth", "services/billing"}),
    ],
)
def test_a_reusable_workflow_works_for_the_folder_that_it_is_told(told: str, folders: set[str]) -> None:
    """Told none it is the root's, and the root's is no other service's; what only running tells may be anybody's."""
    places = ("", "services/auth", "services/billing")
    assert {one for one in places if doing(f"uses: {REUSABLE}{told}", one)} == folders


@pytest.mark.parametrize(
    "step, folders",
    [
        ("run: wrangler deploy", {"", "services/auth", "services/auth2"}),
        ("run: wrangler deploy, working-directory: services/auth", {"", "services/auth"}),
        ("run: wrangler deploy, working-directory: services/auth/worker", {"", "services/auth"}),
        ("run: wrangler deploy, working-directory: services", {"", "services/auth", "services/auth2"}),
        ("run: wrangler deploy, working-directory: '$FOLDER'", {"", "services/auth", "services/auth2"}),
        ("uses: cloudflare/deploy@v3, with: {workingDirectory: services/auth}", {"", "services/auth"}),
        ("run: make, working-directory: services/auth", set()),
    ],
)
def test_a_step_may_work_for_what_is_above_and_below_its_folder(step: str, folders: set[str]) -> None:
    """A script changes its folder as it likes; one in another service's folder is that one's."""
    job = f"runs-on: ubuntu-latest, steps: [{{{step}}}]"
    assert {one for one in ("", "services/auth", "services/auth2") if doing(job, one)} == folders


def test_a_called_workflow_works_for_the_folder_that_the_call_tells() -> None:
    """One that is written once and called for each service."""
    called = (
        "on: {workflow_call: {inputs: {folder: {type: string}}}}\n"
        f"jobs: {{b: {{uses: {REUSABLE}, with: {{working_directory: '${{{{ inputs.folder }}}}'}}}}}}\n"
    )
    job = "uses: ./.github/workflows/each.yml, with: {folder: services/auth}"
    others = {".github/workflows/each.yml": called}
    assert doing(job, "services/auth", **others)
    assert not doing(job, "services/billing", **others)
