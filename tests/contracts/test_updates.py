"""Whoever keeps this repository's own dependencies up to date knows of every lock file."""

from __future__ import annotations

import subprocess
from pathlib import PurePosixPath
from typing import Any

import yaml

from contracts.files import ROOT

LOCKS = {"package-lock.json": "npm", "go.sum": "gomod"}


def looked_after() -> dict[str, set[str]]:
    """The folders that Dependabot looks at, by ecosystem."""
    config: dict[str, Any] = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text("utf-8"))
    found: dict[str, set[str]] = {}
    for entry in config["updates"]:
        found.setdefault(entry["package-ecosystem"], set()).update(entry.get("directories") or [entry["directory"]])
    return found


def test_every_folder_with_a_lock_is_looked_after() -> None:
    """A lock that nobody renews grows old unseen, and a folder that is gone is an error in GitHub's log."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [PurePosixPath(one) for one in listed.splitlines()]
    wanted: dict[str, set[str]] = {"github-actions": {"/"}, "pip": {"/", "/requirements"}}
    for path in paths:
        if path.name in LOCKS:
            wanted.setdefault(LOCKS[path.name], set()).add(f"/{path.parent}")
    assert looked_after() == wanted
