"""Where a workflow of one service among several goes."""

from __future__ import annotations

import pytest

from chittyactions.compliance.fixing.places import own_place
from compliance.repositories import repository

WORKFLOWS = ".github/workflows"


@pytest.mark.parametrize(
    "folder, taken, name",
    [
        ("", (), "deploy"),
        ("", ("deploy",), "deploy"),
        ("services/auth", (), "deploy"),
        ("services/auth", ("deploy",), "deploy-auth"),
        ("services/auth", ("deploy", "deploy-auth"), "deploy-services-auth"),
        ("services/auth", ("deploy", "deploy-auth", "deploy-services-auth"), "deploy-services-auth"),
        ("auth", ("deploy", "deploy-auth"), "deploy-auth"),
        ("my services/auth.v2", ("deploy", "deploy-auth-v2"), "deploy-my-services-auth-v2"),
    ],
)
def test_a_workflow_has_the_plain_name_or_that_of_its_service(folder: str, taken: tuple[str, ...], name: str) -> None:
    """The first that nobody has; where all are taken, the last, whose file is then told of. Its stem names a job."""
    held = repository({f"{WORKFLOWS}/{one}.yml": "" for one in taken}, folder)
    assert own_place(held, f"{WORKFLOWS}/deploy.yml") == f"{WORKFLOWS}/{name}.yml"
