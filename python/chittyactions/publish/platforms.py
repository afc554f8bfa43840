"""The input `platforms`: which systems a release is for, and which of its files is for which of them.

    darwin-arm64=dist/tool-darwin-arm64.tar.gz, linux-x64=dist/*-linux-x64.tar.gz

A name without a file is for metadata.json alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

ANY = "any"
NAME = r"[a-z0-9][a-z0-9._-]{0,39}"
MOST = 50


def read_platforms(text: str) -> dict[str, str]:
    """`{"darwin-arm64": "dist/tool-darwin-arm64.tar.gz", "linux-x64": ""}`, in order. Raises ValueError."""
    found: dict[str, str] = {}
    for part in re.split(r"[\s,]+", text.strip()) if text.strip() else ():
        name, equals, pattern = part.partition("=")
        if not part:
            continue
        if not re.fullmatch(NAME, name) or (equals and not pattern):
            raise ValueError("expected something like darwin-arm64=dist/tool-darwin-arm64.tar.gz, or linux-x64 alone")
        if name in found:
            raise ValueError(f"{name} is in it twice")
        found[name] = pattern
    if len(found) > MOST:
        raise ValueError(f"it names more than {MOST}")
    return found


def platforms_of(wanted: Mapping[str, str], systems: Sequence[str]) -> tuple[str, ...]:
    """The platforms of the release: those that the input names, else package.json's `systems`, else `any`."""
    return tuple(wanted) or tuple(systems) or (ANY,)
