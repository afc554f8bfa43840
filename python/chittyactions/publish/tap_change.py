"""One file of a tap, changed on one branch: no work of others is overwritten, and no answer is guessed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chittyactions.ecosystem.github_contents import Contents
from chittyactions.errors import AnswerLost, BadAnswer, Refused, ServiceError, Superseded
from chittyactions.http import backoff
from chittyactions.publish.model import Say

TRIES = 5
"""How often a change is tried on a tap that others change at the same time."""


@dataclass(frozen=True)
class Found:
    """A formula or cask as the tap has it: where, its text, and git's id of that text.

    Bytes that are no UTF-8 are lone surrogates in `text`, so that what nobody edits stays as it is.
    """

    path: str
    text: str
    blob_sha: str


@dataclass(frozen=True)
class New:
    """What the tap should have at a path."""

    path: str
    text: str


@dataclass(frozen=True)
class Written:
    """What became of a change: the page of the commit or pull request, and whether this call made it.

    With `changed=False` nothing was to be done: `url` is that of the pull request which is open, or "", and `why` says
    in a few words what kept the tap as it was, where it was not that it has the text already.
    """

    url: str
    changed: bool
    why: str = ""


Edit = Callable[[Found | None], New | None]
"""What the tap should have, given what it has now; None: leave it. Asked again when the tap has changed meanwhile."""


class Moved(Superseded):
    """The tap has another text there than the one that was to be replaced; nothing was overwritten."""


class Changes:
    """Reads and replaces files of a repository; methods raise what `Contents` raises, and Moved."""

    def __init__(self, contents: Contents, say: Say) -> None:
        self._contents = contents
        self._say = say

    def read(self, path: str, branch: str) -> Found | None:
        """What a branch has at a path."""
        there = self._contents.file(path, branch)
        return Found(there.path, there.content.decode("utf-8", "surrogateescape"), there.sha) if there else None

    def change(self, find: Callable[[], Found | None], edit: Edit, message: str, branch: str) -> Written:
        """Read, edit, put; again when the branch moved, or when an answer was lost and the branch does not show it."""
        sent: New | None = None
        doubt: ServiceError | None = None
        for attempt in range(1, TRIES + 1):
            try:
                found = find()
            except ServiceError as failure:
                raise doubt or failure from None
            if sent and holds(found, sent):
                return Written(self._page(sent.path, branch), changed=True)
            new = edit(found)
            if new is None or holds(found, new):
                return Written("", changed=False)
            blob_sha = found.blob_sha if found and found.path == new.path else ""
            try:
                return Written(self.put(new, blob_sha, message, branch), changed=True)
            except Moved as moved:
                failed: ServiceError | Moved = moved
            except ServiceError as failure:
                if not in_doubt(failure):
                    raise doubt or failure from None
                failed, sent, doubt = failure, new, failure
            if attempt == TRIES:
                raise failed
            wait = backoff(attempt)
            self._say(f"{failed.what} Looking again in {wait:.1f} s ({attempt} of {TRIES} tries made).")
            self._contents.deadline.pause(wait)
        raise AssertionError("the loop returns or raises")

    def put(self, new: New, blob_sha: str, message: str, branch: str) -> str:
        """Commit `new` in place of the text whose id is `blob_sha` ("": of none); returns the commit's page."""
        content = new.text.encode("utf-8", "surrogateescape")
        try:
            made = self._contents.put(new.path, content, message=message, sha=blob_sha, branch=branch)
        except ServiceError as failure:
            if isinstance(failure, Refused) and failure.code in ("stale", "exists"):
                raise Moved(
                    f"{new.path} of {self._contents.repository} changed while it was edited.",
                    why="Somebody else changed the tap; nothing was overwritten.",
                    fix="Run again.",
                    docs="package-publish.md#homebrew-tap",
                ) from None
            self._cleared_up(new, branch, failure)
            return self._page(new.path, branch)
        return made.commit.html_url

    def _cleared_up(self, new: New, branch: str, failure: ServiceError) -> None:
        """Return when the branch has the text after all; raise `failure` else."""
        if not in_doubt(failure):
            raise failure
        try:
            landed = holds(self.read(new.path, branch), new)
        except ServiceError:
            landed = False
        if not landed:
            raise failure
        self._say(f"The answer was lost, and {new.path} is in the tap: the commit was made.")

    def _page(self, path: str, branch: str) -> str:
        """The page of a commit whose own answer was lost; it is made, so not finding it fails nothing."""
        try:
            return self._contents.last_commit(path, branch)
        except ServiceError:
            return ""


def holds(found: Found | None, new: New) -> bool:
    """Whether what was found is what is wanted."""
    return found is not None and (found.path, found.text) == (new.path, new.text)


def in_doubt(failure: ServiceError) -> bool:
    """Whether the request may have taken effect all the same."""
    if isinstance(failure, (Refused, BadAnswer)):
        return failure.status >= 500 or (isinstance(failure, BadAnswer) and 200 <= failure.status < 300)
    return isinstance(failure, AnswerLost)
