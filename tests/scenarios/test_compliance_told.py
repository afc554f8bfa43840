"""What a job tells the pull request and the Security tab, and what it says where it could not check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chittyactions import entries, environment
from chittyactions.compliance.opting import has_opted_in
from chittyactions.entries.looking import Around
from chittyactions.entries.nothing_checked import LONGEST, OUTPUTS, markdown
from chittyactions.errors import ConfigError, ToolError
from chittylocal import Fault
from compliance.compliant import compliant
from protocol.commands import parse_command_file
from protocol.runner import ActionRun
from scenarios.compliance_job import REPOSITORY, SETTINGS, Job, without

WRONG = SETTINGS + "waivers:\n  - {check: none, reason: later, owner: a, expires: 2099-01-01}\n"


def alerts(sarif: dict[str, Any]) -> dict[str, set[str]]:
    """The rules of the findings of each category of an upload; it closes the other alerts of the categories it has.

    Without those of security, which has categories of its own.
    """
    found = {run["automationDetails"]["id"]: {one["ruleId"] for one in run["results"]} for run in sarif["runs"]}
    return {category: rules for category, rules in found.items() if rules and "/security-" not in category}


def notices(run: ActionRun) -> str:
    return "\n".join(note.message for note in run.annotations if note.level == "notice")


# -- the Security tab ----------------------------------------------------------------------------------------------


def test_no_alert_is_closed_by_a_run_that_could_not_look(job: Job) -> None:
    """First nothing protects the branch; then GitHub answers nothing: the second upload leaves that alert as it is."""
    job.local.github.rules.set_classic(REPOSITORY, approvals=None)
    files = without("CHARTER.md", compliant())
    first = job.check(files, fail_on="none", sarif="true")
    assert alerts(job.uploads()[-1]) == {
        "compliance/hello/checkout/": {"chittycanon.charter"},
        "compliance/hello/chittycanon/": {"chittycanon.protection"},
    }
    assert "The alerts of" not in notices(first)
    job.local.fault("github", "GET", "*/branches/*", Fault("status", status=500))
    second = job.check(files, fail_on="none", sarif="true")
    assert alerts(job.uploads()[-1]) == {"compliance/hello/checkout/": {"chittycanon.charter"}}
    assert "compliance/hello/chittycanon/" not in {run["automationDetails"]["id"] for run in job.uploads()[-1]["runs"]}
    (told,) = (note for note in second.annotations if note.message.startswith("The alerts"))
    assert told.message.splitlines()[0] == (
        "The alerts of chittycanon stay as they are: an upload would close those that nobody looked at."
    )
    assert "chittycanon.protection is unknown" in told.message
    job.local.fault("github", "GET", "*", Fault("status", status=500))
    third = job.check(files, fail_on="none", sarif="true")
    assert alerts(job.uploads()[-1]) == {}
    categories = {run["automationDetails"]["id"].split("/")[-2] for run in job.uploads()[-1]["runs"]}
    assert not categories & {"checkout", "chittycanon"}, "with the workflows' states unknown, neither is known"
    assert "The alerts of checkout, chittycanon stay as they are: " in notices(third)
    assert "chittyconnect.sync-workflow is unknown" in notices(third)
    assert third.returncode == 0


# -- the comment ---------------------------------------------------------------------------------------------------


def test_a_run_of_the_base_writes_nothing_on_the_pull_request(job: Job) -> None:
    """On pull_request_target the base is checked out: its verdict would pass whatever the pull request brings."""
    run = job.check(compliant(), job.pull_request("pull_request_target"), comment="true")
    assert job.comments() == []
    (warning,) = run.warnings
    assert "pull_request_target checks out the branch that the pull request goes to" in warning
    assert "on `pull_request`." in warning
    assert "2" * 40 not in run.summary, "links lead to what was looked at"


def test_a_refusal_says_what_to_grant_once(job: Job) -> None:
    """One block with everything that was asked for: a permission that it does not name would be gone."""
    job.local.github.read_only = True
    run = job.check(compliant(), job.pull_request(), comment="true", sarif="true")
    assert [
        ("Grant `pull-requests: write`" in text, "Grant `security-events: write`" in text) for text in run.warnings
    ] == [
        (True, False),
        (False, True),
    ]
    block = "permissions:\n  contents: read\n  actions: read\n  pull-requests: write\n  security-events: write\n"
    assert run.log.count(block) == 1


@pytest.mark.parametrize(
    "head, fork",
    [
        ({"repo": {"full_name": "Acme/Hello"}}, False),
        ({"repo": {"full_name": "x/hello"}}, True),
        ({"repo": None}, True),
        ({}, False),
        (None, False),
    ],
    ids=["own", "other", "gone", "untold", "none"],
)
def test_a_fork_is_told_by_the_event(head: Any, fork: bool, tmp_path: Path) -> None:
    """The name's case is no matter, a fork that is deleted by now was one, and what nobody tells is not made up."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7, "head": head}}))
    env = {"GITHUB_REPOSITORY": REPOSITORY, "GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(event)}
    assert Around.of(env, "").fork is fork


def test_a_rate_limit_is_no_lack_of_a_permission(job: Job) -> None:
    """Nobody is sent to grant what is granted."""
    spent = Fault("status", status=403, headers={"x-ratelimit-remaining": "0"})
    job.local.fault("github", "*", "*/comments*", spent)
    run = job.check(compliant(), job.pull_request(), comment="true")
    (warning,) = run.warnings
    assert "a limit of requests" in warning
    assert "Grant" not in warning + run.log


def test_what_was_not_told_is_told_before_the_findings(job: Job) -> None:
    """GitHub shows ten warnings of a step: those about comment and upload are said nowhere else."""
    job.local.github.read_only = True
    checks = "".join(
        f"  - {{id: own.a{number}, title: t, evaluate: file_present, with: {{paths: [none]}}}}\n"
        for number in range(12)
    )
    files = compliant() | {".chittyops.yml": SETTINGS + "checks:\n" + checks}
    run = job.check(files, job.pull_request(), comment="true", sarif="true")
    assert len(run.warnings) == 10
    assert [text.partition(".")[0] for text in run.warnings[:2]] == [
        "No comment was written",
        "The findings were not handed to the Security tab",
    ]
    assert "4 more findings are" in notices(run)


# -- where nothing was checked -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inputs, files",
    [({}, {".chittyops.yml": WRONG}), ({"fail_on": "sometimes"}, {}), ({"type": "tol"}, {})],
    ids=["settings", "input", "type"],
)
def test_a_mistake_takes_back_what_stood_on_the_pull_request(
    job: Job, inputs: dict[str, str], files: dict[str, str]
) -> None:
    """The green comment of an earlier run says that nothing was checked and why; so does the summary."""
    job.check(compliant(), job.pull_request(), comment="true")
    (before,) = job.comments()
    run = job.check(compliant() | files, job.pull_request(), comment="true", **inputs)
    assert run.returncode != 0
    (after,) = job.comments()
    assert after.splitlines()[0] == before.splitlines()[0], "the next run finds it again"
    assert "hello passes" not in after
    for text in (after, run.summary):
        assert "### ❔ Compliance: nothing was checked\n\n    " in text
        assert run.errors[0].splitlines()[0] in text
    assert "/actions/runs/4711)" in after
    assert run.outputs == OUTPUTS


def test_what_a_failure_quotes_does_nothing() -> None:
    """Each line stands in a block, signs that turn the reading direction are shown, and there is an end."""
    hostile = "@all <img src=x>\n- [x](y)\u2028### z \u202e \x1b[31m \ud800\r```"
    heading, _, *lines = markdown(ConfigError(hostile, why="w")).splitlines()
    assert heading == "### ❔ Compliance: nothing was checked"
    assert lines == [
        "    @all <img src=x>",
        "    - [x](y)",
        "    ### z \\u202e \\u001b[31m \\ud800",
        "    ```",
        "      Why: w",
    ]
    assert len(markdown(ConfigError("x" * 3 * LONGEST))) < LONGEST + 100


def test_a_mistake_writes_no_comment_where_none_was(job: Job) -> None:
    """It is an error at the job already; a pull request without a comment gets none for it."""
    run = job.check(compliant() | {".chittyops.yml": WRONG}, job.pull_request(), comment="true")
    assert run.returncode == 1
    assert job.comments() == []
    assert run.warnings == []


def broken(job: Job, name: str) -> dict[str, str]:
    """An environment whose folder of that name is none, so that no verdict can be reached, whatever is checked."""
    file = job.runner.folder / "file"
    file.write_text("")
    return {name: str(file)}


@pytest.mark.parametrize("name", ["RUNNER_TOOL_CACHE", "RUNNER_TEMP"], ids=["before the check", "after it"])
def test_what_breaks_of_ours_stops_no_merge_of_a_caller_of_today(job: Job, name: str) -> None:
    """Who asked for nothing new is warned, and goes on: no finding stops its merges, and nothing else may."""
    run = job.check(compliant(), broken(job, name), service_name="hello")
    assert run.returncode == 0, run.log
    assert run.errors == []
    warning = run.warnings[-1]
    assert warning.startswith("Nothing was checked: This step failed in a way that it does not know")
    assert run.outputs == OUTPUTS
    assert "nothing was checked" in run.summary


@pytest.mark.parametrize("inputs, code", [({}, 0), ({"tier": "2"}, 0), ({"fail_on": "required"}, 1)])
def test_packages_that_cannot_be_had_stop_only_who_asked(
    inputs: dict[str, str],
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The package index is down: nothing of ours can be imported, and a caller of today goes on all the same."""

    def refuse(*_: object) -> None:
        raise ToolError("The packages could not be installed.", why="No route to host.")

    monkeypatch.setattr(environment, "activate", refuse)
    monkeypatch.setenv("RUNNER_ENVIRONMENT", "github-hosted")
    monkeypatch.setenv("RUNNER_TOOL_CACHE", str(tmp_path))
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    monkeypatch.setenv("CHITTY_INPUTS", json.dumps(inputs))
    assert entries.second_tier("compliance-check") == code
    told = capsys.readouterr().out
    assert told.startswith("::error title=The packages" if code else "::warning title=Nothing was checked::")
    assert "No route to host." in told
    assert parse_command_file((tmp_path / "outputs").read_text("utf-8")) == OUTPUTS
    assert "    The packages could not be installed." in (tmp_path / "summary").read_text("utf-8")


@pytest.mark.parametrize("inputs", ["[", "[]"])
def test_inputs_that_cannot_be_read_stop_no_merge(inputs: str, tmp_path: Path) -> None:
    """Nobody can have set what is new in them; a repository with settings has asked for it all the same."""
    env = {"CHITTY_INPUTS": inputs, "GITHUB_WORKSPACE": str(tmp_path)}
    assert not has_opted_in(env)
    (tmp_path / ".chittyops.yml").symlink_to("nowhere.yml")
    assert has_opted_in(env)


@pytest.mark.parametrize("how", ["input", "settings", "link"])
def test_what_breaks_of_ours_is_an_error_for_who_asked(job: Job, how: str) -> None:
    """A check that could not be made has not passed. A link that leads nowhere is settings all the same."""
    inputs = {"fail_on": "required"} if how == "input" else {}
    if how == "link":
        (job.runner.workspace / ".chittyops.yml").symlink_to("nowhere.yml")
    files = compliant() | ({".chittyops.yml": SETTINGS} if how == "settings" else {})
    run = job.check(files, broken(job, "RUNNER_TOOL_CACHE"), **inputs)
    assert run.returncode == 1, run.log
    assert "it does not know" in run.errors[0]
    assert run.outputs == OUTPUTS


def test_settings_that_lead_nowhere_are_a_mistake(job: Job) -> None:
    """The repository has asked for it, and nobody can say for what."""
    (job.runner.workspace / ".chittyops.yml").symlink_to("nowhere.yml")
    run = job.check(compliant())
    assert run.returncode == 1, run.log
    assert ".chittyops.yml" in run.errors[0]
