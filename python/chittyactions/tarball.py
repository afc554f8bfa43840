"""The smallest tar that serves: regular files with plain names, one after the other, and nothing else.

What stands between two jobs is read as if an enemy had packed it. Python's tarfile understands links, devices, sparse
files and three ways to extend a header; this reader understands none of them, and refuses what it does not
understand. Any `tar` can read what is written here (POSIX ustar, equal bytes for equal contents).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from chittyactions.errors import ArtifactError

BLOCK = 512
NAME = re.compile(rb"manifest\.json|files/[0-9a-f]{64}")
"""Every name that a member can have: paths are said in the manifest, and never by the tar."""

_KINDS = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a character device",
    b"4": "a block device",
    b"5": "a folder",
    b"6": "a pipe",
    b"S": "a sparse file",
    b"x": "an extended header",
    b"g": "an extended header",
    b"L": "an extended header",
    b"K": "an extended header",
}


class Member:
    """One file of a tar: `name`, `size` in bytes, and its content, to be read once and in order."""

    def __init__(self, name: str, size: int, stream: IO[bytes]) -> None:
        self.name = name
        self.size = size
        self._stream = stream
        self._left = size

    def chunks(self) -> Iterator[bytes]:
        """The content in pieces of at most 1 MiB. Raises ArtifactError when the tar ends before it."""
        while self._left:
            piece = self._stream.read(min(self._left, 1 << 20))
            if not piece:
                raise refused("it ends in the middle of a file")
            self._left -= len(piece)
            yield piece

    def skip(self) -> None:
        """Go past what has not been read, and past the padding."""
        for _ in self.chunks():
            pass
        padding = -self.size % BLOCK
        if any(self._stream.read(padding)):
            raise refused("there is something between its files")


def refused(why: str) -> ArtifactError:
    """The error for a tar that is not what the build job writes."""
    return ArtifactError(
        "The build artifact is refused.",
        why=f"{why[:1].upper()}{why[1:]}.",
        fix="Run the workflow again; if it comes back, look at what the build job ran.",
        docs="worker-build.md#artifact",
    )


def read(path: Path, limit: int) -> Iterator[Member]:
    """The members of the tar at `path`, which may have `limit` bytes. Raises ArtifactError for anything unusual."""
    with _open(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > limit:
            raise refused(f"it has {size} bytes, and {limit} are the most")
        while True:
            header = stream.read(BLOCK)
            if len(header) < BLOCK:
                raise refused("it ends without its end mark")
            if not any(header):
                break
            member = _member(header, stream)
            yield member
            member.skip()
        while tail := stream.read(1 << 20):
            if any(tail):
                raise refused("there is something after its end mark")


def _open(path: Path) -> IO[bytes]:
    """A plain file: no link is followed, and no pipe waited for."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        why = f"{error.strerror}."
    else:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            return os.fdopen(handle, "rb")
        os.close(handle)
        why = "It is not a plain file."
    raise ArtifactError(
        f"There is no build artifact at {path.name}.",
        why=why,
        fix="Check that the build job ran, and that its artifact was downloaded to this path.",
        docs="worker-build.md#artifact",
    )


def _member(header: bytes, stream: IO[bytes]) -> Member:
    kind = header[156:157]
    if kind not in (b"0", b"\0"):
        raise refused(f"it holds {_KINDS.get(kind, 'something that is no file')}")
    expected = sum(header[:148]) + 8 * 0x20 + sum(header[156:])
    if header[257:265] != b"ustar\x0000" or _number(header[148:156]) != expected:
        raise refused("a header in it is damaged")
    name = header[:100].rstrip(b"\0")
    if any(header[157:257]) or any(header[345:500]) or not NAME.fullmatch(name):
        raise refused(f"it holds a file called {name.decode('ascii', 'backslashreplace')!r}")
    return Member(name.decode("ascii"), _number(header[124:136]), stream)


def _number(field: bytes) -> int:
    digits = field.strip(b"\0 ")
    if not re.fullmatch(rb"[0-7]+", digits):
        raise refused("a header in it is damaged")
    return int(digits, 8)


def write(path: Path, members: Iterable[tuple[str, Path | bytes]]) -> None:
    """Write a tar of `members` (name, content or the file that has it) to `path`."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as stream:
        for name, content in members:
            size = len(content) if isinstance(content, bytes) else content.stat().st_size
            stream.write(_header(name, size))
            written = 0
            for piece in (content,) if isinstance(content, bytes) else _pieces(content):
                written += stream.write(piece)
            if written != size:
                raise ArtifactError(f"{content!s} changed while it was packed.", fix="Run the build again.")
            stream.write(bytes(-size % BLOCK))
        stream.write(bytes(2 * BLOCK))
    partial.replace(path)


def _header(name: str, size: int) -> bytes:
    fields = (
        name.encode("ascii").ljust(100, b"\0"),
        b"0000600\0" + b"0000000\0" * 2,
        f"{size:011o}\0".encode(),
        b"00000000000\0",  # the same time always: equal contents make equal bytes
        b" " * 8,
        b"0".ljust(101, b"\0"),
        b"ustar\x0000".ljust(88, b"\0"),
    )
    header = b"".join(fields).ljust(BLOCK, b"\0")
    return header[:148] + f"{sum(header):06o}\0 ".encode() + header[156:]


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            yield piece
