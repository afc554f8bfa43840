"""Find verdaccio, or install it from our lock: set up by `make setup`, else made when it is first needed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from chittylocal.cloudflare.tools import ROOT, Missing, find_node

LOCK = Path(__file__).parent
MODULE = Path("node_modules/verdaccio/build/index.js")
PROGRAM = Path("lib/node_modules/npm/bin/npm-cli.js")
SECONDS = 300.0


def find_verdaccio(say: Callable[[str], None] = lambda _: None) -> str:
    """Path of verdaccio's module, installed if need be; `say` hears of that. Raises `Missing` with what npm said."""
    name = f"verdaccio-{hashlib.sha256((LOCK / 'package-lock.json').read_bytes()).hexdigest()[:12]}"
    folders = [cache / "chittyops" / name for cache in _caches()]
    for folder in folders:
        if (folder / MODULE).exists():
            return str(folder / MODULE)
    say("Installing verdaccio, the local npm registry, for this run and later ones …")
    try:
        _install(folders[0])
    except OSError as error:
        raise Missing(
            f"verdaccio could not be installed into {folders[0]}: {error.strerror or error}. "
            "Make that a folder that can be written to, then run again."
        ) from None
    return str(folders[0] / MODULE)


def _caches() -> list[Path]:
    """Where tools are kept, the first one to install into."""
    ours = ROOT / ".tools/tool-cache"
    own = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    runners = os.environ.get("RUNNER_TOOL_CACHE")
    return [*([ours] if ours.is_dir() else []), *([Path(runners)] if runners else []), own]


def _install(folder: Path) -> None:
    """`npm ci` of the lock beside this file, made under another name and renamed into place."""
    node = Path(find_node())
    command = _npm(node)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=folder.parent) as place:
        fresh = Path(place) / "verdaccio"
        fresh.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(LOCK / name, fresh / name)
        options = ("--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")
        env = {
            "NODE_USE_SYSTEM_CA": "1",  # as the steps of a run reach the registries
            **os.environ,
            "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        }
        try:
            done = subprocess.run(
                [*command, "ci", *options], cwd=fresh, env=env,
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Missing(f"verdaccio could not be installed: npm had not ended after {SECONDS:g} s.") from None
        if done.returncode or not (fresh / MODULE).exists():
            raise Missing(f"verdaccio could not be installed; npm said: {' '.join(done.stderr.split())[:400]}")
        try:
            fresh.rename(folder)
        except OSError:
            if (folder / MODULE).exists():  # somebody else was faster
                return
            if os.path.lexists(folder):  # an interrupted install
                folder.rename(Path(place) / "broken")
            fresh.rename(folder)


def _npm(node: Path) -> list[str]:
    """How npm is started: by its program where it lies beside Node, since a wheel can't carry the link in bin."""
    program = node.parent.parent / PROGRAM
    if program.exists():
        return [str(node), str(program)]
    npm = shutil.which("npm", path=f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if npm is None:
        raise Missing("There is no npm beside Node. Run `make setup`, or put npm on PATH.")
    return [npm]
