"""A service of its own in the local R2, for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chittylocal import Local
from publish.r2.bucket import Shop


@pytest.fixture(scope="module")
def backend() -> Iterator[Local]:
    """One backend for a module."""
    with Local() as running:
        yield running


@pytest.fixture
def local(backend: Local) -> Local:
    """The backend, well again and with nothing asked of it."""
    backend.clear_faults()
    backend.forget_requests()
    return backend


@pytest.fixture
def shop(local: Local, request: pytest.FixtureRequest, tmp_path: Path) -> Shop:
    """A service without releases, named for the test."""
    name = "".join(sign if sign.isalnum() else "-" for sign in request.node.name.removeprefix("test_"))
    return Shop(local, tmp_path, name.strip("-").lower())
