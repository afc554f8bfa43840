"""`chittyops check --fix`: show what would be written, ask, write it, and judge again."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone

from chittyactions.compliance.fixing.diff import diff
from chittyactions.compliance.fixing.plan import Change, Left, Plan, plan_fixes
from chittyactions.compliance.fixing.values import known_values, read_owners
from chittyactions.compliance.fixing.write import write
from chittyactions.compliance.model import Outcome
from chittyactions.compliance.settings import FILE
from chittyactions.ecosystem.github import GitHub
from chittyactions.entries.checking import Examined
from chittyactions.errors import ServiceError

CODEOWNERS = "chittycanon.codeowners"


@dataclass(frozen=True)
class Wish:
    """How to fix: `owners` as given, `sure` writes without asking, `rehearse` writes nothing.

    `config` is the path of the settings from the repository's root, where the usual ones are not used.
    """

    owners: tuple[str, ...]
    sure: bool
    rehearse: bool
    config: str = ""


def fix(examined: Examined, wish: Wish, github: GitHub | None, again: Callable[[], Examined]) -> Examined:
    """Write what can be written safely; the verdict afterwards. All is said on stderr, so that a report stays whole."""
    verdict, repository = examined.verdict, examined.repository
    owners = _owners(examined, wish, github)
    today = datetime.now(timezone.utc).date()
    values = known_values(verdict, repository, examined.assembled.registry, owners=owners, today=today)
    if wish.config:
        values["CONFIG"] = wish.config
    plan = plan_fixes(verdict, repository, values, without=(FILE,) if wish.config else ())
    colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    for change in plan.changes:
        _say(diff(change, colour=colour))
    written: tuple[Change, ...] = ()
    left = plan.left
    if plan.changes and not wish.rehearse and (wish.sure or _agreed(len(plan.changes))):
        written, hindered = write(repository.checkout.root, plan.changes, _written)
        left += hindered
    _tell(plan, left, rehearsed=wish.rehearse)
    return again() if written else examined


def _owners(examined: Examined, wish: Wish, github: GitHub | None) -> tuple[str, ...]:
    """Who is to stand in CODEOWNERS: as given, as somebody says who is asked, or as GitHub tells. Never a guess."""
    if wish.owners:
        return read_owners(wish.owners)
    missing = any(one.id == CODEOWNERS and one.outcome is Outcome.FAIL for one in examined.verdict.checks)
    if not missing:
        return ()
    if _at_a_terminal() and not wish.sure:
        return read_owners([_asked("Who owns this repository, such as @org/team (empty to leave CODEOWNERS out)? ")])
    try:
        return github.owners() if github else ()
    except ServiceError as error:
        _say(f"GitHub did not say who owns the repository. {error.what}")
        return ()


def _agreed(count: int) -> bool:
    if not _at_a_terminal():
        _say("Nothing was written: there is nobody to ask here. Give --yes to write all of the above.\n")
        return False
    return _asked(f"Write {'this file' if count == 1 else f'these {count} files'} [y/N]? ").lower() in ("y", "yes")


def _written(change: Change) -> None:
    _say(f"written  {change.path}  for {', '.join(change.checks) or 'the next check'}")


def _tell(plan: Plan, left: tuple[Left, ...], *, rehearsed: bool) -> None:
    if not plan.changes and not left:
        _say("There is nothing that could be written.\n")
    if rehearsed and plan.changes:
        _say("Nothing was written: this was a dry run.")
    for one in left:
        _say(f"left     {one.path}  {one.reason}")
        for line in one.lines.splitlines():
            _say(f"           {line}")
    _say("")


def _at_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _asked(prompt: str) -> str:
    print(prompt, end="", file=sys.stderr, flush=True)
    try:
        return sys.stdin.readline().strip()
    except UnicodeDecodeError:
        return ""


def _say(text: str) -> None:
    print(text, file=sys.stderr)
