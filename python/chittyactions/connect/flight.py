"""Cancellation while a credential may be in flight.

The runner sends SIGINT, 7.5 s later SIGTERM, 2.5 s later it kills. Between two requests this process goes at once.
While one is under way that may have minted, it gets a few seconds for its answer, which is kept before the process
goes: a credential whose token id nobody wrote down could not be revoked.
"""

from __future__ import annotations

import signal

from chittyactions.errors import Cancelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chittyactions.http import Deadline

GRACE = 5.0
"""Seconds that an answer may still take after the cancellation."""


class Flight:
    """Whether something is under way that has to be finished, and what a signal does in either case.

    `deadline` bounds all requests.
    """

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._under_way = False
        self._cancelled = False
        self._over = False

    def watch(self) -> None:
        """Handle SIGINT and SIGTERM from now on."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._signalled)

    def leave(self) -> None:
        """Something begins that may not be broken off: a request that may take effect, or the report of it all."""
        self._under_way = True

    def land(self) -> None:
        """What it brought is in safety. Raises Cancelled when that was all that was waited for."""
        self._under_way = False
        if self._cancelled and not self._over:
            raise self._end()

    def _signalled(self, *_: object) -> None:
        self._cancelled = True
        self._deadline.shorten(GRACE)
        if not self._under_way and not self._over:
            raise self._end()

    def _end(self) -> Cancelled:
        self._over = True  # a second signal finds this process on its way out
        return Cancelled(
            "The job was cancelled while credentials were fetched.",
            why="Nothing more was asked for.",
            docs="getchitty-creds.md#cancelled",
        )


def hurry(deadline: Deadline) -> None:
    """Let SIGINT and SIGTERM bring `deadline` forward and stop nothing: what is revoked is not half revoked."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: deadline.shorten(GRACE))
