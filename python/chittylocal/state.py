"""What the backend remembers: a folder of JSON files that a person can read, and never a secret in it.

Each thing has its own file, replaced atomically, so that a killed backend leaves the old or the new one.
`requests.ndjson` grows by one line a request. A folder that is opened again continues where it ended.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from chittylocal.leases import Leases

ACCOUNT_ID = "c417700c417700c417700c417700c417"
"""The one Cloudflare account here; an identifier, no secret."""

SAFE_QUERY = frozenset(
    {"api-version", "audience", "base64", "bindings_inherit", "direction", "environment", "event", "excludeScript"}
    | {"list-type", "page", "partNumber", "per_page", "ref", "sha", "sort", "state", "task", "uploads"}
)
"""Query parameters whose values are written down; of every other one only the name is."""


def now() -> str:
    """The time as ISO 8601 in UTC with milliseconds, e.g. `2026-01-31T12:00:00.123Z`."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class State:
    """One state folder.

    Attributes:
        folder: where the files lie; made when it is missing.
        url: the backend's own `http://127.0.0.1:PORT`, set before any startup hook runs.
        leases: every credential that was issued, with its times.
        account_id: the Cloudflare account (32 hex digits).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self.account_id = ACCOUNT_ID
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "requests.ndjson"
        self._log.touch()
        self._seen: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self.leases = Leases(self)

    def read(self, name: str, default: Any = None) -> Any:
        """The content of `NAME.json`, or `default` when there is none. `name` may hold folders (`a/b`)."""
        try:
            return json.loads((self.folder / f"{name}.json").read_text("utf-8"))
        except FileNotFoundError:
            return default

    def write(self, name: str, value: Any) -> None:
        """Replace `NAME.json` in one step. The value must be JSON and hold no secret."""
        target = self.folder / f"{name}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(value, file, indent=2, ensure_ascii=False)
                file.write("\n")
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink()
            raise

    def token_is_live(self, token: str) -> bool:
        """Whether `token` is a Cloudflare token that was issued or accepted here and is neither revoked nor expired."""
        return self.leases.find(token, "CLOUDFLARE_API_TOKEN") is not None

    def record(self, entry: dict[str, Any]) -> None:
        """Write down one request. `entry` holds service, method, path, status, … and no secret."""
        with self._lock:
            self._seen.append(entry)
            with self._log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def requests(self) -> list[dict[str, Any]]:
        """Every request since this process opened the folder, oldest first; the file also has older ones."""
        with self._lock:
            return [dict(entry) for entry in self._seen]

    def forget_requests(self) -> None:
        """Start `requests()` anew, so that a test counts its own; the file keeps all."""
        with self._lock:
            self._seen.clear()


def readable_query(query: Any) -> dict[str, str]:
    """The parameters of a request with the values of unknown ones left out, since they may be secret."""
    return {name: value if name in SAFE_QUERY else "…" for name, value in query.items()}
