"""The dashboard's issue, as a command line asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from chittyactions.compliance.audit.record import Audit
from chittyactions.compliance.remediation.dashboard_issue import NAME, Dashboard, dashboard_of, keep_dashboard
from chittyactions.compliance.remediation.keeping import Listed, Manner
from chittyactions.compliance.remediation.pace import LimitReached
from chittyactions.compliance.remediation.reconcile import Verb
from chittyactions.compliance.remediation.run import FAILED, NOT_REACHED, Row
from chittyactions.entries.hub import Hub
from chittyactions.errors import Cancelled, ChittyError, ConfigError, InputError

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[\w.-]+", re.ASCII)


def kept_dashboard(
    board: Dashboard,
    repository: str,
    hub: Hub,
    manner: Manner,
    say: Callable[[str], None],
    listed: Listed | None = None,
    *,
    rehearse: bool,
) -> Row:
    """What came of the dashboard's issue in a repository; it is pinned where GitHub's API does so.

    `listed` is what the services share that are in the same repository.
    """
    try:
        manner = replace(manner, me=hub.login(repository))
        row, issue = keep_dashboard(hub.issues(repository), manner, board, listed, rehearse=rehearse)
        if row.verb == Verb.LEAVE.value:
            return row
        if rehearse:
            pinned = issue is not None and hub.is_pinned(repository, issue.node_id)
            return row if pinned else replace(row, steps=(*row.steps, "pin"))
        if issue and not hub.pin(repository, issue.node_id):
            say(f"{repository}#{issue.number} could not be pinned by GitHub's API: pin it by hand, once.")
    except LimitReached as limit:
        return Row(NAME, repository, NOT_REACHED, limit.what, failure=limit)
    except Cancelled:
        raise
    except ChittyError as failure:
        return Row(NAME, repository, FAILED, failure.what, failure=failure)
    return row


def read_dashboard(audit: Audit, repository: str, path: str, mode: str) -> Dashboard | None:
    """The dashboard for a repository out of a file; None where neither is given. Raises InputError, ConfigError."""
    if not repository and not path:
        return None
    if not _SLUG.fullmatch(repository) or not path or mode == "prs":
        raise InputError(
            "The dashboard needs --dashboard-issue OWNER/REPO and --dashboard FILE together, in mode plan or issues.",
            why="The one says where, the other what.",
            fix="Give both, or neither.",
            docs="remediation.md#dashboard",
        )
    try:
        return dashboard_of(audit, Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            f"{path} can't be read as text.",
            why="It is to be the dashboard.",
            fix="Write it by `chittyops report --format markdown --output FILE`.",
            docs="remediation.md#dashboard",
        ) from None
