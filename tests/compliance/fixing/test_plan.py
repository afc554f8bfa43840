"""What is planned, and what is left to a person with which reason and which lines."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import date

import pytest

from chittyactions.compliance.assemble import load
from chittyactions.compliance.checkout import open_checkout
from chittyactions.compliance.fixing.plan import Change, Left, Plan, plan_fixes
from chittyactions.compliance.fixing.values import known_values, read_owners
from chittyactions.compliance.identity import identify
from chittyactions.compliance.model import Outcome, Verdict
from chittyactions.compliance.repository import Observed, Repository
from chittyactions.errors import InputError
from compliance.repositories import Content, Link, Submodule, repository

TODAY = date(2026, 11, 21)

WORKER: Mapping[str, Content] = {
    "wrangler.jsonc": '{"name": "hello-worker", "main": "src/index.ts"}',
    "src/index.ts": "",
}
CONNECT = "service:\n  name: hello\nonboarding:\n  endpoint: https://get.chitty.cc/api/onboard\n"


def held(files: Mapping[str, Content], folder: str = "") -> Repository:
    """A Worker's repository whose default branch is known."""
    observed = Observed(default_branch="trunk")
    return repository({**WORKER, **files}, folder, observed, remote="https://github.com/CHITTYOS/hello.git")


def judged(looked_at: Repository) -> tuple[Verdict, dict[str, str]]:
    """The verdict by the toolkit's own checks, and what is known for templates."""
    assembled = load()
    service = identify(looked_at, assembled.registry)
    verdict = assembled.engine.judge(looked_at, service, today=TODAY)
    values = known_values(verdict, looked_at, assembled.registry, owners=("@CHITTYOS/core",), today=TODAY)
    return verdict, values


def planned(looked_at: Repository, **other: str) -> Plan:
    """The plan, with some values as `other` has them; "" is not known."""
    verdict, values = judged(looked_at)
    known = {name: value for name, value in {**values, **other}.items() if value}
    return plan_fixes(verdict, looked_at, known)


def left_for(plan: Plan, check: str) -> Left:
    """What is left of a check; fails where it is anything but one thing."""
    (found,) = [one for one in plan.left if check in one.checks]
    return found


def changed(plan: Plan, path: str) -> Change | None:
    """The change of a file."""
    return next((one for one in plan.changes if one.path == path), None)


def test_a_change_names_the_checks_that_ask_for_it() -> None:
    """Whoever reads the plan sees what each file is good for."""
    plan = planned(held({}))
    deploy = changed(plan, ".github/workflows/deploy.yml")
    assert deploy
    assert deploy.before is None
    assert deploy.checks == ("chittyregister.heartbeat", "chittybeacon.installed")
    assert b"service_name: hello-worker\n" in deploy.after
    assert b"working_directory" not in deploy.after
    assert plan.left == ()


@pytest.mark.parametrize("folder", ["", "services/hello"])
def test_a_finding_shows_the_file_that_is_written(folder: str) -> None:
    """Who pastes what a report shows gets what `--fix` writes: both come from the one template."""
    files = {f"{folder}/{path}".lstrip("/"): content for path, content in WORKER.items()}
    looked_at = repository(files, folder, Observed(default_branch="trunk"), remote="https://github.com/CHITTYOS/hello")
    verdict, _ = judged(looked_at)
    shown = {one.id: [finding.fix for finding in one.findings] for one in verdict.checks}
    plan = planned(looked_at)
    for path in (".chittyconnect.yml", ".github/workflows/chittyconnect-sync.yml", ".github/workflows/deploy.yml"):
        (written,) = [one for one in plan.changes if one.path.endswith(path)]
        assert shown[written.checks[0]] == [written.after.decode()]


def test_a_finding_names_what_nobody_states() -> None:
    """Where the default branch is not known, the workflow to paste says which line to look at."""
    verdict, _ = judged(repository({"wrangler.jsonc": "{}", ".chittyops.yml": "service: {name: a}"}))
    for check in ("chittyconnect.sync-workflow", "chittyregister.heartbeat"):
        (one,) = [one for one in verdict.checks if one.id == check]
        assert "    branches: [main] # the default branch\n" in one.findings[0].fix


def test_planning_writes_nothing() -> None:
    """The plan is made without touching the repository."""
    looked_at = held({".chittyconnect.yml": "service: {tier: 3}\n"})
    root = looked_at.checkout.root
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert planned(looked_at).changes
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_nothing_is_planned_for_what_is_not_asked_for() -> None:
    """A file that no failing check misses is not written: an optional dimension stays off."""
    looked_at = repository({"README.md": "# Hello\n"}, observed=Observed(default_branch="main"))
    paths = {one.path for one in planned(looked_at).changes}
    assert ".chittyconnect.yml" not in paths
    assert ".github/workflows/deploy.yml" not in paths
    assert ".github/workflows/chittyconnect-sync.yml" not in paths


def test_a_waived_check_is_not_fixed() -> None:
    """Somebody decided about it."""
    looked_at = held({})
    verdict, values = judged(looked_at)
    checks = tuple(
        one if one.id != "chittycanon.charter" else type(one)(**{**vars(one), "outcome": Outcome.WAIVED})
        for one in verdict.checks
    )
    plan = plan_fixes(type(verdict)(**{**vars(verdict), "checks": checks}), looked_at, values)
    assert changed(plan, "CHARTER.md") is None


# -- owners ------------------------------------------------------------------------------------------------------------


def test_owners_are_never_invented() -> None:
    """Without an owner CODEOWNERS is left, with the reason, and nothing links to it."""
    plan = planned(held({}), OWNERS="", CODEOWNERS="")
    assert changed(plan, ".github/CODEOWNERS") is None
    assert left_for(plan, "chittycanon.codeowners").reason.startswith("nobody said who owns it; name them by --owner")
    charter = changed(plan, "CHARTER.md")
    assert charter
    assert b"CODEOWNERS" not in charter.after


def test_owners_are_taken_in_each_form_that_github_knows() -> None:
    """@user, @organisation/team, mail; blanks and commas between them; each once."""
    words = ["@mona @CHITTYOS/core-team", "a.b@example.com,@mona", "@mona_acme"]
    assert read_owners(words) == ("@mona", "@CHITTYOS/core-team", "a.b@example.com", "@mona_acme")
    assert read_owners([]) == ()


@pytest.mark.parametrize(
    "word", ["mona", "@", "@-mona", "@a/b/c", "@a/", "a@b", "@mona#x", "*", "@a\x1b[31m", "<!--@a"]
)
def test_an_owner_that_nobody_can_be_is_refused(word: str) -> None:
    """GitHub passes over an owner that it cannot read, so that nobody would be asked."""
    with pytest.raises(InputError) as told:
        read_owners(["@good", word])
    assert repr(word) in str(told.value)
    assert ("is it @mona?" in str(told.value)) == (word == "mona")


# -- files that are there ----------------------------------------------------------------------------------------------


def test_a_workflow_that_is_there_is_never_written_over() -> None:
    """The job that it lacks is left, to be pasted."""
    workflow = "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: make}]}}\n"
    plan = planned(held({".github/workflows/chittyconnect-sync.yml": workflow}))
    left = left_for(plan, "chittyconnect.sync-workflow")
    assert changed(plan, ".github/workflows/chittyconnect-sync.yml") is None
    assert left.reason == "it is there already, and nothing is written over it"
    assert left.lines.startswith("jobs:\n  sync:\n")
    assert '"${CHITTYCONNECT_URL:-https://connect.chitty.cc}/api/github/sync"' in left.lines


@pytest.mark.parametrize(
    "step",
    [
        "run: npx wrangler deploy",
        "run: npm run deploy:production",
        "uses: cloudflare/wrangler-action@v3",
        "run: wrangler versions upload",
    ],
)
def test_a_second_deploy_is_not_written_beside_one(step: str) -> None:
    """Two workflows would deploy each push; the one that is there is named, with the job to put in its place."""
    workflow = f"on: push\njobs: {{a: {{runs-on: ubuntu-latest, steps: [{{{step}}}]}}}}\n"
    plan = planned(held({".github/workflows/ship.yml": workflow}))
    left = left_for(plan, "chittyregister.heartbeat")
    assert changed(plan, ".github/workflows/deploy.yml") is None
    assert left.path == ".github/workflows/ship.yml"
    assert "would do it twice; put this in the place of that step" in left.reason
    assert "reusable-worker-deploy.yml@v2" in left.lines
    assert left.checks == ("chittyregister.heartbeat", "chittybeacon.installed")


def test_a_workflow_that_only_tests_does_not_stand_in_for_a_deploy() -> None:
    """Otherwise nobody with a CI workflow would get a deploy."""
    workflow = "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: npx wrangler types && npm test}]}}\n"
    assert changed(planned(held({".github/workflows/ci.yml": workflow})), ".github/workflows/deploy.yml")


def test_the_self_check_is_not_written_beside_another() -> None:
    """A repository that calls it from another file has it."""
    uses = "uses: chittyos/chittyops/.github/workflows/reusable-compliance-check.yml@v2"
    plan = planned(held({".github/workflows/checks.yml": f"on: push\njobs: {{a: {{{uses}}}}}\n"}))
    assert changed(plan, ".github/workflows/compliance.yml") is None
    assert [one for one in plan.left if "compliance" in one.path] == []


@pytest.mark.parametrize("on", ["workflow_call", "{schedule: []}"])
def test_a_workflow_that_nothing_starts_does_nothing_already(on: str) -> None:
    """A self-check and a deploy that only would be made, if somebody called them, stand in for none."""
    uses = "uses: chittyos/chittyops/.github/workflows/reusable-compliance-check.yml@v2"
    steps = "{runs-on: ubuntu-latest, steps: [{run: npx wrangler deploy}]}"
    plan = planned(held({".github/workflows/old.yml": f"on: {on}\njobs: {{a: {{{uses}}}, b: {steps}}}\n"}))
    assert changed(plan, ".github/workflows/compliance.yml")
    assert changed(plan, ".github/workflows/deploy.yml")


@pytest.mark.parametrize("text", ["", "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: make}]}}\n"])
def test_a_compliance_workflow_that_checks_nothing_is_left_with_the_job(text: str) -> None:
    """It is somebody's, so that the job has to be added by hand; nothing is passed over in silence."""
    path = ".github/workflows/compliance.yml"
    plan = planned(held({path: text}))
    assert changed(plan, path) is None
    (left,) = [one for one in plan.left if one.path == path]
    assert left.reason == "it is there already, and no workflow that runs does this for the service"
    assert left.lines.startswith("jobs:\n  compliance:\n    uses: chittyos/chittyops/")


def test_a_deploy_of_its_own_in_deploy_yml_is_to_be_replaced() -> None:
    """The file that would be written is there and deploys by itself: what is pasted takes the place of that step."""
    path = ".github/workflows/deploy.yml"
    plan = planned(held({path: "on: push\njobs: {a: {runs-on: x, steps: [{run: wrangler deploy}]}}\n"}))
    left = left_for(plan, "chittyregister.heartbeat")
    assert (left.path, changed(plan, path)) == (path, None)
    assert left.reason.endswith("put this in the place of that step")


def test_a_settings_file_that_is_there_stays() -> None:
    """Its waivers and its policy are its own."""
    assert changed(planned(held({".chittyops.yml": "fail_on: none\n"})), ".chittyops.yml") is None


def test_files_that_are_not_wanted_are_left_out() -> None:
    """With --config the settings are elsewhere, and a second file of them would count for nothing."""
    looked_at = held({})
    verdict, values = judged(looked_at)
    assert changed(plan_fixes(verdict, looked_at, values, without=(".chittyops.yml",)), ".chittyops.yml") is None


def test_an_empty_file_is_left_with_what_could_stand_in_it() -> None:
    """Known failure 5: an empty file fails; it is still somebody's, and is not written over."""
    plan = planned(held({"CLAUDE.md": " \n", "CODEOWNERS": "# nobody\n"}))
    assert changed(plan, "CLAUDE.md") is None
    assert left_for(plan, "chittycanon.claude-md").lines.startswith("# Working on hello-worker\n")
    assert left_for(plan, "chittycanon.codeowners").path == "CODEOWNERS"
    assert changed(plan, ".github/CODEOWNERS") is None


def test_a_workflow_that_is_asleep_is_named_and_not_doubled() -> None:
    """What would do it is there, and only has to be switched on."""
    workflow = (
        "on: workflow_call\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: "
        "'curl -X POST https://connect.chitty.cc/api/github/sync'}]}}\n"
    )
    plan = planned(held({".github/workflows/old.yml": workflow}))
    left = left_for(plan, "chittyconnect.sync-workflow")
    assert changed(plan, ".github/workflows/chittyconnect-sync.yml") is None
    assert left.path == ".github/workflows/old.yml"
    assert "Switch it on, or give it a trigger" in left.reason


# -- .chittyconnect.yml ------------------------------------------------------------------------------------------------


def test_fields_are_added_for_the_checks_that_miss_them() -> None:
    """One change for the file, with every check that it answers."""
    plan = planned(held({".chittyconnect.yml": CONNECT}))
    change = changed(plan, ".chittyconnect.yml")
    assert change
    assert change.before == CONNECT.encode()
    assert change.checks == ("chittytrust.provisions", "chittytrust.provider")
    assert change.after.decode() == (
        f"{CONNECT}  provisions: [chitty_id, service_token, certificate, trust_chain]\nauth:\n  provider: chittyauth\n"
    )


@pytest.mark.parametrize(
    "text, check, reason",
    [
        ("service: hello\n", "chittyconnect.config", "service is no table, so that name cannot stand below it"),
        (
            f"{CONNECT}auth: {{provider: okta}}\n",
            "chittytrust.provider",
            "what it asks for is there already, and is not changed",
        ),
        ("service: {name: a b}\n", "chittyconnect.config", ""),
        (f"{CONNECT}a: [\n", "chittytrust.provider", "it cannot be read, so that nothing can be added: line 6"),
    ],
)
def test_a_value_that_is_there_is_left_with_the_check_s_own_lines(text: str, check: str, reason: str) -> None:
    """Wrong is not missing: what it should be is said, and nothing is changed for it."""
    plan = planned(held({".chittyconnect.yml": text}))
    change = changed(plan, ".chittyconnect.yml")
    if not reason:  # the name stays wrong; the endpoint that is missing beside it is added
        assert change
        assert b"name: a b" in change.after
        assert b"endpoint: https://" in change.after
        return
    assert left_for(plan, check).reason.startswith(reason)
    assert change is None or check not in change.checks


def test_a_misnamed_file_is_not_doubled() -> None:
    """`.chittyconnect.yaml` has to be renamed; a second file beside it would contradict it one day."""
    plan = planned(held({".chittyconnect.yaml": CONNECT}))
    assert changed(plan, ".chittyconnect.yml") is None
    assert "Rename it" in left_for(plan, "chittyconnect.config").reason


# -- places where nothing may be written -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "files, path, reason",
    [
        (
            {".chittyconnect.yml": Link("elsewhere.yml"), "elsewhere.yml": "a: 1\n"},
            ".chittyconnect.yml",
            "it is a link",
        ),
        ({".github": Link("x"), "x/a": ""}, ".github/CODEOWNERS", ".github is a link, and nothing is written there"),
        ({".github": Submodule()}, ".github/CODEOWNERS", ".github is a submodule, and nothing is written there"),
        ({"Claude.md": "# x\n"}, "CLAUDE.md", "Claude.md is there, which some systems cannot tell from it; rename it"),
    ],
)
def test_links_submodules_and_twins_are_left(files: Mapping[str, Content], path: str, reason: str) -> None:
    """Nothing is written through a link, into another repository, or beside a name that only its case tells apart."""
    plan = planned(held(files))
    assert changed(plan, path) is None
    assert next(one.reason for one in plan.left if one.path == path).startswith(reason)


def test_a_file_that_a_sparse_checkout_leaves_out_is_left() -> None:
    """There is nothing on the disk to write to."""
    looked_at = held({".chittyconnect.yml": "service: {name: hello}\n"})
    git = ["git", "-C", str(looked_at.checkout.root), "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for words in ("init -q", "add --all", "commit -qm x", "sparse-checkout set --no-cone nothing"):
        subprocess.run([*git, *words.split()], check=True, capture_output=True)
    opened, _ = open_checkout(looked_at.checkout.root)
    plan = planned(Repository(opened, observed=looked_at.observed))
    assert changed(plan, ".chittyconnect.yml") is None
    left = next(one for one in plan.left if one.path == ".chittyconnect.yml")
    assert left.reason == "a sparse checkout leaves it out"


def test_a_file_that_git_ignores_is_not_written_over() -> None:
    """What git does not show may be there all the same."""
    looked_at = held({})
    (looked_at.checkout.root / "CLAUDE.md").write_text("mine", "utf-8")
    plan = planned(looked_at)
    assert changed(plan, "CLAUDE.md") is None
    assert left_for(plan, "chittycanon.claude-md").reason == "it is there already, and git ignores it"


def test_a_folder_in_the_way_is_called_one() -> None:
    """It is nothing that git ignores."""
    looked_at = held({"CLAUDE.md/notes.txt": "mine"})
    plan = planned(looked_at)
    assert changed(plan, "CLAUDE.md") is None
    assert left_for(plan, "chittycanon.claude-md").reason == "there is a folder of that name; rename it"


STATED = "service: {name: hello, type: cloudflare-worker}\n"
SEVERAL = (
    "there is more than one Worker here, so that nobody can tell which to deploy. Check each by its folder: "
    "`chittyops check a`, `chittyops check b`"
)
PAGES = "this is a Pages project, not a Worker, by its wrangler.toml"


@pytest.mark.parametrize(
    "files, reason",
    [
        ({"a/wrangler.toml": 'name = "a"\n', "b/wrangler.toml": 'name = "b"\n'}, SEVERAL),
        ({"wrangler.toml": 'name = "a"\npages_build_output_dir = "dist"\n'}, PAGES),
        ({}, "there is no wrangler file here, and so no Worker that it could deploy"),
    ],
)
def test_what_worker_deploy_would_refuse_is_not_written(files: dict[str, Content], reason: str) -> None:
    """Several Workers without a word on which, a Pages project, no Worker at all: no deploy, and the reason."""
    looked_at = repository({".chittyconnect.yml": STATED, **files}, observed=Observed(default_branch="main"))
    plan = planned(looked_at)
    assert changed(plan, ".github/workflows/deploy.yml") is None
    assert left_for(plan, "chittyregister.heartbeat").reason == reason


def test_the_root_of_several_workers_is_not_said_to_be_one() -> None:
    """Nobody states it, so that the file that `--fix` writes does not either."""
    files: dict[str, Content] = {"a/wrangler.toml": 'name = "a"\n', "b/wrangler.toml": 'name = "b"\n'}
    plan = planned(repository(files, observed=Observed(default_branch="main")))
    assert changed(plan, ".github/workflows/deploy.yml") is None
    connect = changed(plan, ".chittyconnect.yml")
    assert connect
    assert b"  type: tool\n" in connect.after


def test_a_pages_project_gets_no_deploy_of_a_worker() -> None:
    """It is checked as what else it is; beside a Worker it is in nobody's way."""
    pages: dict[str, Content] = {"wrangler.toml": 'name = "site"\npages_build_output_dir = "dist"\n', "x.html": ""}
    plan = planned(repository(pages, observed=Observed(default_branch="main")))
    assert (changed(plan, ".github/workflows/deploy.yml"), plan.left) == (None, ())
    both = planned(repository({**pages, "api/wrangler.toml": 'name = "api"\n'}, observed=Observed(default_branch="m")))
    deploy = changed(both, ".github/workflows/deploy.yml")
    assert deploy
    assert b"working_directory: api\n" in deploy.after


def test_a_worker_whose_name_fits_nowhere_is_not_taken_for_several() -> None:
    """The reason is the name, and --service gives another."""
    looked_at = repository({"wrangler.toml": 'name = "a b"\n'}, observed=Observed(default_branch="main"))
    left = left_for(planned(looked_at, SERVICE="", WORKER=""), "chittyregister.heartbeat")
    assert left.reason.startswith("the service's name has other characters")
    assert left.reason.endswith("name it by --service")


def test_the_one_worker_of_a_subfolder_is_deployed_from_there() -> None:
    """A wrangler file only in a subfolder is where the deploy works."""
    looked_at = repository({"apps/api/wrangler.toml": 'name = "api"\n'}, observed=Observed(default_branch="main"))
    deploy = changed(planned(looked_at), ".github/workflows/deploy.yml")
    assert deploy
    assert b"service_name: api\n      working_directory: apps/api\n" in deploy.after


def test_the_guide_is_written_beside_what_it_is_about() -> None:
    """A service that uses the shared token gets the way out of it; its sources are its own."""
    source = "export const ok = (t: string, env: Env) => t === env.CHITTY_AUTH_SERVICE_TOKEN;\n"
    looked_at = held({"src/auth.ts": source, ".chittyconnect.yml": "service: {name: hello, tier: 3}\n"})
    guide = changed(planned(looked_at), "docs/migrate-to-minted-auth.md")
    assert guide
    assert b'audience: "hello"' in guide.after


def test_a_name_that_no_file_can_hold_is_not_written() -> None:
    """A service called `a b` gets no file that would have to spell it."""
    plan = planned(held({}), SERVICE="")
    assert changed(plan, ".chittyconnect.yml") is None
    assert left_for(plan, "chittyconnect.config").reason.startswith("the service's name has other characters")
