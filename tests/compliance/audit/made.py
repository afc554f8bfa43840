"""A made ecosystem of a few repositories on the embedded GitHub, and one who audits it, for tests of the audit."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from chittyactions.compliance.audit.asking import Looking
from chittyactions.compliance.audit.judge import Judge
from chittyactions.compliance.audit.paced import Hosts, rest_budget
from chittyactions.compliance.audit.plan import Target, Wish, planned
from chittyactions.compliance.audit.record import ServiceRecord
from chittyactions.compliance.audit.rules import Rules
from chittyactions.compliance.audit.run import WORKERS, Auditor, Progress
from chittyactions.compliance.audit.said import Asking
from chittyactions.compliance.audit.state import State
from chittyactions.compliance.catalogue import read_catalogue
from chittyactions.compliance.observe import Sources
from chittyactions.compliance.settings import FILE
from chittyactions.ecosystem.github_budget import Budget
from chittyactions.ecosystem.github_graphql import GraphQL
from chittyactions.ecosystem.github_tokens import Asker
from chittyactions.environment import toolkit
from chittyactions.http import Client, Deadline
from chittylocal import Local
from compliance.compliant import compliant, compliant_worker

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, tzinfo=timezone.utc)
DEEP = "a/b/c/d/e.txt"
OPENAPI = 'openapi: 3.1.0\ninfo: {title: t, version: "1"}\npaths: {}\n'
WORKER: Mapping[str, str] = {
    **compliant_worker(),
    "wrangler.toml": 'name = "worker"\n',
    "src/index.ts": "export default {}\n",
}
MADE: Mapping[str, Mapping[str, str]] = {
    "flat": compliant("tool"),
    "worker": WORKER,
    "bare": {"README.md": "# Nothing yet\n"},
    "deep": {**compliant("tool"), DEEP: "x"},
    "document": {**compliant("tool"), "docs/openapi.yaml": OPENAPI},
    "invalid": {**compliant("tool"), ".github/workflows/x.yml": "on: [\n"},
    "waiving": {
        FILE: "waivers: [{check: chittycanon, reason: not yet, owner: me, expires: 2027-01-01}]\n",
        "own.txt": "x",
    },
    "empty": {},
}  # fmt: skip


def checks() -> str:
    """The toolkit's checks."""
    return (toolkit() / "compliance/checks.yml").read_text("utf-8")


def security() -> tuple[str, ...]:
    """The dimensions that are reported apart, one of which reads every file there is."""
    return tuple(one for one in read_catalogue(checks(), "checks.yml").dimensions if one.startswith("security-"))


def registry(*names: str, services: str = "") -> str:
    """The toolkit's profiles, with made services."""
    text = (toolkit() / "compliance/service-registry.yml").read_text("utf-8")
    lines = services or "".join(
        f"      {name}: {{repo: made/{name}, type: {'cloudflare-worker' if name.startswith('worker') else 'tool'}}}\n"
        for name in names
    )
    return f"{text[: text.index('organizations:')]}organizations:\n  made:\n    services:\n{lines}"


class Patience:
    """A clock that waiting moves; GitHub's limits move with it. What was said is kept."""

    def __init__(self, local: Local, ahead: float = 0.0) -> None:
        self._local = local
        self._ahead = ahead
        self.waited = 0.0
        self.said: list[str] = []
        self._lock = threading.Lock()

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._ahead + self.waited

    def sleep(self, seconds: float) -> None:
        """Wait."""
        with self._lock:  # GitHub's clock is never behind this one
            self._local.github.pass_time(seconds)
            self.waited += seconds


@dataclass
class Made:
    """An ecosystem, and one who audits it. What the last audit took is kept."""

    local: Local
    folder: Path
    hosts: Hosts = field(default_factory=Hosts)
    longest: float = 900.0
    """Seconds that a limit is waited for."""
    ahead: float = 0.0
    """Seconds that have passed (see `later`)."""
    security: bool = False
    """Whether the dimensions of security are looked at, for which every commit is fetched."""
    token: str = "t"
    """Whoever audits."""
    workers: int = WORKERS

    def __post_init__(self) -> None:
        self.patience = Patience(self.local)

    def later(self, seconds: float) -> None:
        """Let time pass between two audits."""
        self.ahead += seconds
        self.local.github.pass_time(seconds)

    def rules(self, text: str, today: date = TODAY, checks_text: str = "", without: tuple[str, ...] = ()) -> Rules:
        """What everybody is held to, by the registry's text."""
        left_out = without if self.security else (*without, *security())
        return Rules(checks_text or checks(), text, today, NOW, frozenset(left_out))

    def judge(self, rules: Rules) -> Judge:
        """One who judges without asking the services."""
        limits: dict[str, Any] = {"longest": self.longest}
        patience = self.patience
        limits |= {"clock": patience.now, "sleep": patience.sleep, "say": patience.said.append}
        self.rest = rest_budget(**limits)
        environ = {**os.environ, **self.local.urls()}
        environ["GITHUB_SERVER_URL"] = environ["GITHUB_API_URL"]
        sources = Sources(sleep=lambda _: None)
        looking = Looking(
            lambda _: Asker("", lambda: self.token),
            environ,
            self.hosts,
            self.folder,
            runtime=False,
            sources=sources,
            budget=self.rest,
            clock=patience.now,
        )
        return Judge(rules, Asking(looking.observe, looking.switches, looking.whole, looking.guarded, looking.together))

    def targets(self, rules: Rules) -> tuple[Target, ...]:
        """Everything that the registry has."""
        assembled = rules.assembled()
        return planned(assembled.registry, assembled.engine.catalogue, Wish())

    def audit(
        self, *names: str, state: Path | None = None, today: date = TODAY, rules: Rules | None = None
    ) -> dict[str, ServiceRecord]:
        """The records by the services' names."""
        rules = rules or self.rules(registry(*names), today)
        self.patience = Patience(self.local, self.ahead)
        self.budget = Budget(
            clock=self.patience.now, sleep=self.patience.sleep, say=self.patience.said.append, longest=self.longest
        )
        client = Client("GitHub's API", Deadline(60), environ={}, sleep=lambda _: None)
        hub = GraphQL(client, token=lambda: self.token, url=self.local.urls()["GITHUB_GRAPHQL_URL"], budget=self.budget)
        kept = State(state, self.patience.now)
        auditor = Auditor(
            lambda _, text, variables: hub.ask(text, variables),
            self.judge(rules),
            kept,
            workers=self.workers,
            clock=self.patience.now,
        )
        targets = self.targets(rules)
        self.progress = Progress(len(targets))
        try:
            return {one.name: one for one in auditor.records(targets, self.progress)}
        finally:
            kept.close()
