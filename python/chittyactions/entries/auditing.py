"""An audit with all that it asks: clients, tokens, limits, and what it took."""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import TextIO

from chittyactions.cancel import beside, ended_by
from chittyactions.compliance.audit.asking import Looking
from chittyactions.compliance.audit.judge import Judge
from chittyactions.compliance.audit.paced import Hosts, rest_budget
from chittyactions.compliance.audit.plan import Target, Wish, digest_of, planned
from chittyactions.compliance.audit.record import Audit, Cost, Scope, ServiceRecord
from chittyactions.compliance.audit.rules import Rules
from chittyactions.compliance.audit.run import WORKERS, Auditor, Progress, audit_of
from chittyactions.compliance.audit.said import Asking
from chittyactions.compliance.audit.state import State
from chittyactions.compliance.observe import Sources
from chittyactions.compliance.reports.wording import plural
from chittyactions.ecosystem.github_budget import Budget
from chittyactions.ecosystem.github_graphql import GraphQL
from chittyactions.ecosystem.github_graphql_answers import Answered, graphql_url
from chittyactions.ecosystem.github_tokens import AppTokens, Tokens, asker, graphql_for
from chittyactions.ecosystem.github_wire import SERVICE
from chittyactions.entries.github_access import Mask, tokens_of
from chittyactions.entries.progress import Line
from chittyactions.errors import Cancelled
from chittyactions.http import Client, Deadline
from chittyactions.process import ending

PERMISSIONS = {"contents": "read", "administration": "read", "actions": "read"}
"""What an app's tokens ask for."""


@dataclass(frozen=True)
class Auditing:
    """How to audit.

    Attributes:
        wish: which services.
        state: the file that keeps what is known; None keeps nothing.
        runtime: whether services are asked.
        hours: that it may take.
        mask: hides what is made secret.
        stream: where progress and waits are shown.
    """

    environ: Mapping[str, str]
    rules: Rules
    wish: Wish
    state: Path | None
    runtime: bool
    mask: Mask
    stream: TextIO
    workers: int = WORKERS
    hours: float = 5.5


def targets_of(rules: Rules, wish: Wish) -> tuple[Target, ...]:
    """What there is to look at, by all dimensions: one that is left out is named, too. Raises InputError."""
    whole = replace(rules, left_out=frozenset()).assembled()
    return planned(whole.registry, whole.engine.catalogue, wish)


def audited(how: Auditing) -> Audit:
    """The audit. The state is kept and tokens are revoked, whatever happens.

    Raises InputError, ConfigError and CredentialError before anything is asked, Refused for a token that nobody takes,
    Unreachable where GitHub's certificate is not trusted.
    """
    targets = targets_of(how.rules, how.wish)
    whole = targets_of(how.rules, replace(how.wish, shard=(1, 1)))
    line = Line(how.stream, sum(len(one.services) for one in targets))
    with contextlib.ExitStack() as after:
        state = after.enter_context(contextlib.closing(State(how.state)))
        tokens = tokens_of(how.environ, PERMISSIONS, how.mask, line.say)
        after.enter_context(ended_by(tokens.close))
        folder = Path(after.enter_context(tempfile.TemporaryDirectory(prefix="chittyops-audit-")))
        after.callback(line.end)
        records, cost = _audited(how, targets, tokens, state, line, folder, after)
    keys = [one.key for target in whole for one in target.services]
    scope = Scope(
        organizations=tuple(how.wish.organizations),
        services=tuple(how.wish.services),
        except_dimensions=tuple(how.wish.except_dimensions),
        runtime=how.runtime,
        plan=digest_of(how.rules.checks_text, how.rules.registry_text, keys),
        shard="{}/{}".format(*how.wish.shard),
    )
    return audit_of(records, scope, cost, how.rules.now, datetime.now(timezone.utc).replace(microsecond=0))


def _audited(
    how: Auditing,
    targets: Sequence[Target],
    tokens: Tokens,
    state: State,
    line: Line,
    folder: Path,
    after: contextlib.ExitStack,
) -> tuple[tuple[ServiceRecord, ...], Cost]:
    """The records of the targets' services, and what they took."""
    begun = time.monotonic()
    whole = Deadline(how.hours * 3600)
    fix = f"Run again with {'the same --state' if how.state else '--state FILE'} after that time."
    budget = Budget(say=line.say, deadline=whole, fix=fix)
    standing = f"What goes by them is unknown, or as it was told before. {fix}"
    rest = rest_budget(say=line.say, deadline=whole, fix=standing)
    client = Client(SERVICE, whole, environ=how.environ, say=line.say)
    hosts = Hosts()
    sources = Sources(how.environ, say=line.say, sleep=whole.pause)
    by = partial(asker, tokens)
    looking = Looking(by, how.environ, hosts, folder, how.runtime, how.mask, sources, whole, rest)
    hubs: dict[str, GraphQL] = {}

    def ask(owner: str, text: str, variables: dict[str, str]) -> Answered:
        key = owner.lower()
        if key not in hubs:
            hubs[key] = graphql_for(tokens, owner, client, url=graphql_url(how.environ), budget=budget)
        return hubs[key].ask(text, variables)

    def show(progress: Progress) -> None:
        told = [
            f"{progress.failing} failing",
            f"{progress.unknown} unknown",
            plural(budget.requests, "query", "queries"),
        ]
        line.show(progress.done, ", ".join(told))

    left: list[None] = []
    leaving = threading.Lock()

    def leave() -> None:
        """Let nothing that still runs be waited for long: no wait, no request, no git."""
        with leaving:
            first = not left
            left.append(None)
        budget.stop()
        rest.stop()
        whole.shorten(0)
        if first:
            after.enter_context(ending())

    apart = (lambda owner: owner.lower()) if isinstance(tokens, AppTokens) else (lambda _: "")
    asking = Asking(looking.observe, looking.switches, looking.whole, looking.guarded, looking.together)
    judge = Judge(how.rules, asking)
    auditor = Auditor(ask, judge, state, apart, how.workers, leave)
    progress = Progress(sum(len(one.services) for one in targets), show=show)

    def gathered() -> tuple[ServiceRecord, ...]:
        records = []
        with contextlib.closing(auditor.records(targets, progress)) as found:
            for record in found:
                if left:
                    raise Cancelled("The audit was stopped.", fix="Run it again with the same state: it goes on.")
                records.append(record)
        return tuple(records)

    records = beside(gathered, leave)
    cost = Cost(
        graphql_requests=budget.requests,
        graphql_points=budget.points,
        rest_requests=hosts.asked.get("rest", 0),
        states_before=hosts.before,
        archives=hosts.asked.get("archive", 0),
        probes=hosts.asked.get("probe", 0),
        waited_seconds=round(budget.waited + rest.waited, 1),
        seconds=round(time.monotonic() - begun, 1),
        reused=progress.reused,
    )
    return records, cost
