"""Is this commit newer than the one that serves? By GitHub's comparison, else by the checkout's own history."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from chittyactions.ecosystem.cloudflare_answers import Version
from chittyactions.ecosystem.github import GitHub
from chittyactions.errors import GateError, ServiceError

GIT_SECONDS = 20.0
_COMMIT = re.compile(r"\b[0-9a-f]{40}\b")


class Order(Enum):
    """How this run's commit stands to the one that serves; the value completes "this commit is …"."""

    SAME = "the one that serves"
    NEWER = "newer than the one that serves"
    OLDER = "older than the one that serves"
    BESIDE = "on another branch than the one that serves"
    UNKNOWN = "not comparable with what serves"


_GRAVEST_FIRST = (Order.OLDER, Order.BESIDE, Order.UNKNOWN, Order.NEWER, Order.SAME)
_BY_GITHUB = {"identical": Order.SAME, "ahead": Order.NEWER, "behind": Order.OLDER, "diverged": Order.BESIDE}


def commit_of(version: Version) -> str:
    """The commit that a version was built from, by its tag or its message; "" when neither tells."""
    match = _COMMIT.search(version.tag) or _COMMIT.search(version.message)
    return match[0] if match else ""


def against(serving: Iterable[str], commit: str, github: GitHub | None, checkout: Path) -> tuple[Order, str]:
    """How `commit` stands to all that serve ("": one that names no commit): the gravest order, and to which."""
    orders = [(compare(one, commit, github, checkout) if one else Order.UNKNOWN, one) for one in sorted(serving)]
    return min(orders, key=lambda found: _GRAVEST_FIRST.index(found[0]))


def compare(serving: str, commit: str, github: GitHub | None, checkout: Path) -> Order:
    """How `commit` stands to `serving` (40 hex digits each)."""
    if serving == commit:
        return Order.SAME
    if github is not None:
        try:
            return _BY_GITHUB.get(github.compare(serving, commit), Order.UNKNOWN)
        except ServiceError:
            pass  # no permission, no such commit, no network: the checkout may know
    if _is_ancestor(checkout, serving, commit):
        return Order.NEWER
    if _is_ancestor(checkout, commit, serving):
        return Order.OLDER
    return Order.UNKNOWN


def refuse_older(order: Order, serving: str, commit: str) -> None:
    """Raise GateError when an older commit would replace a newer one."""
    if order is Order.OLDER:
        raise GateError(
            f"Commit {commit[:12]} is older than {serving[:12]}, which serves. Nothing was uploaded.",
            why="A run that waited, or was started again, would take a newer version out of service.",
            fix="Set `allow_older: true` to deploy it all the same; to go back for good, revert the commit.",
            docs="worker-deploy.md#older-commits",
        )


def _is_ancestor(checkout: Path, older: str, newer: str) -> bool:
    command = ["git", "-c", "safe.directory=*", "-C", str(checkout), "merge-base", "--is-ancestor", older, newer]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=GIT_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
