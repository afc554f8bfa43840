"""What one job of an audit hands to the next by artifacts, which anybody may read in a public repository."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from chittyactions.compliance.audit.completeness import incomplete
from chittyactions.compliance.audit.document import dumped
from chittyactions.compliance.audit.plan import Target
from chittyactions.compliance.audit.record import Audit, ServiceRecord, Standing
from chittyactions.compliance.audit.reports import json_report
from chittyactions.compliance.audit.reports.view import View, view
from chittyactions.compliance.audit.state import State


def part(audit: Audit, *, public: bool) -> str:
    """A shard as the file that is handed on; with `public`, without what is not known to be public."""
    return json_report.render(for_others(audit)) if public else dumped(audit)


def for_others(audit: Audit) -> View:
    """The public part of a shard. It stays incomplete for reasons that can't be given for the names in them."""
    made = view(audit, public=True)
    counted = incomplete(audit.services)
    unsaid = [why for why in audit.incomplete if why not in counted and why not in made.audit.incomplete]
    if not unsaid and not incomplete(one for one in audit.services if not one.is_public):
        return made
    where = f" in shard {audit.scope.shard}" if audit.scope.shard != "1/1" else ""
    said = f"What is not known to be public could not all be looked at{where}."
    return replace(made, audit=made.audit.model_copy(update={"incomplete": (*made.audit.incomplete, said)}))


def left_out(parts: Iterable[Audit]) -> int:
    """How many services the shards were handed on without."""
    return sum(one.summary.left_out for one in parts if one.summary)


def carry_state(
    sources: Sequence[Path],
    target: Path,
    targets: Iterable[Target],
    services: Iterable[ServiceRecord] = (),
    *,
    public: bool,
) -> int:
    """Write what is known of `targets`, by the last of `sources` that knows it; how many repositories that is.

    With `public`, only of those that `services` tell to be public now, or, where nobody could or was to ask, that were
    public when they were read. Raises ConfigError for a file that is no state.
    """
    seen = {one.repository.lower(): one.is_public for one in services if one.private or _is_told(one)}
    states = [State(path) for path in sources if path.is_file()]
    new = State(target)
    count = 0
    try:
        for one in targets:
            found = [state.get(one.repository) for state in states]
            kept = next((each for each in reversed(found) if each), None)
            if kept is None:
                continue
            shown = seen.get(one.repository.lower(), not kept.private)
            if shown or not public:
                new.keep(kept.model_copy(update={"private": not shown}))
                count += 1
    finally:
        for state in (*states, new):
            state.close()
    return count


def _is_told(one: ServiceRecord) -> bool:
    """Whether GitHub said what the repository is, or that this token may not see it."""
    return one.standing is not Standing.UNKNOWN
