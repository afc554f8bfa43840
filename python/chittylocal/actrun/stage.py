"""Copies to run from: what GitHub would check out, with the uncommitted changes, and this toolkit likewise.

act copies ignored files too (15 s for a `node_modules` of 287 MB), so it never sees the original folder. A git
repository is cloned at depth 1, as actions/checkout does, so that an unchanged tree keeps its commit; changes
become one commit on top.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from chittylocal.actrun.problems import CannotRun

TOOLKIT_PARTS = ("actions", ".github", "compliance", "python/chittyactions", "requirements", "templates")
SKIPPED_WITHOUT_GIT = {".git", ".venv", "node_modules", "__pycache__", ".wrangler"}
_REMOTE = re.compile(r"[:/](?P<owner>[^/:]+)/(?P<name>[^/]+?)(?:\.git)?/?$")


@dataclass(frozen=True)
class Repository:
    """A staged repository.

    Attributes:
        folder: the copy.
        full_name: `owner/name`, from the remote `origin`, else `local/<folder's name>`.
        branch: the branch that is checked out.
        tags: what the original's commit is tagged with, the newest first.
        tag: the one of them that starts the run; "" when the branch does.
        sha: commit of the copy.
        changed: whether the copy holds what no commit of the original has.
        message: first line of the commit's message.
        when: its time, ISO 8601.
    """

    folder: Path
    full_name: str
    branch: str
    sha: str
    changed: bool
    message: str
    when: str
    tags: tuple[str, ...] = ()
    tag: str = ""

    @property
    def ref(self) -> str:
        """GITHUB_REF of a push."""
        return f"refs/tags/{self.tag}" if self.tag else f"refs/heads/{self.branch}"

    @property
    def owner(self) -> str:
        """The organisation or person before the slash."""
        return self.full_name.partition("/")[0]


def git(folder: Path, *arguments: str, check: bool = True, given: str = "") -> str:
    """The output of a git command that no hook, signature or setting of the person's takes part in.

    `given` is its standard input.
    """
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
    }
    try:
        done = subprocess.run(
            ["git", "-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false", *arguments],
            check=False, cwd=folder, env=environment, input=given, capture_output=True, text=True,
            errors="surrogateescape",
        )  # fmt: skip
    except FileNotFoundError:
        raise CannotRun("git is not on PATH; it makes the copy that the workflow checks out: install it.") from None
    if check and done.returncode:
        raise CannotRun(f"git {arguments[0]} failed in {folder}:\n{done.stderr.strip()}")
    return done.stdout.strip("\n") if done.returncode == 0 else ""


def repository_root(path: Path) -> tuple[Path, bool]:
    """The folder to stage for a path, and whether it is a git repository's root."""
    folder = path.resolve()
    if not folder.is_dir():
        raise CannotRun(f"{path} is no folder: name the repository whose workflow is to run.")
    root = git(folder, "rev-parse", "--show-toplevel", check=False)
    return (Path(root), True) if root else (folder, False)


def listed_files(root: Path, *parts: str) -> list[str]:
    """Tracked and unignored files that exist, relative to the root."""
    listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *parts).split("\0")
    return sorted({name for name in listed if name and os.path.lexists(root / name)})


def _walked_files(root: Path, *parts: str) -> list[str]:
    found: list[str] = []
    for start in parts or (".",):
        for folder, names, files in os.walk(root / start):
            names[:] = sorted(set(names) - SKIPPED_WITHOUT_GIT)
            links = [name for name in names if (Path(folder) / name).is_symlink()]
            found += [str((Path(folder) / name).relative_to(root)) for name in [*files, *links]]
    return sorted(found)


def _copy(root: Path, names: list[str], target: Path) -> None:
    for name in names:
        source, copy = root / name, target / name
        if source.is_dir() and not source.is_symlink():
            continue  # a submodule: actions/checkout leaves it empty as well
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, copy, follow_symlinks=False)


def _full_name(root: Path) -> str:
    match = _REMOTE.search(git(root, "remote", "get-url", "origin", check=False))
    if match:
        return f"{match['owner']}/{match['name']}"
    return _local_name(root)


def _local_name(root: Path) -> str:
    """A name that GitHub could give to the folder's repository."""
    return f"local/{re.sub(r'[^A-Za-z0-9._-]+', '-', root.name) or 'repository'}"


def stage_repository(path: Path, target: Path) -> Repository:
    """Copy the repository that holds `path` to `target` (which must not exist)."""
    root, is_git = repository_root(path)
    born = is_git and bool(git(root, "rev-parse", "--verify", "--quiet", "HEAD", check=False))
    full_name = _full_name(root) if is_git else _local_name(root)
    branch = (git(root, "symbolic-ref", "--short", "--quiet", "HEAD", check=False) if is_git else "") or "main"
    target.parent.mkdir(parents=True, exist_ok=True)
    if born:
        git(root, "clone", "--quiet", "--no-checkout", "--depth", "1", root.as_uri(), str(target))
    else:
        target.mkdir()
        git(target, "init", "--quiet")
    git(target, "symbolic-ref", "HEAD", f"refs/heads/{branch}")
    if born:
        git(target, "update-ref", "HEAD", git(root, "rev-parse", "HEAD"))
        git(target, "remote", "remove", "origin")
    # act reads the repository's name from this; nothing is ever fetched from it.
    git(target, "remote", "add", "origin", f"https://github.com/{full_name}.git")
    _copy(root, listed_files(root) if is_git else _walked_files(root), target)
    git(target, "add", "--all", "--force")
    changed = not born or bool(git(target, "status", "--porcelain"))
    if changed:
        identity = ["-c", "user.name=chittyops local run", "-c", "user.email=local-run@localhost"]
        title = "Uncommitted changes" if born else "The folder as it is"
        git(target, *identity, "commit", "--quiet", "--no-verify", "--allow-empty", "-m", title)
    sha, when, message = git(target, "log", "-1", "--format=%H%n%cI%n%s").split("\n", 2)
    tags = git(root, "tag", "--points-at", "HEAD", "--sort=-version:refname").split() if born else ()
    return Repository(target, full_name, branch, sha, changed, message, when, tuple(tags))


def toolkit_root() -> Path:
    """Where this toolkit lies: the repository that this package is part of, else the copy inside the wheel."""
    package = Path(__file__).resolve().parents[1]
    checkout = package.parents[1]
    if (checkout / "actions").is_dir() and (checkout / "pyproject.toml").is_file():
        return checkout
    if (package / "toolkit" / "actions").is_dir():
        return package / "toolkit"
    raise CannotRun(f"The toolkit's actions are neither in {checkout} nor in {package / 'toolkit'}: install it again.")


def stage_toolkit(target: Path) -> Path:
    """Copy the actions, the reusable workflows and the package that they start; returns `target`."""
    root = toolkit_root()
    parts = [part for part in TOOLKIT_PARTS if (root / part).exists()]
    is_checkout = (root / ".git").exists()
    _copy(root, listed_files(root, *parts) if is_checkout else _walked_files(root, *parts), target)
    return target
