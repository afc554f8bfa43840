"""act itself: what it is told, what its steps see, and that nothing stays behind."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from chittylocal.actrun import cancel
from chittylocal.actrun.acting import Plan, run_act
from chittylocal.actrun.problems import CannotRun
from chittylocal.actrun.session import Order, Outcome, run
from chittylocal.actrun.stage import git
from chittylocal.actrun.workflows import STAND_INS
from chittylocal.local import Local
from protocol.argv import ArgvWatch

pytestmark = pytest.mark.e2e
AWKWARD = "-start with a dash, 100% \"double\" 'single' ünï\nsecond line $HOME `x`"


def workflow(folder: Path, steps: str, head: str = "on: push") -> Path:
    """A repository with one workflow of one job."""
    path = folder / ".github" / "workflows" / "w.yml"
    path.parent.mkdir(parents=True)
    path.write_text(f"{head}\njobs:\n  job:\n    runs-on: some-label\n    steps:\n{steps}")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "origin", "https://github.com/acme/hello.git")
    return folder


def started(local: Local, repository: Path, tmp_path: Path, log: list[str], **choices: object) -> Outcome:
    order = Order(path=repository, folder=tmp_path / "run", workflow="w.yml", **choices)  # type: ignore[arg-type]
    return run(local, order, log.append, verbose=True)


def test_the_exit_code_is_the_workflows(tmp_path: Path) -> None:
    """0 for a success, 1 for a failure, with the step named in the log."""
    repository = workflow(tmp_path / "r", "      - {name: Decide, run: exit $CODE}\n")
    log: list[str] = []
    with Local() as local:
        assert started(local, repository, tmp_path, log, env={"CODE": "3"}).code == 1
        assert any("✗ Decide" in line for line in log)
        assert started(local, repository, tmp_path, log, env={"CODE": "0"}).code == 0


def test_steps_see_what_github_would_give(tmp_path: Path) -> None:
    """The repository's name, its commit, a clean HOME, the secrets exactly, and nothing of this environment."""
    code = "import json,os; json.dump(dict(os.environ), open(os.environ['OUT'], 'w'))"
    steps = f'      - run: python3 -c "{code}"\n        env: {{SECRET: "${{{{ secrets.AWKWARD }}}}"}}\n'
    repository = workflow(tmp_path / "r", steps, "on: push\npermissions: {id-token: write}")
    os.environ["CHITTY_TEST_STRAY"] = "x"
    log: list[str] = []
    with Local() as local, ArgvWatch() as argv:
        outcome = started(
            local, repository, tmp_path, log, secrets={"AWKWARD": AWKWARD}, env={"OUT": str(tmp_path / "out")}
        )
    del os.environ["CHITTY_TEST_STRAY"]
    assert outcome.code == 0, log
    seen = json.loads((tmp_path / "out").read_text())
    assert seen["SECRET"] == AWKWARD
    assert seen["GITHUB_REPOSITORY"] == "acme/hello"
    assert seen["GITHUB_SHA"] == outcome.repository.sha
    assert seen["HOME"] == str(tmp_path / "run" / "home")
    assert seen["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
    assert seen["CHITTY_TRUST_TOOL_CACHE"] == "1"
    assert "CHITTY_TEST_STRAY" not in seen
    assert not [line for line in argv if b"second line" in line]
    assert not [p for p in (tmp_path / "run").rglob("*") if p.is_file() and b"second line" in p.read_bytes()]


def test_no_id_token_without_permission(tmp_path: Path) -> None:
    """A workflow that does not grant id-token finds none, and the log says so."""
    steps = '      - run: test -z "$ACTIONS_ID_TOKEN_REQUEST_URL"\n'
    log: list[str] = []
    with Local() as local:
        assert started(local, workflow(tmp_path / "r", steps), tmp_path, log).code == 0
    assert any("does not grant" in line for line in log)


def test_a_checkout_without_permission_stops_it_before_it_starts(tmp_path: Path) -> None:
    """GitHub would refuse the checkout, so a green run would be a lie: the message has the YAML to add."""
    repository = workflow(
        tmp_path / "r", "      - uses: actions/checkout@v6\n", "on: push\npermissions: {id-token: write}"
    )
    with Local() as local, pytest.raises(CannotRun, match=r"in the job job(.|\n)*contents: read"):
        started(local, repository, tmp_path, [])


def test_artifacts_pass_between_jobs(tmp_path: Path) -> None:
    """The stand-ins hand a file from one job to the next, and a missing one fails."""
    repository = workflow(
        tmp_path / "r",
        """\
      - uses: actions/setup-node@v6
        with: {node-version: "22"}
      - run: mkdir -p out/.hidden && echo hi > out/a.txt && echo no > out/.hidden/b
      - uses: actions/upload-artifact@v6
        with: {name: things, path: out, if-no-files-found: error}
  next:
    needs: job
    runs-on: other-label
    steps:
      - uses: actions/download-artifact@v7
        with: {name: things, path: got}
      - run: test "$(ls -A got)" = a.txt
      - uses: actions/download-artifact@v7
        with: {name: missing}
""",
    )
    log: list[str] = []
    with Local() as local:
        outcome = started(local, repository, tmp_path, log)
    assert outcome.code == 1
    results = [result for _, _, result, _ in outcome.record.steps]
    assert results.count("failure") == 1
    assert [note.text for note in outcome.record.notes if note.level == "error"] == [
        "There is no artifact missing in this run; there are: things."
    ]


def test_an_expression_that_fails_is_a_failure(tmp_path: Path) -> None:
    """act puts an empty text where GitHub fails the job; here the run fails too."""
    steps = "      - run: 'true'\n        env: {X: \"${{ fromJSON('{') }}\"}\n"
    log: list[str] = []
    with Local() as local:
        assert started(local, workflow(tmp_path / "r", steps), tmp_path, log).code != 0


def test_an_invalid_workflow_is_refused_with_acts_reason(tmp_path: Path) -> None:
    """No job runs, and the log says which line of the workflow is wrong, and names no temporary folder."""
    repository = workflow(tmp_path / "r", "      - run: 'true'\n")
    file = repository / ".github" / "workflows" / "w.yml"
    file.write_text(file.read_text().replace("steps:", "stepz:"))
    log: list[str] = []
    with Local() as local:
        assert started(local, repository, tmp_path, log).code == 1
    assert any(line.startswith("error: ") and "Unknown Property stepz" in line for line in log)
    assert not any(str(tmp_path / "run") in line for line in log)


def test_a_folder_without_workflows_is_named_as_the_person_knows_it(tmp_path: Path) -> None:
    """The message has their own path and not the copy's."""
    (tmp_path / "mine").mkdir()
    with Local() as local, pytest.raises(CannotRun) as caught:
        started(local, tmp_path / "mine", tmp_path, [])
    assert str(tmp_path / "mine") in str(caught.value)
    assert str(tmp_path / "run") not in str(caught.value)


def test_unknown_actions_stop_it_before_it_starts(tmp_path: Path) -> None:
    """The message names the action, its file, and the way out."""
    repository = workflow(tmp_path / "r", "      - uses: acme/tool@v1\n")
    with Local() as local, pytest.raises(CannotRun, match=r"acme/tool@v1 \(in w.yml\)(.|\n)*--local-repository"):
        started(local, repository, tmp_path, [])


PATIENT = """\
      - run: |
          trap 'echo cleaned > "$OUT"; exit 1' INT
          echo started
          while true; do sleep 0.1; done
      - {if: always(), run: cat "$OUT" > "$OUT.after"}
"""
STUBBORN = """\
      - run: "trap '' INT TERM; echo started; sleep 300 & sleep 300"
"""


WELL = """\
      - run: "trap 'exit 0' INT; echo started; while true; do sleep 0.1; done"
      - run: exec sleep 3
      - run: touch $OUT
      - {if: always(), run: touch "$OUT.after"}
"""


def interrupted(
    repository: Path, tmp_path: Path, at: str = '"msg":"started', spared: frozenset[tuple[str, str]] = frozenset()
) -> int:
    """Run a workflow and press Ctrl-C as soon as its step says that it started, or at another line of act's."""
    git(repository, "add", "-A")
    git(repository, "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-qm", "x")
    plan = Plan(
        repository=repository, workflow=repository / ".github" / "workflows" / "w.yml", event="push", payload={},
        folder=tmp_path / "run", labels={"some-label"}, local={"x/y@z": STAND_INS}, env={"OUT": str(tmp_path / "out")},
        secrets={"A": "x" * 9}, actor="octocat", tool_cache=tmp_path / "tools",
        spared=spared,
    )  # fmt: skip
    pressed: list[str] = []

    def line(text: str) -> None:
        if at in text and not pressed:
            pressed.append(text)
            os.kill(os.getpid(), signal.SIGINT)

    code = run_act(plan, line)
    assert pressed
    assert not (tmp_path / "run" / "secrets.yml").exists()
    until = time.monotonic() + 5
    while (left := _running(tmp_path)) and time.monotonic() < until:  # what is killed is gone a moment later
        time.sleep(0.01)
    assert not left
    return code


def _running(folder: Path) -> list[Path]:
    """The processes that have the folder in their environment."""
    return [one for one in Path("/proc").glob("[0-9]*/environ") if str(folder).encode() in _read(one)]


def test_an_interrupt_cancels_as_github_does(tmp_path: Path) -> None:
    """The running step is asked to end and may clean up; the steps that always run still do; the code is 130."""
    assert interrupted(workflow(tmp_path / "r", PATIENT), tmp_path) == 130
    assert (tmp_path / "out.after").read_text() == "cleaned\n"


def test_a_cancelled_step_that_ends_well_does_not_save_the_next(tmp_path: Path) -> None:
    """GitHub would not start the next step; here it is stopped, and what always runs is left alone."""
    spared = frozenset({("job", "3")})
    assert interrupted(workflow(tmp_path / "r", WELL), tmp_path, spared=spared) == 130
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "out.after").exists()


@pytest.mark.parametrize("at", ["", "Set up job", "Run Main"])
def test_an_early_interrupt_is_not_lost(tmp_path: Path, at: str) -> None:
    """At act's first line, while the job is set up, and before the step has a process: nothing goes on."""
    steps = "      - run: 'true'\n      - run: exec sleep 3\n      - run: touch \"$OUT\"\n"
    assert interrupted(workflow(tmp_path / "r", steps), tmp_path, at) == 130
    assert not (tmp_path / "out").exists()


def test_a_step_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that ignores every request goes too, with all that it started."""
    monkeypatch.setattr(cancel, "PATIENCE", (0.2, 0.2, 0.2))
    monkeypatch.setattr(cancel, "LAST_WORDS", 0.2)
    assert interrupted(workflow(tmp_path / "r", STUBBORN), tmp_path) == 130


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
