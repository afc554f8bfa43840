"""What the body of a refusal says, and how little of it is shown.

Only a code and a message are ever taken from a body, the message shortened to its first words: `details` holds
stack traces, messages quote other services' answers, `usage_instructions` hold the credential itself.
"""

from __future__ import annotations

import json
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from chittyactions.http import Response

LONGEST = 160
"""Characters of a service's message that are shown."""


class Problem:
    """What a refusing body says: `code`, `message` (fit to be shown) and the `allowed` names, each may be empty.

    `own` are the words of our request, which a message may repeat.
    """

    def __init__(self, response: Response, own: Collection[str] = ()) -> None:
        try:
            body = json.loads(response.body)
        except (ValueError, RecursionError):
            body = None
        self.is_json = isinstance(body, dict)
        self.is_page = body is None and response.body.lstrip()[:1] == b"<"
        body = body if isinstance(body, dict) else {}
        error = body.get("error")
        found = error if isinstance(error, dict) else body
        self.code = _word(found.get("code"))
        self.raw = str(found.get("message") or (error if isinstance(error, str) else ""))
        if isinstance(error, str):
            self.raw = error
        self.message = showable(self.raw, own)
        allowed = found.get("allowed")
        self.allowed = [_word(name) for name in allowed if _word(name)] if isinstance(allowed, list) else []

    @property
    def not_configured(self) -> bool:
        """Whether the service has no value for it: asking again is of no use."""
        return self.code == "CREDENTIAL_NOT_AVAILABLE" or "not configured" in self.raw


def showable(message: str, own: Collection[str] = ()) -> str:
    """The first words of a foreign message: no quoted body, nothing that looks like a token, one line."""
    line = re.split(r"[\r\n{<\[]", message, maxsplit=1)[0]
    line = re.sub(r"[^\s,;:'\"()]{5,}", lambda found: _hide(found[0], own), line)
    line = "".join(character if character.isprintable() else " " for character in line).strip(" -:")
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _hide(word: str, own: Collection[str]) -> str:
    """A word, or `***` for what may be a token: letters mixed with digits, many digits, a long word of mixed case."""
    if word.rstrip(".!?") in own:
        return word
    parts = re.split(r"[\W_]+", word)
    dense = any(
        (len(part) >= 5 and part.isdigit())
        or (len(part) >= 7 and any(c.isdigit() for c in part) and any(c.isalpha() for c in part))
        for part in parts
    )
    odd = len(word) >= 20 and not (word.isupper() or word.islower())
    return "***" if dense or odd else word


def _word(value: object) -> str:
    return value if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_.-]{1,60}", value) else ""
