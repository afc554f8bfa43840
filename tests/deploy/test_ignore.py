"""`.assetsignore` leaves out what .gitignore would: git itself is the judge."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from chittyactions.deploy.ignore import Ignore

TREE = [
    "index.html",
    "a.psd",
    "A.psd",
    "raw/a.txt",
    "raw/deep/b.txt",
    "sub/raw/c.txt",
    "sub/raw",
    "doc/x.md",
    "doc/keep.md",
    "doc/sub/y.md",
    "node_modules/x/index.js",
    ".env",
    ".well-known/security.txt",
    "a b.txt",
    "#hash",
    "!bang",
    "x1.log",
    "x12.log",
    "[odd].txt",
    "foo/bar/baz",
    "foo/x/y/baz",
    "trailing ",
]

PATTERNS = [
    "*.psd",
    "raw",
    "raw/",
    "/raw",
    "**/raw",
    "doc/*.md\n!doc/keep.md",
    "doc/**",
    "doc/**\n!doc/keep.md",
    "*\n!index.html",
    "node_modules",
    ".*",
    ".env*",
    "# comment\n\n*.log",
    "\\#hash",
    "\\!bang",
    "x?.log",
    "x[0-9].log",
    "x[!2].log",
    "\\[odd\\].txt",
    "foo/**/baz",
    "**/baz",
    "foo/*/baz",
    "a b.txt",
    "*.txt   ",
    "trailing\\ ",
    "**",
    "sub/",
    "*/raw/",
    "[",
    "doc/\n!doc/keep.md",
]


@pytest.mark.parametrize("patterns", PATTERNS)
def test_as_git_judges(patterns: str, tmp_path: Path) -> None:
    """Each pattern takes the files that git would ignore by it, and no other."""
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "config", "core.ignorecase", "true"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text(patterns + "\n", "utf-8")
    tree = [path for path in TREE if path != "sub/raw"]
    asked = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin", "-z"],
        cwd=tmp_path,
        input="\0".join(tree).encode(),
        capture_output=True,
        check=False,
    )
    theirs = set(filter(None, asked.stdout.decode().split("\0")))
    assert {path for path in tree if Ignore(patterns).matches(path)} == theirs


def test_folders_are_pruned() -> None:
    """A folder that is ignored is not walked through: node_modules may have 100 000 files."""
    assert Ignore("node_modules\nraw/").prunes("sub/node_modules")
    assert Ignore("raw/").prunes("raw")
    assert not Ignore("*.psd").prunes("raw")


def test_windows_line_ends(tmp_path: Path) -> None:
    """A byte order mark and CRLF do not become part of a pattern."""
    (tmp_path / ".assetsignore").write_bytes("\ufeff*.psd\r\nraw/\r\n".encode())
    assert Ignore.beside(tmp_path).matches("x.psd")
    assert Ignore.beside(tmp_path).matches("raw/x")
