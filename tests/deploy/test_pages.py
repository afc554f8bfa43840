"""Links from errors lead to places that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"worker-(?:deploy|build)\.md#[a-z0-9-]+")


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_example_of_the_build_does_not_warn() -> None:
    """The Node that the example sets up is the one that it says it builds with: another would warn on each run."""
    page = (ROOT / "docs" / "worker-build.md").read_text("utf-8")
    set_up = re.search(r'setup-node@v6\n +with: \{ node-version: "(\d+)" \}', page)
    told = re.search(r'^ +node_version: "(\d+)"', page, flags=re.MULTILINE)
    assert set_up
    assert told
    assert set_up[1] == told[1]


def test_every_link_of_an_error_leads_to_a_heading() -> None:
    """Who follows the link of an error finds the paragraph, not the top of a page."""
    links = {
        link
        for path in (ROOT / "python" / "chittyactions").rglob("*.py")
        for link in LINK.findall(path.read_text("utf-8"))
    }
    assert len(links) > 5
    for link in sorted(links):
        page, _, anchor = link.partition("#")
        assert anchor in anchors(ROOT / "docs" / page), link
