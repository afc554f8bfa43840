"""The command line that people type."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chittyactions.cli import main


def chittyops(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    code = "from chittyactions.cli import main; import sys; sys.exit(main())"
    return subprocess.run([sys.executable, "-c", code, *words], cwd=cwd, capture_output=True, text=True, check=False)


SIGNALS = """\
import signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            signal.raise_signal(signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)  # who started the tests may ignore it
sys.meta_path.insert(0, Interrupting())
"""
"""What Python imports before all else: it sends the process SIGINT when a module is looked for."""


@pytest.mark.parametrize(
    "words, module",
    [
        (["audit", "--help"], "chittyactions.entries"),
        (["audit", "--help"], "pydantic"),
        (["--help"], "argparse"),
        (["local", "--help"], "chittylocal.cli"),
        (["local", "--help"], "aiohttp.web"),
    ],
)
def test_ctrl_c_while_it_is_still_importing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], module: str
) -> None:
    """It ends as any other time that it is stopped, with nothing to read."""
    (tmp_path / "sitecustomize.py").write_text(SIGNALS.format(name=module), "utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]))
    done = chittyops(*words)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_help_names_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """A person who types nothing, or --help, reads what there is."""
    assert main([]) == 2
    shown = capsys.readouterr().out
    for words in ("local run", "local demo", "local up"):
        assert f"chittyops {words}" in shown


def test_local_is_another_program(tmp_path: Path) -> None:
    """`chittyops local` runs the backend's own command line, whatever lies in the current folder."""
    (tmp_path / "chittylocal.py").write_text("raise SystemExit('the wrong one')")
    done = chittyops("local", "run", "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "--workflow FILE" in done.stdout


def test_local_without_its_packages_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A hook that only checks installs a few packages, none of the backend's."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert main(["local", "run"]) == 2
    assert "'.[local]'" in capsys.readouterr().err


def test_an_unknown_command_is_refused() -> None:
    """A typo ends with usage and 2."""
    done = chittyops("lokal")
    assert done.returncode == 2
    assert "invalid choice" in done.stderr
