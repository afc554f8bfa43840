"""Build a Python package by whatever builder the runner has: uv, pipx, build, or pip."""

from __future__ import annotations

import gzip
import shutil
import tarfile
from pathlib import Path

from chittyactions.errors import ToolError
from chittyactions.process import run
from chittyactions.project.steps import Steps
from chittyactions.publish.artifact import Packed
from chittyactions.publish.source import Source


def pack_python(steps: Steps, source: Source, out: Path) -> None:
    """Build the source distribution and the wheel of `source.folder` into `out`; pip makes the wheel alone.

    Raises ToolError where there is no builder, or it fails.
    """
    title, command = _builder(steps, out)
    steps.run(title, command, source.folder)
    seconds = steps.environ.get("SOURCE_DATE_EPOCH", "")
    for path in sorted(out.glob("*.tar.gz")) if seconds.isdigit() else ():
        _date(path, int(seconds))


def distributions(out: Path) -> list[Packed]:
    """What a builder left in `out`: the source distribution first, which stands for the release."""
    found = [path for path in out.iterdir() if path.is_file() and not path.name.startswith(".")]
    return [Packed(path, path.name) for path in sorted(found, key=lambda p: (p.suffix == ".whl", p.name))]


def _date(path: Path, seconds: int) -> None:
    """Write a source distribution again with nothing in it newer than `seconds` since 1970, and nobody's user id.

    setuptools dates it by the clock, so that no rerun would find its own release. Contents, order and modes stay.
    """
    fresh = path.with_name(f".{path.name}")
    with (
        tarfile.open(path, "r:gz") as old,
        fresh.open("wb") as file,
        gzip.GzipFile("", "wb", 9, file, mtime=seconds) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for member in old:
            member.mtime = min(int(member.mtime), seconds)
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.pax_headers = {k: v for k, v in member.pax_headers.items() if not k.endswith(("time", "id", "name"))}
            new.addfile(member, old.extractfile(member) if member.isreg() else None)
    fresh.replace(path)


def _builder(steps: Steps, out: Path) -> tuple[str, tuple[str, ...]]:
    """What to call the step, and its command."""
    path = steps.environ.get("PATH", "")
    found = {name: shutil.which(name, path=path) for name in ("uv", "pipx", "python3", "python")}
    if found["uv"]:
        return "uv build", (found["uv"], "build", "--out-dir", str(out))
    if found["pipx"]:
        return "pipx run build", (found["pipx"], "run", "build", "--outdir", str(out))
    for python in filter(None, (found["python3"], found["python"])):
        if _has(steps, python, "build"):
            return "python -m build", (python, "-m", "build", "--outdir", str(out))
        if _has(steps, python, "pip"):
            return "pip wheel", (python, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(out), ".")
    raise ToolError(
        "There is nothing on this runner that builds a Python package.",
        why="Neither uv, pipx, build nor pip is on PATH.",
        fix="Add astral-sh/setup-uv or actions/setup-python before this step, or give build_command.",
        docs="package-build.md#python",
    )


def _has(steps: Steps, python: str, module: str) -> bool:
    seen = run(
        [python, "-c", f"import {module}.__main__ as m, sys; sys.exit(not m.__file__)"],
        cwd=Path("/"),
        env=steps.environ,
        seconds=60,
        name="Python",
    )
    return seen.code == 0
