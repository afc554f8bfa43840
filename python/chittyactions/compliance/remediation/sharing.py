"""Which services share a repository, by an audit and, where there is one, the registry."""

from __future__ import annotations

from chittyactions.compliance.audit.record import Audit, ServiceRecord
from chittyactions.compliance.registry import Registry
from chittyactions.compliance.remediation.pulls import Neighbours


class Sharing:
    """The services of an audit by their repositories. `whole`: whether the audit looked at everybody, and tells."""

    def __init__(self, audit: Audit, registry: Registry | None = None) -> None:
        self._registry = registry
        # Of a file for the public, what its services were chosen by is left out together with those that are private.
        handed_on = audit.summary is not None and audit.summary.left_out > 0
        self.whole = not (audit.scope.services or audit.scope.organizations or handed_on)
        self._places: dict[str, list[ServiceRecord]] = {}
        self._named: dict[str, list[ServiceRecord]] = {}
        for one in audit.services:
            self._places.setdefault(place_of(one), []).append(one)
            for name in _names(one):
                self._named.setdefault(name, []).append(one)

    def is_shared(self, service: ServiceRecord) -> bool:
        """Whether another service of the audit is in the same repository."""
        return len(self._places[place_of(service)]) > 1

    def neighbours(self, service: ServiceRecord) -> Neighbours:
        """The others of its repository. One that is not active counts: the root may be its own."""
        found = {one.key: one.name for name in _names(service) for one in self._named[name]}
        registered = self._registered(service)
        others = {key: name for key, name in {**registered, **found}.items() if key != service.key}
        return Neighbours(tuple(sorted(others.values())), self.whole or service.key in registered)

    def known(self) -> frozenset[str]:
        """The keys of all services of the audit and the registry; empty where the audit is of a part.

        An audit leaves out who is not active: a registry has them.
        """
        if not self.whole:
            return frozenset()
        owners = self._registry.organizations.items() if self._registry else ()
        registered = (f"{owner}/{name}".lower() for owner, organization in owners for name in organization.services)
        return frozenset((*registered, *(one.key for known in self._places.values() for one in known)))

    def unregistered(self) -> int:
        """How many services of the audit the registry lacks: it was made with another one."""
        return sum(one.key not in self._registered(one) for known in self._places.values() for one in known)

    def _registered(self, service: ServiceRecord) -> dict[str, str]:
        """Names by keys of those in its repository, by the registry."""
        known = [one for name in _names(service) for one in self._registry.within(name)] if self._registry else []
        return {f"{owner}/{name}".lower(): name for owner, name, _ in known}


def place_of(service: ServiceRecord) -> str:
    """Its repository as GitHub has it now, in lower case."""
    return (service.moved_to or service.repository).lower()


def _names(service: ServiceRecord) -> set[str]:
    return {one.lower() for one in (service.repository, service.moved_to) if one}
