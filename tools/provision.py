"""What a tool of this project is, and the few moves by which each is made.

A tool is named by its locks: while their content is what it was made from, it is in place. Whatever is made is made
beside its place and renamed into it, so that a kill at any time leaves the old state or the new one. Nothing is
written outside .venv, .tools and .cache.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"

SLOWEST_STEP = 600  # seconds, for any one child


class ToolMissingError(Exception):
    """A tool can't be had here. The message says what was tried and why it failed."""


@dataclass(frozen=True)
class Tool:
    """One tool: what it waits for, what it is made from, where it is, and what to do when it can't be had."""

    name: str
    make: Callable[[Callable[[str], None]], str]  # gets a place to report to; returns the version
    product: Path  # exists when the tool is there
    remedy: str
    needs: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()  # files, relative to the root
    essential: bool = True  # without it neither demo nor tests can run
    by_python: bool = False  # made for one version of Python

    @property
    def stamp(self) -> Path:
        """Where it is noted what the tool was made from, and its version."""
        return TOOLS / "stamps" / self.name

    def key(self) -> str:
        """A digest of everything that the tool is made from."""
        digest = hashlib.sha256()
        for lock in map(ROOT.joinpath, self.locks):  # one that isn't there yet is about to be made by `make lock`
            digest.update((lock.read_bytes() if lock.exists() else b"") + b"\0")
        if self.by_python:
            digest.update(repr((sys.version_info[:2], sys.platform)).encode())
        return digest.hexdigest()

    def version(self) -> str | None:
        """The version in place, or None when there is none or it was made from other locks."""
        try:
            key, version = self.stamp.read_text("utf-8").splitlines()
        except (OSError, ValueError):
            return None
        return version if key == self.key() and self.product.exists() else None


def child_environment() -> dict[str, str]:
    """The environment of every child: this folder's caches, the system's certificates, no prompts.

    A cache that the user has pointed elsewhere stays there.
    """
    cache = ROOT / ".cache"
    theirs = dict(os.environ)
    defaults = {
        "UV_CACHE_DIR": str(cache / "uv"),
        "UV_SYSTEM_CERTS": "1",
        "PIP_CACHE_DIR": str(cache / "pip"),
        "npm_config_cache": str(cache / "npm"),
        "NODE_USE_SYSTEM_CA": "1",
        "GOPATH": str(cache / "go"),
        "GOCACHE": str(cache / "go/build"),
    }
    if "PIP_INDEX_URL" in theirs:  # a mirror that pip was pointed at serves uv as well
        defaults["UV_DEFAULT_INDEX"] = theirs["PIP_INDEX_URL"]
    always = {
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "npm_config_update_notifier": "false",
        "npm_config_fund": "false",
        "npm_config_audit": "false",
        "GOFLAGS": "-mod=readonly -modcacherw -buildvcs=false",
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
    }
    theirs.pop("VIRTUAL_ENV", None)
    path = f"{TOOLS / 'node/bin'}{os.pathsep}{theirs.get('PATH', os.defpath)}"
    return defaults | theirs | always | {"PATH": path}


def run(argv: list[str | Path], *, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    """Run a child to its end and return its stdout; ToolMissingError with its last lines when it fails."""
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env=child_environment() | (env or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=SLOWEST_STEP,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolMissingError(f"{Path(words[0]).name}: {error}") from error
    if done.returncode:
        said = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()][-6:]
        raise ToolMissingError("\n".join([f"`{' '.join(words[:4])} …` failed ({done.returncode}):", *said]))
    return done.stdout


def fresh(place: Path) -> Path:
    """An empty folder beside `place`, to be moved into it by `move`.

    What a killed run left there goes. Its children may live on and still write, so that no two runs share a name.
    """
    for left in place.parent.glob(f"{place.name}.new-*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = place.with_name(f"{place.name}.new-{os.getpid()}")
    folder.mkdir(parents=True)
    return folder


def move(folder: Path, place: Path) -> None:
    """Put `folder` in the place of `place`."""
    shutil.rmtree(place, ignore_errors=True)
    folder.replace(place)


def link(path: Path, target: Path) -> None:
    """Make `path` a symbolic link to `target`, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    inside = target.is_relative_to(ROOT)
    draft.symlink_to(os.path.relpath(target, path.parent) if inside else target)
    draft.replace(path)
