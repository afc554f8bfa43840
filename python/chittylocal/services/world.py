"""What every service sees: the state, the settings, the faults, and where other things listen."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chittylocal.faults import FaultBook
    from chittylocal.mounted import Handler
    from chittylocal.settings import Settings
    from chittylocal.state import State


@dataclass
class World:
    """Shared by the services of one backend.

    Attributes:
        elsewhere_url: the foreign origin that redirects lead to.
        origins: origins of the services that listen on ports of their own, by service, e.g. `r2`; set by startup hooks.
        hosts: public host name → (service, handler): what answers by that name at the edge instead of a Worker.
        held: the requests that a `hold` keeps waiting.
        stopping: set when the backend goes down, so that nothing waits any longer.
        extra: what services keep for each other and for tests (e.g. GitHub's data).
    """

    state: State
    settings: Settings
    faults: FaultBook
    elsewhere_url: str = ""
    origins: dict[str, str] = field(default_factory=dict)
    hosts: dict[str, tuple[str, Handler]] = field(default_factory=dict)
    held: list[dict[str, Any]] = field(default_factory=list)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    extra: dict[str, Any] = field(default_factory=dict)
