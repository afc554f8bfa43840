"""An upload to R2 by our own client beside boto3's `upload_file`, each as a process, in turn, to the same server.

    python -m benchmarks.publish.r2 [--rounds N] [--megabytes N]

The server is the local R2 (moto's S3 behind the layer that verifies bodies), which takes its share of the time from
both alike; so the processor seconds of each process are shown as well, which know nothing of the server. Then ours
alone with files of 50, 200 and 400 MB: its memory does not grow with the file. Exit code 1 when ours has less than
0.9 of boto3's speed, or its memory grows by more than a tenth.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import boto3  # type: ignore[import-untyped]
from benchmarks.publish.r2_cost import Given

from chittylocal import Local
from chittylocal.r2 import BUCKET

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1_000_000
LEAST_SPEED, MOST_GROWTH = 0.9, 1.1
SIZES = (50, 200, 400)


class Cost(NamedTuple):
    """One upload: seconds, processor seconds and MiB at most of the process."""

    seconds: float
    cpu: float
    peak: float


class Bench:
    """Uploads to one local R2, whose objects are removed again."""

    def __init__(self, local: Local, folder: Path) -> None:
        self._local = local
        self._folder = folder
        self._count = 0
        token = local.cloudflare_token
        self._secret = hashlib.sha256(token.encode()).hexdigest()
        self._id = local.state.leases.token_id(token)
        self._s3: Any = boto3.client(
            "s3",
            endpoint_url=local.r2_url,
            aws_access_key_id=self._id,
            aws_secret_access_key=self._secret,
            region_name="auto",
        )

    def file(self, megabytes: int) -> tuple[Path, str]:
        """A file of that size whose content nothing compresses, and its SHA-256."""
        path = self._folder / f"{megabytes}.bin"
        if not path.exists():
            with path.open("wb") as out:
                for _ in range(megabytes):
                    out.write(os.urandom(MEGABYTE))
        return path, hashlib.sha256(path.read_bytes()).hexdigest()

    def upload(self, how: str, megabytes: int) -> Cost:
        """One upload in a process of its own: `ours` or `bare`."""
        path, digest = self.file(megabytes)
        self._count += 1
        key = f"bench/{self._count}"
        given = Given(self._local.r2_url, self._id, self._secret, BUCKET, key, str(path), digest)
        environ = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'python'}"}
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.publish.r2_{how}"],
            input=given.text(), env=environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{how} failed:\n{done.stderr}")
        assert self._local.r2.objects()[key].sha256 == digest
        self._s3.delete_object(Bucket=BUCKET, Key=key)
        cost = json.loads(done.stdout)
        return Cost(cost["seconds"], cost["cpu"], cost["peak"] / 1024)


def show(name: str, megabytes: int, costs: list[Cost]) -> float:
    """Print the medians; returns the speed in MB/s."""
    speed = statistics.median(megabytes / cost.seconds for cost in costs)
    cpu, peak = (statistics.median(values) for values in zip(*((cost.cpu, cost.peak) for cost in costs), strict=True))
    print(f"{name:<22}{megabytes:>5} MB {speed:>8.1f} MB/s   cpu {cpu:5.2f} s   peak {peak:6.1f} MiB")
    return speed


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description="An upload to R2 beside boto3's upload_file.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=200)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="r2-bench-") as name, Local() as local:
        bench = Bench(local, Path(name))
        bench.upload("ours", 20)  # moto is loaded, files are in the page cache
        costs: dict[str, list[Cost]] = {"ours": [], "bare": []}
        ratios = []
        for number in range(chosen.rounds):
            order = ("ours", "bare") if number % 2 == 0 else ("bare", "ours")
            for how in order:
                costs[how].append(bench.upload(how, chosen.megabytes))
            ratios.append(costs["bare"][-1].seconds / costs["ours"][-1].seconds)
        show("ours", chosen.megabytes, costs["ours"])
        show("boto3 upload_file", chosen.megabytes, costs["bare"])
        ratio = statistics.median(ratios)
        speedy = ratio >= LEAST_SPEED
        print(
            f"speed, ours / boto3: {ratio:.2f} (median of {chosen.rounds} pairs): "
            f"{_verdict(speedy)} {LEAST_SPEED} at least.\n"
        )
        peaks = {}
        for megabytes in SIZES:
            cost = bench.upload("ours", megabytes)
            peaks[megabytes] = cost.peak
            show("ours", megabytes, [cost])
        growth = max(peaks.values()) / peaks[SIZES[0]]
        flat = growth <= MOST_GROWTH
        print(f"peak, largest / {SIZES[0]} MB: {growth:.2f}: {_verdict(flat)} {MOST_GROWTH} at most.")
    return int(not (speedy and flat))


def _verdict(well: bool) -> str:
    return "within" if well else "NOT within"


if __name__ == "__main__":
    sys.exit(main())
