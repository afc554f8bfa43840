"""Bare git repositories in the state folder: what GitHub keeps of a repository, by git's own plumbing."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

DEFAULT_BRANCH = "main"
WHO = ("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com")
"""Name and address of the author where a commit names none: the workflow's."""

GitHubUser = tuple[str, str]
NAME = re.compile(r"(?![-.])[\w./+-]+")
"""What a branch, tag or commit may be called here."""


class Entry(NamedTuple):
    """What lies in a tree: `kind` is blob, tree or commit (a submodule), `size` bytes (0 for all but a blob)."""

    path: str
    kind: str
    sha: str
    size: int
    mode: str = "100644"


class Commit(NamedTuple):
    """A commit: its first parent ("" for the first commit), message without the last newline, author's name."""

    sha: str
    parent: str
    message: str
    author: str


class Moved(Exception):
    """The branch is not where the caller believed it to be."""


class Repository:
    """One bare repository in `folder`. Refs are given as branch names, shas, or `refs/heads/…`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = threading.RLock()
        self._files: tuple[str, dict[str, Entry]] = ("", {})

    def create(self) -> None:
        """An empty repository whose default branch is `main`."""
        self.folder.mkdir(parents=True)
        self._git("init", "--quiet", "--bare", f"--initial-branch={DEFAULT_BRANCH}", ".")

    @property
    def empty(self) -> bool:
        """Whether it has no branch."""
        return not any(path.is_file() for path in (self.folder / "refs/heads").rglob("*"))

    def resolve(self, ref: str) -> str | None:
        """The commit that a branch, tag or sha names, or None."""
        name = ref.removeprefix("refs/heads/")
        if not name or not NAME.fullmatch(name) or ".." in name:
            return None
        branch = self.folder / "refs/heads" / name  # every branch has a file: nothing packs refs here
        if branch.is_file():
            return branch.read_text("ascii").strip()
        if ref.startswith("refs/heads/"):
            return None
        found = self._try("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        return found.strip() or None

    def pushed_at(self, branch: str) -> str | None:
        """When a branch last moved; None when it is not there."""
        file = self.folder / "refs/heads" / branch
        return moment(file.stat().st_mtime) if file.is_file() else None

    def root(self, commit: str) -> str:
        """The name of a commit's root tree."""
        return self._git("rev-parse", f"{commit}^{{tree}}").strip()

    def files(self, commit: str) -> Mapping[str, Entry]:
        """Everything that lies in a commit, by path. The last one asked for is kept: a commit never changes."""
        kept, found = self._files
        if kept != commit:
            found = {entry.path: entry for entry in self.tree(commit, recursive=True)}
            self._files = (commit, found)
        return found

    def entry(self, commit: str, path: str) -> Entry | None:
        """What lies at a path of a commit."""
        found = [entry for entry in self._tree(commit, path) if entry.path == path]
        return found[0] if found else None

    def listing(self, commit: str, path: str) -> list[Entry]:
        """What lies directly in a folder of a commit ("" for the root)."""
        return self._tree(commit, f"{path}/" if path else "")

    def tree(self, commit: str, *, recursive: bool = False) -> list[Entry]:
        """A commit's files and folders: those of its root, or all."""
        return self._tree(commit, "", *(["-r", "-t"] if recursive else []))

    def named_tree(self, name: str, *, recursive: bool = False) -> tuple[str, list[Entry]] | None:
        """The tree of a branch or commit, or the one of that very name: its name and what lies in it; or None."""
        if not NAME.fullmatch(name) or ".." in name:
            return None
        commit = self.resolve(name)
        root = self.root(commit) if commit else self._try("rev-parse", "-q", "--verify", f"{name}^{{tree}}").strip()
        return (root, self._tree(root, "", *(["-r", "-t"] if recursive else []))) if root else None

    def branches(self) -> dict[str, str]:
        """Each branch with the commit that it is at, by name."""
        heads = self.folder / "refs/heads"
        names = sorted(path.relative_to(heads).as_posix() for path in heads.rglob("*") if path.is_file())
        return {name: (heads / name).read_text("ascii").strip() for name in names}

    def find_blob(self, sha: str) -> bytes | None:
        """The content of the blob of that name (40 hex digits), or None."""
        return self.blob(sha) if self._try("cat-file", "-t", sha).strip() == "blob" else None

    def blob(self, sha: str) -> bytes:
        """The content of a blob."""
        return self._run("cat-file", "blob", sha)

    def commit(
        self, branch: str, files: Mapping[str, bytes], message: str, *, parent: str | None, author: GitHubUser = WHO
    ) -> str:
        """Commit files on a branch that has to be at `parent` (None: it does not exist yet); returns the new commit.

        Raises Moved when it is elsewhere.
        """
        with self.lock:
            if self.resolve(f"refs/heads/{branch}") != parent:
                raise Moved(branch)
            lines = [f"commit refs/heads/{branch}".encode()]
            lines += [f"{role} {author[0]} <{author[1]}> now".encode() for role in ("author", "committer")]
            lines += [*_data(message.encode()), *([f"from {parent}".encode()] if parent else [])]
            for path, content in files.items():
                lines += [f"M 100644 inline {path}".encode(), *_data(content)]
            self._run("fast-import", "--quiet", "--date-format=now", stdin=b"\n".join([*lines, b"done", b""]))
            made = self.resolve(f"refs/heads/{branch}")
            assert made
            return made

    def set_branch(self, branch: str, commit: str) -> None:
        """Put a branch at a commit, wherever it was."""
        self._git("update-ref", f"refs/heads/{branch}", commit)

    def delete_branch(self, branch: str) -> None:
        """Remove a branch."""
        self._git("update-ref", "-d", f"refs/heads/{branch}")

    def log(self, ref: str, path: str = "") -> list[Commit]:
        """The commits that lead to `ref` (of those, the ones that touched `path`), newest first."""
        commit = self.resolve(ref)
        if commit is None:
            return []
        shown = self._git("log", "--format=%H%x1f%P%x1f%an%x1f%B%x1e", commit, "--", *([path] if path else []))
        fields = [entry.strip("\n").split("\x1f") for entry in shown.split("\x1e") if entry.strip()]
        return [Commit(sha, parents.partition(" ")[0], body.rstrip("\n"), name) for sha, parents, name, body in fields]

    def comparison(self, base: str, head: str) -> tuple[int, int] | None:
        """(ahead_by, behind_by) of `head` against `base`; None when one of them is not there."""
        ours, theirs = self.resolve(base), self.resolve(head)
        if ours is None or theirs is None:
            return None
        behind, ahead = self._git("rev-list", "--left-right", "--count", f"{ours}...{theirs}").split()
        return int(ahead), int(behind)

    def _tree(self, commit: str, path: str, *options: str) -> list[Entry]:
        shown = self._git("ls-tree", "-z", "-l", *options, commit, "--", *([path] if path else []))
        entries = []
        for line in filter(None, shown.split("\0")):
            facts, _, name = line.partition("\t")
            mode, kind, sha, size = facts.split()
            entries.append(Entry(name, kind, sha, int(size) if size.isdecimal() else 0, mode))
        return entries

    def _git(self, *arguments: str) -> str:
        return self._run(*arguments).decode("utf-8", "replace")

    def _try(self, *arguments: str) -> str:
        try:
            return self._git(*arguments)
        except subprocess.CalledProcessError:
            return ""

    def _run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        # Nothing of the machine's own git configuration steers what is kept here, hooks and signing least of all.
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder), "LC_ALL": "C"}
        environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_DIR": "."}
        done = subprocess.run(
            ["git", "-c", "gc.auto=0", *arguments],
            cwd=self.folder, env=environment, input=stdin, capture_output=True, check=True,
        )  # fmt: skip
        return done.stdout


def bytes_of(text: str) -> bytes:
    """A file's bytes; those that are no UTF-8 are lone surrogates in the text."""
    return text.encode("utf-8", "surrogateescape")


def moment(seconds: float) -> str:
    """A time as GitHub writes it, e.g. `2026-01-31T12:00:00Z`."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _data(content: bytes) -> list[bytes]:
    return [f"data {len(content)}".encode(), content]
