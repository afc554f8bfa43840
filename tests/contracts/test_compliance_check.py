"""The contract of compliance-check: the code reads what the action declares, and callers of today lose nothing."""

from __future__ import annotations

import pytest

from chittyactions.compliance.opting import NEW_IN_V2
from chittyactions.compliance.request import Request
from chittyactions.entries import compliance_check
from chittyactions.entries.nothing_checked import OUTPUTS
from chittyactions.inputs import Inputs
from contracts.files import ROOT, load

ACTION = load(ROOT / "actions/compliance-check/action.yml").data
FILE = load(ROOT / ".github/workflows/reusable-compliance-check.yml")
CALL = FILE.data["on"]["workflow_call"]
(JOB,) = FILE.data["jobs"].values()

TODAY = {"service_name": "string", "tier": "number", "check_health": "boolean", "domain": "string"}
"""What callers of before set, with the types that they set it by."""


def request(**given: str) -> Request:
    """The inputs as the code reads them."""
    return compliance_check.read_inputs(Inputs(given))


def test_the_code_reads_what_the_action_declares() -> None:
    """Names and defaults of action.yml are those that the code reads; the token's default is the runner's to fill."""
    inputs = Inputs({})
    compliance_check.read_inputs(inputs)
    declared = {key: str(entry.get("default", "")) for key, entry in ACTION["inputs"].items()}
    assert declared == inputs.declared | {"token": "${{ github.token }}"}


def test_every_output_is_the_steps_own() -> None:
    """The composite passes each output on by its name."""
    values = {key: entry["value"] for key, entry in ACTION["outputs"].items()}
    assert values == {key: f"${{{{ steps.check.outputs.{key} }}}}" for key in values}


def test_the_workflow_hands_every_input_on() -> None:
    """The reusable workflow has each input of the action but the token, and passes it under the same name."""
    (step,) = [step for step in JOB["steps"] if "/compliance-check@" in step.get("uses", "")]
    assert set(CALL["inputs"]) == set(ACTION["inputs"]) - {"token"}
    assert step["with"] == {name: f"${{{{ inputs.{name} }}}}" for name in CALL["inputs"]}


def test_callers_of_today_go_on() -> None:
    """Their inputs have their types, none is required, no secret is, and the job is called what rulesets call it."""
    assert {name: CALL["inputs"][name]["type"] for name in TODAY} == TODAY
    assert not [name for name, one in CALL["inputs"].items() if one.get("required")]
    assert "secrets" not in CALL
    assert list(FILE.data["jobs"]) == ["compliance"]
    assert JOB["name"] == "compliance"


def test_it_works_with_what_the_caller_grants() -> None:
    """A nested job that asks for more than its caller grants fails the whole run at startup, so it asks for nothing."""
    assert "permissions" not in JOB
    assert "permissions" not in FILE.data
    assert not [step for step in JOB["steps"] if "run" in step]


def test_callers_of_today_have_not_opted_in() -> None:
    """The inputs of before, and every default that the workflow fills in, leave `fail_on: auto` at warning."""
    defaults = {name: str(one["default"]).lower() for name, one in CALL["inputs"].items()}
    assert not request(**defaults).opted_in
    assert not request(**defaults | {"service_name": "hello", "tier": "3", "check_health": "false"}).opted_in


def test_a_new_input_opts_in() -> None:
    """Each input that is new in v2, set to something else than its default, asks for what is new."""
    other = {
        "type": "tool", "working_directory": "services/a", "fail_on": "required", "config": "c.yml", "format": "sarif",
        "sarif": "true", "comment": "true",
    }  # fmt: skip
    assert set(other) == set(NEW_IN_V2) == set(ACTION["inputs"]) - set(TODAY) - {"token"}
    assert all(request(**{name: value}).opted_in for name, value in other.items())


def test_what_is_new_is_known_without_our_packages() -> None:
    """Who has opted in is asked before anything is installed, by defaults that are those of the action."""
    assert {name: str(ACTION["inputs"][name].get("default", "")) for name in NEW_IN_V2} == NEW_IN_V2


def test_every_output_is_there_where_nothing_was_checked() -> None:
    """A later job that reads one finds it, whatever went wrong; none claims a verdict."""
    assert set(OUTPUTS) == set(ACTION["outputs"])
    assert OUTPUTS["outcome"] == "unknown"


def test_reports_that_cannot_be_kept_fail_nobody() -> None:
    """The verdict stands without them; the step's own error says what went wrong."""
    (keep,) = [step for step in JOB["steps"] if "upload-artifact" in step.get("uses", "")]
    assert keep["continue-on-error"] is True


def test_numbers_of_a_workflow_are_tiers() -> None:
    """A `number` input comes as 3 or 3.0, and -1 where nobody set it."""
    assert [request(tier=text).tier for text in ("3", "3.0", "0", "-1", "")] == [3, 3, 0, None, None]


@pytest.mark.parametrize("given", ["chittyauth", "chittyos/chittyauth", "@chittyos/chittyauth"])
def test_a_repository_or_a_package_names_its_service(given: str) -> None:
    """Callers of today may have set the name to that of their repository, or of their package."""
    assert request(service_name=given).service_name == "chittyauth"
