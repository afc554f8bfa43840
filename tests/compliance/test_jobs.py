"""What the job of a step says for it: the runs of its matrix, and the steps before it that hand something on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chittyactions.compliance.documents import Spot
from chittyactions.compliance.facts import NotKnown
from chittyactions.compliance.jobs import MOST_EARLIER, each_run, earlier, matrix_of, shell_of
from chittyactions.compliance.step_values import BRANCH
from chittyactions.compliance.workflows import Step, steps_of, workflows_of
from compliance.repositories import Content, findings, repository

PLACE = ".github/workflows/w.yml"
ACTION = "act/action.yml"
PATH = "/api/github/sync"
REAL = "https://connect.chitty.cc"


def last(text: str, more: dict[str, Content] | None = None) -> tuple[Any, Step]:
    """A repository, and the last step of its workflow."""
    held = repository({PLACE: text, **(more or {})})
    return held, [*steps_of(held, *workflows_of(held).found)][-1]


def runs(text: str) -> list[dict[str, Any]]:
    return [{name: one for name, one in run.items() if name != BRANCH} for run in matrix_of(*last(text))]


@pytest.mark.parametrize(
    "step",
    [
        "run: 'x ${{ matrix.a }}'",
        "run: \"x ${{ matrix['a'] }}\"",
        "{run: x, working-directory: '${{ matrix.a }}'}",
        "{run: x, env: {A: '${{ matrix.a }}'}}",
        "{uses: x/y, with: {a: '${{ matrix.a }}'}}",
    ],
)
def test_a_step_that_names_the_matrix_comes_once_for_each_run(step: str) -> None:
    """Wherever it does; one that does not, or only has the word, comes once."""
    text = f"on: push\njobs:\n  j:\n    strategy: {{matrix: {{a: [1, 2]}}}}\n    steps:\n      - {step}\n"
    assert runs(text) == [{"a": 1, "*": ""}, {"a": 2, "*": ""}]
    plain = text.replace("matrix.a", "inputs.a").replace("matrix['a']", "the matrix")
    assert runs(plain) == [{}]
    assert runs(text.replace("strategy", "strategic")) == [{}]


def test_a_step_as_each_run_of_its_matrix_has_it() -> None:
    """With the run's values, in its environment too; what a call has said of the matrix comes before the job's own."""
    text = (
        "on: push\njobs: {j: {strategy: {matrix: {a: [1, 2], b: '${{ x }}'}}, "
        "steps: [{run: x, env: {A: '${{ matrix.a }}-${{ matrix.b }}', B: 3}}]}}\n"
    )
    held, step = last(text)
    found = each_run(held, step)
    assert [one.fixed for one in found] == [{"matrix": {"a": 1}}, {"matrix": {"a": 2}}]
    assert [one.env for one in found] == [{"A": "1-${{ matrix.b }}", "B": 3}, {"A": "2-${{ matrix.b }}", "B": 3}]
    assert each_run(held, found[1]) == [found[1]]
    assert matrix_of(held, found[1]) == [{"a": 2, BRANCH: 0}]


@pytest.mark.parametrize(
    "step, branches",
    [
        ("run: a && b && c", 1),
        ("run: '${{ a && b || c }} ${{ a }}'", 2),
        ("{run: x, env: {A: '${{ a && b || c && d || e }}'}}", 3),
        ("{uses: x/y, with: {a: '${{ a && b && c && d && e && f }}'}}", 4),
    ],
)
def test_a_run_comes_once_for_each_value_of_its_expressions(step: str, branches: int) -> None:
    """Of those of the shell there is one, and of very many four are looked at."""
    text = f"on: push\njobs:\n  j:\n    steps:\n      - {step}\n"
    assert matrix_of(*last(text)) == [{BRANCH: one} for one in range(branches)]


def handing(more: str = "", run: str = "echo A=1 >> $GITHUB_ENV") -> str:
    return f"{{run: '{run}'{more}}}"


@pytest.mark.parametrize(
    "more, found", [("", ["i"]), (", if: true", ["i"]), (", if: false", []), (", env: odd", ["i"])]
)
@pytest.mark.parametrize("within", [False, True])
def test_the_steps_before_a_step_hand_on_what_they_write(more: str, found: list[str], within: bool) -> None:
    """In its job, or in the action that it stands in; one that is switched off writes nothing."""
    steps = f"[odd, {{run: GITHUB}}, {handing(', id: i' + more)}, {{run: x}}, {handing()}]"
    files: dict[str, Content] = {ACTION: f"runs: {{using: composite, steps: {steps}}}\n"} if within else {}
    held = repository({PLACE: f"on: push\njobs: {{j: {{steps: {'[{uses: ./act}]' if within else steps}}}}}\n", **files})
    (step,) = (one for one in steps_of(held, *workflows_of(held).found) if one.run == "x")
    assert [one.job for one in earlier(held, step)] == found


@pytest.mark.parametrize("given, found", [("x", [""]), ("y", [])])
def test_what_a_call_gives_switches_the_steps_before_a_step(given: str, found: list[str]) -> None:
    """As the step itself is; one that has no `id` is called nothing."""
    first = handing(", if: inputs.a == 'x'")
    held, step = last(f"on: workflow_call\njobs: {{j: {{steps: [{first}, {{run: x}}]}}}}\n")
    before = earlier(held, replace(step, fixed={"inputs": {"a": given}}))
    assert [one.job for one in before] == found


def test_the_steps_that_hand_on_are_near_and_short() -> None:
    """Each has the environment of its own beside the job's."""
    long = "echo GITHUB_ENV" + " " * 1985
    many = [handing(f", id: s{one}, env: {{A: {one}}}") for one in range(MOST_EARLIER + 1)]
    text = "on: push\njobs: {{j: {{env: {{B: 1}}, steps: [{}, {{uses: x/y}}]}}}}\n"
    found = earlier(*last(text.format(", ".join(many))))
    assert [one.job for one in found] == [f"s{one}" for one in range(1, MOST_EARLIER + 1)]
    assert (found[0].env, found[0].uses) == ({"B": 1, "A": 1}, "")
    assert [len(one.run) for one in earlier(*last(text.format(handing(run=long))))] == [2_000]
    assert earlier(*last(text.format(handing(run=long + "x")))) == []


@pytest.mark.parametrize(
    "machine, shell",
    [("windows-latest", "pwsh"), ("[self-hosted, Windows]", "pwsh"), ("ubuntu-latest", ""), ("", "")],
)
def test_the_shell_of_windows_is_powershell(machine: str, shell: str) -> None:
    """Where the step names none; a machine of its own has its system among its labels."""
    assert shell_of(*last(f"on: push\njobs: {{j: {{runs-on: {machine}, steps: [{{run: x}}]}}}}\n")) == shell


def test_what_can_no_longer_be_read_says_nothing() -> None:
    """A step of a file that is broken, or not there, has no job."""
    for content in ("jobs: [\n", ""):
        held, step = repository({PLACE: content}), Step(PLACE, "j", Spot(1, 1), run="x ${{ matrix.a }}")
        assert (matrix_of(held, step), earlier(held, step)) == ([{BRANCH: 0}], [])


def syncs(files: dict[str, Content]) -> bool:
    try:
        return not findings("chittyconnect.sync-workflow", files)
    except NotKnown:
        return False


@pytest.mark.parametrize("writes", ["echo 'URL={}\n'", "printf 'URL={}\\n'"])
def test_an_address_that_is_handed_on_may_end_with_a_newline(writes: str) -> None:
    """It is none of the address, be it in the script itself or written by printf."""
    script = writes.format(REAL + PATH).replace("\n", "\n" + " " * 10)
    first = f"      - run: |\n          {script} >> $GITHUB_ENV\n"
    assert syncs({PLACE: f"on: push\njobs:\n  j:\n    steps:\n{first}      - run: curl -X POST $URL\n"})


@pytest.mark.parametrize(
    "lines, passes",
    [
        ([f"- run: echo BASE={REAL} >> $GITHUB_ENV"], True),
        ([f"- run: echo BASE={REAL} >> $GITHUB_ENV", "  if: false"], False),
        ([f"- run: echo BASE={REAL} >> $GITHUB_ENV", "- run: echo BASE=http://localhost >> $GITHUB_ENV"], False),
    ],
)
def test_an_address_counts_where_a_step_that_runs_hands_it_on(lines: list[str], passes: bool) -> None:
    """In a workflow as in an action of the repository."""
    steps = [*lines, f"- run: curl -X POST $BASE{PATH}"]
    plain = "on: push\njobs:\n  j:\n    steps:\n" + "".join(f"    {line}\n" for line in steps)
    composite = "runs:\n  using: composite\n  steps:\n" + "".join(f"  {line}\n" for line in steps)
    call = "on: push\njobs: {j: {steps: [{uses: ./act}]}}\n"
    assert syncs({PLACE: plain}) is syncs({PLACE: call, ACTION: composite}) is passes
