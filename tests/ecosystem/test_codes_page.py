"""The page of Cloudflare's codes is the table that the errors come from."""

from __future__ import annotations

import re
from pathlib import Path

from chittyactions.ecosystem.cloudflare_codes import MEANINGS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "worker-deploy.md"


def test_every_code_stands_on_the_page() -> None:
    """Code, meaning and remedy, word for word: running this module writes the table."""
    assert table() in PAGE.read_text("utf-8")


def table() -> str:
    """The codes as Markdown, in ascending order."""
    rows = [f"| {code} | {meaning.why} | {meaning.fix} |" for code, meaning in sorted(MEANINGS.items(), key=by_number)]
    return "\n".join(["| Code | Means | What to do |", "|---|---|---|", *rows])


def by_number(item: tuple[str, object]) -> int:
    return int(item[0])


if __name__ == "__main__":
    text = PAGE.read_text("utf-8")
    PAGE.write_text(
        re.sub(
            r"(<!-- codes -->\n).*?(<!-- end of codes -->)", lambda m: f"{m[1]}{table()}\n{m[2]}", text, flags=re.DOTALL
        )
    )
