"""Workflows that others could turn against the repository: what is found, and what is let pass."""

from __future__ import annotations

import time

import pytest

from chittyactions.compliance.facts import Fact, NotApplicable, NotKnown
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


@pytest.mark.parametrize(
    "remote, ours",
    [
        ("https://github.com/acme/hello.git", True),
        ("https://x@github.com/Acme/hello/", True),
        ("git@github.com:acme/hello.git", True),
        ("ssh://git@ssh.github.com:443/acme/hello.git", True),
        ("acme/hello", True),
        ("", False),
        ("/acme/hello", False),
        ("/srv/acme/hello", False),
        ("../acme/hello", False),
        ("file:///srv/acme/hello", False),
        ("https://gitlab.example/acme/hello.git", False),
        ("https://notgithub.com/acme/hello.git", False),
        ("https://github.com.example/acme/hello.git", False),
    ],
)
def test_only_an_address_of_github_says_whose_a_repository_is(remote: str, ours: bool) -> None:
    """A folder's or another host's names are nobody's on GitHub."""
    held = repository(steps("- uses: acme/x@v1"), remote=remote)
    assert bool(findings("security-ci-cd.pinned-actions", held)) is not ours


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


@pytest.mark.parametrize(
    "job, line",
    [
        ("    container: node:20\n", 5),
        ("    container: {image: 'node:20'}\n", 5),
        ("    container: {env: {A: b}}\n", 0),
        ("    container: docker://node:20\n", 5),
        ("    services:\n      redis: {image: redis}\n", 6),
        ("    services:\n      redis: redis\n", 6),
        (f"    container: node@sha256:{'b' * 64}\n", 0),
        ("    container: ghcr.io/chittyos/builder:1\n", 0),
        ("    container: ghcr.io/other/builder:1\n", 5),
        ("    container: ghcr.io/chittyos\n", 5),
        ("    container: quay.io/chittyos/builder:1\n", 5),
        ("    container: '${{ matrix.image }}'\n", 0),
        ("    container: ''\n", 0),
        ("    if: false\n    container: node:20\n", 0),
    ],
)
def test_images_of_jobs_are_named_by_their_digest(job: str, line: int) -> None:
    """A container and a service run with the job's secrets; what only a run tells is let pass."""
    told = findings("security-ci-cd.pinned-actions", steps("- run: x", "- run: y", job=job))
    assert [one.line for one in told] == [line] * bool(line)
    assert {one.path for one in told} <= {PATH}
    assert all("docker://" not in one.message and "@sha256:DIGEST\n" in one.fix for one in told)


def test_the_place_is_that_of_the_word() -> None:
    """Not of the step's beginning; what an expression names is let pass."""
    files = steps("- name: x", "  uses: ${{ inputs.x }}", "- name: y", "  uses: other/x@v1")
    assert [line for line, _ in found("pinned-actions", files)] == [9]


def test_local_actions_are_followed_wherever_they_lie() -> None:
    """Composite ones at any depth, by each other; and those that are an image. A circle ends."""
    files: dict[str, Content] = {
        **steps("- uses: ./.github/actions/x/y", "- uses: ./", "- uses: ./gone", "- uses: ./broken/action.yml"),
        ".github/actions/x/y/action.yml": "runs: {using: composite, steps: [{uses: evil/x@main}, {uses: ./deep}]}\n",
        "deep/action.yaml": "runs: {using: composite, steps: [{uses: ./.github/actions/x/y}, {uses: ./image/}]}\n",
        "image/action.yml": "runs:\n  using: docker\n  image: docker://alpine:latest\n",
        "action.yml": "runs: {using: docker, image: Dockerfile}\n",
        "broken/action.yml": "[",
        "unused/action.yml": "runs: {using: docker, image: 'docker://alpine:latest'}\n",
        "actions/unused/action.yml": "runs: {using: docker, image: 'docker://busybox'}\n",
    }
    told = {
        one.path: (one.line, one.message.partition(": ")[2]) for one in findings("security-ci-cd.pinned-actions", files)
    }
    assert told == {
        ".github/actions/x/y/action.yml": (1, "evil/x@main."),
        "image/action.yml": (3, "alpine:latest."),
        "actions/unused/action.yml": (1, "busybox."),
    }


HEAD = "- {uses: actions/checkout@v4, with: {ref: '${{ github.event.pull_request.head.sha }}'}}"
TARGET = "pull_request_target"


@pytest.mark.parametrize(
    "on, step, job, told",
    [
        (TARGET, HEAD, "", True),
        ("pull_request", HEAD, "", None),
        (TARGET, "- uses: actions/checkout@v4", "", False),
        (TARGET, "- run: gh pr checkout 3", "", True),
        (TARGET, "- run: git fetch origin pull/3/head", "", True),
        (TARGET, "- run: 'true # gh pr checkout 3'", "", False),
        (TARGET, "- run: git fetch origin main", "", False),
        (TARGET, HEAD, "    if: github.event.pull_request.head.repo.full_name == github.repository\n", False),
        (TARGET, HEAD, "    if: github.event.action == 'labeled'\n", True),
        ("workflow_run", HEAD.replace("pull_request.head.sha", "workflow_run.head_sha"), "", True),
        (TARGET, HEAD.replace("github.event.pull_request.head.sha", "env.SHA"), "    env: {OTHER: x}\n", False),
        (TARGET, HEAD.replace(".head.sha", ".base.sha"), "", False),
        (TARGET, HEAD.replace("pull_request.head.sha", "pull_request[''head''].sha"), "", True),
        (
            TARGET,
            HEAD.replace("${{ github.event.pull_request.head.sha }}", "refs/pull/${{ github.event.number }}/merge"),
            "",
            True,
        ),
        (TARGET, HEAD.replace("pull_request.head.sha", "number"), "", True),
        (TARGET, HEAD.replace("ref:", "repository:").replace("head.sha", "head.repo.full_name"), "", True),
        (TARGET, HEAD.replace("ref:", "path:"), "", False),
        (TARGET, "- run: git clone ${{ github.event.pull_request.head.repo.clone_url }}", "", True),
        (TARGET, "- run: git -C a --no-pager checkout '${{ github.event.pull_request.head.sha }}'", "", True),
        (TARGET, '- run: "git clone \\\\\\n ${{ github.event.pull_request.head.repo.clone_url }}"', "", True),
        (TARGET, "- {run: git checkout \"$Head\", env: {HEAD: '${{ github.head_ref }}'}}", "", True),
        (TARGET, "- {run: 'git checkout ${HEAD:-x}', env: {HEAD: '${{ github.head_ref }}'}}", "", True),
        (TARGET, "- {run: 'git checkout $env:HEAD', env: {HEAD: '${{ github.head_ref }}'}}", "", True),
        (TARGET, "- {run: 'git diff $HEAD', env: {HEAD: '${{ github.head_ref }}'}}", "", False),
        (TARGET, "- {run: 'git checkout $BASE', env: {HEAD: '${{ github.head_ref }}'}}", "", False),
        (TARGET, "- {run: \"git checkout main\\necho $HEAD\", env: {HEAD: '${{ github.head_ref }}'}}", "", False),
        (TARGET, "- run: git checkout -b pr-${{ github.event.number }}", "", False),
    ],
)
def test_a_strangers_commit_is_not_fetched_where_secrets_are(on: str, step: str, job: str, told: bool | None) -> None:
    """However it is named, and by whatever fetches it."""
    files = steps(step, on=on, job=job)
    if told is None:
        with pytest.raises(NotApplicable):
            found("untrusted-checkout", files)
    else:
        assert [line for line, _ in found("untrusted-checkout", files)] == [6 + job.count("\n")] * told


def test_a_fetch_is_told_where_it_stands() -> None:
    """At its word in the step, and no more than twenty of them."""
    head = "${{ github.event.pull_request.head.sha }}"
    checkout = ("- name: x", "  uses: actions/checkout@v4", f"  with: {{ref: '{head}'}}")
    told = found("untrusted-checkout", steps(*checkout, "- name: y", "  run: gh pr checkout 1", on=TARGET))
    message = f"{PATH} fetches a stranger's commit into a run that has the repository's rights and secrets."
    assert told == [(7, message), (10, message)]
    assert len(found("untrusted-checkout", steps(*["- run: gh pr checkout 1"] * 21, on=TARGET))) == 20
    with pytest.raises(NotApplicable, match=r"^no workflow is started by pull_request_target or workflow_run$"):
        found("untrusted-checkout", steps("- run: x"))


def test_an_image_of_an_action_neither_fetches_nor_has_a_script() -> None:
    """It is looked at all the same, for its digest."""
    files = {**steps("- uses: ./a", on=TARGET), "a/action.yml": "runs: {using: docker, image: 'docker://a'}\n"}
    assert found("untrusted-checkout", files) == found("script-injection", files) == []
    assert len(found("pinned-actions", files)) == 1


def test_a_pin_says_where_the_commit_is_asked_for() -> None:
    """Of the repository that the action lies in, a line for each, ten at most."""
    (one,) = findings("security-ci-cd.pinned-actions", steps("- uses: other/x/sub@v1", "- uses: other/y"))
    assert one.fix == (
        "uses: other/x/sub@COMMIT # v1; COMMIT is what `gh api repos/other/x/commits/v1 --jq .sha` says\n"
        "uses: other/y@COMMIT # latest; COMMIT is what `gh api repos/other/y/commits/HEAD --jq .sha` says\n"
    )
    (one,) = findings("security-ci-cd.pinned-actions", steps(*(f"- uses: other/x{at}@v1" for at in range(11))))
    assert one.fix.count("\n") == 10
    (one,) = findings("security-ci-cd.pinned-actions", steps("- uses: docker://a@b"))
    assert one.fix == "image: a@sha256:DIGEST\n"


def test_what_never_runs_and_what_is_no_step_hide_nothing() -> None:
    """The jobs and steps behind them are looked at."""
    text = "on: push\njobs:\n  a: {if: false, steps: []}\n  b: x\n  c:\n    steps:\n    - x\n    - uses: other/x@v1\n"
    assert [line for line, _ in found("pinned-actions", {PATH: text})] == [8]


SAME = "github.event.pull_request.head.repo.full_name == github.repository"
FORK = "github.event.pull_request.head.repo.fork"
PULL = "github.event.pull_request"
RUN = "github.event.workflow_run"


@pytest.mark.parametrize(
    "on, condition, safe",
    [
        (TARGET, SAME, True),
        (TARGET, f"${{{{ {SAME} }}}}", True),
        (TARGET, f"${{{{ {SAME} }}}} ", True),
        (TARGET, f"${{{{ {SAME} }}}} || true", False),
        (TARGET, SAME.replace("==", "!="), False),
        (TARGET, f"!({SAME.replace('==', '!=')})", True),
        (TARGET, "github.repository == github.event.pull_request['head'].repo.full_name", True),
        (TARGET, "github.event.pull_request.head.repo.full_name == 'acme/hello'", True),
        (TARGET, "github.event.pull_request.head.repo.full_name == ''", False),
        (
            TARGET,
            "github.event.pull_request.head.repo.full_name == github.event.pull_request.head.repo.full_name",
            False,
        ),
        (TARGET, "github.event.pull_request.head.repo.owner.login == github.repository_owner", True),
        (TARGET, "github.event.pull_request.head.repo.id == github.repository_id", True),
        (TARGET, "github.event.pull_request.head.repo.id == 'x'", False),
        (TARGET, FORK, False),
        (TARGET, f"!{FORK}", True),
        (TARGET, f"!!{FORK}", False),
        (TARGET, f"{FORK} == false", True),
        (TARGET, f"{FORK} == true", False),
        (TARGET, f"{FORK} != true", True),
        (TARGET, f"{FORK} != false", False),
        (TARGET, f"{FORK} == 0", False),
        (TARGET, f"{FORK} == null", False),
        (TARGET, f"{FORK} != 'true'", False),
        (TARGET, "github.event.action == false", False),
        (TARGET, "!github.event.action", False),
        (TARGET, "github.actor == 'dependabot[bot]'", True),
        (TARGET, "github.actor != 'dependabot[bot]'", False),
        (TARGET, "!(github.actor == 'dependabot[bot]')", False),
        (TARGET, "github.actor == 'dependabot[bot]' || github.event.action == 'labeled'", False),
        (TARGET, "github.actor == 'dependabot[bot]' && github.event.action == 'labeled'", True),
        (TARGET, f"github.actor == 'a' || {SAME} || github.actor == 'b'", True),
        (TARGET, f"!(github.actor != 'a' || {FORK})", True),
        (TARGET, f"!(github.actor != 'a' && {FORK})", True),
        (TARGET, "!(github.actor != 'a' && github.event.draft)", False),
        (TARGET, f"false || {SAME}", True),
        (TARGET, f"true || {SAME}", False),
        (TARGET, f"!(true && !({SAME}))", True),
        (TARGET, f"always() && ({SAME})", True),
        (TARGET, f"contains('x', {SAME})", False),
        (TARGET, f"({SAME}) < 1", False),
        (TARGET, f"{SAME} )", False),
        (TARGET, "github.event_name == 'push'", True),
        (TARGET, "github.event_name == 'Pull_Request_Target'", False),
        (TARGET, "github.event_name != 'pull_request_target'", True),
        (TARGET, "github.event_name != 'push'", False),
        (f"[push, {TARGET}]", f"github.event_name != 'Pull_Request_Target' || {SAME}", True),
        (f"[workflow_run, {TARGET}]", "github.event_name != 'pull_request_target'", False),
        (f"[workflow_run, {TARGET}]", "github.event_name == 'workflow_run'", False),
        ("workflow_run", "github.event.workflow_run.event == 'push'", True),
        ("workflow_run", "github.event.workflow_run.event != 'push'", False),
        ("workflow_run", "github.event.workflow_run.event == github.event_name", False),
        ("workflow_run", "github.event.workflow_run.event == 'pull_request'", False),
        ("workflow_run", "github.event.workflow_run.conclusion == 'success'", False),
        ("workflow_run", "github.event.workflow_run.head_repository.full_name == github.repository", True),
        ("workflow_run", f"!{FORK}", False),
        ("workflow_run", f"{FORK} == false", False),
        ("workflow_run", f"{FORK} != true", False),
        ("workflow_run", f"{PULL}.head.repo.full_name == {PULL}.base.repo.full_name", False),
        (TARGET, f"{PULL}.head.repo.full_name == {PULL}.base.repo.full_name", True),
        (TARGET, "!github.event.workflow_run.head_repository.fork", False),
        (TARGET, "github.event.workflow_run.head_repository.fork == false", False),
        (TARGET, f"{RUN}.head_repository.full_name == {RUN}.repository.full_name", False),
        ("workflow_run", f"{RUN}.head_repository.full_name == {RUN}.repository.full_name", True),
        (f"[workflow_run, {TARGET}]", f"!{FORK}", False),
        (f"[workflow_run, {TARGET}]", f"github.event_name == 'pull_request_target' && !{FORK}", True),
        (f"[workflow_run, {TARGET}]", f"{RUN}.event == 'push' || {SAME}", True),
        (f"[workflow_run, {TARGET}]", f"github.event_name == 'workflow_run' && !{FORK}", False),
        (TARGET, f"{PULL}.merged", True),
        (TARGET, f"{PULL}.merged == true", True),
        (TARGET, f"{PULL}.merged != false", True),
        (TARGET, f"{PULL}.merged == false", False),
        (TARGET, f"{PULL}.merged != true", False),
        (TARGET, f"!{PULL}.merged", False),
    ],
)
def test_only_what_rules_strangers_out_is_a_guard(on: str, condition: str, safe: bool) -> None:
    """It has to hold for each run, of the job or of the step."""
    step = HEAD.replace("pull_request.head.sha", "workflow_run.head_sha") if on == "workflow_run" else HEAD
    quoted = condition.replace("'", "''")
    assert bool(found("untrusted-checkout", steps(step, on=on, job=f"    if: '{quoted}'\n"))) is not safe
    of_step = step.replace("- {", f"- {{if: '{quoted}', ")
    assert bool(found("untrusted-checkout", steps(of_step, on=on))) is not safe


@pytest.mark.parametrize("level", ["workflow", "job", "step"])
@pytest.mark.parametrize(
    "value, told", [("${{ github.event.pull_request.head.sha }}", True), ("${{ github.sha }}", False), ("1", False)]
)
def test_a_commit_is_known_by_its_variable(level: str, value: str, told: bool) -> None:
    """At each level; the innermost counts."""
    env = f"env: {{SHA: '{value}'}}"
    ref = "uses: actions/checkout@v4, with: {ref: '${{ env.SHA }}'}"
    step = f"- {{{ref}, {env}}}" if level == "step" else f"- {{{ref}}}"
    other = "env: {SHA: '${{ github.event.pull_request.head.sha }}'}\n" if level == "step" else "env: {A: b}\n"
    job = f"    {env}\n" if level == "job" else ""
    files = steps(step, on=TARGET, job=job, above=f"{env}\n" if level == "workflow" else other)
    assert bool(found("untrusted-checkout", files)) is told


CALLED = ".github/workflows/called.yml"


@pytest.mark.parametrize(
    "given, condition, told",
    [
        ("sha: '${{ github.event.pull_request.head.sha }}'", "", True),
        ("SHA: '${{ github.event.pull_request.head.sha }}'", "", True),
        ("sha: '${{ github.sha }}'", "", False),
        ("other: '${{ github.event.pull_request.head.sha }}'", "", False),
        ("sha: '${{ github.event.pull_request.head.sha }}'", SAME, False),
    ],
)
def test_a_commit_is_known_behind_a_call(given: str, condition: str, told: bool) -> None:
    """A workflow and an action of the repository are given it by an input; what guards the call guards them."""
    guard = f"if: {condition}, " * bool(condition)
    checkout = "{uses: actions/checkout@v4, with: {ref: '${{ inputs.sha }}'}}"
    takes = "inputs: {sha: {type: string}, other: {type: string}}"
    flow: dict[str, Content] = {
        PATH: f"on: {TARGET}\njobs:\n  a: {{{guard}uses: ./{CALLED}, with: {{{given}}}}}\n",
        CALLED: f"on: {{workflow_call: {{{takes}}}}}\njobs:\n  b:\n    steps:\n      - {checkout}\n",
    }
    action: dict[str, Content] = {
        **steps(f"- {{{guard}uses: ./a, with: {{{given}}}}}", f"- {{{guard}uses: ./a, with: {{{given}}}}}", on=TARGET),
        "a/action.yml": f"{takes}\nruns:\n  using: composite\n  steps:\n  - {checkout}\n",
    }
    assert [one.path for one in findings("security-ci-cd.untrusted-checkout", flow)] == [CALLED] * told
    assert [one.path for one in findings("security-ci-cd.untrusted-checkout", action)] == ["a/action.yml"] * told


@pytest.mark.parametrize(
    "expression, told",
    [
        ("github.event.issue.title", "github.event.issue.title"),
        ("github.event.issue['title']", "github.event.issue.title"),
        ("github['head_ref']", "github.head_ref"),
        ("github [ 'head_ref' ]", "github.head_ref"),
        ("github . head_ref", "github.head_ref"),
        ("GitHub.Head_Ref || github.ref", "github.head_ref"),
        ("github.ref || github.head_ref", "github.head_ref"),
        ("github.event.commits[0].message", "github.event.commits.*.message"),
        ("join(github.event.commits.*.message)", "github.event.commits.*.message"),
        ("github.event.commits[*].author.name", "github.event.commits.*.author.name"),
        ("github.event[inputs.kind].title", "github.event.*.title"),
        ("github.event.workflow_run.head_commit.author.name", "github.event.workflow_run.head_commit.author.name"),
        ("github.event.workflow_run.pull_requests[0].head.ref", "github.event.workflow_run.pull_requests.*.head.ref"),
        ("format('{0}', github.event.comment.body)", "github.event.comment.body"),
        ("fromJSON(toJSON(github.event)).issue.title", "all of github.event"),
        ("(github.event || github).issue.title", "github.event.issue.title"),
        ("toJSON(github.event)", "all of github.event"),
        ("toJSON(github)", "all of github"),
        ("toJSON(github.event.issue)", "all of github.event.issue"),
        ("toJSON(github.event.issue.number)", ""),
        ("toJSON(github.event.issue.user)", ""),
        ("github.event.issue", ""),
        ("github.event.issue.number", ""),
        ("github.event.issue.title.x", ""),
        ("github.head_ref_name", ""),
        ("'github.head_ref'", ""),
        ("contains(github.event.issue.title, 'x')", ""),
        ("contains(join(github.event.commits.*.message), 'x')", ""),
        ("StartsWith( github.head_ref , 'x')", ""),
        ("github.head_ref == 'main'", ""),
        ("'main' != github.head_ref", ""),
        ("!github.head_ref", ""),
        ("github.head_ref && 'x'", ""),
        ("github.head_ref == 'main' && github.event.issue.body", "github.event.issue.body"),
        ("github.ref && (github.actor || github.event.issue.body)", "github.event.issue.body"),
        ("inputs.title", ""),
        ("env.NOWHERE", ""),
        ("steps.a.outputs.title", ""),
        ("github.head_ref ]", "all of github.head_ref"),
        ("true[0", ""),
    ],
)
def test_a_strangers_words_are_in_no_script(expression: str, told: str) -> None:
    """However their name is written. What comes to true or false is harmless, what can't be read is not."""
    files = steps("- run: |", "    true", f"    echo '${{{{ {expression} }}}}'")
    messages = [f"{PATH} puts {told} into a script, where it is run."] * bool(told)
    assert found("script-injection", files) == [(8, one) for one in messages]
    fixes = [one.fix for one in findings("security-ci-cd.script-injection", files)]
    assert [f"WORDS: ${{{{ {expression} }}}}\n" in one for one in fixes] == [True] * bool(told)


TITLE = "${{ github.event.issue.title }}"


@pytest.mark.parametrize("level", ["workflow", "job", "step"])
def test_words_that_come_back_by_the_context_of_variables_are_in_the_script(level: str) -> None:
    """The usual wrong repair. `$TITLE` is the right one."""
    env = f"env: {{TITLE: '{TITLE}', OTHER: '${{{{ env.title }}}}'}}"
    told: list[list[int]] = []
    for word in ("${{ env.TITLE }}", "${{ env['title'] }}", "${{ toJSON(env) }}", "${{ env.OTHERS }}", "$TITLE"):
        step = f"- {{run: 'echo {word.replace(chr(39), chr(39) * 2)}', {env if level == 'step' else 'env: {}'}}}"
        files = steps(step, job=f"    {env}\n" * (level == "job"), above=f"{env}\n" * (level == "workflow"))
        told.append([line for line, _ in found("script-injection", files)])
    assert [len(one) for one in told] == [1, 1, 1, 0, 0]


def test_a_variable_that_is_set_anew_has_its_new_value() -> None:
    """The innermost counts, and a value sees what is around it."""
    job = f"    env: {{A: '{TITLE}', B: x}}\n"
    again = "- {run: 'echo ${{ env.A }}${{ env.B }}', env: {A: y, B: '${{ env.B }}'}}"
    handed = "- {run: 'echo ${{ env.B }}', env: {B: '${{ env.A }}'}}"
    itself = "- {run: 'echo ${{ env.A }}', env: {A: '${{ env.A }}'}}"
    assert found("script-injection", steps(again, job=job)) == []
    assert [line for line, _ in found("script-injection", steps(again, handed, itself, job=job))] == [8, 9]


def test_all_variables_and_all_inputs_are_in_the_text_of_all() -> None:
    """Those around the step too, those that a call gives, and defaults; numbers and lists say nothing."""
    job = f"    env: {{TITLE: '{TITLE}', N: 5, L: [a]}}\n"
    dump = "- {run: 'echo ${{ toJSON(env) }}', env: {A: b}}"
    assert len(found("script-injection", steps(dump, "- run: echo ${{ env.N }}${{ env.L }}", job=job))) == 1
    action = "inputs: {a: {}, b: {default: '%s'}}\nruns:\n  steps:\n    - run: echo %s\n"
    every, first = "${{ toJSON(inputs) }}", "${{ inputs.c }}${{ inputs.a }}"
    by_env = "- {uses: ./a, with: {a: '${{ env.TITLE }}'}}"
    for call, default, script, told in (
        (by_env, "x", every, 1),
        (by_env, "x", first, 1),
        ("- uses: ./a", TITLE, every, 1),
        ("- uses: ./a", "x", every, 0),
        ("- {uses: ./a, with: {b: x}}", TITLE, every, 0),
    ):
        files = {**steps(call, job=job), "a/action.yml": action % (default, script)}
        assert len(found("script-injection", files)) == told


def test_words_are_known_behind_a_call() -> None:
    """By an input, by its default, and in an action by the environment around it."""
    action = (
        "inputs: {title: {}, ref: {default: '${{ github.head_ref }}'}, other: {default: x}}\nruns:\n"
        "  using: composite\n  steps:\n    - {run: 'echo ${{ inputs.%s }}'}\n"
    )
    call = f"- {{uses: ./a, with: {{Title: '{TITLE}'}}, env: {{T: '{TITLE}'}}}}"
    for name, told in (("title", 1), ("ref", 1), ("other", 0), ("gone", 0)):
        assert len(found("script-injection", {**steps(call), "a/action.yml": action % name})) == told
    by_env = action.replace("inputs.%s", "env.T")
    assert len(found("script-injection", {**steps(call), "a/action.yml": by_env})) == 1
    assert found("script-injection", {**steps("- uses: ./a"), "a/action.yml": by_env}) == []
    given = {**steps("- {uses: ./a, with: {ref: x}}"), "a/action.yml": action % "ref"}
    assert found("script-injection", given) == []
    flow: dict[str, Content] = {
        PATH: f"on: issues\nenv: {{T: '{TITLE}'}}\njobs:\n  a: {{uses: ./{CALLED}}}\n",
        CALLED: "on: workflow_call\njobs:\n  b:\n    steps:\n      - run: echo ${{ env.T }}\n",
    }
    assert found("script-injection", flow) == []  # a workflow that is called has an environment of its own


def test_a_called_workflow_has_its_own_environment_and_defaults() -> None:
    """As it states them itself."""
    head = "${{ github.head_ref }}"
    for script, told in (("${{ env.REF }}", 1), ("${{ inputs.ref }}", 1), ("${{ inputs.no }}", 0)):
        files: dict[str, Content] = {
            PATH: f"on: issues\njobs:\n  a: {{uses: ./{CALLED}}}\n",
            CALLED: f"on: {{workflow_call: {{inputs: {{ref: {{default: '{head}'}}, no: {{default: x}}}}}}}}\n"
            f"env: {{REF: '{head}'}}\njobs:\n  b:\n    steps:\n      - run: echo {script}\n",
        }
        told_in = [one.path for one in findings("security-ci-cd.script-injection", files)]
        assert told_in == [CALLED] * told


def test_the_same_words_are_told_once() -> None:
    """Though two calls lead to them; what only the second one hands over is told as well. Twenty are enough."""
    action = "inputs: {a: {}, b: {}}\nruns:\n  steps:\n    - run: echo ${{ inputs.a }} ${{ inputs.b }}\n"
    calls = (f"- {{uses: ./a, with: {{a: '{TITLE}'}}}}", f"- {{uses: ./a, with: {{a: '{TITLE}', b: '{TITLE}'}}}}")
    assert len(found("script-injection", {**steps(*calls), "a/action.yml": action})) == 2
    many = [f"- run: echo {TITLE}"] * 21
    assert len(found("script-injection", steps(*many))) == 20


def test_words_over_several_lines_are_told_where_they_begin() -> None:
    """By the place of their first line."""
    assert [
        line for line, _ in found("script-injection", steps("- run: |", "    echo ${{", "      github.head_ref }}"))
    ] == [7]


def test_what_calls_without_end_is_not_followed_to_the_end() -> None:
    """It is unknown then, and what was found stays found; ten levels are followed."""

    def called(count: int, deep: int) -> dict[str, Content]:
        chain = {
            f"a{at}/action.yml": "runs: {using: composite, steps: [" + f"{{uses: ./a{at + 1}}}, " * count + "{run: x}]}"
            for at in range(deep)
        }
        last = "runs: {using: composite, steps: [{run: 'echo ${{ github.head_ref }}'}]}"
        return {**steps("- uses: ./a0"), **chain, f"a{deep}/action.yml": last}

    assert len(found("script-injection", called(1, 9))) == 1
    assert found("script-injection", called(1, 10)) == []
    begun = time.monotonic()
    with pytest.raises(NotKnown, match=f"{PATH} calls so much"):
        found("script-injection", called(8, 9))
    assert time.monotonic() - begun < 10


def test_scripts_of_github_script_are_scripts_and_env_is_none() -> None:
    """The input is a program; the environment is where words belong."""
    script = f"- {{uses: actions/github-script@v7, with: {{script: 'x = `{TITLE}`'}}}}"
    env = f"- {{run: 'echo $T', env: {{T: '{TITLE}'}}}}"
    assert [line for line, _ in found("script-injection", steps(env, script))] == [7]
    other = f"- {{uses: other/x@v1, with: {{script: '{TITLE}'}}}}"
    long = ("- name: x", "  uses: actions/github-script@v7", "  with:", f"    script: '{TITLE}'")
    assert [line for line, _ in found("script-injection", steps(other, *long))] == [10]


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


@pytest.mark.parametrize(
    "line",
    [
        "git fetch " * 9_900,
        "git" + " --a" * 20_000,
        "git -c " * 14_000,
        "${a" * 30_000,
        "| /" * 30_000,
        "\\" * 90_000,
        "'\\\\' \"" * 15_000,
        "A=" * 40_000,
        "; then " * 14_000,
        "-b " * 30_000,
    ],
)
def test_hostile_lines_of_git_take_no_time(line: str) -> None:
    """However often a line of the longest kind begins what is looked for, and never ends it."""
    begun = time.monotonic()
    assert found("untrusted-checkout", steps("- run: |", f"    git checkout x {line}", on=TARGET)) == []
    assert time.monotonic() - begun < 3


def test_many_words_of_strangers_take_no_time() -> None:
    """Behind the twentieth no place is looked for."""
    lines = [f"    echo ${{{{ format('{at}', github.head_ref) }}}}" for at in range(2_000)]
    begun = time.monotonic()
    assert len(found("script-injection", steps(*["- run: |", *lines] * 2))) == 20
    assert time.monotonic() - begun < 5


SHA_OF_HEAD = "${{ github.event.pull_request.head.sha }}"


@pytest.mark.parametrize(
    "line, told",
    [
        ('echo "try: gh pr checkout 5"', False),
        ("echo try: gh pr checkout 5", False),
        ('echo "$(gh pr checkout 5)"', True),
        ('echo "a; gh pr checkout 5"', False),
        ("echo a; gh pr checkout 5", True),
        ("echo a & gh pr checkout 5", True),
        ("echo a 2>&1 && gh pr checkout 5", True),
        ('echo "gh pr checkout 5" | sh', True),
        ("echo 5 | xargs gh pr checkout", True),
        ("echo it\\'s; gh pr checkout 5", True),
        ("if true; then gh pr checkout 5; fi", True),
        ("GH_TOKEN=x gh pr checkout 5", True),
        ("x=$(gh pr checkout 5)", True),
        ("bash -c 'gh pr checkout 5'", True),
        ('eval "gh pr checkout 5"', True),
        ("sudo git fetch origin 2>&1 pull/3/head", True),
        ('gh pr comment 5 --body "Run git fetch origin pull/$N/head"', False),
        ("gh pr comment 5 --body 'Run gh pr checkout 5'", False),
        ('git fetch origin "refs/pull/${N}/head"', True),
        (f"git merge-base main {SHA_OF_HEAD}", False),
        (f"git merge {SHA_OF_HEAD}", True),
        (f'git merge "{SHA_OF_HEAD}"', True),
        ('git merge -m "Merge ${{ github.head_ref }}" main', False),
        (f"git checkout main && git diff main..{SHA_OF_HEAD}", False),
        (f"git diff main..{SHA_OF_HEAD} && git checkout {SHA_OF_HEAD}", True),
        (f"git pull; gh pr comment {SHA_OF_HEAD}", False),
        ('git checkout -b "bot/${{ github.head_ref }}"', False),
        ('git switch -c "bot/${{ github.head_ref }}" main', False),
        (f"git checkout -b bot {SHA_OF_HEAD}", True),
        ("git checkout ${{ github.head_ref || github.sha }}", True),
        ("git clone -b ${{ github.head_ref }} x", True),
    ],
)
def test_only_what_a_command_itself_fetches_is_told(line: str, told: bool) -> None:
    """Not what is printed or sent, what another command of the line has, or what a branch is to be called."""
    assert bool(found("untrusted-checkout", steps("- run: |", f"    {line}", on=TARGET))) is told


def test_what_the_repository_calls_by_its_full_name_is_followed() -> None:
    """Its own workflows and actions, at whatever ref; those of others are not."""
    called: dict[str, Content] = {
        ".github/workflows/b.yml": steps(HEAD, on="workflow_call")[PATH],
        "tools/act/action.yml": "runs: {using: composite, steps: [{run: gh pr checkout 5}]}\n",
    }
    files: dict[str, Content] = {
        PATH: f"on: {TARGET}\njobs:\n  a: {{uses: Acme/hello/.github/workflows/b.yml@main}}\n"
        "  b: {steps: [{uses: acme/hello/tools/act@v1}]}\n",
        **called,
    }
    for remote, paths in (("https://github.com/acme/hello.git", {*called}), ("https://github.com/acme/other", set())):
        told = findings("security-ci-cd.untrusted-checkout", repository(files, remote=remote))
        assert {one.path for one in told} == paths


@pytest.mark.parametrize(
    "job, step",
    [
        ("", "- run: git checkout ${{ steps.x.outputs.sha }}"),
        ("    needs: b\n", "- run: git checkout ${{ needs.b.outputs.sha }}"),
        ("    strategy: {matrix: {ref: ['${{ github.head_ref }}']}}\n", "- run: git checkout ${{ matrix.ref }}"),
        ("", f"- run: 'SHA=\"{SHA_OF_HEAD}\"; git checkout $SHA'"),
    ],
)
def test_what_only_a_run_can_tell_is_out_of_reach(job: str, step: str) -> None:
    """As the page of the check says."""
    assert found("untrusted-checkout", steps(step, on=TARGET, job=job)) == []
