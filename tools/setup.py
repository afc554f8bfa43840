"""`make setup`: have every tool in place, each made once for its locks, those that don't wait for each other at once.

A run with nothing to do reads a few stamps and ends. A tool that can't be had is named with what to do; the run fails
when the demo or the tests can't do without it. `--quiet` (for targets that only need it done) prints nothing when
all is in place, and remembers what could not be had, so that an offline machine does not try again at each target.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).resolve().parent))

from provision import TOOLS, Tool, ToolMissingError
from recipes import ALL

INTERRUPTED = threading.Event()
"""Ctrl-C reaches the children as well: what fails from then on says nothing about what can be had."""


def main() -> int:
    """Set up; 0, or 1 when an essential tool can't be had."""
    arguments = argparse.ArgumentParser(prog="make setup", description="Have every tool in place.")
    arguments.add_argument("--quiet", action="store_true", help="print nothing when all is in place")
    quiet = arguments.parse_args().quiet
    if not to_make(quiet=quiet):
        if not quiet:
            print_table({})
        return 0
    signal.signal(signal.SIGINT, interrupt)
    started = time.monotonic()
    with only_one():
        missing = make_all(to_make(quiet=quiet))
    print_table(missing)
    print(f"setup: {time.monotonic() - started:.1f} s")
    return 1 if any(tool.essential for tool in missing) else 0


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """End the run by an exception, once what is being made has noticed."""
    INTERRUPTED.set()
    raise KeyboardInterrupt


def to_make(*, quiet: bool) -> list[Tool]:
    """The tools that aren't in place, less those that a quiet run knows can't be had."""
    return [tool for tool in ALL if tool.version() is None and not (quiet and known_missing(tool))]


def known_missing(tool: Tool) -> bool:
    """Whether an earlier run, with these very locks, found that this tool can't be had and is not needed here."""
    if tool.essential:
        return False
    note = tool.stamp.with_suffix(".missing")
    return note.exists() and note.read_text("utf-8").startswith(tool.key())


@contextmanager
def only_one() -> Iterator[None]:
    """Hold off another setup of this folder: its tools are made once."""
    import fcntl

    (TOOLS / "stamps").mkdir(parents=True, exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("setup: another setup is at work in this folder; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_all(tools: list[Tool]) -> dict[Tool, str]:
    """Make `tools`, each as soon as what it needs is there; returns the missing ones with the reason."""
    from concurrent.futures import Future, ThreadPoolExecutor

    making: dict[str, Future[str | None]] = {}

    def make(tool: Tool) -> str | None:
        for need in tool.needs:
            if need in making and making[need].result() is not None:
                return f"needs {need}, which is missing"
        return make_one(tool)

    if not tools:
        return {}
    print(f"setup: {', '.join(tool.name for tool in tools)}")
    # A thread for each, so that one that waits never keeps another from starting.
    with ThreadPoolExecutor(max_workers=len(tools)) as threads:
        for tool in tools:  # in ALL a tool stands after those that it needs
            making[tool.name] = threads.submit(make, tool)
    reasons = {tool: making[tool.name].result() for tool in tools}
    return {tool: reason for tool, reason in reasons.items() if reason is not None}


def make_one(tool: Tool) -> str | None:
    """Make one tool and note what it was made from; returns the reason when it can't be had."""
    started = time.monotonic()
    note = tool.stamp.with_suffix(".missing")

    def report(what: str) -> None:
        print(f"  {tool.name}: {what}", flush=True)

    try:
        key = tool.key()
        version = tool.make(report)
    except (ToolMissingError, OSError) as error:
        if INTERRUPTED.wait(0.2):  # the child's end can be seen before the signal is
            return "interrupted"
        note.write_text(f"{key}\n{error}\n", "utf-8")
        report("can't be had")
        return str(error)
    draft = tool.stamp.with_suffix(".new")
    draft.write_text(f"{key}\n{version}\n", "utf-8")
    draft.replace(tool.stamp)
    note.unlink(missing_ok=True)
    report(f"{version} ({time.monotonic() - started:.1f} s)")
    return None


def print_table(missing: dict[Tool, str]) -> None:
    """Name every tool with its version, then every missing one with the reason and what to do."""
    width = max(len(tool.name) for tool in ALL)
    print()
    for tool in ALL:
        print(f"  {tool.name:<{width}}  {tool.version() or 'MISSING'}")
    roots = {tool: reason for tool, reason in missing.items() if not reason.startswith("needs ")}
    for tool, reason in roots.items():
        print(f"\n{tool.name} is missing{'' if tool.essential else ' (make lint will fail without it)'}.")
        print("  why: " + reason.replace("\n", "\n       "))
        print(f"  fix: {tool.remedy}.")
    print()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("setup: interrupted. Run it again: what is in place stays, the rest is made.")
