"""One small HTTP client, standard library only, with one policy for every service.

* A deadline bounds everything: connecting, waiting, each read, every retry. A server that drips or hangs costs at
  most one try's time, and the whole never more than the deadline.
* Tried again: 408, 429 and 502–504, and a connection that failed before the request was sent, with jittered backoff
  and `Retry-After` where it fits into the deadline. Never: any other status. A request that may have taken effect
  (`repeatable=False`) is not sent again once its answer is lost; 502 and 504 mean just that.
* Redirects are not followed: credentials would follow them. Bodies are bounded.
* Proxies by HTTPS_PROXY, HTTP_PROXY and NO_PROXY; certificates by the system's store, SSL_CERT_FILE and
  NODE_EXTRA_CA_CERTS, which self-hosted runners already set.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import random
import socket
import time
from urllib.parse import unquote, urlsplit

from chittyactions.errors import AnswerLost, BadAnswer, ServiceError, Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from typing import Any
    from urllib.parse import SplitResult

BODY_LIMIT = 1024 * 1024
"""Bytes of an answer."""

PASSING = frozenset({408, 429, 502, 503, 504})
"""Statuses that may pass by themselves."""

LOST = frozenset({502, 504})
"""Of those, the ones where a gateway lost the answer: the request may have taken effect."""


class Deadline:
    """A point in time that work has to end by. `clock` gives seconds and only runs forward."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.seconds = seconds
        self._end = clock() + seconds

    @property
    def remaining(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._end - self._clock())

    def within(self, seconds: float) -> Deadline:
        """The earlier of this deadline and `seconds` from now."""
        return Deadline(min(seconds, self.remaining), self._clock)


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
        raise BadAnswer(
            f"{self.service} answered with something that is not JSON (HTTP {self.status}, {what}).",
            service=self.service,
            why="A proxy, a login page or an error page answered in place of the service.",
            fix=f"Check the address of {self.service}, the proxy settings, and the service's status; then run again.",
        )


class Client:
    """Sends requests to one service. `service` is its name in messages, `say` shows a line when a try is repeated.

    `connect_timeout` and `try_timeout` are seconds; `tries` counts the first one. `environ` holds proxy and
    certificate settings.
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
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.service = service
        self.deadline = deadline
        self.connect_timeout = connect_timeout
        self.try_timeout = try_timeout
        self.tries = tries
        self._environ = environ
        self._say = say
        self._sleep = sleep
        self._tls: ssl.SSLContext | None = None

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | Callable[[], Mapping[str, str]] | None = None,
        body: bytes | None = None,
        repeatable: bool = True,
        tries: int = 0,
        connect_to: str = "",
        limit: int = BODY_LIMIT,
    ) -> Response:
        """Send a request, and again where the policy allows; return the last answer, whatever its status.

        `headers` as a function is called for every try (a fresh token each). `connect_to` is an origin to connect to
        in place of the URL's own, which stays in the Host header. Raises Unreachable, AnswerLost or BadAnswer.
        """
        tries = tries or self.tries
        for attempt in range(1, tries + 1):
            given = headers() if callable(headers) else headers
            failure: ServiceError | None = None
            response: Response | None = None
            wait = backoff(attempt)
            try:
                response = self._once(method, url, dict(given or {}), body, connect_to, limit)
            except Unreachable as error:
                failure = error
                if getattr(error, "permanent", False):
                    raise
            except AnswerLost as error:
                if not repeatable:
                    raise
                failure = error
            if response is not None:
                if response.status not in PASSING or (response.status in LOST and not repeatable):
                    return response
                wait = max(wait, retry_after(response.headers))
            if attempt == tries or wait >= self.deadline.remaining:
                if response is not None:
                    return response
                assert failure is not None
                raise failure
            reason = (
                failure.what if failure else f"{self.service} answered {response.status if response else ''}."
            )
            self._say(f"{reason} Trying again in {wait:.1f} s ({attempt} of {tries} tries made).")
            self._sleep(wait)
        raise AssertionError("the loop returns or raises")

    def _once(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None, connect_to: str, limit: int
    ) -> Response:
        parts = split(url, self.service)
        target = split(connect_to, self.service) if connect_to else parts
        this_try = self.deadline.within(self.try_timeout)
        if self.deadline.remaining <= 0:
            raise self._late(Unreachable, "before the request was sent")
        headers.setdefault("User-Agent", "chittyops/2")
        headers.setdefault("Accept", "application/json")
        headers["Host"] = parts.netloc.rpartition("@")[2]
        headers["Connection"] = "close"
        connection, path = self._connection(target, parts, headers, this_try)
        try:
            self._connect(connection, target)
            try:
                connection.request(method, path, body=body, headers=headers)
                answer = connection.getresponse()
                data = answer.read(limit + 1)
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise self._lost(error, target) from None
        finally:
            connection.close()
        if len(data) > limit:
            raise BadAnswer(
                f"{self.service} answered with more than {limit // 1024} KiB.",
                service=self.service,
                why="No answer of this service is that long.",
                fix=f"Check the address of {self.service}: {target.scheme}://{target.netloc.rpartition('@')[2]}.",
            )
        response = Response(self.service, answer.status, {k.lower(): v for k, v in answer.getheaders()}, data)
        if 300 <= answer.status < 400 and answer.status != 304:
            raise self._redirected(response)
        return response

    def _connection(
        self, target: SplitResult, parts: SplitResult, headers: dict[str, str], deadline: Deadline
    ) -> tuple[http.client.HTTPConnection, str]:
        """A connection that is not open yet, and the path to ask it for."""
        path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        secure = target.scheme == "https"
        port = target.port or (443 if secure else 80)
        host = target.hostname or ""
        timeout = max(0.001, min(self.connect_timeout, deadline.remaining))
        proxy = proxy_for(target, self._environ)
        dial = (proxy.hostname or "", proxy.port or 80) if proxy else (host, port)
        connection: http.client.HTTPConnection
        if secure:
            connection = http.client.HTTPSConnection(
                dial[0], dial[1], timeout=timeout, context=self._tls_context()
            )
        else:
            connection = http.client.HTTPConnection(dial[0], dial[1], timeout=timeout)
        connection.response_class = _bounded(deadline)
        if proxy:
            authorization = _proxy_authorization(proxy)
            if secure:
                connection.set_tunnel(host, port, headers=authorization)
            else:
                headers.update(authorization)
                path = f"{target.scheme}://{target.netloc.rpartition('@')[2]}{path}"
        return connection, path

    def _connect(self, connection: http.client.HTTPConnection, target: SplitResult) -> None:
        origin = f"{target.scheme}://{target.netloc.rpartition('@')[2]}"
        fix = f"Check the address {origin}, the network and proxy of the runner, and the service's status; then run again."
        try:
            connection.connect()
        except OSError as error:
            permanent = type(error).__name__ == "SSLCertVerificationError"
            if permanent:
                why = f"its certificate is not trusted ({getattr(error, 'verify_message', '') or 'verification failed'})"
                fix = (
                    "Point SSL_CERT_FILE or NODE_EXTRA_CA_CERTS at the certificate authority of your proxy or "
                    f"mirror, or correct the address {origin}."
                )
            elif isinstance(error, socket.gaierror):
                why = f"the name {target.hostname} could not be resolved"
            elif isinstance(error, TimeoutError):
                why = "the connection was not accepted in time"
            else:
                why = str(error.strerror or error) or type(error).__name__
            failure = Unreachable(
                f"{self.service} could not be reached: {why}.",
                service=self.service,
                why="No request was sent, so nothing was done.",
                fix=fix,
            )
            failure.permanent = permanent  # type: ignore[attr-defined]
            raise failure from None

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            import ssl

            self._tls = ssl.create_default_context()
            extra = self._environ.get("NODE_EXTRA_CA_CERTS")
            if extra and os.path.isfile(extra):  # noqa: PTH113 - pathlib costs an import on the exchange's path
                self._tls.load_verify_locations(extra)
        return self._tls

    def _lost(self, error: Exception, target: SplitResult) -> ServiceError:
        if isinstance(error, TimeoutError):
            return self._late(AnswerLost, "and no whole answer came in time")
        if isinstance(error, http.client.IncompleteRead):
            why = "the answer ended before its announced length"
        elif isinstance(error, (http.client.BadStatusLine, http.client.LineTooLong, ValueError)):
            why = "what came back is not HTTP"
        elif isinstance(error, OSError):
            why = f"the connection broke ({error.strerror or type(error).__name__})"
        else:
            why = f"the answer could not be read ({type(error).__name__})"
        return AnswerLost(
            f"The answer of {self.service} was lost: {why}.",
            service=self.service,
            why="The request was sent, so it may have taken effect.",
            fix=f"Check the status of {self.service} at {target.scheme}://{target.netloc.rpartition('@')[2]}, then run again.",
        )

    def _late(self, kind: type[ServiceError], when: str) -> ServiceError:
        limit = min(self.try_timeout, self.deadline.seconds)
        return kind(
            f"{self.service} took longer than {limit:g} s, {when}.",
            service=self.service,
            why=f"The whole deadline is {self.deadline.seconds:g} s, one try's {self.try_timeout:g} s.",
            fix=f"Run again when {self.service} is well, or raise the timeout input.",
        )

    def _redirected(self, response: Response) -> BadAnswer:
        try:
            where = urlsplit(response.headers.get("location", ""))
            place = f" to {where.scheme}://{where.hostname}" if where.hostname else ""
        except ValueError:
            place = ""
        return BadAnswer(
            f"{self.service} answered with a redirect{place} (HTTP {response.status}), which is not followed.",
            service=self.service,
            why="Credentials would be sent along to another address.",
            fix="If that address is right, use it as the base URL of the service.",
        )


def backoff(attempt: int) -> float:
    """Seconds to wait after a try: 0.5, 1, 2, 4 … at most 15, each jittered down to a half."""
    return min(15.0, 0.5 * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that `Retry-After` asks for (a number or a date), else 0."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    if text:
        from email.utils import parsedate_to_datetime

        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
        except (ValueError, TypeError):
            return 0.0
    return 0.0


def split(url: str, service: str) -> SplitResult:
    """The parts of an absolute http(s) URL, or BadAnswer that names the service whose address it is."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or any(character.isspace() for character in url):
        raise BadAnswer(
            f"The address of {service} is not an http(s) URL.",
            service=service,
            why=f"It reads {url[:80]!r}." if "@" not in url else "",
            fix="Give an absolute URL such as https://connect.chitty.cc.",
        )
    return parts


def proxy_for(target: SplitResult, environ: Mapping[str, str]) -> SplitResult | None:
    """The proxy to go through, or None. NO_PROXY holds host names, suffixes (`.corp`, `corp`), `host:port`, or `*`."""
    name = f"{target.scheme}_proxy"
    address = environ.get(name) or (
        "" if name == "http_proxy" and environ.get("REQUEST_METHOD") else environ.get(name.upper())
    )
    if not address:
        return None
    host = (target.hostname or "").lower()
    port = target.port or (443 if target.scheme == "https" else 80)
    for rule in (environ.get("no_proxy") or environ.get("NO_PROXY") or "").lower().replace(",", " ").split():
        bare = rule.lstrip("*").lstrip(".")
        if rule == "*" or host == bare or host.endswith("." + bare) or f"{host}:{port}" == bare:
            return None
    return split(address if "://" in address else "http://" + address, "the proxy")


def _proxy_authorization(proxy: SplitResult) -> dict[str, str]:
    if not proxy.username:
        return {}
    import base64

    user = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": "Basic " + base64.b64encode(user.encode()).decode()}


def _bounded(deadline: Deadline) -> Any:
    """A response class whose every read ends with the deadline: a dripping server defeats a plain socket timeout."""

    class Bounded(http.client.HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
            super().__init__(sock, *args, **kwargs)
            self.fp.close()
            self.fp = io.BufferedReader(_DeadlineReader(sock, deadline))

    return Bounded


class _DeadlineReader(io.RawIOBase):
    """Reads a socket with what is left of the deadline as the timeout of each read."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._file = sock.makefile("rb", buffering=0)
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline.remaining
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()
