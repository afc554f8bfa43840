"""The account as the API changes it and the edge reads it."""

from __future__ import annotations

import asyncio
import copy
import time
import uuid
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

from chittylocal.cloudflare import workers
from chittylocal.cloudflare.envelope import Refused, no_such_version
from chittylocal.cloudflare.model import Deployment, Script, Version
from chittylocal.cloudflare.runtime import Broken, Runtime, Unavailable
from chittylocal.cloudflare.store import Store
from chittylocal.state import now

RECENT = 3
"""How many of a script's newest uploads stay in workerd besides what is deployed; others are loaded when asked."""

ASKED = 8
"""How many of those that were asked for stay."""


@dataclass
class Edge:
    """How the edge behaves; all may be changed while it runs.

    Attributes:
        delay: seconds for which the deployment before one that is made from now on keeps answering; the header
            that overrides the version knows nothing of the new one meanwhile. Shortening it lets those that are
            on their way arrive sooner.
        mixed: during the delay each request may meet the old or the new deployment, the new one ever more often,
            as from many data centres. Off: all change at once when the delay is over.
        ignore_overrides: the version-override header has no effect at all.
        verify: uploads are tried in workerd. Off: anything is accepted and nothing is served (for tests of the
            API alone).
    """

    delay: float = 0.0
    mixed: bool = False
    ignore_overrides: bool = False
    verify: bool = True


class Account:
    """The one account of the local Cloudflare.

    Attributes:
        store: what it holds.
        runtime: workerd.
        edge: how the edge behaves.
        lock: held by every change, so that changes come one after the other.
        answered: requests by script and version id.
        unknown: `METHOD /path` of every request to a route that is not served here.
    """

    def __init__(self, store: Store, runtime: Runtime) -> None:
        self.store = store
        self.runtime = runtime
        self.edge = Edge()
        self.lock = asyncio.Lock()
        self.unknown: list[str] = []
        self.answered: Counter[tuple[str, str]] = Counter()
        self._asked: deque[str] = deque(maxlen=ASKED)

    @property
    def domain(self) -> str:
        """The account's domain for Workers, e.g. `chittylocal.workers.dev`."""
        return f"{self.store.account['subdomain']}.workers.dev"

    def draft(self, name: str) -> Script:
        """A copy of the Worker to change and `commit`, or a new one."""
        script = self.store.scripts.get(name)
        return copy.deepcopy(script) if script else self.store.new_script(name)

    async def commit(self, script: Script) -> None:
        """Serve the changed copy and write it down; when workerd refuses it, nothing has changed (10021)."""
        scripts = {**self.store.scripts, script.name: script}
        try:
            await self._serve(scripts)
        except Refused:
            known = self.store.scripts.get(script.name)
            for version in script.versions:
                if known is None or known.version(version.id) is None:
                    self.store.vault.forget(version.id)
            await self._serve(self.store.scripts)
            raise
        self.store.save(script)

    async def refresh(self, *, asked: Version | None = None) -> None:
        """Make workerd serve what the account holds, and the version that somebody asks for."""
        if asked and asked.id not in self._asked:
            self._asked.append(asked.id)
        async with self.lock:
            await self._serve(self.store.scripts)

    async def _serve(self, scripts: dict[str, Script]) -> None:
        if not self.edge.verify:
            return
        live = {name: self.live(script) for name, script in scripts.items()}
        try:
            await self.runtime.apply(workers.options(self, scripts, live))
        except Broken as broken:
            raise Refused(400, 10021, str(broken)) from None
        except Unavailable as unavailable:
            raise Refused(500, 10013, f"The local edge can't run Workers: {unavailable}") from None

    def live(self, script: Script) -> list[Version]:
        """The versions that workerd runs: what answers or may answer by now, the newest, and what was asked for."""
        wanted = {version.id for version in script.versions[-RECENT:]} | set(self._asked)
        horizon = time.time() - self.edge.delay
        for deployment in reversed(script.deployments):
            wanted |= set(deployment.traffic())
            if deployment.at < horizon:
                break
        return [version for version in script.versions if version.id in wanted]

    def deploy(
        self, script: Script, shares: list[dict[str, Any]], source: str, annotations: dict[str, str], trigger: str
    ) -> Deployment:
        """Append a deployment to the copy of a script. Raises `Refused` for shares that Cloudflare refuses."""
        check_shares(script, shares)
        deployment = Deployment(
            id=str(uuid.uuid4()),
            created_on=now(),
            at=time.time(),
            source=source,
            versions=shares,
            annotations={"workers/triggered_by": trigger, **annotations},
            delay=self.edge.delay,
        )
        script.deployments.append(deployment)
        return deployment


def check_shares(script: Script, shares: list[dict[str, Any]]) -> None:
    """One or two known versions whose percentages are from 0 to 100 and make 100 together."""
    if not 1 <= len(shares) <= 2 or len({share["version_id"] for share in shares}) != len(shares):
        raise Refused(400, 10216, "A deployment has one or two different versions.")
    percentages = [share["percentage"] for share in shares]
    if any(not isinstance(value, (int, float)) or not 0 <= value <= 100 for value in percentages):
        raise Refused(400, 10217, "The percentage of a version is a number from 0 to 100.")
    if abs(sum(percentages) - 100) > 1e-6:
        raise Refused(400, 10217, "The percentages of a deployment's versions must add up to 100.")
    for share in shares:
        version = script.version(share["version_id"])
        if version is None:
            raise no_such_version()
        if version.migration_tag != script.migration_tag:
            raise Refused(
                400, 10210,
                f"Version {version.id} was uploaded before a Durable Object migration (it has tag "
                f"{version.migration_tag!r}, the Worker {script.migration_tag!r}): it can't be deployed any more.",
            )  # fmt: skip
