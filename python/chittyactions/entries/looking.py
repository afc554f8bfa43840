"""Where a run is, and whom it may ask besides the checkout: from the runner's environment."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chittyactions.compliance.assemble import Assembled
from chittyactions.compliance.model import Service
from chittyactions.compliance.observe import Sources, observe
from chittyactions.compliance.repository import Observed
from chittyactions.ecosystem.github import BASE_URL, SERVICE, GitHub
from chittyactions.entries.checking import Look
from chittyactions.http import Client, Deadline

TARGET = "pull_request_target"
"""The event whose checkout is the pull request's base, and not what it brings."""

SECONDS = 60.0
"""For what is told to GitHub."""


@dataclass(frozen=True)
class Around:
    """The run as the runner tells of it. "" and 0 stand for what there is none of."""

    environ: Mapping[str, str]
    token: str
    repository: str
    ref: str
    commit: str
    """What a pull request's findings are about is its head, not the merge that is checked out."""
    pull_request: int
    event: str = ""
    fork: bool = False
    """Whether the pull request comes from another repository: its token may write nothing, whatever is granted."""

    @classmethod
    def of(cls, environ: Mapping[str, str], token: str) -> Around:
        """From the runner's environment and the event's payload."""
        event = environ.get("GITHUB_EVENT_NAME", "")
        pull = _table(_event(environ), "pull_request") if event.startswith("pull_request") and event != TARGET else {}
        head = _table(pull, "head")
        number, sha = pull.get("number"), head.get("sha")
        home = str(_table(head, "repo").get("full_name", ""))  # of a fork that is gone there is none
        return cls(
            environ,
            token,
            environ.get("GITHUB_REPOSITORY", ""),
            environ.get("GITHUB_REF", ""),
            sha if sha and isinstance(sha, str) else environ.get("GITHUB_SHA", ""),
            number if isinstance(number, int) else 0,
            event,
            "repo" in head and home.lower() != environ.get("GITHUB_REPOSITORY", "").lower(),
        )

    @property
    def source(self) -> str:
        """Address of the repository's files at this commit."""
        return f"{self._home}/blob/{self.commit}" if self.repository and self.commit else ""

    @property
    def run_url(self) -> str:
        """The page of this run."""
        run = self.environ.get("GITHUB_RUN_ID", "")
        return f"{self._home}/actions/runs/{run}" if self.repository and run else ""

    @property
    def _home(self) -> str:
        return f"{(self.environ.get('GITHUB_SERVER_URL') or 'https://github.com').rstrip('/')}/{self.repository}"

    def github(self, say: Callable[[str], None]) -> GitHub | None:
        """GitHub with the token, or None without one."""
        if not self.token or not self.repository:
            return None
        client = Client(SERVICE, Deadline(SECONDS), environ=self.environ, say=say)
        base = self.environ.get("GITHUB_API_URL") or BASE_URL
        return GitHub(client, repository=self.repository, token=self.token, base_url=base)


def looking(sources: Sources) -> Look:
    """How `sources` are asked."""

    def look(service: Service, assembled: Assembled) -> Observed:
        asked = replace(sources, repository=sources.repository or service.repository)
        return observe(assembled.engine, service, asked, assembled.questions(service))

    return look


def _event(environ: Mapping[str, str]) -> dict[str, Any]:
    try:
        event = json.loads(Path(environ.get("GITHUB_EVENT_PATH", "")).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def _table(of: dict[str, Any], name: str) -> dict[str, Any]:
    value = of.get(name)
    return value if isinstance(value, dict) else {}
