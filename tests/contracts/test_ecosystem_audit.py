"""The contract of the audit's workflow: today's callers go on, rights are least, and nothing private is public."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from chittyactions.compliance.audit.plan import MOST_SHARDS
from chittyactions.entries import ecosystem_audit
from chittyactions.entries.ecosystem_looking import REPORTS, STATE, STATE_FILE, WORKFLOW
from chittyactions.entries.ecosystem_merging import AUDIT
from chittyactions.entries.ecosystem_request import MODES, PHASES, Request
from chittyactions.environment import LOCKS
from chittyactions.errors import InputError
from chittyactions.inputs import Inputs
from contracts.files import ROOT, load

ACTION = load(ROOT / "actions/ecosystem-audit/action.yml").data
FILE = load(ROOT / ".github/workflows" / WORKFLOW)
INPUTS: dict[str, Any] = FILE.data["on"]["workflow_dispatch"]["inputs"]
JOBS: dict[str, Any] = FILE.data["jobs"]
OWN = "/ecosystem-audit@"
SECRETS = {"app_id": "AUDIT_APP_ID", "app_private_key": "AUDIT_APP_PRIVATE_KEY"}


def request(**given: str) -> Request:
    """The inputs as the code reads them."""
    inputs = Inputs(given)
    read = ecosystem_audit.read_inputs(inputs)
    inputs.finish()
    return read


def phases() -> dict[str, dict[str, Any]]:
    """Job → what it gives to the action."""
    return {name: step["with"] for name, job in JOBS.items() for step in job["steps"] if OWN in step.get("uses", "")}


def steps(job: str, action: str) -> list[dict[str, Any]]:
    return [step for step in JOBS[job]["steps"] if step.get("uses", "").startswith(f"{action}@")]


def test_the_code_reads_what_the_action_declares() -> None:
    """Names and defaults of action.yml are those that the code reads; the token's default is the runner's to fill."""
    inputs = Inputs({})
    ecosystem_audit.read_inputs(inputs)
    declared = {key: str(entry.get("default", "")) for key, entry in ACTION["inputs"].items()}
    assert declared == inputs.declared | {"token": "${{ github.token }}"}
    assert set(ecosystem_audit.RUN) == set(PHASES)


def test_every_output_is_the_steps_own() -> None:
    """The composite passes each output on by its name, and each is one that the code sets."""
    values = {key: entry["value"] for key, entry in ACTION["outputs"].items()}
    assert values == {key: f"${{{{ steps.audit.outputs.{key} }}}}" for key in values}
    code = "".join(
        (ROOT / f"python/chittyactions/entries/ecosystem_{one}.py").read_text("utf-8") for one in ("looking", "merging")
    )
    assert [name for name in values if f'"{name}"' not in code] == []


def test_who_starts_it_today_goes_on() -> None:
    """Mondays at six; org, skip_runtime and fix_mode with their defaults, and the words that were choices."""
    assert FILE.data["on"]["schedule"] == [{"cron": "0 6 * * 1"}]
    assert (INPUTS["org"]["default"], INPUTS["org"]["type"]) == ("all", "string")
    assert [(INPUTS[one]["type"], INPUTS[one]["default"]) for one in ("skip_runtime", "fix_mode")] == [
        ("boolean", False),
        ("boolean", False),
    ]
    assert not [name for name, one in INPUTS.items() if one.get("required")]
    assert [request(org=one).organizations for one in ("all", "CHITTYOS", "ChittyCorp")] == [
        (), ("CHITTYOS",), ("ChittyCorp",),
    ]  # fmt: skip


def test_fix_mode_means_issues() -> None:
    """As it did; with mode prs it is pull requests that are asked for."""
    assert INPUTS["mode"]["options"] == list(MODES)
    assert request(fix_mode="true").mode == "issues"
    assert request(fix_mode="true", mode="prs").mode == "prs"
    assert request(fix_mode="true", mode="issues").mode == "issues"
    assert request().mode == "plan"


def test_a_scheduled_run_has_no_inputs() -> None:
    """Its inputs are empty: what the workflow hands on then is the safe default of each."""
    empty = dict.fromkeys(ACTION["inputs"], "")
    read = request(**empty)
    assert (read.organizations, read.runtime, read.shards, read.mode, read.private) == ((), True, 1, "plan", False)
    assert request(include_private="false", skip_runtime="").private is False


@pytest.mark.parametrize("text, number", [("1", 1), ("8", 8), ("8.0", 8), (str(MOST_SHARDS), MOST_SHARDS)])
def test_shards_are_a_number(text: str, number: int) -> None:
    """A `number` input comes as 8 or 8.0."""
    assert request(shards=text).shards == number


@pytest.mark.parametrize(
    "given, word",
    [
        ({"shards": "0"}, "shards"), ({"shards": "many"}, "shards"), ({"mode": "fix"}, "mode"),
        ({"skip_runtime": "perhaps"}, "skip_runtime"), ({"app_id": "12"}, "app_private_key"), ({"shard": "x"}, "shard"),
        ({"phase": "all"}, "phase"), ({"organization": "x"}, "organization"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(given: dict[str, str], word: str) -> None:
    """Nothing is audited by a typo."""
    with pytest.raises(InputError, match=word):
        request(**given)


def test_each_job_is_its_phase() -> None:
    """Five of six jobs are one phase each, with inputs that the action has; the sixth deploys."""
    assert {job: given["phase"] for job, given in phases().items()} == {one: one for one in PHASES}
    assert set(JOBS) - set(PHASES) == {"pages"}
    for given in phases().values():
        assert set(given) <= set(ACTION["inputs"])


def test_every_job_that_goes_by_the_registry_has_the_same() -> None:
    """One registry and one opting in, or the parts would not be of one plan; remediation asks it who shares a root."""
    assert {job: given["registry"] for job, given in phases().items() if "registry" in given} == dict.fromkeys(
        ("plan", "audit", "merge", "remediate"), "compliance/service-registry.yml"
    )
    told = {given["include_private"] for given in phases().values() if "include_private" in given}
    assert told == {f"${{{{ {rule('include_private')} }}}}"}
    assert "include_private" not in phases()["dashboard"]


def test_one_shard_that_fails_stops_no_other() -> None:
    """The matrix goes on, and the merge runs whatever came of it, unless the run was cancelled or nothing planned."""
    assert JOBS["audit"]["strategy"]["fail-fast"] is False
    assert JOBS["audit"]["strategy"]["matrix"] == {"shard": "${{ fromJSON(needs.plan.outputs.matrix) }}"}
    assert JOBS["merge"]["if"] == "!cancelled() && needs.plan.result == 'success'"


@pytest.mark.parametrize("job", JOBS)
def test_contents_are_read_for_the_registry_alone(job: str) -> None:
    """A job has the right where it checks the registry out, before its phase, and leaves no token behind in git."""
    checkouts = steps(job, "actions/checkout")
    uses_registry = "registry" in phases().get(job, {})
    assert [step["with"] for step in checkouts] == [{"persist-credentials": False}] * uses_registry
    assert ("contents" in JOBS[job]["permissions"]) is uses_registry
    assert not checkouts or JOBS[job]["steps"][0] == checkouts[0]


def test_rights_are_least() -> None:
    """No job has more than it uses, and none but two may write anything: the one issue, and the page."""
    assert FILE.data["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "plan": {"contents": "read", "actions": "read"},
        "audit": {"contents": "read", "actions": "read"},
        "merge": {"contents": "read", "actions": "read"},
        "remediate": {"contents": "read", "issues": "read"},
        "dashboard": {"issues": "write"},
        "pages": {"pages": "write", "id-token": "write"},
    }


def test_secrets_are_given_to_two_steps_alone() -> None:
    """The app's key goes to the step that audits and the one that remediates, and into no environment."""
    having = {name for name, given in phases().items() if "secrets." in json.dumps(given)}
    assert having == {"audit", "remediate"}
    for name in having:
        given = phases()[name]
        assert {key: given[key] for key in SECRETS} == {
            key: f"${{{{ secrets.{one} }}}}" for key, one in SECRETS.items()
        }
    assert len(re.findall(r"secrets\.", FILE.text)) == 4
    assert not [job for job in JOBS.values() if "env" in job or any("env" in step for step in job["steps"])]


def test_remediation_is_serial() -> None:
    """Two runs side by side would open two issues; neither is ever cut short by the next."""
    assert JOBS["remediate"]["concurrency"]["cancel-in-progress"] is False
    assert FILE.data["concurrency"]["cancel-in-progress"] is False
    assert "${{" not in JOBS["remediate"]["concurrency"]["group"]
    assert "strategy" not in JOBS["remediate"]


def test_artifacts_have_the_names_that_the_next_run_looks_for() -> None:
    """What is looked up by REST is what is uploaded for ninety days, and what is downloaded by the run's id."""
    kept = {step["with"]["name"]: step["with"]["retention-days"] for step in steps("merge", "actions/upload-artifact")}
    assert kept == {
        "${{ steps.merge.outputs.artifact_name }}": 90,
        "${{ steps.merge.outputs.state_name }}": 90,
        "github-pages": 7,
    }
    earlier = {
        step["with"]["name"]: step
        for job in ("audit", "merge")
        for step in steps(job, "actions/download-artifact")
        if "run-id" in step["with"]
    }
    assert set(earlier) == {REPORTS, STATE}
    for step in earlier.values():
        assert step["continue-on-error"] is True
        assert step["with"]["github-token"] == "${{ github.token }}"
    pattern = steps("merge", "actions/download-artifact")[0]["with"]["pattern"]
    assert pattern == f"{REPORTS}-shard-*"
    assert (AUDIT, STATE_FILE) == ("audit.json", "state.ndjson")


def test_no_cache_carries_anything() -> None:
    """State and history come from artifacts of runs on this branch: a cache is written by whoever runs a workflow."""
    assert "actions/cache" not in FILE.text


def rule(word: str) -> str:
    """What a switch goes by: by schedule the variable, by hand the input alone."""
    return f"github.event_name == 'schedule' && vars.AUDIT_{word.upper()} == 'true' || inputs.{word} == true"


def test_what_is_published_has_to_be_asked_for() -> None:
    """Pages and the dashboard's issue are off until an input, or by schedule a variable, turns them on."""
    conditions = [(JOBS["pages"]["if"], "publish"), (JOBS["dashboard"]["if"], "dashboard_issue")]
    pages = next(one for one in steps("merge", "actions/upload-artifact") if one["with"]["name"] == "github-pages")
    for condition, word in [*conditions, (pages["if"], "publish")]:
        assert condition.endswith(f"&& ({rule(word)})")
        assert INPUTS[word]["default"] is False
    assert INPUTS["include_private"]["default"] is False


def came_to(expression: str, event: str, variable: str, given: object) -> object:
    """What GitHub makes of an expression of `&&`, `||` and `==` with one variable and one input."""
    named = re.sub(r"\bvars\.\w+", repr(variable), re.sub(r"\binputs\.\w+", "given", expression.strip("${} ")))
    python = named.replace("github.event_name", repr(event)).replace("&&", " and ").replace("||", " or ")
    return eval(python, {"true": True, "given": given})


@pytest.mark.parametrize(
    "event, variable, given, value",
    [
        ("schedule", "true", None, True), ("schedule", "", None, False), ("schedule", "false", None, False),
        ("workflow_dispatch", "true", False, False), ("workflow_dispatch", "true", True, True),
        ("workflow_dispatch", "", True, True), ("workflow_dispatch", "", False, False),
    ],
)  # fmt: skip
def test_by_hand_the_inputs_count_and_by_schedule_the_variables(
    event: str, variable: str, given: bool | None, value: bool
) -> None:
    """A run by hand of one organisation does not become everybody's page by a variable that nobody thought of."""
    assert came_to(rule("publish"), event, variable, given) is value


@pytest.mark.parametrize(
    "event, variable, given, value",
    [
        ("schedule", "prs", None, "prs"), ("schedule", "", None, None),
        ("workflow_dispatch", "prs", "plan", "plan"), ("workflow_dispatch", "", "issues", "issues"),
    ],
)  # fmt: skip
def test_mode_and_shards_are_the_variables_by_schedule_alone(
    event: str, variable: str, given: str | None, value: str | None
) -> None:
    """And the action's defaults where there is none."""
    for word, job in (("mode", "remediate"), ("shards", "plan")):
        told = phases()[job][word]
        assert told == f"${{{{ github.event_name == 'schedule' && vars.AUDIT_{word.upper()} || inputs.{word} }}}}"
        assert came_to(told, event, variable, given) == value


def test_every_variable_stands_behind_the_schedule() -> None:
    """One rule everywhere: none counts in a run by hand."""
    assert len(re.findall(r"\bvars\.", FILE.text)) == len(
        re.findall(r"github\.event_name == 'schedule' && vars\.AUDIT_", FILE.text)
    )


def locked(name: str) -> set[str]:
    """Packages with their versions."""
    return set(re.findall(r"^([\w.-]+==[\w.]+)", (ROOT / f"requirements/{name}.txt").read_text("utf-8"), re.MULTILINE))


def test_its_lock_is_the_checks_and_what_signs_as_an_app() -> None:
    """The same versions as compliance-check's, and no more than an app's key needs beside them."""
    assert LOCKS["ecosystem-audit"] == "requirements/audit.txt"
    assert locked("compliance") <= locked("audit")
    more = {one.partition("==")[0] for one in locked("audit") - locked("compliance")}
    assert more == {"cryptography", "pyjwt", "cffi", "pycparser"}
    assert locked("audit") - locked("compliance") <= locked("publish")
