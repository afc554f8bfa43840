"""Earlier runs of a workflow, and the artifacts that they left."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from chittyactions.ecosystem.github_wire import BASE_URL, Answer, Wire
from chittyactions.http import Client

LATEST = 30
"""Runs that are looked back at; half a year of weekly ones."""
PER_PAGE = 100
MOST_PAGES = 10
"""GitHub lists no more than a thousand runs of a branch."""


class _Repository(Answer):
    full_name: str


class Run(Answer):
    """One run. `conclusion` is None while it goes on; `head_repository` where its commit came from, None if gone."""

    id: int
    created_at: datetime
    conclusion: str | None = None
    event: str
    head_repository: _Repository | None

    @property
    def succeeded(self) -> bool:
        """Whether all of it went well."""
        return self.conclusion == "success"

    @property
    def is_scheduled(self) -> bool:
        """Whether the clock started it."""
        return self.event == "schedule"

    def is_of(self, repository: str) -> bool:
        """Whether what ran was the repository's own, and nothing that a pull request proposed."""
        source = self.head_repository.full_name if self.head_repository else ""
        return source.lower() == repository.lower() and not self.event.startswith("pull_request")


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
        self._repository = repository
        self._root = f"/repos/{quote(repository)}/actions"

    def ended(self, workflow: str, branch: str, *, only: str = "completed") -> tuple[Run, ...]:
        """The latest runs of a workflow's file on a branch that have ended, the newest first.

        `only` is `completed`, or one conclusion such as `success`. Runs of pull requests are none of them: a fork has
        branches of the same names, and what its runs leave is a stranger's.
        """
        asked = f"branch={quote(branch, safe='')}&status={only}&per_page={PER_PAGE}"
        path, ours = f"{self._root}/workflows/{quote(workflow, safe='')}/runs?{asked}", list[Run]()
        for page in range(1, MOST_PAGES + 1):
            listed = self.call("GET", f"{path}&page={page}", _Runs).workflow_runs
            ours += [one for one in listed if one.is_of(self._repository)]
            if len(listed) < PER_PAGE or len(ours) >= LATEST:
                break
        return tuple(sorted(ours, key=lambda one: one.created_at, reverse=True)[:LATEST])

    def has_artifact(self, run: int, name: str) -> bool:
        """Whether a run has an artifact of that name, which is still kept."""
        asked = f"name={quote(name, safe='')}&per_page=100"
        found = self.call("GET", f"{self._root}/runs/{run}/artifacts?{asked}", _Artifacts)
        return any(one.name == name and not one.expired for one in found.artifacts)
