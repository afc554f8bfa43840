"""Runs of the samples' repositories through act, against a backend of the test's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from chittylocal import Local
from chittylocal.actrun.session import Order, Outcome, run
from chittylocal.actrun.stage import git

ROOT = Path(__file__).resolve().parents[2]
COMMIT = ("-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "--all", "--message")


class Repository:
    """A copy of a sample (the Worker or the package) with one workflow, and the runs of it."""

    def __init__(
        self, folder: Path, workflow: Path | None = None, name: str = "chittyos/hello", sample: str = "worker"
    ) -> None:
        self.folder, self.work = folder / name.rpartition("/")[2], folder / "run"
        ignored = shutil.ignore_patterns("node_modules", "dist")
        shutil.copytree(ROOT / "examples" / sample, self.folder, ignore=ignored)
        if workflow is not None:
            (own,) = (self.folder / ".github" / "workflows").iterdir()
            shutil.copyfile(workflow, own)
        git(self.folder, "init", "--quiet", "--initial-branch", "main")
        git(self.folder, "remote", "add", "origin", f"https://github.com/{name}.git")
        git(self.folder, "add", "--all")
        self.commit("First")

    def commit(self, message: str) -> None:
        """Commit all changes."""
        git(self.folder, *COMMIT, message)

    def tag(self, name: str) -> None:
        """Tag the commit."""
        git(self.folder, "tag", name)

    def write(self, files: Mapping[str, str]) -> None:
        """Add files, and commit them."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        git(self.folder, "add", "--all")
        self.commit("Add files")

    def edit(self, name: str, change: Callable[[str], str]) -> None:
        """Change a file and commit it; the change must change something."""
        path = self.folder / name
        before = path.read_text("utf-8")
        after = change(before)
        assert after != before
        path.write_text(after, "utf-8")
        self.commit(f"Change {name}")

    def run(self, local: Local, identity: str = "both", event: str | None = None, **secrets: str) -> Outcome:
        """Run its workflow; the log is in the assertion's message when the outcome is looked at by `ended`."""
        return self.order(local, identity, event, secrets)

    def order(
        self,
        local: Local,
        identity: str,
        event: str | None,
        secrets: Mapping[str, str],
        inputs: Mapping[str, str] | None = None,
        workflow: str | None = None,
    ) -> Outcome:
        """Run its workflow with all choices."""
        order = Order(
            path=self.folder, folder=self.work, identity=identity, event=event, secrets=secrets, inputs=inputs or {},
            workflow=workflow,
        )  # fmt: skip
        self.log: list[str] = []
        return run(local, order, self.log.append, verbose=True)

    def ended(self, outcome: Outcome, code: int) -> None:
        """Hold the exit code to what it should be, and show the whole log when it is not."""
        assert outcome.code == code, "\n".join(self.log)
