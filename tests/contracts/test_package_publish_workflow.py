"""The reusable publish: what its callers rely on, and how its two jobs keep credentials from the caller's code."""

from __future__ import annotations

import contextlib
import re
from typing import Any

from chittyactions.errors import InputError
from chittyactions.inputs import Inputs
from chittyactions.publish import request
from contracts.files import ROOT, YamlFile, load, own_action, steps

FILE = load(ROOT / ".github" / "workflows" / "reusable-package-publish.yml")
ACTION = load(ROOT / "actions" / "package-publish" / "action.yml")
CALL: dict[str, Any] = FILE.data["on"]["workflow_call"]
BUILD: dict[str, Any] = FILE.data["jobs"]["build"]
PUBLISH: dict[str, Any] = FILE.data["jobs"]["publish"]
INPUTS = {
    "service_name": ("string", None), "publish_npm": ("boolean", False), "publish_r2": ("boolean", True),
    "brew_formula": ("string", ""), "working_directory": ("string", "."), "package": ("string", ""),
    "node_version": ("string", "22"), "build_command": ("string", ""), "files": ("string", ""),
    "platforms": ("string", ""), "dist_tag": ("string", "auto"), "access": ("string", ""),
    "provenance": ("string", "auto"), "registry_url": ("string", ""), "bucket": ("string", "chittyos-packages"),
    "r2_endpoint": ("string", ""), "tap": ("string", "homebrew-tap"), "tap_mode": ("string", "commit"),
    "refresh_url": ("string", ""), "public_url": ("string", ""), "dry_run": ("boolean", False),
    "environment": ("string", ""),
}  # fmt: skip
SECRETS = {"CHITTYCONNECT_API_KEY", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "NPM_TOKEN", "TAP_TOKEN"}
OUTPUTS = {"version", "tarball", "integrity", "npm_status", "r2_status", "brew_status", "urls"}
CHECKED = {"version", "tarball", "integrity"}


def calls(action: str) -> list[dict[str, Any]]:
    return [step for _, step in steps(FILE) if f"/actions/{action}@" in step.get("uses", "")]


def step(step_id: str) -> dict[str, Any]:
    (found,) = [step for step in PUBLISH["steps"] if step.get("id") == step_id]
    return dict(found)


def test_inputs_are_frozen() -> None:
    """Names, types and defaults are a contract; the callers of the first workflow pass the first four."""
    found = {name: (spec["type"], spec.get("default")) for name, spec in CALL["inputs"].items()}
    assert found == INPUTS
    assert [name for name, spec in CALL["inputs"].items() if spec.get("required")] == ["service_name"]


def test_secrets_are_declared_and_optional() -> None:
    """An undeclared secret can't be passed, and no caller has all five."""
    assert set(CALL["secrets"]) == SECRETS
    assert not [name for name, spec in CALL["secrets"].items() if spec["required"]]


def test_outputs_are_frozen() -> None:
    """Each output is the publish job's of the same name."""
    assert {n: s["value"] for n, s in CALL["outputs"].items()} == {
        name: f"${{{{ jobs.publish.outputs.{name} }}}}" for name in OUTPUTS
    }


def test_no_secret_crosses_the_jobs_of_a_publish() -> None:
    """Job outputs come from the build, the check and the publish, never from a credential or a secret."""
    from_steps = {
        name: f"${{{{ steps.publish.outputs.{name}{f' || steps.check.outputs.{name}' if name in CHECKED else ''} }}}}"
        for name in OUTPUTS
    }
    assert PUBLISH["outputs"] == from_steps
    assert BUILD["outputs"] == {"artifact_name": "${{ steps.build.outputs.artifact_name }}"}
    assert set(ACTION.data["outputs"]) == OUTPUTS | {"credentials", "required"}


def test_the_build_of_a_package_has_no_credentials() -> None:
    """It runs the caller's code: it may read, it may not mint, and no secret is in sight."""
    assert BUILD["permissions"] == {"contents": "read"}
    text = FILE.text[FILE.text.index("\n  build:") : FILE.text.index("\n  publish:")]
    assert "secrets." not in text
    assert "github.token" not in text
    assert "environment" not in BUILD


def test_the_publish_inherits_permissions() -> None:
    """A nested job that asks for more than its caller grants fails the whole run at startup."""
    assert "permissions" not in PUBLISH
    assert "permissions" not in FILE.data


def test_the_publish_runs_none_of_the_callers_code() -> None:
    """It only uses actions: those of ours and the pinned four."""
    assert not [step for step in PUBLISH["steps"] if "run" in step]


def test_publishes_of_one_package_queue() -> None:
    """The group is the job's, by service and package; it never cancels, and the workflow itself has none."""
    assert PUBLISH["concurrency"] == {
        "group": "chittyops-publish-${{ inputs.service_name }}-${{ inputs.working_directory }}-${{ inputs.package }}",
        "cancel-in-progress": False,
    }
    assert "concurrency" not in FILE.data
    assert "concurrency" not in BUILD


def test_packages_of_one_service_have_artifacts_of_their_own() -> None:
    """The build names its artifact itself, by service and package, so that one run may build several."""
    build, upload = calls("package-build")[0], BUILD["steps"][-1]["with"]
    assert "artifact" not in build["with"]
    assert (upload["name"], upload["path"]) == (
        "${{ steps.build.outputs.artifact_name }}",
        "${{ steps.build.outputs.artifact }}",
    )


def test_the_environment_is_a_plain_name() -> None:
    """GitHub passes over an empty name only in this form, so that a caller without an environment needs none."""
    assert PUBLISH["environment"] == "${{ inputs.environment }}"
    assert CALL["inputs"]["environment"]["default"] == ""


def test_the_check_of_a_package_gets_names_of_secrets_alone() -> None:
    """It reads what strangers' code made, before any credential is fetched: no secret's value reaches it."""
    given = dict(step("check")["with"])
    named = re.findall(r"\$\{\{ secrets\.(\w+) != '' && '(\w+)' \|\| '' \}\}", given.pop("own_secrets"))
    assert [one for one, other in named if one == other] == list(request.SECRETS)
    assert "secrets." not in str(given)
    assert "env" not in step("check")


def test_credentials_of_a_publish_come_late_and_only_when_needed() -> None:
    """The package is checked and every tool is there before a token is minted, and only for what no secret gives."""
    ids = [each["id"] for each in PUBLISH["steps"] if "id" in each]
    assert ids == ["check", "credentials", "publish"]
    assert [each["with"]["phase"] for each in calls("package-publish")] == ["check", "publish"]
    credentials = step("credentials")
    assert credentials["if"] == "steps.check.outputs.credentials != ''"
    assert credentials["with"]["credentials"] == "${{ steps.check.outputs.credentials }}"
    assert credentials["with"]["required"] == "${{ steps.check.outputs.required }}"


def test_an_account_goes_with_its_own_token() -> None:
    """CLOUDFLARE_ACCOUNT_ID alone names no account for a token that was granted: that one's is granted with it."""
    given = step("publish")["with"]
    granted = "steps.credentials.outputs"
    assert given["cloudflare_token"] == f"${{{{ secrets.CLOUDFLARE_API_TOKEN || {granted}.cloudflare_token }}}}"
    own = "secrets.CLOUDFLARE_API_TOKEN && secrets.CLOUDFLARE_ACCOUNT_ID"
    assert given["account_id"] == f"${{{{ {own} || {granted}.account_id }}}}"


def test_a_refused_credential_stops_no_channel_that_needs_none() -> None:
    """The publish follows a check that went well, also where credentials were refused; never after a cancellation."""
    assert step("publish")["if"] == "!cancelled() && steps.check.outcome == 'success'"
    assert not [each for each in PUBLISH["steps"] if "continue-on-error" in each]


def test_inputs_of_a_publish_reach_the_actions_by_their_names() -> None:
    """Each `with:` that has a workflow input's name passes that input, and every input reaches a step or the job."""
    passed = {"environment"}
    for name, each in steps(FILE):
        for key, value in (each.get("with") or {}).items():
            passed |= set(re.findall(r"inputs\.(\w+)", str(value)))
            if key in INPUTS:
                assert value == f"${{{{ inputs.{key} }}}}", name
    assert passed == set(INPUTS)


def test_check_and_publish_are_asked_the_same() -> None:
    """What the check judged is what is published: both phases get the same inputs, the credentials apart."""
    check, publish = dict(step("check")["with"]), dict(step("publish")["with"])
    secret = {"phase", "own_secrets", "cloudflare_token", "account_id", "npm_token", "tap_token"}
    secret |= {"github_app_id", "github_app_private_key"}
    assert {k: v for k, v in check.items() if k not in secret} == {k: v for k, v in publish.items() if k not in secret}


def test_calls_of_a_publish_fit_the_actions() -> None:
    """No step passes an input that its action lacks or leaves out a required one; read outputs exist."""
    ids: dict[str, YamlFile] = {}
    for name, each in steps(FILE):
        action = own_action(each.get("uses", ""))
        if action is None:
            continue
        ids[each.get("id", "")] = action
        given, known = set(each.get("with") or {}), action.data.get("inputs", {})
        assert given <= set(known), name
        assert {key for key, spec in known.items() if spec.get("required")} <= given, name
    for step_id, output in re.findall(r"steps\.(\w+)\.outputs\.(\w+)", FILE.text):
        assert output in ids[step_id].data["outputs"], f"{step_id}.{output}"


def test_defaults_of_a_publish_agree_with_the_actions() -> None:
    """An input that workflow and action share has one default, and the same reading of it."""
    for action in (ACTION, load(ROOT / "actions" / "package-build" / "action.yml")):
        for name, spec in action.data["inputs"].items():
            if name in INPUTS and "default" in spec:
                default = INPUTS[name][1]
                expected = str(default).lower() if isinstance(default, bool) else default
                assert str(spec["default"]) == expected, f"{action.name}: {name}"


def test_the_code_reads_what_package_publish_declares() -> None:
    """Names and defaults of action.yml are those that the code reads, no more and no fewer."""
    inputs = Inputs({})
    with contextlib.suppress(InputError):  # service_name and artifact are required
        request.read_inputs(inputs)
    assert {key: str(entry.get("default", "")) for key, entry in ACTION.data["inputs"].items()} == inputs.declared


def test_every_output_of_package_publish_is_the_steps_own() -> None:
    """The composite passes each output on by its name."""
    (only,) = ACTION.data["runs"]["steps"]
    values = {key: entry["value"] for key, entry in ACTION.data["outputs"].items()}
    assert values == {key: f"${{{{ steps.{only['id']}.outputs.{key} }}}}" for key in values}
