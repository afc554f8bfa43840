"""What an audit costs at any size: requests, points, seconds, memory; beside the same requests sent and parsed bare.

    python -m benchmarks.audit [--quick] [--sizes N …] [--latencies MS …]

GitHub is a process that answers what the embedded one answered once (see `services`, `hub`), so that the audit's own
work shows; the first rows of each latency are by the embedded one itself. Each first audit is followed by a second one
with its state, of which nothing moved. "Base facts": no service is asked, and the states of workflows cost nothing;
"and states" asks GitHub's REST API for them, one request for each repository. Prints Markdown. Exit code 1 where a
target is missed.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SIZES, LATENCIES = (62, 1000, 10_000), (0, 150)
MOST_SECONDS = {62: 2.0}
MOST_REQUESTS = {62: 6, 10_000: 550}
MOST_MEMORY = 500
"""MiB, of any size."""
FLAT = 1.5
"""How much more a service may cost among the most than among a thousand."""
EMBEDDED = 62
"""Services that the embedded GitHub itself answers for: it executes each query by the schema, which takes its time."""
STATES_UP_TO = 1000
"""Services of an audit that asks for the states of workflows, as the default."""
COLUMNS = (
    "services", "latency", "audit", "requests", "points", "REST", "seconds", "floor", "times", "processor",
    "of it each", "MiB",
)  # fmt: skip


class Row(NamedTuple):
    """One audit."""

    size: int
    latency: int
    audit: str
    cost: dict[str, Any]
    took: dict[str, float]
    floor: float

    @property
    def cells(self) -> tuple[str, ...]:
        """As a row of the table; the seconds are of the whole process, its start among them."""
        seconds, floor = self.took["seconds"], self.floor
        return (
            f"{self.size:,}", f"{self.latency} ms", self.audit, str(self.cost["graphql_requests"]),
            str(self.cost["graphql_points"]), str(self.cost["rest_requests"]), f"{seconds:.2f}",
            f"{floor:.2f}", f"{seconds / floor:.1f}",
            f"{self.took['processor']:.2f}", f"{1000 * self.each:.1f} ms", f"{self.took['peak'] / 1024:.0f}",
        )  # fmt: skip

    @property
    def each(self) -> float:
        """Processor seconds for each service, the start aside: who else uses the machine does not change them."""
        return (self.took["processor"] - self.took["start"]) / self.size


class Bench:
    """The audits of one folder. `hub` is GitHub's address."""

    def __init__(self, folder: Path, of: Sequence[Any]) -> None:
        self._folder, self._of = folder, of

    def audits(self, size: int, latency: int, hub: str, *, states: bool, by: str = "") -> Iterator[Row]:
        """The first and the second."""
        from benchmarks.audit.services import registry_of, service

        from chittyactions.compliance.audit.query import PER_QUERY, SETTINGS_PER_QUERY

        (self._folder / "registry.yml").write_text(registry_of(size, self._of), "utf-8")
        (self._folder / "state").unlink(missing_ok=True)
        names = sorted((service(number, self._of).repository for number in range(size)), key=str.lower)
        what = ("and states" if states else "base facts") + by
        for audit, content, most in (
            (f"{what}, first", True, PER_QUERY),
            (f"{what}, second", False, SETTINGS_PER_QUERY),
        ):
            cost, took = self._ours(hub, states=states)
            floor = self._floor(hub, names, content=content, most=most, states=cost["rest_requests"])
            yield Row(size, latency, audit, cost, took, floor)

    def _ours(self, hub: str, *, states: bool) -> tuple[dict[str, Any], dict[str, float]]:
        from benchmarks.audit.services import audit

        done = audit(hub, self._folder, "asked" if states else "free", "--state", "state")
        written = self._folder / "audit.json"
        told = json.loads(written.read_text("utf-8")) if done.returncode in (0, 1) and written.exists() else {}
        judged = sum(one["standing"] == "judged" for one in told.get("services", ()))
        if not judged or judged != len(told["services"]) or told["cost"]["archives"]:
            raise SystemExit(f"The audit is not what is measured here:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        waits = [line for line in done.stderr.splitlines() if not re.match(r"\d+ of \d+", line)]
        if waits:  # whatever it waited for is no part of its cost, and would be taken for it
            print(f"It said: {' '.join(waits)[:1000]}", file=sys.stderr)
        return told["cost"], json.loads((self._folder / "result.json").read_text("utf-8"))

    def _floor(self, hub: str, names: Sequence[str], *, content: bool, most: int, states: int) -> float:
        from chittyactions.compliance.audit.paced import PER_HOST
        from chittyactions.compliance.audit.query import query
        from chittyactions.compliance.audit.run import QUERIES

        with (self._folder / "bodies").open("w", encoding="utf-8") as file:
            for begin in range(0, len(names), most):
                text, variables = query(names[begin : begin + most], content=content)
                file.write(json.dumps({"query": text, "variables": variables}) + "\n")
        paths = [f"/repos/{name}/actions/workflows?per_page=100&page=1\n" for name in names[:states]]
        (self._folder / "paths").write_text("".join(paths), "utf-8")
        command = [
            sys.executable,
            "-I",
            "-S",
            str(HERE / "floor.py"),
            hub,
            "bodies",
            str(QUERIES),
            "paths",
            str(PER_HOST),
        ]
        done = subprocess.run(command, cwd=self._folder, stdout=subprocess.PIPE, text=True, check=True)
        return float(done.stdout)


@contextmanager
def replaying(recording: Path, latency: int) -> Iterator[str]:
    """A hub that answers from a recording; its address."""
    command = [sys.executable, "-m", "benchmarks.audit.hub", str(recording), str(latency / 1000)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as hub:
        assert hub.stdin is not None
        assert hub.stdout is not None
        try:
            yield f"http://127.0.0.1:{hub.stdout.readline().strip()}"
        finally:
            hub.stdin.close()


def missed(rows: Sequence[Row]) -> Iterator[str]:
    """Targets that were not met."""
    base = [row for row in rows if row.audit.startswith("base facts,")]
    for row in base:
        at = f"{row.size:,} services at {row.latency} ms, {row.audit}"
        if row.cost["graphql_requests"] > MOST_REQUESTS.get(row.size, 10**9):
            yield f"{at}: {row.cost['graphql_requests']} requests, at most {MOST_REQUESTS[row.size]} wanted"
        if row.took["seconds"] > MOST_SECONDS.get(row.size, 10**9):
            yield f"{at}: {row.took['seconds']:.2f} s, at most {MOST_SECONDS[row.size]:g} s wanted"
        if row.took["peak"] / 1024 > MOST_MEMORY:
            yield f"{at}: {row.took['peak'] / 1024:.0f} MiB, at most {MOST_MEMORY} wanted"
    thousand = {(row.latency, row.audit): row for row in base if row.size == 1000}
    for row in base:
        among = thousand.get((row.latency, row.audit))
        if among and row.size > among.size and row.each > FLAT * among.each:
            yield (
                f"{row.size:,} services at {row.latency} ms, {row.audit}: {1000 * row.each:.1f} ms of processor each, "
                f"and {1000 * among.each:.1f} among {among.size:,}"
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description="What an audit costs, beside the bare requests.")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--latencies", type=int, nargs="+", default=LATENCIES, help="milliseconds")
    parser.add_argument("--states-up-to", type=int, default=STATES_UP_TO, help="services of audits that ask for states")
    parser.add_argument("--quick", action="store_true", help="62 and 1,000 services, at 150 ms")
    chosen = parser.parse_args(arguments)
    sizes, latencies = ((62, 1000), (150,)) if chosen.quick else (chosen.sizes, chosen.latencies)
    sys.path.insert(0, str(ROOT / "python"))
    from benchmarks.audit.services import beyond, candidates, embedded, enough, recorded, service

    rows: list[Row] = []

    def add(row: Row) -> None:
        rows.append(row)
        print(f"| {' | '.join(row.cells)} |", flush=True)

    with tempfile.TemporaryDirectory(prefix="audit-bench-") as name:
        folder = Path(name)
        every = candidates()
        of = enough(every, folder / "choosing")
        print(f"{len(of)} of {len(every)} kinds of services are measured; the others need a whole commit, by git.\n")
        recording = folder / "recorded.json"
        recording.write_text(json.dumps([one._asdict() for one in recorded(of, folder / "recording")]), "utf-8")
        print(f"| {' | '.join(COLUMNS)} |\n|{'---:|' * 2}---|{'---:|' * (len(COLUMNS) - 3)}", flush=True)
        bench = Bench(folder, of)
        for latency in latencies:
            if EMBEDDED in sizes:
                few = [service(number, of) for number in range(EMBEDDED)]
                with embedded(few, folder / f"embedded{latency}") as local:
                    local.github.limits.latency = latency / 1000
                    url = local.urls()["GITHUB_API_URL"]
                    for row in bench.audits(EMBEDDED, latency, url, states=False, by=" by the embedded GitHub"):
                        add(row)
            with replaying(recording, latency) as hub:
                for size in sizes:
                    for states in (False, True) if size <= chosen.states_up_to else (False,):
                        for row in bench.audits(size, latency, hub, states=states):
                            add(row)
    if beyond():
        print(f"\nLeft out, since some of their checks read whole commits: {', '.join(beyond())}.")
    found = list(missed(rows))
    print("\n" + ("\n".join(f"- missed: {one}" for one in found) or "Every target is met."))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
