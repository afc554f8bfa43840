"""The reusable deploy: what its callers rely on, and how its two jobs keep credentials from the caller's code."""

from __future__ import annotations

import re
from typing import Any

from contracts.files import ROOT, YamlFile, actions, load, own_action, steps

FILE = load(ROOT / ".github" / "workflows" / "reusable-worker-deploy.yml")
CALL: dict[str, Any] = FILE.data["on"]["workflow_call"]
BUILD: dict[str, Any] = FILE.data["jobs"]["build"]
DEPLOY: dict[str, Any] = FILE.data["jobs"]["deploy"]
INPUTS = {
    "service_name": ("string", None), "environment": ("string", "production"), "node_version": ("string", "22"),
    "include_beacon": ("boolean", True), "working_directory": ("string", "."), "wrangler_version": ("string", ""),
    "domain": ("string", ""), "health_path": ("string", "/health"), "health_timeout": ("string", "120s"),
    "strategy": ("string", "auto"), "canary_steps": ("string", "10,50"), "rollback": ("boolean", True),
    "secrets_from": ("string", ""), "allow_domain_takeover": ("boolean", False), "allow_older": ("boolean", False),
    "isolation": ("string", "true"), "dry_run": ("boolean", False), "comment": ("boolean", True),
}  # fmt: skip
OUTPUTS = {"deployment_url", "preview_url", "version_id", "previous_version_id", "health", "rolled_back"}
SECRETS = {"CHITTYCONNECT_API_KEY", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "WORKER_SECRETS"}


def calls(action: str) -> list[dict[str, Any]]:
    return [step for _, step in steps(FILE) if f"/actions/{action}@" in step.get("uses", "")]


def test_inputs_are_frozen() -> None:
    """Names, types and defaults are a contract; today's callers pass the first four."""
    found = {name: (spec["type"], spec.get("default")) for name, spec in CALL["inputs"].items()}
    assert found == INPUTS
    assert [name for name, spec in CALL["inputs"].items() if spec.get("required")] == ["service_name"]


def test_secrets_are_declared_and_optional() -> None:
    """An undeclared secret can't be passed, and no caller has all four."""
    assert set(CALL["secrets"]) == SECRETS
    assert not [name for name, spec in CALL["secrets"].items() if spec["required"]]


def test_outputs_are_frozen() -> None:
    """Each output is the deploy job's of the same name."""
    assert {n: s["value"] for n, s in CALL["outputs"].items()} == {
        name: f"${{{{ jobs.deploy.outputs.{name} }}}}" for name in OUTPUTS
    }


def test_no_secret_crosses_jobs() -> None:
    """Job outputs come from the build and the deploy step, never from a credential or a secret."""
    assert DEPLOY["outputs"] == {name: f"${{{{ steps.deploy.outputs.{name} }}}}" for name in OUTPUTS}
    assert BUILD["outputs"] == {"artifact_name": "${{ steps.build.outputs.artifact_name }}"}
    produced = own_action(calls("worker-deploy")[0]["uses"])
    assert produced is not None
    assert set(produced.data["outputs"]) == OUTPUTS


def test_the_build_has_no_credentials() -> None:
    """It runs the caller's code: it may read, it may not mint, and no secret is in sight."""
    assert BUILD["permissions"] == {"contents": "read"}
    text = FILE.text[FILE.text.index("\n  build:") : FILE.text.index("\n  deploy:")]
    assert "secrets." not in text
    assert "github.token" not in text


def test_the_deploy_inherits_permissions() -> None:
    """A nested job that asks for more than its caller grants fails the whole run at startup."""
    assert "permissions" not in DEPLOY
    assert "permissions" not in FILE.data


def test_the_deploy_runs_none_of_the_callers_code() -> None:
    """It only uses actions: those of ours and the pinned four."""
    assert not [step for step in DEPLOY["steps"] if "run" in step]


def test_deploys_of_one_service_queue() -> None:
    """The group is the job's, by service and environment; it never cancels, and the workflow itself has none."""
    assert DEPLOY["concurrency"] == {
        "group": "chittyops-deploy-${{ inputs.service_name }}-${{ inputs.environment }}",
        "cancel-in-progress": False,
    }
    assert "concurrency" not in FILE.data
    assert "concurrency" not in BUILD


def test_the_environment_is_githubs() -> None:
    """GitHub makes the Deployment, with the URL that the deploy answers on."""
    assert DEPLOY["environment"] == {
        "name": "${{ inputs.environment }}",
        "url": "${{ steps.deploy.outputs.deployment_url }}",
    }


def test_worker_secrets_go_to_one_step() -> None:
    """The JSON of secrets is one variable of the deploying step, and no input of anything."""
    assert FILE.text.count("secrets.WORKER_SECRETS") == 1
    (deploying,) = [step for step in calls("worker-deploy") if "env" in step]
    assert deploying["with"]["phase"] == "deploy"
    assert deploying["env"] == {"WORKER_SECRETS": "${{ secrets.WORKER_SECRETS }}"}


def test_credentials_come_late_and_only_when_needed() -> None:
    """The bundle is checked and every tool is there before a token is minted; a caller's own token stops that."""
    order = [(step.get("id") or (step.get("with") or {}).get("phase") or "") for step in DEPLOY["steps"]]
    assert order[-4:] == ["check", "credentials", "deploy", "settle"]
    (credentials,) = calls("getchitty-creds")
    assert credentials["if"] == "env.OWN_TOKEN == 'false'"
    assert DEPLOY["env"] == {"OWN_TOKEN": "${{ secrets.CLOUDFLARE_API_TOKEN != '' }}"}


def test_an_account_of_the_caller_goes_with_the_callers_token() -> None:
    """CLOUDFLARE_ACCOUNT_ID alone names no account for a token that was granted: that one's is granted with it."""
    own = "secrets.CLOUDFLARE_API_TOKEN && secrets.CLOUDFLARE_ACCOUNT_ID"
    given = calls("worker-deploy")[1]["with"]
    assert given["account_id"] == f"${{{{ {own} || steps.credentials.outputs.account_id }}}}"


def test_what_was_captured_is_always_restored() -> None:
    """The settling step runs after failure and cancellation, with the token that the deploy had."""
    settle, deploy = calls("worker-deploy")[2], calls("worker-deploy")[1]
    assert settle["if"] == "always()"
    for name in ("cloudflare_token", "account_id"):
        assert settle["with"][name] == deploy["with"][name]


def test_inputs_reach_the_actions_by_their_names() -> None:
    """Each `with:` that has a workflow input's name passes that input, and every input reaches a step."""
    passed = set()
    for name, step in steps(FILE):
        for key, value in (step.get("with") or {}).items():
            for found in re.findall(r"inputs\.(\w+)", str(value)):
                passed.add(found)
            if key in INPUTS:
                assert value == f"${{{{ inputs.{key} }}}}", name
    assert passed == set(INPUTS)


def test_calls_fit_the_actions() -> None:
    """No step passes an input that its action lacks or leaves out a required one; read outputs exist."""
    ids: dict[str, YamlFile] = {}
    for name, step in steps(FILE):
        action = own_action(step.get("uses", ""))
        if action is None:
            continue
        ids[step.get("id", "")] = action
        given, known = set(step.get("with") or {}), action.data.get("inputs", {})
        assert given <= set(known), name
        assert {key for key, spec in known.items() if spec.get("required")} <= given, name
    for step_id, output in re.findall(r"steps\.(\w+)\.outputs\.(\w+)", FILE.text):
        assert output in ids[step_id].data["outputs"], f"{step_id}.{output}"


def test_defaults_agree_with_the_actions() -> None:
    """An input that workflow and action share has one default, and the same reading of it."""
    for action in actions():
        if action.name in ("actions/worker-build/action.yml", "actions/worker-deploy/action.yml"):
            for name, spec in action.data["inputs"].items():
                if name in INPUTS and name != "service_name" and "default" in spec:
                    default = INPUTS[name][1]
                    expected = str(default).lower() if isinstance(default, bool) else default
                    assert str(spec["default"]) == expected, f"{action.name}: {name}"
