"""The two audits of the third demo, and the proof that each says exactly what was made so."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from chittylocal.demo import tied
from chittylocal.demo.claims import claim
from chittylocal.demo.ecosystem import made, registry, settle, write, write_one
from chittylocal.demo.ecosystem_flaws import FLAWS, Made
from chittylocal.local import Local

LATER = {
    "Orchard/billing": "",
    "Orchard/ledger": "",
    "Orchard/search": "",
    "Orchard/invoices": "",
    "Orchard/mailer": "by-hand",
    "Orchard/imports": "no-charter",
    "Orchard/backups": "archived",
}
"""What is done to some services before the second audit, in place of what was done to them before the first."""
MOVED = ("Orchard/billing", "Orchard/mailer")
"""Those of them that another commit is of."""
RENAMED = ("Orchard/catalog", "Orchard/catalogue")
WAIVER_DAYS = 30
TOLD = {
    "Broken": Counter({"Orchard/mailer": 3, "Orchard/imports": 1}),
    "Fixed": Counter({"Orchard/billing": 1, "Orchard/ledger": 1, "Orchard/search": 1}),
    "Moved or archived": Counter({"Orchard/catalog": 1, "Orchard/backups": 1}),
}
"""How often a report has to name whom at least, by what became of it."""
DIMENSIONS = frozenset(
    check.partition(".")[0] for flaw in FLAWS.values() for check in (*flaw.fails, *flaw.waived, *flaw.unknown)
)
"""Those that the ecosystem is made for."""
STATE = "audits/state.ndjson"
STOPPED = 130
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TERM", "COLUMNS")
"""Of a person's environment: no token, no proxy."""


@dataclass(frozen=True)
class Seen:
    """One audit: its document, what it said, its exit code, how long it took, and what GitHub was asked, by what."""

    audit: dict[str, Any]
    said: str
    code: int
    seconds: float
    asked: Counter[str]

    @property
    def cost(self) -> dict[str, Any]:
        """What it says that it took."""
        cost: dict[str, Any] = self.audit["cost"]
        return cost


class Story:
    """One ecosystem in `folder`, as it is now, and those who audit it. `edge` is where its services answer."""

    def __init__(self, local: Local, folder: Path, answers: dict[str, tuple[int, str]], edge: str) -> None:
        self.local, self.folder = local, folder
        self._answers = answers
        self._env = {name: os.environ[name] for name in KEPT if name in os.environ} | local.urls()
        # Git asks at the API's own address here.
        self._env |= {"GITHUB_SERVER_URL": self._env["GITHUB_API_URL"], "CHITTY_EDGE_URL": edge}
        self._env |= {"GITHUB_TOKEN": local.github_token, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
        self.today = datetime.now(timezone.utc).date()
        self.services = made(self.today)
        (folder / "audits").mkdir(parents=True, exist_ok=True)
        (folder / STATE).unlink(missing_ok=True)  # of the last demo: the first audit knows nothing
        write(self.services, self.ecosystem)
        local.github.folders(self.ecosystem)
        self._settle(self.today + timedelta(WAIVER_DAYS))

    @property
    def ecosystem(self) -> Path:
        """The repositories."""
        return self.folder / "ecosystem"

    @property
    def repositories(self) -> set[str]:
        """Owner/name of each."""
        return {one.repository for one in self.services}

    def change(self) -> None:
        """What happens between the audits."""
        self.services = made(self.today, LATER)
        for one in self.services:
            if f"{one.organization}/{one.name}" in MOVED:
                write_one(one, self.ecosystem)
        self._settle(self.today - timedelta(1))
        self.local.github.rename(*RENAMED)

    def _settle(self, waived_until: date) -> None:
        settle(self.services, self.local)
        self._answers.update({one.domain: one.health for one in self.services if one.domain})
        (self.folder / "service-registry.yml").write_text(registry(self.services, waived_until), "utf-8")

    # -- audits and reports ----------------------------------------------------------------------------------------

    def audit(self, name: str) -> Seen:
        """Audit all of it; its progress is on standard error."""
        self.local.forget_requests()
        output = self.folder / "audits" / f"{name}.json"
        started = time.monotonic()
        done = self._chittyops("audit", "--registry", "service-registry.yml", "--state", STATE, "--output", str(output))
        seconds = time.monotonic() - started
        if done.returncode == STOPPED:  # Ctrl-C reaches it too, and it may be the first to end
            raise KeyboardInterrupt
        claim(done.returncode in (0, 1, 3), f"The audit ended with {done.returncode}: its message is above.")
        asked = Counter(_kind(entry["path"]) for entry in self.local.requests("github"))
        return Seen(json.loads(output.read_text("utf-8")), done.stdout, done.returncode, seconds, asked)

    def changes(self) -> list[tuple[str, str, str]]:
        """What a report tells of both audits: what became of it, of whom, and in which words."""
        text = self._report("audits/second.json", "--previous", "audits/first.json", "--format", "markdown").stdout
        section = text.partition("## Changes since")[2].partition("\n## ")[0]
        found, kind = [], ""
        for line in section.splitlines():
            if head := re.search(r"(?:\*\*|<summary>)([\w ]+): \d+", line):
                kind = head[1]
            elif item := re.match(r"- \[(\S+)\]\(\S+\) (.*)", line):
                found.append((kind, item[1], item[2]))
        return found

    def dashboard(self) -> Path:
        """The page, and where it is."""
        output = self.folder / "dashboard.html"
        self._report("audits/second.json", "--previous", "audits/first.json", "--output", str(output))
        return output

    def _report(self, *words: str) -> subprocess.CompletedProcess[str]:
        done = self._chittyops("report", *words)
        claim(done.returncode == 0, "The report could not be made: its message is above.")
        return done

    def _chittyops(self, *words: str) -> subprocess.CompletedProcess[str]:
        return tied.run("chittyactions.cli", words, cwd=self.folder, env=self._env)

    # -- what has to be so -----------------------------------------------------------------------------------------

    def check(self, seen: Seen) -> tuple[int, int]:
        """Each service is told to be exactly as it was made; how many findings that are, of how many services."""
        told = {f"{one['organization']}/{one['name']}".lower(): one for one in seen.audit["services"]}
        claim(told.keys() == {one.key for one in self.services}, "The audit has other services than the registry.")
        findings = [_check_one(one, told[one.key]) for one in self.services]
        cost = seen.cost
        for what, count in (("queries", cost["graphql_requests"]), ("REST", cost["rest_requests"])):
            claim(count == seen.asked[what], f"The audit counts {count} {what}, and GitHub {seen.asked[what]}.")
        return sum(findings), sum(map(bool, findings))

    def check_second(self, seen: Seen, found: Iterable[tuple[str, str, str]]) -> int:
        """Little was read again but what moved, and what changed is told; how many repositories were not read."""
        unjudged = sum(one["standing"] != "judged" for one in seen.audit["services"])
        still = len(self.repositories) - unjudged - len(MOVED) - 1  # and the one that is called otherwise
        reused: int = seen.cost["reused"]
        claim(reused >= still, f"Only {reused} repositories were not read again, and {still} did not move.")
        told: dict[str, Counter[str]] = {}
        for kind, service, _ in found:
            told.setdefault(kind, Counter())[service] += 1
        for kind, wanted in TOLD.items():
            lacking = wanted - told.get(kind, Counter())
            claim(not lacking, f"The report does not tell of all that is {kind.lower()}: {dict(lacking)}")
        return reused


def _check_one(service: Made, told: dict[str, Any]) -> int:
    """How many checks fail, as they should."""
    standing = next((one.standing for one in service.flaws if one.standing != "judged"), "judged")
    claim(told["standing"] == standing, f"{service.key} is {told['standing']}, and should be {standing}.")
    if standing != "judged":
        return 0
    for name, outcomes in (("fails", ("fail", "error")), ("waived", ("waived",)), ("unknown", ("unknown",))):
        wanted = {check for flaw in service.flaws for check in getattr(flaw, name)}
        checks = (one for one in told["checks"] if one["dimension"] in DIMENSIONS)
        found = {one["id"] for one in checks if one["outcome"] in outcomes}
        claim(found == wanted, f"{service.key}: {name} {sorted(found)}, and should be {sorted(wanted)}.")
    return len({check for flaw in service.flaws for check in flaw.fails})


def _kind(path: str) -> str:
    if path == "/graphql":
        return "queries"
    return "git" if ".git/" in path else "REST"
