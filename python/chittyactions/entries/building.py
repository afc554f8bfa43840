"""What the two entries that build have in common: which commit, when, by which Node, and beside which credentials."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from chittyactions.process import run
from chittyactions.runner import Runner

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
"""A service or an environment, as the ecosystem calls it."""

NODE_VERSION = r"[\w.*/ <>=^~|-]{1,40}"


def warn_of_credentials(runner: Runner, found: tuple[str, ...]) -> None:
    """Name the credentials that the build job holds; none of them has a use there."""
    if runner.environ.get("ACT"):  # act gives every job the same environment, whatever its permissions say
        found = tuple(name for name in found if not name.startswith("ACTIONS_ID_TOKEN"))
    if found:
        runner.warning(
            f"The build job holds what a build has no use for: {', '.join(found)}. The build's programs do not get it, "
            "but they run beside it. Declare `permissions: { contents: read }` for this job, and set no secrets in it."
        )


def say_node(runner: Runner, asked: str, environ: Mapping[str, str]) -> None:
    """The Node that builds: `node_version` is set up by the workflow, so a difference means that a step is missing."""
    seen = run(["/usr/bin/env", "node", "--version"], cwd=Path("/"), env=environ, seconds=30, name="Node")
    version = seen.stdout.strip().removeprefix("v")
    runner.info(f"Building with Node {version or 'not found'}")
    if (
        re.fullmatch(r"\d+(\.x)?", asked)
        and version.partition(".")[0] != asked.partition(".")[0]
        and not environ.get("ACT")
    ):
        runner.warning(f"node_version is {asked}, and Node {version} builds: set it up before this step.")


def commit_of(environ: Mapping[str, str], checkout: Path) -> str:
    """The commit that is built: the runner's, else the checkout's."""
    sha = environ.get("GITHUB_SHA", "")
    return sha if re.fullmatch(r"[0-9a-f]{40,64}", sha) else _git(environ, checkout, "rev-parse", "HEAD")


def commit_time(environ: Mapping[str, str], checkout: Path) -> str:
    """When the commit was made, in seconds since 1970; "" where there is no repository to ask."""
    seconds = _git(environ, checkout, "log", "-1", "--format=%ct")
    return seconds if seconds.isdigit() else ""


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _git(environ: Mapping[str, str], checkout: Path, *arguments: str) -> str:
    env = {"PATH": environ.get("PATH", ""), "HOME": str(checkout)}
    return run(["git", *arguments], cwd=checkout, env=env, seconds=30, name="git").stdout.strip()
