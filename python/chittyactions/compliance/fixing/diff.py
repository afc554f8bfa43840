"""A change as a unified diff, for a person to read before it is written."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from chittyactions.compliance.fixing.plan import Change

_COLOURS = {"+": "32", "-": "31", "@": "36"}


def diff(change: Change, *, colour: bool = False) -> str:
    """The change as git would show it. Signs that a terminal would obey are spelled out; `colour` is for one alone."""
    head = "/dev/null" if change.before is None else f"a/{change.path}"
    lines = difflib.unified_diff(_lines(change.before or b""), _lines(change.after), head, f"b/{change.path}")
    return "".join(f"{_painted(one)}\n" if colour else f"{one}\n" for one in _shown(lines))


def _lines(data: bytes) -> list[str]:
    """Lines with their ends; only a line feed ends one."""
    text = data.decode("utf-8-sig", "replace")
    return [f"{one}\n" for one in text.split("\n")[:-1]] + [one for one in text.split("\n")[-1:] if one]


def _shown(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield "".join(one if one.isprintable() or one == "\t" else ascii(one)[1:-1] for one in line.rstrip("\r\n"))
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"


def _painted(line: str) -> str:
    code = "1" if line.startswith(("+++ ", "--- ")) else _COLOURS.get(line[:1], "")
    return f"\x1b[{code}m{line}\x1b[0m" if code else line
