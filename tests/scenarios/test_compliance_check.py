"""The whole action as a job runs it: what fails the job, what it tells, and what it never shows."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from chittyactions.entries.nothing_checked import OUTPUTS
from chittylocal import Fault
from compliance.compliant import compliant
from scenarios.compliance_job import REPOSITORY, SETTINGS, Job, outcomes, report, without


def test_a_compliant_repository_passes(job: Job) -> None:
    """Exit 0, a score of 100, no error and no warning; the protection was looked at, and the report says all of it."""
    run = job.check(compliant(), fail_on="required")
    assert run.returncode == 0, run.log
    assert run.outputs["outcome"] == "pass"
    assert run.outputs["score"] == "100"
    assert (run.outputs["failed"], run.outputs["unknown"]) == ("0", "0")
    assert int(run.outputs["passed"]) == 6
    assert run.annotations == []
    assert "hello passes" in run.log
    assert "hello passes" in run.summary
    assert outcomes(run)["chittycanon.protection"] == "pass"
    assert report(run)["commit"] == "1" * 40


def test_a_required_check_that_fails_fails_the_job(job: Job) -> None:
    """Exit 1, an error at the file with what to do, the fix to paste in the summary, and the outputs all the same."""
    run = job.check(without("CHARTER.md", compliant()), fail_on="required")
    assert run.returncode == 1
    (error,) = [note for note in run.annotations if note.level == "error"]
    assert error.properties["file"] == "CHARTER.md"
    assert error.properties["title"].startswith("chittycanon.charter")
    assert "Fix:" in error.message
    assert "# Charter" in run.summary
    assert (run.outputs["outcome"], run.outputs["failed"], run.outputs["score"]) == ("fail", "1", "83")
    assert outcomes(run)["chittycanon.charter"] == "fail"


def test_a_caller_of_today_is_only_warned(job: Job) -> None:
    """With the inputs of before alone the job passes, and the first warning names exactly what would fail."""
    files = without("CLAUDE.md", without("CHARTER.md", compliant()))
    run = job.check(files, service_name="hello", tier="3", check_health="true")
    assert run.returncode == 0, run.log
    assert run.errors == []
    would_fail = run.warnings[0].partition("\n")[0]
    assert would_fail == "This would fail: chittycanon.charter, chittycanon.claude-md."
    assert "Would fail" in run.summary
    assert run.outputs["outcome"] == "fail"


@pytest.mark.parametrize("how", ["settings", "input", "policy"])
def test_who_asks_for_it_is_failed(job: Job, how: str) -> None:
    """A .chittyops.yml, an input that is new in v2, or fail_on itself: the same repository fails."""
    files = without("CHARTER.md", compliant()) | ({".chittyops.yml": SETTINGS} if how == "settings" else {})
    inputs = {"settings": {}, "input": {"type": "tool"}, "policy": {"fail_on": "required"}}[how]
    run = job.check(files, None, **inputs)
    assert run.returncode == 1, run.log
    assert len(run.errors) == 1


def test_fail_on_none_only_tells(job: Job) -> None:
    """Nothing fails the job, and the findings are shown as warnings."""
    run = job.check(without("CHARTER.md", compliant()), fail_on="none")
    assert run.returncode == 0
    assert run.errors == []
    assert any("CHARTER.md" in text for text in run.warnings)


def test_settings_with_a_mistake_stop_the_job(job: Job) -> None:
    """A waiver for a check that does not exist would waive nothing: an error with the name that was meant."""
    waiver = "waivers:\n  - {check: chittycanon.chartr, reason: later, owner: '@ada', expires: 2099-01-01}\n"
    run = job.check(compliant() | {".chittyops.yml": SETTINGS + waiver})
    assert run.returncode == 1
    assert "chittycanon.chartr" in run.errors[0]
    assert "chittycanon.charter" in run.errors[0]
    assert "compliance.md#settings" in run.errors[0]
    assert run.outputs == OUTPUTS


def test_a_waiver_is_shown_apart(job: Job) -> None:
    """The job passes, the score does not rise, and the summary says who answers for it until when."""
    waiver = "waivers:\n  - {check: chittycanon.charter, reason: being written, owner: '@ada', expires: 2099-01-01}\n"
    run = job.check(without("CHARTER.md", compliant()) | {".chittyops.yml": SETTINGS + waiver})
    assert run.returncode == 0, run.log
    assert (run.outputs["outcome"], run.outputs["score"]) == ("pass", "83")
    assert outcomes(run)["chittycanon.charter"] == "waived"
    for word in ("being written", "2099-01-01", "ada"):
        assert word in run.summary


@pytest.mark.parametrize(
    "inputs, word",
    [
        ({"fail_on": "sometimes"}, "fail_on"),
        ({"tier": "9", "fail_on": "required"}, "tier"),
        ({"format": "json, html"}, "html"),
        ({"type": "cloudflare-workr"}, "cloudflare-worker"),
        ({"working_directory": "../elsewhere"}, "working_directory"),
        ({"working_directory": "services/none"}, "services/none"),
        ({"working_directory": ".github"}, ".github is not known to be the folder of a service."),
        ({"config": "none.yml"}, "none.yml"),
        ({"check_health": "perhaps", "comment": "true"}, "check_health"),
    ],
)
def test_an_input_with_a_mistake_stops_the_job(job: Job, inputs: dict[str, str], word: str) -> None:
    """A wrong input never lets everything pass: the job fails with an error that names it."""
    run = job.check(compliant(), None, **inputs)
    assert run.returncode != 0
    assert word in "\n".join(run.errors)
    assert run.outputs == OUTPUTS


@pytest.mark.parametrize(
    "files, inputs, word",
    [
        ({}, {"tier": "9"}, "tier"),
        ({}, {"domain": "hello.chitty.cc:8080"}, "domain"),
        (
            {".chittyconnect.yml": "service:\n  type: cloudflare-workr\n"},
            {"service_name": "hello"},
            "cloudflare-worker",
        ),
    ],
)
def test_a_mistake_of_a_caller_of_today_stops_no_merge(
    job: Job, files: dict[str, str], inputs: dict[str, str], word: str
) -> None:
    """Who asked for nothing new is warned of what would stop the job, and the outcome claims nothing."""
    run = job.check(compliant() | files, None, **inputs)
    assert run.returncode == 0, run.log
    (warning,) = run.warnings
    assert warning.startswith("Nothing was checked: ")
    assert word in warning
    assert "would fail the job" in warning
    assert run.outputs == OUTPUTS


def test_a_mistake_beside_settings_stops_the_job(job: Job) -> None:
    """A repository with a .chittyops.yml has asked for it."""
    run = job.check(compliant() | {".chittyops.yml": SETTINGS}, None, tier="9")
    assert run.returncode == 2
    assert "tier" in run.errors[0]


def test_without_a_token_the_checkout_alone_is_looked_at(job: Job) -> None:
    """Protection is not evaluated, which is shown and fails nothing; nobody is asked anything."""
    run = job.check(compliant(), token="", fail_on="required", sarif="true", comment="true")
    assert run.returncode == 0, run.log
    assert outcomes(run)["chittycanon.protection"] == "not_evaluated"
    assert job.local.requests("github") == []
    assert "not evaluated" in run.log
    assert any("no token" in text for text in run.warnings)


def test_what_is_unknown_fails_nobody(job: Job) -> None:
    """GitHub that answers 500: the job passes, the outcome is unknown, and a notice says what could not be learned."""
    job.local.fault("github", "*", "*", Fault("status", status=500))
    run = job.check(compliant(), fail_on="required")
    assert run.returncode == 0, run.log
    assert (run.outputs["outcome"], run.outputs["unknown"]) == ("unknown", "2")
    (notice,) = [note.message for note in run.annotations if note.level == "notice"]
    assert "chittycanon.protection" in notice
    assert "chittyconnect.sync-workflow" in notice, "the workflow is there, and may be switched off"


def test_a_fork_is_judged_by_its_files(job: Job) -> None:
    """A fork's token writes nothing: what was asked to be written is a warning that says so, and no more."""
    job.local.github.read_only = True
    job.local.github.rules.admin = "forbidden"
    run = job.check(compliant(), job.pull_request(home="x/hello"), fail_on="required", comment="true", sarif="true")
    assert run.returncode == 0, run.log
    assert [text.partition(":")[0] for text in run.warnings] == [
        "No comment was written",
        "The findings were not handed to the Security tab",
    ]
    assert all("comes from a fork" in text for text in run.warnings)
    assert "permissions:" not in run.log, "nothing that the caller could grant would help"
    assert job.comments() == []


def test_a_pull_request_keeps_one_comment(job: Job) -> None:
    """The first run writes it, the second edits it in place; it says what the verdict is now."""
    env = job.pull_request()
    other = {".chittyconnect.yml": compliant()[".chittyconnect.yml"].replace("tool", "tool\n  tier: high")}
    first = job.check(without("CHARTER.md", compliant()) | other, env, comment="true")
    assert first.returncode == 1
    (comment,) = job.local.github.comments(REPOSITORY, 7)
    assert "CHARTER.md" in comment["body"]
    assert "2" * 40 in comment["body"], "links lead to the pull request's head, not to the merge"
    second = job.check(compliant(), env, comment="true")
    assert second.returncode == 0
    (edited,) = job.local.github.comments(REPOSITORY, 7)
    assert edited["id"] == comment["id"]
    assert "hello passes" in edited["body"]


def test_findings_reach_the_security_tab(job: Job) -> None:
    """Code scanning gets the SARIF of this commit; without the feature that is a warning, and no failure."""
    run = job.check(without("CHARTER.md", compliant()), fail_on="none", sarif="true")
    (upload,) = job.local.github.scanning.uploads(REPOSITORY)
    assert (upload["commit_sha"], upload["ref"]) == ("1" * 40, "refs/heads/main")
    assert "chittycanon.charter" in {one["ruleId"] for one in upload["sarif"]["runs"][0]["results"]}
    assert run.returncode == 0
    again = job.check(compliant(), job.pull_request() | {"GITHUB_REF": "refs/pull/7/merge"}, sarif="true")
    assert again.returncode == 0
    newest = job.local.github.scanning.uploads(REPOSITORY)[-1]
    assert (newest["commit_sha"], newest["ref"]) == ("1" * 40, "refs/pull/7/merge"), "the merge is what was looked at"
    job.local.github.scanning.enabled = False
    refused = job.check(compliant(), fail_on="required", sarif="true")
    assert refused.returncode == 0
    assert "code scanning is not enabled" in "\n".join(refused.warnings)
    assert "security-events" not in "\n".join(refused.warnings)


def test_reports_are_files_under_one_folder(job: Job) -> None:
    """Each format that was asked for is there, under the name that the outputs say; `none` writes nothing."""
    run = job.check(compliant(), format="json, sarif, junit, markdown, badge")
    paths = json.loads(run.outputs["report_paths"])
    assert set(paths) == {"json", "sarif", "junit", "markdown", "badge"}
    assert {Path(path).parent for path in paths.values()} == {Path(run.outputs["reports"])}
    assert json.loads(run.outputs["report_files"]) == {name: Path(path).name for name, path in paths.items()}
    assert json.loads(Path(paths["badge"]).read_text("utf-8"))["message"] == "100 %"
    assert run.outputs["artifact_name"] == "chittyops-compliance-hello"
    nothing = job.check(compliant(), format="none")
    assert (nothing.outputs["reports"], nothing.outputs["report_paths"]) == ("", "{}")


def test_a_service_of_a_monorepo(job: Job) -> None:
    """The service's own files lie in its folder, shared ones at the root; findings name paths from the root."""
    files = {
        ("services/hello/" + path if path in (".chittyconnect.yml", "CHARTER.md", "CLAUDE.md") else path): text
        for path, text in compliant().items()
    }
    run = job.check(files, working_directory="services/hello")
    assert run.returncode == 0, run.log
    assert run.outputs["artifact_name"].startswith("chittyops-compliance-hello~"), "the service at the root has its own"
    worse = without("services/hello/CHARTER.md", files)
    (job.runner.workspace / "services/hello/CHARTER.md").unlink()
    run = job.check(worse, working_directory="services/hello")
    (error,) = [note for note in run.annotations if note.level == "error"]
    assert error.properties["file"] == "services/hello/CHARTER.md"


def test_the_token_shows_nowhere(job: Job) -> None:
    """Neither in the log nor in a report, a comment, the upload or an argument list, even where a service echoes it."""
    echo = {"message": f"Bad credentials: {job.token}"}
    job.local.fault("github", "GET", "*", Fault("status", status=401, body=echo))
    formats = "json, sarif, junit, markdown, badge"
    run = job.check(compliant(), job.pull_request(), comment="true", sarif="true", format=formats)
    encoded = base64.b64encode(job.token.encode()).decode()
    assert run.leaks({"the token": job.token, "its base64": encoded}) == []
    assert job.local.requests("github"), "it was used"


def test_hostile_names_give_the_runner_no_orders(job: Job) -> None:
    """A file, a field or a workflow of the repository that spells a command is shown, and does nothing."""
    evil = "::error::pwned\n::add-mask::hello"
    files = compliant() | {
        ".github/workflows/::stop-commands::x.yml": "jobs: [\n",
        ".chittyconnect.yml": compliant()[".chittyconnect.yml"] + f"x: {json.dumps(evil)}\n",
        ".chittyops.yml": SETTINGS
        + "checks:\n  - {id: own.a, title: '::set-output name=x::y', evaluate: file_present, with: {paths: [none]}}\n",
    }
    run = job.check(files, fail_on="none")
    assert run.returncode == 0, run.log
    assert "stop-commands" in "\n".join(note.properties.get("file", "") for note in run.annotations)
    assert {note.level for note in run.annotations} <= {"warning", "notice"}
    assert run.masker.mask("hello") == "hello"
