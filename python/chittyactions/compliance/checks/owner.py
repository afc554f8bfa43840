"""Whose a deploy, a heartbeat or an install is: this service's, or another's of the same repository."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import cached_property

from chittyactions.compliance.calls import table
from chittyactions.compliance.detection import detect
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import NotKnown, Undecided, Wrong


def is_literal(text: str) -> bool:
    """Whether a text is what it says, with nothing in it that only running would fill in."""
    return bool(text) and not {"$", "{"} & set(text)


class Owner:
    """The service that is looked at, by every name that a workflow may call it."""

    def __init__(self, subject: Subject) -> None:
        self._service = subject.service
        self._repository = subject.repository

    def another(self, name: str, folder: str = "") -> str:
        """The other service that is meant, by its name or else by its folder; "" where it may be this one."""
        if is_literal(name):
            return "" if name.lower() in self._names else name
        return folder if self.is_elsewhere(folder) else ""

    def is_elsewhere(self, folder: str) -> bool:
        """Whether a folder, relative to the root, has nothing to do with the service's own."""
        if not is_literal(folder):
            return False
        ours, theirs = _parts(self._repository.folder), _parts(folder)
        return ours[: len(theirs)] != theirs[: len(ours)]

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(name.lower() for name in self._called() if name)

    def _called(self) -> Iterator[str]:
        detected = detect(self._repository)
        yield from (self._service.name, detected.name, self._repository.folder.rpartition("/")[2])
        for path in detected.workers:
            try:
                worker = (self._repository.toml if path.endswith(".toml") else self._repository.jsonc)(path)
            except (Wrong, Undecided, NotKnown):
                continue  # told where that file itself is looked at
            if worker:
                yield str(worker.get("name"))
                for environment in table(worker.get("env")):
                    yield str(worker.get("env", environment, "name"))


def _parts(folder: str) -> list[str]:
    return [part for part in posixpath.normpath(f"/{folder}").split("/") if part]
