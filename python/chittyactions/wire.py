"""One HTTP request over one connection, with reads that end with the deadline.

What is sent and how often is `http`'s business; what can go wrong on the way is told apart here, since it decides
whether a request may be sent again: `Unreachable` (never sent) or `AnswerLost` (sent, outcome unknown).
"""

from __future__ import annotations

import http.client
import io
import socket

from chittyactions.dial import dial, origin, proxy_authorization, proxy_for, split, tls_context
from chittyactions.errors import AnswerLost, BadAnswer, ServiceError, Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Protocol
    from urllib.parse import SplitResult

    class Remaining(Protocol):
        """What is left of a deadline: `http.Deadline`."""

        @property
        def remaining(self) -> float:
            """Seconds left, never below 0."""

    Answer = tuple[int, dict[str, str], bytes]
    Into = Callable[[], Callable[[bytes], object]]
    """Called when a success's body begins; what it returns takes the body, piece by piece."""


PIECE = 256 * 1024
"""Bytes that are read at once of a body that is taken piece by piece."""

REFUSAL_LIMIT = 1024 * 1024
"""Bytes of a refusal where a success may be far longer."""

SLICE = 0.2
"""Seconds that one read waits before it looks at the deadline again: a cancelled job brings it forward."""


class Wire:
    """A way to `service` by the proxies and certificates of `environ`."""

    def __init__(self, service: str, environ: Mapping[str, str], connect_timeout: float) -> None:
        self.service = service
        self.connect_timeout = connect_timeout
        self._environ = environ

    def exchange(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        *,
        deadline: Remaining,
        connect_to: str,
        limit: int,
        on_send: Callable[[], None],
        into: Into | None = None,
    ) -> Answer:
        """Send one request, read its answer: status, headers by lower-case name, body.

        `on_send` is called when the connection stands and the first byte is about to leave. With `into` the body of
        a success is handed on in pieces, and the answer's is empty. Raises Unreachable, AnswerLost, or BadAnswer for
        a body of more than `limit` bytes.
        """
        parts = split(url, self.service)
        target = split(connect_to, self.service) if connect_to else parts
        headers["Host"] = parts.netloc.rpartition("@")[2]
        headers["Connection"] = "close"
        answers: list[http.client.HTTPResponse] = []
        connection, path = self._connection(target, parts, headers, _bounded(deadline, answers), deadline)
        try:
            self._connect(connection, target)
            on_send()
            try:
                connection.sock.settimeout(max(0.001, deadline.remaining))
                connection.request(method, path, body=body, headers={k: v.encode() for k, v in headers.items()})
                answer = connection.getresponse()
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise self._lost(error, target) from None
            if into and 200 <= answer.status < 300:
                data = b""
                self._pour(answer, into(), limit, target)
            else:
                limit = min(limit, REFUSAL_LIMIT) if into else limit
                data = self._read(answer, limit + 1, target)
                if len(data) > limit:
                    raise self._too_long(answer, limit, target)
        finally:
            for opened in answers:  # the connection hands its socket over; before 3.11.4 a tunnel's answer stays open
                opened.close()
            connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, data

    def _read(self, answer: http.client.HTTPResponse, amount: int, target: SplitResult) -> bytes:
        """The next `amount` bytes of a body, fewer only at its end."""
        try:
            data = answer.read(amount)
            if answer.length and len(data) < amount:  # a bounded read passes over an early end
                raise http.client.IncompleteRead(data, answer.length)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._lost(error, target) from None
        return data

    def _pour(
        self, answer: http.client.HTTPResponse, take: Callable[[bytes], object], limit: int, target: SplitResult
    ) -> None:
        """Hand a body on; what `take` raises is its caller's own."""
        taken = 0
        while piece := self._read(answer, PIECE, target):
            taken += len(piece)
            if taken > limit:
                raise self._too_long(answer, limit, target)
            take(piece)

    def _too_long(self, answer: http.client.HTTPResponse, limit: int, target: SplitResult) -> BadAnswer:
        failure = BadAnswer(
            f"{self.service} answered with more than {limit // 1024} KiB.",
            service=self.service,
            why="No answer of this service is that long.",
            fix=f"Check the address of {self.service}: {origin(target)}.",
        )
        failure.status = answer.status
        return failure

    def _connection(
        self, target: SplitResult, parts: SplitResult, headers: dict[str, str], response_class: Any, deadline: Remaining
    ) -> tuple[http.client.HTTPConnection, str]:
        """A connection that is not open yet, and the path to ask it for."""
        path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        secure = target.scheme == "https"
        port = target.port or (443 if secure else 80)
        host = target.hostname or ""
        timeout = max(0.001, min(self.connect_timeout, deadline.remaining))
        proxy = proxy_for(target, self._environ)
        first, at = (proxy.hostname or "", proxy.port or 80) if proxy else (host, port)
        connection: http.client.HTTPConnection
        if secure:
            context = tls_context(self._environ.get("NODE_EXTRA_CA_CERTS", ""), self.service)
            connection = http.client.HTTPSConnection(first, at, timeout=timeout, context=context)
        else:
            connection = http.client.HTTPConnection(first, at, timeout=timeout)
        connection.response_class = response_class
        connection._create_connection = dial  # type: ignore[attr-defined]  # noqa: SLF001 - its own seam
        if proxy:
            authorization = proxy_authorization(proxy)
            if secure:
                connection.set_tunnel(host, port, headers=authorization)
            else:
                headers.update(authorization)
                path = origin(target) + path
        return connection, path

    def _connect(self, connection: http.client.HTTPConnection, target: SplitResult) -> None:
        fix = f"Check the address {origin(target)}, the runner's network and proxy, and the service's status."
        try:
            connection.connect()
        except (OSError, http.client.HTTPException) as error:
            permanent = type(error).__name__ == "SSLCertVerificationError"
            if permanent:
                verdict = getattr(error, "verify_message", "") or "verification failed"
                why = f"its certificate is not trusted ({verdict.rstrip('.')})"
                fix = (
                    "Point SSL_CERT_FILE or NODE_EXTRA_CA_CERTS at the certificate authority of your proxy or "
                    f"mirror, or correct the address {origin(target)}."
                )
            elif isinstance(error, socket.gaierror):
                why = f"the name {connection.host} could not be resolved"
            elif isinstance(error, TimeoutError):
                why = "the connection was not accepted in time"
            else:
                why = getattr(error, "strerror", "") or str(error) or type(error).__name__
            failure = Unreachable(
                f"{self.service} could not be reached: {why}.",
                service=self.service,
                why="No request was sent, so nothing was done.",
                fix=fix,
            )
            failure.permanent = permanent
            raise failure from None

    def _lost(self, error: Exception, target: SplitResult) -> ServiceError:
        if isinstance(error, TimeoutError):
            why = "no whole answer came in time"
        elif isinstance(error, http.client.IncompleteRead):
            why = "it ended before its announced length"
        elif isinstance(error, (ConnectionError, http.client.RemoteDisconnected)):
            why = "the connection broke"
        elif isinstance(error, OSError):
            why = f"the connection broke ({error.strerror or type(error).__name__})"
        else:
            why = "what came back is not HTTP"
        return AnswerLost(
            f"The answer of {self.service} was lost: {why}.",
            service=self.service,
            why="The request was sent, so it may have taken effect.",
            fix=f"Check the status of {self.service} at {origin(target)}, then run again.",
        )


def _bounded(deadline: Remaining, opened: list[http.client.HTTPResponse]) -> Any:
    """A response class whose every read ends with the deadline: a dripping server defeats a plain socket timeout.

    Each response goes to `opened`, a proxy's answer to CONNECT too, so that all of them can be closed.
    """

    class Bounded(http.client.HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
            super().__init__(sock, *args, **kwargs)
            self.fp.close()
            self.fp = io.BufferedReader(_DeadlineReader(sock, deadline))
            opened.append(self)

    return Bounded


class _DeadlineReader(io.RawIOBase):
    """Reads a socket until the deadline, which may be brought forward meanwhile."""

    def __init__(self, sock: socket.socket, deadline: Remaining) -> None:
        self._file = sock.makefile("rb", buffering=0)  # keeps the socket open for as long as it is read
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        while True:
            left = self._deadline.remaining
            if left <= 0:
                raise TimeoutError
            self._sock.settimeout(min(left, SLICE))
            try:
                return self._sock.recv_into(buffer)
            except TimeoutError:
                continue

    def close(self) -> None:
        self._file.close()
        super().close()
