"""The parts of an audit become one, or are refused."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from chittyactions.compliance.audit.record import Audit, Cost, Scope, ServiceRecord, Standing
from chittyactions.compliance.audit.run import audit_of
from chittyactions.compliance.audit.shards import merged
from chittyactions.errors import InputError

BEGUN = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)


def part(shard: str, *names: str, standing: Standing = Standing.ARCHIVED, late: int = 0, **scope: Any) -> Audit:
    """The audit of a shard."""
    services = [
        ServiceRecord(organization="made", name=one, repository=f"made/{one}", type="tool", standing=standing)
        for one in names
    ]
    cost = Cost(graphql_requests=2, seconds=10.0 + late, reused=len(names))
    finished = BEGUN + timedelta(minutes=late + 1)
    return audit_of(services, Scope(**{"shard": shard, "plan": "p", **scope}), cost, BEGUN, finished)


def test_the_whole() -> None:
    """Every service in the order of the keys; sums, but the longest time: shards run side by side."""
    found = merged([part("2/3", "b", "d", late=3), part("1/3", "c"), part("3/3")])
    assert [one.name for one in found.services] == ["b", "c", "d"]
    assert (found.complete, found.incomplete, found.scope.shard) == (True, (), "1/1")
    assert (found.cost.graphql_requests, found.cost.seconds, found.cost.reused) == (6, 13.0, 3)
    assert (found.started, found.finished) == (BEGUN, BEGUN + timedelta(minutes=4))


def test_one_alone_is_the_whole() -> None:
    """A plan of one part."""
    assert merged([part("1/1", "a")]) == part("1/1", "a")


def test_a_part_that_is_missing() -> None:
    """The audit is incomplete, also when it is merged once more."""
    found = merged([part("1/4", "a"), part("3/4", "c")])
    assert found.complete is False
    assert found.incomplete == (
        "Shard 2 is missing: its services were not looked at.",
        "Shard 4 is missing: its services were not looked at.",
    )
    assert merged([found]).incomplete == found.incomplete


def test_a_part_that_is_incomplete() -> None:
    """What it could not look at is told of the whole."""
    found = merged([part("1/2", "a"), part("2/2", "b", standing=Standing.UNKNOWN)])
    assert found.incomplete == ("1 of 2 services could not be looked at: made/b.",)


@pytest.mark.parametrize(
    "parts, told",
    [
        ([part("1/2"), part("2/2", plan="q")], "they are of different plans"),
        ([part("1/2"), part("2/2", runtime=False)], "they are of different plans"),
        ([part("1/2"), part("2/2", except_dimensions=("health_endpoint",))], "they are of different plans"),
        ([part("1/2"), part("2/3")], "they divide the plan differently: by 2 and by 3"),
        ([part("1/2"), part("1/2")], "shard 1 is there twice"),
        ([part("0/0")], "there is no shard 0/0"),
        ([part("3/2")], "there is no shard 3/2"),
        ([part("1/100000000")], "there is no shard 1/100000000"),
    ],
)
def test_what_is_no_part_of_one(parts: list[Audit], told: str) -> None:
    """Their numbers would be added up as if they were."""
    with pytest.raises(InputError, match="are no parts of one") as raised:
        merged(parts)
    assert told in raised.value.what
