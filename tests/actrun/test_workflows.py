"""What a workflow needs is found before it starts, so that nothing is skipped in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from chittylocal.actrun.problems import CannotRun
from chittylocal.actrun.workflows import STAND_INS, choose, events, needs_of

CALLER = """
on: {push: {}, workflow_dispatch: {}}
jobs:
  deploy:
    uses: chittyos/chittyops/.github/workflows/r.yml@v2
"""
CALLED = """
on: workflow_call
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@1234
      - uses: actions/setup-node@abcd
      - uses: chittyos/chittyops/actions/inner@v2
"""
INNER = """
runs:
  using: composite
  steps:
    - uses: actions/upload-artifact@v6
"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def toolkit(tmp_path: Path) -> Path:
    """A toolkit with a reusable workflow and an action."""
    root = tmp_path / "toolkit"
    write(root / ".github" / "workflows" / "r.yml", CALLED)
    write(root / "actions" / "inner" / "action.yml", INNER)
    return root


def test_every_reachable_action_is_served(tmp_path: Path, toolkit: Path) -> None:
    """Called workflows and composites are followed; each third-party ref gets a stand-in, checkout is act's own."""
    workflow = write(tmp_path / "r" / ".github" / "workflows" / "deploy.yml", CALLER)
    needs = needs_of(workflow, tmp_path / "r", toolkit)
    assert needs.labels == {"ubuntu-latest"}
    assert needs.local == {
        "chittyos/chittyops@v2": toolkit,
        "actions/setup-node@abcd": STAND_INS / "actions" / "setup-node",
        "actions/upload-artifact@v6": STAND_INS / "actions" / "upload-artifact",
    }
    assert not needs.missing


def test_unknown_actions_are_named(tmp_path: Path, toolkit: Path) -> None:
    """An action that nobody serves here is reported with the file that uses it, unless a folder is given."""
    text = """
on: push
jobs:
  a:
    runs-on: x
    steps:
      - uses: acme/tool/sub@v1
      - uses: docker://alpine
      - uses: actions/checkout@v6
        with: {repository: acme/other}
"""
    workflow = write(tmp_path / "w.yml", text)
    needs = needs_of(workflow, tmp_path, toolkit)
    assert set(needs.missing) == {"acme/tool/sub@v1", "docker://alpine", "actions/checkout@v6"}
    assert needs.missing["acme/tool/sub@v1"] == {"w.yml"}
    given = needs_of(workflow, tmp_path, toolkit, {"acme/tool": tmp_path})
    assert given.local["acme/tool@v1"] == tmp_path


def test_an_action_that_the_toolkit_lacks_is_named(tmp_path: Path, toolkit: Path) -> None:
    """A typo in the name of one of our actions stops the run with that name."""
    text = "on: push\njobs: {a: {runs-on: x, steps: [{uses: chittyos/chittyops/actions/outer@v2}]}}\n"
    with pytest.raises(CannotRun, match="actions/outer"):
        needs_of(write(tmp_path / "w.yml", text), tmp_path, toolkit)


def test_every_form_of_a_label_is_mapped(tmp_path: Path, toolkit: Path) -> None:
    """A label left out would skip its job with exit code 0: strings, lists, groups and matrices all count."""
    text = """
on: push
jobs:
  a: {runs-on: one, steps: []}
  b: {runs-on: [two, three], steps: []}
  c: {runs-on: {group: four, labels: five}, steps: []}
  d:
    runs-on: ${{ matrix.os }}
    strategy: {matrix: {os: [six], include: [{os: seven}]}}
    steps: []
"""
    needs = needs_of(write(tmp_path / "w.yml", text), tmp_path, toolkit)
    assert needs.labels == {"one", "two", "three", "four", "five", "six", "seven"}


@pytest.mark.parametrize(
    "permissions, granted",
    [("{id-token: write}", True), ("write-all", True), ("{id-token: none}", False), ("{contents: read}", False)],
)
def test_only_a_granted_id_token_counts(tmp_path: Path, toolkit: Path, permissions: str, granted: bool) -> None:
    """As on GitHub, there is no id token unless the caller grants it."""
    workflow = write(tmp_path / "w.yml", f"on: push\npermissions: {permissions}\njobs: {{}}\n")
    assert needs_of(workflow, tmp_path, toolkit).grants_id_token is granted


@pytest.mark.parametrize(
    "top, own, readable",
    [
        ("", "", True),
        ("permissions: {contents: read}", "", True),
        ("permissions: read-all", "", True),
        ("permissions: {id-token: write}", "permissions: {contents: write}", True),
        ("permissions: {id-token: write}", "", False),
        ("permissions: {}", "", False),
        ("permissions: {contents: read}", "permissions: {id-token: write}", False),
    ],
)
def test_a_job_that_may_not_read_its_repository_is_named(
    tmp_path: Path, toolkit: Path, top: str, own: str, readable: bool
) -> None:
    """Permissions that are set take away contents where they do not name it; only jobs that check out need it."""
    text = (
        f"on: push\n{top}\njobs:\n  quiet: {{runs-on: x, steps: [{{run: 'true'}}]}}\n"
        f"  deploy:\n    uses: chittyos/chittyops/.github/workflows/r.yml@v2\n    {own}\n"
    )
    needs = needs_of(write(tmp_path / "w.yml", text), tmp_path, toolkit)
    assert needs.unreadable == ([] if readable else ["deploy"])


@pytest.mark.parametrize("on, names", [("push", ["push"]), (["push", "x"], ["push", "x"]), ({"a": None}, ["a"])])
def test_events_have_three_forms(on: object, names: list[str]) -> None:
    """`on` as a word, a list or a mapping."""
    assert list(events({"on": on})) == names


def test_the_one_workflow_that_uses_us_is_chosen(tmp_path: Path) -> None:
    """Beside others of the repository's own; push comes before a dispatch."""
    folder = tmp_path / ".github" / "workflows"
    write(folder / "other.yml", "on: push\njobs: {}\n")
    deploy = write(folder / "deploy.yaml", CALLER)
    assert choose(tmp_path, None, None) == (deploy, "push")
    assert choose(tmp_path, "other.yml", None) == (folder / "other.yml", "push")
    assert choose(tmp_path, ".github/workflows/deploy.yaml", "workflow_dispatch")[1] == "workflow_dispatch"


@pytest.mark.parametrize(
    "wanted, event, message",
    [
        ("no.yml", None, "there are: a.yml, b.yml"),
        (None, None, "More than one"),
        ("a.yml", "release", "does not run on"),
    ],
)
def test_a_choice_that_fails_says_what_there_is(
    tmp_path: Path, wanted: str | None, event: str | None, message: str
) -> None:
    """A wrong name, two candidates or a wrong event end with the possibilities."""
    for name in ("a.yml", "b.yml"):
        write(tmp_path / ".github" / "workflows" / name, CALLER)
    with pytest.raises(CannotRun, match=message):
        choose(tmp_path, wanted, event)


def test_no_workflow_is_explained(tmp_path: Path) -> None:
    """A repository without workflows is told where to begin."""
    with pytest.raises(CannotRun, match="No workflow in"):
        choose(tmp_path, None, None)


@pytest.mark.parametrize(
    "given, publishes",
    [("true", True), ('"true"', True), ("${{ inputs.npm }}", True), ("false", False), ('""', False)],
)
def test_a_publish_to_npm_is_known_beforehand(tmp_path: Path, toolkit: Path, given: str, publishes: bool) -> None:
    """By a called workflow or a step, where the caller may want it; what the toolkit hands on to itself is no wish."""
    handing_on = INNER + (
        "    - uses: chittyos/chittyops/actions/other@v2\n      with: { publish_npm: '${{ inputs.x }}' }\n"
    )
    write(toolkit / "actions" / "inner" / "action.yml", handing_on)
    write(toolkit / "actions" / "other" / "action.yml", INNER)
    called = write(tmp_path / "r" / "called.yml", f"{CALLER}    with:\n      publish_npm: {given}\n")
    step = f"      - uses: chittyos/chittyops/actions/inner@v2\n        with:\n          publish_npm: {given}\n"
    stepped = write(tmp_path / "r" / "stepped.yml", f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n{step}")
    silent = write(tmp_path / "r" / "silent.yml", CALLER)
    found = [needs_of(path, tmp_path / "r", toolkit).publishes_npm for path in (called, stepped, silent)]
    assert found == [publishes, publishes, False]
