"""Plain folders as repositories: their files are the one commit that they have, read from the disk when asked for.

Blobs and trees have the names that git gives them, so that the same files have the same name wherever they lie, and
another one as soon as a file differs. A folder that has a `.git` of its own within is a submodule, as for git.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from chittylocal.services.github_answers import Refusal
from chittylocal.services.github_git import WHO, Commit, Entry, GitHubUser, Repository, moment

Keep = Callable[[str, bytes], None]
"""What is told each object's name and content, as git keeps it, while a folder is read."""
MESSAGE = "The files as they lie\n"
SIGNED = (
    b"author chittylocal <chittylocal@example.com> 0 +0000\ncommitter chittylocal <chittylocal@example.com> 0 +0000"
)


class FolderRepository(Repository):
    """A plain folder, read-only; `branch` is the one branch that it has.

    What a branch is at is found out each time that it is asked for, by reading every file once.
    """

    def __init__(self, folder: Path, branch: str) -> None:
        super().__init__(folder)
        self._branch = branch
        self._places: dict[str, Path] = {}
        self._root = ""
        self._newest = 0.0
        self._keep: Keep | None = None

    @property
    def empty(self) -> bool:
        """Whether there is no file in it."""
        return not _holds_files(self.folder)

    def resolve(self, ref: str) -> str | None:
        """The commit that the branch or the commit's own name names, or None."""
        commit = self._read()
        known = (commit, "HEAD", self._branch, f"refs/heads/{self._branch}")
        return commit if commit and ref in known else None

    def pushed_at(self, branch: str) -> str | None:
        """When the newest file was written, of those that were read last."""
        return moment(self._newest) if branch == self._branch and self._newest else None

    def root(self, commit: str) -> str:
        """The name of the folder's own tree, as it was read last."""
        return self._root

    def files(self, commit: str) -> Mapping[str, Entry]:
        """Everything that lies in the commit, by path."""
        if self._files[0] != commit:
            self._read()
        return self._files[1] if self._files[0] == commit else {}

    def named_tree(self, name: str, *, recursive: bool = False) -> tuple[str, list[Entry]] | None:
        """The root of the one commit, or the folder of that very name."""
        commit = self.resolve(name) or self._files[0]
        found, path = self.files(commit), ""
        if name not in (commit, "HEAD", self._branch, f"refs/heads/{self._branch}", self._root):
            path = next((entry.path for entry in found.values() if (entry.kind, entry.sha) == ("tree", name)), "")
            if not path:
                return None
        within = [entry for entry in found.values() if not path or entry.path.startswith(f"{path}/")]
        shown = [entry._replace(path=entry.path[len(path) :].lstrip("/")) for entry in within]
        return (name if path else self._root), [entry for entry in shown if recursive or "/" not in entry.path]

    def branches(self) -> dict[str, str]:
        """The one branch; none where there is no file."""
        commit = self._read()
        return {self._branch: commit} if commit else {}

    def find_blob(self, sha: str) -> bytes | None:
        """The content of the file that has that name now, or None."""
        self._read()
        return self.blob(sha) if sha in self._places else None

    def blob(self, sha: str) -> bytes:
        """The content of a file; KeyError when none of those read last has that name."""
        return _content(self._places[sha])

    def log(self, ref: str, path: str = "") -> list[Commit]:
        """The one commit."""
        commit = self.resolve(ref)
        shown = commit and (not path or path in self.files(commit))
        return [Commit(commit, "", MESSAGE.strip(), "chittylocal")] if commit and shown else []

    def comparison(self, base: str, head: str) -> tuple[int, int] | None:
        """Nothing is ahead of the one commit."""
        return (0, 0) if self.resolve(base) and self.resolve(head) else None

    def commit(
        self, branch: str, files: Mapping[str, bytes], message: str, *, parent: str | None, author: GitHubUser = WHO
    ) -> str:
        """Refused."""
        self._refuse()

    def set_branch(self, branch: str, commit: str) -> None:
        """Refused."""
        self._refuse()

    def delete_branch(self, branch: str) -> None:
        """Refused."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise Refusal(403, f"{self.folder.name} is a plain folder here: it is read and never written.")

    def _tree(self, commit: str, path: str, *options: str) -> list[Entry]:
        found = self.files(commit)
        if path and not path.endswith("/"):
            return [found[path]] if path in found else []
        if "-r" in options:
            return list(found.values())
        return [entry for entry in found.values() if entry.path.rpartition("/")[0] == path.rstrip("/")]

    def export(self, target: Path) -> None:
        """Have a bare git repository in `target` hold the one commit, on the one branch, and what it held before."""
        with self.lock:
            bare = Repository(target)
            if not (target / "HEAD").exists():
                bare.create()
            self._keep = lambda sha, whole: _write_object(target, sha, whole)
            try:
                commit = self._read()
            finally:
                self._keep = None
            for branch in bare.branches():
                if branch != self._branch or commit is None:
                    bare.delete_branch(branch)
            if commit:
                bare.set_branch(self._branch, commit)

    def _read(self) -> str | None:
        """Read every file; the commit's name, or None where there is no file."""
        found: dict[str, Entry] = {}
        self._places, self._newest = {}, 0.0
        tree = self._read_folder(self.folder, "", found)
        if tree is None:
            return None
        body = b"tree %s\n%s\n\n%s" % (tree.encode(), SIGNED, MESSAGE.encode())
        commit, self._root = self._object(b"commit", body), tree
        self._files = (commit, dict(sorted(found.items())))
        return commit

    def _read_folder(self, folder: Path, prefix: str, found: dict[str, Entry]) -> str | None:
        lines: list[tuple[bytes, bytes]] = []
        with os.scandir(folder) as items:
            for item in items:
                if item.name == ".git":
                    continue
                name = os.fsencode(item.name)
                entry = self._read_item(item, prefix + name.decode("utf-8", "replace"), found)
                if entry is not None:
                    found[entry.path] = entry
                    line = b"%s %s\0" % (entry.mode.lstrip("0").encode(), name) + bytes.fromhex(entry.sha)
                    lines.append((name + b"/" * (entry.kind == "tree"), line))
        return self._object(b"tree", b"".join(line for _, line in sorted(lines))) if lines else None

    def _read_item(self, item: os.DirEntry[str], path: str, found: dict[str, Entry]) -> Entry | None:
        place = Path(item.path)
        if item.is_dir(follow_symlinks=False):
            if (place / ".git").exists():
                return Entry(
                    path, "commit", hashlib.sha1(path.encode(), usedforsecurity=False).hexdigest(), 0, "160000"
                )
            tree = self._read_folder(place, f"{path}/", found)
            return Entry(path, "tree", tree, 0, "040000") if tree else None
        status = item.stat(follow_symlinks=False)
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
            return None
        content = _content(place)
        sha = self._object(b"blob", content)
        self._places[sha] = place
        self._newest = max(self._newest, status.st_mtime)
        mode = "120000" if item.is_symlink() else "100755" if status.st_mode & stat.S_IXUSR else "100644"
        return Entry(path, "blob", sha, len(content), mode)

    def _object(self, kind: bytes, content: bytes) -> str:
        """What git calls an object of that content."""
        whole = b"%s %d\0" % (kind, len(content)) + content
        sha = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        if self._keep:
            self._keep(sha, whole)
        return sha


def _content(place: Path) -> bytes:
    return os.fsencode(place.readlink()) if place.is_symlink() else place.read_bytes()


def _write_object(repository: Path, sha: str, whole: bytes) -> None:
    """Keep an object as git does, whole or not at all."""
    target = repository / "objects" / sha[:2] / sha[2:]
    if target.exists():
        return
    target.parent.mkdir(exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix="tmp_obj_")
    with os.fdopen(handle, "wb") as file:
        file.write(zlib.compress(whole, 1))
    Path(temporary).chmod(0o444)
    Path(temporary).replace(target)


def _holds_files(folder: Path) -> bool:
    with os.scandir(folder) as items:
        return any(
            not item.is_dir(follow_symlinks=False) or _holds_files(Path(item.path))
            for item in items if item.name != ".git"
        )  # fmt: skip
