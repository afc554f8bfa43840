"""A backend for whole actions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chittylocal import Local
from protocol.runner import ActionRunner
from scenarios.compliance_job import Job


@pytest.fixture
def local() -> Iterator[Local]:
    """The embedded backend, trusting the organisation of the fixture's job."""
    with Local(allowed=("acme",)) as backend:
        yield backend


@pytest.fixture
def job(action_runner: ActionRunner, local: Local) -> Job:
    """A job of acme/hello that checks it."""
    return Job(action_runner, local)
