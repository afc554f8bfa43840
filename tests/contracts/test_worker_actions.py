"""The contract of worker-build and worker-deploy: the code reads what the action declares, with the same defaults."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest

from chittyactions.deploy import request
from chittyactions.entries import worker_build
from chittyactions.errors import InputError
from chittyactions.inputs import Inputs
from contracts.files import ROOT, load

READERS: dict[str, Callable[[Inputs], object]] = {
    "worker-build": worker_build.read_inputs,
    "worker-deploy": request.read_inputs,
}


@pytest.mark.parametrize("name", READERS)
def test_the_code_reads_what_the_action_declares(name: str) -> None:
    """Names and defaults of action.yml are those that the code reads, no more and no fewer."""
    inputs = Inputs({})
    with contextlib.suppress(InputError):  # service_name is required
        READERS[name](inputs)
    action = load(ROOT / "actions" / name / "action.yml").data
    assert {key: str(entry.get("default", "")) for key, entry in action["inputs"].items()} == inputs.declared


@pytest.mark.parametrize("name", READERS)
def test_every_output_is_the_steps_own(name: str) -> None:
    """The composite passes each output on by its name."""
    action = load(ROOT / "actions" / name / "action.yml").data
    (step,) = action["runs"]["steps"]
    values = {key: entry["value"] for key, entry in action["outputs"].items()}
    assert values == {key: f"${{{{ steps.{step['id']}.outputs.{key} }}}}" for key in values}
