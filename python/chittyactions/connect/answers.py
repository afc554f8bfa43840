"""What ChittyConnect's refusals mean: each becomes one error with cause and remedy."""

from __future__ import annotations

import re
import time

from chittyactions.connect.identity import AUDIENCE, PAGE, PASS_THE_KEY, PERMISSIONS
from chittyactions.connect.problem import Problem
from chittyactions.errors import Refused
from chittyactions.http import LOST, PASSING, retry_after

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from chittyactions.http import Response

SERVICE = "ChittyConnect"


def refusal(response: Response, way: str, asked: str, own: Collection[str] = ()) -> Refused:
    """The error for an answer that is no success.

    `way` is oidc, deploy, provision or revoke; `asked` for what; `own` are words that the request itself held.
    """
    problem = Problem(response, own)
    status = response.status
    facts = _by_id_token(status, problem) if way == "oidc" else _by_key(status, problem)
    what, why, fix, anchor, yaml = facts or _by_anybody(response, problem, asked, way)
    said = problem.message and problem.code != "INVALID_CREDENTIALS" and not problem.not_configured
    failure = Refused(
        f"{SERVICE} {what} (HTTP {status}).",
        service=SERVICE,
        status=status,
        code=problem.code,
        why=why + (f" It says: {problem.message.rstrip('.')}." if said else ""),
        fix=fix,
        yaml=yaml,
        docs=f"{PAGE}#{anchor}",
    )
    failure.offers = tuple(problem.allowed)
    if problem.code == "CREDENTIAL_NOT_AVAILABLE":
        failure.offers = tuple(name for name in asked.split(", ") if name not in problem.raw)
    return failure


Facts = tuple[str, str, str, str, str]


def _by_id_token(status: int, problem: Problem) -> Facts | None:
    if problem.code == "ORG_NOT_ALLOWED":
        return (
            "does not trust this organisation",
            "It exchanges id tokens only for repositories of organisations on its list.",
            "Ask for the organisation to be added, or pass an API key:",
            "organisation-not-allowed",
            PASS_THE_KEY,
        )
    if status == 401 and re.search(r"\baud(ience)?\b", problem.raw):
        return (
            "refused the id token: it was made for another audience",
            f"The token was asked for {AUDIENCE}, which is what the service's own address has to be.",
            "Check that `connect_url` (or CHITTYCONNECT_URL) points at a ChittyConnect that expects this audience.",
            "wrong-audience",
            "",
        )
    if status == 401:
        return (
            "refused the id token",
            "The token of this job is not one that it accepts.",
            "Run the job again; on GitHub Enterprise Server, its issuer has to be known to ChittyConnect.",
            "id-token-refused",
            "",
        )
    return None


def _by_key(status: int, problem: Problem) -> Facts | None:
    if status != 401:
        return None
    said = problem.raw.lower()
    if "inactive" in said:
        return (
            "refused the API key: it is inactive",
            "The key exists and was switched off.",
            "Have it activated, or store a new one as CHITTYCONNECT_API_KEY.",
            "api-key-inactive",
            "",
        )
    if "missing" in said:
        return (
            "got no API key",
            "Something between this job and the service removed the Authorization header.",
            "Check `connect_url` and the proxy of this runner.",
            "api-key-missing",
            "",
        )
    return (
        "does not know this API key",
        "The key was revoked, belongs to another ChittyConnect, or was stored with a mistake.",
        "Store the right key as the secret CHITTYCONNECT_API_KEY.",
        "api-key-unknown",
        "",
    )


def _by_anybody(response: Response, problem: Problem, asked: str, way: str) -> Facts:
    status = response.status
    if problem.is_page and 400 <= status < 500 and status not in PASSING:
        return (
            "answered with a page that is not JSON",
            "A proxy, a firewall or a login page answered in place of the service.",
            "Check `connect_url`, and what stands between this runner and the service.",
            "bad-answer",
            "",
        )
    again = "Run again later; what is known of its health is at /health of the same address."
    if status == 429:
        return (
            "limits how often it may be asked",
            _reset(response, way),
            "Run again after that; a pass of several jobs in the same hour shares one limit.",
            "rate-limited",
            "",
        )
    if "Unknown credential type" in problem.raw:
        return (
            f"provisions no such type for {asked}",
            "The type is not one that it has.",
            "Correct `type`; the types are listed at /api/credentials/types.",
            "unknown-credential",
            "",
        )
    if problem.code == "INVALID_CREDENTIALS" or "Unknown credential" in problem.raw:
        unknown = ", ".join(name for name in asked.split(", ") if name not in problem.allowed) or asked
        names = f" It offers {', '.join(problem.allowed)}." if problem.allowed else ""
        return (
            f"does not know {unknown}",
            f"That name is not one that it grants in this way.{names}",
            "Correct `credentials`, or pass the other identity as well.",
            "unknown-credential",
            "",
        )
    if problem.not_configured:
        return (
            f"has no value for {asked}",
            "The service knows the name, but nothing is stored under it.",
            "Tell the operators of ChittyConnect.",
            "not-configured",
            "",
        )
    needed = re.search(r"\b(\w+) is required in context", problem.raw)
    if needed:
        return (
            f"needs to know more for {asked} than this action can say",
            f"Its type wants `{needed[1][:40]}`, and there is no input for that.",
            "Choose another `type`, or provision this one by a request of your own.",
            "context-missing",
            "",
        )
    if status == 403:
        return f"denied {asked}", "The identity is known and not allowed this.", "Ask for access.", "denied", ""
    if status == 404 and way == "deploy":
        return (
            "has no route /credentials/deploy",
            "Not every ChittyConnect grants several credentials by one call.",
            "Give the job an id token as well, or leave the credential out of `credentials`:",
            "not-granted",
            PERMISSIONS,
        )
    if status == 404:
        return (
            "has no such route",
            "This service is older or newer than the action, or the address has a path too many.",
            "Check `connect_url`.",
            "no-such-route",
            "",
        )
    if status in LOST:
        return (
            "did not answer its gateway",
            "The request may have taken effect, so it was not sent again.",
            again,
            "answer-lost",
            "",
        )
    if status >= 500 or status == 408:
        return "is not well", "The failure is on the service's side.", again, "service-down", ""
    return f"refused to grant {asked}", "", "Correct the inputs of this step.", "refused", ""


def _reset(response: Response, way: str) -> str:
    """When the limit lets a request through again."""
    wait = retry_after(response.headers)
    if wait:
        return f"The limit is reset in {wait:.0f} s."
    if way == "provision":
        hour = time.strftime("%H:%M", time.gmtime((time.time() // 3600 + 1) * 3600))
        return f"It provisions so many credentials an hour and service; the count begins anew at {hour} UTC."
    return "It did not say when the limit is reset; its limits are by the minute and the hour."
