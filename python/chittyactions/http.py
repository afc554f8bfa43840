"""One small HTTP client, standard library only, with one policy for every service.

* A deadline bounds everything: connecting, waiting, each read, every retry. A server that drips or hangs costs at
  most one try's time, and the whole never more than the deadline.
* Tried again: 408, 429 and 502 to 504, and a connection that failed before the request was sent, with jittered backoff
  and `Retry-After` where it fits into the deadline, which ends a wait too. Never: any other status. A request that may
  have taken effect (`repeatable=False`) is not sent again once its answer is lost; 502 and 504 mean just that.
* Redirects are not followed: credentials would follow them. Bodies are bounded.
"""

from __future__ import annotations

import json
import os
import time

from chittyactions.errors import AnswerLost, BadAnswer, Refused, ServiceError, Unreachable
from chittyactions.wire import Wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from chittyactions.wire import Into

BODY_LIMIT = 1024 * 1024
"""Bytes of an answer."""

PASSING = frozenset({408, 429, 502, 503, 504})
"""Statuses that may pass by themselves."""

LOST = frozenset({502, 504})
"""Of those, the ones where a gateway lost the answer: the request may have taken effect."""


ASKING = frozenset({"GET", "HEAD"})
"""Methods that change nothing, so that a lost answer leaves no doubt."""

ONLY_ASKED = "It was only asked what is there, so nothing was changed."


class Deadline:
    """A point in time that work has to end by. `clock` gives seconds and only runs forward."""

    def __init__(
        self, seconds: float, clock: Callable[[], float] = time.monotonic, *, whole: Deadline | None = None
    ) -> None:
        self._clock = clock
        self._whole = whole
        self.seconds = seconds
        self._begun = clock()
        self._end = self._begun + seconds

    @property
    def remaining(self) -> float:
        """Seconds left, never below 0."""
        left = max(0.0, self._end - self._clock())
        return min(left, self._whole.remaining) if self._whole else left

    @property
    def spent(self) -> float:
        """Seconds since its beginning."""
        return self._clock() - self._begun

    def within(self, seconds: float) -> Deadline:
        """The earlier of `seconds` from now and this deadline, even when this one is brought forward later."""
        return Deadline(min(seconds, self.remaining), self._clock, whole=self)

    def shorten(self, seconds: float) -> None:
        """Bring this deadline forward to `seconds` from now; it never moves back."""
        self._end = min(self._end, self._clock() + seconds)

    def pause(self, seconds: float) -> None:
        """Sleep, but not beyond this deadline, which a signal may bring forward meanwhile."""
        until = self._clock() + seconds
        while (left := min(until - self._clock(), self.remaining)) > 0:
            time.sleep(min(left, 0.1))


class Response:
    """An answer: `status`, `headers` (names in lower case) and the whole `body`."""

    def __init__(self, service: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.service = service
        self.status = status
        self.headers = headers
        self.body = body

    def json(self) -> Any:
        """The body as JSON. Raises BadAnswer without quoting it."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            pass
        kind = self.headers.get("content-type", "").split(";")[0].strip() or "no content type"
        what = "an empty body" if not self.body.strip() else f"{len(self.body)} bytes of {kind}"
        failure = BadAnswer(
            f"{self.service} answered with something that is not JSON (HTTP {self.status}, {what}).",
            service=self.service,
            why="A proxy, a login page or an error page answered in place of the service.",
            fix=f"Check the address of {self.service}, the proxy settings, and the service's status; then run again.",
        )
        failure.status = self.status
        raise failure


class Client:
    """Sends requests to one service. `service` is its name in messages, `say` shows a line when a try is repeated.

    `connect_timeout` and `try_timeout` are seconds; `tries` counts the first one. `environ` holds proxy and
    certificate settings. A `Retry-After` of more than `longest_wait` seconds is an error, however far the deadline is.
    """

    def __init__(
        self,
        service: str,
        deadline: Deadline,
        *,
        connect_timeout: float = 10.0,
        try_timeout: float = 30.0,
        tries: int = 4,
        environ: Mapping[str, str] = os.environ,
        say: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], None] | None = None,
        longest_wait: float = float("inf"),
    ) -> None:
        self.service = service
        self.deadline = deadline
        self.try_timeout = try_timeout
        self.tries = tries
        self._wire = Wire(service, environ, connect_timeout)
        self._say = say
        self._sleep = sleep
        self._longest_wait = longest_wait

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | Callable[[], Mapping[str, str]] | None = None,
        body: bytes | None = None,
        repeatable: bool = True,
        tries: int = 0,
        within: float = 0.0,
        connect_to: str = "",
        limit: int = BODY_LIMIT,
        into: Into | None = None,
        redirects: bool = False,
        final: Callable[[Response], bool] = lambda _: False,
        on_send: Callable[[], None] = lambda: None,
        on_settled: Callable[[], None] = lambda: None,
    ) -> Response:
        """Send a request, and again where the policy allows; return the last answer, whatever its status.

        `headers` as a function is called for every try (a fresh token each). `connect_to` is an origin to connect to
        in place of the URL's own, which stays in the Host header. `within` seconds bound this call with all its tries
        more tightly than the deadline, 0 for no such bound. `into` is called when a success's body begins
        and returns what takes it piece by piece, `limit` bytes at most in any case. `redirects`: return a redirect,
        not followed, in place of an error. `final` says of an answer that it will not get better. `on_send` is
        called when a request leaves, `on_settled` when it had no effect and another will follow.
        Raises Unreachable, AnswerLost, BadAnswer, or Refused where the wait that is asked for is too long.
        """
        tries = tries or self.tries
        deadline = self.deadline.within(within) if within else self.deadline
        for attempt in range(1, tries + 1):
            given = headers() if callable(headers) else headers
            failure: ServiceError | None = None
            response: Response | None = None
            wait = backoff(attempt)
            try:
                response = self._once(method, url, dict(given or {}), body, deadline, connect_to, limit, on_send, into)
                if not redirects and 300 <= response.status < 400 and response.status != 304:
                    raise self._redirected(response)
            except Unreachable as error:
                failure = error
                if error.permanent:
                    raise
            except AnswerLost as error:
                failure = error
                if not repeatable:
                    raise
            if response is not None:
                if response.status not in PASSING or (response.status in LOST and not repeatable) or final(response):
                    return response
                asked = retry_after(response.headers)
                wait = max(wait, asked)
                if attempt < tries:
                    self._refuse_long(asked, response.status)
            reason = failure.what if failure else f"{self.service} answered {response.status if response else ''}."
            told = f"{reason} Trying again in {wait:.1f} s ({attempt} of {tries} tries made)."
            if attempt == tries or not self._waited(wait, deadline, told, on_settled):
                if response is not None:
                    return response
                assert failure is not None
                raise failure
        raise AssertionError("the loop returns or raises")

    def _waited(self, wait: float, deadline: Deadline, told: str, on_settled: Callable[[], None]) -> bool:
        """Whether there is time for another try, now that the wait before it is over."""
        if wait >= deadline.remaining:
            return False
        on_settled()
        self._say(told)
        (self._sleep or deadline.pause)(wait)
        return deadline.remaining > 0  # a cancelled job brings it forward meanwhile

    def _once(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        deadline: Deadline,
        connect_to: str,
        limit: int,
        on_send: Callable[[], None],
        into: Into | None,
    ) -> Response:
        if deadline.remaining <= 0:
            raise self._late(Unreachable, "before the request was sent", deadline, deadline)
        headers.setdefault("User-Agent", "chittyops/2")
        headers.setdefault("Accept", "application/json")
        this_try = deadline.within(self.try_timeout)
        try:
            answer = self._wire.exchange(
                method, url, headers, body,
                deadline=this_try, connect_to=connect_to, limit=limit, on_send=on_send, into=into,
            )  # fmt: skip
        except AnswerLost as lost:
            late = this_try.remaining <= 0
            failure = self._late(AnswerLost, "and no whole answer came in time", deadline, this_try) if late else lost
            if method in ASKING:
                failure.why = f"{failure.why} {ONLY_ASKED}" if late else ONLY_ASKED
            raise failure from None
        return Response(self.service, *answer)

    def _late(self, kind: type[ServiceError], when: str, deadline: Deadline, late: Deadline) -> ServiceError:
        limit = min(self.try_timeout, deadline.seconds, late.spent)  # a cancelled job ends it earlier
        told = round(limit, 1) or limit  # what a wait of 1 s took is 0.999 s to some clocks
        return kind(
            f"{self.service} took longer than {told:.3g} s, {when}.",
            service=self.service,
            why=f"The whole deadline is {round(deadline.seconds, 1):g} s, one try's {self.try_timeout:g} s.",
            fix=f"Run again when {self.service} is well, or raise the timeout input where the action has one.",
        )

    def _refuse_long(self, asked: float, status: int) -> None:
        if asked > self._longest_wait:
            raise Refused(
                f"{self.service} asks to wait {asked:.0f} s before the next try (HTTP {status}).",
                service=self.service,
                status=status,
                why=f"A request is not held back for more than {self._longest_wait:g} s.",
                fix="Run again after that time.",
            )

    def _redirected(self, response: Response) -> BadAnswer:
        from urllib.parse import urlsplit

        try:
            where = urlsplit(response.headers.get("location", ""))
            place = f" to {where.scheme}://{where.hostname}" if where.hostname else ""
        except ValueError:
            place = ""
        failure = BadAnswer(
            f"{self.service} answered with a redirect{place} (HTTP {response.status}), which is not followed.",
            service=self.service,
            why="Credentials would be sent along to another address.",
            fix="If that address is right, use it as the base URL of the service.",
        )
        failure.status = response.status
        return failure


def backoff(attempt: int) -> float:
    """Seconds to wait after a try: 0.5, 1, 2, 4 … at most 15, each jittered down to a half."""
    jitter = int.from_bytes(os.urandom(2), "big") / 65536  # `random` costs an import on the exchange's path
    return min(15.0, 0.5 * 2.0 ** (attempt - 1)) * (0.5 + jitter / 2)


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that `Retry-After` asks for (a number or a date), else 0."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    if text:
        from email.utils import parsedate_to_datetime

        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
        except (ValueError, TypeError, OverflowError):
            return 0.0
    return 0.0
