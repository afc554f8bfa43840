"""A registry looked over: everything that is wrong with it, and what it does not know, each with its line.

A problem makes a registry misleading or unusable. A note is something that is not known, or that only a person can tell
to be right; nothing is made up to have it go away.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import yaml
from pydantic import ValidationError

from chittyactions.compliance.catalogue import Catalogue, told
from chittyactions.compliance.documents import Document, Malformed
from chittyactions.compliance.model import Need
from chittyactions.compliance.registry import Entry, Registry, need_of, unfit
from chittyactions.compliance.registry_waivers import aimless, idle
from chittyactions.compliance.yaml_text import read_yaml

PROBING = ("health_endpoint", "chittyrouter")
"""The dimensions that ask a service at its domain."""

NEAR = 0.8
"""How much two territories have in common, of 1, before one is taken for a misspelling of the other."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINE = re.compile(r"line (\d+)(?:, column \d+)?: ")
_TWICE = re.compile(r"the key .* stands twice", re.DOTALL)


class Remark(NamedTuple):
    """A problem or a note. `line` is 0 where none is known; `service` is ORGANISATION/name, or "" for the file."""

    line: int
    code: str
    service: str
    message: str


@dataclass(frozen=True)
class Linted:
    """What was found, by line. The counts are of the services that could be read."""

    problems: tuple[Remark, ...]
    notes: tuple[Remark, ...] = ()
    services: int = 0
    active: int = 0
    organizations: int = 0


class _Placed(NamedTuple):
    """A service with its place in the document."""

    owner: str
    name: str
    entry: Entry
    document: Document

    @property
    def full(self) -> str:
        return f"{self.owner}/{self.name}"

    def remark(self, code: str, message: str, field: str = "") -> Remark:
        place = ("organizations", self.owner, "services", self.name, *([field] if field else []))
        return Remark(self.document.spot(*place).line, code, self.full, message)


def lint(text: str, catalogue: Catalogue, today: date) -> Linted:
    """All that can be said of a registry's text. Never raises for what the text holds."""
    try:
        document = read_yaml(text)
    except Malformed as error:
        return Linted(tuple(_twice(text)) if _TWICE.search(error.reason) else (_unreadable(error),))
    problems: list[Remark] = []
    registry = _read(document, problems)
    if registry is None:
        return Linted(tuple(sorted(problems)))
    problems += (_remark(one, "profile") for one in unfit(registry, document, tuple(catalogue.dimensions)))
    for doubt in (*aimless(registry, catalogue), *idle(registry, today)):
        line = document.spot("waivers", doubt.number, doubt.key).line
        problems.append(Remark(line, doubt.code, "", f"waivers: {doubt.said}"))
    services = [
        _Placed(owner, name, entry, document)
        for owner, organization in registry.organizations.items()
        for name, entry in organization.services.items()
    ]
    problems += [*_shared_domains(services), *_registered_twice(services), *_territories(services)]
    notes = [note for one in services for note in _notes(one, registry)]
    return Linted(
        tuple(sorted(problems)),
        tuple(sorted([*notes, *_shared_repositories(services)])),
        len(services),
        sum(one.entry.active for one in services),
        len(registry.organizations),
    )


def _read(document: Document, problems: list[Remark]) -> Registry | None:
    """The registry; services that do not fit its schema are left out of it. None where anything else does not."""
    data = {} if document.data is None else document.data
    try:
        return Registry.model_validate(data, context=document)
    except ValidationError as error:
        found = error.errors(include_url=False)
    problems += (_remark(told(one, document), "schema") for one in found)
    rest = copy.deepcopy(data)
    for one in found:
        at = one["loc"]
        if len(at) < 4 or at[0] != "organizations" or at[2] != "services":
            return None
        rest["organizations"][at[1]]["services"].pop(at[3], None)
    try:
        return Registry.model_validate(rest, context=document)
    except ValidationError:
        return None


def _remark(text: str, code: str) -> Remark:
    """From a sentence that begins with its line."""
    found = _LINE.match(text)
    return Remark(int(found[1]), code, "", text[found.end() :]) if found else Remark(0, code, "", text)


def _unreadable(error: Malformed) -> Remark:
    column = f"column {error.spot.column}: " if error.spot.column else ""
    return Remark(error.spot.line, "yaml", "", f"it is no YAML that can be read: {column}{error.reason}")


def _twice(text: str) -> Iterator[Remark]:
    """Every key that stands twice in one table: with the first of them, nothing else can be said of the file."""
    open_tables: list[set[str] | None] = []
    keys: list[bool] = []  # whether a key comes next, of each open table
    for event in _events(text):
        inside = bool(open_tables) and open_tables[-1] is not None
        if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            open_tables.pop()
            keys.pop()
            continue
        if not isinstance(event, yaml.NodeEvent):
            continue
        if inside and keys[-1] and isinstance(event, yaml.ScalarEvent):
            seen = open_tables[-1] or set()
            if event.value in seen:
                mark = event.start_mark
                line = text.count("\n", 0, mark.index) + 1 if mark else 0
                yield Remark(line, "duplicate-key", "", f"the key {event.value} stands twice")
            seen.add(event.value)
            open_tables[-1] = seen
        if inside:
            keys[-1] = not keys[-1]
        if isinstance(event, yaml.CollectionStartEvent):
            open_tables.append(set() if isinstance(event, yaml.MappingStartEvent) else None)
            keys.append(True)


def _events(text: str) -> Iterator[yaml.Event]:
    """What the text is made of, as far as it can be read."""
    with suppress(yaml.YAMLError):
        yield from yaml.parse(text, Loader=_LOADER)


def _shared_domains(services: list[_Placed]) -> Iterator[Remark]:
    """A domain leads to one service; what is switched off has none any more."""
    owners: dict[str, str] = {}
    for one in services:
        if one.entry.domain and one.entry.active:
            first = owners.setdefault(one.entry.domain, one.full)
            if first != one.full:
                said = f"{one.full}: the domain {one.entry.domain} is that of {first} already"
                yield one.remark("duplicate-domain", said, "domain")


def _registered_twice(services: list[_Placed]) -> Iterator[Remark]:
    """The same name for the same repository, in two organisations."""
    seen: dict[tuple[str, str], str] = {}
    for one in services:
        first = seen.setdefault((one.entry.repo.lower(), one.name.lower()), one.full)
        if first.lower() != one.full.lower():  # within an organisation that is told by read_registry's rules
            yield one.remark("same-service", f"{one.full}: it is here already, as {first}", "repo")


def _shared_repositories(services: list[_Placed]) -> Iterator[Remark]:
    """Several services of one repository: a monorepo, or a line that was copied and not changed."""
    first: dict[str, _Placed] = {}
    for one in services:
        other = first.setdefault(one.entry.repo.lower(), one)
        if other is not one and other.name.lower() != one.name.lower():
            said = f"{one.full}: its repository is that of {other.full} too; right if it holds both"
            yield one.remark("same-repository", said, "repo")


def _territories(services: list[_Placed]) -> Iterator[Remark]:
    """Territories that look like another, which more services have, or which came first."""
    used = Counter(one.entry.territory for one in services if one.entry.territory)
    order = sorted(used, key=lambda one: -used[one])  # stable: of as many, the first one stays in front
    meant = {
        one: next((better for better in order[:number] if _alike(one, better)), "") for number, one in enumerate(order)
    }
    for one in services:
        if better := meant.get(one.entry.territory):
            said = f"{one.full}: no other service has the territory {one.entry.territory}; did you mean {better}?"
            if used[one.entry.territory] > 1:
                said = f"{one.full}: the territory {one.entry.territory} looks like {better}, which more services have"
            yield one.remark("territory", said, "territory")


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one.lower(), other.lower()).ratio() >= NEAR


def _notes(one: _Placed, registry: Registry) -> Iterator[Remark]:
    """What is not known of a service, and what only a person can tell to be right."""
    entry = one.entry
    for field, value in (("tier", entry.tier), ("territory", entry.territory), ("description", entry.description)):
        if value in (None, ""):
            yield one.remark(f"no-{field}", f"{one.full} has no {field}")
    needs = {need_of(registry, entry.type, dimension) for dimension in PROBING}
    if Need.REQUIRED in needs and not entry.domain and entry.active:
        said = f"{one.full} has no domain, and a {entry.type} is asked for its health and its route there"
        yield one.remark("no-domain", said)
    if needs == {Need.NOT_APPLICABLE} and entry.domain:
        said = f"{one.full} has the domain {entry.domain}, and nothing is asked of a {entry.type} there"
        yield one.remark("unused-domain", said, "domain")
    if entry.repo.partition("/")[0].lower() != one.owner.lower():
        said = f"{one.full}: its repository {entry.repo} is another organisation's"
        yield one.remark("other-organization", said, "repo")
