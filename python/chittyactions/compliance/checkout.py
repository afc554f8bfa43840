"""A repository on this disk: what is in it, and the bytes of its files. Read only, bounded, and never outside of it."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from chittyactions.compliance.files import OUTSIDE, Files, Kind, Unreadable, too_large
from chittyactions.compliance.links import CIRCLE, NOWHERE, folders_of, led_to
from chittyactions.errors import ConfigError

MOST_PATHS = 200_000
"""Files of a repository. The largest public ones have about half as many."""

LONGEST_TARGET = 4096
"""Bytes of what a link says."""

GIT_SECONDS = 30.0
"""For one question to git."""

PASSED_OVER = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__", ".wrangler", "dist", "target"})
"""Folders that are left out where no git says what belongs to the repository."""


@dataclass(frozen=True)
class Checkout(Files):
    """A repository's working tree. `paths` are relative, with forward slashes; `commit` is "" outside of git."""

    root: Path
    paths: dict[str, Kind]
    commit: str = ""
    branch: str = ""
    remote: str = ""
    """URL of origin, without credentials; "" where there is none."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Paths whose content is not that on the disk, with the ids of what git keeps there: a sparse checkout leaves them
    out, or they are staged otherwise.
    """
    by_git: bool = False
    """Whether git says what belongs to it: then a link leads to what is listed, as in every clone, or to nothing."""

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.root.resolve().name

    def content(self, path: str, limit: int) -> bytes:
        """What a file holds, be it text or not. Raises Unreadable."""
        root = self.root.resolve()
        if self.by_git and self.paths.get(path) is Kind.LINK:
            path = led_to(path, self.paths, self._folders, self._target)
        if path in self.left_out:
            return self._kept(path, limit)
        try:
            real = (root / path).resolve(strict=True)
            if root not in real.parents or ".git" in real.relative_to(root).parts:
                raise Unreadable(OUTSIDE, ours=True)
            handle = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                os.close(handle)
                raise Unreadable("it is no plain file", ours=True)
            with os.fdopen(handle, "rb") as stream:
                data = stream.read(limit + 1)
        except (FileNotFoundError, NotADirectoryError):
            outside = root not in (root / path).resolve().parents
            raise Unreadable(OUTSIDE if outside else NOWHERE, ours=True) from None
        except RuntimeError:
            raise Unreadable(CIRCLE, ours=True) from None
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise Unreadable(CIRCLE, ours=True) from None
            raise Unreadable(f"it cannot be read: {error.strerror or type(error).__name__}", ours=False) from None
        if len(data) > limit:
            raise too_large(limit)
        return data

    @cached_property
    def _folders(self) -> frozenset[str]:
        return folders_of(self.paths)

    def _target(self, link: str) -> bytes:
        """What a link says, as it lies on the disk or as git keeps it. Raises Unreadable."""
        if link in self.left_out:
            return self._kept(link, LONGEST_TARGET)
        try:
            return os.fsencode(os.readlink(self.root / link))  # noqa: PTH115 - Path.readlink tidies what it says
        except OSError as error:
            raise Unreadable(f"it cannot be read: {error.strerror or type(error).__name__}", ours=False) from None

    def _kept(self, path: str, limit: int) -> bytes:
        """What git keeps of a file that a sparse checkout leaves out, or that is staged otherwise."""
        size = _git(self.root, "cat-file", "-s", self.left_out[path])
        if size and int(size) > limit:
            raise too_large(limit)
        data = ask_git(self.root, "cat-file", "blob", self.left_out[path]) if size else None
        if data is None:
            raise Unreadable("a sparse checkout leaves it out", ours=False)
        return data


def open_checkout(folder: Path) -> tuple[Checkout, str]:
    """The repository that `folder` is in, and the folder's place in it ("" for the root). Raises ConfigError.

    In git: what is committed or would be (not what is ignored), as it lies on the disk; what a sparse checkout leaves
    out is there as git keeps it. Elsewhere: every file.
    """
    if not folder.is_dir():
        raise ConfigError(
            f"{folder} is no folder.",
            why="A repository's files are looked for in it.",
            fix="Name the folder of a repository, or run it there without a path.",
            docs="compliance.md#command-line",
        )
    real = folder.resolve()
    top = _git(real, "rev-parse", "--show-toplevel")
    if not top:
        return Checkout(real, _walk(real)), ""
    root = Path(top).resolve()
    listed = _git(root, "ls-files", "-z", "-t", "--stage", "--cached", "--full-name")
    others = _git(root, "ls-files", "-z", "--others", "--exclude-standard", "--full-name")
    if listed is None or others is None:
        return Checkout(real, _walk(real)), ""
    place = "" if real == root else real.relative_to(root).as_posix()
    paths, left_out = _staged(root, listed)
    paths.update((name, kind) for name in others.split("\0") if name and (kind := _kind(root / name)))
    _bounded(len(paths))
    commit = _git(root, "rev-parse", "--verify", "--quiet", "HEAD") or ""
    branch = _git(root, "symbolic-ref", "--quiet", "--short", "HEAD") or ""
    remote = _git(root, "config", "--get", "remote.origin.url") or ""
    return Checkout(root, paths, commit, branch, _without_credentials(remote), left_out, by_git=True), place


def default_branch(root: Path) -> str:
    """The default branch as far as this clone knows: origin's, else the only one that was ever here, else main or
    master where there is one of them; else "".
    """
    if not (root / ".git").exists():
        return ""
    head = _git(root, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD") or ""
    if head:
        return head.removeprefix("refs/remotes/origin/")
    fetched = _git(root, "for-each-ref", "--format=%(refname:lstrip=3)", "refs/remotes/origin")
    local = _git(root, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads")
    if not fetched and not local:  # nothing is committed yet
        return _git(root, "symbolic-ref", "--quiet", "--short", "HEAD") or ""
    names = {*(fetched or "").splitlines(), *(local or "").splitlines()}
    if len(names) == 1 and not fetched:
        return names.pop()
    usual = names & {"main", "master"}
    return usual.pop() if len(usual) == 1 else ""


def is_ignored(root: Path, path: str) -> bool:
    """Whether git ignores what would be at a path."""
    return (root / ".git").exists() and _git(root, "check-ignore", "--quiet", "--", path) is not None


def _staged(root: Path, listed: str) -> tuple[dict[str, Kind], dict[str, str]]:
    """What is in git's index and on the disk, and the ids of what a sparse checkout leaves out of it."""
    paths: dict[str, Kind] = {}
    left_out: dict[str, str] = {}
    for entry in listed.split("\0"):
        about, _, name = entry.partition("\t")
        if not name:
            continue
        tag, mode, identity, _ = about.split(" ")
        if mode == "160000":
            paths[name] = Kind.SUBMODULE
        elif kind := _kind(root / name):
            paths[name] = kind
        elif tag == "S":
            paths[name] = Kind.LINK if mode == "120000" else Kind.FILE
            left_out[name] = identity
    return paths, left_out


def _kind(path: Path) -> Kind | None:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return None
    if stat.S_ISLNK(mode):
        return Kind.LINK
    return Kind.FILE if stat.S_ISREG(mode) else None


def _walk(root: Path) -> dict[str, Kind]:
    paths: dict[str, Kind] = {}
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in PASSED_OVER)
        for name in sorted([*files, *(name for name in folders if Path(folder, name).is_symlink())]):
            path = Path(folder, name)
            if kind := _kind(path):
                paths[path.relative_to(root).as_posix()] = kind
        _bounded(len(paths))
    return paths


def _bounded(count: int) -> None:
    if count > MOST_PATHS:
        raise ConfigError(
            f"There are more than {MOST_PATHS} files here.",
            why="A repository of that size is not known; this may be a folder of many repositories.",
            fix="Name the folder of one repository.",
            docs="compliance.md#command-line",
        )


def _git(folder: Path, *arguments: str) -> str | None:
    """What git says, or None without git or a repository."""
    said = ask_git(folder, *arguments)
    text = (said or b"").decode("utf-8", "surrogateescape")
    return None if said is None else text if "-z" in arguments else text.strip()


def ask_git(folder: Path, *arguments: str, index: str = "") -> bytes | None:
    """What git writes, or None. Nothing that the repository's settings name is run, and nothing is fetched.

    The variables by which a hook of another repository points at that one are left out. `index` is a file to take for
    git's index.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_ALLOW_PROTOCOL": "none"}
    environment |= {"GIT_INDEX_FILE": index} if index else {}
    command = ["git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", *arguments]
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, check=False, timeout=GIT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if done.returncode else done.stdout


def _without_credentials(url: str) -> str:
    scheme, sign, rest = url.partition("://")
    return f"{scheme}{sign}{rest.rpartition('@')[2]}" if sign else url
