"""One account of Cloudflare's API on the wire: the envelope, the refusals, and what is tried again."""

from __future__ import annotations

import json
from collections.abc import Callable
from textwrap import shorten
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from chittyactions.ecosystem.cloudflare_answers import Answer, Envelope, Problem
from chittyactions.ecosystem.cloudflare_codes import PASSING, VERSION_UNKNOWN, explain
from chittyactions.errors import BadAnswer, Refused
from chittyactions.http import Client, Deadline, backoff

SERVICE = "Cloudflare's API"
CALL_SECONDS = 60.0
"""The whole of one call, its repetitions included."""

TRIES = 4

M = TypeVar("M", bound=Answer)


class Wire:
    """Sends calls with a token. `client` carries the retry policy; each call has `seconds` to end in, and `whole`.

    Every method raises Refused (with Cloudflare's code, explained), Unreachable, AnswerLost or BadAnswer.
    """

    def __init__(
        self,
        client: Client,
        *,
        token: str,
        base_url: str,
        seconds: float = CALL_SECONDS,
        whole: Deadline | None = None,
        say: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._client = client
        self._token = token
        self._base = base_url.rstrip("/")
        self._say = say
        self._sleep = sleep
        self._whole = whole
        self.seconds = seconds

    def hurry(self, seconds: float) -> None:
        """End the call that is under way, and each after it, within `seconds`."""
        self.seconds = min(self.seconds, seconds)
        self._client.deadline.shorten(seconds)

    def call(self, method: str, path: str, shape: type[M], body: object = None, *, repeatable: bool = True) -> M:
        """The result as `shape`. `repeatable=False`: sent once, so that a lost answer is the caller's to clear up."""
        result = self.ask(method, path, body, repeatable=repeatable)
        try:
            return shape.model_validate(result)
        except ValidationError as error:
            raise _unexpected(method, path, error) from None

    def items(self, method: str, path: str, shape: type[M]) -> tuple[M, ...]:
        """The result as a list of `shape`; null is an empty one."""
        result = self.ask(method, path)
        if result is None:
            return ()
        try:
            return TypeAdapter(tuple[shape, ...]).validate_python(result)  # type: ignore[valid-type]
        except ValidationError as error:
            raise _unexpected(method, path, error) from None

    def ask(self, method: str, path: str, body: object = None, *, repeatable: bool = True) -> Any:
        """The envelope's result as it came. Sent again where Cloudflare's code says that the error passes."""
        self._client.deadline = self._whole.within(self.seconds) if self._whole else Deadline(self.seconds)
        attempt = 1
        while True:
            try:
                return self._once(method, path, body, repeatable)
            except Refused as refusal:  # noqa: PERF203 - trying again is the purpose
                # An unknown version was not deployed, whatever the method; an internal error may have been.
                passing = refusal.code in PASSING and (repeatable or refusal.code == VERSION_UNKNOWN)
                wait = backoff(attempt)
                if not passing or attempt == TRIES or wait >= self._client.deadline.remaining:
                    raise
                self._say(f"{refusal.what} Trying again in {wait:.1f} s ({attempt} of {TRIES} tries made).")
                (self._sleep or self._client.deadline.pause)(wait)
                if self._client.deadline.remaining <= 0:  # a cancelled job brings it forward in a wait
                    raise
                attempt += 1

    def _once(self, method: str, path: str, body: object, repeatable: bool) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        response = self._client.send(method, self._base + path, headers=headers, body=data, repeatable=repeatable)
        try:
            envelope = Envelope.model_validate(response.json())
        except ValidationError:
            envelope = Envelope()
        except BadAnswer:
            if response.status < 400:
                raise
            envelope = Envelope()
        if response.status >= 400 or not envelope.success:
            raise _refusal(method, path, response.status, envelope)
        return envelope.result


def _unexpected(method: str, path: str, error: ValidationError) -> BadAnswer:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "result"
    return BadAnswer(
        f"{SERVICE} answered {method} {_shown(path)} with something unexpected.",
        service=SERVICE,
        why=f"{where}: {first['msg']}.",
        fix="Run again; if it stays, report it with the version of this action.",
    )


def _shown(path: str) -> str:
    """The path without its query and without the account's id."""
    parts = path.partition("?")[0].split("/")
    return "/".join(parts[3:] if parts[1:2] == ["accounts"] else parts[1:])


def _refusal(method: str, path: str, status: int, envelope: Envelope) -> Refused:
    problem = envelope.errors[0] if envelope.errors else Problem()
    code = str(problem.code)
    meaning = explain(code)
    # Between words: half a secret would not be known as one where it is masked.
    said = shorten(problem.message, 300, placeholder=" …", break_on_hyphens=False)
    number = f", code {code}" if code else ""
    what = f"{SERVICE} refused {method} {_shown(path)} (HTTP {status}{number})"
    why = " ".join(part for part in (meaning.why, f"It says: {said}" if said else "") if part)
    return Refused(
        what + ".",
        service=SERVICE,
        status=status,
        code=code,
        why=why or "It gave no reason.",
        fix=meaning.fix or "Look the code up in docs/worker-deploy.md; run again when the cause is gone.",
        docs="worker-deploy.md#cloudflares-error-codes",
    )
