"""How a demo keeps its word: what it says is looked up, and it stops where it is not so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class NotAsClaimed(Exception):
    """The demo showed something else than it says: what was expected and what was found."""


def claim(holds: object, text: str) -> None:
    """Go on only if it is so."""
    if not holds:
        raise NotAsClaimed(text)


def count_hidden(secrets: Mapping[str, str], messages: Sequence[str]) -> str:
    """Claim that no message of a log holds one of the secrets (name → value); says which were looked for."""
    for name, value in secrets.items():
        claim(not any(value in message for message in messages), f"The log shows {name}.")
    return f"{', '.join(secrets)}: in none of {len(messages)} log messages"
