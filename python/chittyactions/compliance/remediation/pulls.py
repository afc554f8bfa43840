"""What is to be done about a repository's pull request: a pure function of what would be written and what is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from chittyactions.compliance.claims import bare_name
from chittyactions.compliance.remediation.pull_text import Tip, mark_of, part_of
from chittyactions.compliance.reports.wording import line
from chittyactions.ecosystem.github_pulls import PullRequest


@dataclass(frozen=True)
class Neighbours:
    """The other services of a service's repository.

    `whole`: whether these are all of them: the audit looked at everybody, or the registry has the service.
    """

    names: tuple[str, ...] = ()
    whole: bool = True

    @property
    def alone(self) -> bool:
        """Whether the repository is certainly the service's own."""
        return self.whole and not self.names

    def why_not(self, name: str, root: str) -> str:
        """Why the root is not for this service to write in; "" where it is. `root`: whom the files there name, or "".

        The registry knows no folders: of several services only the one that the root names is known to lie there.
        """
        if root and not self.alone and bare_name(root) != bare_name(name):
            return f"the root is that of {line(root, 30)}, and which folder is its own is not known"
        if self.names and not root:
            return f"shares the root with {line(', '.join(self.names), 30)}, and nothing there says whose it is"
        if not root and not self.alone:
            return "others may share the root: the audit is of a part, and neither root nor registry says whose it is"
        return ""


class Owners(Enum):
    """Whether it is known who is to stand in CODEOWNERS, where it lacks."""

    KNOWN = "known"
    UNTOLD = "untold"
    """The token may not know: that will last."""
    UNKNOWN = "unknown"
    """Nobody said so this time."""


class Move(str, Enum):
    """What happens to the branch and its pull request."""

    CREATE = "create"
    EDIT = "edit"
    CLOSE = "close"
    KEEP = "keep"
    LEAVE = "leave"


@dataclass(frozen=True)
class Step:
    """What is to be done; `pull` is the open one, None where there is none. `pushes`: the branch is written anew."""

    move: Move
    why: str
    pull: PullRequest | None = None
    pushes: bool = False

    @property
    def changes(self) -> tuple[str, ...]:
        """What that changes at GitHub, in its order."""
        last = {Move.CREATE: ("pull request",), Move.EDIT: ("text",), Move.CLOSE: ("close",)}.get(self.move, ())
        return (("branch",) if self.pushes else ()) + last


def step(
    fixes: str, body: str, pulls: Sequence[PullRequest], tip: Tip | None, me: str, owners: Owners = Owners.KNOWN
) -> Step:
    """What is to be done. `fixes` is the digest of what would be written, "" for nothing; `pulls` the newest first.

    `body` is what the pull request's text would be, `tip` the branch as it is.
    """
    newest = next((one for one in pulls if one.author.lower() == me.lower()), None)
    pull = next((one for one in pulls if one.state == "open"), None)
    if pull and (pull.author.lower() != me.lower() or mark_of(pull.body) is None):
        return Step(Move.LEAVE, f"#{pull.number} of that branch is somebody else's", pull)
    if tip and not tip.is_ours:
        return Step(Move.LEAVE, "somebody else committed to the branch", pull)
    if _waits(fixes, tip, owners):
        return Step(Move.LEAVE, "who owns it is not known now", pull)
    if not fixes:
        if pull:
            return Step(Move.CLOSE, "nothing is left to write", pull)
        return Step(Move.KEEP, "nothing to write")
    if pull is None:
        if newest and not newest.merged_at and mark_of(newest.body) == fixes:
            return Step(Move.LEAVE, f"somebody closed #{newest.number} with the same files", None)
        merged = newest is not None and bool(newest.merged_at)
        return Step(Move.CREATE, "writes what is missing", None, pushes=tip is None or tip.fixes != fixes or merged)
    if tip is None or tip.fixes != fixes:
        return Step(Move.EDIT, "what would be written changed", pull, pushes=True)
    if part_of(pull.body).strip() != body.strip():
        return Step(Move.EDIT, "its text changed", pull)
    return Step(Move.KEEP, f"#{pull.number} has it all", pull)


def _waits(fixes: str, tip: Tip | None, owners: Owners) -> bool:
    """Whether nothing can be decided without the owners.

    Who may never know them still proposes the rest, as long as that takes back nothing of what somebody knew.
    """
    if owners is Owners.UNTOLD:
        return not fixes or (tip is not None and tip.writes("CODEOWNERS"))
    return owners is Owners.UNKNOWN
