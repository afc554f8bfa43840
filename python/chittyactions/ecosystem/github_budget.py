"""What GitHub lets a token ask: how much is left of the hour, and how long everybody who uses the token has to wait.

Limits: https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chittyactions.ecosystem.github_wire import SERVICE, meaning
from chittyactions.errors import Refused, ServiceError
from chittyactions.http import Deadline, Response, retry_after

PER_MINUTE = 1900
"""Queries of one account in a minute. GitHub's secondary limit is 2,000 points, and a query is one."""
REST_PER_MINUTE = 850
"""The same of REST, where it is 900, and a request that only reads is one."""
UNTOLD = 60.0
"""Seconds to wait after a secondary limit that tells none, doubled each time."""
MOST_IN_A_ROW = 8
"""Refusals for a limit, each after the wait that the last one asked for."""
RATE_LIMIT = "rate limit"
"""The code of a refusal for a limit."""
SLICE = 1.0
"""Seconds of one sleep, after which the deadline is looked at again."""
FIX = "Run again after that time, or with a token that has more left."
SAME_HOUR = 30.0
"""Seconds that two answers of the same hour may differ in when it ends."""


@dataclass
class _Account:
    limited: bool = False
    remaining: int | None = None
    reset_at: float = 0.0
    until: float = 0.0
    why: str = ""
    announced: float = 0.0
    refused: float = 0.0
    heard: bool = False
    waiting_since: float | None = None
    turn: int = 0
    in_a_row: int = 0
    shut: ServiceError | None = None
    sent: deque[float] = field(default_factory=deque)


class Budget:
    """Shared by all threads, and by all clients. An `account` is whose limits a token counts against.

    `say` hears of every wait before it begins. A wait of more than `longest` seconds, or beyond `deadline`, is not
    made: Refused with the code "rate limit". `clock` gives seconds since 1970, `sleep` waits. What an hour has is
    called `unit`. Where GitHub tells of limits at all, `per_minute` requests are sent in a minute at most: a server of
    one's own may have none. `say` hears of a wait that is not made, too, once for each account and hour, with `fix`.

    Attributes:
        requests: that were sent. points: that they cost. waited: seconds, of the wall's clock and for all threads.
    """

    def __init__(
        self,
        *,
        say: Callable[[str], None] = lambda _: None,
        longest: float = 900.0,
        deadline: Deadline | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] | None = None,
        unit: str = "points",
        per_minute: int = PER_MINUTE,
        fix: str = FIX,
    ) -> None:
        self.requests = 0
        self.points = 0
        self.waited = 0.0
        self._say = say
        self._longest = longest
        self._deadline = deadline
        self._clock = clock
        self._stopped = threading.Event()
        self._sleep = sleep or self._stopped.wait
        self._used_up = f"this hour's {unit} are used up"
        self._per_minute = per_minute
        self._fix = fix
        self._accounts: dict[str, _Account] = {}
        self._lock = threading.Lock()

    def enter(self, account: str) -> int:
        """Wait until a request may be sent; returns the turn that it is sent in, for `limited`. Raises Refused."""
        while True:
            with self._lock:
                of, now = self._of(account), self._clock()
                if of.waiting_since is not None:
                    self.waited += now - of.waiting_since
                    of.waiting_since = None
                self._look(of, now)
                left = of.until - now
                if left <= 0:
                    of.sent.append(now)
                    return of.turn
                refusal = self._refused(of, left)
                if refusal:
                    told, of.refused = of.until > of.refused + SAME_HOUR, max(of.until, of.refused)
                    text = f"{refusal.what} {refusal.why} {refusal.fix}"
                else:
                    of.waiting_since = now
                    told, of.announced = of.until > of.announced + 1, max(of.until, of.announced)
                    text = f"{SERVICE}: {of.why}. Waiting {shown(left)}, until {at(of.until)}."
            if told:
                self._say(text)
            if refusal:
                raise refusal
            self._sleep(min(left, SLICE))

    def sent(self) -> None:
        """A request was sent."""
        with self._lock:
            self.requests += 1

    def told(self, account: str, headers: Mapping[str, str]) -> None:
        """Take from any answer's headers what is left of the hour."""
        remaining, reset = _number(headers, "x-ratelimit-remaining"), _number(headers, "x-ratelimit-reset")
        with self._lock:
            self._of(account).heard = True
        if remaining is None or reset is None:
            return
        with self._lock:
            of, now = self._of(account), self._clock()
            of.limited = True
            reset_at = now + reset - _date(headers, now)  # by our clock, which may be off
            if of.remaining is not None and abs(reset_at - of.reset_at) <= SAME_HOUR:
                of.remaining = min(of.remaining, remaining)  # answers overtake each other
            elif reset_at > now:
                of.remaining, of.reset_at = remaining, reset_at

    def spent(self, account: str, points: int) -> None:
        """A request was answered, and cost so many points."""
        with self._lock:
            self.points += points
            self._of(account).in_a_row = 0

    def limited(self, account: str, turn: int, headers: Mapping[str, str], *, hourly: bool) -> None:
        """A request that was sent in `turn` met a limit: nobody sends another for as long as it asks.

        Raises Refused where waiting has not helped.
        """
        with self._lock:
            of, now, asked = self._of(account), self._clock(), retry_after(headers)
            if turn < of.turn:  # everybody waits already, since another request of the same turn met it
                of.until = max(of.until, now + asked)
                return
            of.turn, of.in_a_row = of.turn + 1, of.in_a_row + 1
            if of.in_a_row > MOST_IN_A_ROW:
                raise _refusal(f"{SERVICE} refuses every request for a rate limit, however long it is waited.", of.why)
            if hourly:
                of.why = self._used_up
                known = of.reset_at - now + 1 if of.reset_at > now else UNTOLD
                wait = max(asked, known, 2.0**of.in_a_row)
                of.remaining = 0
            else:
                of.why = "it was asked too much at once (a secondary limit)"
                wait = asked or UNTOLD * 2.0 ** (of.in_a_row - 1)
            of.until = max(of.until, now + wait)

    def shut(self, account: str, failure: ServiceError) -> None:
        """Nobody asks for this account any more; who waits, and who comes, gets `failure`."""
        with self._lock:
            self._of(account).shut = failure

    def stop(self) -> None:
        """Nobody asks any more, and nobody waits any longer."""
        self._stopped.set()

    def left(self, account: str) -> tuple[int | None, float]:
        """The points that are left, None where it is not known, and when there are new ones."""
        with self._lock:
            of = self._of(account)
            return of.remaining, of.reset_at

    def is_short(self, account: str, number: int) -> bool:
        """Whether fewer than `number` are left, or nobody has asked yet."""
        with self._lock:
            of = self._of(account)
            return not of.heard if of.remaining is None else of.remaining < number

    def _of(self, account: str) -> _Account:
        return self._accounts.setdefault(account, _Account())

    def _look(self, of: _Account, now: float) -> None:
        """See whether there is a reason to wait that no answer has told."""
        if of.shut:
            raise of.shut
        if of.remaining == 0:
            if of.reset_at > now:
                of.until, of.why = max(of.until, of.reset_at + 1), self._used_up
            elif of.until <= now:
                of.remaining = None
        while of.sent and of.sent[0] <= now - 60:
            of.sent.popleft()
        if of.limited and len(of.sent) >= self._per_minute:
            of.until, of.why = max(of.until, of.sent[0] + 60), f"there were {self._per_minute:,} requests in a minute"

    def _refused(self, of: _Account, left: float) -> Refused | None:
        """Why it is not waited for so long."""
        if self._stopped.is_set():
            raise Refused(f"{SERVICE} is not asked any more.", service=SERVICE, status=0, code="stopped")
        most = min(self._longest, self._deadline.remaining if self._deadline else self._longest)
        if left > most:
            why = f"{of.why[:1].upper()}{of.why[1:]}. This run waits {shown(most)} at most."
            return _refusal(f"{SERVICE} takes no request before {at(of.until)}, in {shown(left)}.", why, self._fix)
        return None


def limit_of(response: Response) -> str:
    """Which limit a refusal means: `hourly`, `secondary`, "" for none."""
    if response.status not in (403, 429):
        return ""
    if response.headers.get("x-ratelimit-remaining") == "0" and "retry-after" not in response.headers:
        return "hourly"
    code = meaning(response.status, response.headers, response.body)
    asked = response.status == 429 or "retry-after" in response.headers
    return "secondary" if asked or code == RATE_LIMIT else ""


def shown(seconds: float) -> str:
    """A length of time for a person: `45 s`, `12 min 30 s`, `1 h 5 min`."""
    whole = round(max(0.0, seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    minutes = round(whole / 60)
    return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")


def at(moment: float) -> str:
    """A time of the day."""
    return time.strftime("%H:%M:%S UTC", time.gmtime(moment))


def _refusal(what: str, why: str, fix: str = FIX) -> Refused:
    return Refused(what, service=SERVICE, status=429, code=RATE_LIMIT, why=why, fix=fix)


def _number(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else None


def _date(headers: Mapping[str, str], default: float) -> float:
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError, OverflowError):
        return default
