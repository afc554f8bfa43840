"""A tap in the local GitHub, in a real git repository of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chittylocal import Local
from publish.tap.workshop import FORMULA, OLD, Workshop, tap_of


@pytest.fixture(scope="module")
def backend() -> Iterator[Local]:
    """One backend for a module; each test has a tap of its own."""
    with Local() as running:
        yield running


@pytest.fixture
def local(backend: Local) -> Local:
    """The backend, well again and with nothing asked of it."""
    backend.clear_faults()
    backend.forget_requests()
    return backend


@pytest.fixture
def workshop(local: Local, request: pytest.FixtureRequest) -> Workshop:
    """A tap with one formula at 1.0.0, named for the test."""
    name = "".join(sign if sign.isalnum() else "-" for sign in request.node.name)
    repository = f"chittyos/tap-{name}"
    local.github.repository(repository, {FORMULA: OLD, "README.md": "# Tap\n"})
    said: list[str] = []
    return Workshop(local, repository, tap_of(local, repository, said), said)
