"""Cloudflare's own error codes: what each means for a deploy, and what to do.

From the API's answers and wrangler 4.164.0's sources. A code that is not here is shown as it came.
"""

from __future__ import annotations

from typing import NamedTuple

NO_SUCH_WORKER = "10007"
NO_SUCH_SERVICE = "10090"
TRANSIENT = "10013"
VERSION_UNKNOWN = "100146"
SECRETS_CHANGED = "10220"

PASSING = frozenset({TRANSIENT, "10043", "7010", VERSION_UNKNOWN})
"""Codes that pass by themselves: an internal error, and a version so new that not every data centre knows it."""


class Meaning(NamedTuple):
    """What a code means for a deploy, and what a person does about it."""

    why: str
    fix: str


_RIGHTS = (
    "Give it the permissions Workers Scripts: Edit, and Workers Routes: Edit and Zone: Read for routes and domains"
)
_MIGRATION = (
    "Deploy the migration by itself first: this action does that by `wrangler deploy` when the config has a migration "
    "that the Worker lacks"
)

MEANINGS = {
    "6003": Meaning("The API token is not well formed.", "Copy it again, without quotes or line breaks."),
    "7003": Meaning(
        "The account id or the address is wrong.",
        "Check account_id: 32 hexadecimal digits, as `wrangler whoami` shows it.",
    ),
    "9109": Meaning(
        "The API token is invalid, expired or revoked.", "Get a new one: run the job again from its start."
    ),
    "10000": Meaning(
        "The API token is invalid, was revoked, or lacks a permission for this account or zone.",
        f"{_RIGHTS}; check that it belongs to the account that account_id names.",
    ),
    NO_SUCH_WORKER: Meaning(
        "This account has no Worker of that name.",
        "Check the name and the environment; a first deploy makes it.",
    ),
    TRANSIENT: Meaning(
        "An error inside Cloudflare's API; it usually passes.",
        "Run the job again; if it stays, see https://www.cloudflarestatus.com.",
    ),
    "10021": Meaning(
        "The code does not start: a syntax error, an exception at the top level, or a binding that is not valid.",
        "Run `npx wrangler dev` on the same commit; what happens outside the handlers must be short and not throw.",
    ),
    "10027": Meaning(
        "The Worker is larger than the account's plan allows.",
        "Make the bundle smaller; its size is in the build job's log.",
    ),
    "10034": Meaning(
        "The account's email address is not verified.", "Verify it in Cloudflare's dashboard, then run again."
    ),
    "10037": Meaning(
        "The account has as many Workers as its plan allows.", "Delete one that is not used, or change the plan."
    ),
    "10041": Meaning("A KV namespace of the config does not exist in this account.", "Correct its id in the config."),
    "10057": Meaning(
        "The upload inherits a binding or a secret that the latest version does not have.",
        "Name the secret in `secrets_from`, or set it once with `wrangler versions secret put`.",
    ),
    "10063": Meaning(
        "The account has no workers.dev subdomain yet.",
        "Open Workers in Cloudflare's dashboard once and choose one.",
    ),
    NO_SUCH_SERVICE: Meaning(
        "This account has no Worker of that name.",
        "Check the name and the environment; a first deploy makes it.",
    ),
    "10210": Meaning(
        "Durable Objects do not allow these versions beside each other.", "Use `strategy: direct` for this deploy."
    ),
    "10211": Meaning(
        "A version with a Durable Object migration can't be uploaded without deploying it.", _MIGRATION + "."
    ),
    "10214": Meaning(
        "Settings were edited while the latest version is not the one that serves.",
        "Deploy the latest version first, or change the setting in the config so that it comes with a version.",
    ),
    "10215": Meaning(
        "A secret was edited while the latest version is not the one that serves.",
        "Hand secrets over by `secrets_from`: they travel with the version that is checked.",
    ),
    SECRETS_CHANGED: Meaning(
        "The version to go back to has other secrets than the one that serves.",
        "This action forces its own restore; by hand, `wrangler rollback <version id>` brings the old secrets back.",
    ),
    "10222": Meaning("The Worker has no version yet.", "Deploy it once."),
    VERSION_UNKNOWN: Meaning(
        "Cloudflare does not know the version yet, or no more.",
        "A version that was uploaded a moment ago needs some seconds; run the job again.",
    ),
}


def explain(code: str) -> Meaning:
    """What `code` means, or two empty strings."""
    return MEANINGS.get(code, Meaning("", ""))
