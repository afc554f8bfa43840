"""Programs are run with a deadline, redaction, and nothing left behind."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from chittyactions.errors import Cancelled, ToolError
from chittyactions.process import ending, run

ENV = {"PATH": os.environ["PATH"]}


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", code]


def alive(pid: int) -> bool:
    """Whether a process still runs; a zombie that nobody has collected yet does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def test_output_is_returned_and_shown_line_by_line(tmp_path: Path) -> None:
    """Both streams come back whole, and each line is shown, redacted, as it comes."""
    shown: list[str] = []
    done = run(
        python("import sys; print('token=hunter22'); print('careful', file=sys.stderr); sys.exit(3)"),
        cwd=tmp_path,
        env=ENV,
        seconds=20,
        echo=shown.append,
        redact=lambda text: text.replace("hunter22", "***"),
    )
    assert (done.code, done.stdout, done.stderr) == (3, "token=hunter22\n", "careful\n")
    assert sorted(shown) == ["careful", "token=***"]


def test_the_environment_is_the_given_one_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this process's environment reaches the child: that is where credentials would leak from."""
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "secret")
    done = run(python("import os; print(sorted(os.environ))"), cwd=tmp_path, env={"ONLY": "this"}, seconds=20)
    assert "ONLY" in done.stdout
    assert "CLOUDFLARE" not in done.stdout


def test_standard_input_reaches_the_child(tmp_path: Path) -> None:
    """Secrets travel by standard input, also ones longer than a pipe's buffer."""
    data = b"x" * 300_000
    done = run(python("import sys; print(len(sys.stdin.buffer.read()))"), cwd=tmp_path, env=ENV, seconds=20, stdin=data)
    assert done.stdout == "300000\n"


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    """A program that is not there gives its name and what to do, not a stack."""
    with pytest.raises(ToolError, match="wrangler could not be started: No such file"):
        run([tmp_path / "nothing"], cwd=tmp_path, env=ENV, seconds=5, name="wrangler")


def test_the_deadline_ends_the_whole_group(tmp_path: Path) -> None:
    """At the deadline a child that ignores SIGTERM's cause and its own child are both ended."""
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    pids: list[str] = []
    began = time.monotonic()
    with pytest.raises(ToolError, match=r"took longer than 1 s and was ended"):
        run(python(code), cwd=tmp_path, env=ENV, seconds=1, echo=pids.append)
    assert time.monotonic() - began < 8
    assert len(pids) == 1
    until = time.monotonic() + 5
    while alive(int(pids[0])) and time.monotonic() < until:
        threading.Event().wait(0.02)
    assert not alive(int(pids[0]))


def test_a_signal_in_this_process_ends_the_child(tmp_path: Path) -> None:
    """An exception raised while waiting (a cancelled job) leaves no child behind."""
    pids: list[int] = []

    def stop(line: str) -> None:
        pids.append(int(line))
        os.kill(os.getpid(), 2)

    with pytest.raises(KeyboardInterrupt):
        run(
            python("import os, time; print(os.getpid(), flush=True); time.sleep(60)"),
            cwd=tmp_path,
            env=ENV,
            seconds=30,
            echo=stop,
        )
    assert pids
    assert not alive(pids[0])


def test_a_cancelled_job_ends_the_programs_of_every_thread(tmp_path: Path) -> None:
    """The main thread ends what another one waits for, nothing new is started meanwhile, and afterwards it may be."""
    begun, ended = threading.Event(), []

    def work() -> None:
        waits = python("import signal; print('begun', flush=True); signal.pause()")
        try:
            run(waits, cwd=tmp_path, env=ENV, seconds=60, echo=lambda _: begun.set())
        except Cancelled as error:
            ended.append(error.what)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(20)
    with ending():
        thread.join(20)
        with pytest.raises(Cancelled):
            run(python("pass"), cwd=tmp_path, env=ENV, seconds=20)
    assert len(ended) == 1
    assert "was ended" in ended[0]
    assert run(python("pass"), cwd=tmp_path, env=ENV, seconds=20).code == 0
