"""What has to be right before the first write, and what a person should know before it."""

from __future__ import annotations

from pathlib import Path

from chittyactions.deploy.journal import Entry
from chittyactions.deploy.order import Order, against, commit_of, refuse_older
from chittyactions.deploy.plan import Plan
from chittyactions.deploy.situation import Situation, Way
from chittyactions.deploy.traffic import described
from chittyactions.deploy.triggers import refuse_takeover
from chittyactions.ecosystem.github import GitHub
from chittyactions.errors import ConfigError, CredentialError


def guard(
    situation: Situation,
    commit: str,
    *,
    github: GitHub | None,
    checkout: Path,
    allow_older: bool,
    allow_domain_takeover: bool,
) -> str:
    """Refuse a takeover and an older commit unless asked for; returns how this commit stands to those that serve."""
    if not allow_domain_takeover:
        refuse_takeover(situation.survey.claims, situation.script)
    if situation.survey.taken and situation.way is not Way.GRADUAL:
        raise ConfigError(
            f"A route of another Worker can't be taken over by this deploy, since {situation.way.value}.",
            why="wrangler deploy refuses it after it has uploaded, and there would be no way back.",
            fix="Deploy once without the route, and then with it.",
            docs="worker-deploy.md#domains",
        )
    if situation.current is None:
        return "the first of this Worker"
    # Every version with a share counts: this deploy takes all of them out of service.
    shares = [share for share in situation.current.versions if share.percentage > 0]
    serving = {commit_of(situation.versions[share.version_id]) for share in shares}
    if not any(serving):
        return "not comparable: the version that serves names no commit"
    order, other = against(serving, commit, github, checkout)
    if not allow_older:
        refuse_older(order, other, commit)
    note = " (allowed by allow_older)" if order is Order.OLDER else ""
    return f"{order.value}{note}"


def same_account(plan: Plan, account_id: str) -> None:
    """Raise ConfigError when the credential is for another account than the config."""
    if plan.account_id and plan.account_id != account_id:
        raise ConfigError(
            f"The config's account_id is {plan.account_id}, and the credential is for {account_id}.",
            why="The Worker would go to an account that the config does not mean.",
            fix="Correct account_id in the config, or leave it out.",
        )


def same_journal(entry: Entry, account_id: str) -> None:
    """Raise CredentialError when the credential is for another account than the deploy that was cut short."""
    if entry.account_id != account_id:
        raise CredentialError(
            f"The deploy of {entry.script} that was cut short was in the account {entry.account_id}, and the "
            f"credential is for {account_id}. Nothing was put back.",
            why="The two accounts differ: this one may have another Worker of that name, or none.",
            fix="Run settle with the account_id and the token of the deploy, or roll back by hand.",
            docs="worker-deploy.md#after-a-kill",
        )


def warnings(situation: Situation, plan: Plan) -> list[str]:
    """Whole sentences for a person, before anything is sent."""
    told = []
    if situation.way is not Way.GRADUAL:
        gone = "Nothing serves now" if situation.way is Way.FIRST else f"{_serves(situation)} serves now"
        told.append(
            f"This deploy goes by `wrangler deploy`, since {situation.way.value}: the new version takes all traffic at "
            f"once, and there is nothing to go back to. {gone}."
        )
    if situation.address is None:
        told.append(
            f"{plan.script} has no public address, so its health will not be asked. Set `domain` to where it is "
            "reached, or workers_dev in its config."
        )
    elif not plan.version_metadata:
        told.append(
            f"{plan.script} has no version_metadata binding, so its health answers can't name their version: they will "
            "be reported as version not asserted."
        )
    return told


def intentions(situation: Situation, plan: Plan, strategy: str, order: str) -> list[str]:
    """What is going to be done, a line each: shown before every deploy, and all that a dry run does."""
    lines = [
        f"Worker {plan.script}, environment {plan.environment}"
        + (f" (--env {plan.wrangler_env})" if plan.wrangler_env else " (top level of the config)"),
        f"Serves now: {_serves(situation)}",
        f"This commit is {order}",
        f"Goes by {'`wrangler deploy`' if situation.way is not Way.GRADUAL else f'strategy {strategy}'}",
        f"Health is asked at {situation.address.url if situation.address else 'no address'}",
        f"Triggers: {', '.join(situation.survey.changes) or 'as they are'}",
    ]
    if situation.survey.claims:
        lines.append(f"Takes over: {', '.join(map(str, situation.survey.claims))}")
    return lines


def _serves(situation: Situation) -> str:
    return described(situation.current.versions) if situation.current else "nothing"
