"""`.chittyconnect.yml` as the checks of several dimensions read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chittyactions.compliance.documents import Document
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import Wrong
from chittyactions.compliance.model import Finding

FILE = ".chittyconnect.yml"


@dataclass(frozen=True)
class ConnectFile:
    """The file, or where it would be. `document` is None where there is none."""

    path: str
    document: Document | None

    def finding(
        self, subject: Subject, message: str, at: tuple[str, ...], *, fix: str, absent: bool = False
    ) -> Finding:
        """A finding at a key of the file, with the check's own why and remediation."""
        spot = self.document.spot(*at) if self.document else None
        return Finding(
            message if self.document else f"There is no {FILE}, in which it would stand: {message}",
            str(subject.parameters["remediation"]),
            why=str(subject.parameters["why"]),
            path=self.path,
            line=spot.line if spot else 0,
            column=spot.column if spot else 0,
            fix=fix,
            absent=absent,
        )


def connect_file(subject: Subject) -> ConnectFile:
    """The service's `.chittyconnect.yml`. Raises Wrong where it is no YAML, or no table; NotKnown and Undecided."""
    repository = subject.repository
    path = repository.find(FILE) or repository.home(FILE)
    document = repository.yaml(path)
    if document and document.data is not None and not isinstance(document.data, dict):
        raise Wrong(
            Finding(
                f"{path} is no table of settings.",
                "Give it keys and values, as `service:` with `name:` below it.",
                path=path,
                line=1,
                column=1,
            )
        )
    return ConnectFile(path, document)


def kind_of(value: Any) -> str:
    """The kind of a value, in a person's words."""
    words = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table", str: "a text"}
    return "empty" if value is None else words.get(type(value), "something else")
