"""Whose a deploy, a heartbeat or an install is: this service's, or another's of the same repository."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import cached_property

from chittyactions.compliance.calls import table
from chittyactions.compliance.detection import Detected, detect
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import NotKnown, Undecided, Wrong
from chittyactions.compliance.repository import Repository


def is_literal(text: str) -> bool:
    """Whether a text is what it says, with nothing in it that only running would fill in."""
    return bool(text) and not {"$", "{"} & set(text)


class Owner:
    """The service that is looked at, by every name that a workflow may call it."""

    def __init__(self, subject: Subject) -> None:
        self._service = subject.service
        self._repository = subject.repository

    def another(self, name: str, folder: str = "") -> str:
        """The other service that is meant, by its name or by its folder; "" where it may be this one."""
        if is_literal(name) and name.lower() not in self._names:
            return name
        return folder if self.is_elsewhere(folder) or self._is_of_another_worker(folder) else ""

    def is_elsewhere(self, folder: str) -> bool:
        """Whether a folder, relative to the root, has nothing to do with the service's own."""
        if not is_literal(folder):
            return False
        ours, theirs = _parts(self._repository.folder), _parts(folder)
        return ours[: len(theirs)] != theirs[: len(ours)]

    def _is_of_another_worker(self, folder: str) -> bool:
        """A Worker below the service's own folder may be a service of its own."""
        return any(_parts(folder) == _parts(path)[:-1] != [] for path in self._others)

    @cached_property
    def _detected(self) -> Detected:
        return detect(self._repository)

    @cached_property
    def _ours(self) -> tuple[str, ...]:
        """The wrangler files of the service: its folder's own, or else those below it. Of the root's it has to be the
        only one, as several Workers of a repository may be as many services.
        """
        folder, workers = self._repository.folder, self._detected.workers
        own = tuple(path for path in workers if path.rpartition("/")[0] == folder)
        return own or (workers if folder or len(workers) == 1 else ())

    @cached_property
    def _others(self) -> tuple[str, ...]:
        """The wrangler files of the repository that are other services'."""
        return tuple(path for path in detect(Repository(self._repository.files)).workers if path not in self._ours)

    @cached_property
    def _names(self) -> frozenset[str]:
        folder = self._repository.folder.rpartition("/")[2].lower()
        own = {folder} - self._named(self._others)
        own |= {self._service.name.lower(), self._detected.name.lower()}
        return self._named(self._ours) | own

    def _named(self, workers: tuple[str, ...]) -> frozenset[str]:
        return frozenset(name.lower() for path in workers for name in self._names_in(path) if isinstance(name, str))

    def _names_in(self, path: str) -> Iterator[object]:
        try:
            worker = (self._repository.toml if path.endswith(".toml") else self._repository.jsonc)(path)
        except (Wrong, Undecided, NotKnown):
            return  # told where that file itself is looked at
        if worker:
            yield worker.get("name")
            yield from (worker.get("env", environment, "name") for environment in table(worker.get("env")))


def _parts(folder: str) -> list[str]:
    return [part for part in posixpath.normpath(f"/{folder}").split("/") if part]
