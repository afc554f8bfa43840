"""A program of Python's that ends with the one that started it, also where that is killed.

It reads from a pipe that nobody writes to: the pipe ends when whoever has the other end does. It is killed then, so
that it writes nothing more into a folder that may be another one's by now.
"""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path


def run(module: str, words: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a module as a program; what it prints and its exit code. Its standard error is ours."""
    reading, writing = os.pipe()
    try:
        return subprocess.run(
            [sys.executable, __file__, module, *words],
            cwd=cwd, env=dict(env), stdin=reading, stdout=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    finally:
        os.close(reading)
        os.close(writing)


def _end_too() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_end_too, daemon=True).start()
    del sys.argv[0]
    sys.path[0] = str(Path.cwd())  # in place of this file's folder, as for `python -m`
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
