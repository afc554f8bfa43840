"""Look, then write under a condition, until one of many runs has written it: each look settles what happened before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from chittyactions.ecosystem.s3 import S3, settled_by_looking
from chittyactions.ecosystem.s3_codes import NO_SUCH_UPLOAD, PRECONDITION_FAILED
from chittyactions.errors import Refused, ServiceError, Superseded
from chittyactions.http import backoff
from chittyactions.publish.model import Say

F = TypeVar("F")
T = TypeVar("T")

TRIES = 6
"""Each one that is lost in a race was won by another run, which then is done."""

RACED = PRECONDITION_FAILED | {NO_SUCH_UPLOAD, "InvalidPart"}
"""What a refusal is called when another run was at the same key."""


class Unsettled(Exception):
    """A write took effect or may have, and looking did not tell. `failure` says how."""

    def __init__(self, failure: ServiceError) -> None:
        super().__init__(failure.what)
        self.failure = failure


def settle(s3: S3, key: str, look: Callable[[], F], write: Callable[[F, bool], T], say: Say) -> T:
    """What `write` returns in the end. It gets what `look` found, and whether an answer to a write of ours was lost.

    Raises Unsettled, Superseded when other runs are always first, and what `look` and `write` raise.
    """
    lost: ServiceError | None = None
    for attempt in range(1, TRIES + 1):
        try:
            found = look()
        except ServiceError as failure:
            if lost:
                raise Unsettled(lost) from failure
            raise
        try:
            return write(found, lost is not None)
        except Refused as refusal:
            if refusal.code not in RACED:
                if lost:  # that one may land yet
                    raise Unsettled(lost) from refusal
                raise
            say(f"Another run was at {key} at the same time: looking again.")
        except ServiceError as failure:
            if not settled_by_looking(failure):
                if lost:
                    raise Unsettled(lost) from failure
                raise
            lost = failure
            say(f"{failure.what} Looking whether {key} was written.")
            s3.pause(backoff(attempt))
    if lost:
        raise Unsettled(lost)
    raise Superseded(
        f"{key} could not be written: other runs were always first.",
        why="They write to the same place at the same time.",
        fix="Let them finish, then run this one again.",
        docs="package-publish.md#rerun",
    )
