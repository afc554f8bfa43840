"""Let Ruby itself read a formula before it is written anywhere. `ruby -c` parses, and runs nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from chittyactions.process import run
from chittyactions.publish.formula import FormulaError

SECONDS = 30.0

_OPTIONS = ("--disable=gems,rubyopt", "-W0", "-c", "-")


def check_syntax(text: str, environ: Mapping[str, str]) -> bool:
    """Whether Ruby was there to read `text`. Raises FormulaError when it was and says that this is not Ruby.

    Ruby is the one on PATH of `environ`; it gets the text on stdin, an empty folder, and no variable of the job.
    """
    ruby = shutil.which("ruby", path=environ.get("PATH", ""))
    if ruby is None:
        return False
    with tempfile.TemporaryDirectory(prefix="chitty-ruby-") as folder:
        done = run(
            [ruby, *_OPTIONS],
            cwd=Path(folder),
            env={"PATH": environ.get("PATH", ""), "HOME": folder, "LANG": "C.UTF-8"},
            seconds=SECONDS,
            stdin=text.encode("utf-8", "surrogateescape"),
            name="Ruby",
        )
    if done.code:
        said = " ".join((done.stderr or done.stdout).split())[:200]
        raise FormulaError(f"Ruby does not take the result: {said or f'it ended with {done.code}'}")
    return True
