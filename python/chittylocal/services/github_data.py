"""What GitHub knows about repositories here: set and looked at by tests, asked by `github`."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from chittylocal.services.github_accounts import Accounts
from chittylocal.services.github_actions import Runs
from chittylocal.services.github_apps import Apps, Token
from chittylocal.services.github_catalogue import Profile, Repositories
from chittylocal.services.github_git import Commit, Repository, bytes_of
from chittylocal.services.github_issues import Issues
from chittylocal.services.github_kept import BOT, Kept
from chittylocal.services.github_labels import Labels
from chittylocal.services.github_limits import Budget, Limits
from chittylocal.services.github_rules import Rules
from chittylocal.services.github_scanning import Scanning
from chittylocal.services.github_search import Index
from chittylocal.state import State, now

History = Callable[[str, str], tuple[int, int] | None]
"""(base, head) → (ahead_by, behind_by) of `head`."""


class Data(Kept):
    """GitHub's data about repositories; a repository is named `owner/name`.

    Attributes:
        token: the workflow's token; any other than this is taken too, unless `strict` is set.
        strict: refuse other tokens than `token` with 401 Bad credentials.
        read_only: answer every write with 403 "Resource not accessible by integration", as for a fork's pull
            request or without the permission.
        viewer: whom tokens belong to that nobody else has: the workflow's, and those that were not issued here.
        accounts: who each token belongs to, and what it may know of.
        repositories: real git repositories, where `repository` made any, and the folders that were mounted.
        apps: GitHub Apps and their tokens.
        rules: what guards the repositories, and which workflows are off.
        scanning: the findings that code scanning was handed.
        runs: the runs of workflows that there were.
        issues: the repositories' issues; `labels` what they may be called by.
        index: what a search for issues finds, late as `limits` has it.
        budget: the points of GraphQL; `rest_budget` the requests of REST, `search_budget` its searches, which have a
            minute of their own.
        limits: how both refuse, and how slow they are.
    """

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._protected: set[tuple[str, str]] = set()
        self._pulls: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self._comparisons: dict[tuple[str, str, str], tuple[int, int]] = {}
        self._histories: dict[str, History] = {}
        self.token = f"ghs_{secrets.token_hex(18)}"
        self.strict = False
        self.read_only = False
        self.viewer = BOT
        self.apps = Apps()
        self.accounts = Accounts(self)
        self.rules = Rules()
        self.repositories = Repositories(state.folder / "github", self.rules.default_branch)
        self.scanning = Scanning()
        self.runs = Runs()
        self.issues = Issues(self)
        self.labels = Labels(self)
        self.limits = Limits()
        self.budget = Budget("graphql", clock=self.limits.now)
        self.rest_budget = Budget("core", clock=self.limits.now)
        self.search_budget = Budget("search", 30, clock=self.limits.now, period=60.0)
        self.index = Index(self)

    @property
    def folder_of_state(self) -> Path:
        """Where everything is kept."""
        return self._state.folder

    @property
    def api_url(self) -> str:
        """Where the REST API is."""
        return f"{self._state.url}/github"

    def pass_time(self, seconds: float) -> None:
        """Let GitHub's limits and its search believe that so many seconds have passed."""
        self.limits.ahead += seconds

    # -- real repositories ---------------------------------------------------------------------------------------------

    def repository(self, name: str, files: Mapping[str, str] | None = None) -> None:
        """Make a repository `owner/name` with a first commit of `files`; without files it is empty."""
        self.repositories.make(name, files or {})

    def folder(self, name: str, path: Path) -> None:
        """Have a plain folder be the repository `owner/name`: its files are read when they are asked for."""
        self.repositories.mount(name, path)

    def folders(self, path: Path) -> None:
        """Have every `OWNER/NAME` of a folder be a repository. Nothing is read before it is asked for."""
        self.repositories.mount_tree(path)

    def profile(self, name: str) -> Profile:
        """What GitHub says about a repository (archived, private …), to look at and to change."""
        return self.repositories.profile(name)

    def rename(self, old: str, new: str) -> None:
        """Call a repository otherwise; its old name leads to the new one."""
        self.repositories.rename(old, new)
        self.rules.rename(old, new)
        super().rename(old, new)
        with self.lock:
            self._protected = {(new.lower() if it == old.lower() else it, branch) for it, branch in self._protected}

    def delete(self, name: str) -> None:
        """Have no such repository any more."""
        self.repositories.delete(name)

    def git_folder(self, name: str) -> Path:
        """The bare git repository."""
        return self._repository(name).folder

    def read(self, name: str, path: str, ref: str = "main") -> str:
        """A file's text. KeyError when there is none."""
        repository = self._repository(name)
        commit = repository.resolve(ref)
        entry = repository.entry(commit, path) if commit else None
        if entry is None:
            raise KeyError(f"{name} has no {path} at {ref}")
        return repository.blob(entry.sha).decode("utf-8", "surrogateescape")

    def log(self, name: str, ref: str = "main") -> list[Commit]:
        """The commits that lead to `ref`, newest first."""
        return self._repository(name).log(ref)

    def push(self, name: str, files: Mapping[str, str], message: str = "A push", branch: str = "main") -> str:
        """Commit files on a branch, as somebody else would; returns the commit."""
        repository = self._repository(name)
        with repository.lock:
            content = {path: bytes_of(text) for path, text in files.items()}
            head = repository.resolve(f"refs/heads/{branch}")
            return repository.commit(branch, content, message, parent=head, author=("Octocat", "octocat@example.com"))

    def protect(self, name: str, branch: str = "main") -> None:
        """Take changes to a branch by pull request alone."""
        self._protected.add((name.lower(), branch))

    def protected(self, name: str) -> set[str]:
        """The protected branches of a repository."""
        return {branch for repository, branch in self._protected if repository == name.lower()}

    def app(
        self, app_id: str, installed_on: Iterable[str], permissions: dict[str, str] | None = None, *, slug: str = ""
    ) -> str:
        """Register an app that is installed on repositories; returns its private key as PEM.

        `OWNER/*` is all that an owner has. What the app writes is by `SLUG[bot]` (default: `app-ID`).
        """
        return self.apps.register(app_id, installed_on, permissions, slug=slug)

    def person(self, login: str, *, reaches: Iterable[str] | None = None, writes: bool = True) -> str:
        """A personal token; returns its value. `reaches`: the private repositories that it sees (None: all)."""
        return self.accounts.person(login, reaches=reaches, writes=writes)

    def issued_tokens(self) -> list[Token]:
        """The installation tokens that were issued, oldest first, without their values."""
        return self.apps.tokens()

    def pull_requests(self, name: str) -> list[dict[str, Any]]:
        """A repository's pull requests, oldest first, with the commit that each head is at.

        One whose base has got that commit meanwhile is merged, as GitHub finds after a push.
        """
        pulls, repository = self.all("pulls", name), self.repositories.find(name)
        for pull in pulls:
            at = repository.resolve(f"refs/heads/{pull['head']['ref']}") if repository else None
            pull["head"] = pull["head"] | {"sha": at or ""}
            if repository and at and pull["state"] == "open":
                found = repository.comparison(f"refs/heads/{pull['base']['ref']}", at)
                if found and not found[0]:
                    pull.update(merged := _merged())
                    self.change("pulls", pull["id"], name, **merged)
        return pulls

    def add_pull(
        self, name: str, title: str, head: str, base: str, body: str, user: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Open a pull request of one of the repository's own branches."""
        owner = name.partition("/")[0]
        with self.lock:
            number, moment = self.issues.next_number(name), now()
            pull = {
                "repository": name.lower(), "number": number, "state": "open", "title": title, "body": body,
                "user": user or BOT, "html_url": f"https://github.com/{name}/pull/{number}",
                "head": {"ref": head, "label": f"{owner}:{head}"}, "base": {"ref": base, "label": f"{owner}:{base}"},
                "labels": [], "created_at": moment, "updated_at": moment, "closed_at": None, "merged_at": None,
            }  # fmt: skip
            self.add("pulls", pull)
        return self.pull_requests(name)[-1]

    def change_pull(self, name: str, number: int, changes: Mapping[str, Any]) -> dict[str, Any] | None:
        """Change a pull request's title, body, state or labels; None when there is no such one."""
        with self.lock:
            found = next((pull for pull in self.pull_requests(name) if pull["number"] == number), None)
            return found and self.change("pulls", found["id"], name, **changes, updated_at=now())

    def dispatches(self, name: str) -> list[dict[str, Any]]:
        """The repository_dispatch events that a repository got: `event_type` and `client_payload`, oldest first."""
        return [dict(event["event"]) for event in self.all("dispatches", name)]

    def add_dispatch(self, name: str, event_type: str, payload: dict[str, Any]) -> None:
        """Note an event."""
        event = {"event_type": event_type, "client_payload": payload}
        self.add("dispatches", {"repository": name.lower(), "event": event})

    def _repository(self, name: str) -> Repository:
        found = self.repositories.find(name)
        if found is None:
            raise KeyError(f"there is no repository {name}; make it with repository()")
        return found

    # -- what tests set by hand ----------------------------------------------------------------------------------------

    def set_pull(self, repository: str, sha: str, number: int, state: str = "open", head: str = "feature") -> None:
        """Let the commit `sha` belong to pull request `number`."""
        owner = repository.partition("/")[0]
        pull = {
            "number": number, "state": state, "title": f"Pull request {number}", "user": {"login": "octocat"},
            "html_url": f"https://github.com/{repository}/pull/{number}",
            "head": {"ref": head, "sha": sha, "label": f"{owner}:{head}", "repo": {"full_name": repository}},
            "base": {"ref": "main", "label": f"{owner}:main", "repo": {"full_name": repository}},
        }  # fmt: skip
        with self.lock:
            self._pulls.setdefault((repository, sha), []).append(pull)

    def pulls(self, repository: str, sha: str) -> list[dict[str, Any]]:
        """The pull requests that a commit belongs to."""
        with self.lock:
            return list(self._pulls.get((repository, sha), []))

    def set_comparison(self, repository: str, base: str, head: str, ahead_by: int, behind_by: int) -> None:
        """Let `head` be that many commits ahead of and behind `base`."""
        with self.lock:
            self._comparisons[repository, base, head] = (ahead_by, behind_by)
            self._comparisons.setdefault((repository, head, base), (behind_by, ahead_by))

    def set_history(self, repository: str, history: History) -> None:
        """Let `history` compare what was not set by hand; None of it: GitHub does not know one of the commits."""
        with self.lock:
            self._histories[repository] = history

    def comparison(self, repository: str, base: str, head: str) -> tuple[int, int] | None:
        """(ahead_by, behind_by) of `head` against `base`; None: GitHub does not know one of them."""
        with self.lock:
            set_here = (0, 0) if base == head else self._comparisons.get((repository, base, head))
            history = self._histories.get(repository)
        real = self.repositories.find(repository)
        return set_here or (history(base, head) if history else real.comparison(base, head) if real else None)

    def deployments(self, repository: str) -> list[dict[str, Any]]:
        """A repository's deployments with their `statuses`, newest first."""
        return self.all("deployments", repository)[::-1]


def _merged() -> dict[str, Any]:
    """What a pull request is from the moment that its commits are in its base."""
    moment = now()
    return {"state": "closed", "merged_at": moment, "closed_at": moment, "updated_at": moment}
