"""What a command says at a terminal, in a pipe, and to whoever has read enough."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chittyactions.entries.terminal import aside, by_itself, show, show_bytes

PYTHON = Path(__file__).resolve().parents[2] / "python"
IMPORT = "import sys; from chittyactions.entries.terminal import aside, show, show_bytes; "
LONG = 1_000_000
"""More signs than a pipe holds."""


def python(code: str, encoding: str = "utf-8", stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
    """Run some code in a process whose terminal has this encoding."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PYTHON), "PYTHONIOENCODING": encoding}
    return subprocess.run(
        [sys.executable, "-c", IMPORT + code], env=env, stdout=stdout, stderr=subprocess.PIPE, check=False, timeout=60
    )


@pytest.mark.parametrize(
    "say",
    [f"show('é' * {LONG})", f"show('é' * {LONG}, machine=True)", f"show_bytes(b'x' * {LONG})"],
)
def test_who_has_read_enough_is_no_error(say: str) -> None:
    """A pipe that is closed early, as by `| head`, ends nothing: the exit code stays, and no traceback comes behind."""
    code = f"{say}; show('more'); aside('the end'); sys.exit(7)"
    read, write = os.pipe()
    os.close(read)
    try:
        done = python(code, stdout=write)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr.decode().splitlines()) == (7, ["the end"])


def test_a_reader_that_leaves_in_the_middle_has_its_first_lines() -> None:
    """What fits into the pipe has gone through it, and the rest is left."""
    code = f"show('first\\n' + 'x' * {LONG}); sys.exit(7)"
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PYTHON)}
    words = [sys.executable, "-c", IMPORT + code]
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline() == b"first\n"
        running.stdout.close()
        assert (running.wait(60), running.stderr.read()) == (7, b"")


@pytest.mark.parametrize(
    "encoding, shown",
    [("ascii", b"\\u2713 \\xe9\n"), ("latin-1", b"\\u2713 \xe9\n"), ("utf-8", "✓ é\n".encode())],
)
def test_signs_that_a_terminal_lacks_are_spelled_out(encoding: str, shown: bytes) -> None:
    """For a person, on stdout and stderr; what it has stays as it is."""
    done = python("show('\\u2713 \\xe9'); aside('\\u2713 \\xe9')", encoding)
    assert (done.returncode, done.stdout, done.stderr) == (0, shown, shown)


def test_a_program_gets_utf_8_from_whatever_terminal() -> None:
    """A document is the same everywhere; bytes go out as they are."""
    assert python("show('\\u2713', machine=True)", "ascii").stdout == "✓\n".encode()
    assert python("show_bytes('\\u2713\\r\\n'.encode())", "ascii").stdout == "✓\r\n".encode()


def test_without_a_stream_of_bytes_all_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever calls a command from Python may have put a stream of texts there."""
    show("one")
    show_bytes("é".encode())
    aside("two")
    assert capsys.readouterr() == ("one\né", "two\n")


def test_a_command_by_itself() -> None:
    """Its words are those of the command line, without its name; its exit code is what `run` makes of them."""

    def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
        commands.add_parser("count").add_argument("words", nargs="*")

    assert by_itself("count", add_parser, lambda given: len(given.words), ["a", "b"]) == 2
    with pytest.raises(SystemExit) as ended:
        by_itself("count", add_parser, lambda given: 0, ["--none"])
    assert ended.value.code == 2
