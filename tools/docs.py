"""Writes into the documentation what YAML says: tables of inputs, secrets and outputs, and the compliance checks.

    python tools/docs.py --check     say which pages are not up to date; exit code 1 when there are any
    python tools/docs.py --write     bring them up to date

A table stands between two markers in any Markdown file of the repository:

    <!-- inputs: actions/getchitty-creds/action.yml -->
    <!-- end -->

The first word is `inputs`, `secrets` or `outputs`; the path leads to an action or a reusable workflow. Of the
compliance checks there are `<!-- check: chittycanon.charter -->`, `<!-- about: chittycanon -->`,
`<!-- dimensions: all -->` and `<!-- profiles: all -->`: see check_docs.py.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

import check_docs

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("*.md", "docs/**/*.md", "actions/*/README.md", "examples/**/*.md")
BLOCK = re.compile(
    r"(?P<open><!-- (?P<kind>inputs|secrets|outputs|check|about|dimensions|profiles): (?P<of>\S+) -->\n)"
    r"(?P<table>.*?)(?P<close><!-- end -->)",
    re.DOTALL,
)


def contract(path: Path) -> dict[str, dict[str, Any]]:
    """The `inputs`, `secrets` and `outputs` of an action or a reusable workflow, each by name."""
    document = yaml.safe_load(path.read_text("utf-8"))
    trigger = document.get("on", document.get(True))  # YAML 1.1 reads the word `on` as true
    held = trigger["workflow_call"] if isinstance(trigger, dict) else document
    return {kind: held.get(kind) or {} for kind in ("inputs", "secrets", "outputs")}


def table(kind: str, entries: dict[str, Any]) -> str:
    """A Markdown table of one part of a contract, in the order of the YAML."""
    heads = {"inputs": ("Input", "Default"), "secrets": ("Secret", "Required"), "outputs": ("Output",)}[kind]
    rows = ["| " + " | ".join([*heads, "Meaning"]) + " |", "| --- " * (len(heads) + 1) + "|"]
    for name, given in entries.items():
        entry = given or {}
        cells = [f"`{name}`"]
        if kind == "inputs":
            cells.append("required" if entry.get("required") else _code(entry.get("default")))
        elif kind == "secrets":
            cells.append("yes" if entry.get("required") else "no")
        rows.append("| " + " | ".join([*cells, _cell(entry.get("description", ""))]) + " |")
    return "\n".join(rows) + "\n"


def _code(value: object) -> str:
    if value in (None, ""):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def render(text: str, root: Path = ROOT) -> str:
    """A page with all its tables as they should be. FileNotFoundError names a YAML file that is not there."""

    def fresh(block: re.Match[str]) -> str:
        return f"{block['open']}{_written(block['kind'], block['of'], root)}{block['close']}"

    return BLOCK.sub(fresh, text)


def _written(kind: str, of: str, root: Path) -> str:
    """What belongs between two markers."""
    if kind == "check":
        return check_docs.check(of, root)
    if kind == "about":
        return check_docs.about(of, root)
    if kind in ("dimensions", "profiles"):
        return check_docs.dimensions(root) if kind == "dimensions" else check_docs.profiles(root)
    return table(kind, contract(root / of)[kind])


def pages(root: Path = ROOT) -> Iterator[Path]:
    """Every Markdown page that may hold a table."""
    for pattern in PAGES:
        yield from (path for path in sorted(root.glob(pattern)) if "node_modules" not in path.parts)


def stale(root: Path = ROOT) -> list[Path]:
    """The pages whose tables differ from the YAML."""
    return [path for path in pages(root) if render(text := path.read_text("utf-8"), root) != text]


def main(arguments: Sequence[str] | None = None) -> int:
    """Check or write; the exit code."""
    parser = argparse.ArgumentParser(prog="tools/docs.py", description="What the docs say of our YAML")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--check", action="store_true", help="exit with 1 when a page is not up to date")
    how.add_argument("--write", action="store_true", help="bring every page up to date")
    chosen = parser.parse_args(arguments)
    behind = stale()
    for path in behind:
        if chosen.write:
            path.write_text(render(path.read_text("utf-8")), "utf-8")
        print(f"{path.relative_to(ROOT)}: {'written' if chosen.write else 'not up to date; run tools/docs.py --write'}")
    return 1 if behind and chosen.check else 0


if __name__ == "__main__":
    sys.exit(main())
