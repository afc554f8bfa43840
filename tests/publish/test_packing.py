"""Which packer packs what, and what has to be said before a build."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from chittyactions.errors import ConfigError, ToolError
from chittyactions.project.packages import Packages
from chittyactions.project.steps import Steps, Talk
from chittyactions.publish.pack_npm import _packer
from chittyactions.publish.pack_python import pack_python
from chittyactions.publish.packing import Order, Packing
from chittyactions.publish.source import Source

SAID: list[str] = []
TALK = Talk(say=SAID.append, warn=SAID.append, group=lambda _: contextlib.nullcontext())


def source(tmp_path: Path, ecosystem: str, **more: Any) -> Source:
    where = {"rust": "Cargo.toml", "go": "go.mod", "python": "pyproject.toml"}.get(ecosystem, "")
    return Source(ecosystem, tmp_path, tmp_path, where, "hello", None, **more)


@pytest.mark.parametrize(
    "manager,install,packs",
    [
        ("npm", ("ci",), ("npm", "pack", "--pack-destination", "/out")),
        ("pnpm", ("install",), ("pnpm", "pack", "--pack-destination", "/out")),
        ("yarn", ("install", "--immutable"), ("yarn", "pack", "--out", "/out/package.tgz")),
        ("yarn", ("install", "--frozen-lockfile"), ("npm", "pack", "--pack-destination", "/out")),
        ("bun", ("install",), ("bun", "pm", "pack", "--destination", "/out")),
    ],
)
def test_each_manager_packs_its_own(
    manager: str, install: tuple[str, ...], packs: tuple[str, ...], tmp_path: Path
) -> None:
    """A workspace's ranges are resolved by the manager that knows them; yarn 1, which dates files, does not pack."""
    packages = Packages(manager, (manager,), tmp_path, install, {}, frozenset())
    title, command = _packer(packages, {"PATH": ""}, Path("/out"))
    assert command == packs
    assert title in " ".join(packs)


@pytest.mark.parametrize(
    "ecosystem,order,match",
    [
        ("rust", Order(), "build_command"),
        ("go", Order(files=("x",)), "build_command"),
        ("go", Order(command="make"), "Nothing says which files"),
        ("files", Order(platforms={"linux-x64": ""}), "Nothing says which files"),
    ],
)
def test_what_has_to_be_said(ecosystem: str, order: Order, match: str, tmp_path: Path) -> None:
    """Without a packer of their own, releases need a command and files: an error with the YAML to paste."""
    with pytest.raises(ConfigError, match=match) as caught:
        Packing(tmp_path, source(tmp_path, ecosystem), order, {}, TALK)
    assert caught.value.yaml.startswith("with:")


def test_what_was_said_is_enough(tmp_path: Path) -> None:
    """Files without a command, and platforms with files, are orders that can be built."""
    Packing(tmp_path, source(tmp_path, "files"), Order(files=("*.sh",)), {}, TALK)
    Packing(tmp_path, source(tmp_path, "rust"), Order(command="x", platforms={"linux-x64": "a.gz"}), {}, TALK)


def test_a_runner_without_python_builders(tmp_path: Path) -> None:
    """Neither uv, pipx, build nor pip: an error that says what to add."""
    steps = Steps(tmp_path, {"PATH": str(tmp_path)}, TALK, "package-build.md#when-a-step-fails")
    with pytest.raises(ToolError, match="builds a Python package") as caught:
        pack_python(steps, source(tmp_path, "python"), tmp_path)
    assert "build_command" in caught.value.fix
