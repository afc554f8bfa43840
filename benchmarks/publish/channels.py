"""Three channels against the slowest one alone, as whole processes of the action.

    python -m benchmarks.publish.channels [--rounds N] [--limit 1.5]

Each round publishes packages that nobody knows yet to one local backend (verdaccio, S3 with verified signatures, a git
repository): on npm alone, on R2 alone, on Homebrew alone (its file was put up before), and on all three. The ratio is
that of the last to the slowest of the others in the same round; the median of the rounds is judged.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from chittyactions.publish.artifact import Packed, write_artifact
from chittyactions.publish.judgement import Expected
from chittyactions.publish.source import read_source
from chittylocal import Local

ROOT = Path(__file__).resolve().parents[2]
RUN_PY = ROOT / "python" / "chittyactions" / "run.py"
TOOLS = ROOT / ".tools" / "tool-cache"
LIMIT = 1.5
TAP = "chittyos/homebrew-tap"
VERSION, COMMIT, REF = "1.0.0", "c0ffee" + "0" * 34, "refs/heads/main"
PUBLIC_URL = "https://git.chitty.cc/{service}@{version}"
WAYS = {
    "npm alone": {"publish_npm": "true"},
    "R2 alone": {"publish_r2": "true"},
    "Homebrew alone": {"brew": "true", "public_url": PUBLIC_URL},
    "all three": {"publish_npm": "true", "publish_r2": "true", "brew": "true"},
}


def npm_package(name: str, path: Path) -> None:
    """An npm package of some kilobytes; its code can't be compressed."""
    contents = {"package.json": json.dumps({"name": name, "version": VERSION}), "index.js": os.urandom(16_000).hex()}
    with tarfile.open(path, "w:gz") as tar:
        for member, text in contents.items():
            info = tarfile.TarInfo(f"package/{member}")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))


class Publisher:
    """Publishes new packages to one backend."""

    def __init__(self, local: Local, folder: Path) -> None:
        self.local, self.folder = local, folder
        local.github.repository(TAP, {"README.md": "A tap.\n"})
        self.key = local.github.app("4177", [TAP])
        self.count = 0

    def seconds(self, **how: str) -> float:
        """Seconds of one publish of a new package. CalledProcessError when it failed."""
        self.count += 1
        service = f"greet{self.count}"
        name, home = f"@chittyos/{service}", self.folder / service
        checkout = home / "repository"
        checkout.mkdir(parents=True)
        (checkout / "package.json").write_text(json.dumps({"name": name, "version": VERSION}))
        package = home / f"chittyos-{service}-{VERSION}.tgz"
        npm_package(name, package)
        source = read_source(checkout, service=service, ref=REF, npm=True)
        assert source.version
        write_artifact(
            home / "package.tar",
            [Packed(package, package.name)],
            source=source,
            version=source.version,
            expected=Expected(service, COMMIT, REF, ("any",)),
        )
        if "public_url" in how:
            data = package.read_bytes()
            self.local.r2.put("chittyos-packages", f"{service}/{VERSION}/{package.name}", data)
            about = {"name": service, "version": VERSION, "tarball": package.name, "size": len(data)}
            about["sha256"] = hashlib.sha256(data).hexdigest()
            self.local.r2.put("chittyos-packages", f"{service}/metadata.json", json.dumps(about).encode())
        inputs = {
            "phase": "publish",
            "service_name": service,
            "publish_npm": how.get("publish_npm", "false"),
            "publish_r2": how.get("publish_r2", "false"),
            "brew_formula": service if "brew" in how else "",
            "public_url": how.get("public_url", ""),
            "tap": TAP,
            "artifact": str(home / "package.tar"),
            "cloudflare_token": self.local.cloudflare_token,
            "account_id": self.local.account_id,
            "npm_token": self.local.npm_token,
            "github_app_id": "4177",
            "github_app_private_key": self.key,
        }
        command = [sys.executable, "-I", str(RUN_PY), "package-publish"]
        env = self._environment(home, checkout) | {"CHITTY_INPUTS": json.dumps(inputs)}
        started = time.perf_counter()
        subprocess.run(command, cwd=checkout, env=env, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        took = time.perf_counter() - started
        assert not list(home.glob("chittyops-tools-*")), "it installed packages of its own, which is not to be measured"
        return took

    def _environment(self, home: Path, checkout: Path) -> dict[str, str]:
        for name in ("GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "GITHUB_ENV"):
            (home / name).touch()
        return {
            **self.local.env("none"),
            "PATH": f"{ROOT / '.tools/node/bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "RUNNER_TEMP": str(home),
            "RUNNER_TOOL_CACHE": str(TOOLS),
            "CHITTY_TRUST_TOOL_CACHE": "1",  # as on a hosted runner; else each process would install its packages
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(checkout),
            "GITHUB_REPOSITORY": "chittyos/greet",
            "GITHUB_REPOSITORY_OWNER": "chittyos",
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_SHA": COMMIT,
            "GITHUB_REF": REF,
            **{
                name: str(home / name)
                for name in ("GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "GITHUB_ENV")
            },
        }


def table(seconds: dict[str, list[float]]) -> str:
    """Least and median of each way, in milliseconds."""
    lines = [f"{'':16}{'min ms':>8}{'median':>8}"]
    lines += [f"{n:16}{min(s) * 1000:8.0f}{statistics.median(s) * 1000:8.0f}" for n, s in seconds.items()]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.publish.channels", description="Channels side by side")
    parser.add_argument("--rounds", type=int, default=7, help="counted rounds (default 7)")
    parser.add_argument("--limit", type=float, default=LIMIT, help=f"ratio to stay within (default {LIMIT})")
    chosen = parser.parse_args(arguments)
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    print(f"Publishing one package, whole processes, {chosen.rounds} rounds in turn:\n", flush=True)
    with tempfile.TemporaryDirectory() as folder, Local() as local:
        publisher = Publisher(local, Path(folder))
        for number in range(chosen.rounds + 1):  # the first is not counted: verdaccio and moto start in it
            for name, how in WAYS.items():
                took = publisher.seconds(**how)
                seconds[name] += [took] if number else []
            if number == 0:
                installed = sorted(TOOLS.glob("chittyops/*"))
                continue
            ways = ", ".join(f"{name} {each[-1] * 1000:.0f} ms" for name, each in seconds.items())
            print(f"{number}: {ways}", flush=True)
        assert installed == sorted(TOOLS.glob("chittyops/*")), "a counted round installed packages"
    print(f"\n{table(seconds)}")
    *alone, together = seconds.values()
    ratio = statistics.median(all_ / max(each) for all_, *each in zip(together, *alone, strict=True))
    verdict = "within" if ratio <= chosen.limit else "NOT within"
    print(f"\nAll three take {ratio:.2f} times the slowest one alone: {verdict} {chosen.limit:g}.")
    return 0 if ratio <= chosen.limit else 1


if __name__ == "__main__":
    sys.exit(main())
