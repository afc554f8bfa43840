"""A running backend, and an independent client (requests) for each of its services."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from chittylocal import Local


@pytest.fixture
def local() -> Iterator[Local]:
    """A backend of its own for each test: it starts in a few milliseconds."""
    with Local() as running:
        yield running


@pytest.fixture
def today() -> Iterator[Local]:
    """A backend whose services are as they are today."""
    with Local(behaviour="today") as running:
        yield running


@pytest.fixture
def web() -> Iterator[requests.Session]:
    """A client that takes nothing from the environment of whoever runs the tests."""
    with requests.Session() as session:
        session.trust_env = False
        yield session
