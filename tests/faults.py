"""The fault matrix: everything that can go wrong with one request, and what a client of ours may make of it.

`FAULTS` names each fault with the words that a person must read and the number of requests that may be sent: by a
request that may be repeated, and by one that may have taken effect. A test lays the fault, makes its call within
`bounded`, and compares. Deadlines are short, and waits between tries are counted, not slept.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from chittylocal import Fault

TRIES = 4
"""What `http.Client` makes of one call at most."""

PATIENCE = 0.2
"""Seconds of deadline for what never answers."""

SLACK = 1.5
"""Seconds that a busy machine may add to a deadline."""


class Expected(NamedTuple):
    """What a fault leads to: a part of the message, and how many requests reach the service."""

    words: str
    repeatable: int
    once_only: int


class Case(NamedTuple):
    """A fault to lay, or None where the address itself is at fault, and what it leads to."""

    fault: Fault | None
    expected: Expected
    silent: bool = False
    """Whether the service never ends its answer, so that the deadline has to."""


def always(kind: str, words: str, repeatable: int = 1, once_only: int = 1, **how: object) -> Case:
    """A fault that hits every request."""
    return Case(Fault(kind, **how), Expected(words, repeatable, once_only), kind in ("hang", "drip"))  # type: ignore[arg-type]


FAULTS = {
    "refused": Case(None, Expected("could not be reached: Connection refused", 0, 0)),
    "bad certificate": Case(None, Expected("could not be reached: its certificate is not trusted", 0, 0)),
    "reset": always("reset", "was lost: the connection broke", TRIES),
    "close": always("close", "was lost: the connection broke", TRIES),
    "hang": always("hang", "no whole answer came in time"),
    "slow drip": always("drip", "no whole answer came in time"),
    "slow drip in the headers": always("drip", "no whole answer came in time", where="headers"),
    "truncated": always("truncated", "was lost: it ended before its announced length", TRIES),
    "garbage": always("garbage", "was lost: what came back is not HTTP", TRIES),
    "html": always("html", "something that is not JSON (HTTP 200"),
    "empty": always("empty", "something that is not JSON (HTTP 200, an empty body)"),
    "huge": always("huge", "more than 1024 KiB"),
    "redirect": always("redirect", "a redirect to http://localhost (HTTP 307), which is not followed"),
    "400": always("status", "(HTTP 400)", status=400),
    "401": always("status", "(HTTP 401)", status=401),
    "403": always("status", "(HTTP 403)", status=403),
    "404": always("status", "(HTTP 404)", status=404),
    "408": always("status", "(HTTP 408)", TRIES, TRIES, status=408),
    "429": always("status", "(HTTP 429)", TRIES, TRIES, status=429),
    "429, again in a second": always("status", "(HTTP 429)", TRIES, TRIES, status=429, headers={"Retry-After": "1"}),
    "429, again in an hour": always("status", "(HTTP 429)", status=429, headers={"Retry-After": "3600"}),
    "500": always("status", "(HTTP 500)", status=500),
    "502": always("status", "(HTTP 502)", TRIES, status=502),
    "503 once": always("status", "", 2, 2, status=503, times=1),
    "503": always("status", "(HTTP 503)", TRIES, TRIES, status=503),
    "504": always("status", "(HTTP 504)", TRIES, status=504),
}


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """The block ends within `seconds`, give or take what a busy machine adds."""
    started = time.monotonic()
    yield
    took = time.monotonic() - started
    assert took <= seconds + SLACK, f"it took {took:.1f} s, with a deadline of {seconds:g} s"
