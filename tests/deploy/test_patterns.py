"""Which visitors a route's pattern covers, and whom it takes them from."""

from __future__ import annotations

import pytest

from chittyactions.deploy.patterns import host_of, matches, same, takes_from


@pytest.mark.parametrize(
    "ours, theirs, takes",
    [
        ("api.example.com/*", "api.example.com/*", True),
        ("https://api.example.com/*", "api.example.com/*", True),
        ("api.example.com/*", "https://API.example.com/*", True),
        ("api.example.com/v1/*", "api.example.com/*", True),
        ("api.example.com/*", "api.example.com/v1/*", False),
        ("api.example.com/v2/*", "api.example.com/v1/*", False),
        ("api.example.com/*", "*.example.com/*", True),
        ("api.example.com/*", "*example.com/v1/*", True),
        ("*.example.com/*", "api.example.com/*", False),
        ("*.example.com/v1/*", "*.example.com/*", True),
        ("*.api.example.com/*", "*.example.com/*", True),
        ("api.example.com/*", "www.example.com/*", False),
        ("api.example.com/health", "api.example.com/health", True),
    ],
)
def test_a_route_takes_what_it_covers_as_well_or_better(ours: str, theirs: str, takes: bool) -> None:
    """The more specific pattern gets the visitors, whatever the scheme; the other one keeps the rest."""
    assert takes_from(ours, theirs) is takes


def test_schemes_and_letter_case_make_no_difference() -> None:
    """Two spellings of one pattern are the same."""
    assert same("HTTPS://Api.Example.com/*", "api.example.com/*")
    assert not same("api.example.com/A", "api.example.com/a")
    assert host_of("http://*.Example.com/*") == "*.example.com"


@pytest.mark.parametrize(
    "pattern, host, path, matched",
    [
        ("*.example.com/*", "api.example.com", "/health", True),
        ("*.example.com/*", "example.com", "/health", False),
        ("*.example.com/v1/*", "api.example.com", "/health", False),
        ("https://api.example.com/*", "API.example.com", "/health", True),
    ],
)
def test_a_request_and_a_pattern(pattern: str, host: str, path: str, matched: bool) -> None:
    """Host and path have to be covered."""
    assert matches(pattern, host, path) is matched
