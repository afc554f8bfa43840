"""The manifest out of a package's tarball, read so that npm can't read another one.

npm takes the first folder off every path and lets a later entry replace an earlier one, so `package.json` may stand
in the tarball several times, under any first folder, behind links or odd paths. Here each entry has to be a plain
file or folder below `package/`, under a path of its own; whatever else a tar can hold is refused, not understood.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path

from chittyactions.errors import ArtifactError

MANIFEST = "package/package.json"
MANIFEST_LIMIT = 4 * 1024 * 1024
UNPACKED_LIMIT = 4 * 1024 * 1024 * 1024
"""Bytes of the unpacked tar, so that a small file can't keep this job busy for long."""

ENTRIES_LIMIT = 200_000
_BLOCK = 512
_PAX_LIMIT = 64 * 1024
_PAX_HARMLESS = re.compile(
    rb"[acm]time|[ug]id|[ug]name|comment|charset|hdrcharset|SCHILY\.(dev|ino|nlink)|LIBARCHIVE\..*"
)
_KINDS = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a device",
    b"4": "a device",
    b"6": "a pipe",
    b"7": "an old kind of file",
    b"g": "a header for all files",
    b"L": "a GNU header",
    b"K": "a GNU header",
    b"S": "a sparse file",
}


def read_manifest(tarball: Path) -> bytes:
    """The bytes of `package/package.json`. Raises ArtifactError for anything that could be read in two ways."""
    manifest = b""
    seen: set[str] = set()
    stream = _Unpacked(tarball)
    for path, size in _files(stream):
        if path in seen:
            raise refused(f"{path!r} stands in it twice")
        seen.add(path)
        if len(seen) > ENTRIES_LIMIT:
            raise refused(f"it holds more than {ENTRIES_LIMIT} files")
        if path == MANIFEST:
            if not 0 < size <= MANIFEST_LIMIT:
                raise refused(f"its package.json has {size} bytes")
            manifest = stream.exactly(_padded(size))[:size]
        else:
            stream.skip(_padded(size))
    stream.only_zeros()
    if not manifest:
        raise refused(f"it holds no {MANIFEST}")
    return manifest


def _files(stream: _Unpacked) -> Iterator[tuple[str, int]]:
    """Path and size of each file; its content has to be read before the next one is asked for."""
    extension: dict[bytes, bytes] = {}
    while any(header := stream.exactly(_BLOCK)):
        kind, size = header[156:157], _size(header)
        if kind == b"x":
            if not header[0]:
                raise _odd_header()
            if extension:
                raise refused("two extended headers stand before one file")
            extension = _pax(stream.exactly(_padded(min(size, _PAX_LIMIT + 1)))[:size], size)
            continue
        path = _path(header, extension)
        if extension.get(b"size", b"%d" % size) != b"%d" % size:
            raise refused(f"{path!r} has two sizes")
        extension = {}
        folder = kind == b"5" or (kind in (b"0", b"\0") and path.endswith("/"))
        _judge_path(path.rstrip("/") if folder else path, folder)
        if not folder and kind not in (b"0", b"\0"):
            raise refused(f"{path!r} is {_KINDS.get(kind, 'no file')}")
        if header[157]:
            raise refused(f"{path!r} leads to another file")
        if folder and size:
            raise refused(f"the folder {path!r} has a content")
        if not folder:
            yield path, size
    if extension:
        raise refused("an extended header in it belongs to no file")


OTHER = "Read in another way, it could be another package with other settings."
LEAK = "npm follows that to files of the machine, its token among them, and publishes what they say."


def refused(why: str, harm: str = OTHER) -> ArtifactError:
    """The error for a tarball that is not what `npm pack` writes."""
    return ArtifactError(
        "The package's tarball is refused.",
        why=f"{why[:1].upper()}{why[1:]}. {harm}",
        fix="Pack it with `npm pack`, which writes each file once, below package/.",
        docs="package-publish.md#publish-config",
    )


class _Unpacked:
    """The tar within the gzip, read in order and in bounded pieces."""

    def __init__(self, tarball: Path) -> None:
        self._pieces = _unzip(tarball)
        self._kept = b""

    def exactly(self, size: int) -> bytes:
        """The next `size` bytes."""
        pieces, have = [self._kept], len(self._kept)
        while have < size:
            piece = next(self._pieces, b"")
            if not piece:
                raise refused("it ends in the middle")
            pieces.append(piece)
            have += len(piece)
        whole = b"".join(pieces)
        self._kept = whole[size:]
        return whole[:size]

    def skip(self, size: int) -> None:
        """Go past the next `size` bytes."""
        while size > 0:
            size -= len(self.exactly(min(size, 1 << 18)))

    def only_zeros(self) -> None:
        """What is left has to be the end mark, and nothing behind it."""
        rest = len(self._kept)
        if any(self._kept) or any(any(piece) or not (rest := rest + len(piece)) for piece in self._pieces):
            raise refused("there is something after its end")
        if rest < _BLOCK:
            raise refused("it ends without its end mark")


def _unzip(tarball: Path) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(wbits=31)
    total = 0
    try:
        with tarball.open("rb") as stream:
            while packed := stream.read(1 << 16):
                while packed:
                    if unpacker.eof:
                        raise refused("there is something after its gzip stream")
                    piece = unpacker.decompress(packed, 1 << 18)
                    packed = unpacker.unconsumed_tail or unpacker.unused_data
                    total += len(piece)
                    if total > UNPACKED_LIMIT:
                        raise refused(f"it unpacks to more than {UNPACKED_LIMIT >> 30} GiB")
                    if piece:
                        yield piece
    except zlib.error:
        raise refused("it is not compressed by gzip, or damaged") from None
    except OSError as error:
        raise ArtifactError(f"{tarball.name} cannot be read: {error.strerror}.", fix="Run the job again.") from None
    if not unpacker.eof:
        raise refused("its gzip stream ends in the middle")


def _padded(size: int) -> int:
    return size + -size % _BLOCK


_NUMBERS = ((100, 108), (108, 116), (116, 124), (136, 148), (329, 337), (337, 345))
"""Mode, owner, time and device: looked at since npm passes over a header that has one it can't read."""

_WORDS = ((0, 100), (157, 257), (265, 297), (297, 329), (345, 500))


def _size(header: bytes) -> int:
    """The size of an entry, from a header that is written as every reader expects it."""
    expected = sum(header[:148]) + 8 * 0x20 + sum(header[156:])
    if (
        header[257:265] != b"ustar\x0000"
        or _octal(header[148:156]) != expected
        or any(any(header[start:end].partition(b"\0")[2]) for start, end in _WORDS)
        or any(header[500:])
    ):
        raise _odd_header()
    for start, end in _NUMBERS:
        if any(header[start:end]):
            _octal(header[start:end])
    return _octal(header[124:136])


def _octal(field: bytes) -> int:
    # To the end of the digits and no further: readers differ in where they begin, and in what else they skip.
    found = re.fullmatch(rb"([0-7]+)[ \0]+", field)
    if not found:
        raise _odd_header()
    return int(found[1], 8)


def _odd_header() -> ArtifactError:
    return refused("a header in it is damaged, or not of the usual kind")


def _pax(body: bytes, size: int) -> dict[bytes, bytes]:
    """The records of an extended header: `path` and `size`; harmless ones are passed over."""
    records: dict[bytes, bytes] = {}
    if size > _PAX_LIMIT:
        raise refused("an extended header in it is too long")
    while body:
        found = re.match(rb"([1-9]\d{0,5}) ([^=\n\0]+)=", body)
        length = int(found[1]) if found else 0
        if not found or length <= found.end() or length > len(body) or body[length - 1 : length] != b"\n":
            raise refused("an extended header in it is damaged")
        key, value = found[2], body[found.end() : length - 1]
        if key in records or b"\n" in value or b"\0" in value:
            raise refused("an extended header in it can be read in two ways")
        if key not in (b"path", b"size") and not _PAX_HARMLESS.fullmatch(key):
            raise refused(f"an extended header in it sets {key.decode('ascii', 'backslashreplace')!r}")
        records[key] = value
        body = body[length:]
    return records


def _path(header: bytes, extension: dict[bytes, bytes]) -> str:
    name, prefix = header[:100].split(b"\0")[0], header[345:500].split(b"\0")[0]
    plain = prefix + b"/" + name if prefix else name
    raw = extension.get(b"path", plain)
    try:
        path = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise refused(f"a name in it is not UTF-8: {raw[:80]!r}") from None
    # npm puts the prefix before the long path too, and loses a long path whose bytes it reads in two pieces. By a
    # slash at its end, it then takes a file for a folder, and reads what is in it as headers.
    if raw != plain:
        short = plain.decode("utf-8", "replace")
        slashes = header[156:157] != b"5" and short.endswith("/") != path.endswith("/")
        if slashes or _misleads(short) or (prefix and _misleads(path)):
            raise refused(f"{path[:200]!r} has two paths")
    return path


def _misleads(path: str) -> bool:
    return _names_manifest(path) or _names_git(path)


def _names_manifest(path: str) -> bool:
    """Whether a path is package.json once its first folder is taken off, in anybody's reading."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts or ":" in path:  # npm takes a drive letter off a path, on every system
        return True
    # Windows gives a long name a short one: PACKAG~1.JSO.
    return len(parts) > 1 and (_folded(parts[1]) == "package.json" or bool(re.search(r"~\d", parts[1])))


def _names_git(path: str) -> bool:
    return any(_folded(part) == ".git" for part in path.split("/"))


def _folded(part: str) -> str:
    """A name as some file system may take it: in other letters, without dots and blanks at its end."""
    return unicodedata.normalize("NFKC", part).casefold().rstrip(". ")


def _judge_path(path: str, folder: bool) -> None:
    parts = path.split("/")
    if parts[0] != "package" or (len(parts) < 2 and not folder):
        raise refused(f"{path[:200]!r} is not below package/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in path or not path.isprintable():
        raise refused(f"{path[:200]!r} is no plain path")
    if ":" in path:
        raise refused(f"{path[:200]!r} has a colon, which npm takes for the end of a drive letter")
    if _names_git(path):
        raise refused(f"{path[:200]!r} is of a Git repository", LEAK)
    if _names_manifest(path) and (path != MANIFEST or folder):
        raise refused(f"{path[:200]!r} could take the manifest's place")
