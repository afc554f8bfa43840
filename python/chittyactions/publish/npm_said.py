"""What npm said when it failed: whether the version may be out, whether to try again, and what a person can do."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from chittyactions.errors import ChittyError, CredentialError, Refused, ServiceError
from chittyactions.process import Finished

SERVICE = "The npm registry"
PAGE = "package-publish.md"

NEVER_SENT = frozenset({"ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"})
PASSING = frozenset({"E408", "E409", "E429", "E503"}) | NEVER_SENT
"""A conflict passes too: the registry was still at work on another version of the package."""

NOTHING_DONE = PASSING | {
    *("ENEEDAUTH", "EOTP", "EUSAGE", "EPRIVATE", "EPACKAGEEXTENSIONS", "EBADENGINE", "EJSONPARSE", "ENOSPC"),
    *("CERT_HAS_EXPIRED", "SELF_SIGNED_CERT_IN_CHAIN", "DEPTH_ZERO_SELF_SIGNED_CERT", "ERR_TLS_CERT_ALTNAME_INVALID"),
    *("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "INVALID_ARCHIVE_ERROR"),
    *("CA_CREATE_SIGNING_CERTIFICATE_ERROR", "TLOG_CREATE_ENTRY_ERROR", "IDENTITY_TOKEN_READ_ERROR"),
}
"""After these the version is not out by this request. The last are of provenance, which is made before it is sent."""


@dataclass(frozen=True)
class Said:
    """Why npm failed: its `code` (`E409`, "" for none), its words on one line, and those about the job's identity."""

    code: str
    words: str
    identity: str = ""

    @property
    def taken(self) -> bool:
        """Whether the registry says in words that the version was there before."""
        return bool(
            re.search(r"cannot publish over|previously published|already (present|exists)", self.words, re.IGNORECASE)
        )

    @property
    def passing(self) -> bool:
        """Whether trying again may help, and can't do harm: a version is taken once only."""
        return self.code in PASSING or self.lost

    @property
    def lost(self) -> bool:
        """Whether the request may have taken effect: so it is unless the failure is known to mean that it did not."""
        return not (self.taken or self.code in NOTHING_DONE or re.fullmatch(r"E4\d\d", self.code))


def said(done: Finished) -> Said:
    """Read npm's error out of its output: JSON where it writes some, else its lines."""
    error: object = None
    for text in (done.stdout, done.stderr):
        start = text.find("{")
        try:
            error = json.JSONDecoder().raw_decode(text[start:])[0].get("error") if start >= 0 else None
        except (ValueError, AttributeError):
            error = None
        if error:
            break
    fields = error if isinstance(error, dict) else {}
    lines = [line.removeprefix("npm error ") for line in done.stderr.splitlines() if line.startswith("npm error ")]
    code = str(fields.get("code") or next((line[5:] for line in lines if line.startswith("code ")), ""))
    words = str(fields.get("summary") or " ".join(line for line in lines if not line.startswith("code ")))
    identity = [line.partition(" oidc ")[2] for line in done.stderr.splitlines() if " oidc " in line[:30]]
    return Said(code.strip(), " ".join(words.split())[:400], " ".join(identity)[:300])


def explain(failure: Said, what: str, *, name: str, identity: ChittyError | None) -> ChittyError:
    """The error for what npm could not do (`what`: "publish @chittyos/hello 1.0.0").

    `identity` is what to raise where the job relied on trusted publishing and may not do this.
    """
    if identity and (failure.code in ("ENEEDAUTH", "E401", "E404") or (failure.code == "E403" and not failure.taken)):
        return identity
    why, fix, anchor = _meaning(failure, name)
    words = f"npm says: {failure.words or 'nothing'}"
    text = f"npm could not {what}{f' ({failure.code})' if failure.code else ''}."
    why = f"{why} {words}".strip()
    if failure.code in ("ENEEDAUTH", "E401", "EOTP"):
        return CredentialError(text, why=why, fix=fix, docs=f"{PAGE}#{anchor}")
    if status := re.fullmatch(r"E(\d{3})", failure.code):
        return Refused(
            text, service=SERVICE, status=int(status[1]), code=failure.code, why=why, fix=fix, docs=f"{PAGE}#{anchor}"
        )
    return ServiceError(text, service=SERVICE, why=why, fix=fix, docs=f"{PAGE}#{anchor}")


def _meaning(failure: Said, name: str) -> tuple[str, str, str]:
    """Cause, remedy and anchor in the docs."""
    if failure.code in ("ENEEDAUTH", "E401"):
        return (
            "The registry does not know the token, or it has expired.",
            "Give the secret NPM_TOKEN a granular access token that may write this package, or publish by trust.",
            "npm-token",
        )
    if failure.code == "EOTP":
        return (
            "The registry asks for a second factor, which no job has.",
            "Use a granular access token that bypasses two-factor authentication, or publish by trust.",
            "npm-token",
        )
    if failure.code == "E402":
        return (
            "A new scoped package is private unless it is told otherwise, and this account has no private ones.",
            'Set access: public in the workflow, or "publishConfig": {"access": "public"} in package.json.',
            "npm-token",
        )
    if failure.code == "E403" and failure.taken:
        return (
            "This version was published once and then removed; its number stays taken.",
            "Raise the version in package.json and publish that.",
            "version-exists",
        )
    if failure.code in ("E403", "E404"):
        return (
            f"The token may not write {name}, or the scope is nobody's or somebody else's.",
            "Check on the registry that the token's owner may publish this package, and the spelling of its scope.",
            "npm-token",
        )
    if failure.code == "E413":
        return (
            "The package is larger than the registry takes.",
            "Leave files out by `files` in package.json.",
            "errors",
        )
    if failure.code in PASSING:
        return (f"{SERVICE} is overloaded or not reachable.", "Run again when it is well.", "rerun")
    return ("", "Look at npm's words; run again when the cause is gone.", "errors")
