"""What every repository of an audit is held to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from chittyactions.compliance.assemble import Assembled, load
from chittyactions.compliance.settings import Settings


@dataclass(frozen=True)
class Rules:
    """What every repository is held to. `left_out` are dimensions that nobody asks for."""

    checks_text: str
    registry_text: str
    today: date
    now: datetime
    left_out: frozenset[str] = frozenset()

    def assembled(self, settings: Settings | None = None) -> Assembled:
        """The engine, with a repository's own checks. Raises ConfigError."""
        made = self._whole.held_to(settings) if settings else self._whole
        if not self.left_out:
            return made
        whole = made.engine.catalogue
        kept = whole.model_copy(
            update={
                "dimensions": {name: one for name, one in whole.dimensions.items() if name not in self.left_out},
                "checks": tuple(one for one in whole.checks if one.dimension not in self.left_out),
            }
        )
        return replace(made, engine=replace(made.engine, catalogue=kept))

    @cached_property
    def _whole(self) -> Assembled:
        """Without anybody's settings. A registry of ten thousand services takes a second to read."""
        return load(checks_text=self.checks_text, registry_text=self.registry_text)
