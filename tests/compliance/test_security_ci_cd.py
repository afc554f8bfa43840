"""Workflows that others could turn against the repository: what is found, and what is let pass."""

from __future__ import annotations

import time

import pytest

from chittyactions.compliance.facts import Fact, NotApplicable
from chittyactions.compliance.repository import Observed
from compliance.repositories import Content, findings, repository

PATH = ".github/workflows/w.yml"
SHA = "a" * 40


def steps(*lines: str, on: str = "push", job: str = "", above: str = "") -> dict[str, Content]:
    """A workflow of one job with these lines of steps."""
    inside = "".join(f"      {line}\n" for line in lines)
    return {PATH: f"on: {on}\n{above}jobs:\n  a:\n    runs-on: x\n{job}    steps:\n{inside}"}


def found(check: str, files: dict[str, Content]) -> list[tuple[int, str]]:
    return [(one.line, one.message) for one in findings(f"security-ci-cd.{check}", files)]


@pytest.mark.parametrize(
    "uses, told",
    [
        ("actions/checkout@v4", True),
        (f"actions/checkout@{SHA}", False),
        (f"actions/checkout@{SHA[1:]}", True),
        ("acme/tools/sub@main", True),
        ("chittyos/chittyops/actions/worker-build@v2", False),
        ("ChittyOS/chittyops/actions/worker-build@v2", False),
        ("./local", False),
        ("docker://alpine:3", True),
        (f"docker://alpine@sha256:{'b' * 64}", False),
    ],
)
def test_others_actions_are_pinned_to_a_whole_commit(uses: str, told: bool) -> None:
    """A tag and a short hash can be moved; the ecosystem's own tags may."""
    assert bool(found("pinned-actions", steps(f"- uses: {uses}"))) is told


def test_the_repositorys_own_organization_may_have_tags() -> None:
    """Whoever moves them may change this repository as well."""
    held = repository(steps("- uses: acme/x@v1", "- uses: other/x@v1"), remote="https://github.com/Acme/hello.git")
    (one,) = findings("security-ci-cd.pinned-actions", held)
    assert "other/x@v1" in one.message
    assert "acme/x@v1" not in one.message
    assert (one.line, one.fix.count("\n")) == (7, 1)
    assert "gh api repos/other/x/commits/v1 --jq .sha" in one.fix


def test_called_workflows_and_own_actions_are_looked_at_too() -> None:
    """One finding a file; a workflow that is off has none."""
    files: dict[str, Content] = {
        PATH: "on: push\njobs:\n  a: {uses: other/x/.github/workflows/y.yml@v1}\n",
        ".github/actions/mine/action.yml": "runs: {using: composite, steps: [{uses: other/y@v1}]}\n",
    }
    told = findings("security-ci-cd.pinned-actions", files)
    assert {one.path for one in told} == {*files}
    off = repository(files, observed=Observed(disabled_workflows=Fact.present((PATH,))))
    with pytest.raises(NotApplicable):
        findings("security-ci-cd.pinned-actions", off)


@pytest.mark.parametrize(
    "above, job, on, line",
    [
        ("", "", "push", 3),
        ("permissions: {}\n", "", "push", 0),
        ("", "    permissions: {contents: read}\n", "push", 0),
        ("permissions: write-all\n", "", "push", 2),
        ("permissions: {}\n", "    permissions: write-all\n", "push", 6),
        ("permissions: read-all\n", "", "push", 0),
    ],
)
def test_a_workflow_says_what_its_token_may_do(above: str, job: str, on: str, line: int) -> None:
    """At the top or in every job, and never everything."""
    assert [one for one, _ in found("permissions", steps("- run: x", on=on, job=job, above=above))] == [line] * bool(
        line
    )


def test_a_workflow_that_is_only_called_has_its_callers_rights() -> None:
    """So it needs to say nothing."""
    with pytest.raises(NotApplicable):
        found("permissions", steps("- run: x", on="workflow_call"))


HEAD = "- {uses: actions/checkout@v4, with: {ref: '${{ github.event.pull_request.head.sha }}'}}"


@pytest.mark.parametrize(
    "on, step, job, told",
    [
        ("pull_request_target", HEAD, "", True),
        ("pull_request", HEAD, "", None),
        ("pull_request_target", "- uses: actions/checkout@v4", "", False),
        ("pull_request_target", "- run: gh pr checkout 3", "", True),
        ("pull_request_target", "- run: git fetch origin pull/3/head", "", True),
        ("pull_request_target", "- run: git fetch origin main", "", False),
        (
            "pull_request_target",
            HEAD,
            "    if: github.event.pull_request.head.repo.full_name == github.repository\n",
            False,
        ),
        ("pull_request_target", HEAD, "    if: github.event.action == 'labeled'\n", True),
        ("workflow_run", HEAD.replace("pull_request.head.sha", "workflow_run.head_sha"), "", True),
    ],
)
def test_a_strangers_commit_is_not_fetched_where_secrets_are(on: str, step: str, job: str, told: bool | None) -> None:
    """Unless the job is for the repository's own branches alone."""
    files = steps(step, on=on, job=job)
    if told is None:
        with pytest.raises(NotApplicable):
            found("untrusted-checkout", files)
    else:
        assert bool(found("untrusted-checkout", files)) is told


@pytest.mark.parametrize(
    "expression, told",
    [
        ("github.event.issue.title", True),
        ("github.head_ref", True),
        ("GitHub.Head_Ref || github.ref", True),
        ("github.event.commits[0].message", True),
        ("format('{0}', github.event.comment.body)", True),
        ("toJSON(github.event)", True),
        ("github.event.issue.number", False),
        ("github.head_ref_name", False),
        ("contains(github.event.issue.title, 'x')", False),
        ("github.head_ref == 'main'", False),
        ("'main' != github.head_ref", False),
        ("github.head_ref == 'main' && github.event.issue.body", True),
        ("inputs.title", False),
    ],
)
def test_a_strangers_words_are_in_no_script(expression: str, told: bool) -> None:
    """What comes to true or false is harmless."""
    files = steps("- run: |", "    true", f"    echo '${{{{ {expression} }}}}'")
    assert [line for line, _ in found("script-injection", files)] == [8] * told


def test_scripts_of_github_script_are_scripts_and_env_is_none() -> None:
    """The input is a program; the environment is where words belong."""
    title = "${{ github.event.issue.title }}"
    script = f"- {{uses: actions/github-script@v7, with: {{script: 'x = `{title}`'}}}}"
    env = f"- {{run: 'echo $T', env: {{T: '{title}'}}}}"
    assert [line for line, _ in found("script-injection", steps(env, script))] == [7]


@pytest.mark.parametrize(
    "lines, told",
    [
        (["- uses: actions/checkout@v4"], True),
        (["- {uses: actions/checkout@v4, with: {persist-credentials: false}}"], False),
        (["- {uses: actions/checkout@v4, with: {persist-credentials: 'false'}}"], False),
        (["- {uses: actions/checkout@v4, with: {persist-credentials: true}}"], True),
        (["- uses: actions/checkout@v4", "- run: git push"], False),
        (["- uses: actions/checkout@v4", "- run: git status"], True),
        (["- uses: actions/checkout@v4", "- uses: peter-evans/create-pull-request@v7"], False),
    ],
)
def test_a_checkout_leaves_no_token_that_nothing_needs(lines: list[str], told: bool) -> None:
    """Unless the job pushes."""
    assert bool(found("persist-credentials", steps(*lines))) is told


def test_hostile_workflows_take_no_time() -> None:
    """Long words, expressions without an end, and calls that open and never close."""
    for script in (
        "${{ " + "a" * 90_000 + " }}",
        "${{ {" * 20_000,
        "${{ contains(" * 8_000,
        "${{ '" * 20_000,
        "${{" + "{}" * 45_000,
    ):
        begun = time.monotonic()
        found("script-injection", steps("- run: |", f"    {script}"))
        assert time.monotonic() - begun < 5
