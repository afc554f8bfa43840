"""What became of a release on all channels: what outputs, table and summary are made of. No secret is in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from chittyactions.errors import Cancelled
from chittyactions.publish.model import Release, Result, Status

NAMES = {"npm": "npm", "r2": "R2", "homebrew": "Homebrew"}
"""The channels, as a person reads them."""

STATUS_OUTPUTS = {"npm": "npm_status", "r2": "r2_status", "homebrew": "brew_status"}

WELL = (Status.PUBLISHED, Status.ALREADY, Status.SKIPPED)


@dataclass(frozen=True)
class Outcome:
    """`results` are by channel, those that were not asked for left out. `cancelled` when the job was."""

    release: Release
    results: Mapping[str, Result]
    dry_run: bool = False
    cancelled: Cancelled | None = None

    @property
    def failed(self) -> tuple[Result, ...]:
        """The channels where the release is not out for certain, in their order."""
        return tuple(result for result in self.results.values() if result.status not in WELL)

    @property
    def out(self) -> tuple[Result, ...]:
        """The channels where the release is out, in their order."""
        return tuple(r for r in self.results.values() if r.status in (Status.PUBLISHED, Status.ALREADY))

    @property
    def was_out(self) -> bool:
        """Whether there was nothing to do: it was out before, wherever it belongs."""
        return bool(self.out) and not self.failed and all(result.status is Status.ALREADY for result in self.out)

    @property
    def exit_code(self) -> int:
        """Of the step: 0, 1, or 130 for a cancelled one."""
        return self.cancelled.exit_code if self.cancelled else int(bool(self.failed))

    def outputs(self) -> dict[str, str]:
        """The outputs of the action that tell of a publish, by name."""
        statuses = {
            output: (self.results[channel].status if channel in self.results else Status.SKIPPED).value
            for channel, output in STATUS_OUTPUTS.items()
        }
        urls = {channel: list(result.urls) for channel, result in self.results.items() if result.urls}
        return {**identity(self.release), **statuses, "urls": json.dumps(urls, separators=(",", ":"))}


def identity(release: Release) -> dict[str, str]:
    """The outputs that name a release, which both phases set."""
    return {
        "version": str(release.version),
        "tarball": release.tarball.name,
        "integrity": release.integrity,
    }
