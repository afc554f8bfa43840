"""Workflows as what they do: triggers, steps that can run, calls followed inside the repository."""

from __future__ import annotations

import time

import pytest

from chittyactions.compliance.conditions import is_off, skipped_jobs
from chittyactions.compliance.doing import Doing, doing
from chittyactions.compliance.expressions import filled
from chittyactions.compliance.facts import Fact, NotKnown
from chittyactions.compliance.repository import Observed, Repository
from chittyactions.compliance.workflows import Step, active, steps_of, workflows_of
from compliance.repositories import Content, Submodule, repository

FOLDER = ".github/workflows"


def steps(files: dict[str, Content], remote: str = "") -> list[Step]:
    """The steps of w.yml."""
    held = repository(files, remote=remote)
    (one,) = [one for one in workflows_of(held).found if one.path == f"{FOLDER}/w.yml"]
    return list(steps_of(held, one))


def runs(files: dict[str, Content], remote: str = "") -> list[str]:
    """What the steps of w.yml run or use, in order."""
    return [step.run or step.uses for step in steps(files, remote)]


def workflow(text: str) -> dict[str, Content]:
    return {f"{FOLDER}/w.yml": text}


def job(*lines: str, more: str = "") -> str:
    return f"on: push\njobs:\n  j:\n{more}    steps:\n" + "".join(f"      {line}\n" for line in lines)


@pytest.mark.parametrize(
    "on, triggers, starts",
    [
        ("push", ("push",), True),
        ("[push, pull_request]", ("push", "pull_request"), True),
        ("{push: {branches: [main]}, workflow_dispatch: }", ("push", "workflow_dispatch"), True),
        ("{schedule: [{cron: '0 0 * * *'}]}", ("schedule",), True),
        ("{schedule: []}", (), False),
        ("{push: {branches: []}, issues: {types: []}, schedule: [{cron: x}]}", ("issues", "schedule"), True),
        ("{push: {branches: [], tags: [v*]}}", ("push",), True),
        ("{pull_request: {branches: [], tags: []}}", (), False),
        ("workflow_call", ("workflow_call",), False),
        ("{workflow_call: {}, push: {}}", ("workflow_call", "push"), True),
        ("[push, 3, [a]]", ("push",), True),
        ("pussh", ("pussh",), False),
        ("[push_it, pre_push]", ("push_it", "pre_push"), False),
        ("{pussh: {}, push: {}}", ("pussh", "push"), True),
        ("[]", (), False),
        ("", (), False),
        ("true", (), False),
        ("12", (), False),
    ],
)
def test_triggers_are_read_in_every_shape(on: str, triggers: tuple[str, ...], starts: bool) -> None:
    """A word, a list or a mapping; `on` is a word and not true, as GitHub reads it."""
    (one,) = workflows_of(repository(workflow(f"on: {on}\njobs: {{}}\n"))).found
    assert (one.triggers, one.starts) == (triggers, starts)


def test_only_files_directly_in_the_folder_are_workflows() -> None:
    """Both endings; no subfolders, no backups, no submodule that is called so."""
    names = ["a.yml", "b.yaml", "sub/c.yml", "d.yml.bak", "e.json"]
    files: dict[str, Content] = {f"{FOLDER}/{name}": "on: push\njobs: {}\n" for name in names}
    held = repository({**files, f"{FOLDER}/f.yml": Submodule(), "workflows/g.yml": "on: push\njobs: {}\n"})
    assert [one.path for one in workflows_of(held).found] == [f"{FOLDER}/a.yml", f"{FOLDER}/b.yaml"]


def test_what_cannot_be_read_is_told_and_hides_nothing() -> None:
    """Invalid YAML, something else than a workflow, and a file of another encoding stand beside a good one."""
    held = repository(
        {
            f"{FOLDER}/a.yml": "on: push\njobs: {}\n",
            f"{FOLDER}/b.yml": "on: [\n",
            f"{FOLDER}/c.yml": "- a list\n",
            f"{FOLDER}/d.yml": "on: push\njobs: []\n",
            f"{FOLDER}/e.yml": "",
            f"{FOLDER}/f.yml": "name: Zürich\n".encode("latin-1"),
            f"{FOLDER}/g.yml": "x" * (5 * 1024 * 1024),
        }
    )
    found = workflows_of(held)
    assert [one.path for one in found.found] == [f"{FOLDER}/a.yml"]
    assert [one.path[-5] for one in found.broken] == list("bcdefg")
    assert all(one.message and one.remediation for one in found.broken)
    assert found.broken[0].line == 2


def test_a_workflow_that_the_disk_refuses_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no finding against the repository, and each is told."""
    held = repository({f"{FOLDER}/{name}.yml": "on: push\njobs: {}\n" for name in "vw"})
    monkeypatch.setattr("os.open", refused)
    found = workflows_of(held)
    assert (found.found, found.broken) == ((), ())
    assert found.unknown == tuple(f"{FOLDER}/{name}.yml: it cannot be read: Permission denied" for name in "vw")


def refused(*_: object) -> int:
    raise PermissionError(13, "Permission denied")


def test_active_leaves_out_what_is_disabled_or_never_starts() -> None:
    """As far as this run may know: what nobody says is switched off counts as on."""
    files: dict[str, Content] = {
        f"{FOLDER}/{name}.yml": f"on: {on}\njobs: {{}}\n"
        for name, on in (("a", "push"), ("b", "push"), ("c", "workflow_call"))
    }
    assert [one.path[-5] for one in active(repository(files))] == ["a", "b"]
    off = Observed(disabled_workflows=Fact.present((f"{FOLDER}/b.yml",)))
    assert [one.path[-5] for one in active(repository(files, observed=off))] == ["a"]


EVENTS = """
branch_protection_rule check_run check_suite create delete deployment deployment_status discussion discussion_comment
fork gollum image_version issue_comment issues label merge_group milestone page_build project project_card
project_column public pull_request pull_request_review pull_request_review_comment pull_request_target push
registry_package release repository_dispatch schedule status watch workflow_dispatch workflow_run
"""


@pytest.mark.parametrize("event", EVENTS.split())
def test_every_event_of_github_starts_a_workflow(event: str) -> None:
    """As GitHub's own grammar of workflows lists them; any other name starts nothing."""
    (one,) = workflows_of(repository(workflow(f"on: {{{event}: [x]}}\njobs: {{}}\n"))).found
    assert one.starts


@pytest.mark.parametrize(
    "condition, off",
    [
        (False, True),
        ("false", True),
        ("${{ false }}", True),
        ("${{false}}", True),
        ("${{\n  false\n}}\n", True),
        ("FALSE", True),
        ("${{ !true }}", True),
        ("false && github.ref", True),
        ("${{ False\n&& github.ref }}", True),
        (0, True),
        (True, False),
        (None, False),
        ("", False),
        (1, False),
        ("false || github.ref", False),
        ("false && a || b", False),
        ("${{ 'false' }}", False),
        ("github.event_name != 'false'", False),
        ("falsehood", False),
        ("github.ref == 'refs/heads/main' && false", True),
        ("always() && false", True),
        ("!always()", True),
        ("1 == 2", True),
        ("${{ 1 == 2 }}", True),
        ("${{ a }} && ${{ false }}", False),
        ("${{ false", False),
        ("${{ '}}' == '' }}", True),
    ],
)
def test_only_a_condition_that_is_plainly_false_switches_off(condition: object, off: bool) -> None:
    """Everything that only a run can decide counts as on."""
    assert is_off({"if": condition}) is off


def test_a_step_without_a_condition_is_on() -> None:
    """No `if` is none."""
    assert not is_off({})


def test_a_job_that_needs_one_that_never_runs_never_runs_either() -> None:
    """Through any number of jobs, unless its own condition runs it anyway."""
    jobs = {
        "off": {"if": False},
        "after": {"needs": "off"},
        "later": {"needs": ["on", "after"]},
        "anyway": {"needs": "off", "if": "${{ always() }}"},
        "failing": {"needs": "off", "if": "failure()"},
        "stopped": {"needs": "off", "if": "cancelled()"},
        "plain": {"needs": "off", "if": "github.ref"},
        "quoting": {"needs": "off", "if": "github.ref != 'always()'"},
        "both": {"needs": "off", "if": "github.ref != 'x' && always() && 'y' == 'y'"},
        "on": {"needs": "gone"},
        "odd": None,
    }
    assert skipped_jobs(jobs) == {"off", "after", "later", "plain", "quoting"}


def test_a_long_chain_of_jobs_is_followed_in_bounded_time() -> None:
    """Jobs that need each other, listed the wrong way round."""
    jobs = {f"j{number}": {"needs": f"j{number + 1}"} for number in range(20_000)}
    begun = time.monotonic()
    assert len(skipped_jobs({**jobs, "j20000": {"if": False}})) == 20_001
    assert time.monotonic() - begun < 20


def test_steps_that_are_switched_off_do_not_run() -> None:
    """A step, a job, and what hangs on it."""
    text = job("- {run: a, if: false}", "- run: b", "- words", "- {name: neither}")
    assert runs(workflow(text)) == ["b", ""]
    assert runs(workflow(job("- run: a", more="    if: ${{ false }}\n"))) == []
    text = "on: push\njobs:\n  off: {if: false, steps: [{run: a}]}\n  odd: words\n  on: {steps: [{run: b}]}\n"
    assert runs(workflow(text)) == ["b"]


def test_a_step_knows_where_it_stands_and_what_it_inherits() -> None:
    """Line and column of its `run`, the environment of all three levels, the defaults of shell and folder."""
    text = (
        "on: push\nenv: {A: w, B: w, C: w}\ndefaults: {run: {shell: bash, working-directory: top}}\njobs:\n  j:\n"
        "    env: {B: j, C: j}\n    defaults: {run: {working-directory: sub}}\n    steps:\n"
        "      - name: x\n        env: {C: s}\n        run: ls\n      - {run: pwd, shell: sh, working-directory: own}\n"
    )
    first, second = steps(workflow(text))
    assert (first.path, first.job, first.spot.line, first.spot.column) == (f"{FOLDER}/w.yml", "j", 11, 9)
    assert first.env == {"A": "w", "B": "j", "C": "s"}
    assert (first.shell, first.directory, second.shell, second.directory) == ("bash", "sub", "sh", "own")


def test_a_step_that_uses_an_action_stands_at_its_uses() -> None:
    """Also where other keys come before it."""
    (one,) = steps(workflow(job("- name: x", "  with: {a: b}", "  uses: o/r@v1")))
    assert (one.path, one.spot.line, one.spot.column) == (f"{FOLDER}/w.yml", 7, 9)


def test_the_inputs_of_a_workflow_have_their_defaults() -> None:
    """Of a start by hand and of a call; an input without a default, or of no shape at all, is not given."""
    text = (
        "on:\n  workflow_dispatch: {inputs: {a: {default: one}, b: {required: true}, c: }}\n"
        "  workflow_call: {inputs: {a: {default: two}, d: {default: three}}}\njobs: {j: {steps: [{run: x}]}}\n"
    )
    (one,) = steps(workflow(text))
    assert one.given == {"a": "two", "d": "three"}
    (one,) = steps(workflow(text.replace("workflow_call", "other")))
    assert one.given == {"a": "one"}


def test_the_case_of_an_action_does_not_matter() -> None:
    """Nor does its ref."""
    (one,) = steps(workflow(job("- uses: ChittyOS/ChittyOps/Actions/X@Main")))
    assert one.action == "chittyos/chittyops/actions/x"


LOCAL = {
    f"{FOLDER}/inner.yml": "on: {workflow_call: {inputs: {a: {default: one}, b: {default: two}}}}\n"
    "jobs:\n  k: {steps: [{run: inner}, {uses: ./act}]}\n",
    "act/action.yaml": "inputs: {c: {default: three}}\nruns: {using: composite, steps: [{run: acted, shell: bash}]}\n",
}


def test_local_reusable_workflows_and_actions_are_followed() -> None:
    """Their steps come behind the call, and know what they were given and where they stand."""
    text = "on: push\njobs:\n  j: {uses: ./.github/workflows/inner.yml, with: {a: given}, secrets: {x: y}}\n"
    call, inner, acting, acted = steps({**workflow(text), **LOCAL})
    assert call.inputs == {"a": "given", "secrets": {"x": "y"}}
    assert (call.path, call.job, call.spot.line, call.spot.column) == (f"{FOLDER}/w.yml", "j", 3, 7)
    assert (inner.job, acting.job, acted.job) == ("k", "k", "k")
    assert (inner.run, inner.path, dict(inner.given)["a"], dict(inner.given)["b"]) == (
        "inner",
        f"{FOLDER}/inner.yml",
        "given",
        "two",
    )
    assert (acting.uses, acted.run, acted.path, acted.given) == ("./act", "acted", "act/action.yaml", {"c": "three"})


def test_a_call_hands_on_what_its_own_file_was_given() -> None:
    """Inputs and variables of the caller are filled in. An input that nobody gave is none of the same name there."""
    text = (
        "on: {workflow_dispatch: {inputs: {x: {default: one}}}}\nenv: {E: two, L: [1]}\njobs:\n"
        "  j: {uses: ./.github/workflows/inner.yml, with: {a: '${{ inputs.x }}'}}\n"
        "  k:\n    steps:\n      - uses: ./act\n        with:\n"
        "          {c: '${{ inputs.x }}/${{ env.E }}', d: '${{ inputs.no }}', e: '${{ env.L }}', f: '${{ env.x }}'}\n"
    )
    by_run = {step.run: step for step in steps({**workflow(text), **LOCAL})}
    assert by_run["inner"].given["a"] == "one"
    assert by_run["acted"].given == {
        "c": "one/two",
        "d": "{inputs.no}",
        "e": "${{ env.L }}",
        "f": "${{ env.x }}",
    }


DECIDED = """
on:
  workflow_call:
    inputs:
      sync: {type: boolean, default: true}
      left: {type: boolean}
      mode: {type: string, default: all}
      word: {type: string}
      count: {type: number}
    secrets: {KEY: {}, OTHER: {}}
jobs:
  a: {if: inputs.sync, steps: [{run: sync}]}
  b: {needs: a, steps: [{run: after}]}
  c: {if: inputs.left == true, steps: [{run: left}]}
  d: {steps: [{run: mode, if: "inputs.mode == 'all'"}, {run: word, if: inputs.word}, {run: n, if: inputs.count}]}
"""


@pytest.mark.parametrize(
    "given, ran",
    [
        ("", ["sync", "after", "mode"]),
        ("sync: false", ["mode"]),
        ("sync: 'false', left: 'true', mode: some, count: 0", ["left"]),
        ("sync: '${{ false }}', word: false, count: 1", ["mode", "word", "n"]),
        (
            "sync: '${{ github.ref }}', left: '${{ github.ref }}', mode: '${{ github.ref }}'",
            ["sync", "after", "left", "mode"],
        ),
        ("sync: '${{ inputs.x }}'", ["sync", "after", "mode"]),
    ],
)
def test_conditions_go_by_what_the_call_hands_over(given: str, ran: list[str]) -> None:
    """Of the type that the input has. What only a run can tell counts as on, a choice at the start too."""
    text = (
        "on: {workflow_dispatch: {inputs: {x: {type: boolean, default: false}}}}\n"
        f"jobs: {{j: {{uses: ./.github/workflows/v.yml, with: {{{given}}}}}}}\n"
    )
    assert runs({**workflow(text), f"{FOLDER}/v.yml": DECIDED})[1:] == ran


def test_a_workflow_that_is_started_by_itself_leaves_its_inputs_open() -> None:
    """Whoever starts it may choose, and another event gives none."""
    text = "on: {workflow_dispatch: {inputs: {go: {type: boolean, default: false}}}}\njobs:\n  j: {if: inputs.go, "
    (one,) = steps(workflow(text + "steps: [{run: x}]}\n"))
    assert (one.given, one.fixed, one.known) == ({"go": False}, {}, {"env": {}})


def test_a_step_knows_which_secrets_its_workflow_is_never_given() -> None:
    """All that nobody hands over, GitHub's own aside; through `inherit` it has what its caller has."""
    files = {
        f"{FOLDER}/v.yml": DECIDED,
        f"{FOLDER}/u.yml": DECIDED + "  e: {uses: ./.github/workflows/v.yml, secrets: S}\n",
    }

    def missing(handed: str, inner: str = "inherit") -> list[object]:
        text = f"on: push\njobs: {{j: {{uses: ./.github/workflows/u.yml, secrets: {handed}}}}}\n"
        held = {path: content.replace("secrets: S", f"secrets: {inner}") for path, content in files.items()}
        found = [one for one in steps({**workflow(text), **held}) if one.run == "sync"]
        names = ("KEY", "OTHER", "UNDECLARED", "GITHUB_TOKEN")
        return [[name for name in names if not filled(f"${{{{ secrets.{name} }}}}", one.known)] for one in found]

    assert missing("inherit") == [[], []]
    assert missing("{key: x}") == [["OTHER", "UNDECLARED"], ["OTHER", "UNDECLARED"]]
    assert missing("", "{OTHER: y}") == [["KEY", "OTHER", "UNDECLARED"], ["KEY", "UNDECLARED"]]
    assert missing("{KEY: x}", "{KEY: '${{ secrets.OTHER }}', OTHER: '${{ secrets.KEY }}'}")[1] == ["KEY", "UNDECLARED"]


def test_the_inputs_of_an_action_are_texts() -> None:
    """So that `if: inputs.x` holds for 'false' too; a text that is compared decides."""
    act = "inputs: {x: {default: false}, y: }\nruns:\n  steps:\n"
    act += "".join(f'    - {{run: "{one}", if: {one}}}\n' for one in ("inputs.x", "inputs.y", "inputs.x == 'true'"))
    files = {**workflow(job("- uses: ./act", "- {uses: ./act, with: {x: true, y: 1}}")), "act/action.yml": act}
    assert runs(files) == ["./act", "inputs.x", "./act", "inputs.x", "inputs.y", "inputs.x == 'true'"]


def test_an_action_sees_the_environment_of_the_step_that_uses_it() -> None:
    """Filled in where that step stands; its own steps may set another value. A workflow that is called sees none."""
    text = job("- {uses: ./act, env: {C: s, D: 'is ${{ inputs.x }}'}}", more="    env: {B: j, C: j}\n").replace(
        "on: push", "on: {workflow_dispatch: {inputs: {x: {default: one}}}}\nenv: {A: w, L: [1]}"
    )
    text += "  k: {uses: ./.github/workflows/v.yml}\n"
    files: dict[str, Content] = {
        "act/action.yml": "runs: {steps: [{run: x, env: {B: own}}, {uses: ./more}]}\n",
        "more/action.yml": "runs: {steps: [{run: y}]}\n",
        f"{FOLDER}/v.yml": "on: workflow_call\njobs: {k: {steps: [{run: z}]}}\n",
    }
    seen = {step.run: step.env for step in steps({**workflow(text), **files}) if step.run}
    outer = {"A": "w", "L": [1], "C": "s", "D": "is one"}
    assert seen == {"x": {**outer, "B": "own"}, "y": {**outer, "B": "j"}, "z": {}}


def test_what_calls_hand_on_grows_no_longer_than_it_may() -> None:
    """Eight workflows that each hand on a text four times would make it 65,536 times as long."""
    declared = "on: {workflow_call: {inputs: {x: {type: string}}}}\n"
    files: dict[str, Content] = {
        f"{FOLDER}/v{level}.yml": f"{declared}jobs:\n  j:\n    uses: ./.github/workflows/v{level + 1}.yml\n"
        f"    with: {{x: '{'${{ inputs.x }}' * 4}'}}\n"
        for level in range(8)
    }
    files[f"{FOLDER}/v8.yml"] = f"{declared}jobs: {{j: {{steps: [{{run: end}}]}}}}\n"
    text = f"on: push\njobs: {{j: {{uses: ./.github/workflows/v0.yml, with: {{x: {'y' * 100}}}}}}}\n"
    begun = time.monotonic()
    last = steps({**workflow(text), **files})[-1]
    assert last.run == "end"
    assert len(last.given["x"]) <= 4 * 10_000
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("uses", ["./tools/LINUX/", "owner/repo/tools/LINUX/@main", "owner/repo/tools/LINUX@cli@2"])
def test_an_action_is_found_by_its_folder(uses: str) -> None:
    """A slash behind it does not matter, and the ref may hold another @."""
    files = {**workflow(job(f"- uses: {uses}")), "tools/LINUX/action.yml": "runs: {steps: [{run: acted}]}\n"}
    assert runs(files, remote="https://github.com/owner/repo") == [uses, "acted"]


def test_a_call_of_the_same_repository_by_its_name_is_followed() -> None:
    """By the remote's owner and name; another repository's workflows are its own."""
    text = "on: push\njobs:\n  j: {uses: Owner/Repo/.github/workflows/inner.yml@main}\n"
    for remote in ("https://github.com/owner/repo.git", "git@github.com:owner/repo", "https://github.com/OWNER/repo/"):
        assert runs({**workflow(text), **LOCAL}, remote=remote)[1] == "inner"
    for remote in ("", "https://github.com/other/repo.git", "https://github.com/xowner/repo"):
        assert len(runs({**workflow(text), **LOCAL}, remote=remote)) == 1


@pytest.mark.parametrize(
    "uses", ["./nowhere", "./.github/workflows/none.yml", "../x", "./broken", "./", "", "docker://x"]
)
def test_a_call_that_leads_nowhere_is_only_a_step(uses: str) -> None:
    """A missing or broken target is told elsewhere and ends nothing."""
    files = {**workflow(job(f"- uses: '{uses}'", "- run: after")), "broken/action.yml": "runs: ["}
    assert runs(files)[-1] == "after"


def test_calls_in_a_circle_end() -> None:
    """Workflows and actions that call each other, and themselves."""
    ring = {
        f"{FOLDER}/w.yml": "on: push\njobs:\n  j: {uses: ./.github/workflows/v.yml}\n  k: {steps: [{uses: ./act}]}\n",
        f"{FOLDER}/v.yml": "on: workflow_call\njobs:\n  j: {uses: ./.github/workflows/w.yml}\n",
        "act/action.yml": "runs: {steps: [{uses: ./act}, {run: once}]}\n",
    }
    assert runs(dict(ring)) == [
        "./.github/workflows/v.yml",
        "./.github/workflows/w.yml",
        "./act",
        "./act",
        "once",
    ]


def test_a_step_that_calls_its_own_workflow_ends() -> None:
    """GitHub refuses it; a reader must not follow it for ever."""
    text = job("- uses: ./.github/workflows/w.yml", "- run: once")
    assert runs(workflow(text)) == ["./.github/workflows/w.yml", "once"]


def test_calls_are_followed_ten_files_deep() -> None:
    """The workflow and nine more; GitHub allows no more either."""
    files: dict[str, Content] = {
        f"a{level}/action.yml": f"runs: {{steps: [{{run: '{level}'}}, {{uses: ./a{level + 1}}}]}}\n"
        for level in range(12)
    }
    found = runs({**files, **workflow(job("- uses: ./a0"))})
    assert [one for one in found if one.isdigit()] == [*"012345678"]


def test_calls_that_multiply_are_bounded() -> None:
    """Actions that call the next one many times at each level would be millions of steps."""
    files: dict[str, Content] = {
        f"a{level}/action.yml": "runs:\n  steps:\n" + f"    - uses: ./a{level + 1}\n" * 30 for level in range(9)
    }
    begun = time.monotonic()
    assert len(runs({**files, **workflow(job("- uses: ./a0"))})) == 20_000
    assert time.monotonic() - begun < 20


def test_calls_that_hand_on_too_much_are_unknown() -> None:
    """Two million signs are gone through: a script of 10,000 may run two hundred times."""
    script = "y" * 9_900
    act = {"act/action.yml": f"inputs: {{x: {{}}}}\nruns: {{steps: [{{run: {script}, env: {{A: {'z' * 90}}}}}]}}\n"}
    fits = job(*["- {uses: ./act, with: {x: '12345'}}"] * 200)
    assert len(runs({**workflow(fits), **act})) == 400
    with pytest.raises(NotKnown, match=r"workflows/w\.yml calls so much that it was not followed to the end"):
        runs({**workflow(fits + "      - run: '1'\n"), **act})


def test_a_called_file_that_the_disk_refuses_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it does can't be told, so that nothing is concluded from it."""
    held = repository({**workflow(job("- uses: ./act")), "act/action.yml": "runs: {}"})
    (one,) = workflows_of(held).found
    monkeypatch.setattr("os.open", refused)
    with pytest.raises(NotKnown, match=r"act/action\.yml"):
        list(steps_of(held, one))


def sends(step: Step) -> bool:
    """Whether a step runs `send`; of one that starts `secret` nobody can tell."""
    if step.run == "secret":
        raise NotKnown(f"{step.path} starts something that is not to be read")
    return step.run == "send"


def running(**workflows: str) -> Repository:
    """A repository of workflows of one step each; one whose name begins with `s` starts by a call alone."""
    return repository(
        {
            f"{FOLDER}/{name}.yml": f"on: {'workflow_call' if name.startswith('s') else 'push'}\n"
            f"jobs: {{j: {{steps: [{{run: {run}}}]}}}}\n"
            for name, run in workflows.items()
        }
    )


def test_what_is_done_is_found_whatever_else_cannot_be_read() -> None:
    """A workflow of which nobody can tell hides no other, and one that sleeps comes behind one that runs."""
    found = doing(running(a="secret", sb="send", z="send"), sends)
    assert (found.step and found.step.path, found.asleep, found.reason) == (f"{FOLDER}/z.yml", None, "")


def test_what_would_be_done_is_told_with_the_reason() -> None:
    """The first that sleeps and does it, not one that merely sleeps."""
    found = doing(running(a="rest", sa="rest", sb="send", sc="send"), sends)
    assert (found.step, found.asleep and found.asleep.path) == (None, f"{FOLDER}/sb.yml")
    assert found.reason == f"{FOLDER}/sb.yml has no trigger that starts it"
    assert doing(running(a="rest", sa="rest"), sends) == Doing()


def test_what_may_be_done_where_nobody_can_tell_is_unknown() -> None:
    """Each reason is told, also where a workflow that sleeps does it."""
    with pytest.raises(NotKnown) as caught:
        doing(running(a="secret", b="secret", sc="send"), sends)
    one, two = (f"{FOLDER}/{name}.yml starts something that is not to be read" for name in "ab")
    assert str(caught.value) == f"{one}; {two}"


def test_a_reason_why_nobody_can_tell_is_told_once() -> None:
    """However many steps have it."""
    text = job("- run: secret", "- run: secret")
    with pytest.raises(NotKnown) as caught:
        doing(repository(workflow(text)), sends)
    assert str(caught.value) == f"{FOLDER}/w.yml starts something that is not to be read"


@pytest.mark.parametrize("value", ["words", "12", "[a, b]", "{a: b}", "null", "[[x]]", "[null]"])
@pytest.mark.parametrize("at", ["on", "env", "defaults", "jobs.j", "jobs.j.steps", "jobs.j.needs", "jobs.j.env"])
def test_any_value_at_any_place_is_looked_at_without_falling_over(at: str, value: str) -> None:
    """Templates and mistakes put every kind of value anywhere."""
    keys = at.split(".")
    text = "".join(f"{'  ' * depth}{key}:\n" for depth, key in enumerate(keys[:-1]))
    text += f"{'  ' * (len(keys) - 1)}{keys[-1]}: {value}\n"
    held: Repository = repository(workflow(text if at.startswith("jobs") else f"{text}jobs: {{j: {{steps: [x]}}}}\n"))
    assert [list(steps_of(held, one)) for one in workflows_of(held).found] in ([], [[]])
