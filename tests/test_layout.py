"""The architecture, held to: who imports whom, what the first tier may import, how large a module may grow."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / "python"

# A room may import itself and what stands on a lower floor; see "Layout" and "Imports" in docs/architecture.md.
FLOORS = (
    {"errors"},
    {"runner", "inputs", "http", "dial", "wire", "process", "environment", "node", "tarball", "cancel"},
    {"connect", "ecosystem", "project"},
    {"deploy", "publish", "compliance", "onboarding", "governance", "security"},
    {"entries"},
    {"run", "cli"},
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
FOUNDATION = FLOORS[1]  # modules of one package in all but name: these may import one another

LONGEST_MODULE = 400  # lines
FIRST_TIER = ("getchitty-creds", "getchitty-creds-revoke")


class Import(NamedTuple):
    """One import statement: the module it names, the names it takes, and whether only a type checker sees it."""

    module: str
    names: tuple[str, ...]
    for_types: bool


def modules_of(package: str) -> list[Path]:
    """Every module of a package under python/."""
    return sorted((PYTHON / package).rglob("*.py"))


def name_of(path: Path) -> str:
    """The dotted name of a module under python/."""
    parts = path.relative_to(PYTHON).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """The second part of a dotted name in chittyactions: chittyactions.deploy.gate is in deploy."""
    return [*module.split("."), ""][1]


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(path.read_text("utf-8"), str(path))


@cache
def imports_of(path: Path) -> tuple[Import, ...]:
    """Every import of a module, inside functions too, with relative ones spelled out."""
    name = name_of(path).split(".") + ([""] if path.name == "__init__.py" else [])
    guards = [
        node for node in ast.walk(tree_of(path)) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node)
    ]
    for_types = {id(inner) for guard in guards for inner in ast.walk(guard)}
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found += [Import(alias.name, (), id(node) in for_types) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = ".".join([*name[: -node.level], *filter(None, [node.module])]) if node.level else node.module or ""
            for alias in node.names:  # `from package import module` imports the module
                is_module = file_of(f"{module}.{alias.name}") is not None
                found.append(
                    Import(f"{module}.{alias.name}" if is_module else module, (alias.name,), id(node) in for_types)
                )
    return tuple(found)


def file_of(module: str) -> Path | None:
    """The file of one of our modules, or None for others'."""
    path = PYTHON.joinpath(*module.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


@pytest.mark.parametrize("path", modules_of("chittyactions"), ids=name_of)
def test_imports_point_downward(path: Path) -> None:
    """A module imports its own room and rooms of lower floors: features never import each other, nor anything above."""
    own = room_of(name_of(path))
    for found in imports_of(path):
        room = room_of(found.module)
        if not found.module.startswith("chittyactions.") or room == own or file_of(found.module) is None:
            continue
        assert room in FLOOR, f"{found.module} is in no room of FLOORS: say on which floor it belongs"
        together = {room, own} <= FOUNDATION
        assert own == "" or FLOOR[room] < FLOOR[own] or together, f"{name_of(path)} imports {found.module}"


@pytest.mark.parametrize("package", ["chittyactions", "chittylocal"])
def test_no_import_cycles(package: str) -> None:
    """No two modules need each other at run time, in the same room either."""
    graph = {
        name_of(path): {
            found.module
            for found in imports_of(path)
            if not found.for_types and found.module.startswith(package) and file_of(found.module) != path
        }
        for path in modules_of(package)
    }
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, f"cycle: {' → '.join([*trail[trail.index(module) :], module])}"
        if module in done:
            return
        for next_module in sorted(graph.get(module, ())):
            visit(next_module, (*trail, module))
        done.add(module)

    for module in graph:
        visit(module, ())


@pytest.mark.parametrize("package, other", [("chittyactions", "chittylocal"), ("chittylocal", "chittyactions")])
def test_the_two_packages_never_import_each_other(package: str, other: str) -> None:
    """The backend knows nothing of the actions, so that the one can't share the other's mistakes."""
    importers = {
        name_of(path)
        for path in modules_of(package)
        if any(found.module.split(".")[0] == other for found in imports_of(path))
    }
    assert importers == set()


@pytest.mark.parametrize("path", modules_of("chittyactions"), ids=name_of)
def test_only_entries_and_cli_write_to_the_runner(path: Path) -> None:
    """A feature returns data: it neither takes the Runner nor prints."""
    if room_of(name_of(path)) in {"entries", "cli", "run", "runner"}:
        return
    taken = {name for found in imports_of(path) if found.module == "chittyactions.runner" for name in found.names}
    assert "Runner" not in taken
    assert not any(found.module == "chittyactions.runner" and not found.names for found in imports_of(path))
    calls = [node.func for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    assert not any(isinstance(call, ast.Name) and call.id == "print" for call in calls)
    attributes = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Attribute)]
    assert not any(ast.unparse(node) in {"sys.stdout", "sys.stderr"} for node in attributes)


def closure(start: str) -> dict[str, set[str]]:
    """Every module that `start` may import at run time, ours and others', each with those that import it."""
    importers: dict[str, set[str]] = {start: set()}
    waiting = [start]
    while waiting:
        module = waiting.pop()
        path = file_of(module)
        if path is None:
            continue
        parents = [".".join(module.split(".")[:depth]) for depth in range(1, module.count(".") + 1)]
        for wanted in [*parents, *(found.module for found in imports_of(path) if not found.for_types)]:
            if wanted not in importers:
                waiting.append(wanted)
            importers.setdefault(wanted, set()).add(module)
    return importers


@pytest.mark.parametrize("action", FIRST_TIER)
def test_the_exchange_can_only_import_the_standard_library(action: str) -> None:
    """Nothing that the exchange or its revocation may ever import is third-party code: none runs near a secret."""
    start = f"chittyactions.entries.{action.replace('-', '_')}"
    assert file_of(start), f"{start} is missing"
    allowed = sys.stdlib_module_names | {"chittyactions"}
    strangers = {
        module: importers for module, importers in closure(start).items() if module.split(".")[0] not in allowed
    }
    assert strangers == {}


@pytest.mark.parametrize("action", FIRST_TIER)
def test_the_exchange_starts_without_site_packages(action: str) -> None:
    """Under `-I -S` the exchange really starts and says what it misses, and imports nothing from outside on the way."""
    command = [sys.executable, "-I", "-S", "-X", "importtime", str(PYTHON / "chittyactions/run.py"), action]
    done = subprocess.run(command, env={"CHITTY_INPUTS": "{}"}, capture_output=True, text=True, timeout=30, check=False)
    imported = re.findall(r"^import time:[\s\d]+\|[\s\d]+\|\s+([\w.]+)$", done.stderr, re.MULTILINE)
    assert f"chittyactions.entries.{action.replace('-', '_')}" in imported, done.stdout
    assert "Traceback" not in done.stderr
    strangers = {name for name in imported if name.split(".")[0] not in sys.stdlib_module_names | {"chittyactions"}}
    assert strangers == set()


def test_the_actions_import_only_what_their_lock_installs() -> None:
    """A job's locked environment holds what its lock names, so nothing else can be imported there.

    publish.txt is for package-publish alone and compliance.txt for compliance-check: all that imports more than
    runtime.txt has is in publish/ and compliance/.
    """
    runtime, publish, compliance = (
        locked_names(ROOT / f"requirements/{name}.txt") for name in ("runtime", "publish", "compliance")
    )
    assert runtime <= publish
    assert runtime <= compliance
    assert outside_packages("chittyactions", "publish", "compliance") <= runtime
    assert outside_packages("chittyactions", "compliance") <= publish
    assert outside_packages("chittyactions", "publish") <= compliance


def test_an_installed_command_brings_what_it_imports() -> None:
    """`pip install .` declares every package that `check` imports, and little more; `.[local]` what the rest does."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    found = {
        kind: {plain(name) for name in re.findall(r'^\s*"([\w.-]+)', listed, re.MULTILINE)}
        for kind, listed in re.findall(r"^(dependencies|local) = \[(.*?)^\]", text, re.DOTALL | re.MULTILINE)
    }
    assert outside_packages("chittyactions", "publish") <= found["dependencies"]
    assert outside_packages("chittyactions") | outside_packages("chittylocal") <= found["dependencies"] | found["local"]
    assert not found["dependencies"] & (outside_packages("chittylocal") - outside_packages("chittyactions", "publish"))


def outside_packages(package: str, *without: str) -> set[str]:
    """Names, as a package index spells them, of what a package of ours imports from outside the standard library.

    `without` are rooms to leave out.
    """
    owners = packages_distributions()
    ours = {"chittyactions", "chittylocal", "__future__"}
    tops = {
        found.module.split(".")[0]
        for path in modules_of(package)
        if room_of(name_of(path)) not in without
        for found in imports_of(path)
        if not found.for_types
    }
    # tomllib is tomli's name since Python 3.11, and a Python of 3.10 does not know it as its own.
    return {plain(owners.get(top, [top])[0]) for top in tops - ours - sys.stdlib_module_names - {"tomllib"}}


def locked_names(lock: Path) -> set[str]:
    """The packages that a lock pins."""
    return {plain(name) for name in re.findall(r"^([\w.-]+)==", lock.read_text("utf-8"), re.MULTILINE)}


def plain(name: str) -> str:
    """A package's name in its one normal spelling."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_no_module_outgrows_a_reader() -> None:
    """No module has more than 400 lines; under 250 is the aim."""
    paths = [path for folder in ("python", "tools", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
    lines = {str(path.relative_to(ROOT)): path.read_text("utf-8").count("\n") for path in paths}
    assert {path: count for path, count in lines.items() if count > LONGEST_MODULE} == {}


def test_every_module_is_named_for_what_it_holds() -> None:
    """No drawer for odds and ends: utils, helpers, common, base and their like are nobody's room."""
    drawers = {"utils", "util", "helpers", "helper", "common", "base", "misc", "shared"}
    names = [path for folder in ("python", "tests", "tools") for path in (ROOT / folder).rglob("*.py")]
    assert [path for path in names if drawers & {path.stem, path.parent.name}] == []


def locks() -> list[Path]:
    """Every lock file of ours for Python and for npm, those of the examples too."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = [name for name in listed.split("\0") if Path(name).name == "package-lock.json"]
    return [*sorted((ROOT / "requirements").glob("*.txt")), *map(ROOT.joinpath, names)]


@pytest.mark.parametrize("lock", locks(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_lock_holds_versions_and_hashes_and_no_address(lock: Path) -> None:
    """A lock works behind any mirror: it names no index, no URL, no folder of the machine that made it."""
    text = lock.read_text("utf-8")
    assert not re.search(r"://|--(?:extra-)?index-url|--find-links|\bfile:|/(?:home|root|Users|opt)/", text)
    if lock.suffix == ".txt":
        pins = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())
        assert [pin for pin in pins if "--hash=sha256:" not in pin] == []


def test_packages_without_a_hash_are_only_the_known_ones() -> None:
    """Each npm package is pinned by its hash, but for workerd where the locking machine can't see its package."""
    excused = {f"node_modules/@cloudflare/workerd-{system}" for system in ("darwin-64", "darwin-arm64", "windows-64")}
    for lock in (path for path in locks() if path.suffix == ".json"):
        packages = json.loads(lock.read_text("utf-8"))["packages"]
        # What is in a bundle comes within the package that bundles it, under its hash.
        alone = {name: package for name, package in packages.items() if name and not package.get("inBundle")}
        bare = {name for name, package in alone.items() if "integrity" not in package}
        assert bare <= excused, lock
