"""A job that checks a repository by `compliance-check`, and what it leaves."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chittylocal import Local
from protocol.runner import ActionRun, ActionRunner

REPOSITORY = "acme/hello"
CONTEXT = "compliance / compliance"
SETTINGS = "schema_version: 1\n"


class Job:
    """A job of acme/hello that checks a checkout of these files."""

    def __init__(self, runner: ActionRunner, local: Local) -> None:
        self.runner, self.local = runner, local
        self.token = local.github.token
        local.github.repository(REPOSITORY, {"README.md": "# Hello\n"})
        local.github.rules.set_classic(REPOSITORY, checks=(CONTEXT,))

    def lay_out(self, files: Mapping[str, str]) -> None:
        """Commit the files; what was there before goes."""
        git(self.runner.workspace, "init", "--quiet", "--initial-branch", "main")
        for path, text in files.items():
            place = self.runner.workspace / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, "utf-8")
        git(self.runner.workspace, "add", "--all")

    def check(self, files: Mapping[str, str], env: Mapping[str, str] | None = None, **inputs: str) -> ActionRun:
        """Run the action on them, with the workflow's token unless another is given."""
        self.lay_out(files)
        inputs.setdefault("token", self.token)
        return self.runner.run("compliance-check", inputs, {**self.local.env("none"), **(env or {})})

    def pull_request(self, event: str = "pull_request", home: str = REPOSITORY) -> dict[str, str]:
        """The environment of a run of pull request 7, whose branch lies in the repository `home`."""
        payload = {"pull_request": {"number": 7, "head": {"sha": "2" * 40, "repo": {"full_name": home}}}}
        return self.runner.set_event(event, payload)

    def comments(self) -> list[str]:
        """What stands on the pull request."""
        return [one["body"] for one in self.local.github.comments(REPOSITORY, 7)]

    def uploads(self) -> list[dict[str, Any]]:
        """The SARIF of every upload to code scanning."""
        return [one["sarif"] for one in self.local.github.scanning.uploads(REPOSITORY)]


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def without(path: str, files: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in files.items() if name != path}


def report(run: ActionRun) -> dict[str, Any]:
    """The JSON report that the run wrote."""
    found: dict[str, Any] = json.loads(Path(json.loads(run.outputs["report_paths"])["json"]).read_text("utf-8"))
    return found


def outcomes(run: ActionRun) -> dict[str, str]:
    return {one["id"]: one["outcome"] for one in report(run)["checks"]}
