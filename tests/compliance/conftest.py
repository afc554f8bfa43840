"""Fixtures of the compliance engine's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.repositories import laid_out_under


@pytest.fixture(autouse=True)
def _repositories_in_the_tests_own_folder(tmp_path: Path) -> Iterator[None]:
    """What `repository(…)` makes is gone with the test."""
    with laid_out_under(tmp_path):
        yield
