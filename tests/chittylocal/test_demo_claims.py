"""What a demo claims of a credential is looked up: it stops where that is not so."""

from __future__ import annotations

from typing import Any

import pytest

from chittylocal.demo.claims import NotAsClaimed, revoked

LEASE = {"name": "CLOUDFLARE_API_TOKEN", "token_id": "t1", "revoked_at": "2026-11-22T10:00:09Z"}
OTHERS = [{**LEASE, "token_id": ""}, {**LEASE, "name": "NPM_TOKEN"}]
USED = [{"service": "r2", "at": "2026-11-22T10:00:08Z"}, {"service": "connect", "at": "2026-11-22T10:00:10Z"}]


def test_the_token_that_is_revoked_after_its_last_use() -> None:
    """Of all leases it is the one, whoever is asked later by something else."""
    assert revoked([*OTHERS, LEASE], USED, "r2") == LEASE


@pytest.mark.parametrize(
    "leases, used, said",
    [
        (OTHERS, USED, "One revocable Cloudflare token should have been issued, not 0."),
        ([LEASE, LEASE], USED, "not 2."),
        ([{**LEASE, "revoked_at": None}], USED, "was not revoked after the run"),
        ([LEASE], [{"service": "r2", "at": "2026-11-22T10:00:10Z"}], "was revoked before its last use"),
        ([LEASE], [], "was revoked before its last use"),
    ],
)
def test_what_is_not_as_claimed_stops_the_demo(
    leases: list[dict[str, Any]], used: list[dict[str, Any]], said: str
) -> None:
    """None or several, alive, revoked too early, or never used."""
    with pytest.raises(NotAsClaimed, match=said):
        revoked(leases, used, "r2")
