"""The same verdict from GitHub as from a checkout, and what an audit asks for it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from pathlib import Path

import pytest

from chittyactions.compliance.audit.asking import Hosts, Looking
from chittyactions.compliance.audit.judge import Asking, Judge, Rules
from chittyactions.compliance.audit.plan import Wish, planned
from chittyactions.compliance.audit.record import ServiceRecord, Standing
from chittyactions.compliance.audit.run import Auditor, Progress
from chittyactions.compliance.audit.state import State
from chittyactions.compliance.checkout import open_checkout
from chittyactions.compliance.identity import identify
from chittyactions.compliance.model import Outcome
from chittyactions.compliance.reports.json_report import document
from chittyactions.compliance.repository import Observed, Repository
from chittyactions.compliance.settings import FILE, read_settings
from chittyactions.ecosystem.github_budget import Budget
from chittyactions.ecosystem.github_graphql import GraphQL
from chittyactions.environment import toolkit
from chittyactions.http import Client, Deadline
from chittylocal import Local
from compliance.compliant import compliant, compliant_worker

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, tzinfo=timezone.utc)
DEEP = "a/b/c/d/e.txt"
OPENAPI = 'openapi: 3.1.0\ninfo: {title: t, version: "1"}\npaths: {}\n'
MADE: Mapping[str, Mapping[str, str]] = {
    "flat": compliant("tool"),
    "worker": {**compliant_worker(), "wrangler.toml": 'name = "worker"\n', "src/index.ts": "export default {}\n"},
    "bare": {"README.md": "# Nothing yet\n"},
    "deep": {**compliant("tool"), DEEP: "x"},
    "document": {**compliant("tool"), "docs/openapi.yaml": OPENAPI},
    "invalid": {**compliant("tool"), ".github/workflows/x.yml": "on: [\n"},
    "waiving": {
        ".chittyops.yml": "waivers: [{check: chittycanon, reason: not yet, owner: me, expires: 2027-01-01}]\n",
        "own.txt": "x",
    },
    "empty": {},
}


def registry(*names: str) -> str:
    """The toolkit's profiles, with made services."""
    text = (toolkit() / "compliance/service-registry.yml").read_text("utf-8")
    services = "".join(
        f"      {name}: {{repo: made/{name}, type: {'cloudflare-worker' if name == 'worker' else 'tool'}}}\n"
        for name in names
    )
    return f"{text[: text.index('organizations:')]}organizations:\n  made:\n    services:\n{services}"


@dataclass
class Made:
    """An ecosystem of a few repositories, and one who audits it."""

    local: Local
    folder: Path
    hosts: Hosts

    def audit(self, *names: str, state: Path | None = None, today: date = TODAY) -> dict[str, ServiceRecord]:
        checks = (toolkit() / "compliance/checks.yml").read_text("utf-8")
        rules = Rules(checks, registry(*names), today, NOW)
        environ = {**os.environ, **self.local.urls()}
        environ["GITHUB_SERVER_URL"] = environ["GITHUB_API_URL"]
        self.budget = Budget(sleep=lambda _: None)
        client = Client("GitHub's API", Deadline(60), environ={}, sleep=lambda _: None)
        hub = GraphQL(client, token=lambda: "t", url=environ["GITHUB_GRAPHQL_URL"], budget=self.budget)
        looking = Looking(lambda _: "t", environ, self.hosts, self.folder, runtime=False)
        kept = State(state)
        judge = Judge(rules, Asking(looking.observe, looking.whole))
        auditor = Auditor(lambda _, text, variables: hub.ask(text, variables), judge, kept)
        assembled = rules.assembled()
        targets = planned(assembled.registry, assembled.engine.catalogue, Wish())
        self.progress = Progress(len(targets))
        found = {one.name: one for one in auditor.records(targets, self.progress)}
        kept.close()
        return found


@pytest.fixture(scope="module")
def backend() -> Iterator[Local]:
    """One backend for all: nothing is written to it."""
    with Local() as running:
        for name, files in MADE.items():
            running.github.repository(f"made/{name}", files)
        yield running


@pytest.fixture
def made(backend: Local, tmp_path: Path) -> Made:
    """The ecosystem, with nothing asked of it yet."""
    backend.forget_requests()
    return Made(backend, tmp_path, Hosts())


def from_checkout(backend: Local, folder: Path, name: str, observed: Observed) -> dict[str, object]:
    """The report of the same repository as a clone of it has it."""
    subprocess.run(["git", "clone", "--quiet", str(backend.github.git_folder(f"made/{name}")), str(folder)], check=True)
    rules = Rules((toolkit() / "compliance/checks.yml").read_text("utf-8"), registry(name), TODAY, NOW)
    checkout, _ = open_checkout(folder)
    checkout = replace(checkout, remote=f"https://github.com/made/{name}")
    repository = Repository(checkout, "", observed)
    text = (folder / FILE).read_text("utf-8") if (folder / FILE).exists() else None
    settings = read_settings(text, FILE) if text is not None else None
    assembled = rules.assembled(settings)
    service = identify(repository, assembled.registry, settings, slug=f"made/{name}")
    waivers = assembled.waivers_for(service)
    return document(assembled.engine.judge(repository, service, waivers=waivers, today=TODAY))


@pytest.mark.parametrize("name", [one for one in MADE if one != "empty"])
def test_a_commit_gives_the_same_verdict_from_github_as_from_a_checkout(made: Made, tmp_path: Path, name: str) -> None:
    """Whatever the base facts hold of it; settings apart."""
    seen: list[Observed] = []
    looking = Looking.observe

    def noting(*words: object) -> Observed:
        seen.append(looking(*words))  # type: ignore[arg-type]
        return seen[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Looking, "observe", noting)
        record = made.audit(name)[name]
    expected = from_checkout(made.local, tmp_path / "clone", name, seen[0])
    assert record.standing is Standing.JUDGED
    told = record.model_dump(mode="json")
    assert told["checks"] == expected["checks"]
    assert told["dimensions"] == expected["dimensions"]
    assert (record.outcome.value if record.outcome else None, record.score) == (expected["outcome"], expected["score"])


def test_base_facts_are_enough_for_most(made: Made) -> None:
    """One query for all; a commit is fetched where a check asks for a file that is not of the base."""
    found = made.audit("flat", "bare", "deep", "document")
    assert made.budget.requests == 1
    assert {name: one.standing for name, one in found.items()} == dict.fromkeys(found, Standing.JUDGED)
    assert made.hosts.asked["archive"] == made.progress.archives == 2


def test_what_has_not_moved_is_not_read_again(made: Made, tmp_path: Path) -> None:
    """The second run asks who moved, and judges by what was kept; waivers count by the day."""
    names = [one for one in MADE if one != "empty"]
    first = made.audit(*names, state=tmp_path / "state")
    made.hosts = Hosts()
    second = made.audit(*names, state=tmp_path / "state")
    assert second == first
    assert (made.budget.requests, made.progress.reused, made.progress.archives) == (1, len(names), 0)
    assert "archive" not in made.hosts.asked
    late = made.audit(*names, state=tmp_path / "state", today=date(2027, 1, 2))
    before = {one.id: one.outcome for one in first["waiving"].checks if one.dimension == "chittycanon"}
    after = {one.id: one.outcome for one in late["waiving"].checks if one.dimension == "chittycanon"}
    assert Outcome.WAIVED in before.values()
    assert after == {check: Outcome.FAIL if was is Outcome.WAIVED else was for check, was in before.items()}


def test_repositories_that_cannot_be_judged_are_told_apart(made: Made) -> None:
    """Empty, gone, archived, renamed."""
    hub = made.local.github
    for name in ("archived", "old"):
        hub.repository(f"made/{name}", MADE["flat"])
    hub.profile("made/archived").archived = True
    hub.rename("made/old", "made/new")
    found = made.audit("empty", "gone", "archived", "old")
    assert {name: one.standing for name, one in found.items()} == {
        "empty": Standing.EMPTY,
        "gone": Standing.MISSING,
        "archived": Standing.ARCHIVED,
        "old": Standing.JUDGED,
    }
    assert (found["old"].moved_to, found["old"].repository) == ("made/new", "made/old")
    assert all(one.reason for name, one in found.items() if name != "old")
