"""One bucket's S3 API on the wire: signed requests, refusals explained, and what is tried again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from textwrap import shorten
from xml.etree.ElementTree import Element

from chittyactions.ecosystem import s3_xml
from chittyactions.ecosystem.s3_codes import MISSING, OF_STATUS, PASSING, explain
from chittyactions.ecosystem.s3_signature import EMPTY, Keys, path_of, query_of, sign
from chittyactions.errors import AnswerLost, BadAnswer, Refused
from chittyactions.http import BODY_LIMIT, LOST, Client, Response, backoff

SERVICE = "R2"
REGION = "auto"
TRIES = 4
DOCS = "package-publish.md#r2-credentials"

MAYBE_DONE = LOST | {500}
"""Statuses of a write that may have taken effect all the same."""

Take = Callable[[], Callable[[bytes], object]]
"""Called when a body begins; what it returns takes the body, piece by piece."""


class Wire:
    """Sends requests to one bucket at `endpoint` (an origin). Safe to use from several threads.

    `say` shows a line when something is tried again.

    Every method raises Refused (with S3's code, explained), Unreachable, AnswerLost or BadAnswer. `repeatable=False`:
    sent once, so that a lost answer is the caller's to clear up.
    """

    def __init__(
        self,
        client: Client,
        keys: Keys,
        *,
        endpoint: str,
        bucket: str,
        say: Callable[[str], None],
        clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        self._client = client
        self._keys = keys
        self._endpoint = endpoint.rstrip("/")
        self._say = say
        self._clock = clock
        self.bucket = bucket

    def pause(self, seconds: float) -> None:
        """Sleep, and not beyond the deadline."""
        self._client.deadline.pause(seconds)

    def xml(
        self,
        method: str,
        key: str,
        query: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        root: str,
        repeatable: bool = True,
    ) -> Element:
        """The answer's root element, which has to be called `root`. A success may carry an error within."""
        digest = hashlib.sha256(body).hexdigest()
        response = self.ask(method, key, query, headers=headers, body=body, body_hash=digest, repeatable=repeatable)
        try:
            found = s3_xml.read(response.body)
        except s3_xml.NotXml:
            raise unexpected(method, key, response.status, "no XML of S3's") from None
        if found.tag == "Error":
            raise self._refusal(method, key, response)
        if found.tag != root:
            raise unexpected(method, key, response.status, "XML of another kind")
        return found

    def ask(
        self,
        method: str,
        key: str,
        query: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        body_hash: str = EMPTY,
        repeatable: bool = True,
        limit: int = BODY_LIMIT,
        into: Take | None = None,
    ) -> Response:
        """A success. Sent again where S3's code says that the error passes."""
        url = self._endpoint + path_of(self.bucket, *([key] if key else []))
        if query:
            url += "?" + query_of(query.items())
        given = {"Accept": "application/xml", **(headers or {})}

        def signed() -> dict[str, str]:
            return sign(method, url, given, body_hash, self._keys, moment=self._clock(), region=REGION)

        for attempt in range(1, TRIES + 1):
            response = self._client.send(
                method, url, headers=signed, body=body or None, repeatable=repeatable, into=into, limit=limit
            )
            if response.status < 300:
                return response
            if response.status in MAYBE_DONE and not repeatable:
                raise _lost(response.status)
            refusal = self._refusal(method, key, response)
            wait = backoff(attempt)
            passing = repeatable and refusal.code in PASSING
            if not passing or attempt == TRIES or wait >= self._client.deadline.remaining:
                raise refusal
            self._say(f"{refusal.what} Trying again in {wait:.1f} s ({attempt} of {TRIES} tries made).")
            self.pause(wait)
            if self._client.deadline.remaining <= 0:  # a cancelled job brings it forward in a wait
                raise refusal
        raise AssertionError("the loop returns or raises")

    def _refusal(self, method: str, key: str, response: Response) -> Refused:
        try:
            root = s3_xml.read(response.body)
            code, said = (root.findtext(name, "").strip() for name in ("Code", "Message"))
        except s3_xml.NotXml:
            code, said = "", ""
        code = code if re.fullmatch(r"[A-Za-z0-9.]{1,60}", code) else ""
        # Between words: half a secret would not be known as one where it is masked.
        said = shorten(said, 200, placeholder=" …", break_on_hyphens=False)
        named = f", {code}" if code else ""
        code = code or OF_STATUS.get(response.status, "")
        meaning = explain(code)
        return Refused(
            f"{SERVICE} refused {method} {self.bucket}/{key} (HTTP {response.status}{named}).",
            service=SERVICE,
            status=response.status,
            code=code,
            why=" ".join(part for part in (meaning.why, f"It says: {said}" if said else "") if part)
            or "It gave no reason.",
            fix=meaning.fix or "Run the job again; if it stays, look the code up in R2's documentation.",
            docs=DOCS,
        )


def is_missing(refusal: Refused, *, bodiless: bool = False) -> bool:
    """Whether a key or an upload is just not there (a bucket that is not there is another matter).

    `bodiless`: an answer to HEAD says 404 and nothing else.
    """
    return refusal.status == 404 and (refusal.code in MISSING or (bodiless and not refusal.code))


def unexpected(method: str, key: str, status: int, what: str) -> BadAnswer:
    """An answer that is none of S3's; a success among them may have taken effect."""
    failure = BadAnswer(
        f"{SERVICE} answered {method} {key} with something unexpected (HTTP {status}, {what}).",
        service=SERVICE,
        why="A proxy, a login page or another kind of store answered in place of R2.",
        fix="Check r2_endpoint, the proxy settings, and R2's status; then run again.",
        docs=DOCS,
    )
    failure.status = status
    return failure


def _lost(status: int) -> AnswerLost:
    return AnswerLost(
        f"The answer of {SERVICE} was lost (HTTP {status}).",
        service=SERVICE,
        why="Something on the way failed after the request was sent, so it may have taken effect.",
        fix="Run the job again: a rerun does exactly the rest.",
        docs="package-publish.md#unknown",
    )
