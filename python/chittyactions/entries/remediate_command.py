"""`chittyops remediate`: what an audit found, as one issue or one pull request in each service's own repository."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from pathlib import Path

from chittyactions.cancel import Cancellation
from chittyactions.compliance.assemble import REGISTRY
from chittyactions.compliance.audit.document import read_audit
from chittyactions.compliance.audit.record import Audit
from chittyactions.compliance.registry import Registry, read_registry
from chittyactions.compliance.remediation.dashboard_issue import Dashboard
from chittyactions.compliance.remediation.issue_text import Links
from chittyactions.compliance.remediation.keeping import Keeper, Listed, Manner
from chittyactions.compliance.remediation.pace import Pace, PacedClient
from chittyactions.compliance.remediation.run import (
    NOT_REACHED,
    Row,
    exit_code,
    keep_issue,
    left_alone,
    run_all,
)
from chittyactions.compliance.remediation.sharing import Sharing, place_of
from chittyactions.compliance.remediation.table import counts, table, told
from chittyactions.compliance.remediation.wanted import Choice, State, Wanted, chosen, wanted
from chittyactions.compliance.reports.wording import line, plural
from chittyactions.entries.hub import Hub
from chittyactions.entries.pull_fixes import PullKeeper
from chittyactions.entries.remediate_dashboard import kept_dashboard, read_dashboard
from chittyactions.entries.terminal import aside, by_itself, show
from chittyactions.environment import toolkit
from chittyactions.errors import Cancelled, ChittyError, ConfigError, InputError

ABOUT = """\
Bring what an audit found to where it can be put right.

  chittyops remediate audit.json                    what would happen to each service's issue; nothing is written
  chittyops remediate audit.json --mode issues      one issue for each failing service, in its own repository
  chittyops remediate audit.json --mode prs         a pull request with what `chittyops check --fix` would write

An issue is opened once, edited when the findings change, closed when they are gone. What is unknown changes nothing.
Who writes is GITHUB_TOKEN or GH_TOKEN, or a GitHub App by GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY.
"""

CODES = """\
exit codes: 0 all is done, 1 something could not be done, 2 the command line or the audit's file, 3 the audit is
incomplete, or GitHub's limits ended the run: run it again, and it goes on. 130 stopped.
"""

USAGE = 2
LABEL = "compliance"
MINUTES = 60
PERMISSIONS = {
    "plan": {"issues": "read"},
    "issues": {"issues": "write"},
    "prs": {"contents": "write", "pull_requests": "write", "workflows": "write"},
}
"""What an app's tokens ask for, by mode."""

_LABEL = re.compile(r"[^\x00-\x1f\x7f,]{1,50}")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to a command line."""
    raw = argparse.RawDescriptionHelpFormatter
    command = commands.add_parser(
        "remediate",
        help="open, edit and close issues by an audit",
        description=ABOUT,
        epilog=CODES,
        formatter_class=raw,
    )
    command.add_argument("audit", metavar="AUDIT.json", help="what `chittyops audit --output` wrote")
    command.add_argument("--mode", choices=("plan", "issues", "prs"), default="plan", help="(default: plan)")
    command.add_argument("--dry-run", action="store_true", help="write nothing; --mode plan is --mode issues --dry-run")
    command.add_argument("--service", action="append", default=[], metavar="NAME", help="this service alone (repeat)")
    command.add_argument("--org", action="append", default=[], metavar="NAME", help="this organisation alone (repeat)")
    command.add_argument(
        "--labels", default=LABEL, metavar="A,B", help=f"labels of new issues, made where missing (default: {LABEL})"
    )
    whom = command.add_mutually_exclusive_group()
    whom.add_argument(
        "--public-only", action="store_true", help="leave out what is not known to be public (the default)"
    )
    whom.add_argument("--include-private", action="store_true", help="private repositories too, and print their names")
    command.add_argument(
        "--dashboard", default="", metavar="FILE", help="Markdown of `chittyops report`, for --dashboard-issue"
    )
    command.add_argument(
        "--dashboard-issue", default="", metavar="OWNER/REPO", help="keep one pinned issue there that shows --dashboard"
    )
    command.add_argument(
        "--registry", default="", metavar="FILE", help="another service-registry.yml, for who shares a repository"
    )
    command.add_argument("--report-url", default="", metavar="URL", help="where long texts lead for the rest")
    command.add_argument(
        "--max-wait", type=float, default=MINUTES, metavar="MINUTES", help=f"for GitHub's limits (default: {MINUTES})"
    )


def run(given: argparse.Namespace) -> int:
    """Run the command; its exit code."""
    try:
        audit = read_audit(Path(given.audit))
        labels = _labels(given.labels)
        _minutes(given.max_wait)
        board = read_dashboard(audit, given.dashboard_issue, given.dashboard, given.mode)
        aims, private = _aims(audit, given)
        return _remediate(audit, aims, private, labels, given, board)
    except (Cancelled, KeyboardInterrupt):
        aside("\nStopped. Run it again: it goes on where it stopped.")
        return Cancelled.exit_code
    except ConfigError as failure:
        aside(str(failure))
        return USAGE
    except ChittyError as failure:
        aside(str(failure))
        return failure.exit_code


def _remediate(
    audit: Audit,
    aims: Sequence[Wanted],
    private: int,
    labels: tuple[str, ...],
    given: argparse.Namespace,
    board: Dashboard | None,
) -> int:
    pace = Pace(longest=given.max_wait * 60, say=aside)
    rehearse = given.dry_run or given.mode == "plan"
    links = Links((os.environ.get("GITHUB_SERVER_URL") or "https://github.com").rstrip("/"), given.report_url)
    sharing = Sharing(audit, _registry(given.registry))
    if given.mode == "prs" and not given.registry:
        _say_registry(sharing, len(audit.services))
    lists: dict[str, Listed] = {}
    known = sharing.known()
    home = given.dashboard_issue.lower()
    done = 0

    def tell(row: Row) -> None:
        nonlocal done
        done += 1
        if (row.acts and not rehearse) or row.failure:
            aside(told(row, done, len(aims)))

    def handle(aim: Wanted) -> Row:
        if aim.state is State.OPEN_QUESTION:
            return left_alone(aim)
        if given.mode == "prs":
            return puller.keep(aim, sharing.neighbours(aim.service), rehearse=rehearse)
        manner, place = Manner(hub.login(aim.repository), labels, links, pace.pause), place_of(aim.service)
        shared = sharing.is_shared(aim.service) or place == home
        listed = lists.setdefault(place, Listed()) if shared else None
        return keep_issue(aim, Keeper(hub.issues(aim.repository), manner, listed, known), rehearse=rehearse)

    client = PacedClient(pace, environ=os.environ, say=aside)
    with Cancellation(), Hub.of(os.environ, client, PERMISSIONS[given.mode], aside) as hub:
        puller = PullKeeper(hub, pace, os.environ, aside)
        rows = run_all(aims, handle, tell)
        if board and not any(row.verb == NOT_REACHED for row in rows):
            manner = Manner("", labels, links, pace.pause)
            row = kept_dashboard(board, given.dashboard_issue, hub, manner, aside, lists.get(home), rehearse=rehearse)
            rows = (*rows, row)
    show("\n".join([one for one in (table(rows), counts(rows, rehearsed=rehearse)) if one]))
    _conclude(audit, rows, private)
    return exit_code(rows, complete=audit.complete)


def _registry(given: str) -> Registry:
    path = Path(given) if given else toolkit() / REGISTRY
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path} could not be read: {type(error).__name__}.",
            why="It says which services share a repository.",
            fix="Name a service-registry.yml.",
            docs="remediation.md#pull-requests",
        ) from None
    return read_registry(text, str(path))


def _say_registry(sharing: Sharing, services: int) -> None:
    """By which registry it goes, where it may be the wrong one or decides by itself."""
    lacking = sharing.unregistered()
    why = f"which lacks {lacking} of the {plural(services, 'service')} of the audit" if lacking else ""
    why = why or ("" if sharing.whole else "for the audit is of a part")
    if why:
        own = f"ChittyOps' own registry, {why}"
        aside(f"Who shares a repository is asked of {own}. --registry FILE names another one.")


def _aims(audit: Audit, given: argparse.Namespace) -> tuple[tuple[Wanted, ...], int]:
    choice = Choice(tuple(given.service), tuple(given.org), given.include_private)
    services, private = chosen(audit, choice)
    return tuple(wanted(one, audit.scope) for one in services), private


def _labels(given: str) -> tuple[str, ...]:
    labels = tuple(dict.fromkeys(one.strip() for one in given.split(",") if one.strip()))
    for one in labels:
        if not _LABEL.fullmatch(one):
            raise InputError(
                f"{one[:60]!r} is no label.",
                why="GitHub takes 1 to 50 characters.",
                fix="Correct --labels; commas part them.",
                docs="remediation.md#labels",
            )
    return labels


def _minutes(given: float) -> None:
    if not 0 <= given < float("inf"):
        raise InputError(
            f"--max-wait is {given}.",
            why="It is a number of minutes, 0 or more.",
            fix="Correct it, or leave it out.",
            docs="remediation.md#limits",
        )


def _conclude(audit: Audit, rows: Sequence[Row], private: int) -> None:
    """What a person has to know besides the table: each failure with its remedy, once."""
    if private:
        names = plural(private, "repository was", "repositories were")
        aside(f"{names} left out: private, or not known to be public. --include-private takes them in, and names them.")
    told_before: set[str] = set()
    for row in rows:
        said = str(row.failure) if row.failure else ""
        if said and said not in told_before:
            told_before.add(said)
            aside(f"{line(row.service, 100)}: {said}")
    if not audit.complete:
        aside("The audit is incomplete: what it could not look at was left alone.")


def main(argv: Sequence[str]) -> int:
    """`remediate` by itself."""
    return by_itself("remediate", add_parser, run, argv)


__all__ = ["add_parser", "main", "run"]
