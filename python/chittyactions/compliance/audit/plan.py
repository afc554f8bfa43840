"""Which services an audit looks at, and which of them a shard does."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chittyactions import VERSION
from chittyactions.compliance.catalogue import Catalogue, did_you_mean
from chittyactions.compliance.model import Need
from chittyactions.compliance.registry import Entry, Registry, need_of
from chittyactions.errors import InputError

MOST_SHARDS = 256
"""Jobs of one matrix, by GitHub's limit."""

DOCS = "audit.md#which-services"

COMPLIANCE = Path(__file__).resolve().parents[1]
"""The programs that come to verdicts."""


@dataclass(frozen=True)
class Planned:
    """A service that is to be audited."""

    organization: str
    name: str
    entry: Entry

    @property
    def key(self) -> str:
        """Organisation and name, as GitHub tells them apart."""
        return f"{self.organization}/{self.name}".lower()


@dataclass(frozen=True)
class Target:
    """A repository (owner/name, as the registry says) with its services."""

    repository: str
    services: tuple[Planned, ...]

    @property
    def owner(self) -> str:
        """Whose it is."""
        return self.repository.partition("/")[0]


@dataclass(frozen=True)
class Wish:
    """What is asked for, in a person's words; empty for everything. `shard` is i of n, from 1."""

    organizations: Sequence[str] = ()
    services: Sequence[str] = ()
    except_dimensions: Sequence[str] = ()
    shard: tuple[int, int] = (1, 1)


def planned(registry: Registry, catalogue: Catalogue, wish: Wish) -> tuple[Target, ...]:
    """The repositories to look at, in the order of their names. Services that are not active are left out.

    Raises InputError with every name that there is not, and what it may have been meant for; with every one that leads
    to no service, and why; and where nothing is left that anybody is held to.
    """
    everybody = [
        Planned(owner, name, entry)
        for owner, organization in registry.organizations.items()
        for name, entry in organization.services.items()
    ]
    problems = [
        *_unknown("organisation", wish.organizations, [*registry.organizations]),
        *_unknown("service", wish.services, [*(one.name for one in everybody), *(one.key for one in everybody)]),
        *_unknown("dimension", wish.except_dimensions, [*catalogue.dimensions]),
    ]
    if problems:
        raise InputError(
            f"The audit can't begin: {'; '.join(problems)}{'' if problems[-1].endswith('?') else '.'}",
            why="Nothing would be looked at for that name, and the audit would say that all is well.",
            fix=f"Correct it as the registry has it; the dimensions are {', '.join(catalogue.dimensions)}.",
            docs=DOCS,
        )
    organizations = {one.lower() for one in wish.organizations}
    services = {one.lower() for one in wish.services}
    chosen = [
        one
        for one in everybody
        if one.entry.active
        and (not organizations or one.organization.lower() in organizations)
        and (not services or services & {one.name.lower(), one.key})
    ]
    if problems := [*_idle_services(everybody, chosen, wish), *_idle_organizations(everybody, chosen, wish)]:
        raise InputError(
            f"The audit can't begin: {'; '.join(problems)}.",
            why="It would be left out in silence, and the audit would say that all is well.",
            fix="Ask for what is active, in an organisation that is asked for, or set `active: true` in the registry.",
            docs=DOCS,
        )
    if not chosen:
        raise InputError(
            "The audit can't begin: no active service is left to look at.",
            why="The registry has none that is active.",
            fix="Set `active: true` in the registry.",
            docs=DOCS,
        )
    if not any(_is_held(registry, catalogue, wish, one) for one in chosen):
        raise InputError(
            "The audit can't begin: nothing is left that counts.",
            why="The registry holds nobody to any other dimension, and a repository's own checks alone are no audit.",
            fix="Leave out --except for a dimension that the services' types require in the registry.",
            docs=DOCS,
        )
    held: dict[str, list[Planned]] = {}
    for one in chosen:
        held.setdefault(one.entry.repo.lower(), []).append(one)
    targets = (Target(ones[0].entry.repo, tuple(ones)) for _, ones in sorted(held.items()))
    return tuple(one for one in targets if _in_shard(one, *wish.shard))


def _unknown(kind: str, names: Iterable[str], known: Sequence[str]) -> list[str]:
    lower = {one.lower() for one in known}
    return [f"there is no {kind} {one[:100]}{_meant(one, known)}" for one in names if one.lower() not in lower]


def _meant(name: str, known: Sequence[str]) -> str:
    """The same service in another organisation, else what is written like it."""
    bare = name.lower().rpartition("/")[2]
    same = [one for one in known if "/" in name and one.lower().endswith(f"/{bare}")]
    return f"; did you mean {same[0]}?" if same else did_you_mean(name, known)


def _idle_services(everybody: Sequence[Planned], chosen: Sequence[Planned], wish: Wish) -> Iterator[str]:
    """Services that are asked for and not looked at, with why."""
    asked = {one.lower() for one in wish.organizations}
    for name in wish.services:
        meant = [one for one in everybody if name.lower() in (one.name.lower(), one.key)]
        if any(one in chosen for one in meant):
            continue
        elsewhere = sorted({one.organization for one in meant if asked and one.organization.lower() not in asked})
        if len(elsewhere) == len({one.organization for one in meant}):
            yield f"the service {name} is in {' and '.join(elsewhere)}, which --org leaves out"
        else:
            yield f"the service {name} is not active"


def _idle_organizations(everybody: Sequence[Planned], chosen: Sequence[Planned], wish: Wish) -> Iterator[str]:
    """Organisations that are asked for and of which nothing is looked at, with why."""
    for name in wish.organizations:
        if any(one.organization.lower() == name.lower() for one in chosen):
            continue
        if any(one.entry.active for one in everybody if one.organization.lower() == name.lower()):
            yield f"none of the services that are asked for is in the organisation {name}"
        else:
            yield f"the organisation {name} has no active service"


def _is_held(registry: Registry, catalogue: Catalogue, wish: Wish, one: Planned) -> bool:
    """Whether any dimension is left that the service's type requires."""
    without = {name.lower() for name in wish.except_dimensions}
    return any(
        not spec.advisory and name.lower() not in without and need_of(registry, one.entry.type, name) is Need.REQUIRED
        for name, spec in catalogue.dimensions.items()
    )


def _in_shard(target: Target, index: int, count: int) -> bool:
    """By a hash of the name: a shard keeps its repositories when others come and go."""
    digest = hashlib.sha256(target.repository.lower().encode()).digest()
    return int.from_bytes(digest[:8], "big") % count == index - 1


def shard_of(text: str) -> tuple[int, int]:
    """`2/8` as numbers. Raises InputError."""
    found = re.fullmatch(r"([0-9]{1,3})/([0-9]{1,3})", text)
    index, count = map(int, found.groups()) if found else (0, 0)
    if not 1 <= index <= count <= MOST_SHARDS:
        raise InputError(
            f"The shard is {text[:50]!r}: expected i/n with 1 ≤ i ≤ n ≤ {MOST_SHARDS}, such as 2/8.",
            fix="Correct it, or leave it out to look at everything.",
            docs="audit.md#shards",
        )
    return index, count


def digest_of(*parts: object) -> str:
    """What verdicts rest on beside a repository: the same digest, the same rules."""
    said = [VERSION, sources(COMPLIANCE), *parts]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:32]


@cache
def sources(folder: Path) -> str:
    """The digest of the programs in a folder: a tag that moves, and a branch, have one version for many of them."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        text = path.read_bytes()
        found.update(f"{path.relative_to(folder).as_posix()} {len(text)}\n".encode() + text)
    return found.hexdigest()
