"""A mistake in the Worker's secrets is told by the check, before a credential is issued for the deploy."""

from __future__ import annotations

import pytest

from deploy.service import COMMITS, Service, worker
from protocol.runner import ActionRun

pytestmark = pytest.mark.engines


def checked(service: Service, text: str, **inputs: str) -> ActionRun:
    """The check phase with WORKER_SECRETS as `text`."""
    tar = service.build(worker(), COMMITS[0])
    given = service.inputs(phase="check", artifact=str(tar), cloudflare_token="", account_id="", **inputs)
    return service.runner.run("worker-deploy", given, {**service.job_env(COMMITS[0]), "WORKER_SECRETS": text})


@pytest.mark.parametrize(
    "text, names, message",
    [
        ("{nope", "", "WORKER_SECRETS is not a JSON object"),
        ('{"A": "long-enough"}', "A,B", "WORKER_SECRETS has no B"),
        ("", "A", "WORKER_SECRETS has no A"),
        ('{"A": "short"}', "", "A is 5 characters long"),
        ('{"A": 12345678}', "", "something else than text for A"),
    ],
)
def test_a_mistake_is_told_by_the_check(service: Service, text: str, names: str, message: str) -> None:
    """JSON, names, types and lengths: each costs nothing yet."""
    run = checked(service, text, secrets_from=names)

    assert run.returncode != 0
    assert message in run.errors[0]


def test_the_check_masks_what_it_was_given(service: Service) -> None:
    """Good secrets pass, and are masked from the first step on that has them."""
    run = checked(service, '{"A": "long-enough", "B": {"deep": "another-one"}}', secrets_from="A")

    assert run.returncode == 0, run.log + run.stderr
    assert {"long-enough", "another-one"} <= set(service.runner.masker.values)


def test_an_output_that_holds_a_secret_is_warned_of(service: Service) -> None:
    """GitHub drops it without a word, and the environment's page with it; the warning names the output alone."""
    service.seed()
    run = service.deploy(worker(), 1, {"PUBLIC_HOST": service.host})

    assert run.returncode == 0, run.log + run.stderr
    assert [text for text in run.warnings if text.startswith("The output deployment_url holds the value of a secret")]
    assert not [text for text in run.warnings if "The output health" in text]
    assert service.host not in "".join(run.warnings)
