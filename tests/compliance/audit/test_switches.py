"""Workflows that are switched off on GitHub, where GitHub does not tell: no check says what it would not have said."""

from __future__ import annotations

from pathlib import Path

import pytest

from chittyactions.compliance.model import Outcome
from chittylocal import Fault, Local
from compliance.audit.made import MADE, Made

SCANS = """\
on: push
permissions: {contents: read}
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: github/codeql-action/init@v3
      - uses: github/codeql-action/analyze@v3
"""
STORES = """\
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: npx wrangler deploy
        env: {A: '${{ secrets.CLOUDFLARE_API_TOKEN }}', B: '${{ secrets.AWS_SECRET_ACCESS_KEY }}'}
      - uses: foo/bar@v1
"""
GOOD_AS = {Outcome.NOT_APPLICABLE: {Outcome.PASS}}
"""Nothing is wrong with workflows that may be there, nor where there are none."""


@pytest.mark.parametrize("status", [500, 403])
@pytest.mark.parametrize("name", ["flat", "worker"])
def test_what_is_not_told_is_nobody_s_verdict(tmp_path: Path, name: str, status: int) -> None:
    """Whatever differs is unknown; the next audit, which is told, is as any other."""
    with Local() as local:
        flows = {".github/workflows/scan.yml": SCANS, ".github/workflows/old.yml": STORES}
        local.github.repository(f"made/{name}", {**MADE[name], **flows})
        local.github.rules.set_workflows(f"made/{name}", dict.fromkeys(flows, "disabled_manually"))
        made = Made(local, tmp_path, security=True)
        told = made.audit(name)[name]
        local.fault("github", "GET", "*/actions/workflows", Fault("status", status=status))
        state = tmp_path / "state"
        found = made.audit(name, state=state)[name]
        known = {one.id: one.outcome for one in told.checks}
        doubted = set()
        for one in found.checks:
            if one.outcome is Outcome.UNKNOWN and known[one.id] is not Outcome.UNKNOWN:
                doubted.add(one.id)
                assert "not known" in one.reason
            else:
                assert one.outcome in {known[one.id], *GOOD_AS.get(known[one.id], ())}, one.id
        assert {"security-threats.sast", "secrets-model.deprecated", "security-ci-cd.pinned-actions"} <= doubted
        local.clear_faults()
        assert {one.id: one.outcome for one in made.audit(name, state=state)[name].checks} == known
