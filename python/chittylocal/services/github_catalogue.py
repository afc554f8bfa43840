"""Which repositories there are, of git and of plain folders: by name, with what GitHub says about each of them."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from chittylocal.services.github_folders import FolderRepository
from chittylocal.services.github_git import DEFAULT_BRANCH, Repository, bytes_of

NAME = re.compile(r"(?!\.{1,2}/)[\w.-]+/(?!\.{1,2}$)[\w.-]+")


@dataclass
class Profile:
    """What GitHub says about a repository besides its contents; all of it may be changed at will.

    Attributes:
        accessible: whether the token may see it; what it may not see is not there, as what was deleted.
        has_issues: whether issues are on.
        language: the primary language; None: by the files.
        pushed_at, updated_at: ISO 8601; None: when the default branch moved.
    """

    description: str | None = None
    private: bool = False
    internal: bool = False
    archived: bool = False
    disabled: bool = False
    fork: bool = False
    template: bool = False
    accessible: bool = True
    has_issues: bool = True
    language: str | None = None
    pushed_at: str | None = None
    updated_at: str | None = None
    created_at: str = "2024-01-01T00:00:00Z"

    @property
    def visibility(self) -> str:
        """`public`, `private` or `internal`."""
        return "internal" if self.internal else "private" if self.private else "public"


class Repositories:
    """Every repository of one state folder, by `owner/name`, without regard to case as on GitHub."""

    def __init__(self, folder: Path, default_branch: Callable[[str], str]) -> None:
        self._folder = folder
        self._default_branch = default_branch
        self._opened: dict[str, Repository] = {}
        self._names: dict[str, str] = {}
        self._folders: dict[str, Path] = {}
        self._trees: list[Path] = []
        self._moved: dict[str, str] = {}
        self._deleted: set[str] = set()
        self._profiles: dict[str, Profile] = {}
        self._lock = threading.RLock()

    def find(self, name: str) -> Repository | None:
        """The repository of that name, or None; a renamed one is found by its new name."""
        key = name.lower()
        with self._lock:
            profile = self._profiles.get(key)
            absent = not NAME.fullmatch(name) or key in self._moved or key in self._deleted
            if absent or (profile and not profile.accessible):
                return None
            folder = self._folder / f"{key}.git"
            if key not in self._opened and folder.is_dir():
                self._opened[key] = Repository(folder)
            if key in self._opened:
                return self._opened[key]
            plain = self._plain(name)
        # A new one each time: what was read of ten thousand folders would stay in memory.
        return FolderRepository(plain, self._default_branch(name)) if plain else None

    def make(self, name: str, files: Mapping[str, str]) -> Repository:
        """A new repository with a first commit of `files`; without files it stays empty."""
        repository = Repository(self._folder / f"{name.lower()}.git")
        repository.create()
        if files:
            content = {path: bytes_of(text) for path, text in files.items()}
            repository.commit(DEFAULT_BRANCH, content, "First commit\n", parent=None)
        self._call(name)
        found = self.find(name)
        assert found
        return found

    def mount(self, name: str, folder: Path) -> None:
        """Have a plain folder be a repository."""
        self._call(name)
        self._folders[name.lower()] = folder

    def mount_tree(self, folder: Path) -> None:
        """Have every `OWNER/NAME` of a folder be a repository, those that come later too. Nothing is read yet."""
        self._trees.append(folder)

    def rename(self, old: str, new: str) -> None:
        """Call a repository otherwise; `current` leads from the old name to the new one."""
        found, profile = self.find(old), self.profile(old)
        if found is None:
            raise KeyError(f"there is no repository {old} to rename")
        with self._lock:
            if isinstance(found, FolderRepository):
                self._folders.pop(old.lower(), None)
                self.mount(new, found.folder)
            else:
                target = self._folder / f"{new.lower()}.git"
                target.parent.mkdir(parents=True, exist_ok=True)
                found.folder.rename(target)
                self._opened.pop(old.lower(), None)
                self._call(new)
            self._profiles[new.lower()] = profile
            self._profiles.pop(old.lower(), None)
            self._moved[old.lower()] = new

    def delete(self, name: str) -> None:
        """Have no such repository any more; its files stay where they are."""
        self._deleted.add(name.lower())

    def current(self, name: str) -> str:
        """What a repository is called today, spelled as its owner does."""
        while name.lower() in self._moved:
            name = self._moved[name.lower()]
        with self._lock:
            plain = None if name.lower() in self._names else self._plain(name)
        return f"{plain.parent.name}/{plain.name}" if plain else self._names.get(name.lower(), name)

    def profile(self, name: str) -> Profile:
        """What GitHub says about a repository."""
        with self._lock:
            return self._profiles.setdefault(name.lower(), Profile())

    def owner(self, login: str) -> str | None:
        """An owner's name, spelled as it is; None when nothing belongs to it."""
        with self._lock:
            folders = [place.name for place in self._owner_folders(login)]
            names = [*self._names.values(), *(f"{name}/" for name in folders)]
            kept = f"{login}/" if (self._folder / login.lower()).is_dir() and NAME.fullmatch(f"{login}/x") else ""
            found = (name.partition("/")[0] for name in (*names, kept))
            return next((name for name in found if name and name.lower() == login.lower()), None)

    def owned(self, owner: str) -> list[str]:
        """The names of an owner's repositories, sorted."""
        with self._lock:
            git = [f"{owner}/{path.name.removesuffix('.git')}" for path in self._folder.glob(f"{owner.lower()}/*.git")]
            trees = [
                f"{place.name}/{item.name}"
                for place in self._owner_folders(owner) for item in os.scandir(place) if item.is_dir()
            ]  # fmt: skip
            mounted = [name for name in self._folders if name.startswith(f"{owner.lower()}/")]
            spelled = {name.lower(): name for name in (*git, *mounted, *trees)}
            gone = {*self._moved, *self._deleted, *(key for key, one in self._profiles.items() if not one.accessible)}
            return [self._names.get(key, spelled[key]) for key in sorted(spelled) if key not in gone]

    def _call(self, name: str) -> None:
        self._names[name.lower()] = name
        self._moved.pop(name.lower(), None)
        self._deleted.discard(name.lower())

    def _plain(self, name: str) -> Path | None:
        if name.lower() in self._folders:
            return self._folders[name.lower()]
        owner, _, own = name.partition("/")
        if not NAME.fullmatch(name):
            return None
        for tree in self._trees:
            if (tree / owner / own).is_dir():
                return tree / owner / own
        return next((found for place in self._owner_folders(owner) for found in _named(place, own)), None)

    def _owner_folders(self, owner: str) -> list[Path]:
        return [found for tree in self._trees for found in _named(tree, owner)]


def _named(folder: Path, name: str) -> Iterator[Path]:
    """The folders within one that are called so, in whatever case."""
    return (item for item in folder.iterdir() if item.name.lower() == name.lower() and item.is_dir())
