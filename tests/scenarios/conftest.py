"""A backend for whole actions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chittylocal import Local


@pytest.fixture
def local() -> Iterator[Local]:
    """The embedded backend, trusting the organisation of the fixture's job."""
    with Local(allowed=("acme",)) as backend:
        yield backend
