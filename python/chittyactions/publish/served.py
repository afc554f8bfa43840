"""What an address really serves to a user: its size and hash, looked at without any credential."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from chittyactions.errors import ServiceError, Unreachable
from chittyactions.http import Client
from chittyactions.publish.model import Say

DOCS = "package-publish.md#homebrew-served"
REDIRECTS = 5
LARGEST = 2 * 1024**3
"""Bytes of a download."""
SLACK = 1024 * 1024
"""Bytes more than a limit at which the client itself ends a download that we have ended before."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 15.0
"""Seconds between two looks: they grow."""
MOVED = frozenset({301, 302, 303, 307, 308})
HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "Cache-Control": "no-cache"}
"""What a download tool sends; a compressed answer would have another hash."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Served:
    """What came from `url`, where redirects ended: HTTP's `status`, and of a 200 the body's SHA-256 (hex) and bytes.

    `sha256` is "" where the body was not read to its end.
    """

    url: str
    status: int
    sha256: str = ""
    size: int = 0

    def __str__(self) -> str:
        if self.status != 200:
            return f"HTTP {self.status}"
        return f"{self.size} bytes with sha256 {self.sha256}" if self.sha256 else f"more than {self.size} bytes"


class Public:
    """Looks at public addresses. `edge` is an origin to connect to in place of any host that is not this machine.

    `fix` is what to do about an address that does not serve the release, where that is known.
    `client` has to give one try the time that a large download takes.
    """

    def __init__(self, client: Client, *, edge: str = "", fix: str = "", say: Say = lambda _: None) -> None:
        self._client = client
        self._edge = edge
        self._fix = fix
        self._say = say

    def look(self, url: str, *, limit: int = LARGEST, tries: int = 0, within: float = 0.0) -> Served:
        """Download what is at `url` once, over at most five redirects, reading `limit` bytes at most.

        `tries` and `within` (seconds) as `Client.send` has them. Raises ServiceError when nothing whole came, or when
        an address is neither https nor http on this machine.
        """
        address = url
        for _ in range(REDIRECTS + 1):
            parts = self._allowed(address, url)
            body = _Digest(limit)
            try:
                answer = self._client.send(
                    "GET",
                    address,
                    headers=HEADERS,
                    connect_to="" if parts.hostname in LOOPBACK else self._edge,
                    limit=limit + SLACK,
                    into=body.begin,
                    redirects=True,
                    tries=tries,
                    within=within,
                )
            except _TooMuch:
                return Served(address, 200, size=limit)
            if answer.status not in MOVED:
                whole = answer.status == 200
                return Served(address, answer.status, body.hex if whole else "", body.size if whole else 0)
            address = urljoin(address, answer.headers.get("location", ""))
        raise self._failure(f"{shown(url)} redirects more than {REDIRECTS} times.", "It leads nowhere.")

    def wait(self, url: str, *, sha256: str, size: int = 0, seconds: float = 300.0) -> Served:
        """Look until `url` serves the bytes of that hash, at most for `seconds`; 0: one look.

        `size` is their number where it is known. Raises ServiceError that tells what came instead.
        """
        until = self._client.deadline.within(seconds)
        pause = FIRST_PAUSE
        while True:
            fix = self._fix
            try:
                # A longer body is not the one that is waited for, whatever it is: it need not be read.
                seen = self.look(url, limit=size or LARGEST, tries=1 if seconds else 0, within=until.remaining)
                if seen.sha256 == sha256:
                    return seen
                instead = str(seen)
            except ServiceError as failure:
                if isinstance(failure, Unreachable) and failure.permanent:
                    raise
                instead, fix = failure.what.rstrip("."), fix or failure.fix
            if until.remaining <= pause:
                raise self._failure(
                    f"{shown(url)} does not serve the release: {instead}.",
                    f"Expected were {f'{size} bytes with ' if size else ''}sha256 {sha256}"
                    + (f", and waited for {seconds:g} s." if seconds else "."),
                    fix or "Check the input public_url and what serves it, then run again: what is published is found.",
                )
            self._say(f"{shown(url)} does not serve the release yet ({instead}). Looking again in {pause:.0f} s.")
            until.pause(pause)
            pause = min(LONGEST_PAUSE, pause * 1.5)

    def _allowed(self, address: str, first: str) -> SplitResult:
        """The parts of an address that may be asked: https, or http where no network is between."""
        try:
            parts = urlsplit(address)
            here = parts.hostname in LOOPBACK and (bool(self._edge) or urlsplit(first).hostname in LOOPBACK)
        except ValueError:
            parts, here = SplitResult("", "", "", "", ""), False
        secure = parts.scheme == "https" or (parts.scheme == "http" and here)
        if not secure or not parts.hostname or "@" in parts.netloc:
            led = "" if address == first else f"{shown(first)} leads to "
            raise self._failure(
                f"{led}{shown(address)}, which is no https address that can be asked.",
                "A formula's url is an https address without user and password.",
                "Give the input public_url such an address.",
            )
        return parts

    def _failure(self, what: str, why: str, fix: str = "") -> ServiceError:
        fix = fix or "Check the input public_url and what serves it."
        return ServiceError(what, service=self._client.service, why=why, fix=fix, docs=DOCS)


def shown(url: str) -> str:
    """An address as it may be shown: without user, password, query and fragment."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    except ValueError:
        return "the address"


class _TooMuch(Exception):
    """More bytes than are of interest."""


class _Digest:
    """Takes a body of at most `limit` bytes; a new try begins it anew."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.begin()

    def begin(self) -> _Digest:
        """A body begins."""
        self._hash = hashlib.sha256()
        self.size = 0
        return self

    def __call__(self, piece: bytes) -> None:
        """A piece of the body."""
        self.size += len(piece)
        if self.size > self._limit:
            raise _TooMuch
        self._hash.update(piece)

    @property
    def hex(self) -> str:
        """The hash of what was taken."""
        return self._hash.hexdigest()
