"""Git's objects in GraphQL: commits, trees with their entries, blobs with their text."""

from __future__ import annotations

from functools import cached_property
from types import SimpleNamespace
from typing import Any

from chittylocal.services.github_git import Commit, Entry, Repository
from chittylocal.services.github_graphql_asked import id_of

CUT = 512_000
"""Bytes of a blob that GitHub shows as text."""
LOOKED_AT = 8000
"""Bytes in which git looks for what makes a file binary."""


class Tree:
    """The files of one commit, from which every object of it is made."""

    def __init__(self, repository: Repository, name: str, commit: str) -> None:
        self.repository = repository
        self.name = name
        self.commit = commit
        self.files = repository.files(commit)

    def at(self, path: str) -> Any:
        """What lies at a path ("": the root), or None."""
        if not path:
            return TreeNode(self, self.repository.root(self.commit), "")
        entry = self.files.get(path.rstrip("/"))
        if entry is None or (path.endswith("/") and entry.kind != "tree"):
            return None
        return self.of(entry)

    def of(self, entry: Entry) -> Any:
        """The object of an entry; None of a submodule, whose commit is in another repository."""
        if entry.kind == "tree":
            return TreeNode(self, entry.sha, entry.path)
        return BlobNode(self, entry) if entry.kind == "blob" else None

    def named(self, oid: str) -> Any:
        """The object of that name, or None."""
        if oid == self.commit:
            return CommitNode(self)
        if oid == self.repository.root(self.commit):
            return self.at("")
        return next((self.of(entry) for entry in self.files.values() if entry.sha == oid), None)


class _Object:
    typename = ""

    def __init__(self, tree: Tree, oid: str) -> None:
        self._tree = tree
        self.oid = oid
        self.abbreviated_oid = oid[:7]
        self.id = id_of(self.typename, f"{tree.name}:{oid}")
        self.commit_url = f"https://github.com/{tree.name}/commit/{tree.commit}"


class CommitNode(_Object):
    """`Commit`."""

    typename = "Commit"

    def __init__(self, tree: Tree) -> None:
        super().__init__(tree, tree.commit)
        self.url = self.commit_url

    @property
    def tree(self) -> TreeNode:
        """Its root."""
        found = self._tree.at("")
        assert isinstance(found, TreeNode)
        return found

    @property
    def message(self) -> str:
        """What its author said."""
        return self._commit.message

    @property
    def message_headline(self) -> str:
        """The first line of it."""
        return self._commit.message.partition("\n")[0]

    @cached_property
    def _commit(self) -> Commit:
        return self._tree.repository.log(self.oid)[0]


class BlobNode(_Object):
    """`Blob`; its content is read when it is asked for."""

    typename = "Blob"

    def __init__(self, tree: Tree, entry: Entry) -> None:
        super().__init__(tree, entry.sha)
        self.byte_size = entry.size
        self.is_truncated = entry.size > CUT

    @property
    def is_binary(self) -> bool:
        """Whether there is a null byte near its beginning."""
        return b"\0" in self._content[:LOOKED_AT]

    @property
    def text(self) -> str | None:
        """Its text, cut after `CUT` bytes; None of a binary one."""
        if self.is_binary:
            return None
        try:
            self._content.decode()
        except UnicodeDecodeError:
            return self._content[:CUT].decode("latin-1")
        return self._content[:CUT].decode(errors="ignore")

    @cached_property
    def _content(self) -> bytes:
        return self._tree.repository.blob(self.oid)


class TreeNode(_Object):
    """`Tree`: what lies directly in a folder."""

    typename = "Tree"

    def __init__(self, tree: Tree, oid: str, path: str) -> None:
        super().__init__(tree, oid)
        self._path = path

    @property
    def entries(self) -> list[TreeEntry]:
        """Its entries, by name."""
        found = [entry for entry in self._tree.files.values() if entry.path.rpartition("/")[0] == self._path]
        return [TreeEntry(self._tree, entry) for entry in sorted(found)]


class TreeEntry:
    """`TreeEntry`; `mode` is git's as a number: 57344 for a submodule, 40960 for a link."""

    typename = "TreeEntry"

    def __init__(self, tree: Tree, entry: Entry) -> None:
        self._tree = tree
        self._entry = entry
        self.path = entry.path
        self.name = entry.path.rpartition("/")[2]
        self.extension = f".{self.name.rpartition('.')[2]}" if "." in self.name else ""
        self.type, self.oid, self.size = entry.kind, entry.sha, entry.size
        self.mode = int(entry.mode, 8)

    @property
    def object(self) -> Any:
        """What it is of."""
        return self._tree.of(self._entry)

    @property
    def submodule(self) -> Any:
        """The other repository's commit, of a submodule."""
        if self.type != "commit":
            return None
        return SimpleNamespace(name=self.path, path=self.path, subproject_commit_oid=self.oid)
