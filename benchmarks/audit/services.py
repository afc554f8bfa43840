"""The services of the benchmark: those of the demo's made ecosystem that the base facts are enough for, repeated.

Which these are is asked, since it changes with the checks: a whole commit is another cost, and git's. They are kept as
varied as they are, with all their flaws, private ones and those with checks of their own: an audit of one kind alone
would reuse what it knows of it, and a service that passes costs less than one that has much to be told.

Each is made once under a name of its own (`t0000007`) and asked of the embedded GitHub; the thousands are that answer
with names of the same length (`s0001234`) and commits of their own.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

from chittyactions.compliance.audit.query import query
from chittylocal import Local
from chittylocal.demo.ecosystem import made, registry, settle, write
from chittylocal.demo.ecosystem_flaws import Made

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 1, 1)
BEYOND = "security-"
"""How dimensions begin of which some checks read more than the base facts."""


class Recorded(NamedTuple):
    """What GitHub answers about one kind of repository, as JSON, by what is asked.

    `blobs`: the files that have its name in them, by what git calls them, which is another name in every repository.
    """

    name: str
    commit: str
    blobs: dict[str, str]
    content: str
    settings: str
    workflows: str


def candidates() -> tuple[Made, ...]:
    """One of each that can be judged, in a repository of its own."""
    chosen = [
        one for one in made(TODAY)
        if one.state in ("", "private") and one.holds and all(flaw.standing == "judged" for flaw in one.flaws)
    ]  # fmt: skip
    return tuple(_called(one, f"t{number:07d}") for number, one in enumerate(chosen))


def enough(of: Sequence[Made], folder: Path) -> tuple[Made, ...]:
    """Those that the base facts are enough for: one audit of all tells, by which of them it fetches with git."""
    with embedded(of, folder) as local:
        (folder / "registry.yml").write_text(_registry(of), "utf-8")
        url = local.urls()["GITHUB_API_URL"]
        done = audit(url, folder, "asked", token=local.github_token)
        if done.returncode not in (0, 1):
            raise SystemExit(f"The kinds can't be told apart:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        fetched = [str(one["path"]) for one in local.requests("github") if str(one["path"]).endswith("/info/refs")]
    return tuple(one for one in of if not any(f"/{one.repository}" in path for path in fetched))


def audit(hub: str, folder: Path, states: str, *options: str, token: str = "t") -> subprocess.CompletedProcess[str]:
    """`chittyops audit` of registry.yml in a folder, as a process (see `ours`): audit.json and result.json.

    Without the services' own answers, and without the dimensions that read whole commits of everybody.
    """
    env = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    env |= {"GITHUB_TOKEN": token, "GITHUB_API_URL": hub, "GITHUB_GRAPHQL_URL": f"{hub}/graphql"}
    env |= {"GITHUB_SERVER_URL": f"{hub}/", "PYTHONPATH": os.pathsep.join([str(ROOT / "python"), str(ROOT)])}
    without = [word for name in beyond() for word in ("--except", name)]
    options = ("--registry", "registry.yml", "--output", "audit.json", "--skip-runtime", *options)
    command = [sys.executable, "-m", "benchmarks.audit.ours", "result.json", states, *options]
    for left in ("result.json", "audit.json"):  # of an earlier one: it would be taken for this one's
        (folder / left).unlink(missing_ok=True)
    return subprocess.run([*command, *without], cwd=folder, env=env, capture_output=True, text=True, check=False)


def beyond() -> list[str]:
    """Dimensions of which some checks read whole commits, which is not what is measured here."""
    checks = (ROOT / "compliance/checks.yml").read_text("utf-8")
    return sorted({name for name in re.findall(r"^  ([\w-]+):$", checks, re.MULTILINE) if name.startswith(BEYOND)})


def service(number: int, of: Sequence[Made]) -> Made:
    """The service of that number; its kind goes by it."""
    return _called(of[number % len(of)], f"s{number:07d}")


def _called(one: Made, name: str) -> Made:
    domain = f"{name}.{one.organization.lower()}.example" if one.domain else ""
    called = Made(one.organization, name, one.kind, one.tier, domain, TODAY)
    called.flaws = one.flaws
    for flaw in called.flaws:
        flaw.apply(called)
    return called


def blob_name(content: bytes) -> str:
    """What git calls a file of that content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def registry_of(count: int, of: Sequence[Made]) -> str:
    """A registry of so many services."""
    return _registry(service(number, of) for number in range(count))


def _registry(services: Iterable[Made]) -> str:
    return registry(sorted(services, key=lambda one: one.organization), TODAY).partition("waivers:")[0]


@contextmanager
def embedded(services: Sequence[Made], folder: Path) -> Iterator[Local]:
    """The embedded GitHub with some services."""
    write(services, folder / "repositories")
    with Local(folder / "state") as local:
        local.github.folders(folder / "repositories")
        settle(services, local)
        yield local


def recorded(of: Sequence[Made], folder: Path) -> list[Recorded]:
    """What the embedded GitHub answers of each kind, asked by the audit's own queries."""
    with embedded(of, folder) as local:
        urls = local.urls()
        return [_asked(one, urls["GITHUB_GRAPHQL_URL"], urls["GITHUB_API_URL"]) for one in of]


def _asked(one: Made, graphql: str, rest: str) -> Recorded:
    answers = []
    for content in (True, False):
        text, variables = query([one.repository], content=content)
        body = json.dumps({"query": text, "variables": variables}).encode()
        answers.append(json.loads(_fetched(graphql, body))["data"]["r0"])
    commit = answers[0]["defaultBranchRef"]["target"]["oid"]
    workflows = _fetched(f"{rest}/repos/{one.repository}/actions/workflows?per_page=100&page=1").decode()
    blobs = {blob_name(text.encode()): text for text in one.files.values() if one.name in text}
    return Recorded(one.name, commit, blobs, json.dumps(answers[0]), json.dumps(answers[1]), workflows)


def _fetched(url: str, body: bytes | None = None) -> bytes:
    headers = {"Authorization": "Bearer t", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as answer:
        found: bytes = answer.read()
    return found
