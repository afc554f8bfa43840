"""A service at a local account, for the tests that deploy it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chittyactions.deploy.config import read_plan
from chittyactions.deploy.plan import Plan
from chittylocal import Local
from deploy.service import Service
from deploy.workers import EVERYTHING, write_worker
from protocol.runner import ActionRunner


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Local]:
    """The embedded backend, with an account of its own."""
    with Local(tmp_path / "state") as running:
        yield running


@pytest.fixture
def service(action_runner: ActionRunner, local: Local) -> Service:
    """A service that was never deployed."""
    return Service(action_runner, local)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """The plan of a Worker with code and assets."""
    repo = write_worker(tmp_path / "repo", {"wrangler.jsonc": EVERYTHING})
    return read_plan(repo, ".", service="everything", environment="production")
