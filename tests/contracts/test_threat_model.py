"""The threat model names tests, and they exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
TESTS = {
    name
    for file in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"\ndef (test_\w+)", file.read_text("utf-8"))
}


def test_every_measure_names_tests_that_exist() -> None:
    """A row without a test is a promise, and a test that was renamed away is none."""
    rows = PAGE.partition("## What stands against it")[2].partition("\n## ")[0].splitlines()
    measures = [row for row in rows if row.startswith("| ") and not row.startswith("| threat")]
    assert len(measures) > 10
    for row in measures:
        named = re.findall(r"`(test_\w+)`", row)
        assert named, row
        assert set(named) <= TESTS, row
