"""How a deploy that went wrong is told: what failed, what serves now and how it answers, what to do."""

from __future__ import annotations

from chittyactions.deploy.outcome import Outcome
from chittyactions.deploy.situation import Situation, Way
from chittyactions.deploy.traffic import described
from chittyactions.ecosystem.cloudflare import Cloudflare
from chittyactions.errors import Cancelled, ChittyError, GateError, ServiceError

NO_RETURN = "worker-deploy.md#deploys-without-a-way-back"


def failure_after(failure: ChittyError, outcome: Outcome) -> ChittyError:
    """The failure with what serves after what was captured was put back, and how that answers."""
    if isinstance(failure, Cancelled):
        return Cancelled(failure.what, why=_now(outcome), fix=failure.fix)
    kind = GateError if isinstance(failure, GateError) else ChittyError
    return kind(failure.what, why=f"{failure.why} {_now(outcome)}".strip(), fix=failure.fix, docs=failure.docs)


def no_way_back(failure: ChittyError, situation: Situation, outcome: Outcome) -> ChittyError:
    """The failure of a version that has all traffic and stays: what serves, and how to get rid of it."""
    if situation.way is Way.FIRST:
        fix = f"Deploy a version that is well, or remove the Worker: `npx wrangler delete --name {situation.script}`."
    else:
        fix = "Deploy a version that is well: there is no way back across this deploy."
    kind = Cancelled if isinstance(failure, Cancelled) else GateError
    return kind(
        failure.what,
        why=f"{failure.why} {described(outcome.serves)} serves now and stays, since {situation.way.value}.",
        fix=fix,
        docs=NO_RETURN,
    )


def cut_short(failure: Cancelled, api: Cloudflare, situation: Situation) -> Cancelled:
    """A `wrangler deploy` that was cancelled under way: whether it took effect is asked, and told."""
    try:
        deployments = api.deployments(situation.script)
    except ServiceError:
        now = "Whether it took effect could not be asked"
    else:
        serves = described(deployments[0].versions) if deployments else "nothing"
        now = f"{serves} serves now"
    return Cancelled(
        failure.what,
        why=f"It went by `wrangler deploy`, which has no way back. {now}.",
        fix=f"Look with `npx wrangler deployments list --name {situation.script}`, then run again.",
        docs=NO_RETURN,
    )


def unexpected(error: Exception) -> ChittyError:
    """An error of this action itself: what served is put back all the same."""
    return ChittyError(
        f"The deploy ended by an error of its own: {type(error).__name__}.",
        why="This is a mistake in the action, or the runner's disk or memory is full.",
        fix="Run again with debug logging, and report it with the log.",
    )


def not_put_back(failure: ChittyError, second: ChittyError, situation: Situation) -> ChittyError:
    """The worst case: the deploy failed, and so did putting back what served. The journal stays open."""
    kind = Cancelled if isinstance(failure, Cancelled) else ChittyError
    return kind(
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
