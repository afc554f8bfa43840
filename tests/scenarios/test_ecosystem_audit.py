"""The audit's jobs as a runner runs them: shards, merge, what goes on from the last run, and what stays private."""

from __future__ import annotations

import json
import re
import tarfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from chittylocal import Fault, Local
from protocol.runner import ActionRun, ActionRunner
from scenarios.ecosystem_jobs import HOME, PRIVATE, SERVICES, Jobs, names, planted

WORKFLOW = "ecosystem-compliance-audit.yml"
PUBLIC = sorted(set(SERVICES) - {PRIVATE})


@pytest.fixture
def jobs(action_runner: ActionRunner, local: Local) -> Jobs:
    """A made ecosystem, and the jobs of a run that audits it."""
    planted(local)
    return Jobs(action_runner, local)


def ago(days: float) -> str:
    return (datetime.now(timezone.utc) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


# -- plan --------------------------------------------------------------------------------------------------------------


def test_a_plan_has_no_more_shards_than_repositories(jobs: Jobs) -> None:
    """A matrix of what was asked for, or of as many jobs as have something to do; `number` inputs come as 2.0 too."""
    for given, count in {"2.0": 2, "256": len(SERVICES)}.items():
        run = jobs.phase("plan", shards=given)
        assert run.returncode == 0, run.log
        assert json.loads(run.outputs["matrix"]) == [f"{one}/{count}" for one in range(1, count + 1)]


def test_a_plan_finds_the_runs_that_it_goes_on_from(jobs: Jobs) -> None:
    """Reports are those of the last run that succeeded; state is that of the last one that left any."""
    add = jobs.local.github.runs.add
    add(HOME, WORKFLOW, created_at=ago(14), artifacts=("ecosystem-audit", "ecosystem-audit-state"))
    success = add(HOME, WORKFLOW, created_at=ago(7), artifacts=("ecosystem-audit", "ecosystem-audit-state"))
    failed = add(HOME, WORKFLOW, created_at=ago(1), conclusion="failure", artifacts=("ecosystem-audit-state",))
    add(HOME, WORKFLOW, created_at=ago(0.5), branch="mine", artifacts=("ecosystem-audit", "ecosystem-audit-state"))
    add(HOME, WORKFLOW, created_at=ago(0), conclusion=None)
    run = jobs.phase("plan")
    assert (run.outputs["previous_run"], run.outputs["state_run"]) == (str(success), str(failed))
    assert run.annotations == []


def test_runs_that_left_no_state_are_passed_over(jobs: Jobs) -> None:
    """Stopped, or failed before anything was looked at: an earlier one that failed has it."""
    add = jobs.local.github.runs.add
    add(HOME, WORKFLOW, created_at=ago(9), artifacts=("ecosystem-audit", "ecosystem-audit-state"))
    failed = add(HOME, WORKFLOW, created_at=ago(3), conclusion="failure", artifacts=("ecosystem-audit-state",))
    add(HOME, WORKFLOW, created_at=ago(2), conclusion="cancelled")
    add(HOME, WORKFLOW, created_at=ago(1), conclusion="failure")
    assert jobs.phase("plan").outputs["state_run"] == str(failed)


def test_artifacts_that_are_gone_are_not_asked_for(jobs: Jobs) -> None:
    """After ninety days there is nothing to go on from; that stops nobody."""
    gone = ("ecosystem-audit", "ecosystem-audit-state")
    jobs.local.github.runs.add(HOME, WORKFLOW, created_at=ago(3), expired=gone)
    run = jobs.phase("plan")
    assert run.returncode == 0, run.log
    assert (run.outputs["previous_run"], run.outputs["state_run"]) == ("", "")


@pytest.mark.parametrize("days, told", [(7.1, False), (8.9, True), (40, True)])
def test_a_weekly_run_that_was_missed_is_told(jobs: Jobs, days: float, told: bool) -> None:
    """More than eight days since the last success: a warning with how long, and the reasons that there are."""
    jobs.local.github.runs.add(HOME, WORKFLOW, created_at=ago(days))
    jobs.local.github.runs.add(HOME, WORKFLOW, created_at=ago(1), conclusion="failure")
    run = jobs.phase("plan")
    assert run.returncode == 0
    assert [f"{int(days)} days old" in one for one in run.warnings] == ([True] if told else [])


def test_a_run_by_hand_hides_no_missed_week(jobs: Jobs) -> None:
    """Somebody looked at one organisation yesterday; the weekly run is missing all the same."""
    add = jobs.local.github.runs.add
    add(HOME, WORKFLOW, created_at=ago(22), artifacts=("ecosystem-audit",))
    by_hand = add(
        HOME,
        WORKFLOW,
        created_at=ago(1),
        event="workflow_dispatch",
        artifacts=("ecosystem-audit", "ecosystem-audit-state"),
    )
    run = jobs.phase("plan")
    assert ["22 days old" in one for one in run.warnings] == [True]
    assert run.outputs["state_run"] == str(by_hand)


@pytest.mark.parametrize("expired", [False, True])
def test_a_run_by_hand_is_compared_with_only_without_a_weekly_one(jobs: Jobs, expired: bool) -> None:
    """It is perhaps of one organisation, and the next weekly report would say little."""
    add, both = jobs.local.github.runs.add, ("ecosystem-audit", "ecosystem-audit-state")
    kept, gone = ((), both) if expired else (both, ())
    weekly = add(HOME, WORKFLOW, created_at=ago(6), artifacts=kept, expired=gone)
    by_hand = add(HOME, WORKFLOW, created_at=ago(1), event="workflow_dispatch", artifacts=both)
    run = jobs.phase("plan")
    assert run.outputs["previous_run"] == str(by_hand if expired else weekly)
    assert run.outputs["state_run"] == str(by_hand)


BOTH = ("ecosystem-audit", "ecosystem-audit-state")


@pytest.mark.parametrize("weeks, compared", [(1, 0), (2, 1), (3, 1)])
def test_a_week_that_failed_is_passed_over_and_two_are_not(jobs: Jobs, weeks: int, compared: int) -> None:
    """One saw perhaps nothing. Where each week is incomplete, the last one knows most; without reports it is none."""
    add = jobs.local.github.runs.add
    runs = [add(HOME, WORKFLOW, created_at=ago(7 * weeks + 7), artifacts=BOTH)]
    runs += [
        add(HOME, WORKFLOW, created_at=ago(7 * week), conclusion="failure", artifacts=BOTH)
        for week in range(weeks, 0, -1)
    ]
    add(HOME, WORKFLOW, created_at=ago(0.3), conclusion="cancelled")
    add(HOME, WORKFLOW, created_at=ago(0.2), event="workflow_dispatch", artifacts=BOTH)
    run = jobs.phase("plan")
    assert run.outputs["previous_run"] == str(runs[-1] if compared else runs[0])
    assert ("did not succeed" in run.log) is bool(compared)


def test_where_no_week_ever_succeeded_the_last_is_compared_with(jobs: Jobs) -> None:
    """Before one by hand, which is perhaps of one organisation; that one counts where no week has left reports."""
    add = jobs.local.github.runs.add
    by_hand = add(HOME, WORKFLOW, created_at=ago(0.5), event="workflow_dispatch", artifacts=BOTH)
    add(HOME, WORKFLOW, created_at=ago(0.2), event="workflow_dispatch", conclusion="failure", artifacts=BOTH)
    failed = add(HOME, WORKFLOW, created_at=ago(8), conclusion="failure")
    assert jobs.phase("plan").outputs["previous_run"] == str(by_hand)
    failed = add(HOME, WORKFLOW, created_at=ago(9), conclusion="failure", artifacts=BOTH)
    assert jobs.phase("plan").outputs["previous_run"] == str(failed)


@pytest.mark.parametrize("days, told", [(6.9, []), (15, [True])])
def test_weeks_of_failures_are_told(jobs: Jobs, days: float, told: list[bool]) -> None:
    """Where none has succeeded yet, the first that failed says since when."""
    for one in (days, 0.5):
        jobs.local.github.runs.add(HOME, WORKFLOW, created_at=ago(one), conclusion="failure")
    run = jobs.phase("plan")
    assert run.returncode == 0
    assert ["None of the weekly audits of the last 15 days" in one for one in run.warnings] == told


def test_nothing_is_taken_from_a_fork(jobs: Jobs) -> None:
    """A pull request's run of this file leaves reports and a state that say whatever a stranger likes."""
    both = ("ecosystem-audit", "ecosystem-audit-state")
    add = jobs.local.github.runs.add
    add(HOME, WORKFLOW, created_at=ago(0.1), event="pull_request", fork="mallory/hello", artifacts=both)
    run = jobs.phase("plan")
    assert run.returncode == 0, run.log
    assert (run.outputs["previous_run"], run.outputs["state_run"]) == ("", "")
    success = add(HOME, WORKFLOW, created_at=ago(7), artifacts=both)
    run = jobs.phase("plan")
    assert (run.outputs["previous_run"], run.outputs["state_run"]) == (str(success), str(success))


def test_a_first_run_warns_of_nothing(jobs: Jobs) -> None:
    """GitHub does not even know the workflow then, and answers 404."""
    run = jobs.phase("plan")
    assert run.returncode == 0
    assert (run.outputs["previous_run"], run.outputs["state_run"]) == ("", "")


def test_runs_that_cannot_be_looked_up_stop_no_audit(jobs: Jobs) -> None:
    """Without `actions: read` it is a warning with the permission in it."""
    jobs.local.fault(
        "github", "GET", "*/actions/*", Fault("status", status=403, body={"message": "Resource not accessible"})
    )
    run = jobs.phase("plan")
    assert run.returncode == 0, run.log
    assert "actions: read" in run.warnings[0]
    assert json.loads(run.outputs["matrix"]) == ["1/1"]


@pytest.mark.parametrize("org", ["GROVE", "Grove, meadow", "ALL"])
def test_organisations_are_told_in_any_case(jobs: Jobs, org: str) -> None:
    """Those of the registry; all is everybody."""
    run = jobs.phase("plan", org=org, shards="99")
    assert run.returncode == 0, run.log
    assert len(json.loads(run.outputs["matrix"])) == (3 if org.lower() == "grove" else 5)


@pytest.mark.parametrize(
    "inputs, word",
    [
        ({"org": "Grov"}, "Grove"),
        ({"shards": "257"}, "shards"),
        ({"registry": "none.yml"}, "none.yml"),
    ],
)
def test_an_input_with_a_mistake_stops_the_run(jobs: Jobs, inputs: dict[str, str], word: str) -> None:
    """Nothing is audited by a typo."""
    run = jobs.phase("plan", **inputs)
    assert run.returncode != 0
    assert word in "\n".join(run.errors)
    assert "matrix" not in run.outputs


# -- audit and merge ---------------------------------------------------------------------------------------------------


def test_two_shards_become_one_audit(jobs: Jobs) -> None:
    """Each public service once; every report beside it, the page packed for Pages, the Markdown in the summary."""
    run = jobs.whole()
    assert run.returncode == 0, run.log
    document = jobs.document()
    assert sorted(names(document)) == PUBLIC
    assert document["complete"] is True
    assert document["summary"]["left_out"] == 1
    assert run.outputs["complete"] == "true"
    assert run.outputs["percent"] == "50"
    assert {one.name for one in (jobs.kept / "ecosystem-audit").iterdir()} == {
        "audit.json", "audit.md", "audit.sarif", "audit.csv", "dashboard.html", "history.ndjson",
    }  # fmt: skip
    assert "# " in run.summary
    assert "Grove/birch" in run.summary
    assert "/acme/hello/actions/runs/4711" in run.summary
    with tarfile.open(Path(run.outputs["site"]) / "artifact.tar") as tar:
        assert tar.getnames() == [".", "./index.html"]
        page = tar.extractfile("./index.html")
        assert page is not None
        assert page.read() == (jobs.kept / "ecosystem-audit/dashboard.html").read_bytes()


def test_nothing_private_leaves_a_job(jobs: Jobs) -> None:
    """Not by the log, the summary, an artifact or the state: whoever reads a public repository reads those."""
    runs = [jobs.audit("1/2"), jobs.audit("2/2"), jobs.merge()]
    kept = [one for one in jobs.kept.rglob("*") if one.is_file()]
    assert len(kept) > 8
    for text in [*(one.log + one.summary for one in runs), *(one.read_text("utf-8") for one in kept)]:
        assert "daisy" not in text.lower()


def test_who_opts_in_has_all_of_it_but_the_page(jobs: Jobs) -> None:
    """Reports and summary name private services; what goes to Pages never does."""
    run = jobs.whole(include_private="true")
    assert sorted(names(jobs.document())) == sorted(SERVICES)
    assert "hidden-daisy" in run.summary
    with tarfile.open(Path(run.outputs["site"]) / "artifact.tar") as tar:
        page = tar.extractfile("./index.html")
        assert page is not None
        text = page.read().decode()
    assert "birch" in text
    assert "daisy" not in text


@pytest.mark.parametrize("after", ["another organisation", "GitHub is down", "as every week"])
def test_a_state_that_was_opted_in_is_not_handed_on_by_who_does_not(jobs: Jobs, after: str) -> None:
    """Also where the next run does not look at what is private, or can't: what public repositories have goes on."""
    jobs.whole(shards=1, include_private="true")
    before = jobs.next_week()
    assert "hidden-daisy" in (before / "ecosystem-audit-state/state.ndjson").read_text("utf-8")
    org = {"org": "Grove"} if after == "another organisation" else {}
    if after == "GitHub is down":
        jobs.local.fault("github", "POST", "/graphql", Fault("status", status=500, times=100))
    jobs.audit(previous=str(before / "ecosystem-audit-state"), **org)
    jobs.merge(previous=str(before / "ecosystem-audit"), **org)
    assert "grove/birch" in (jobs.kept / "ecosystem-audit-state/state.ndjson").read_text("utf-8")
    for one in jobs.kept.rglob("*"):
        assert one.is_dir() or "daisy" not in one.read_text("utf-8").lower(), one


def test_the_next_run_goes_on_from_the_last(jobs: Jobs) -> None:
    """What has not moved is not read again, what changed is told, and the history grows by a line."""
    assert jobs.whole(shards=2).returncode == 0
    before = jobs.next_week()
    state = str(before / "ecosystem-audit-state")
    jobs.local.github.push("Grove/birch", SERVICES["Grove/ash"])
    runs = [jobs.audit(f"{one}/3", previous=state) for one in (1, 2, 3)]
    assert [run.returncode for run in runs] == [0, 0, 0]
    merged = jobs.merge(previous=str(before / "ecosystem-audit"))
    assert merged.returncode == 0, merged.log
    assert jobs.document()["cost"]["reused"] == 3, "all public ones but the one that moved"
    assert "Changes since" in merged.summary
    lines = (jobs.kept / "ecosystem-audit/history.ndjson").read_text("utf-8").splitlines()
    assert [json.loads(one)["passing"] for one in lines] == [2, 3]
    assert "This is the only audit" not in (jobs.kept / "ecosystem-audit/dashboard.html").read_text("utf-8")


def test_a_run_of_one_organisation_forgets_nobody_else(jobs: Jobs) -> None:
    """The state of the others is handed on; their line over time is not mixed with this one's."""
    jobs.whole(shards=1)
    before = jobs.next_week()
    jobs.audit(previous=str(before / "ecosystem-audit-state"), org="grove")
    merged = jobs.merge(previous=str(before / "ecosystem-audit"), org="grove")
    assert merged.returncode == 0, merged.log
    state = (jobs.kept / "ecosystem-audit-state/state.ndjson").read_text("utf-8").lower()
    assert "meadow/clover" in state
    assert "grove/ash" in state
    lines = (jobs.kept / "ecosystem-audit/history.ndjson").read_text("utf-8").splitlines()
    assert [json.loads(one)["scope"] for one in lines] == [
        ["no runtime", "public"],
        ["no runtime", "org:grove", "public"],
    ]
    assert "This is the only audit" in (jobs.kept / "ecosystem-audit/dashboard.html").read_text("utf-8")


def history(jobs: Jobs) -> list[tuple[bool, bool]]:
    """Of each line of what was just kept: whether it is of everybody, and complete."""
    lines = map(json.loads, (jobs.kept / "ecosystem-audit/history.ndjson").read_text("utf-8").splitlines())
    return [("org:grove" not in one["scope"], one["complete"]) for one in lines]


def test_an_audit_that_failed_keeps_its_line(jobs: Jobs) -> None:
    """The reports are compared with those of the week that succeeded; the state has what was told in between."""
    jobs.whole(1)
    first = jobs.kept.rename(jobs.kept.with_name("first"))
    jobs.local.github.limits.errors["Grove/birch"] = ("SERVICE_UNAVAILABLE", "Try again later.")
    jobs.audit(previous=str(first / "ecosystem-audit-state"))
    assert jobs.merge(previous=str(first / "ecosystem-audit")).returncode == 3
    before = jobs.next_week()
    jobs.local.github.limits.errors.clear()
    jobs.audit("1/2", previous=str(before / "ecosystem-audit-state"))
    jobs.audit("2/2", previous=str(before / "ecosystem-audit-state"))
    run = jobs.merge(previous=str(first / "ecosystem-audit"))
    assert run.returncode == 0, run.log
    assert history(jobs) == [(True, True), (True, False), (True, True)]
    assert "(incomplete)" in (jobs.kept / "ecosystem-audit/dashboard.html").read_text("utf-8")


def test_an_audit_of_one_organisation_in_between_costs_no_line(jobs: Jobs) -> None:
    """Neither its own nor anybody else's; what is drawn is of everybody alone."""
    jobs.whole(1)
    first = jobs.kept.rename(jobs.kept.with_name("first"))
    jobs.audit(previous=str(first / "ecosystem-audit-state"), org="grove")
    assert jobs.merge(previous=str(first / "ecosystem-audit"), org="grove").returncode == 0
    before = jobs.next_week()
    jobs.audit(previous=str(before / "ecosystem-audit-state"))
    run = jobs.merge(previous=str(first / "ecosystem-audit"))
    assert run.returncode == 0, run.log
    assert history(jobs) == [(True, True), (False, True), (True, True)]
    page = (jobs.kept / "ecosystem-audit/dashboard.html").read_text("utf-8")
    assert page.count('<tr><th scope="row">2') == 2


def test_reports_that_could_not_be_taken_over_cost_no_line(jobs: Jobs) -> None:
    """Nothing is compared; how it went is in the state too, and the next week goes on from there."""
    jobs.whole(1)
    before = jobs.next_week()
    jobs.audit(previous=str(before / "ecosystem-audit-state"))
    run = jobs.merge(previous=str(before / "nowhere"))
    assert run.returncode == 0, run.log
    assert "Changes since" not in run.summary
    assert history(jobs) == [(True, True), (True, True)]


def test_a_shard_that_is_missing_makes_it_incomplete(jobs: Jobs) -> None:
    """Exit 3 with the reason; the reports are there all the same, and say it too."""
    jobs.audit("1/2")
    run = jobs.merge()
    assert run.returncode == 3
    assert "Shard 2 is missing" in run.errors[0]
    assert run.outputs["complete"] == "false"
    assert "Shard 2 is missing" in run.summary
    assert jobs.document()["complete"] is False


def test_a_shard_that_is_missing_is_to_be_run_again(jobs: Jobs) -> None:
    """Where all were there, the same shards would be merged once more: a new run has to look again."""
    jobs.audit("1/2")
    assert "Run the failed jobs again" in jobs.merge().log
    jobs.local.github.limits.errors["Grove/birch"] = ("SERVICE_UNAVAILABLE", "Try again later.")
    jobs.audit("1/2")
    jobs.audit("2/2")
    run = jobs.merge()
    assert run.returncode == 3, run.log
    assert "Run the failed jobs again" not in run.log
    assert "Start a new run" in run.log
    assert "AUDIT_APP_ID" not in run.log, "no right was lacking"


def test_three_weeks_without_the_rights_tell_what_is_known(jobs: Jobs) -> None:
    """Each is incomplete and says why and what helps; what both knew is compared, what is unknown or unsure is not."""
    jobs.local.github.rules.admin = "forbidden"
    run = jobs.whole(1)
    assert run.returncode == 3, run.log
    assert any("Unknown are chittycanon.protection (4): GitHub's API refused" in one for one in run.errors)
    assert "AUDIT_APP_PRIVATE_KEY" in run.log
    assert "audit-workflow.md#tokens" in run.log
    before = jobs.next_week()
    jobs.local.github.push("Grove/birch", SERVICES["Grove/ash"])
    jobs.local.github.limits.errors["Grove/cedar"] = ("SERVICE_UNAVAILABLE", "Try again later.")
    run = jobs.whole(1, previous=str(before / "ecosystem-audit"))
    assert run.returncode == 3, run.log
    report = (jobs.kept / "ecosystem-audit/audit.md").read_text("utf-8").partition("## Changes since")[2]
    changed = report.partition("\n## ")[0]
    assert "Grove/birch" in changed
    assert "protection" not in changed
    assert "cedar" not in changed
    assert "1 service of the audit before is not in this one." in changed
    before = jobs.next_week()
    jobs.local.github.limits.errors.clear()
    jobs.local.github.push("Grove/birch", {"CLAUDE.md": "", "CHARTER.md": ""})
    run = jobs.whole(1, previous=str(before / "ecosystem-audit"))
    assert run.returncode == 3, run.log
    report = (jobs.kept / "ecosystem-audit/audit.md").read_text("utf-8").partition("## Changes since")[2]
    changed = report.partition("\n## ")[0]
    assert "**Broken: " in changed
    assert "Grove/birch" in changed
    for word in ("protection", "cedar", "New", "Gone", "audit before"):
        assert word not in changed


def told_anywhere(jobs: Jobs, run: ActionRun) -> str:
    """All that the merge gave out: its log, its summary, each report and the page for everybody."""
    with tarfile.open(Path(run.outputs["site"]) / "artifact.tar") as tar:
        page = tar.extractfile("./index.html")
        assert page is not None
        site = page.read().decode()
    files = [one.read_text("utf-8") for one in (jobs.kept / "ecosystem-audit").iterdir()]
    assert len(files) == 6
    return "\n".join([run.log, run.summary, site, *files]).lower()


def test_what_became_private_is_counted_and_never_named(jobs: Jobs) -> None:
    """It is not gone, and whoever reads is told of one less; when it is public again, it is not new."""
    assert jobs.whole().returncode == 0
    before = jobs.next_week()
    jobs.local.github.profile("Grove/birch").private = True
    run = jobs.whole(previous=str(before / "ecosystem-audit"))
    assert run.returncode == 0, run.log
    said = told_anywhere(jobs, run)
    assert "birch" not in said
    assert said.count("1 service of the audit before is not in this one.") == 4, "summary, audit.md, twice the page"
    assert "birch" not in (jobs.kept / "ecosystem-audit-state/state.ndjson").read_text("utf-8").lower()
    before = jobs.next_week()
    jobs.local.github.profile("Grove/birch").private = False
    said = told_anywhere(jobs, jobs.whole(previous=str(before / "ecosystem-audit")))
    assert "birch" in said
    assert "audit before" not in said


def test_what_github_did_not_answer_for_is_counted_and_never_named(jobs: Jobs) -> None:
    """It is perhaps private by now."""
    jobs.whole(1)
    before = jobs.next_week()
    jobs.local.github.limits.errors["Grove/birch"] = ("SERVICE_UNAVAILABLE", "Try again later.")
    jobs.audit(previous=str(before / "ecosystem-audit-state"))
    run = jobs.merge(previous=str(before / "ecosystem-audit"))
    assert run.returncode == 3, run.log
    said = told_anywhere(jobs, run)
    assert "birch" not in said
    assert "1 service of the audit before is not in this one." in said


@pytest.mark.parametrize("private", ["false", "true"])
def test_the_services_of_a_missing_shard_are_counted_and_never_gone(jobs: Jobs, private: str) -> None:
    """Nobody looked at them, which says nothing about the registry; so also where all is shown."""
    jobs.whole(2, include_private=private)
    everybody = set(names(jobs.document()))
    before = jobs.next_week()
    jobs.audit("1/2", include_private=private)
    run = jobs.merge(previous=str(before / "ecosystem-audit"), include_private=private)
    assert run.returncode == 3, run.log
    missing = everybody - set(names(jobs.document()))
    assert len(missing) > 1
    said = told_anywhere(jobs, run)
    assert [one for one in missing if re.search(rf"\b{one.partition('/')[2]}\b", said)] == []
    assert f"{len(missing)} services of the audit before are not in this one." in said


def test_what_left_the_registry_is_told_where_all_is_shown(jobs: Jobs) -> None:
    """Then it is certain, and so is what is new."""
    whole = jobs.registry.read_text("utf-8")
    jobs.registry.write_text("".join(one for one in whole.splitlines(True) if "cedar" not in one), "utf-8")
    jobs.whole(1, include_private="true")
    before = jobs.next_week()
    jobs.registry.write_text("".join(one for one in whole.splitlines(True) if "birch" not in one), "utf-8")
    run = jobs.whole(1, include_private="true", previous=str(before / "ecosystem-audit"))
    assert run.returncode == 0, run.log
    report = (jobs.kept / "ecosystem-audit/audit.md").read_text("utf-8")
    assert "<details><summary>Gone: 1</summary>" in report
    assert "is no longer audited" in next(one for one in report.splitlines() if "Grove/birch" in one)
    assert "was not in the audit before" in next(one for one in report.splitlines() if "Grove/cedar" in one)
    with tarfile.open(Path(run.outputs["site"]) / "artifact.tar") as tar:
        page = tar.extractfile("./index.html")
        assert page is not None
        assert "birch" not in page.read().decode(), "the page leaves something out, and is certain of nobody"


def test_after_a_run_of_one_organisation_it_is_not_said_that_nothing_changed(jobs: Jobs) -> None:
    """Nobody looked at the others then; how many those are is said."""
    jobs.whole(1)
    weekly = jobs.next_week()
    jobs.whole(1, org="Meadow", previous=str(weekly / "ecosystem-audit"))
    by_hand = jobs.next_week()
    jobs.local.github.push("Grove/birch", SERVICES["Grove/ash"])
    said = told_anywhere(jobs, jobs.whole(1, previous=str(by_hand / "ecosystem-audit")))
    assert "nothing changed since" in said
    assert said.count("nothing changed since") == said.count("of what is in both audits, nothing changed since")
    assert "3 services were not in the audit before." in said


def test_what_is_private_can_make_it_incomplete(jobs: Jobs) -> None:
    """A service whose name is not to be told: the audit does not claim to be whole, and does not name it."""
    jobs.local.github.limits.errors[PRIVATE] = ("SERVICE_UNAVAILABLE", "Try again later.")
    jobs.audit("1/1")
    run = jobs.merge()
    assert run.returncode == 3, run.log
    assert "not known to be public" in run.errors[0]
    assert "daisy" not in (run.log + run.summary).lower()


def test_no_shard_is_no_audit(jobs: Jobs) -> None:
    """An error that says so, and no report that says that all is well."""
    jobs.kept.mkdir()
    run = jobs.merge()
    assert run.returncode == 2
    assert "no shard" in run.errors[0]
    assert "complete" not in run.outputs


def test_shards_of_two_runs_are_refused(jobs: Jobs) -> None:
    """One of another plan: nothing is added up that does not belong together."""
    jobs.audit("1/2")
    jobs.audit("2/2", org="grove")
    run = jobs.merge()
    assert run.returncode == 2
    assert "different plans" in run.errors[0]


def test_a_state_that_is_something_else_is_begun_anew(jobs: Jobs) -> None:
    """A warning, and an audit that reads everything."""
    (jobs.runner.folder / "old").mkdir()
    (jobs.runner.folder / "old/state.ndjson").write_text("not a state\n")
    run = jobs.audit(previous=str(jobs.runner.folder / "old"))
    assert run.returncode == 0, run.log
    assert "read anew" in run.warnings[0]


def test_a_token_that_nobody_takes_fails_the_shard(jobs: Jobs) -> None:
    """It is an error of the job, not a verdict on anybody."""
    jobs.local.github.strict = True
    run = jobs.audit(token="ghp_" + "x" * 36)
    assert run.returncode == 1
    assert run.errors
    assert "path" not in run.outputs


def test_secrets_show_nowhere(jobs: Jobs) -> None:
    """Neither in a log nor in a report, an artifact or an argument list."""
    token = jobs.local.github.token
    for run in (jobs.audit(), jobs.merge(), jobs.phase("remediate", folder=str(jobs.kept / "ecosystem-audit"))):
        assert run.returncode == 0, run.log
        assert run.leaks({"the token": token}) == []


# -- remediation and the dashboard -------------------------------------------------------------------------------------


def remediated(jobs: Jobs, **inputs: str) -> tuple[int, str]:
    run = jobs.phase("remediate", folder=str(jobs.kept / "ecosystem-audit"), **inputs)
    return run.returncode, run.log + run.summary


def issues(local: Local, name: str) -> list[str]:
    return [one["title"] for one in local.github.all("issues", name)]


def test_remediation_is_a_plan_unless_more_is_asked(jobs: Jobs) -> None:
    """It prints what would happen, into the summary too, and writes nothing anywhere."""
    jobs.whole(shards=1)
    code, said = remediated(jobs)
    assert code == 0, said
    assert "What remediation would do" in said
    assert "grove/birch" in said.lower()
    assert [issues(jobs.local, name) for name in SERVICES] == [[]] * len(SERVICES)


def test_remediation_of_an_incomplete_audit_says_so(jobs: Jobs) -> None:
    """It did all that it could: nothing failed, and no failure is to be looked for."""
    jobs.local.github.rules.admin = "forbidden"
    jobs.whole(shards=1)
    run = jobs.phase("remediate", folder=str(jobs.kept / "ecosystem-audit"))
    assert run.returncode == 3, run.log
    (said,) = run.errors
    assert "incomplete" in said
    assert "each failure" not in run.log


@pytest.mark.parametrize("inputs", [{"fix_mode": "true"}, {"mode": "issues"}])
def test_fix_mode_opens_issues_once(jobs: Jobs, inputs: dict[str, str]) -> None:
    """In the repositories that fail and are public; a second run opens no other."""
    jobs.whole(shards=1)
    assert remediated(jobs, **inputs)[0] == 0
    assert remediated(jobs, **inputs)[0] == 0
    found = {name: len(issues(jobs.local, name)) for name in SERVICES}
    assert found == {name: int(name in ("Grove/birch", "Meadow/clover")) for name in SERVICES}


def test_remediation_asks_the_registry_that_it_is_given_who_shares_a_root(jobs: Jobs) -> None:
    """Of another organisation's own one, which has a service that is not active and so in no audit."""
    text = jobs.registry.read_text("utf-8")
    birch = "      birch: {repo: Grove/birch, type: tool}\n"
    assert birch in text
    nested = "      nest: {repo: Grove/birch, type: tool, active: false}\n"
    jobs.registry.write_text(text.replace(birch, birch + nested), "utf-8")
    jobs.whole(shards=1)
    assert "nest" not in str(names(jobs.document()))
    _, said = remediated(jobs, mode="prs")
    assert "shares the root with nest" in said
    assert "own registry" not in said
    _, said = remediated(jobs, mode="prs", registry="")
    assert "shares the root with nest" not in said
    assert "ChittyOps' own registry, which lacks 4 of the 4 services" in said


def test_the_dashboard_is_one_issue_edited_in_place(jobs: Jobs) -> None:
    """Of this repository; the next run changes it, and tells nothing private even where that was opted into."""
    jobs.whole(shards=1, include_private="true")
    folder = str(jobs.kept / "ecosystem-audit")
    assert jobs.phase("dashboard", folder=folder).returncode == 0
    jobs.local.github.push("Grove/birch", SERVICES["Grove/ash"])
    before = jobs.next_week()
    jobs.whole(shards=1)
    assert before.is_dir()
    run = jobs.phase("dashboard", folder=folder)
    assert run.returncode == 0, run.log
    (issue,) = jobs.local.github.all("issues", HOME)
    assert issue["title"] == "Compliance dashboard"
    assert "daisy" not in str(issue).lower()
    assert "75 %" in issue["body"] or "3 of 4" in issue["body"]


def test_the_dashboards_issue_says_how_it_went(jobs: Jobs) -> None:
    """By the lines of the public part alone: one of all services has other numbers."""
    jobs.whole(shards=1)
    before = jobs.next_week()
    jobs.whole(shards=1, previous=str(before / "ecosystem-audit"), include_private="true")
    before = jobs.next_week()
    jobs.local.github.push("Grove/birch", SERVICES["Grove/ash"])
    jobs.whole(shards=1, previous=str(before / "ecosystem-audit"))
    assert jobs.phase("dashboard", folder=str(jobs.kept / "ecosystem-audit")).returncode == 0
    (issue,) = jobs.local.github.all("issues", HOME)
    part = issue["body"].partition("## Over time")[2].partition("\n## ")[0]
    assert re.findall(r"% \((\d) of 4\) \| [█░]+", part) == ["3", "2", "2"]


def test_pages_and_the_dashboards_issue_say_how_it_went_where_private_services_are_taken_in(jobs: Jobs) -> None:
    """Each week leaves a line of all services and one of the public; each report has those of its own."""
    jobs.whole(shards=1, include_private="true")
    before = jobs.next_week()
    jobs.local.github.push("Grove/birch", SERVICES["Grove/ash"])
    run = jobs.whole(shards=1, previous=str(before / "ecosystem-audit"), include_private="true")
    lines = [json.loads(one) for one in (jobs.kept / "ecosystem-audit/history.ndjson").read_text("utf-8").splitlines()]
    assert [("public" in one["scope"], one["services"]) for one in lines] == [(False, 5), (True, 4)] * 2
    with tarfile.open(Path(run.outputs["site"]) / "artifact.tar") as tar:
        page = tar.extractfile("./index.html")
        assert page is not None
        public = page.read().decode()
    own = (jobs.kept / "ecosystem-audit/dashboard.html").read_text("utf-8")
    assert public.count('<tr><th scope="row">2') == own.count('<tr><th scope="row">2') == 2
    assert jobs.phase("dashboard", folder=str(jobs.kept / "ecosystem-audit")).returncode == 0
    (issue,) = jobs.local.github.all("issues", HOME)
    part = issue["body"].partition("## Over time")[2].partition("\n## ")[0]
    assert re.findall(r"% \((\d) of 4\) \| [█░]+", part) == ["3", "2"]


def test_an_app_reads_what_is_private_and_writes_issues(jobs: Jobs) -> None:
    """A token for each organisation, revoked at the end; the key shows nowhere, and the issues are the app's."""
    rights = {"contents": "read", "administration": "read", "actions": "read", "issues": "write", "metadata": "read"}
    key = jobs.local.github.app("4711", ["Grove/*", "Meadow/*"], rights, slug="auditor")
    jobs.local.github.strict = True
    app = {"token": "", "app_id": "4711", "app_private_key": key, "include_private": "true"}
    audited = jobs.audit(**app)
    assert audited.returncode == 0, audited.log
    assert jobs.merge(include_private="true").returncode == 0
    assert sorted(names(jobs.document())) == sorted(SERVICES)
    fixed = jobs.phase("remediate", folder=str(jobs.kept / "ecosystem-audit"), mode="issues", **app)
    assert fixed.returncode == 0, fixed.log
    (issue,) = jobs.local.github.all("issues", PRIVATE)
    assert issue["user"]["login"] == "auditor[bot]"
    tokens = jobs.local.github.issued_tokens()
    assert len(tokens) >= 4
    assert not [one for one in tokens if one.live]
    lines = {f"line {number}": line for number, line in enumerate(key.splitlines()[1:-1])}
    assert audited.leaks(lines) == fixed.leaks(lines) == []
