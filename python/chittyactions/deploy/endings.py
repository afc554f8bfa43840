"""How a deploy that went wrong is told: what failed, what serves now and how it answers, what to do."""

from __future__ import annotations

from chittyactions.deploy.gate import WINDOW, Verdict
from chittyactions.deploy.health import Address
from chittyactions.deploy.outcome import Outcome
from chittyactions.deploy.situation import Situation, Way
from chittyactions.deploy.traffic import described
from chittyactions.ecosystem.cloudflare import Cloudflare
from chittyactions.errors import Cancelled, ChittyError, GateError, ServiceError, Superseded

NO_RETURN = "worker-deploy.md#deploys-without-a-way-back"


def not_addressable(why: str) -> GateError:
    """`strategy: preview` where no answer can be known to be the new version's before it takes traffic."""
    return GateError(
        "The new version can't be asked before it takes traffic, and `strategy: preview` demands that.",
        why=f"It has no preview URL, and {why}.",
        fix="Set `preview_urls: true` in the config, or use `strategy: direct` or `canary`.",
        docs="worker-deploy.md#strategies",
    )


def stayed_shut(version: str, address: Address, verdict: Verdict, seconds: float) -> GateError:
    """The gate did not open: what was asked, for how long, and what came."""
    within = f"Within {seconds:g} s and {verdict.asked} questions there were never three answers in a row"
    why = f'{within} of HTTP 200 with {{"status": "ok"}} from the new version.'
    if verdict.answer.well and not verdict.answer.version:
        why = (
            f"Good answers and others took turns until the {seconds:g} s were over. None of them named its version; "
            f"such answers have to be good for {WINDOW:g} s, since they may be the old version's."
        )
    return GateError(
        f"Version {version} did not pass the gate: {address.url} answered {verdict.answer}.",
        why=why,
        fix="Look at the Worker's logs; raise `health_timeout` when the service needs longer to be well.",
        docs="worker-deploy.md#the-gate",
    )


def overtaken(failure: Superseded, touched: bool, situation: Situation | None) -> Superseded:
    """Somebody else's deployment serves and stays. `touched`: this run had begun to change the triggers.

    They stay as well: the other deploy may have set its own, or count on these.
    """
    if not touched:
        return failure
    changes = ", ".join(situation.survey.changes) if situation else ""
    return Superseded(
        failure.what.replace("so this run stopped and changed nothing more", "so this run stopped"),
        why=f"{failure.why} This run had begun to change triggers, and they stay: {changes or 'see its own log'}.",
        fix=f"{failure.fix} Compare the Worker's domains, routes and crons with what they should be.",
        docs=failure.docs,
    )


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
