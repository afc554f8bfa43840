"""How a demo keeps its word: what it says is looked up, and it stops where it is not so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


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


def revoked(leases: Sequence[Mapping[str, Any]], requests: Sequence[Mapping[str, Any]], service: str) -> dict[str, Any]:
    """The lease of the one Cloudflare token, which is revoked, after its last use at a service."""
    tokens = [lease for lease in leases if lease["name"] == "CLOUDFLARE_API_TOKEN" and lease["token_id"]]
    claim(len(tokens) == 1, f"One revocable Cloudflare token should have been issued, not {len(tokens)}.")
    (lease,) = tokens
    claim(lease["revoked_at"], "The Cloudflare token was not revoked after the run.")
    used = [entry["at"] for entry in requests if entry["service"] == service]
    claim(used and max(used) <= lease["revoked_at"], "The Cloudflare token was revoked before its last use.")
    return dict(lease)
