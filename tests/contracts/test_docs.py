"""The generated tables of the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

import docs

EXAMPLE = """name: x
inputs:
  one: {description: "a | b", default: "1"}
  two: {description: "needed", required: true}
outputs:
  three: {description: "out", value: "x"}
"""


def test_the_pages_are_up_to_date() -> None:
    """Tables of inputs, secrets and outputs are what tools/docs.py writes from the YAML."""
    assert docs.stale() == []


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository of one action and one page that is behind."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "action.yml").write_text(EXAMPLE)
    page = "<!-- inputs: action.yml -->\nold\n<!-- end -->\n\n<!-- outputs: action.yml -->\n<!-- end -->\n"
    (tmp_path / "docs/page.md").write_text(page)
    return tmp_path


def test_a_page_that_is_behind_is_found(tree: Path) -> None:
    """A table that differs from the YAML makes its page stale; the written page is not stale."""
    page = tree / "docs/page.md"
    assert docs.stale(tree) == [page]
    page.write_text(docs.render(page.read_text(), tree))
    assert docs.stale(tree) == []


def test_a_table_reads_as_it_should(tree: Path) -> None:
    """Defaults stand as code, a required input says so, and a bar in a description does not end its cell."""
    written = docs.render((tree / "docs/page.md").read_text(), tree)
    assert "| `one` | `1` | a \\| b |\n| `two` | required | needed |\n" in written
    assert "| Output | Meaning |\n| --- | --- |\n| `three` | out |\n" in written
