"""A change as a unified diff: for a person to read before it is written, and for `git apply`."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator

from chittyactions.compliance.fixing.plan import Change

_COLOURS = {"+": "32", "-": "31", "@": "36"}


def diff(change: Change, *, colour: bool = False) -> str:
    """The change for a person, and no patch: line ends do not show, and what a terminal would obey is spelled out.

    `colour` is for a terminal alone.
    """
    head = "/dev/null" if change.before is None else f"a/{change.path}"
    lines = difflib.unified_diff(_lines(change.before or b""), _lines(change.after), head, f"b/{change.path}")
    return "".join(f"{_painted(one)}\n" if colour else f"{one}\n" for one in _shown(lines))


def patch(change: Change) -> bytes:
    """The change for `git apply`, byte for byte; b"" where nothing changes. A terminal would obey what is in it."""
    head = b"/dev/null" if change.before is None else _named(f"a/{change.path}")
    lines = difflib.diff_bytes(
        difflib.unified_diff, _pieces(change.before or b""), _pieces(change.after), head, _named(f"b/{change.path}")
    )
    return b"".join(one if one.endswith(b"\n") else one + b"\n\\ No newline at end of file\n" for one in lines)


def _pieces(data: bytes) -> list[bytes]:
    """Lines with their ends; only a line feed ends one."""
    return re.findall(rb"[^\n]*\n|[^\n]+", data)


def _named(path: str) -> bytes:
    """A path as the head of git's patches has it: quoted where it holds more than plain signs."""
    name = os.fsencode(path)
    if re.search(rb'[\x00-\x1f\x7f"\\]', name):
        return b'"' + re.sub(rb'[\x00-\x1f\x7f"\\]', lambda found: b"\\%03o" % found[0][0], name) + b'"'
    return name + b"\t" if b" " in name else name


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
