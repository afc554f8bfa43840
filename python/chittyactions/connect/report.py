"""What a person reads of an exchange: the job summary, and the earliest end of what was granted. No values."""

from __future__ import annotations

from chittyactions.connect.credential import moment
from chittyactions.connect.routes import WAYS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from chittyactions.connect.credential import Credential


def summary(granted: Mapping[str, Credential], *, revoke: bool) -> str:
    """Markdown: one row a credential, then what outlives the job."""
    rows = ["### Credentials from ChittyConnect", "", "| Credential | Granted by | Expires | When the job ends |"]
    rows.append("| --- | --- | --- | --- |")
    for name, credential in granted.items():
        end = "—" if credential.public else credential.expires_at or "no end named"
        rows.append(f"| `{name}` | {WAYS[credential.way]} | {end} | {_fate(credential, revoke=revoke)} |")
    staying = [f"`{name}`" for name, held in granted.items() if not held.public and not (held.token_id and revoke)]
    endless = [f"`{name}`" for name, held in granted.items() if not held.public and not held.expires_at]
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


def earliest(granted: Mapping[str, Credential]) -> str:
    """The earliest `expires_at` as the service wrote it, or "" when none names an end."""
    ends = [credential.expires_at for credential in granted.values() if credential.expires_at]
    return min(ends, key=lambda end: moment(end) or 0.0, default="")
