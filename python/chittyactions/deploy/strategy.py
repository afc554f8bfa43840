"""By which steps a new version takes the traffic."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

STRATEGIES = ("auto", "direct", "preview", "canary")
DEFAULT_STEPS = "10,50"


class Check(Enum):
    """How the new version is asked before it takes traffic."""

    NONE = "not before it takes traffic"
    PREVIEW = "at its preview URL"
    OVERRIDE = "at 0 % of the traffic, by the override header"


@dataclass(frozen=True)
class Choice:
    """What the caller chose. `steps` are percentages that rise to 100; `seconds` is each gate's deadline."""

    strategy: str
    steps: tuple[float, ...]
    seconds: float
    health_path: str
    rollback: bool


def parse_steps(text: str) -> tuple[float, ...]:
    """`10,50` as percentages, each above the one before; 100 follows by itself. ValueError tells what is expected."""
    expected = "expected rising percentages up to 100, such as 10,50"
    try:
        steps = tuple(float(part.strip().rstrip("%").strip()) for part in text.split(","))
    except ValueError:
        raise ValueError(expected) from None
    if steps[-1] != 100:
        steps = (*steps, 100.0)
    if not all(low < high <= 100 for low, high in zip((0.0, *steps), steps, strict=False)):
        raise ValueError(expected)
    return steps


def steps_of(strategy: str, canary_steps: tuple[float, ...]) -> tuple[float, ...]:
    """The percentages that the new version gets, one after the other."""
    return canary_steps if strategy == "canary" else (100.0,)


def check_of(strategy: str, *, preview: bool, override: bool) -> Check | None:
    """How to ask the new version first; None when `strategy` demands it and there is no way.

    `preview`: it has a preview URL. `override`: one version serves at an address where the header can be sent.
    """
    if strategy == "direct":
        return Check.NONE
    if preview:
        return Check.PREVIEW
    if override:
        return Check.OVERRIDE
    return None if strategy == "preview" else Check.NONE


def percent(value: float) -> str:
    """`10 %`, `12.5 %`."""
    return f"{value:g} %"
