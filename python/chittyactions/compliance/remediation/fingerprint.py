"""The hidden first line of our issues: whose they are, and what they were about when they were written.

All that a run has to know of the ones before it stands there, so that a run may stop anywhere and another goes on. The
line is trusted in issues of our own author alone: anybody can paste it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

DIGITS = 12
"""Hexadecimal digits of a digest: what is told apart is one service's findings of last week and of today."""

_LINE = re.compile(
    r"<!-- chittyops:compliance-issue:1 service=(?P<service>\S+) revision=(?P<revision>\d{1,9})"
    r" digest=(?P<digest>[0-9a-f]*) checks=(?P<checks>\S*) -->"
)


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
    """The mark of an issue's text; None where its first line is none."""
    found = _LINE.fullmatch((body or "").split("\n", 1)[0].rstrip("\r"))
    if found is None:
        return None
    pairs = (one.rpartition(":") for one in found["checks"].split(",") if one)
    checks = {_plain(check): digest for check, _, digest in pairs}
    return Mark(_plain(found["service"]), int(found["revision"]), found["digest"], checks)


def told_line(mark: Mark) -> str:
    """The first line of the comment that tells what leads to `mark`, so that it is told once."""
    return f"<!-- chittyops:compliance-change:1 service={_quoted(mark.service, '/')} revision={mark.revision} -->"


def digest(value: Any) -> str:
    """A short digest of plain values."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:DIGITS]


def _quoted(text: str, safe: str) -> str:
    return quote(text, safe=safe, errors="surrogatepass")


def _plain(quoted: str) -> str:
    return unquote(quoted, errors="surrogatepass")
