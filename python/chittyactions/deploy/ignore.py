"""`.assetsignore`: which files of an assets folder are not uploaded, in the grammar of .gitignore.

Wrangler decides in the end, with the same file in the same place: what is left out here never leaves the build job.
"""

from __future__ import annotations

import re
from pathlib import Path


class Ignore:
    """The patterns of one `.assetsignore`."""

    STEERS = frozenset({".assetsignore", "_headers", "_redirects"})
    """Not uploaded as assets, but read by wrangler: always shipped."""

    def __init__(self, text: str) -> None:
        self._rules = [rule for line in text.splitlines() if (rule := _rule(line))]

    @classmethod
    def beside(cls, directory: Path) -> Ignore:
        """The patterns that hold for `directory`; none without a file."""
        file = directory / ".assetsignore"
        return cls(file.read_text(encoding="utf-8-sig", errors="replace") if file.is_file() else "")

    def matches(self, path: str) -> bool:
        """Whether the file at `path` (relative, forward slashes), or a folder above it, is ignored."""
        parts = path.split("/")
        above = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
        return any(self._decides(folder, is_folder=True) for folder in above) or self._decides(path, is_folder=False)

    def prunes(self, folder: str) -> bool:
        """Whether nothing below `folder` can be an asset."""
        return self._decides(folder, is_folder=True)

    def _decides(self, path: str, *, is_folder: bool) -> bool:
        ignored = False
        for pattern, ignores, folders_only in self._rules:
            if (is_folder or not folders_only) and pattern.fullmatch(path):
                ignored = ignores
        return ignored


def _rule(line: str) -> tuple[re.Pattern[str], bool, bool] | None:
    """(pattern over the whole path, ignores or re-includes, folders only), or None for a comment."""
    line = re.sub(r"(?<!\\)[ \t]+$", "", line)
    if not line or line.startswith("#"):
        return None
    ignores = not line.startswith("!")
    line = line if ignores else line[1:]
    line = line[1:] if line.startswith(("\\#", "\\!")) else line
    folders_only = line.endswith("/")
    line = line.rstrip("/") if folders_only else line
    anchored = "/" in line
    pattern = _translate(line.removeprefix("/"))
    if not pattern:
        return None
    try:  # patterns without regard to case, as wrangler's matcher has it
        return (
            re.compile(pattern if anchored else f"(?:.*/)?{pattern}", re.IGNORECASE | re.DOTALL),
            ignores,
            folders_only,
        )
    except re.error:
        return None  # wrangler ignores what it can't read, too


def _translate(glob: str) -> str:
    out = ""
    at = 0
    while at < len(glob):
        char = glob[at]
        if glob.startswith("**/", at) and (at == 0 or glob[at - 1] == "/"):
            out, at = out + "(?:.*/)?", at + 3
        elif glob[at:] == "**" and (at == 0 or glob[at - 1] == "/"):
            out, at = out + ".+", at + 2
        elif char == "*":
            out, at = out + "[^/]*", at + 1
        elif char == "?":
            out, at = out + "[^/]", at + 1
        elif char == "[" and (end := glob.find("]", at + 2)) > 0:
            inner = glob[at + 1 : end].replace("\\", "\\\\")
            out, at = out + "[" + ("^" + inner[1:] if inner[0] in "!^" else inner) + "]", end + 1
        elif char == "\\" and at + 1 < len(glob):
            out, at = out + re.escape(glob[at + 1]), at + 2
        else:
            out, at = out + re.escape(char), at + 1
    return out
