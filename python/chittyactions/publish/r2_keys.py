"""The keys of R2's S3 API, made of the one Cloudflare API token.

https://developers.cloudflare.com/r2/api/tokens/#get-s3-api-credentials-from-an-api-token
"""

from __future__ import annotations

import hashlib

from chittyactions.ecosystem.cloudflare_wire import Wire
from chittyactions.ecosystem.s3_signature import Keys
from chittyactions.errors import AnswerLost, BadAnswer, CredentialError, Refused, ServiceError

DOCS = "package-publish.md#r2-credentials"

REFUSALS = frozenset({400, 401, 403, 404})
"""How Cloudflare says that a token is not of the kind that a route verifies."""


def derive(wire: Wire, account_id: str, token: str) -> Keys:
    """Access key id: the token's id, which Cloudflare tells; secret: the SHA-256 of its value.

    A token belongs to an account or to a user, and each kind is verified by a route of its own. Raises
    CredentialError for one that neither knows, and ServiceError; neither leaves a doubt: nothing is published by it.
    """
    refusal: Refused | None = None
    for path in (f"/accounts/{account_id}/tokens/verify", "/user/tokens/verify"):
        try:
            verified = wire.ask("GET", path)
        except Refused as refused:
            if refused.status not in REFUSALS:
                raise
            refusal = refused
            continue
        except (AnswerLost, BadAnswer) as failure:
            raise ServiceError(
                f"The Cloudflare API token could not be verified. {failure.what}",
                service=failure.service,
                why="R2's keys are made of it, so nothing was sent to R2.",
                fix=failure.fix,
                docs=DOCS,
            ) from None
        known = verified if isinstance(verified, dict) else {}
        if known.get("status") == "active" and isinstance(known.get("id"), str) and known["id"]:
            return Keys(known["id"], hashlib.sha256(token.encode()).hexdigest())
        raise _unusable(f"Cloudflare says that it is {known.get('status') or 'of no known state'}.")
    raise _unusable(refusal.why if refusal else "")


def _unusable(why: str) -> CredentialError:
    return CredentialError(
        "The Cloudflare API token can't be used for R2.",
        why=why,
        fix="Hand over a live token of the account with the permission Workers R2 Storage: Edit; run the job again "
        "from its start when this one has expired.",
        docs=DOCS,
    )
