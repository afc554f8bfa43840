"""How large the dashboard is, how fast it opens and filters in Chromium, beside the same page without its script.

    python -m benchmarks.dashboard [--sizes N …] [--rounds N]

The audits are those of the tests, repeated up to so many services. Of all rounds the best counts. Exit code 1 when
10,000 services take more than 5 s to open or 1.25 s to filter, or their page is more than 25 MB.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SIZES = (62, 1_000, 10_000)
MOST_OPENING, MOST_FILTERING, MOST_BYTES = 5_000, 1_250, 25_000_000
"""Milliseconds, milliseconds, bytes; of any size."""
FILTER = """(() => {
  const began = performance.now();
  const form = document.getElementById("filters-services");
  form.elements.q.value = "router";
  form.dispatchEvent(new Event("input"));
  const shown = document.getElementById("count-services").textContent;
  return new Promise((done) => {
    const look = () => document.getElementById("count-services").textContent === shown
      ? requestAnimationFrame(look) : requestAnimationFrame(() => done(performance.now() - began));
    look();
  });
})()"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description="How fast the dashboard opens and filters.")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args(arguments)
    sys.path[:0] = [str(ROOT / one) for one in ("python", "tests", "tools")]
    from chittyactions.compliance.audit.reports.dashboard import render
    from chittyactions.compliance.audit.reports.view import view
    from compliance.audit.ecosystem import audit
    from pages.chromium import look

    missed = False
    print("| services | MB | opens, ms | without script, ms | times | filter, ms |\n|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="dashboard-bench-") as folder:
        for size in chosen.sizes:
            page = render(view(audit(size=size)))
            bytes_ = len(page.encode())
            seen = [
                look(page, Path(folder), {"evaluate": [FILTER]}, {"javascript": False}) for _ in range(chosen.rounds)
            ]
            opens = min(ours.loaded for ours, _ in seen)
            floor = min(bare.loaded for _, bare in seen)
            filters = min(ours.values[0] for ours, _ in seen)
            times = f"{opens / floor:.1f}"
            print(
                f"| {size:,} | {bytes_ / 1e6:.1f} | {opens:.0f} | {floor:.0f} | {times} | {filters:.0f} |", flush=True
            )
            missed = missed or opens > MOST_OPENING or filters > MOST_FILTERING or bytes_ > MOST_BYTES
    print("\n" + ("Too slow, or too large." if missed else "Every limit is kept."))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
