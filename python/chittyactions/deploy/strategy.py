"""By which steps a new version takes the traffic."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

STRATEGIES = ("auto", "direct", "preview", "canary")
DEFAULT_STEPS = "10,50"

JOB_MINUTES = 60
"""`timeout-minutes` of the reusable workflow's deploy job."""

GATES_MINUTES = 45
"""What of it gates may take; the rest is for tools, the upload and the way back."""


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


def gates_of(strategy: str, canary_steps: tuple[float, ...]) -> int:
    """How many gates a deploy has at most: before it takes traffic, at each step, and once the triggers are applied."""
    return (strategy != "direct") + len(steps_of(strategy, canary_steps)) + 1


def too_long(strategy: str, canary_steps: tuple[float, ...], seconds: float) -> str:
    """Why so many gates of `seconds` each do not fit into the deploy job, with the sum; "" when they do."""
    gates = gates_of(strategy, canary_steps)
    if gates * seconds <= GATES_MINUTES * 60:
        return ""
    return (
        f"health_timeout is too long: {gates} gates of {seconds:g} s are {gates * seconds / 60:g} minutes, and of the "
        f"{JOB_MINUTES} minutes of the deploy job {GATES_MINUTES} are for gates; "
        f"{int(GATES_MINUTES * 60 / gates)}s would fit"
    )


def percent(value: float) -> str:
    """`10 %`, `12.5 %`."""
    return f"{value:g} %"
