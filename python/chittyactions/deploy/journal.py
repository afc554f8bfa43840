"""What a deploy was about to change, written down before it does: a killed run's traffic can be put back from it.

One small JSON file in the runner's temporary folder, readable by its owner alone, replaced atomically. It holds ids and
percentages and no secret. The phase `settle` of the same job reads it.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from chittyactions.ecosystem.cloudflare_answers import Deployment, Domain, Route, Subdomain
from chittyactions.errors import ChittyError


class ZoneRoute(BaseModel):
    """A route with the zone that it belongs to."""

    model_config = ConfigDict(frozen=True)

    zone_id: str
    route: Route


class Triggers(BaseModel):
    """By what a Worker is reached, as it was captured. None: not captured, since it is not going to change."""

    model_config = ConfigDict(frozen=True)

    subdomain: Subdomain | None = None
    crons: tuple[str, ...] | None = None
    domains: tuple[Domain, ...] | None = None
    """Custom domains of this Worker, and those of others that it is going to take over."""
    routes: tuple[ZoneRoute, ...] | None = None
    zones: tuple[str, ...] = ()
    """Ids of the zones whose routes were captured."""


class Entry(BaseModel):
    """One deploy, from its first change of traffic on.

    `made` are the ids of the deployments that it made. `mark` is in the message of each, also of one whose id was
    never learned; `pending` says that there may be such a one. `triggers` is there once they are being changed.
    `region` is the config's compliance_region, which has an API of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_id: str
    region: str = ""
    script: str
    mark: str
    captured: Deployment
    version_id: str = ""
    made: tuple[str, ...] = ()
    pending: bool = False
    triggers: Triggers | None = None


class Journal:
    """The file of one service and environment. No file, no entry: there is nothing to put back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entry: Entry | None = None

    @classmethod
    def of(cls, folder: Path, service: str, environment: str) -> Journal:
        """The journal's place in the runner's temporary folder."""
        name = re.sub(r"[^A-Za-z0-9._-]", "_", f"{service}-{environment}")
        return cls(folder / f"chittyops-deploy-{name}.json")

    def read(self) -> Entry | None:
        """The entry that a run left open, or None. Raises ChittyError when it can't be understood."""
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            return None
        try:
            self.entry = Entry.model_validate_json(text)
        except ValidationError:
            raise ChittyError(
                "The journal of this deploy can't be read, so nothing was put back.",
                why=f"{self.path.name} in the runner's temporary folder is damaged.",
                fix="Look with `wrangler deployments list` at what serves, and roll back by hand where needed.",
                docs="worker-deploy.md#after-a-kill",
            ) from None
        return self.entry

    def begin(self, entry: Entry) -> None:
        """Write down what serves, before the first change."""
        self._write(entry)

    def note(self, **changes: object) -> None:
        """Add to the entry."""
        assert self.entry is not None
        self._write(self.entry.model_copy(update=changes))

    def close(self) -> None:
        """Nothing has to be put back any more: the deploy is done, or undone."""
        self.entry = None
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()

    def _write(self, entry: Entry) -> None:
        self.entry = entry
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(entry.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
