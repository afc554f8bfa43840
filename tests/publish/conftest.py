"""One backend with a tap for the tests that publish by the whole action; each test has a package of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chittylocal import Local
from publish.chain import Package, Tap


@pytest.fixture(scope="module")
def tap() -> Iterator[Tap]:
    """The tap of a backend that a module's tests share."""
    with Local() as local:
        yield Tap.made(local)


@pytest.fixture
def package(tap: Tap, tmp_path: Path) -> Iterator[Package]:
    """An npm package that was never published."""
    tap.local.forget_requests()
    yield Package(tap, tmp_path)
    tap.local.clear_faults()
