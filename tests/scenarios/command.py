"""`chittyops` as a person starts it, in a repository of theirs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from protocol.runner import ROOT

COMMAND = (sys.executable, "-m", "chittyactions.cli")


def laid_out(folder: Path, files: Mapping[str, str], *, remote: str, branch: str = "main") -> Path:
    """A git repository of these files, none of them committed, with a remote."""
    folder.mkdir()
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    for words in (["init", "--quiet", "--initial-branch", branch], ["remote", "add", "origin", remote]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


def environment(folder: Path, env: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment without tokens, whose home is beside the repository."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder.parent), "PYTHONPATH": str(ROOT / "python"), **(env or {})}


def chittyops(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, where nobody can be asked."""
    return subprocess.run(
        [*COMMAND, *words], cwd=folder, env=environment(folder, env), capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, timeout=60,
    )  # fmt: skip
