"""Headers of a tar, byte by byte: what is taken is read alike by npm's own reader, down to the last entry."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from chittyactions.errors import ArtifactError
from chittyactions.publish.npm_tarball import _files, _padded, _Unpacked, read_manifest
from publish.npm.packages import ENVIRONMENT, NODE, the_npm

GOOD, EVIL = b'{"name": "hello"}', b'{"name": "hello", "publishConfig": {"proxy": "http://thief"}}'
MANIFEST = b"package/package.json"
Change = Callable[[bytearray], None]


def entry(name: bytes, body: bytes, *changes: Change, kind: bytes = b"0", end: bytes = b"%06o\0 ") -> bytes:
    """A member as packers write it, its header changed before its checksum is made; `end` is how that is written."""
    head = bytearray(512)
    head[: len(name)] = name
    head[100:108], head[108:116], head[116:124] = b"0000644\0", b"0000000\0", b"0000000\0"
    head[124:136], head[136:148] = b"%011o\0" % len(body), b"00000000000\0"
    head[156:157], head[257:265] = kind, b"ustar\x0000"
    for change in changes:
        change(head)
    head[148:156] = b" " * 8
    head[148:156] = (end % sum(head)).ljust(8, b"\0")[:8]
    return bytes(head) + body + bytes(-len(body) % 512)


def put(place: int, data: bytes) -> Change:
    def change(head: bytearray) -> None:
        head[place : place + len(data)] = data

    return change


def pax(key: str, value: str) -> bytes:
    body = f" {key}={value}\n".encode()
    length = next(n for n in range(len(body), len(body) + 9) if len(str(n)) + len(body) == n)
    return entry(b"package/PaxHeader", b"%d" % length + body, kind=b"x")


FIRST = entry(MANIFEST, GOOD)
HIDDEN = entry(MANIFEST, EVIL)

TRICKS: dict[str, bytes] = {
    "another version of ustar": FIRST + entry(b"x/package.json", EVIL, put(345, b"package/deep"), put(263, b"  ")),
    "a size behind a NUL": FIRST + entry(b"package/a", HIDDEN, put(124, b"\0%010o\0" % len(HIDDEN))),
    "a size behind a space": FIRST + entry(b"package/a", HIDDEN, put(124, b" %010o\0" % len(HIDDEN))),
    "a size that does not end": FIRST + entry(b"package/a", HIDDEN, put(124, b"%012o" % len(HIDDEN))),
    "a checksum behind a NUL": FIRST + entry(b"package/a", HIDDEN, end=b"\0%06o\0"),
    "a checksum that does not end": FIRST + entry(b"package/a", HIDDEN, end=b"%08o"),
    **{
        f"a number of 256s at {place}": FIRST + entry(b"package/a", HIDDEN, put(place, b"\xa0"))
        for place in (100, 108, 116, 136, 329, 337)
    },
    "a link of a file": FIRST + entry(b"package/a", HIDDEN, put(157, b"b")),
    "a prefix behind a NUL": entry(MANIFEST, GOOD, put(345, bytes(130) + b"x")),
    "a line behind a NUL": entry(MANIFEST, GOOD, put(345, b"\0\nx")),
    "a name behind a NUL": FIRST + entry(b"package/a\0\nb", b""),
    "something after the prefix": FIRST + entry(b"package/a", b"", put(500, b"x")),
    "an extended header without a name": FIRST + entry(b"", HIDDEN, kind=b"x"),
    "an empty long path": FIRST + pax("path", "") + entry(b"package/a", HIDDEN),
    "a prefix beside the manifest's path": pax("path", MANIFEST.decode()) + entry(b"a", GOOD, put(345, b"package")),
    "a path that may be lost": FIRST + pax("path", "package/ü") + entry(MANIFEST, EVIL),
    "a path that may be lost, elsewhere": FIRST + pax("path", "package/ü") + entry(b"x//package.json", EVIL),
    "a file that may be a folder": FIRST + pax("path", "package/ü") + entry(b"package/d/", HIDDEN),
    "a file that may be a folder of an old kind": FIRST + pax("path", "package/ü") + entry(b"d/", HIDDEN, kind=b"\0"),
    "a folder that may be a file": FIRST + pax("path", "package/ü/") + entry(b"package/d", b""),
    "a repository behind a path that may be lost": FIRST + pax("path", "package/ü") + entry(b"x/.git/HEAD", b"x"),
    "a repository as a prefix": FIRST + pax("path", "package/HEAD") + entry(b"a", b"x", put(345, b"x/.git")),
}
"""Each was read by npm's reader as something else than what stands in it for ours, or could be."""


@pytest.mark.parametrize("trick", TRICKS)
def test_what_npm_reads_differently(tmp_path: Path, trick: str) -> None:
    """A header that is not written as every packer writes it is refused, whatever we could make of it."""
    with pytest.raises(ArtifactError, match="tarball is refused"):
        read(tmp_path, TRICKS[trick])


def read(tmp_path: Path, tar: bytes) -> bytes:
    file = tmp_path / "it.tgz"
    file.write_bytes(gzip.compress(tar + bytes(1024), 1))
    return read_manifest(file)


@pytest.mark.parametrize(
    "member",
    [
        entry(b"package/a", b"x", *(put(at, b"000644 \0") for at in (100, 108, 116, 329, 337)), end=b"%06o \0"),
        entry(b"package/a", b"x", *(put(at, bytes(8)) for at in (100, 108, 116, 329, 337)), put(136, bytes(12))),
        entry(b"package/a", b"x", put(124, b"00000000001 "), put(265, b"root"), put(297, b"wheel"), end=b"%06o "),
        entry(b"a", b"x", put(345, b"package/deep")),
        pax("path", "package/ü/a") + entry(b"a", b"x", put(345, "package/ü".encode())),
        pax("path", "package/ü") + entry(b"PaxHeader", b"x"),
        pax("path", "package/ü/") + entry(b"PaxHeader", b"", kind=b"5"),
    ],
)
def test_what_packers_write(tmp_path: Path, member: bytes) -> None:
    """Ends of numbers, empty fields, names of owners and long names, as npm, pnpm, yarn, bun and Python have them."""
    assert read(tmp_path, FIRST + member) == GOOD


FIELDS = [0, 1, 99, 100, 107, 108, 116, 124, 125, 134, 135, 136, 147, 157, 257, 263, 265, 297, 329, 337, 345, 346]
FIELDS += [474, 475, 476, 488, 499, 500, 511]
PIECES = [b"\0", b"\0\0", b" ", b"\n", b"\x80", b"\xff", b"0", b"7", b"/", b"x", b"9", b"0 ", b" \0", b"00", b"\0x"]
ENDS = [b"%06o\0 ", b"%07o\0", b" %06o\0", b"%06o \0", b"%07o ", b"%08o", b"\0%06o\0"]
RECORDS = [("path", "package/q"), ("path", "package/é"), ("path", "package/q/"), ("size", "1024"), ("size", "0")]
RECORDS += [("path", ""), ("mtime", "x"), ("uid", ""), ("comment", "é"), ("SCHILY.dev", "1"), ("gname", "x")]


def random_tar(dice: random.Random) -> bytes:
    """Three members, one of them with a few strange bytes in its header; the second hides a manifest in its body."""
    odd, tar = dice.randrange(3), b""
    for place, (name, body) in enumerate(((MANIFEST, GOOD), (b"package/a", HIDDEN), (b"package/z", b"zz"))):
        changes: list[Change] = []
        kind, end = b"0", ENDS[0]
        if place == odd:
            changes = [put(dice.choice(FIELDS), dice.choice(PIECES)) for _ in range(dice.randrange(3))]
            tar += pax(*dice.choice(RECORDS)) if dice.random() < 0.35 else b""
            kind, end = dice.choice([b"0", b"0", b"0", b"\0", b"5"]), dice.choice(ENDS)
        tar += entry(name, body, *changes, kind=kind, end=end)
    return tar + bytes(1024)


READ = """
const { Parser } = require(process.argv[1])
const tars = JSON.parse(require('fs').readFileSync(0))
console.log(JSON.stringify(tars.map((text) => {
  const files = []
  const parser = new Parser({ onwarn: () => {}, onReadEntry: (one) => {
    if (/File$/.test(one.type)) files.push([one.path, one.size])
    one.resume()
  } })
  parser.end(Buffer.from(text, 'base64'))
  return files
})))
"""


@pytest.mark.engines
def test_npm_reads_the_same_files(tmp_path: Path) -> None:
    """Of some hundred damaged tars, each that ours takes has the same paths and sizes for the locked npm's reader."""
    import base64

    dice, taken, ours = random.Random(7), [], []
    for _ in range(800):
        tar = random_tar(dice)
        file = tmp_path / "it.tgz"
        file.write_bytes(gzip.compress(tar, 1))
        try:
            read_manifest(file)
        except ArtifactError:
            continue
        stream = _Unpacked(file)
        found = []
        for path, size in _files(stream):
            found.append([path, size])
            stream.skip(_padded(size))
        taken.append(base64.b64encode(tar).decode())
        ours.append(found)
    tar_of_npm = the_npm().script.parent.parent / "node_modules/tar"
    done = subprocess.run(
        [NODE / "node", "-e", READ, tar_of_npm],
        input=json.dumps(taken), env=ENVIRONMENT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(taken) > 100
    differing = [(mine, npms) for mine, npms in zip(ours, json.loads(done.stdout), strict=True) if mine != npms]
    assert differing == []
