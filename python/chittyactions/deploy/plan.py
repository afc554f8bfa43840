"""What a deploy is going to do, told by the configuration that is committed at this commit, and by nothing else.

The build job and the deploy job each read the committed configuration into a `Plan`; the artifact between them only
adds the files. `Upload` is the two together: a folder that holds nothing else, ready for wrangler.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value that is checked when it is made and does not change afterwards; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Route(Frozen):
    """One entry of `routes`. `custom_domain` makes `pattern` a host name of its own, else it is a zone's pattern."""

    pattern: str
    custom_domain: bool = False
    zone_id: str = ""
    zone_name: str = ""


class Binding(Frozen):
    """A thing that the Worker can reach: `kind` is the configuration's key (`kv_namespaces`, `vars` …)."""

    kind: str
    name: str


class Assets(Frozen):
    """Static files beside the Worker. `directory` is relative to the configuration's folder."""

    directory: str
    binding: str = ""


class Plan(Frozen):
    """The resolved configuration of one service in one environment."""

    service: str
    """The service as the ecosystem calls it (input `service_name`)."""
    environment: str
    """The environment as the workflow was called (`production`, `staging` …): GitHub's, and the artifact's name."""
    wrangler_env: str
    """What `--env` gets: the environment where the configuration has `env.<it>`, else "" for the top level."""
    script: str
    """The Worker's name at Cloudflare: `name`, `env.X.name`, or `name-X`."""
    top_name: str
    """The name at the top level, by which Cloudflare's dashboard groups the environments."""
    environments: tuple[str, ...]
    """Every environment that the configuration has; wrangler tags a Worker only where there are any."""
    config_file: str
    """The committed configuration, relative to the checkout, with forward slashes: `apps/api/wrangler.jsonc`."""
    isolated: bool
    """False: built and uploaded from the checkout in the job that holds the credentials (`isolation: off`)."""
    account_id: str = ""
    """From the configuration; "" where it has none."""
    compliance_region: str = "public"
    """`public`, or `fedramp_high`, whose API has another address."""
    compatibility_date: str = ""
    main: str = ""
    """The entry point as committed; "" for a Worker that is assets alone."""
    routes: tuple[Route, ...] = ()
    crons: tuple[str, ...] | None = None
    """None: the configuration says nothing, and Cloudflare's schedules stay as they are."""
    workers_dev: bool | None = None
    """None: wrangler's default, which is on unless there are routes."""
    preview_urls: bool | None = None
    """None: wrangler's default, which follows workers_dev."""
    bindings: tuple[Binding, ...] = ()
    migration_tags: tuple[str, ...] = ()
    """Durable Object migrations in order. What is pending is known only beside the Worker's current tag."""
    durable_objects: tuple[str, ...] = ()
    """Classes of Durable Objects that this Worker itself exports and binds."""
    exports: bool = False
    """The configuration uses `exports` for Durable Objects; such a Worker goes by `deploy` only."""
    queue_consumers: tuple[str, ...] = ()
    """Queues that this Worker consumes: `deploy` and `triggers deploy` attach them."""
    version_metadata: str = ""
    """Name of the version-metadata binding, by which a service can say which version answered; "" without one."""
    required_secrets: tuple[str, ...] = ()
    """`secrets.required`: wrangler refuses an upload without them."""
    assets: Assets | None = None
    settings: dict[str, Any] = {}
    """Everything that may be sent, resolved for the environment, in wrangler's own words: what `Upload` writes."""
    warnings: tuple[str, ...] = ()
    """Whole sentences for a person; none of them stops the deploy."""

    @property
    def custom_domains(self) -> tuple[str, ...]:
        """Host names that the configuration claims for this Worker."""
        return tuple(route.pattern for route in self.routes if route.custom_domain)

    @property
    def serves_workers_dev(self) -> bool:
        """Whether the Worker is reachable at `<script>.<subdomain>.workers.dev` after its triggers are applied."""
        return not self.routes if self.workers_dev is None else self.workers_dev

    @property
    def serves_previews(self) -> bool:
        """Whether versions get preview URLs after its triggers are applied."""
        return self.serves_workers_dev if self.preview_urls is None else self.preview_urls

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over `settings`: equal when nothing that is sent differs."""
        canonical = json.dumps(self.settings, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


class Upload(Frozen):
    """A folder from which wrangler uploads: its working directory, its configuration and its arguments."""

    folder: Path
    config: Path
    plan: Plan
    commit: str
    """The commit that was built, 40 hex digits."""
    bundle_size: int = 0
    """Bytes of all modules, source maps not counted."""
    bundle_gzip: int = 0
    modules: tuple[tuple[str, str], ...] = ()
    """(path, kind) of each module of the artifact, in order; empty without isolation."""

    @property
    def target(self) -> tuple[str, ...]:
        """Arguments of every wrangler command on this Worker: the configuration, and the environment in it."""
        return ("--config", str(self.config), f"--env={self.plan.wrangler_env}")

    @property
    def code(self) -> tuple[str, ...]:
        """Further arguments of the commands that upload code (`deploy`, `versions upload`)."""
        return ("--no-bundle",) if self.plan.isolated and self.plan.main else ()
