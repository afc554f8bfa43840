"""An audit with all that it asks: clients, tokens, limits, and what it took."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chittyactions.compliance.audit.asking import Hosts, Looking
from chittyactions.compliance.audit.judge import Asking, Judge, Rules
from chittyactions.compliance.audit.plan import Target
from chittyactions.compliance.audit.record import Cost, ServiceRecord
from chittyactions.compliance.audit.run import Auditor, Progress
from chittyactions.compliance.audit.state import State
from chittyactions.compliance.observe import Sources
from chittyactions.compliance.reports.wording import plural
from chittyactions.ecosystem.github_budget import Budget
from chittyactions.ecosystem.github_graphql import GraphQL
from chittyactions.ecosystem.github_graphql_answers import Answered, graphql_url
from chittyactions.ecosystem.github_tokens import AppTokens, Tokens, graphql_for
from chittyactions.ecosystem.github_wire import SERVICE
from chittyactions.entries.github_access import Mask
from chittyactions.entries.progress import Line
from chittyactions.http import Client, Deadline
from chittyactions.process import ending

HOURS = 5.5
"""That an audit may take: a job of GitHub's ends after six."""


@dataclass(frozen=True)
class Auditing:
    """How to audit. `folder` is for whole commits; `runtime`: whether services are asked."""

    environ: Mapping[str, str]
    rules: Rules
    folder: Path
    workers: int
    runtime: bool
    mask: Mask


def audited(
    wish: Auditing, targets: Sequence[Target], tokens: Tokens, state: State, line: Line
) -> tuple[tuple[ServiceRecord, ...], Cost]:
    """The records of the targets' services, and what they took. Progress and waits are shown on `line`.

    Raises Refused for a token that nobody takes, Unreachable where GitHub's certificate is not trusted.
    """
    with contextlib.ExitStack() as after:
        after.callback(line.end)
        return _audited(wish, targets, tokens, state, line, after)


def _audited(
    wish: Auditing,
    targets: Sequence[Target],
    tokens: Tokens,
    state: State,
    line: Line,
    after: contextlib.ExitStack,
) -> tuple[tuple[ServiceRecord, ...], Cost]:
    begun = time.monotonic()
    whole = Deadline(HOURS * 3600)
    budget = Budget(say=line.say, deadline=whole)
    client = Client(SERVICE, whole, environ=wish.environ, say=line.say)
    hosts = Hosts()
    sources = Sources(wish.environ, say=line.say, sleep=whole.pause)
    looking = Looking(tokens.for_owner, wish.environ, hosts, wish.folder, wish.runtime, wish.mask, sources, whole)
    hubs: dict[str, GraphQL] = {}

    def ask(owner: str, text: str, variables: dict[str, str]) -> Answered:
        key = owner.lower()
        if key not in hubs:
            hubs[key] = graphql_for(tokens, owner, client, url=graphql_url(wish.environ), budget=budget)
        return hubs[key].ask(text, variables)

    def show(progress: Progress) -> None:
        told = [
            f"{progress.failing} failing",
            f"{progress.unknown} unknown",
            plural(budget.requests, "query", "queries"),
        ]
        line.show(progress.done, ", ".join(told))

    left: list[None] = []

    def leave() -> None:
        """Let nothing that still runs be waited for long: no wait, no request, no git."""
        budget.stop()
        whole.shorten(0)
        if not left:
            left.append(None)
            after.enter_context(ending())

    apart = (lambda owner: owner.lower()) if isinstance(tokens, AppTokens) else (lambda _: "")
    judge = Judge(wish.rules, Asking(looking.observe, looking.whole))
    auditor = Auditor(ask, judge, state, apart, wish.workers, leave)
    progress = Progress(sum(len(one.services) for one in targets), show=show)
    records = tuple(auditor.records(targets, progress))
    cost = Cost(
        graphql_requests=budget.requests,
        graphql_points=budget.points,
        rest_requests=hosts.asked.get("rest", 0),
        archives=hosts.asked.get("archive", 0),
        probes=hosts.asked.get("probe", 0),
        waited_seconds=round(budget.waited, 1),
        seconds=round(time.monotonic() - begun, 1),
        reused=progress.reused,
    )
    return records, cost
