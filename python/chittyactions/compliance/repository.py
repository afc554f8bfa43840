"""What checks ask of a repository: its files as text and as data, its workflows, and what only services can say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cache

from chittyactions.compliance.checkout import Checkout
from chittyactions.compliance.decoding import decoded
from chittyactions.compliance.documents import Document, Malformed, read_json, read_jsonc, read_toml
from chittyactions.compliance.facts import Fact, NotKnown, Undecided, Wrong
from chittyactions.compliance.files import Files, Kind, Unreadable
from chittyactions.compliance.model import Finding
from chittyactions.compliance.yaml_text import read_yaml

LARGEST_TEXT = 1024 * 1024
"""Bytes of a file that checks read. GitHub takes no larger workflow, and no manifest comes near."""

OFFLINE = "this run does not ask for it (it is offline, or has no token)"


@dataclass(frozen=True)
class Protection:
    """What guards a branch, by classic rule or by rulesets together."""

    reviews: bool
    status_checks: bool
    force_pushes: bool
    """Whether anybody may force-push."""


@dataclass(frozen=True)
class Health:
    """What `GET https://{domain}/health` came to. `problem` is "" when it answered as it should."""

    url: str
    problem: str = ""


@dataclass(frozen=True)
class Observed:
    """What only services can say. Each is asked for by what this run may ask; by default nothing is."""

    protection: Fact[Protection] = field(default_factory=lambda: Fact[Protection].not_asked(OFFLINE))
    default_branch: str = ""
    disabled_workflows: Fact[tuple[str, ...]] = field(default_factory=lambda: Fact[tuple[str, ...]].not_asked(OFFLINE))
    """Paths of workflows that are switched off."""
    health: Fact[Health] = field(default_factory=lambda: Fact[Health].not_asked(OFFLINE))
    registered: Fact[str] = field(default_factory=lambda: Fact[str].not_asked(OFFLINE))
    """Present: the registry knows the service. Absent: it says that it does not."""
    routed: Fact[str] = field(default_factory=lambda: Fact[str].not_asked(OFFLINE))
    endpoints: Mapping[str, Fact[str]] = field(default_factory=dict)
    """By the key of a check's question (endpoints.py): "" for an answer as it should be, else what came instead.

    One that is not here was not asked.
    """


class Repository:
    """A repository's files with what was observed beside them. `folder` is where the service lies, "" for the root.

    A file is looked for in the service's folder and then, as a monorepo shares it, at the root. Each file is read once.
    """

    def __init__(self, files: Files, folder: str = "", observed: Observed | None = None) -> None:
        self.files = files
        self.folder = folder.strip("/")
        self.observed = observed or Observed()
        self.opened: set[str] = set()
        """Paths that were read."""
        self.looks_at_switches = 0
        """How often somebody has asked which workflows are switched off."""
        self.text = cache(self._text)
        self._data: dict[tuple[str, str], Document | Finding | None] = {}
        self._listed: dict[tuple[str, ...], tuple[str, ...]] = {}

    @property
    def checkout(self) -> Checkout:
        """The files as a working tree, of a repository that lies on this disk."""
        assert isinstance(self.files, Checkout)
        return self.files

    @property
    def switched_off(self) -> tuple[str, ...]:
        """Paths of workflows that are switched off on GitHub, as far as that is known."""
        self.looks_at_switches += 1
        return self.observed.disabled_workflows.found or ()

    def switching_off(self, *paths: str) -> Repository:
        """The same repository with these workflows switched off, and no others."""
        other = copy(self)
        other.observed = replace(self.observed, disabled_workflows=Fact.present(paths))
        return other

    # -- paths -------------------------------------------------------------------------------------------------

    def find(self, path: str) -> str:
        """Where a file of the service is: in its folder, else at the root; "" where it is nowhere."""
        for place in dict.fromkeys((f"{self.folder}/{path}" if self.folder else path, path)):
            if place in self.files.paths:
                return place
        return ""

    def home(self, path: str) -> str:
        """Where a file of the service that is missing would be made."""
        return f"{self.folder}/{path}" if self.folder else path

    def paths(self, *patterns: str) -> tuple[str, ...]:
        """Files and links whose path fits one of the globs (`**` for any folders), sorted."""
        if patterns not in self._listed:
            reaches: dict[tuple[str, bool], list[str]] = {}
            for pattern in patterns:
                reaches.setdefault(_reach(pattern), []).append(f"(?:{glob(pattern).pattern})")
            found: set[str] = set()
            for (folder, deep), held in reaches.items():
                fits = re.compile("|".join(held)).fullmatch
                listed = self.files.within(folder, deep=deep)
                found.update(path for path, kind in listed if kind is not Kind.SUBMODULE and fits(path))
            self._listed[patterns] = tuple(sorted(found))
        return self._listed[patterns]

    # -- files -------------------------------------------------------------------------------------------------

    def searchable(self, path: str) -> str | None:
        """A file's text for a search, in any encoding; None of a link that leads nowhere, and of a picture.

        Raises Undecided and NotKnown.
        """
        try:
            return self.text(path)
        except Wrong:
            if self.files.paths[path] is not Kind.FILE:
                return None
            return decoded(path, self.files.content(path, LARGEST_TEXT))

    def yaml(self, path: str) -> Document | None:
        """A YAML file, or None where there is none. Raises Wrong, Undecided and NotKnown, as the other readers do."""
        return self._read(path, "YAML", read_yaml)

    def json(self, path: str) -> Document | None:
        """A JSON file."""
        return self._read(path, "JSON", read_json)

    def jsonc(self, path: str) -> Document | None:
        """A JSON file with comments."""
        return self._read(path, "JSON with comments", read_jsonc)

    def toml(self, path: str) -> Document | None:
        """A TOML file."""
        return self._read(path, "TOML", read_toml)

    def _read(self, path: str, kind: str, read: Callable[[str], Document]) -> Document | None:
        if (path, kind) not in self._data:
            text = self.text(path)
            try:
                self._data[path, kind] = None if text is None else read(text)
            except Malformed as error:
                self._data[path, kind] = Finding(
                    f"{path} is no valid {kind}: {error.reason}.",
                    "Correct it at that place.",
                    path=path,
                    line=error.spot.line,
                    column=error.spot.column,
                )
        found = self._data[path, kind]
        if isinstance(found, Finding):
            raise Wrong(found)
        return found

    def _text(self, path: str) -> str | None:
        self.opened.add(path)
        try:
            return self.files.read(path, LARGEST_TEXT)
        except Unreadable as error:
            if not error.ours:
                raise NotKnown(f"{path}: {error.reason}") from None
            finding = Finding(
                f"{path} cannot be read: {error.reason}.",
                "Put a plain UTF-8 text file in its place." if not error.too_large else "Make it smaller, or split it.",
                path=path,
            )
            raise (Undecided if error.too_large else Wrong)(finding) from None


def _reach(pattern: str) -> tuple[str, bool]:
    """The folder that what fits a glob lies in, and whether in folders within, too."""
    folder = re.split(r"[*?{]", pattern)[0].rpartition("/")[0]
    rest = pattern[len(folder) + 1 :] if folder else pattern
    return folder, "/" in rest or "**" in rest


@cache
def glob(pattern: str) -> re.Pattern[str]:
    """A glob over whole paths: `*` and `?` stay within a folder, `**/` is any number of folders, {a,b} is either."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\{[^{}]*\})", pattern)
    known = {"**/": "(?:[^/]+/)*", "**": "(?s:.*)", "*": "[^/]*", "?": "[^/]"}
    text = ""
    for part in parts:
        if part.startswith("{"):
            text += "(?:" + "|".join(re.escape(choice) for choice in part[1:-1].split(",")) + ")"
        else:
            text += known.get(part) or re.escape(part)
    return re.compile(text)
