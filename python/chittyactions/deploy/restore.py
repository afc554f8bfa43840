"""Put back exactly what served before, and look that it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chittyactions.cancel import Cancellation
from chittyactions.deploy import triggers
from chittyactions.deploy.endings import overtaken
from chittyactions.deploy.gate import watch
from chittyactions.deploy.health import Answer, Ask
from chittyactions.deploy.journal import Journal
from chittyactions.deploy.situation import Situation
from chittyactions.deploy.traffic import Split, Traffic, described
from chittyactions.ecosystem.cloudflare import Cloudflare
from chittyactions.errors import Cancelled, Superseded

HURRY = 2.0
"""Seconds for each call of a cancelled job: it is killed ten seconds after the first signal."""

VERIFY_SECONDS = 20.0
"""How long the restored version is asked."""


@dataclass(frozen=True)
class Restored:
    """`changed`: traffic had to be put back. `answer`: what the restored service said, None when it was not asked."""

    changed: bool
    serves: Split
    told: str
    answer: Answer | None = None


def put_back(
    api: Cloudflare,
    traffic: Traffic,
    journal: Journal,
    situation: Situation | None,
    ask: Ask | None,
    cancel: Cancellation,
    say: Callable[[str], None],
) -> Restored:
    """Restore traffic, then triggers, then ask the service. A cancellation hastens it and does not stop it.

    Raises Superseded, or what Cloudflare answered; then the journal stays open for the phase `settle`.
    """
    assert journal.entry is not None
    before = journal.entry.triggers
    with cancel.held(lambda: api.hurry(HURRY)):
        try:
            changed = traffic.restore()
        except Superseded as other:  # whose triggers these are by now, nobody knows
            raise overtaken(other, before is not None, situation) from None
        moved = triggers.restore(api, traffic.script, before) if before else ()
        journal.close()
    serves = traffic.captured.versions
    told = f"{described(serves)} serves again" if changed else f"{described(serves)} serves, as before"
    if moved:
        told += f"; triggers put back: {', '.join(moved)}"
    say(f"  {told}")
    address = situation.address_now if situation else None
    if address is None or ask is None or cancel.arrived:
        return Restored(changed, serves, told)
    try:
        versions = frozenset(share.version_id for share in serves if share.percentage > 0)
        # No window: nothing is decided by the answer, and a person waits for it.
        verdict = watch(ask, address, versions, seconds=VERIFY_SECONDS, window=0.0, say=say)
    except Cancelled:
        return Restored(changed, serves, told)
    return Restored(changed, serves, f"{told}; it answers {verdict.answer}", verdict.answer)
