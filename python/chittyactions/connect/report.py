"""What a person reads of an exchange: the job summary, what is left when the job ends, what went another way.

All of it is about what the service issued, handed out or not. No values.
"""

from __future__ import annotations

from chittyactions.connect.catalogue import IN_ONE_CALL, PUBLIC
from chittyactions.connect.credential import moment
from chittyactions.connect.exchange import listed, lost, no_such_call
from chittyactions.connect.routes import WAYS
from chittyactions.errors import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chittyactions.connect.credential import Credential
    from chittyactions.connect.exchange import Exchange


def summary(granted: Mapping[str, Credential], kept: Sequence[Credential], *, revoke: bool) -> str:
    """Markdown: one row a credential, then those `kept` and not handed out, then what outlives the job."""
    used = list(granted.values())
    spare = [held for held in kept if not held.public and not any(held is other for other in used)]
    rows = ["### Credentials from ChittyConnect", "", "| Credential | Granted by | Expires | When the job ends |"]
    rows.append("| --- | --- | --- | --- |")
    for held in [*used, *spare]:
        end = "—" if held.public else held.expires_at or "no end named"
        name = f"`{held.name}`" + (", not handed out" if any(held is other for other in spare) else "")
        rows.append(f"| {name} | {WAYS[held.way]} | {end} | {_fate(held, revoke=revoke)} |")
    secret = [held for held in [*used, *spare] if not held.public]
    staying = [f"`{held.name}`" for held in secret if not (held.token_id and revoke)]
    endless = [f"`{held.name}`" for held in secret if not held.expires_at]
    if staying:
        fate = (
            "Cannot be revoked by this job (the service names no token id)"
            if revoke
            else "Not revoked (`revoke` is off)"
        )
        rows += ["", f"**{fate}**: {', '.join(staying)}."]
    if endless:
        rows += ["", f"**No expiry named by the service**: {', '.join(endless)}. Treat as long-lived."]
    return "\n".join(rows) + "\n"


def _fate(credential: Credential, *, revoke: bool) -> str:
    if credential.public:
        return "an identifier, no secret"
    if not credential.token_id:
        return "stays valid: cannot be revoked"
    return "revoked" if revoke else "stays valid: `revoke` is off"


def afterwards(kept: Sequence[Credential], losses: Sequence[Sequence[str]], *, revoke: bool) -> str:
    """What becomes of all that a broken-off exchange was issued, in a few sentences."""
    secret = [held for held in kept if not held.public]
    gone = list(dict.fromkeys(held.name for held in secret if held.token_id and revoke))
    staying = list(dict.fromkeys(held.name for held in secret if not (held.token_id and revoke)))
    said = []
    if gone:
        said.append(f"Revoked when this job ends: {listed(gone)}.")
    if staying:
        why = "it can't be revoked by this job" if revoke else "`revoke` is off"
        said.append(f"Granted, and stays valid ({why}): {listed(staying)}.")
    said += [f"Perhaps issued, and not to be revoked by this job: {listed(names)}." for names in losses]
    return " ".join(said) or "Nothing was granted."


def losses(exchange: Exchange) -> list[list[str]]:
    """What each request that may have minted, and whose answer nobody could read, may have left behind."""
    found = []
    for route, names, error in exchange.refused:
        if lost(error) and route != "oidc":  # what an id token gets is stored there, not issued for it
            issued = sorted(IN_ONE_CALL - PUBLIC) if route == "deploy" else []
            found.append([name for name in dict.fromkeys([*names, *issued]) if name not in PUBLIC])
    return found


def detours(exchange: Exchange, *, revoke: bool) -> list[tuple[str, str]]:
    """`notice` or `warning`, and text, for each refusal that another way made up for.

    That a service has no call for several, or that an id token does not get such a name, is no failure.
    """
    found = []
    for route, names, error in exchange.refused:
        instead = [exchange.granted[name] for name in names if name in exchange.granted]
        code = error.code if isinstance(error, Refused) else ""
        if not instead or no_such_call(route, error) or code == "INVALID_CREDENTIALS":
            continue
        staying = [held.name for held in instead if not held.public and not (held.token_id and revoke)]
        ways = listed(list(dict.fromkeys(WAYS[held.way] for held in instead)))
        text = (
            f"{WAYS[route]} did not grant {listed([held.name for held in instead])}: {error.what} {error.why}".rstrip()
        )
        text += f" Granted by {ways} instead"
        text += f"; {listed(staying)} can't be revoked by this job. " if staying else ". "
        limited = isinstance(error, Refused) and error.status == 429
        found.append(("notice" if limited else "warning", (text + error.fix).rstrip()))
    return found


def earliest(granted: Mapping[str, Credential]) -> str:
    """The earliest `expires_at` as the service wrote it, or "" when none names an end."""
    ends = [credential.expires_at for credential in granted.values() if credential.expires_at]
    return min(ends, key=lambda end: moment(end) or 0.0, default="")
