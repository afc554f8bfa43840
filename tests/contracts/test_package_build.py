"""The contract of package-build: the code reads what the action declares, and the workflow hands it all on."""

from __future__ import annotations

import contextlib

from chittyactions.entries import package_build
from chittyactions.errors import InputError
from chittyactions.inputs import Inputs
from contracts.files import ROOT, load

ACTION = load(ROOT / "actions/package-build/action.yml").data


def test_the_code_reads_what_the_action_declares() -> None:
    """Names and defaults of action.yml are those that the code reads, no more and no fewer."""
    inputs = Inputs({})
    with contextlib.suppress(InputError):  # service_name is required
        package_build.read_inputs(inputs)
    assert {key: str(entry.get("default", "")) for key, entry in ACTION["inputs"].items()} == inputs.declared


def test_every_output_is_the_steps_own() -> None:
    """The composite passes each output on by its name."""
    values = {key: entry["value"] for key, entry in ACTION["outputs"].items()}
    assert values == {key: f"${{{{ steps.build.outputs.{key} }}}}" for key in values}


def test_the_workflow_hands_every_input_on() -> None:
    """The reusable workflow builds with each input that the action has, under the same name."""
    job = load(ROOT / ".github/workflows/reusable-package-publish.yml").data["jobs"]["build"]
    (step,) = [step for step in job["steps"] if "/package-build@" in step.get("uses", "")]
    given = {name: f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"] if name != "artifact"}
    assert {name: value for name, value in step["with"].items() if name != "artifact"} == given
    assert job["permissions"] == {"contents": "read"}
