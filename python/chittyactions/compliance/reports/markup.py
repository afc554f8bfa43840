"""Pieces of GitHub's Markdown, with foreign text in them that stays text, and a page that fits its limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from urllib.parse import quote

from chittyactions.compliance.model import Finding, Outcome, Verdict
from chittyactions.compliance.reports.wording import NEEDS, WORDS, block, line, passed_of, plural, visible
from chittyactions.runner import as_bytes, inert

LONGEST_TEXT = 1_000
"""Characters of one message."""

LONGEST_FIX = 60
"""Lines of one block to paste."""

MARKS = {
    Outcome.PASS: "✅",
    Outcome.FAIL: "❌",
    Outcome.WAIVED: "🔕",
    Outcome.NOT_APPLICABLE: "⚪",
    Outcome.NOT_EVALUATED: "⏭️",
    Outcome.UNKNOWN: "❔",
    Outcome.ERROR: "⚠️",
}

LANGUAGES = {
    ".yml": "yaml",
    ".yaml": "yaml",
    ".json": "json",
    ".jsonc": "jsonc",
    ".toml": "toml",
    ".md": "markdown",
    ".js": "js",
    ".ts": "ts",
    ".py": "python",
}

_ACTIVE = re.compile(r"[\\`*~\[\]!$]|(?<![^\W_])_|_(?![^\W_])")
_STARTS = re.compile(r"^(\d*)([-+#=:.)])")
_LEADS_OUT = re.compile(r"@(?=\S)|#(?=\d)|(?<=\bGH)-(?=\d)|:(?=//)|www(?=\.)", re.IGNORECASE)
_RUNS = re.compile(r"`+")


def text(words: str, longest: int = LONGEST_TEXT) -> str:
    """Words on one line: no Markdown or HTML, no link even of an address, nobody mentioned and no issue referred to."""
    plain = line(words, longest).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = _STARTS.sub(r"\1\\\2", _ACTIVE.sub(r"\\\g<0>", plain))
    return _LEADS_OUT.sub(lambda found: f"{found[0]}<!-- -->", plain).replace("|", "&#124;")


def code(words: str) -> str:
    """Words as code, in a table too; "" for none."""
    plain = inert(line(words, LONGEST_TEXT))
    if not plain:
        return ""
    if "|" in plain:  # a table's bar, in code as well
        return f"<code>{text(plain)}</code>"
    ticks = _longer_than(plain, 1)
    space = " " if "`" in plain else ""
    return f"{ticks}{space}{plain}{space}{ticks}"


def fence(lines: str, path: str = "") -> str:
    """A block to copy, in the language of the file that it is for."""
    shown = [inert(one) for one in block(lines)]
    if len(shown) > LONGEST_FIX:
        shown = [*shown[:LONGEST_FIX], f"… ({plural(len(shown) - LONGEST_FIX, 'more line')})"]
    ticks = _longer_than("\n".join(shown), 3)
    language = LANGUAGES.get(PurePosixPath(path).suffix.lower(), "")
    return "\n".join([f"{ticks}{language}", *shown, ticks])


def _longer_than(words: str, least: int) -> str:
    """Backticks that end nowhere in the words."""
    return "`" * max([least, *(len(run) + 1 for run in _RUNS.findall(words))])


def place(finding: Finding, source: str) -> str:
    """Path and line, as a link into `source` where the file is there: the address of the repository at the commit."""
    if not finding.path:
        return ""
    named = code(f"{visible(finding.path)}:{finding.line}" if finding.line else finding.path)
    if not source or not finding.line:
        return named
    return f"[{named}]({source}/{quote(as_bytes(finding.path))}#L{finding.line})"


def table(verdict: Verdict, *, apart: bool = False) -> str:
    """A row for each dimension that concerns the service: of what is reported apart, or of the rest."""
    rows = ["| | Dimension | Need | Outcome | Passed |", "|---|---|---|---|---|"]
    for one in verdict.dimensions:
        if one.outcome is Outcome.NOT_APPLICABLE or one.apart is not apart:
            continue
        need = "advisory" if one.advisory else NEEDS[one.need]
        cells = (MARKS[one.outcome], text(one.title), need, WORDS[one.outcome], passed_of(verdict, one.name))
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def folded(title: str, body: str) -> str:
    """A part that opens when it is clicked on."""
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def utf16(words: str) -> int:
    """How many characters GitHub counts in a comment, at most."""
    return len(words.encode("utf-16-le", "replace")) // 2


def utf8(words: str) -> int:
    """Bytes of a file."""
    return len(words.encode("utf-8", "replace"))


def fitted(
    head: Sequence[str],
    findings: Sequence[str],
    tail: Sequence[str],
    *,
    limit: int,
    size: Callable[[str], int],
    elsewhere: str,
) -> str:
    """A page of at most `limit`: head, findings, tail. What does not fit is left out, and a line says so.

    The findings go from the end, the least of them first. The tail gets no more than a quarter.
    """
    whole = _page([*head, *findings, *tail])
    if size(whole) <= limit:
        return whole
    room = limit + 1 - _cost([*head, _cut(len(findings), elsewhere)], size)
    last = _that_fit(tail, min(room, limit // 4), size)
    kept = _that_fit(findings, room - _cost(last, size), size)
    return _page([*head, *kept, _cut(len(findings) - len(kept), elsewhere), *last])


def _page(pieces: Sequence[str]) -> str:
    return "\n\n".join(pieces) + "\n"


def _cost(pieces: Sequence[str], size: Callable[[str], int]) -> int:
    return sum(size(piece) + 2 for piece in pieces)


def _that_fit(pieces: Sequence[str], room: int, size: Callable[[str], int]) -> list[str]:
    kept: list[str] = []
    while len(kept) < len(pieces) and _cost([pieces[len(kept)]], size) <= room:
        room -= _cost([pieces[len(kept)]], size)
        kept.append(pieces[len(kept)])
    return kept


def _cut(count: int, elsewhere: str) -> str:
    what = f"{plural(count, 'more finding is', 'more findings are')} left out here" if count else "This is cut short"
    return f"_{what}: {elsewhere}._"
