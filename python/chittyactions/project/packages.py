"""The caller's packages: which package manager, from which lock file, and what its scripts are.

Runs strangers' code by design, in the build job, which has nothing to steal.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chittyactions.errors import ConfigError, ToolError

_LOCKS = {
    "npm-shrinkwrap.json": "npm",
    "package-lock.json": "npm",
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
}


@dataclass(frozen=True)
class Packages:
    """How a project's packages are managed. `program` is the argument list that starts the manager."""

    manager: str
    program: tuple[str, ...]
    root: Path
    """The folder to install in: the workspace's root where there is one."""
    install: tuple[str, ...]
    scripts: Mapping[str, str]
    dependencies: frozenset[str]
    warning: str = ""

    def has(self, script: str) -> bool:
        """Whether the project has `script`, and not the placeholder that `npm init` writes."""
        return bool(self.scripts.get(script)) and "no test specified" not in self.scripts[script]

    @property
    def add(self) -> tuple[str, ...]:
        """Arguments that add a package for this build alone."""
        return {"npm": ("install", "--no-save", "--no-audit", "--no-fund"), "yarn": ("add",)}.get(
            self.manager, ("add",)
        )


def find_packages(checkout: Path, folder: Path, environ: Mapping[str, str]) -> Packages | None:
    """The packages of the Worker in `folder`; None where there is no package.json. Raises ToolError without a manager.

    The lock beside package.json counts, else the one of the workspace above that the folder belongs to.
    """
    manifest = folder / "package.json"
    if not manifest.is_file():
        return None
    project = _read(manifest)
    root, lock = _find_lock(checkout.resolve(), folder)
    manager = _LOCKS.get(lock, "npm")
    warning = ""
    if not lock:
        warning = (
            f"{manifest.relative_to(checkout.resolve()).as_posix()} has no lock file, so each build may get other "
            "packages. Commit package-lock.json, which `npm install` makes."
        )
    return Packages(
        manager=manager,
        program=_program(
            manager, _read(root / "package.json") if (root / "package.json").is_file() else project, environ
        ),
        root=root,
        install=_install(manager, root / lock if lock else None),
        scripts={k: v for k, v in _dict(project, "scripts").items() if isinstance(v, str)},
        dependencies=frozenset(name for key in ("dependencies", "devDependencies") for name in _dict(project, key)),
        warning=warning,
    )


def _find_lock(checkout: Path, folder: Path) -> tuple[Path, str]:
    """(folder, name) of the lock that holds for `folder`; (folder, "") without one."""
    for place in (folder, *folder.parents):
        found = next((name for name in _LOCKS if (place / name).is_file()), "")
        if found and (place == folder or _is_workspace(place)):
            return place, found
        if place == checkout:
            break
    return folder, ""


def _is_workspace(place: Path) -> bool:
    manifest = place / "package.json"
    return (place / "pnpm-workspace.yaml").is_file() or (manifest.is_file() and bool(_read(manifest).get("workspaces")))


def _install(manager: str, lock: Path | None) -> tuple[str, ...]:
    if lock is None:
        return ("install", "--no-audit", "--no-fund")
    if manager == "npm":
        return ("ci", "--no-audit", "--no-fund")
    if manager == "yarn" and b"__metadata:" in lock.read_bytes()[:2000]:
        return ("install", "--immutable")
    return ("install", "--frozen-lockfile")


def _program(manager: str, project: dict[str, Any], environ: Mapping[str, str]) -> tuple[str, ...]:
    """How to start `manager`: itself, by npm in the exact version that the project names, or by corepack.

    npm before corepack: the corepack of a long-lived image fails on releases that are signed by newer keys.
    """
    path = environ.get("PATH", "")
    found = shutil.which(manager, path=path)
    if found:
        return (found,)
    npm = shutil.which("npm", path=path)
    named = re.fullmatch(rf"{manager}@(\d+\.\d+\.\d+)(\+.*)?", str(project.get("packageManager", "")))
    if npm and named:
        package = "@yarnpkg/cli-dist" if manager == "yarn" and not named[1].startswith("1.") else manager
        return (npm, "exec", "--yes", f"--package={package}@{named[1]}", "--", manager)
    corepack = shutil.which("corepack", path=path)
    if corepack and manager in ("pnpm", "yarn"):
        return (corepack, manager)
    raise ToolError(
        f"{manager} is not on this runner.",
        why=f"The project's lock file is {manager}'s, and neither {manager} nor corepack is on PATH."
        if manager != "npm"
        else "npm comes with Node, which is not on PATH.",
        fix="Add actions/setup-node before this step."
        if manager == "npm"
        else f'Name its version in package.json: "packageManager": "{manager}@<version>".',
        docs="worker-build.md#packages",
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(
            f"{path.name} cannot be read.",
            why=str(error).splitlines()[0][:200],
            fix="Correct it; `npm pkg get name` reads the same file.",
        ) from None
    return data if isinstance(data, dict) else {}


def _dict(project: dict[str, Any], key: str) -> dict[str, Any]:
    value = project.get(key)
    return value if isinstance(value, dict) else {}
