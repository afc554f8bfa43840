"""A repository that the registry has by its old name and by its new one."""

from __future__ import annotations

from dataclasses import replace

from chittyactions.compliance.audit.plan import Target
from chittyactions.compliance.audit.query import Base
from chittyactions.compliance.audit.record import Standing
from chittyactions.compliance.registry import Registry


def registered_once(registry: Registry, target: Target, base: Base) -> Base:
    """What GitHub says of a target; INVALID where it was renamed to what the registry has another active entry for.

    It would be judged twice, as two services, and each would have an issue in the one repository.
    """
    if base.standing is not Standing.JUDGED or base.name.lower() == target.repository.lower():
        return base
    others = [f"{owner}/{name}" for owner, name, entry in registry.within(base.name) if entry.active]
    if not others:
        return base
    reason = (
        f"The registry has it twice: as {target.repository}, which was renamed to {base.name}, and by that name as "
        f"{', '.join(others)}. Remove this entry, or correct its repo where both services are in there."
    )
    return replace(base, standing=Standing.INVALID, reason=reason, listing=None)
