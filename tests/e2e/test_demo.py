"""The demos as a person runs them."""

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


def played(tmp_path: Path, *which: str) -> subprocess.CompletedProcess[str]:
    """A demo that ended well, started nothing that stays and wrote nothing outside its folder."""
    home = tmp_path / "home"
    temporary = tmp_path / "tmp"
    for folder in (home, temporary):
        folder.mkdir()
    mark = f"CHITTY_DEMO_TEST={os.getpid()}"
    done = subprocess.run(
        [sys.executable, "-m", "chittylocal", "demo", *which],
        cwd=ROOT, text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL,
        env={
            **os.environ, "HOME": str(home), "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT / "python"),
            "CHITTY_DEMO_TEST": str(os.getpid()),
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\x1b[" not in done.stdout
    assert list(home.rglob("*")) == []
    assert list(temporary.rglob("*")) == []
    assert not [entry for entry in Path("/proc").glob("[0-9]*/environ") if mark.encode() in _read(entry)]
    return done


def test_the_demo_shows_both_halves_and_leaves_nothing(tmp_path: Path) -> None:
    """It tells of the version that was deployed, and of the same one after the next was rolled back."""
    done = played(tmp_path)
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


@pytest.mark.timeout(400)
@pytest.mark.xdist_group("demo-publish")
def test_the_publishing_demo_shows_four_runs_and_a_user_and_leaves_nothing(tmp_path: Path) -> None:
    """Published, already, killed half-way, finished by a rerun; installed by npm, and the formula's file fetched."""
    done = played(tmp_path, "publish")
    told = re.findall(r"^  (npm|R2|Homebrew) +(published|already) ", done.stdout, re.MULTILINE)
    channels = ("npm", "R2", "Homebrew")
    assert told[:3] == [(channel, "published") for channel in channels]
    assert told[3:6] == [(channel, "already") for channel in channels]
    assert told[6:] == [("npm", "already"), ("R2", "published"), ("Homebrew", "published")]
    assert "SIGKILL" in done.stdout
    assert "greet --in it Ada → Ciao, Ada!" in done.stdout
    assert "as the formula says" in done.stdout
    assert "the formula is loaded by Ruby" in done.stdout


@pytest.mark.xdist_group("demo-audit")
def test_the_auditing_demo_finds_what_was_made_twice_and_keeps_the_dashboard(tmp_path: Path) -> None:
    """Few queries, the second time fewer commits; what changed in between is told, and the page is where it says."""
    done = played(tmp_path, "audit")
    queries = [int(count) for count in re.findall(r"^  Asked +(\d+) quer", done.stdout, re.MULTILINE)]
    assert len(queries) == 2
    assert max(queries) <= 6
    assert done.stdout.count("exactly those that were made to") == 2
    assert re.search(r"^  Not read +\d+ of 60 repositories", done.stdout, re.MULTILINE)
    assert re.search(r"^62 of 62, 21 failing, 1 unknown", done.stderr, re.MULTILINE)
    changes = re.findall(r"^  (Broken|Fixed|Moved or archived) +(\S+):", done.stdout, re.MULTILINE)
    assert ("Fixed", "Orchard/ledger") in changes
    assert ("Broken", "Orchard/imports") in changes
    assert ("Moved or archived", "Orchard/catalog") in changes
    page = re.search(r"^  (/.*/dashboard\.html)$", done.stdout, re.MULTILINE)
    assert page
    assert "mailer" in Path(page[1]).read_text("utf-8")


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
