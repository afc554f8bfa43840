"""One registry for each module: real verdaccio behind the local backend. Each test has a package of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chittylocal import Local
from publish.npm.packages import Publisher


@pytest.fixture(scope="module")
def registry() -> Iterator[Local]:
    """The backend whose verdaccio starts with the first request."""
    with Local() as running:
        yield running


@pytest.fixture
def local(registry: Local) -> Iterator[Local]:
    """The backend without what another test left of faults, claims and records."""
    registry.clear_faults()
    registry.claims.clear()
    registry.forget_requests()
    yield registry
    registry.clear_faults()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A package that no other test publishes."""
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
    return f"@chittyos/{words[-60:].strip('-')}"


@pytest.fixture
def publisher(local: Local, tmp_path: Path, name: str) -> Publisher:
    """Publishes the test's package with a user's token."""
    return Publisher(local, tmp_path, name)
