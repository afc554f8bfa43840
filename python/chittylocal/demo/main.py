"""`make demo`, `make demo-publish` and `make demo-audit`: what they have around the story that they tell."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from chittylocal.actrun.problems import CannotRun
from chittylocal.actrun.session import tool_cache
from chittylocal.actrun.stage import toolkit_root
from chittylocal.demo import auditing, deploying, publishing
from chittylocal.demo.claims import NotAsClaimed
from chittylocal.demo.screen import BOLD, DIM, GREEN, RED, YELLOW, Screen
from chittylocal.local import Local


class Demo(NamedTuple):
    """One demo: its headline, its folder in `.cache`, what tells it, and how a person does the same.

    `keeps`: whether what it makes is worth keeping where there is no checkout.
    """

    title: str
    folder: str
    tell: Callable[[Screen, Local, Path, Path], None]
    same: str = "The same with a repository of yours: chittyops local run PATH"
    keeps: bool = False


DEMOS = {
    "deploy": Demo(deploying.TITLE, "demo", deploying.tell),
    "publish": Demo(publishing.TITLE, "demo-publish", publishing.tell),
    "audit": Demo(auditing.TITLE, "demo-audit", auditing.tell, "The same of yours: chittyops audit --help", keeps=True),
}


def _folder(name: str) -> tuple[Path, bool]:
    """Where the demo works, and whether it is to go afterwards: inside the checkout, else a temporary folder."""
    root = toolkit_root()
    if (root / "pyproject.toml").is_file():
        return root / ".cache" / name, False
    return Path(tempfile.mkdtemp(prefix="chittyops-demo-")), True


def _run_folder(folder: Path) -> tuple[Path, bool]:
    """Where act runs, and whether it is to go: its host mode can't start a step below a path with white space."""
    if not re.search(r"\s", str(folder)):
        return folder / "run", False
    outside = Path(tempfile.mkdtemp(prefix="chittyops-demo-"))
    return outside / "run", True


def main(argv: Sequence[str]) -> int:
    """Run a demo; 0 when all that it claims was so."""
    parser = argparse.ArgumentParser("chittyops local demo", description=__doc__)
    parser.add_argument("demo", nargs="?", choices=DEMOS, default="deploy", help="which one (default: deploy)")
    demo = DEMOS[parser.parse_args(argv).demo]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    screen = Screen()
    started = time.monotonic()
    folder, temporary = _folder(demo.folder)
    temporary = temporary and not demo.keeps
    try:
        _play(demo, screen, folder)
    except (CannotRun, NotAsClaimed) as error:
        screen.line()
        screen.line(screen.paint(f"✗ The demo failed: {error}", BOLD, RED))
        if not temporary:
            screen.line(f"  The backend's state is in {folder / 'state'}.")
        return 1
    except KeyboardInterrupt:
        screen.line()
        screen.line(screen.paint("The demo was interrupted. Nothing is left running.", BOLD, YELLOW))
        return 130
    finally:
        if temporary:
            shutil.rmtree(folder, ignore_errors=True)
    screen.line()
    done = f"✓ All of it held, in {time.monotonic() - started:.1f} s. Nothing is left running."
    screen.line(screen.paint(done, BOLD, GREEN))
    if not temporary:
        screen.line(screen.paint(f"  The state that proves it: {folder / 'state'}", DIM))
    screen.line(screen.paint(f"  {demo.same}", DIM))
    return 0


def _play(demo: Demo, screen: Screen, folder: Path) -> None:
    shutil.rmtree(folder / "state", ignore_errors=True)
    screen.line(screen.paint(demo.title, BOLD))
    os.environ.setdefault("RUNNER_TOOL_CACHE", str(tool_cache()))
    with Local(folder / "state") as local:
        run, outside = _run_folder(folder)
        try:
            demo.tell(screen, local, folder, run)
        finally:
            shutil.rmtree(run.parent if outside else run, ignore_errors=True)
