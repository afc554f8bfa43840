"""What an account holds of a Worker: a script, its versions and its deployments.

All of it is written down as JSON; a secret's value never is (see `vault`).
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any

AUTHOR = "deploy@chittylocal.test"
SECRET_TYPES = ("secret_text", "secret_key")


@dataclass
class Module:
    """One module as uploaded: its name, media type, and the SHA-256 under which its content is kept."""

    name: str
    type: str
    sha256: str
    size: int


@dataclass
class Version:
    """An upload, which never changes.

    Attributes:
        id: UUID.
        number: 1 for a script's first version, and so on.
        main: the main module's name; of a service worker (`body_part`) its part's; None: assets only.
        service_worker: whether `main` is a script in the old format, not an ES module.
        bindings: as in the metadata, without the text of secrets, `inherit` resolved.
        assets: `{"files": {"/path": "hash"}, "config": {…}}`, or None.
        migration_tag: the script's tag when the version was uploaded; a rollback may not cross a change.
        runtime: limits, placement and what else of the metadata is only echoed.
        has_preview: whether the version answers on a preview URL.
    """

    id: str
    number: int
    created_on: str
    source: str
    main: str | None
    modules: list[Module]
    bindings: list[dict[str, Any]]
    service_worker: bool = False
    annotations: dict[str, str] = field(default_factory=dict)
    compatibility_date: str = "2021-11-02"
    compatibility_flags: list[str] = field(default_factory=list)
    assets: dict[str, Any] | None = None
    migration_tag: str | None = None
    runtime: dict[str, Any] = field(default_factory=dict)
    has_preview: bool = True
    startup_time_ms: int = 1

    @property
    def worker(self) -> str:
        """The name under which workerd serves this version."""
        return f"version-{self.id}"

    @property
    def etag(self) -> str:
        """A hash over the code."""
        return hashlib.sha256("".join(f"{m.name}:{m.sha256};" for m in self.modules).encode()).hexdigest()

    @property
    def secrets(self) -> list[dict[str, Any]]:
        """The bindings that are secrets (names and types)."""
        return [binding for binding in self.bindings if binding["type"] in SECRET_TYPES]

    def binding(self, name: str) -> dict[str, Any] | None:
        """The binding of that name."""
        return next((binding for binding in self.bindings if binding["name"] == name), None)

    def listed(self) -> dict[str, Any]:
        """The version as a list shows it."""
        metadata = {
            "created_on": self.created_on, "modified_on": self.created_on, "source": self.source,
            "author_id": "", "author_email": AUTHOR, "has_preview": self.has_preview,
        }  # fmt: skip
        return {"id": self.id, "number": self.number, "metadata": metadata, "annotations": dict(self.annotations)}

    def shown(self) -> dict[str, Any]:
        """The version as GET shows it, and as an upload answers."""
        runtime = {
            "compatibility_date": self.compatibility_date, "compatibility_flags": self.compatibility_flags,
            "usage_model": "standard", "migration_tag": self.migration_tag, **self.runtime,
        }  # fmt: skip
        script = {"etag": self.etag, "handlers": ["fetch"], "last_deployed_from": self.source}
        resources = {"script": script, "script_runtime": runtime, "bindings": self.bindings}
        return {**self.listed(), "resources": resources, "startup_time_ms": self.startup_time_ms}


@dataclass
class Deployment:
    """Which versions serve, with which share of the traffic.

    Attributes:
        at: when it was made, in seconds since 1970.
        delay: seconds after which the edge knows of it (see `account.Edge`).
    """

    id: str
    created_on: str
    at: float
    source: str
    versions: list[dict[str, Any]]
    annotations: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0

    def shown(self) -> dict[str, Any]:
        """The deployment as the API lists it."""
        return {
            "id": self.id, "source": self.source, "strategy": "percentage", "author_email": AUTHOR,
            "created_on": self.created_on, "annotations": dict(self.annotations),
            "versions": [dict(share) for share in self.versions],
        }  # fmt: skip

    def traffic(self) -> dict[str, float]:
        """Version id → percentage."""
        return {share["version_id"]: share["percentage"] for share in self.versions}


@dataclass
class Script:
    """A Worker. Versions are in the order of their upload, deployments too (the last one serves).

    Attributes:
        tag: the script's own id (32 hex digits).
        classes: Durable Object class → `{"id": namespace, "sqlite": bool}`.
        settings: what is not versioned: tags, logpush, observability, tail_consumers.
        aliases: preview alias → version id.
        last_from: where the newest upload came from, `wrangler` or `api`.
    """

    name: str
    tag: str
    created_on: str
    versions: list[Version] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    workers_dev: bool = False
    previews: bool = False
    schedules: list[dict[str, Any]] = field(default_factory=list)
    migration_tag: str | None = None
    classes: dict[str, dict[str, Any]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    last_from: str = "wrangler"

    @property
    def latest(self) -> Version | None:
        """The newest version, deployed or not."""
        return self.versions[-1] if self.versions else None

    @property
    def current(self) -> Deployment | None:
        """The newest deployment."""
        return self.deployments[-1] if self.deployments else None

    @property
    def primary(self) -> Version | None:
        """The version with most of the traffic: it runs Durable Objects, queue consumers and schedules."""
        if not self.current:
            return None
        traffic = self.current.traffic()
        return self.version(max(traffic, key=lambda version: traffic[version]))

    def version(self, version_id: str) -> Version | None:
        """The version with that id."""
        return next((version for version in self.versions if version.id == version_id), None)

    def to_json(self) -> dict[str, Any]:
        """Everything, to be written down."""
        return asdict(self)


def script_from_json(data: dict[str, Any]) -> Script:
    """The script that `to_json` wrote."""
    versions = [
        Version(**{**version, "modules": [Module(**module) for module in version["modules"]]})
        for version in data["versions"]
    ]
    deployments = [Deployment(**deployment) for deployment in data["deployments"]]
    return Script(**{**data, "versions": versions, "deployments": deployments})
