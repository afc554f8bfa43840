"""The registry's waivers, held to what there is: their checks, the services that they are for, and their days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from chittyactions.compliance.catalogue import Catalogue, did_you_mean
from chittyactions.compliance.registry import Registry


class Doubt(NamedTuple):
    """What is wrong with a waiver: its place among them, the key that tells, a code, and the problem."""

    number: int
    key: str
    code: str
    said: str


def doubts(registry: Registry, catalogue: Catalogue, today: date) -> Iterator[Doubt]:
    """Waivers that would waive nothing, or for services that nobody thought of."""
    known = {
        f"{owner}/{name}": entry.active
        for owner, organization in registry.organizations.items()
        for name, entry in organization.services.items()
    }
    for number, waiver in enumerate(registry.waivers):
        if not catalogue.named(waiver.check):
            close = did_you_mean(waiver.check, catalogue.names())
            yield Doubt(number, "check", "waiver-check", f"there is no check or dimension {waiver.check}{close}")
        if waiver.expires < today:
            told = f"the waiver of {waiver.check} for {waiver.service} expired on {waiver.expires}"
            yield Doubt(number, "expires", "waiver-expired", f"{told}; remove it, or have it granted anew")
        yield from _service(number, waiver.service, known)


def _service(number: int, name: str, known: Mapping[str, bool]) -> Iterator[Doubt]:
    meant = [one for one in known if name.lower() in (one.lower(), one.partition("/")[2].lower())]
    if not meant:
        close = did_you_mean(name, [*known, *(one.partition("/")[2] for one in known)])
        yield Doubt(number, "service", "waiver-service", f"there is no service {name}{close}")
    elif len(meant) > 1:
        said = f"{name} is the name of {', '.join(meant)}; write ORGANISATION/name"
        yield Doubt(number, "service", "waiver-service", said)
    elif not known[meant[0]]:
        said = f"{meant[0]} is not active, so that the waiver waives nothing"
        yield Doubt(number, "service", "waiver-inactive", said)
