"""What a registry should say after a look at an organisation's repositories: additions, changes, what is switched off.

Only what GitHub shows, or a repository states in its `.chittyconnect.yml`, is proposed. What needs a person is told
beside it. Nothing is proposed from something that is not known, and no entry is ever removed: GitHub does not tell a
deleted repository from a private one that the token may not see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chittyactions.compliance.registry import Entry, Registry
from chittyactions.compliance.registry_edit import CannotEdit, Edit, edited
from chittyactions.compliance.registry_listing import CONNECT, Listed, Listing
from chittyactions.compliance.registry_stated import Stated, stated

FIELDS = ("type", "tier", "domain")
FORK, TEMPLATE = "fork", "template"
"""Kinds of repositories that are passed over."""
SHARED = ".github"
"""The repository whose files are an organisation's own: GitHub takes it for that by its name."""


@dataclass(frozen=True)
class Proposal:
    """A change to one service, with its reasons. `was`: field → what the registry says now, of those that change."""

    edit: Edit
    reasons: tuple[str, ...]
    was: Mapping[str, str | int | bool | None]

    @property
    def sign(self) -> str:
        """+ for a new service, - for one that is switched off, ~ for what else changes."""
        return "+" if self.edit.new else "-" if self.edit.fields.get("active") is False else "~"


@dataclass(frozen=True)
class Proposed:
    """What came of one organisation.

    Attributes:
        repositories: how many GitHub lists.
        left: what a person has to decide, a sentence each.
        passed: why repositories that are not registered were passed over → how many.
    """

    organization: str
    repositories: int
    proposals: tuple[Proposal, ...]
    left: tuple[str, ...]
    passed: Mapping[str, int]


class _Known(NamedTuple):
    """A service of the registry."""

    owner: str
    name: str
    entry: Entry


def propose(registry: Registry, listing: Listing, *, private: bool = False, whole: bool = True) -> Proposed:
    """What the listing of an organisation says against the registry, which has the organisation.

    `private`: whether private repositories may be added. A registry that everybody can read tells their names.
    `whole`: whether all is known of every organisation of the run; else nothing is switched off, but told in words.
    """
    return _Looking(registry, listing, private=private, whole=whole and not listing.incomplete).proposed()


class _Looking:
    """One organisation's repositories beside its services."""

    def __init__(self, registry: Registry, listing: Listing, *, private: bool, whole: bool) -> None:
        self.registry, self.listing, self.private, self.whole = registry, listing, private, whole
        self.organization = listing.organization
        self.everywhere = [
            _Known(owner, name, entry)
            for owner, one in registry.organizations.items()
            for name, entry in one.services.items()
        ]
        self.here = [one for one in self.everywhere if one.owner == self.organization]
        self.found = {one.repository.lower(): one for one in listing.repositories}
        self.repos = Counter(one.entry.repo.lower() for one in self.everywhere)
        self.domains = {one.entry.domain for one in self.everywhere if one.entry.domain and one.entry.active}
        self.names = {one.name.lower() for one in self.everywhere}
        self.taken = {one.name.lower() for one in self.here}
        self.moved: set[str] = set()
        self.left: list[str] = []

    def proposed(self) -> Proposed:
        changes = [made for one in self.here if one.entry.active and (made := self._change(one))]
        passed: Counter[str] = Counter()
        additions = [made for one in self.listing.repositories if (made := self._addition(one, passed))]
        ordered = sorted([*changes, *additions], key=lambda one: one.edit.service.lower())
        return Proposed(self.organization, len(self.found), tuple(ordered), tuple(self.left), dict(passed))

    # -- services that are registered --------------------------------------------------------------------------------

    def _change(self, known: _Known) -> Proposal | None:
        repo = known.entry.repo.lower()
        listed = self.found.get(repo)
        fields: dict[str, str | int | bool] = {}
        reasons: list[str] = []
        if listed is None:
            if repo not in self.listing.followed:
                return None  # not known: the listing is not whole
            listed = self.listing.followed[repo]
            if listed is None:
                why = f"GitHub has no {known.entry.repo} any more, or this token may not see it"
                return self._off(known, f"{why}; remove the entry by hand where it was deleted")
            if listed.repository.lower() != repo:
                if not self._may_move(known, listed):
                    return None
                fields["repo"] = f"{self.organization}/{listed.name}"
                reasons.append(f"GitHub leads from {known.entry.repo} to {listed.repository}")
        if listed.archived:
            return self._off(known, f"{listed.repository} is archived on GitHub")
        name = self._restated(known, listed, fields, reasons) if self.repos[repo] == 1 else ""
        if not fields and not name:
            return None
        return _proposal(Edit(known.owner, known.name, fields, name=name), reasons, known.entry)

    def _off(self, known: _Known, reason: str) -> Proposal | None:
        if not self.whole:
            full = f"{known.owner}/{known.name}"
            self.left.append(f"{full} is to be switched off by a run that is complete: {reason}.")
            return None
        return _proposal(Edit(known.owner, known.name, {"active": False}), [reason], known.entry)

    def _may_move(self, known: _Known, listed: Listed) -> bool:
        """Whether the entry of a repository that was renamed can follow it."""
        full = f"{known.owner}/{known.name}"
        if listed.repository.partition("/")[0].lower() != self.organization.lower():
            self.left.append(f"{full}: its repository is {listed.repository} now; move its entry to that organisation.")
        elif self.repos[listed.repository.lower()]:
            self.left.append(f"{full}: its repository is {listed.repository} now, which has an entry; remove one.")
        else:
            self.moved.add(listed.repository.lower())
            return True
        return False

    def _restated(self, known: _Known, listed: Listed, fields: dict[str, str | int | bool], reasons: list[str]) -> str:
        """Add to `fields` what the repository states of its service; its name where that is another one."""
        said = self._stated(f"{known.owner}/{known.name}", listed)
        for of in FIELDS:
            value = said.values.get(of)
            if value is None or value == getattr(known.entry, of):
                continue
            if of == "domain" and value in self.domains:
                self.left.append(f"{known.owner}/{known.name}: it states the domain {value}, which another one has.")
                continue
            fields[of] = value
            reasons.append(_said(said, of))
            if of == "domain":
                self.domains.add(str(value))
        name = str(said.values.get("name", known.name))
        if name.lower() == known.name.lower():
            return ""
        full = f"{known.owner}/{known.name}"
        if name.lower() in self.names:
            self.left.append(f"{full}: it states the name {name}, which another service has; one of both is wrong.")
        elif any(one.service.lower() in (full.lower(), known.name.lower()) for one in self.registry.waivers):
            self.left.append(
                f"{full}: it states the name {name}; a waiver is for {known.name}, so rename both by hand."
            )
        else:
            self.names.add(name.lower())
            self.taken.add(name.lower())
            reasons.append(_said(said, "name"))
            return name
        return ""

    def _stated(self, whose: str, listed: Listed) -> Stated:
        """What a repository states; what of it says nothing is left to a person."""
        if listed.unread:
            self.left.append(f"{whose}: {listed.unread.rstrip('.')}.")
        if listed.connect is None:
            return Stated()
        said = stated(listed.connect, self.registry.compliance_profiles)
        self.left += [f"{whose}: its {CONNECT} says nothing there: {one}." for one in said.unusable]
        return said

    # -- repositories that are not -----------------------------------------------------------------------------------

    def _addition(self, listed: Listed, passed: Counter[str]) -> Proposal | None:
        repo = listed.repository.lower()
        if self.repos[repo] or repo in self.moved:
            return None
        if why := self._passed(listed):
            passed[why] += 1
            return None
        said = self._stated(listed.repository, listed)
        kind = said.values.get("type") or ("org-config" if listed.name == SHARED else None)
        if kind not in self.registry.compliance_profiles:
            language = f", and is written in {listed.language}" if listed.language else ""
            file = f"its {CONNECT} states no type" if listed.connect is not None else f"it has no {CONNECT}"
            self.left.append(f"{listed.repository} is not registered: {file}{language}.")
            return None
        name = str(said.values.get("name", listed.name))
        if name.lower() in self.taken:
            self.left.append(f"{listed.repository} is not registered: the name {name} is another service's.")
            return None
        fields = dict(self._new_fields(listed, said, str(kind)))
        self.taken.add(name.lower())
        self.names.add(name.lower())
        reasons = [_said(said, of) for of in ("name", *FIELDS) if of in said.values and (of == "name" or of in fields)]
        reasons = reasons or [f"GitHub takes {SHARED} for the organisation's own files"]
        return _proposal(Edit(self.organization, name, fields, new=True), reasons, None)

    def _passed(self, listed: Listed) -> str:
        """Why a repository is no candidate; "" where it is one."""
        if listed.private and not self.private:
            return "private"
        if listed.archived:
            return "archived"
        return FORK if listed.fork else TEMPLATE if listed.template else "empty" if listed.empty else ""

    def _new_fields(self, listed: Listed, said: Stated, kind: str) -> Iterator[tuple[str, str | int | bool]]:
        yield "repo", f"{self.organization}/{listed.name}"
        if "tier" in said.values:
            yield "tier", said.values["tier"]
        yield "type", kind
        domain = said.values.get("domain")
        if domain in self.domains:
            self.left.append(f"{listed.repository}: it states the domain {domain}, which another one has.")
        elif isinstance(domain, str):
            self.domains.add(domain)
            yield "domain", domain
        yield "active", True


def applied(text: str, proposals: Sequence[Proposal]) -> tuple[str, dict[int, str]]:
    """A registry's text with the proposals; those that it has no place for, by their number, and why."""
    made, reason = _with(text, [one.edit for one in proposals])
    if not reason:
        return made, {}
    taken: list[Edit] = []
    homeless: dict[int, str] = {}
    for number, one in enumerate(proposals):
        if reason := _with(text, [*taken, one.edit])[1]:
            homeless[number] = reason
        else:
            taken.append(one.edit)
    return edited(text, taken), homeless


def _with(text: str, edits: Sequence[Edit]) -> tuple[str, str]:
    """The text with edits, or as it is and the reason why it can't have them."""
    try:
        return edited(text, edits), ""
    except CannotEdit as error:
        return text, str(error)


def _said(said: Stated, of: str) -> str:
    return f"{CONNECT}:{said.lines[of]} states the {of} {said.values[of]}"


def _proposal(edit: Edit, reasons: list[str], entry: Entry | None) -> Proposal:
    was = {} if entry is None else {field: getattr(entry, field) for field in edit.fields}
    return Proposal(edit, tuple(reasons), was)
