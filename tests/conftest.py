"""Fixtures that every group of tests shares."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from protocol.runner import ActionRunner

# Whoever starts the tests in the background has them ignore an interrupt, and so every program that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

TESTS = Path(__file__).parent


GROUPS = {
    "contracts": "contracts",
    "protocol": "protocol",
    "scenarios": "protocol",
    "engines": "engines",
    "e2e": "e2e",
    "test_faults.py": "faults",
}
"""Folders and files under tests/ whose tests are a group of `make help`. Any other is a unit test unless it says so."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test the group of its folder or file."""
    for item in items:
        for folder in GROUPS.keys() & set(item.path.relative_to(TESTS).parts):
            item.add_marker(GROUPS[folder])


@pytest.fixture
def action_runner(tmp_path: Path) -> ActionRunner:
    """A job on a runner: fresh folders, clean environment, no masks yet."""
    return ActionRunner(tmp_path / "job")
