"""Pack an npm package by the project's own manager, so that what users install is what its developers would publish.

Only npm's and the managers' own packing knows `files`, `.npmignore`, `prepack` and a workspace's ranges. What came
out is looked at before it is handed over: nothing that only this repository understands, nothing that is private.
"""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from semver import Version

from chittyactions.errors import ConfigError, ToolError
from chittyactions.project.packages import Packages
from chittyactions.project.steps import Steps
from chittyactions.publish.artifact import Packed
from chittyactions.publish.judgement import package_inside, tarball_name
from chittyactions.publish.source import Source

_LOCAL = ("workspace:", "catalog:", "portal:", "patch:")
"""Ranges that mean something in their own workspace alone: whoever installs the package gets an error."""

_RANGES = ("dependencies", "optionalDependencies", "peerDependencies")

_PRIVATE = (".env", ".envrc", ".dev.vars", ".npmrc", ".netrc", ".yarnrc.yml", ".pypirc", ".git-credentials")
_HARMLESS = ("example", "sample", "template", "defaults", "schema", "dist")


def pack_npm(steps: Steps, packages: Packages, source: Source, version: Version, out: Path) -> Packed:
    """Pack the package in `source.folder` into the empty folder `out`.

    Raises ConfigError for a package that could not be used or should not be seen, ToolError when packing fails.
    """
    title, command = _packer(packages, steps.environ, out)
    steps.run(title, command, source.folder)
    made = sorted(out.glob("*.tgz"))
    if len(made) != 1:
        raise ToolError(
            f"`{title}` made {len(made)} tarballs instead of one.",
            why="A script that runs while it packs may have moved it, or a setting in .npmrc asks for something else.",
            fix=f"Run `{title}` in {source.where} on your machine.",
            docs="package-build.md#npm",
        )
    _judge_ranges(packages, source, package_inside(made[0]), steps)
    _judge_private(source, made[0])
    return Packed(made[0], tarball_name(source.name, version))


def _packer(packages: Packages, environ: Mapping[str, str], out: Path) -> tuple[str, tuple[str, ...]]:
    """What to call the step, and the command that packs into `out`."""
    manager, program = packages.manager, packages.program
    if manager == "yarn" and "--immutable" not in packages.install:
        # yarn 1 dates its files anew each time, so that no rerun would find its own release; npm packs the same files.
        manager, program = "npm", (shutil.which("npm", path=environ.get("PATH", "")) or "npm",)
    arguments = {
        "npm": ("pack", "--pack-destination", str(out)),
        "pnpm": ("pack", "--pack-destination", str(out)),
        "yarn": ("pack", "--out", str(out / "package.tgz")),
        "bun": ("pm", "pack", "--destination", str(out)),
    }[manager]
    return f"{manager} pm pack" if manager == "bun" else f"{manager} pack", (*program, *arguments)


def _judge_ranges(packages: Packages, source: Source, inside: dict[str, Any], steps: Steps) -> None:
    for key in _RANGES:
        ranges = inside.get(key)
        for name, wanted in ranges.items() if isinstance(ranges, dict) else ():
            text = str(wanted)
            if text.startswith(_LOCAL):
                raise ConfigError(
                    f"The package asks for {name}@{text[:80]}, which nobody outside its workspace can install.",
                    why=f"{packages.manager} left it as it stands in {source.where}; pnpm, yarn (from version 2 on) "
                    "and bun write the version there when they pack.",
                    fix="Commit the lock file of the manager that the workspace is made with, or write a version.",
                    docs="package-build.md#workspaces",
                )
            if text.startswith(("file:", "link:")):
                steps.talk.warn(f"The package asks for {name}@{text[:80]}: a folder that only this repository has.")


def _judge_private(source: Source, tgz: Path) -> None:
    with tarfile.open(tgz, "r:gz") as tar:
        for path in tar.getnames():
            file = path.rpartition("/")[2].lower()
            private = any(file == name or file.startswith(f"{name}.") for name in _PRIVATE)
            if private and file.rpartition(".")[2] not in _HARMLESS:
                raise ConfigError(
                    f"The package would publish {path.removeprefix('package/')[:200]}.",
                    why="Its name says that it is private.",
                    fix=f'List what belongs into the package under "files" in {source.where}, or add it to .npmignore.',
                    docs="package-build.md#npm",
                )
