"""Put back exactly what served before, look that it does, and tell what happened with both answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chittyactions.deploy import triggers
from chittyactions.deploy.cancel import Cancellation
from chittyactions.deploy.gate import watch
from chittyactions.deploy.health import Answer, Ask
from chittyactions.deploy.journal import Journal
from chittyactions.deploy.outcome import Outcome
from chittyactions.deploy.situation import Situation, Way
from chittyactions.deploy.traffic import Split, Traffic, described
from chittyactions.ecosystem.cloudflare import Cloudflare
from chittyactions.errors import Cancelled, ChittyError, GateError

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
        changed = traffic.restore()
        moved = triggers.restore(api, traffic.script, before) if before else ()
        serves = traffic.serving().versions
        journal.close()
    told = f"{described(serves)} serves again" if changed else f"{described(serves)} serves, as before"
    if moved:
        told += f"; triggers put back: {', '.join(moved)}"
    say(f"  {told}")
    address = situation.address_now if situation else None
    if address is None or ask is None or cancel.arrived:
        return Restored(changed, serves, told)
    try:
        versions = frozenset(share.version_id for share in serves)
        verdict = watch(ask, address, versions, seconds=VERIFY_SECONDS, say=say)
    except Cancelled:
        return Restored(changed, serves, told)
    return Restored(changed, serves, f"{told}; it answers {verdict.answer}", verdict.answer)


def failure_after(failure: ChittyError, situation: Situation, outcome: Outcome) -> ChittyError:
    """The failure with what serves now: what was put back and answers, or how to get rid of a sick first version."""
    if isinstance(failure, Cancelled):
        return Cancelled(failure.what, why=_now(outcome), fix=failure.fix)
    if situation.way is Way.GRADUAL:
        kind = type(failure) if type(failure) is GateError else ChittyError
        return kind(failure.what, why=f"{failure.why} {_now(outcome)}".strip(), fix=failure.fix, docs=failure.docs)
    if situation.way is Way.FIRST:
        fix = f"Deploy a version that is well, or remove the Worker: `npx wrangler delete --name {situation.script}`."
    else:
        fix = "Deploy a version that is well: there is no way back across this deploy."
    return GateError(
        failure.what,
        why=f"{failure.why} {described(outcome.serves)} serves now and stays, since {situation.way.value}.",
        fix=fix,
        docs="worker-deploy.md#deploys-without-a-way-back",
    )


def not_put_back(failure: ChittyError, second: ChittyError, situation: Situation) -> ChittyError:
    """The worst case: the deploy failed, and so did putting back what served. The journal stays open."""
    return ChittyError(
        f"{failure.what} And what served before could not be put back: {second.what}",
        why=f"{failure.why} {second.why}".strip(),
        fix=(
            "The step with `phase: settle` tries again. By hand: `npx wrangler rollback "
            f"{situation.main_version} --name {situation.script} -y`."
        ),
        docs="worker-deploy.md#after-a-kill",
    )


def _now(outcome: Outcome) -> str:
    """Who serves after all, and how it answers."""
    serves = described(outcome.serves) if outcome.serves else "what served before"
    answer = f" It answers {outcome.restored_answer}." if outcome.restored_answer else ""
    if not outcome.rolled_back:
        return f"The new version never took traffic: {serves} serves as before.{answer}"
    return f"What served before was restored: {serves}.{answer}"
