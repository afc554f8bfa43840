"""Fixtures that every group of tests shares."""

from __future__ import annotations

from pathlib import Path

import pytest

from protocol.runner import ActionRunner


@pytest.fixture
def action_runner(tmp_path: Path) -> ActionRunner:
    """A job on a runner: fresh folders, clean environment, no masks yet."""
    return ActionRunner(tmp_path / "job")
