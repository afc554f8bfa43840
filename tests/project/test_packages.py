"""Which package manager a project has, from which lock, and how it is started where it is not installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from chittyactions.errors import ConfigError, ToolError
from chittyactions.project.packages import Packages, find_packages
from deploy.workers import write_worker


def tools(folder: Path, *names: str) -> dict[str, str]:
    """An environment whose PATH has these programs and no other."""
    for name in names:
        folder.mkdir(exist_ok=True)
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    return {"PATH": str(folder)}


def found(tmp_path: Path, files: dict[str, str], folder: str = ".", programs: tuple[str, ...] = ("npm",)) -> Packages:
    """The packages of a project with these files."""
    write_worker(tmp_path / "repo", {"package.json": "{}", **files})
    packages = find_packages(
        tmp_path / "repo", (tmp_path / "repo" / folder).resolve(), tools(tmp_path / "bin", *programs)
    )
    assert packages
    return packages


def test_no_package_json(tmp_path: Path) -> None:
    """A Worker without packages has nothing to install."""
    assert find_packages(tmp_path, tmp_path, {}) is None


@pytest.mark.parametrize(
    "lock,text,manager,install",
    [
        ("package-lock.json", "{}", "npm", ("ci", "--no-audit", "--no-fund")),
        ("npm-shrinkwrap.json", "{}", "npm", ("ci", "--no-audit", "--no-fund")),
        ("pnpm-lock.yaml", "", "pnpm", ("install", "--frozen-lockfile")),
        ("yarn.lock", "# yarn lockfile v1\n", "yarn", ("install", "--frozen-lockfile")),
        ("yarn.lock", "__metadata:\n  version: 8\n", "yarn", ("install", "--immutable")),
        ("bun.lock", "{}", "bun", ("install", "--frozen-lockfile")),
    ],
)
def test_the_lock_decides(lock: str, text: str, manager: str, install: tuple[str, ...], tmp_path: Path) -> None:
    """Each lock file is installed by its own manager, exactly."""
    packages = found(tmp_path, {lock: text}, programs=(manager,))
    assert (packages.manager, packages.install, packages.warning) == (manager, install, "")
    assert packages.program == (str(tmp_path / "bin" / manager),)


def test_no_lock_warns(tmp_path: Path) -> None:
    """Without a lock the packages are installed as they come, and that is said."""
    packages = found(tmp_path, {})
    assert packages.install[0] == "install"
    assert "package-lock.json" in packages.warning


def test_a_workspace_has_its_lock_at_the_root(tmp_path: Path) -> None:
    """In a monorepo the lock of the workspace above counts, and the install runs there."""
    files = {"package.json": '{"workspaces": ["apps/*"]}', "package-lock.json": "{}", "apps/api/package.json": "{}"}
    packages = found(tmp_path, files, "apps/api")
    assert (packages.root, packages.install[0]) == ((tmp_path / "repo").resolve(), "ci")


def test_a_lock_above_that_is_not_the_workspaces(tmp_path: Path) -> None:
    """A root that does not list the folder does not install its packages, so its lock does not count."""
    packages = found(tmp_path, {"package-lock.json": "{}", "apps/api/package.json": "{}"}, "apps/api")
    assert (packages.root, packages.install[0]) == ((tmp_path / "repo/apps/api").resolve(), "install")


def test_nothing_above_the_checkout_counts(tmp_path: Path) -> None:
    """A lock in a folder above the repository is not the repository's."""
    write_worker(tmp_path, {"package.json": '{"workspaces": ["*"]}', "package-lock.json": "{}"})
    assert found(tmp_path, {}).warning


def test_corepack_starts_what_is_missing(tmp_path: Path) -> None:
    """Without a version that the project names, pnpm by corepack, where the runner has it."""
    packages = found(tmp_path, {"pnpm-lock.yaml": ""}, programs=("npm", "corepack"))
    assert packages.program == (str(tmp_path / "bin/corepack"), "pnpm")


@pytest.mark.parametrize(
    "named,package",
    [("pnpm@10.1.0", "pnpm@10.1.0"), ("pnpm@10.1.0+sha512.abc", "pnpm@10.1.0")],
)
def test_npm_starts_an_exact_version(named: str, package: str, tmp_path: Path) -> None:
    """npm fetches the version that the project names; an old corepack would not know newer releases' keys."""
    files = {"pnpm-lock.yaml": "", "package.json": f'{{"packageManager": "{named}"}}'}
    packages = found(tmp_path, files, programs=("npm", "corepack"))
    assert packages.program[1:] == ("exec", "--yes", f"--package={package}", "--", "pnpm")


@pytest.mark.parametrize("named", ["", "pnpm@latest", "pnpm@^10", "yarn@4.0.0"])
def test_a_manager_that_cannot_be_had(named: str, tmp_path: Path) -> None:
    """No corepack and no exact version: an error that says what to write into package.json."""
    with pytest.raises(ToolError, match="pnpm is not on this runner") as caught:
        found(tmp_path, {"pnpm-lock.yaml": "", "package.json": f'{{"packageManager": "{named}"}}'})
    assert '"packageManager": "pnpm@' in caught.value.fix


def test_the_placeholder_test_is_none(tmp_path: Path) -> None:
    """The script that `npm init` writes fails by design; it is no test."""
    packages = found(
        tmp_path, {"package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'}
    )
    assert not packages.has("test")
    assert not packages.has("build")


@pytest.mark.parametrize("text", ["{", "\xff\xfe", "[1]"])
def test_a_broken_package_json(text: str, tmp_path: Path) -> None:
    """An error with the file's name, or a project without scripts; never a stack."""
    if text == "[1]":
        assert not found(tmp_path, {"package.json": text}).scripts
    else:
        with pytest.raises(ConfigError, match=r"package\.json"):
            found(tmp_path, {"package.json": text})


def test_odd_values_are_no_crash(tmp_path: Path) -> None:
    """Scripts and dependencies of other types are as good as none."""
    packages = found(tmp_path, {"package.json": '{"scripts": [1], "dependencies": "x", "packageManager": 5}'})
    assert (dict(packages.scripts), packages.dependencies) == ({}, frozenset())
