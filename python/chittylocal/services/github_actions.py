"""GitHub's workflow runs, as far as a workflow looks back at its own: what ended when, and which artifacts are left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from chittylocal.services.github_answers import Handler, Refusal, page, repository_of

if TYPE_CHECKING:
    from chittylocal.services.github_data import Data

FIRST = 9_000_000_001


class Runs:
    """The runs of every repository's workflows; tests add them."""

    def __init__(self) -> None:
        self._runs: list[dict[str, Any]] = []

    def add(
        self,
        name: str,
        workflow: str,
        *,
        created_at: str,
        conclusion: str | None = "success",
        branch: str = "main",
        artifacts: Iterable[str] = (),
        expired: Iterable[str] = (),
        event: str = "schedule",
        fork: str | None = "",
    ) -> int:
        """Add a run of a workflow's file in a repository `owner/name`; its id. None as conclusion: it goes on.

        `fork` is the repository that the run's commit came from, where it is another one; None: it is gone.
        """
        gone = set(expired)
        number = FIRST + len(self._runs)
        self._runs.append(
            {
                "repository": name.lower(),
                "id": number,
                "path": f".github/workflows/{workflow}",
                "event": event,
                "head_branch": branch,
                "head_repository": None if fork is None else {"full_name": fork or name},
                "status": "completed" if conclusion else "in_progress",
                "conclusion": conclusion,
                "created_at": created_at,
                "artifacts": [{"name": one, "expired": one in gone} for one in (*artifacts, *gone)],
            }
        )
        return number

    def of(self, name: str) -> list[dict[str, Any]]:
        """A repository's runs, the newest first."""
        found = [one for one in self._runs if one["repository"] == name.lower()]
        return sorted(found, key=lambda one: str(one["created_at"]), reverse=True)


class Routes:
    """The routes over `Runs`."""

    def __init__(self, data: Data) -> None:
        self._runs = data.runs

    async def of_workflow(self, request: web.Request) -> web.Response:
        """`GET …/actions/workflows/{file}/runs`, by branch and status."""
        file, wanted = request.match_info["file"], request.query
        runs = [one for one in self._runs.of(repository_of(request)) if one["path"].endswith(f"/{file}")]
        if not runs:
            raise Refusal(404, "Not Found")
        status = wanted.get("status")
        found = [
            one
            for one in runs
            if wanted.get("branch") in (None, one["head_branch"]) and status in (None, one["status"], one["conclusion"])
        ]
        return page(request, found, show=_shown, key="workflow_runs")

    async def artifacts(self, request: web.Request) -> web.Response:
        """`GET …/actions/runs/{id}/artifacts`, by name."""
        number = int(request.match_info["id"])
        run = next((one for one in self._runs.of(repository_of(request)) if one["id"] == number), None)
        if run is None:
            raise Refusal(404, "Not Found")
        name = request.query.get("name")
        found = [
            {"id": number * 10 + place, **one}
            for place, one in enumerate(run["artifacts"])
            if name in (None, one["name"])
        ]
        return page(request, found, key="artifacts")


def _shown(run: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in run.items() if key not in ("repository", "artifacts")}


def routes(data: Data, guarded: Callable[..., Handler]) -> list[web.RouteDef]:
    """`actions/workflows/{file}/runs` and `actions/runs/{id}/artifacts`."""
    answers = Routes(data)
    of = "/github/repos/{owner}/{repo}/actions"
    return [
        web.get(of + "/workflows/{file}/runs", guarded(answers.of_workflow, "actions")),
        web.get(of + r"/runs/{id:\d+}/artifacts", guarded(answers.artifacts, "actions")),
    ]
