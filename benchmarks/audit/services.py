"""The services of the benchmark: those of the demo's made ecosystem that the base facts are enough for, repeated.

Each is made once under a name of its own (`t0000007`) and asked of the embedded GitHub; the thousands are that answer
with names of the same length (`s0001234`) and commits of their own.
"""

from __future__ import annotations

import hashlib
import json
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

from chittyactions.compliance.audit.query import query
from chittylocal import Local
from chittylocal.demo.ecosystem import made, registry, settle, write
from chittylocal.demo.ecosystem_flaws import Made

TODAY = date(2026, 1, 1)


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


def kinds() -> tuple[Made, ...]:
    """One of each: no whole commit is needed for it, and it has a repository for itself."""
    chosen = [
        one for one in made(TODAY)
        if one.state in ("", "private") and one.holds and (one.tier is None or one.tier < 2)
        and not {".mcp.json", ".chittyops.yml"} & one.files.keys()
        and all(flaw.standing == "judged" for flaw in one.flaws)
    ]  # fmt: skip
    return tuple(_called(one, f"t{number:07d}") for number, one in enumerate(chosen))


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
    services = sorted((service(number, of) for number in range(count)), key=lambda one: one.organization)
    return registry(services, TODAY).partition("waivers:")[0]


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
