"""Links lead somewhere: those of error messages, and those within the documentation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.files import ROOT

DOCS = ROOT / "docs"
ACTIONS = ROOT / "python" / "chittyactions"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "actions").glob("*/README.md")])


def anchors(page: Path) -> set[str]:
    """What parts of a page are linked by: headings, as GitHub makes it of their text, and `<a id="…">`."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#{1,6} +(.*?) *$", text, re.MULTILINE)
    named = re.findall(r'<a id="([\w-]+)">', text)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings} | {*named}


def missing(target: str, page: Path) -> bool:
    """Whether `target`, a path with an anchor or either alone, leads nowhere from `page`."""
    name, _, anchor = target.partition("#")
    found = (page.parent / name).resolve() if name else page
    if not found.exists():
        return True
    return bool(anchor) and found.suffix == ".md" and anchor not in anchors(found)


def links_of_messages() -> Iterator[tuple[str, str]]:
    """Each `page.md#anchor` in a string of the code, with the module that has it; constants of the module filled in."""
    for path in sorted(ACTIONS.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            text = ""
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
            elif isinstance(node, ast.JoinedStr):
                text = "".join(
                    str(part.value)
                    if isinstance(part, ast.Constant)
                    else str(constants.get(part.value.id, "{}"))
                    if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name)
                    else "{}"
                    for part in node.values
                )
            if re.fullmatch(r"[\w-]+\.md#[\w-]+", text):
                yield path.relative_to(ACTIONS).as_posix(), text


def test_links_of_error_messages_lead_to_a_heading() -> None:
    """Who follows a message finds the part of the page that is about it."""
    found = list(links_of_messages())
    assert len(found) > 50
    assert [link for link in found if missing(link[1], DOCS / "index.md")] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    """Every relative link leads to a file that is there, and to a heading that it has."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", text))
    assert [target for target in targets if "://" not in target and missing(target, page)] == []
