"""What a check of a repository costs, beside the floor: git's list of the files, and reading those that were opened.

    python -m benchmarks.check [--rounds N] [--files N]

Two repositories: a typical Worker, and one of 10,000 files in a monorepo. Each round judges it whole in this process,
as `chittyops check --offline` does after its start, and then does the floor's work; the start of the command is
measured apart. Of all rounds the best counts. Exit code 1 when the typical one takes more than a second with its start,
or the large one more than three.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from benchmarks.check.repositories import large, typical

ROOT = Path(__file__).resolve().parents[2]
TYPICAL_LIMIT, LARGE_LIMIT = 1.0, 3.0
"""Seconds, the command's start among them."""

START = "import sys; sys.path.insert(0, sys.argv[1]); import chittyactions.entries.checking"


class Cost(NamedTuple):
    """One check: its seconds, the floor's, and the files that were opened of those that are there."""

    seconds: float
    floor: float
    opened: int
    files: int


def judged(folder: Path) -> tuple[float, set[str], int]:
    """Seconds of a whole judgement, what was opened, and how many files there are."""
    from chittyactions.compliance.claims import asked
    from chittyactions.compliance.repository import Observed
    from chittyactions.entries.checking import Inquiry, examine

    started = time.perf_counter()
    inquiry = Inquiry(folder, asked(), "", "", opted_in=True, slug="", commit="", today=date(2026, 1, 1))
    examined = examine(inquiry, lambda _service, _assembled: Observed())
    seconds = time.perf_counter() - started
    return seconds, examined.repository.opened, len(examined.repository.checkout.paths)


def floor(folder: Path, opened: set[str]) -> float:
    """Seconds of git's list, and of reading the same files."""
    started = time.perf_counter()
    subprocess.run(["git", "ls-files", "-z", "--stage"], cwd=folder, check=True, capture_output=True)
    for name in sorted(opened):
        path = folder / name
        if path.is_file():
            path.read_bytes()
    return time.perf_counter() - started


def start() -> tuple[float, float]:
    """Seconds until a process has everything imported that a check needs, and its processor seconds."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", START, str(ROOT / "python")], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - started, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(folder: Path, rounds: int) -> Cost:
    """The best of several rounds: what else the machine does is added to every one of them, and is not ours."""
    costs = []
    for _ in range(rounds):
        seconds, opened, files = judged(folder)
        costs.append(Cost(seconds, floor(folder, opened), len(opened), files))
    return Cost(min(one.seconds for one in costs), min(one.floor for one in costs), costs[0].opened, costs[0].files)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description="A check of a repository beside reading the same files.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--files", type=int, default=10_000)
    chosen = parser.parse_args(arguments)
    sys.path.insert(0, str(ROOT / "python"))
    begun, cpu = (min(values) for values in zip(*(start() for _ in range(chosen.rounds)), strict=True))
    print(f"start of the command: {begun:.2f} s (processor {cpu:.2f} s)")
    behind = False
    with tempfile.TemporaryDirectory(prefix="check-bench-") as name:
        for title, folder, limit in (
            ("typical", typical(Path(name) / "typical"), TYPICAL_LIMIT),
            ("large", large(Path(name) / "large", chosen.files), LARGE_LIMIT),
        ):
            judged(folder)  # files are in the page cache, expressions compiled
            cost = measured(folder, chosen.rounds)
            whole = begun + cost.seconds
            behind |= whole > limit
            print(
                f"{title:<8} {cost.files:>6} files, {cost.opened:>4} opened: {cost.seconds:6.3f} s, floor "
                f"{cost.floor:6.3f} s ({cost.seconds / cost.floor:.1f} times); with its start {whole:.2f} s "
                f"(at most {limit:g} wanted)"
            )
    return int(behind)


if __name__ == "__main__":
    sys.exit(main())
