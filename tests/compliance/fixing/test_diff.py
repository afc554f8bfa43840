"""A change for a pipe: a patch that git applies, byte for byte, whatever is in the file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from chittyactions.compliance.fixing.diff import patch
from chittyactions.compliance.fixing.plan import Change

LINES = "".join(f"line {number}\n" for number in range(20))


def applied(folder: Path, data: bytes) -> None:
    """Have git apply a patch in a folder."""
    done = subprocess.run(["git", "apply", "-"], input=data, capture_output=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "before, after",
    [
        (LINES, LINES.replace("line 9\n", "line 9\nmore\n")),
        ("a\r\nb\r\nc\r\n", "a\r\nb\r\nmore\r\nc\r\n"),
        ("a\r\nb\nc\r\n", "a\r\nb\r\nc\r\n"),
        ("a\rb\nc\n", "a\rb\nC\n"),
        ("\ufeffa\nb\n", "\ufeffa\nB\n"),
        ("a\u00a0b\u200d\u2028c\x85\x0b\x0c\nd\n", "a\u00a0b\u200d\u2028c\x85\x0b\x0c\nD\n"),
        ("\x1b[2J\nb\n", "\x1b[2J\nB\n"),
        ("a\nb", "A\nb"),
        ("a\nb", "a\nb\nc\n"),
        ("a\nb", "a\nb\nc"),
        ("a\nb\n", "a\nb"),
        ("", "a\n"),
        (LINES + "end", "begin\n" + LINES + "end."),
        (None, "a\r\n\u00a0"),
    ],
)
def test_git_makes_of_a_patch_what_is_meant(tmp_path: Path, before: str | None, after: str) -> None:
    """Line ends, a mark at the beginning, a last line without an end, and signs that nobody sees, in what stays too."""
    path = tmp_path / "compliance/file.yml"
    path.parent.mkdir()
    if before is not None:
        path.write_bytes(before.encode())
    old = None if before is None else before.encode()
    applied(tmp_path, patch(Change("compliance/file.yml", old, after.encode(), ())))
    assert path.read_bytes() == after.encode()


def test_what_is_no_utf_8_stays_as_it_is(tmp_path: Path) -> None:
    """A patch is of bytes."""
    (tmp_path / "a").write_bytes(b"\xe9\nb\n")
    applied(tmp_path, patch(Change("a", b"\xe9\nb\n", b"\xe9\nB\xff\n", ())))
    assert (tmp_path / "a").read_bytes() == b"\xe9\nB\xff\n"


@pytest.mark.parametrize("name", ["a b.yml", 'a"b.yml', "a\\b.yml", "a\tb.yml", "a\nb.yml", "\u00e9.yml", "a\x1b.yml"])
def test_a_patch_names_its_file_as_git_does(tmp_path: Path, name: str) -> None:
    """With spaces, quotes or anything else that a path may hold."""
    (tmp_path / name).write_bytes(b"a\n")
    applied(tmp_path, patch(Change(name, b"a\n", b"b\n", ())))
    assert (tmp_path / name).read_bytes() == b"b\n"


def test_nothing_changed_is_no_patch() -> None:
    """Not even a head."""
    assert patch(Change("a", b"a\r\n", b"a\r\n", ())) == b""
