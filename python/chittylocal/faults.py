"""Faults that can be laid over any service: which requests they hit, and what then happens instead.

`Fault` says what goes wrong, `FaultBook` when. How each looks on the wire is in `misbehave`.
"""

from __future__ import annotations

import fnmatch
import json
import threading
from dataclasses import dataclass, field, fields
from typing import Any

KINDS = {
    "status": "answer `status` with `headers` and `body`",
    "reset": "read the request, then reset the connection (TCP RST)",
    "close": "read the request, then close the connection without an answer",
    "hang": "read the request and never answer",
    "drip": "answer one byte every `interval` seconds without end, in `where` (headers or body)",
    "truncated": "announce a body of 4096 bytes, send 64 of them, close",
    "html": "answer a page of HTML",
    "empty": "answer with no body",
    "huge": "answer JSON of `size` bytes (64 MiB)",
    "garbage": "answer something that is no HTTP",
    "redirect": "redirect (`status`, 307) to another origin that notes what arrives, or to `location`",
    "slow": "let the request through after `delay` seconds",
    "hold": "let the request through when the faults are cleared",
}
"""Every kind with what it does. (A refused connection is no answer: see `Local.closed_url`.)"""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        kind: a key of `KINDS`.
        status: HTTP status; None takes the kind's own (status 503, redirect 307, else 200).
        headers: additional headers of the answer.
        body: bytes, text, or a value that is sent as JSON.
        times: how many requests are hit before the fault is spent; None: every one.
        skip: how many matching requests pass untouched before the first is hit.
        delay: seconds between reading the request and misbehaving.
        after_effect: run the real service first and lose its answer: the credential is minted, the version
            uploaded, and the caller can't know.
        where: for drip, `headers` or `body`.
        interval: for drip, seconds between two bytes.
        size: for huge, bytes.
        location: for redirect, where to; `{path}` stands for the request's own path and query.
    """

    kind: str
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = b""
    times: int | None = None
    skip: int = 0
    delay: float = 0.0
    after_effect: bool = False
    where: str = "body"
    interval: float = 0.05
    size: int = 64 * 1024 * 1024
    location: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault is called {self.kind!r}; there are {', '.join(KINDS)}")
        if self.where not in ("headers", "body"):
            raise ValueError(f"a drip is in headers or body, not in {self.where!r}")

    def payload(self) -> bytes:
        """The body as it is sent."""
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode("utf-8")


@dataclass
class Rule:
    """A fault with the requests that it hits: glob patterns for service, method and path."""

    service: str
    method: str
    path: str
    fault: Fault
    seen: int = 0

    def hits(self, service: str, method: str, path: str) -> bool:
        """Whether the request matches and the fault isn't spent; counts the request when it matches."""
        pairs = ((service, self.service), (method, self.method.upper()), (path, self.path))
        if not all(fnmatch.fnmatchcase(value, pattern) for value, pattern in pairs):
            return False
        first, last = self.fault.skip, self.fault.times
        self.seen += 1
        return self.seen > first and (last is None or self.seen <= first + last)


class FaultBook:
    """The faults in force, in the order in which they were laid; the first that hits a request wins."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def add(self, service: str, method: str, path: str, fault: Fault) -> None:
        """Lay `fault` over requests; each of service, method and path is a glob pattern (`*`: all)."""
        with self._lock:
            self._rules.append(Rule(service, method, path, fault))

    def clear(self) -> None:
        """Everything works again."""
        with self._lock:
            self._rules.clear()

    def in_force(self, fault: Fault) -> bool:
        """Whether a fault was laid and not cleared since."""
        with self._lock:
            return any(rule.fault is fault for rule in self._rules)

    def match(self, service: str, method: str, path: str) -> Fault | None:
        """The fault that this request meets, or None."""
        with self._lock:
            return next((rule.fault for rule in self._rules if rule.hits(service, method, path)), None)


def parse_fault(spec: str) -> tuple[str, str, str, Fault]:
    """Read `SERVICE METHOD PATH KIND [name=value …]`, as the command line has it.

    Example: `connect POST /api/credentials/provision status status=429 times=2 headers.Retry-After=1`.
    Raises ValueError with what is wrong and what would be right.
    """
    words = spec.split()
    if len(words) < 4:
        raise ValueError(f"a fault is SERVICE METHOD PATH KIND [name=value …]; got {spec!r}")
    service, method, path, kind, *options = words
    known = {item.name: item for item in fields(Fault) if item.name not in ("kind", "headers")}
    values: dict[str, Any] = {}
    headers: dict[str, str] = {}
    for option in options:
        name, equals, text = option.partition("=")
        if name.startswith("headers.") and equals:
            headers[name.removeprefix("headers.")] = text
        elif name in known and equals:
            values[name] = _typed(name, text)
        else:
            raise ValueError(f"{option!r} is no option of a fault; there are {', '.join(known)}, headers.NAME")
    return service, method, path, Fault(kind, headers=headers, **values)


def _typed(name: str, text: str) -> Any:
    if name in ("status", "times", "skip", "size"):
        return int(text)
    if name in ("delay", "interval"):
        return float(text)
    if name == "after_effect":
        return text.lower() in ("1", "true", "yes")
    return text
