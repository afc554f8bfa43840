"""Earlier runs of a workflow, and the artifacts that they left."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from chittyactions.ecosystem.github_wire import BASE_URL, Answer, Wire
from chittyactions.http import Client

LATEST = 30
"""Runs that are looked back at; half a year of weekly ones."""


class Run(Answer):
    """One run. `conclusion` is None while it goes on."""

    id: int
    created_at: datetime
    conclusion: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether all of it went well."""
        return self.conclusion == "success"


class _Runs(Answer):
    workflow_runs: tuple[Run, ...]


class _Artifact(Answer):
    name: str
    expired: bool = False


class _Artifacts(Answer):
    artifacts: tuple[_Artifact, ...]


class Runs(Wire):
    """The runs of one repository's workflows. Methods raise ServiceError."""

    def __init__(self, client: Client, *, repository: str, token: str, base_url: str = BASE_URL) -> None:
        fix = f"Give the job `actions: read` on {repository}."
        super().__init__(client, token=token, base_url=base_url, fix=fix)
        self._root = f"/repos/{quote(repository)}/actions"

    def ended(self, workflow: str, branch: str, *, only: str = "completed") -> tuple[Run, ...]:
        """The latest runs of a workflow's file on a branch that have ended, the newest first.

        `only` is `completed`, or one conclusion such as `success`.
        """
        asked = f"branch={quote(branch, safe='')}&status={only}&per_page={LATEST}"
        found = self.call("GET", f"{self._root}/workflows/{quote(workflow, safe='')}/runs?{asked}", _Runs)
        return tuple(sorted(found.workflow_runs, key=lambda one: one.created_at, reverse=True))

    def has_artifact(self, run: int, name: str) -> bool:
        """Whether a run has an artifact of that name, which is still kept."""
        asked = f"name={quote(name, safe='')}&per_page=100"
        found = self.call("GET", f"{self._root}/runs/{run}/artifacts?{asked}", _Artifacts)
        return any(one.name == name and not one.expired for one in found.artifacts)
