"""Leases: what was issued, when, until when, and when it was revoked.

The file holds no value of a credential. To tell whether a presented token is live, it keeps a keyed digest of
each; the tokens are random, so the digest gives nothing away.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chittylocal.state import State


CLOUDFLARE = "CLOUDFLARE_API_TOKEN"
"""The name of the credential that is an access key of R2, too."""


class Leases:
    """The leases of one state folder, in `leases.json`, oldest first.

    A lease is a dict with `token_id` (None where the service tells its callers none), `type` (what was asked
    for, e.g. `cloudflare_workers_deploy`), `name` (e.g. `CLOUDFLARE_API_TOKEN`), `service`, `way` (`oidc`,
    `provision`, `deploy` or `accepted`), `issued_at`, `expires_at` (None: does not expire), `revoked_at`.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._lock = threading.Lock()
        saved = state.read("leases") or {"salt": os.urandom(16).hex(), "leases": []}
        self._salt: str = saved["salt"]
        self._leases: list[dict[str, Any]] = saved["leases"]
        self._s3_secrets: dict[str, str] = {}

    def add(
        self, value: str, *, name: str, kind: str, way: str, service: str = "", token_id: str | None = None,
        ttl: float | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Write down that `value` was issued, living `ttl` seconds (None: for ever), and return its lease."""
        issued = datetime.now(timezone.utc)
        lease = {
            "token_id": token_id, "type": kind, "name": name, "service": service, "way": way,
            "issued_at": _iso(issued),
            "expires_at": None if ttl is None else _iso(issued + timedelta(seconds=ttl)),
            "revoked_at": None,
            "digest": self._digest(value),
        }  # fmt: skip
        with self._lock:
            self._leases.append(lease)
            self._save()
            self._s3_secrets[str(lease["digest"])] = _s3_secret(value)
        return _public(lease)

    def revoke(self, token_id: str) -> bool:
        """Revoke the lease of that id; False when there is none or it is revoked already."""
        with self._lock:
            for lease in self._leases:
                if token_id and lease["token_id"] == token_id and lease["revoked_at"] is None:
                    lease["revoked_at"] = _iso(datetime.now(timezone.utc))
                    self._save()
                    return True
        return False

    def find(self, value: str, name: str) -> dict[str, Any] | None:
        """The live lease under which `value` was issued as `name`, or None: unknown, revoked or expired."""
        digest = self._digest(value)
        moment = _iso(datetime.now(timezone.utc))
        with self._lock:
            for lease in self._leases:
                known = lease["name"] == name and hmac.compare_digest(lease["digest"], digest)
                if known and _live(lease, moment):
                    self._s3_secrets[digest] = _s3_secret(value)
                    return _public(lease)
        return None

    def token_id(self, value: str) -> str:
        """The id by which Cloudflare knows a token: its lease's, or one of its own where the lease has none."""
        digest = self._digest(value)
        with self._lock:
            return next((_token_id(lease) for lease in self._leases if lease["digest"] == digest), "")

    def s3_keys(self) -> dict[str, str]:
        """R2's access keys: id of each live Cloudflare token → the secret that R2 derives from it.

        No file keeps what a secret is made of: a token of an earlier run counts once it was presented again.
        """
        moment = _iso(datetime.now(timezone.utc))
        with self._lock:
            return {
                _token_id(lease): self._s3_secrets[lease["digest"]]
                for lease in self._leases
                if lease["name"] == CLOUDFLARE and lease["digest"] in self._s3_secrets and _live(lease, moment)
            }

    def all(self) -> list[dict[str, Any]]:
        """Every lease of this folder, oldest first."""
        with self._lock:
            return [_public(lease) for lease in self._leases]

    def _digest(self, value: str) -> str:
        return hmac.new(bytes.fromhex(self._salt), value.encode("utf-8"), hashlib.sha256).hexdigest()

    def _save(self) -> None:
        self._state.write("leases", {"salt": self._salt, "leases": self._leases})


def _live(lease: dict[str, Any], moment: str) -> bool:
    return not lease["revoked_at"] and bool((lease["expires_at"] or "~") > moment)


def _token_id(lease: dict[str, Any]) -> str:
    return str(lease["token_id"] or lease["digest"][:32])


def _s3_secret(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8")).hexdigest()


def _public(lease: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in lease.items() if key != "digest"}


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
