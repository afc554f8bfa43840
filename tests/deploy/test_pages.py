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
