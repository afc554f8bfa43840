"""The jobs of the audit's workflow on a made ecosystem, and the files that they hand to each other."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chittyactions.environment import toolkit
from chittylocal import Local
from compliance.compliant import compliant
from protocol.runner import ActionRun, ActionRunner

HOME = "acme/hello"
"""The repository whose workflow it is."""
SERVICES: Mapping[str, Mapping[str, str]] = {
    "Grove/ash": compliant("tool"),
    "Grove/birch": {"README.md": "# Birch\n"},
    "Grove/cedar": compliant("tool"),
    "Meadow/clover": {"README.md": "# Clover\n", "CLAUDE.md": "# Working here\n\n`make`.\n"},
    "Meadow/hidden-daisy": {"README.md": "# Daisy\n"},
}
PRIVATE = "Meadow/hidden-daisy"


def registry() -> str:
    """The toolkit's profiles with the made services."""
    text = (toolkit() / "compliance/service-registry.yml").read_text("utf-8")
    lines = [text.partition("organizations:")[0], "organizations:\n"]
    for owner in ("Grove", "Meadow"):
        lines.append(f"  {owner}:\n    services:\n")
        lines += [
            f"      {name.partition('/')[2]}: {{repo: {name}, type: tool}}\n"
            for name in SERVICES
            if name.startswith(owner)
        ]
    return "".join(lines)


def planted(local: Local) -> None:
    """Have the ecosystem's repositories, one of them private, and the one that audits."""
    for name, files in {**SERVICES, HOME: {"README.md": "# Hello\n"}}.items():
        local.github.repository(name, files)
        local.github.rules.set_classic(name, checks=("compliance / compliance",))
    local.github.profile(PRIVATE).private = True


class Jobs:
    """Runs phases; what a job hands on lies in `kept`, by the artifact's name."""

    def __init__(self, runner: ActionRunner, local: Local) -> None:
        self.runner, self.local = runner, local
        self.kept = runner.folder.parent / "artifacts"
        self.env = {**local.env("none"), "GITHUB_SERVER_URL": local.urls()["GITHUB_API_URL"]}
        self.registry = runner.workspace / "service-registry.yml"
        self.registry.write_text(registry(), "utf-8")

    def phase(self, phase: str, **inputs: str) -> ActionRun:
        """One phase, with the workflow's token unless another is given."""
        given = {"token": self.local.github.token, "registry": str(self.registry), **inputs, "phase": phase}
        return self.runner.run("ecosystem-audit", given, self.env)

    def keep(self, run: ActionRun) -> Path:
        """What upload-artifact does with a job's folder."""
        return self._copy(run.outputs["path"], run.outputs["artifact_name"])

    def audit(self, shard: str = "1/1", **inputs: str) -> ActionRun:
        """Audit a shard, ask no service, and keep it."""
        run = self.phase("audit", shard=shard, **{"skip_runtime": "true", **inputs})
        if "path" in run.outputs:
            self.keep(run)
        return run

    def merge(self, **inputs: str) -> ActionRun:
        """Merge what is kept, and keep the reports and the state."""
        run = self.phase("merge", folder=str(self.kept), **inputs)
        if "path" in run.outputs:
            self.keep(run)
            self._copy(run.outputs["state"], run.outputs["state_name"])
        return run

    def whole(self, shards: int = 2, **inputs: str) -> ActionRun:
        """Audit every shard, and merge."""
        for one in range(1, shards + 1):
            run = self.audit(f"{one}/{shards}", **inputs)
            assert run.returncode == 0, run.log
        return self.merge(**inputs)

    def next_week(self) -> Path:
        """Put away what this run kept, as the run before of the next one: the folder of its reports."""
        before = self.kept.with_name("before")
        shutil.rmtree(before, ignore_errors=True)
        self.kept.rename(before)
        return before

    def document(self) -> dict[str, Any]:
        """The merged audit."""
        found: dict[str, Any] = json.loads((self.kept / "ecosystem-audit/audit.json").read_text("utf-8"))
        return found

    def _copy(self, folder: str, name: str) -> Path:
        target = self.kept / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(folder, target)
        return target


def names(document: Mapping[str, Any]) -> list[str]:
    """The services of an audit."""
    return [f"{one['organization']}/{one['name']}" for one in document["services"]]
