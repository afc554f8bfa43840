"""S3's own error codes: what each means for a publish to R2, and what to do.

https://developers.cloudflare.com/r2/api/error-codes/. A code that is not here is shown as it came.
"""

from __future__ import annotations

from typing import NamedTuple

NO_SUCH_UPLOAD = "NoSuchUpload"
MISSING = frozenset({"NoSuchKey", NO_SUCH_UPLOAD})
"""What a 404 is called that means nothing but that."""

PRECONDITION_FAILED = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
"""A condition did not hold: somebody else was first."""

PASSING = frozenset({"InternalError", "OperationAborted", "TooMuchConcurrency"})
"""Codes that pass by themselves, besides the statuses that do."""


class Meaning(NamedTuple):
    """What a code means, and what a person does about it."""

    why: str
    fix: str


_RIGHTS = "Give the Cloudflare API token the permission Workers R2 Storage: Edit for this account and bucket."
_KEYS = Meaning(
    "The Cloudflare API token that the keys are made of is unknown there, expired or revoked.",
    "Run the job again from its start for a new one; check that it belongs to the account of the bucket.",
)
_CHANGED = Meaning(
    "What arrived is not what was sent: it was changed or cut short on its way.",
    "Run the job again; if it stays, look for a proxy that rewrites requests.",
)

MEANINGS = {
    "AccessDenied": Meaning("The token may not do this in the bucket.", _RIGHTS),
    "Unauthorized": Meaning("The token may not do this in the bucket.", _RIGHTS),
    "InvalidAccessKeyId": _KEYS,
    "ExpiredToken": _KEYS,
    "SignatureDoesNotMatch": Meaning(
        "The keys do not fit each other, or a proxy changed the request.",
        "Check that cloudflare_token was handed over whole; look for a proxy that rewrites requests.",
    ),
    "NoSuchBucket": Meaning(
        "There is no bucket of that name in this account (or in this jurisdiction).",
        "Check the inputs bucket and r2_endpoint, or make the bucket: npx wrangler r2 bucket create NAME.",
    ),
    "InvalidBucketName": Meaning("The bucket's name is none.", "Check the input bucket."),
    "RequestTimeTooSkewed": Meaning(
        "This runner's clock is more than 15 minutes off.", "Set the clock of the runner (NTP), then run again."
    ),
    "EntityTooLarge": Meaning(
        "The file or one of its parts is larger than R2 takes.", "Make the file smaller: R2 takes 5 TiB at most."
    ),
    "EntityTooSmall": Meaning("A part is smaller than R2 takes.", "Run the job again; if it stays, report it."),
    "BadDigest": _CHANGED,
    "XAmzContentSHA256Mismatch": _CHANGED,
    "IncompleteBody": _CHANGED,
    "InvalidRegionName": Meaning("The region is not the bucket's.", "Check r2_endpoint: it has to be R2's."),
    "MetadataTooLarge": Meaning("The object's metadata is too long.", "Report it with the name of the package."),
    "KeyTooLongError": Meaning("The object's name is too long.", "Give the file a shorter name."),
    "InsufficientStorage": Meaning("The account has no space left.", "Make room in the account."),
    "NotEntitled": Meaning("R2 is not enabled for this account.", "Enable R2 in the account's dashboard."),
    "InternalError": Meaning(
        "An error inside R2; it usually passes.",
        "Run the job again; if it stays, see https://www.cloudflarestatus.com.",
    ),
    "SlowDown": Meaning("R2 has too many requests for this object by now.", "Run the job again in a minute."),
    "ServiceUnavailable": Meaning("R2 is not well.", "Run the job again in a minute."),
    "NotImplemented": Meaning("This store does not know what was asked.", "Check r2_endpoint: it has to be R2's."),
}

OF_STATUS = {401: "Unauthorized", 403: "AccessDenied", 412: "PreconditionFailed"}
"""The code of an answer without a body (to HEAD), by its status."""


def explain(code: str) -> Meaning:
    """What a code means; empty for one that is not known."""
    return MEANINGS.get(code, Meaning("", ""))
