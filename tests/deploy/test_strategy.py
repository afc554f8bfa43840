"""By which steps a version takes the traffic, and how it is asked before."""

from __future__ import annotations

import pytest
import yaml

from chittyactions.deploy.patterns import covers
from chittyactions.deploy.strategy import JOB_MINUTES, Check, check_of, parse_steps, steps_of, too_long
from deploy.workers import ROOT


@pytest.mark.parametrize(
    "text, steps",
    [
        ("10,50,100", (10, 50, 100)),
        ("10,50", (10, 50, 100)),
        (" 5 %, 12.5% ", (5, 12.5, 100)),
        ("100", (100,)),
        ("1", (1, 100)),
    ],
)
def test_canary_steps(text: str, steps: tuple[float, ...]) -> None:
    """Rising percentages; 100 follows by itself."""
    assert parse_steps(text) == steps


@pytest.mark.parametrize("text", ["", "0,50", "50,10", "10,10", "10,101", "-1", "ten", "10;50", "nan", "inf", "10,,50"])
def test_canary_steps_that_make_no_sense(text: str) -> None:
    """The message says what is expected."""
    with pytest.raises(ValueError, match="rising percentages up to 100, such as 10,50"):
        parse_steps(text)


@pytest.mark.parametrize(
    "strategy, preview, override, check",
    [
        ("direct", True, True, Check.NONE),
        ("auto", True, True, Check.PREVIEW),
        ("auto", False, True, Check.OVERRIDE),
        ("auto", False, False, Check.NONE),
        ("canary", True, False, Check.PREVIEW),
        ("canary", False, False, Check.NONE),
        ("preview", False, True, Check.OVERRIDE),
        ("preview", False, False, None),
    ],
)
def test_the_best_check_that_there_is(strategy: str, preview: bool, override: bool, check: Check | None) -> None:
    """The preview URL before the override header; `preview` does without neither."""
    assert check_of(strategy, preview=preview, override=override) is check


def test_only_a_canary_goes_by_steps() -> None:
    """All others take the traffic at once."""
    assert steps_of("canary", (10, 100)) == (10, 100)
    assert steps_of("auto", (10, 100)) == (100,)


@pytest.mark.parametrize(
    "strategy, steps, seconds, told",
    [
        ("auto", (10, 100), 900, ""),
        ("auto", (10, 100), 901, "3 gates of 901 s are 45.05 minutes"),
        ("direct", (10, 100), 1350, ""),
        ("canary", (10, 50, 100), 540, ""),
        ("canary", (10, 50, 100), 600, "5 gates of 600 s are 50 minutes"),
    ],
)
def test_the_gates_have_to_fit_into_the_job(strategy: str, steps: tuple[float, ...], seconds: float, told: str) -> None:
    """A job that is killed by its own time limit could not put anything back: the sum is told beforehand."""
    text = too_long(strategy, steps, seconds)
    assert told in text
    assert bool(text) is bool(told)


def test_the_job_has_the_minutes_that_gates_are_measured_by() -> None:
    """The workflow's limit and ours are one number."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/reusable-worker-deploy.yml").read_text("utf-8"))
    assert workflow["jobs"]["deploy"]["timeout-minutes"] == JOB_MINUTES


@pytest.mark.parametrize(
    "pattern, path, covered",
    [
        ("example.com/*", "/health", True),
        ("example.com/api/*", "/health", False),
        ("example.com/api/*", "/api/health", True),
        ("example.com/health", "/health", True),
        ("example.com/health", "/healthy", False),
        ("example.com", "/health", False),
        ("https://example.com/*", "/health", True),
        ("*.example.com/*", "/health", False),
        ("*example.com/*", "/health", False),
        ("example.com/a.c*", "/abc", False),
    ],
)
def test_a_route_is_asked_only_where_it_leads_to_the_health_path(pattern: str, path: str, covered: bool) -> None:
    """Another Worker would answer elsewhere on that host."""
    assert covers(pattern, path) is covered
