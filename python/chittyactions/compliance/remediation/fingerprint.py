"""The hidden line of our issues: whose they are, and what they were about when they were written.

All that a run has to know of the ones before it stands there, so that a run may stop anywhere and another goes on. The
line is trusted in issues of our own author alone: anybody can paste it. It is written as the first one. A person may
write above it and leaves the rest as it was: elsewhere it counts with what our text begins with right below it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

DIGITS = 12
"""Hexadecimal digits of a digest: what is told apart is one service's findings of last week and of today."""

_LINE = re.compile(
    r"<!-- chittyops:compliance-issue:1 service=(?P<service>\S+) revision=(?P<revision>\d{1,9})"
    r" digest=(?P<digest>[0-9a-f]*) checks=(?P<checks>\S*) -->"
)
_BEGINS = re.compile(
    r"\*\*.+\*\* \(.+\) fails \d+ of \d+ required checks?.*|\S+ \*\*.+\*\* passes everything required.*"
)
"""What an issue's text says first, below the line."""
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)")


@dataclass(frozen=True)
class Mark:
    """What the line says.

    Attributes:
        service: the service's key, organisation/name in lower case.
        revision: 1 for a new issue, one more for each text after it.
        digest: of everything that the text is about.
        checks: the required checks that the issue is about, each with a digest of its findings. None: all is well.
    """

    service: str
    revision: int
    digest: str
    checks: Mapping[str, str]


def line_of(mark: Mark) -> str:
    """The line."""
    checks = ",".join(f"{_quoted(check, '')}:{digest}" for check, digest in sorted(mark.checks.items()))
    return (
        f"<!-- chittyops:compliance-issue:1 service={_quoted(mark.service, '/')} revision={mark.revision}"
        f" digest={mark.digest} checks={checks} -->"
    )


def read_mark(body: str | None) -> Mark | None:
    """The mark of an issue's text; None for a text that is not ours."""
    found = _LINE.match(our_part(body, _LINE, _BEGINS))
    if found is None:
        return None
    pairs = (one.rpartition(":") for one in found["checks"].split(",") if one)
    checks = {_plain(check): digest for check, _, digest in pairs}
    return Mark(_plain(found["service"]), int(found["revision"]), found["digest"], checks)


def our_part(body: str | None, line: re.Pattern[str], begins: re.Pattern[str]) -> str:
    """A text from our line on; "" where it has none.

    The line stands by itself, outside of quotes and blocks of code: as the first one of all, or with one that `begins`
    describes as the next that is not empty.
    """
    lines = (body or "").replace("\r\n", "\n").split("\n")
    for number in _outside_fences(lines):
        if line.fullmatch(lines[number]):
            below = next((one for one in lines[number + 1 :] if one.strip()), "")
            if number == 0 or begins.fullmatch(below):
                return "\n".join(lines[number:])
    return ""


def _outside_fences(lines: Sequence[str]) -> Iterator[int]:
    """Which lines of a Markdown text are in no block of code."""
    opened = ""
    for number, line in enumerate(lines):
        fence = _FENCE.fullmatch(line)
        if opened:
            if fence and fence[1].startswith(opened) and not fence[2].strip():
                opened = ""
        elif fence:
            opened = fence[1]
        else:
            yield number


def told_line(mark: Mark, change: Any) -> str:
    """The first line of the comment that tells of a change (plain values) which leads to `mark`: it is told once."""
    about = f"service={_quoted(mark.service, '/')} revision={mark.revision} digest={digest(change)}"
    return f"<!-- chittyops:compliance-change:1 {about} -->"


def digest(value: Any) -> str:
    """A short digest of plain values."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:DIGITS]


def _quoted(text: str, safe: str) -> str:
    return quote(text, safe=safe, errors="surrogatepass")


def _plain(quoted: str) -> str:
    return unquote(quoted, errors="surrogatepass")
