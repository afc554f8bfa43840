"""The files of one repository, wherever they are kept: on this disk, in git's objects, or at GitHub."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from enum import Enum

OUTSIDE = "it is a link to a place outside the repository, which is not followed"


class Kind(Enum):
    """What git keeps at a path."""

    FILE = "file"
    LINK = "link"
    SUBMODULE = "submodule"
    """A gitlink: a commit of another repository, whose files are not this one's."""


class Unreadable(Exception):
    """A path that is there, and can't be read as text. `ours` is set where the repository itself is to blame."""

    def __init__(self, reason: str, *, ours: bool, too_large: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.ours = ours
        self.too_large = too_large


class Files(ABC):
    """What is in a repository, and the bytes of its files.

    Attributes:
        paths: what git keeps at each path; relative, with forward slashes.
        commit: "" where there is none.
        remote: URL of the repository, without credentials; "" where there is none.
    """

    paths: Mapping[str, Kind]
    commit: str
    remote: str
    failed: bool = False
    """Whether something of it could not be read for now, so that what was found may be found otherwise later."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What the repository is called where nothing else says it."""

    @abstractmethod
    def content(self, path: str, limit: int) -> bytes:
        """What a file holds, be it text or not; of a link, what it leads to. Raises Unreadable."""

    def within(self, folder: str, *, deep: bool) -> Iterator[tuple[str, Kind]]:
        """What lies in a folder ("": the root); `deep`: and in the folders within."""
        inside = f"{folder}/" if folder else ""
        for path, kind in self.paths.items():
            if path.startswith(inside) and (deep or "/" not in path[len(inside) :]):
                yield path, kind

    def read(self, path: str, limit: int) -> str | None:
        """The text of a file without its byte order mark, or None where there is none. Raises Unreadable.

        A link is followed within the repository and not out of it; a submodule holds nothing of this repository.
        """
        if path not in self.paths:
            return None
        if self.paths[path] is Kind.SUBMODULE:
            raise Unreadable("it is a submodule, so that its files are another repository's", ours=True)
        data = self.content(path, limit)
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise Unreadable("it is UTF-16, not UTF-8", ours=True)
        if b"\0" in data:
            raise Unreadable(f"byte {data.index(0)} is NUL, so that it is no text", ours=True)
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise Unreadable(f"byte {error.start} (line {line}) is not UTF-8", ours=True) from None


def too_large(limit: int) -> Unreadable:
    """For a file of more than `limit` bytes."""
    return Unreadable(f"it has more than {limit // 1024} KiB", ours=True, too_large=True)
