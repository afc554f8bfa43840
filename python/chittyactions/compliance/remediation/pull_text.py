"""What our pull request and its commit say, and the lines by which both are known again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chittyactions.compliance.fixing.plan import Change, Left
from chittyactions.compliance.remediation.fingerprint import digest, our_part
from chittyactions.compliance.remediation.issue_text import LIMIT
from chittyactions.compliance.reports.markup import code, fitted, text, utf16
from chittyactions.compliance.reports.wording import line
from chittyactions.errors import DOCS

BRANCH = "chittyops/compliance"
MOST_CHECKS = 20
"""Of one file, by name."""

ABOUT = (
    f"_[ChittyOps]({DOCS}remediation.md#pull-requests) keeps this branch as long as nobody else commits to it: it is "
    "written anew when what would be written changes, and closed when nothing is left. Who closes it unmerged sees it "
    "again only when it would be another one._"
)

INTRODUCTION = (
    "What `chittyops check --fix` writes here. Nothing that is there is written over. Please read it: it is made of "
    "what is known of the service, and nobody has tried it."
)

PASSES = "All that is required passes."
NOTHING_LEFT = "Nothing is left that could be written."
"""Why one is closed."""

_MARK = re.compile(r"<!-- chittyops:compliance-pull:1 digest=([0-9a-f]*) -->")
_BEGINS = re.compile("|".join(map(re.escape, (INTRODUCTION, PASSES, NOTHING_LEFT))))
_TREE = re.compile(r"^ChittyOps-Tree: ([0-9a-f]{40,64})$", re.MULTILINE)
_FIXES = re.compile(r"^ChittyOps-Fixes: ([0-9a-f]+)$", re.MULTILINE)


@dataclass(frozen=True)
class Tip:
    """The newest commit of our branch: its name, tree and message."""

    commit: str
    tree: str
    message: str

    @property
    def is_ours(self) -> bool:
        """Whether it holds what we wrote, and nothing of anybody else."""
        found = _TREE.search(self.message)
        return bool(found and found[1] == self.tree)

    @property
    def fixes(self) -> str:
        """Digest of what we wrote, "" where it is not told."""
        found = _FIXES.search(self.message)
        return found[1] if found else ""

    def writes(self, name: str) -> bool:
        """Whether we wrote a file of that name, in whatever folder."""
        return re.search(rf"^- (?:.*/)?{re.escape(name)}$", self.message, re.MULTILINE) is not None


def fixes_of(changes: Sequence[Change]) -> str:
    """A digest of what would be written; "" for nothing."""
    if not changes:
        return ""
    return digest([[one.path, one.after.decode("utf-8", "surrogateescape")] for one in changes])


def message_of(changes: Sequence[Change], tree: str, fixes: str) -> str:
    """The commit's message."""
    files = "\n".join(f"- {line(one.path, 200)}" for one in changes)
    trailers = f"ChittyOps-Fixes: {fixes}\nChittyOps-Tree: {tree}"
    return f"Add what compliance asks for\n\nWhat `chittyops check --fix` writes:\n{files}\n\n{trailers}\n"


def title_of(name: str) -> str:
    """The pull request's title."""
    return f"Compliance: what can be written for {line(name, 100)}"


def mark_of(body: str | None) -> str | None:
    """The digest in a pull request's hidden line; None where it has none."""
    found = _MARK.match(part_of(body))
    return found[1] if found else None


def part_of(body: str | None) -> str:
    """What of a pull request's text is ours, with the hidden line as the first one; "" for nothing."""
    return our_part(body, _MARK, _BEGINS)


def body_of(changes: Sequence[Change], left: Sequence[Left], fixes: str) -> str:
    """The pull request's text."""
    head = [
        f"<!-- chittyops:compliance-pull:1 digest={fixes} -->",
        INTRODUCTION,
    ]
    files = [f"- {code(one.path)} {'new' if one.before is None else 'edited'}{_checks(one.checks)}" for one in changes]
    todo = [f"- {code(one.path)}{_checks(one.checks)}: {text(one.reason)}" for one in left]
    tail = [*(["#### Left to a person\n\n" + "\n".join(todo)] if todo else []), ABOUT]
    return fitted([*head, "\n".join(files)], [], tail, limit=LIMIT, size=utf16, elsewhere="the files have it all")


def ended(why: str) -> str:
    """The last text of one that is closed: it is for nobody to take up again."""
    return f"<!-- chittyops:compliance-pull:1 digest= -->\n\n{why}\n"


def _checks(checks: Sequence[str]) -> str:
    names = ", ".join(code(one) for one in checks[:MOST_CHECKS])
    return f", for {names}" if names else ""
