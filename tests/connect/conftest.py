"""One backend for all tests of the exchange: starting it takes longer than most of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chittylocal import Local


@pytest.fixture(scope="session")
def backend() -> Iterator[Local]:
    """The embedded backend, as long as there are tests."""
    with Local(allowed=("acme",)) as local:
        yield local


@pytest.fixture
def local(backend: Local) -> Local:
    """The backend, well again, as the documents name it, and with nothing asked of it."""
    settings = backend.settings
    backend.clear_faults()
    backend.forget_requests()
    backend.issue_as.clear()
    backend.claims.clear()
    settings.behaviour, settings.provision_limit, settings.retry_after = "named", None, None
    settings.not_configured.clear()
    return backend
