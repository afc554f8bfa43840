"""The registry's waivers, held to what there is: their checks, the services that they are for, and their days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from chittyactions.compliance.catalogue import Catalogue, did_you_mean
from chittyactions.compliance.registry import Entry, Registry
from chittyactions.compliance.waivers import no_check


class Doubt(NamedTuple):
    """What is wrong with a waiver: its place among them, the key that tells, a code, and the problem."""

    number: int
    key: str
    code: str
    said: str


def meant(registry: Registry, name: str) -> list[tuple[str, Entry]]:
    """The services that a waiver's `service` may mean: ORGANISATION/name and the entry of each."""
    owner, _, base = name.lower().rpartition("/")
    return [(f"{of}/{one}", entry) for of, one, entry in registry.named(base) if owner in ("", of.lower())]


def aimless(registry: Registry, catalogue: Catalogue) -> Iterator[Doubt]:
    """Waivers that would silently waive nothing, or for services that nobody thought of."""
    for number, waiver in enumerate(registry.waivers):
        if said := no_check(waiver.check, catalogue):
            yield Doubt(number, "check", "waiver-check", said)
        name, found = waiver.service, [one for one, _ in meant(registry, waiver.service)]
        if not found:
            known = {f"{owner}/{one}": one for owner, of in registry.organizations.items() for one in of.services}
            close = did_you_mean(name, [*known, *known.values()])
            yield Doubt(number, "service", "waiver-service", f"there is no service {name}{close}")
        elif len(found) > 1:
            said = f"{name} is the name of {', '.join(found)}; write ORGANISATION/name"
            yield Doubt(number, "service", "waiver-service", said)


def idle(registry: Registry, today: date) -> Iterator[Doubt]:
    """Waivers that waive nothing any more, and are no error: they have ended, or their service is switched off."""
    for number, waiver in enumerate(registry.waivers):
        if waiver.expires < today:
            told = f"the waiver of {waiver.check} for {waiver.service} expired on {waiver.expires}"
            yield Doubt(number, "expires", "waiver-expired", f"{told}; remove it, or have it granted anew")
        found = meant(registry, waiver.service)
        if len(found) == 1 and not found[0][1].active:
            said = f"{found[0][0]} is not active, so that the waiver waives nothing"
            yield Doubt(number, "service", "waiver-inactive", said)
