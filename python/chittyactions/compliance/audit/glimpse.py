"""A repository as far as the base facts show it. Who asks for more is told that it is not there yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from chittyactions.compliance.audit.listing import Listing
from chittyactions.compliance.facts import NotKnown
from chittyactions.compliance.files import Files, Kind, too_large


class More(NotKnown):
    """A check asks for something that the base facts don't hold."""


@dataclass
class Asked:
    """What was asked for that is not there. Checks may take a `More` for an answer; this does not forget it."""

    paths: list[str] = field(default_factory=list)

    def more(self, path: str) -> More:
        """Note a path, and say it."""
        self.paths.append(path)
        return More(f"{path} is not among the base facts")


class Paths(Mapping[str, Kind]):
    """The paths of a listing, where what lies in an unlisted folder is neither there nor not there."""

    def __init__(self, listing: Listing, asked: Asked) -> None:
        self._listing = listing
        self._asked = asked

    def __contains__(self, path: object) -> bool:
        if path in self._listing.kinds:
            return True
        self._look(str(path))
        return False

    def __getitem__(self, path: str) -> Kind:
        if path not in self._listing.kinds:
            self._look(path)
        return self._listing.kinds[path]

    def __iter__(self) -> Iterator[str]:
        for folder in sorted(self._listing.unlisted):
            raise self._asked.more(folder)
        return iter(self._listing.kinds)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _look(self, path: str) -> None:
        parts = path.split("/")
        for end in range(len(parts)):
            if "/".join(parts[:end]) in self._listing.unlisted:
                raise self._asked.more(path)


class Glimpse(Files):
    """The base facts as files. `asked` tells what they lacked."""

    def __init__(self, listing: Listing, commit: str, *, name: str, remote: str) -> None:
        self.asked = Asked()
        self.commit = commit
        self.remote = remote
        self.paths = Paths(listing, self.asked)
        self._listing = listing
        self._name = name

    @property
    def name(self) -> str:
        """The repository's name."""
        return self._name

    def content(self, path: str, limit: int) -> bytes:
        """What a file holds. Raises More where it is not among the base facts, Unreadable where it is too large."""
        data = self._listing.texts.get(path)
        if data is None:
            raise self.asked.more(path)
        if len(data) > limit:
            raise too_large(limit)
        return data

    def within(self, folder: str, *, deep: bool) -> Iterator[tuple[str, Kind]]:
        """What lies in a folder."""
        inside = f"{folder}/" if folder else ""
        for one in sorted(self._listing.unlisted):
            covers = one in ("", folder) or folder.startswith(f"{one}/")
            if covers or (deep and one.startswith(inside)):
                raise self.asked.more(one)
        for path, kind in self._listing.kinds.items():
            if path.startswith(inside) and (deep or "/" not in path[len(inside) :]):
                yield path, kind
