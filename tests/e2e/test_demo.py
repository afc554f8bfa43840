"""`make demo` as a person runs it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.harness import ROOT

pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("demo")]


def test_the_demo_shows_both_halves_and_leaves_nothing(tmp_path: Path) -> None:
    """It ends well, tells of both versions, starts nothing that stays and writes nothing outside its folder."""
    home = tmp_path / "home"
    temporary = tmp_path / "tmp"
    for folder in (home, temporary):
        folder.mkdir()
    mark = f"CHITTY_DEMO_TEST={os.getpid()}"
    done = subprocess.run(
        [sys.executable, "-m", "chittylocal", "demo"],
        cwd=ROOT, text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL,
        env={
            **os.environ, "HOME": str(home), "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT / "python"),
            "CHITTY_DEMO_TEST": str(os.getpid()),
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    deployed = re.search(r"Deployed +version (\S+), all traffic", done.stdout)
    restored = re.search(r"Rolled back +to version (\S+), all traffic", done.stdout)
    assert deployed
    assert restored
    assert deployed[1] == restored[1]
    for words in (
        "Who  ",
        "Issued  ",
        "Masked  ",
        "Answers  ",
        "Registered  ",
        "Revoked  ",
        "exit code 1, as it should",
    ):
        assert words in done.stdout
    assert "\x1b[" not in done.stdout
    assert list(home.rglob("*")) == []
    assert list(temporary.rglob("*")) == []
    assert not [entry for entry in Path("/proc").glob("[0-9]*/environ") if mark.encode() in _read(entry)]


def test_an_interrupted_demo_says_so_in_one_line(tmp_path: Path) -> None:
    """Ctrl-C while a step runs is no failure of the demo: exit code 130, and no claim that did not hold."""
    demo = subprocess.Popen(
        [sys.executable, "-m", "chittylocal", "demo"],
        cwd=ROOT, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT / "python")},
    )  # fmt: skip
    assert demo.stdout is not None
    with demo.stdout as lines:
        log = []
        for line in lines:
            log.append(line)
            if "▸ Build the Worker" in line:
                demo.send_signal(signal.SIGINT)
    assert demo.wait() == 130, "".join(log)
    assert log[-1] == "The demo was interrupted. Nothing is left running.\n"
    assert not any("failed:" in line for line in log)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
