"""The embedded backend."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chittylocal import Local


@pytest.fixture
def local() -> Iterator[Local]:
    """A backend of its own for each test: it starts in a few milliseconds."""
    with Local() as running:
        running.cloudflare.edge.verify = False
        yield running
