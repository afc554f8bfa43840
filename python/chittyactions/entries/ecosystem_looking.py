"""The first two phases of `ecosystem-audit`: what there is to look at, and looking at a part of it."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from chittyactions.compliance.assemble import CHECKS, REGISTRY
from chittyactions.compliance.audit.handing import carry_state, for_others, part
from chittyactions.compliance.audit.past import FILE, read_history, written
from chittyactions.compliance.audit.plan import Target, Wish, planned, shard_of
from chittyactions.compliance.audit.rules import Rules
from chittyactions.compliance.reports.wording import plural
from chittyactions.ecosystem.github_runs import Run, Runs
from chittyactions.ecosystem.github_wire import BASE_URL, SERVICE
from chittyactions.entries.audit_summary import summary
from chittyactions.entries.auditing import Auditing, audited
from chittyactions.entries.ecosystem_request import Request
from chittyactions.environment import toolkit
from chittyactions.errors import ConfigError, ServiceError
from chittyactions.http import Client, Deadline
from chittyactions.runner import Runner

WORKFLOW = "ecosystem-compliance-audit.yml"
REPORTS, STATE = "ecosystem-audit", "ecosystem-audit-state"
"""Names of the artifacts that the next run looks for."""

STATE_FILE = "state.ndjson"
LATE = timedelta(days=8)
"""A weekly run that is older was missed."""
HOURS = 0.85
"""That a shard may look: its job ends after an hour, and what it found has to be handed on."""
OUTDATED = timedelta(days=15)
"""A weekly success that is older has two failed weeks after it, and is no longer compared with."""
LOOKED_BACK = 5
"""Runs that may have left a state, and weekly ones that may have left reports."""
SECONDS = 60.0
"""For looking at earlier runs."""


def plan(runner: Runner, request: Request) -> int:
    """Say the shards, and which runs before have what this one goes on from."""
    targets = _targets(rules_of(request), request, (1, 1))
    count = max(1, min(request.shards, len(targets)))
    runner.info(f"{plural(len(targets), 'repository', 'repositories')} in {plural(count, 'shard')}.")
    success, state = _before(runner, request)
    runner.outputs(
        {
            "matrix": json.dumps([f"{one}/{count}" for one in range(1, count + 1)]),
            "previous_run": str(success or ""),
            "state_run": str(state or ""),
        }
    )
    return 0


def audit(runner: Runner, request: Request) -> int:
    """Audit one shard. What could not be looked at is for the merge to judge; here it is told."""
    rules = rules_of(request)
    shard = shard_of(request.shard)
    folder = work_folder(runner.environ, f"shard-{shard[0]}")
    scratch = folder.with_name(f".{folder.name}.state")
    scratch.unlink(missing_ok=True)
    everybody = _planned(rules, (), shard)
    _take_over(runner, request, scratch, everybody)
    wish = Wish(request.organizations, shard=shard)
    how = Auditing(
        request.environ(runner.environ), rules, wish, scratch, request.runtime, runner.mask, sys.stdout, hours=HOURS
    )
    found = audited(how)
    seen = found if request.private else for_others(found).audit
    (folder / "shard.json").write_text(runner.redact(part(found, public=not request.private)), "utf-8")
    known = carry_state([scratch], folder / STATE_FILE, everybody, found.services, public=not request.private)
    scratch.unlink(missing_ok=True)
    if request.previous is not None:
        (folder / FILE).write_text(written(read_history(request.previous / FILE, now=now())), "utf-8")
    runner.info(summary(seen))
    for why in seen.incomplete:
        runner.warning(why, title=f"Shard {request.shard} is incomplete")
    runner.info(f"{plural(known, 'repository', 'repositories')} in the state for the next audit.")
    runner.outputs({"artifact_name": f"{REPORTS}-shard-{shard[0]}", "path": str(folder)})
    return 0


def _take_over(runner: Runner, request: Request, target: Path, everybody: Sequence[Target]) -> None:
    """Begin with what the run before knew of this shard's repositories."""
    if request.previous is None:
        return
    try:
        carry_state([request.previous / STATE_FILE], target, everybody, public=False)
    except ConfigError as failure:  # an audit that reads everything is better than none
        runner.warning(f"{failure.why} Every repository is read anew.", title="The state can't be used")
        target.unlink(missing_ok=True)


def rules_of(request: Request) -> Rules:
    """The rules and the registry. Raises ConfigError."""
    registry = Path(request.registry) if request.registry else toolkit() / REGISTRY
    try:
        text = registry.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"The registry {registry} can't be read: {type(error).__name__}.",
            why="The services that are audited stand in it.",
            fix="Check the repository out before this step, or correct the input registry.",
        ) from None
    moment = now()
    return Rules((toolkit() / CHECKS).read_text("utf-8"), text, moment.date(), moment)


def every_target(rules: Rules) -> tuple[Target, ...]:
    """All active repositories of the registry."""
    return _planned(rules, (), (1, 1))


def work_folder(environ: Mapping[str, str], name: str) -> Path:
    """An empty folder for what this phase leaves."""
    folder = Path(environ.get("RUNNER_TEMP") or tempfile.gettempdir()) / "chittyops-ecosystem-audit" / name
    folder.mkdir(parents=True, exist_ok=True)
    for one in folder.iterdir():
        if one.is_file():
            one.unlink()
    return folder


def _targets(rules: Rules, request: Request, shard: tuple[int, int]) -> tuple[Target, ...]:
    return _planned(rules, request.organizations, shard)


def _planned(rules: Rules, organizations: Sequence[str], shard: tuple[int, int]) -> tuple[Target, ...]:
    assembled = rules.assembled()
    return planned(assembled.registry, assembled.engine.catalogue, Wish(organizations, shard=shard))


def _before(runner: Runner, request: Request) -> tuple[int, int]:
    """The run whose reports are compared with, and the one whose state is gone on from; 0 where there is none.

    What somebody started by hand is perhaps of one organisation, and is compared with only where no weekly one is to be
    had.
    """
    environ = runner.environ
    repository, branch = environ.get("GITHUB_REPOSITORY", ""), environ.get("GITHUB_REF_NAME", "")
    if not (repository and branch and request.token):
        return 0, 0
    file = environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0].rpartition("/")[2] or WORKFLOW
    client = Client(SERVICE, Deadline(SECONDS), environ=environ, say=runner.info)
    base_url = environ.get("GITHUB_API_URL") or BASE_URL
    runs = Runs(client, repository=repository, token=request.token, base_url=base_url)
    try:
        succeeded, ended = runs.ended(file, branch, only="success"), runs.ended(file, branch)
        _told_if_late(runner, succeeded, ended)
        previous = next((one for one in _comparable(succeeded, ended) if runs.has_artifact(one.id, REPORTS)), None)
        latest = dict.fromkeys((*(one.id for one in ended[:LOOKED_BACK]), *(one.id for one in succeeded[:1])))
        state = next((one for one in latest if runs.has_artifact(one, STATE)), 0)
    except ServiceError as failure:
        runner.warning(
            f"{failure.what} {failure.fix}\nThis audit begins anew: it reads every repository, and compares with none.",
            title="Earlier runs are not known",
        )
        return 0, 0
    if previous and not previous.succeeded:
        said = f"What changed is told against the weekly run of {previous.created_at:%Y-%m-%d}, which did not succeed"
        runner.info(f"{said}: none of the last two weeks succeeded and still has its reports.")
    return previous.id if previous else 0, state


def _comparable(succeeded: Sequence[Run], ended: Sequence[Run]) -> list[Run]:
    """Runs whose reports may be compared with, the best first.

    A weekly success looked at everything; one failed week after it, in which perhaps nothing was to be seen, is passed
    over. After two, the newest weekly run is better, whatever its end.
    """
    weekly = next((one for one in succeeded if one.is_scheduled), None)
    by_hand = next((one for one in succeeded if not one.is_scheduled), None)
    fresh = weekly if weekly and now() - weekly.created_at <= OUTDATED else None
    latest = [one for one in ended if one.is_scheduled][:LOOKED_BACK]
    ranked = {one.id: one for one in (fresh, *latest, weekly, by_hand) if one}
    return list(ranked.values())


def _told_if_late(runner: Runner, succeeded: Sequence[Run], ended: Sequence[Run]) -> None:
    """Tell of a week without an audit. What somebody started by hand, perhaps of one organisation, is no weekly one."""
    if not succeeded:
        runner.info("No run of this workflow on this branch has succeeded yet.")
    else:
        runner.info(f"The last audit that succeeded began on {succeeded[0].created_at:%Y-%m-%d}.")
    weekly = next((one for one in succeeded if one.is_scheduled), None)
    first = next((one for one in reversed(ended) if one.is_scheduled), None)
    since = weekly or first
    if since is None or (age := now() - since.created_at) <= LATE:
        return
    said = (
        f"The last weekly audit that succeeded is {age.days} days old"
        if weekly
        else f"None of the weekly audits of the last {age.days} days has succeeded"
    )
    runner.warning(
        f"{said}, and one is due each week. Either its runs failed, or GitHub switched the schedule off: it does so "
        "after 60 days without activity in a public repository.",
        title="A weekly audit was missed",
    )


def now() -> datetime:
    """By the second."""
    return datetime.now(timezone.utc).replace(microsecond=0)
