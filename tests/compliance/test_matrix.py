"""The runs of a job's matrix, with the values of each."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from chittyactions.compliance.calls import Step
from chittyactions.compliance.documents import Spot
from chittyactions.compliance.matrix import MOST_RUNS, MOST_VALUES, runs
from chittyactions.compliance.step_values import BRANCH, Values
from chittyactions.compliance.workflows import steps_of, workflows_of
from compliance.repositories import Content, findings, repository

NONE: dict[str, Any] = {"*": ""}
"""That a run has no other values."""


@pytest.mark.parametrize(
    "matrix, expected",
    [
        ("{a: [1, 2]}", [{"a": 1}, {"a": 2}]),
        ("{a: [1, 2], b: [3, 4]}", [{"a": a, "b": b} for a in (1, 2) for b in (3, 4)]),
        ("{a: [1, 2], exclude: [{a: 1}]}", [{"a": 2}]),
        (
            "{a: [1, 2], b: [3, 4], exclude: [{a: 1, b: 4}, {}, odd]}",
            [{"a": a, "b": b} for a, b in ((1, 3), (2, 3), (2, 4))],
        ),
        ("{a: [1, 2], exclude: [{b: 1}]}", [{"a": 1}, {"a": 2}]),
        ("{a: [1], include: [{b: 2}, odd]}", [{"a": 1, "b": 2}]),
        ("{a: [1, 2], include: [{a: 2, b: 3}]}", [{"a": 1}, {"a": 2, "b": 3}]),
        ("{a: [1, 2], include: [{a: 3, b: 4}]}", [{"a": 1}, {"a": 2}, {"a": 3, "b": 4}]),
        ("{a: [1], include: [{b: 2}, {b: 3}, {a: 1, b: 4}]}", [{"a": 1, "b": 4}]),
        ("{a: [1], b: [2], include: [{a: 1, b: 3}]}", [{"a": 1, "b": 2}, {"a": 1, "b": 3}]),
        ("{a: [1], include: [{a: 2}, {a: 2, b: 3}]}", [{"a": 1}, {"a": 2}, {"a": 2, "b": 3}]),
        ("{include: [{a: 1}, {a: 2}]}", [{"a": 1}, {"a": 2}]),
        ("{a: [], include: [{a: 1}]}", [{"a": 1}]),
        ("{a: [{b: 1, c: {d: 2}}]}", [{"a": {"b": 1, "c": {"d": 2}}, "a.b": 1, "a.c": {"d": 2}, "a.c.d": 2}]),
        ("{include: [{a: {b: 1}}]}", [{"a": {"b": 1}, "a.b": 1}]),
    ],
)
def test_the_runs_of_a_matrix(matrix: str, expected: list[dict[str, Any]]) -> None:
    """Each combination that is not left out, and what is added to them, or beside them; objects by their parts."""
    assert runs(yaml.safe_load(matrix)) == [one | NONE for one in expected]


@pytest.mark.parametrize(
    "matrix, expected",
    [
        ("{a: [1], exclude: [{a: 1}]}", [{}]),
        ("{include: word}", [{}]),
        ("{a: word}", [{}]),
        ("word", [{}]),
        ("{a: [1, 2], b: [3], c: word}", [{"a": 1, "b": 3}, {"a": 2, "b": 3}]),
        ("{a: word, include: [{b: 1}]}", [{"b": 1}]),
    ],
)
def test_what_nobody_can_tell_of_a_matrix(matrix: str, expected: list[dict[str, Any]]) -> None:
    """Its runs may have other values than those that are told."""
    assert runs(yaml.safe_load(matrix)) == expected


def test_the_runs_that_are_looked_at_are_bounded() -> None:
    """Of those behind them nothing is known, and of the values in one no more than some."""
    numbers = [*range(MOST_RUNS + 2)]
    all_ = [{"a": one, **NONE} for one in numbers]
    assert runs({"a": numbers[:20]}) == all_[:20]
    assert runs({"a": numbers[:21]}) == runs({"a": numbers}) == [*all_[:20], {}]
    assert runs({"a": numbers, "include": [{"b": 1}]}) == [*({**one, "b": 1} for one in all_[:20]), {}]
    assert runs({"a": numbers, "exclude": [{"a": 1}]}) == [all_[0], *all_[2:20], {}]
    assert runs({"include": [{"a": one} for one in numbers[:20]]}) == all_[:20]
    assert runs({"include": [{"a": one} for one in numbers[:21]]}) == [*all_[:20], {}]
    assert runs({"a": [1, 2], "b": numbers}) == [*({"a": 1, "b": one, **NONE} for one in range(20)), {}]
    (run,) = runs({"a": [{f"b{one}": one for one in range(MOST_VALUES)}]})
    assert [*run] == ["a", *(f"a.b{one}" for one in range(MOST_VALUES - 1)), "*"]


@pytest.mark.parametrize(
    "text, said",
    [
        ("${{ matrix.a }}", "x"),
        ("${{ matrix['a'] }}", "x"),
        ("${{ matrix.a.b }}", "y"),
        ("${{ matrix['a']['b-c'] }}", "z"),
        ("${{ matrix.flag }}", "true"),
        ("${{ matrix.object }}", "{matrix.object}"),
        ("${{ matrix.list }}", "{matrix.list}"),
        ("${{ matrix.empty }}", ""),
        ("<${{ matrix.gone }}>", "<>"),
        ("${{ matrix.gone || 'd' }}", "d"),
        ("${{ matrix.gone || matrix.empty }}", ""),
        ("${{ matrix.gone || inputs.b }}", "{inputs.b}"),
        ("${{ inputs.b || matrix.gone }}", "{matrix.gone}"),
        ("${{ inputs.gone || matrix.gone }}", "{matrix.gone}"),
        ("${{ inputs.b }}", "{inputs.b}"),
        ("${{ matrix.a == 'x' && 'yes' || 'no' }}", "yes"),
        ("${{ matrix.a == 'y' && 'yes' || 'no' }}", "no"),
        ("${{ matrix.a == 'y' && 'yes' || matrix.gone }}", ""),
    ],
)
def test_a_value_of_the_matrix_is_filled_in(text: str, said: str) -> None:
    """By its path, also in brackets; a name that the run certainly does not have is empty."""
    run = {"a": "x", "a.b": "y", "a.b-c": "z", "flag": True, "object": {"b": 1}, "list": [1], "empty": ""}
    step = Step("w.yml", "j", Spot(1, 1), given={"b": ""})
    assert Values(step, {}, matrix={**run, **NONE, BRANCH: 0}).filled(text) == said


def test_a_value_of_a_matrix_that_is_not_known_stays() -> None:
    """As its name; a usual value is taken for it."""
    step = Step("w.yml", "j", Spot(1, 1))
    assert Values(step, {}, matrix={"b": "x"}).filled("${{ matrix.a }}${{ matrix.b }}") == "{matrix.a}x"
    assert Values(step, {"a": "usual"}).filled("${{ matrix.a }}${{ matrix['b'] }}") == "usual{b}"


# -- whose it is -------------------------------------------------------------------------------------------------

SERVICES: dict[str, Content] = {
    **{f"services/{name}/wrangler.toml": f'name = "{name}"\n' for name in ("auth", "billing", "third")},
    **{f"services/{name}/package.json": "{}" for name in ("auth", "billing", "third")},
}
OBJECTS = "{svc: [{name: auth, dir: services/auth}, {name: billing, dir: services/billing}]}"
FLAT = "{include: [{svc: auth, dir: services/auth}, {svc: billing, dir: services/billing}]}"
BESIDE = "{svc: [auth, billing], include: [{svc: auth, dir: services/auth}, {svc: billing, dir: services/billing}]}"
DEPLOY = "chittyos/chittyops/.github/workflows/reusable-worker-deploy.yml@v2"
BEAT = "curl -X POST https://registry.chitty.cc/api/services/NAME/heartbeat"
HEARTBEAT, BEACON = "chittyregister.heartbeat", "chittybeacon.installed"


def job(matrix: str, more: str) -> str:
    return f"on: push\njobs:\n  j:\n    strategy: {{matrix: {matrix}}}\n{more}"


def inner(takes: str, more: str) -> str:
    return (
        f"on: {{workflow_call: {{inputs: {{{takes}: {{type: string}}, dir: {{type: string}}}}}}}}\njobs:\n  i:\n{more}"
    )


def whose(check: str, text: str, more: dict[str, Content] | None = None) -> list[str]:
    """The services for which a check finds nothing."""
    files = {**SERVICES, ".github/workflows/w.yml": text, **(more or {})}
    names = ("auth", "billing", "third")
    return [name for name in names if not findings(check, repository(files, f"services/{name}"))]


def steps(*lines: str) -> str:
    return "    runs-on: x\n    steps:\n" + "".join(f"      {line}\n" for line in lines)


OF_OBJECTS = "{service_name: '${{ matrix.svc.name }}', working_directory: '${{ matrix.svc.dir }}'}"
OF_FLAT = "{service_name: '${{ matrix.svc }}', working_directory: '${{ matrix.dir }}'}"


@pytest.mark.parametrize("check", [HEARTBEAT, BEACON])
@pytest.mark.parametrize("matrix, given", [(OBJECTS, OF_OBJECTS), (FLAT, OF_FLAT), (BESIDE, OF_FLAT)])
def test_a_deploy_by_a_matrix_is_of_the_services_in_it(check: str, matrix: str, given: str) -> None:
    """Objects, runs that are listed, and runs that are added to: directly, and handed through a workflow."""
    call = f"    uses: {DEPLOY}\n    secrets: inherit\n    with: "
    assert whose(check, job(matrix, f"{call}{given}\n")) == ["auth", "billing"]
    handed = given.replace("service_name", "service").replace("working_directory", "dir")
    through = f"    uses: ./.github/workflows/v.yml\n    secrets: inherit\n    with: {handed}\n"
    own = "{service_name: '${{ inputs.service }}', working_directory: '${{ inputs.dir }}'}"
    more: dict[str, Content] = {".github/workflows/v.yml": inner("service", f"{call}{own}\n")}
    assert whose(check, job(matrix, through), more) == ["auth", "billing"]
    unknown = job("'${{ fromJSON(needs.a.outputs.b) }}'", through)
    assert whose(check, unknown, more) == ["auth", "billing", "third"]


@pytest.mark.parametrize("name", ["${{ matrix.svc.name }}", "${{ matrix['svc']['name'] }}", "$NAME"])
def test_a_heartbeat_by_a_matrix_is_of_the_services_in_it(name: str) -> None:
    """By the address, the environment, a composite action's input, and a reusable workflow's."""
    env = "  env: {NAME: '${{ matrix.svc.name }}'}"
    assert whose(HEARTBEAT, job(OBJECTS, steps(f"- run: {BEAT.replace('NAME', name)}", env))) == ["auth", "billing"]
    handed = "{name: '${{ matrix.svc.name }}'}"
    run = f"- run: {BEAT.replace('NAME', '${{ inputs.name }}')}"
    action: dict[str, Content] = {"act/action.yml": f"runs:\n  using: composite\n  steps:\n    {run}\n"}
    assert whose(HEARTBEAT, job(OBJECTS, steps(f"- {{uses: ./act, with: {handed}}}")), action) == ["auth", "billing"]
    through = f"    uses: ./.github/workflows/v.yml\n    with: {handed}\n"
    more: dict[str, Content] = {".github/workflows/v.yml": inner("name", steps(run))}
    assert whose(HEARTBEAT, job(OBJECTS, through), more) == ["auth", "billing"]


def test_an_action_goes_by_the_run_that_it_is_used_in() -> None:
    """Its steps may name the matrix themselves, also through another action, and in what the job sets."""
    run = f"- run: {BEAT.replace('NAME', '${{ matrix.svc.name }}')}\n      if: inputs.on == 'auth'"
    composite = "runs:\n  using: composite\n  steps:\n    "
    more: dict[str, Content] = {
        "act/action.yml": f"inputs: {{on: {{}}}}\n{composite}- {{uses: ./in, with: {{on: '${{{{ inputs.on }}}}'}}}}\n",
        "in/action.yml": f"inputs: {{on: {{}}}}\n{composite}{run}\n",
    }
    used = "- {uses: ./act, with: {on: '${{ matrix.svc.name }}'}}"
    assert whose(HEARTBEAT, job(OBJECTS, steps(used)), more) == ["auth"]
    by_env: dict[str, Content] = {"act/action.yml": f"{composite}- run: {BEAT.replace('NAME', '$SERVICE')}\n"}
    env = "    env: {SERVICE: '${{ matrix.svc.name }}'}\n"
    assert whose(HEARTBEAT, job(OBJECTS, env + steps("- uses: ./act")), by_env) == ["auth", "billing"]


def test_a_matrix_of_the_caller_is_not_that_of_the_called() -> None:
    """Where nobody knows the caller's value, it is none of the other matrix that happens to have the name."""
    through = "    uses: ./.github/workflows/v.yml\n    with: {name: '${{ matrix.svc }}'}\n"
    run = steps(f"- run: {BEAT.replace('NAME', '${{ inputs.name }}')}")
    own: dict[str, Content] = {
        ".github/workflows/v.yml": inner("name", f"    strategy: {{matrix: {{svc: [auth]}}}}\n{run}")
    }
    unknown = job("{svc: '${{ fromJSON(vars.S) }}'}", through)
    assert whose(HEARTBEAT, unknown, own) == ["auth", "billing", "third"]


def test_calls_behind_one_that_is_read_run_by_run_are_read_once() -> None:
    """Matrices within matrices would multiply: what the inner call is given stays open, and may be anybody's."""
    through = "    uses: ./.github/workflows/{}.yml\n    with: {{name: '${{{{ {} }}}}'}}\n"
    run = steps(f"- run: {BEAT.replace('NAME', '${{ inputs.name }}')}")
    files: dict[str, Content] = {
        ".github/workflows/a.yml": job("{svc: [one, two]}", through.format("b", "matrix.svc")),
        ".github/workflows/b.yml": inner(
            "name", "    strategy: {matrix: {svc: [x, y]}}\n" + through.format("c", "matrix.svc")
        ),
        ".github/workflows/c.yml": inner("name", run),
    }
    held = repository(files)
    (outer,) = (one for one in workflows_of(held).found if one.starts)
    found = list(steps_of(held, outer))
    assert [one.given.get("name") for one in found if one.run] == ["{matrix.svc}"] * 2
    assert len(found) == 6
