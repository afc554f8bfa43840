"""A demo that is killed leaves nothing behind that goes on working in its folder."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chittylocal.demo import tied

WAITS = "import sys, threading\nprint('here', file=sys.stderr, flush=True)\nthreading.Event().wait()\n"
PARENT = """\
import os, pathlib, signal
from chittylocal.demo import tied
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup ignores it for all below it, these tests too
tied.run("waits", [], cwd=pathlib.Path.cwd(), env=dict(os.environ))
"""


def environ(folder: Path) -> dict[str, str]:
    return {"PYTHONPATH": f"{Path(tied.__file__).parents[2]}:{folder}"}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM])
def test_it_ends_with_whoever_started_it(tmp_path: Path, number: signal.Signals) -> None:
    """Whatever ends that one alone: both hold standard error open, and it comes to its end."""
    (tmp_path / "waits.py").write_text(WAITS, "utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=tmp_path, env=environ(tmp_path), stderr=subprocess.PIPE
    ) as parent:
        assert parent.stderr
        assert parent.stderr.readline() == b"here\n"
        parent.send_signal(number)
        _, left = parent.communicate(timeout=20)
        assert (parent.returncode, left) == (-number, b"")


def test_it_is_a_program_like_any_other(tmp_path: Path) -> None:
    """With its words, its folder, its environment, its output and its exit code."""
    program = "import os, sys\nprint(sys.argv[1:], os.getcwd(), os.environ['MADE'])\nsys.exit(3)\n"
    (tmp_path / "says.py").write_text(program, "utf-8")
    done = tied.run("says", ["a", "--b"], cwd=tmp_path, env={**environ(tmp_path), "MADE": "x"})
    assert (done.returncode, done.stdout) == (3, f"['a', '--b'] {tmp_path} x\n")
