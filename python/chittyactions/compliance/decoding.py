"""The text of a file that is no UTF-8, for a search: what is passed over would pass a check that forbids something."""

from __future__ import annotations

import codecs
import re

_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""The first that fits: UTF-32's little-endian one begins with UTF-16's."""

_BINARY = re.compile(
    r".*\.(7z|a|avif|bin|bmp|bz2|class|db|dll|docx|dylib|eot|exe|gif|gz|heic|icns|ico|jar|jpe?g|lib|mov|mp[34]|o|obj"
    r"|og[agv]|otf|pdf|png|pptx|psd|pyc|rar|so|sqlite3?|tar|tgz|tiff?|tt[cf]|wasm|wav|web[mp]|woff2?|xlsx|xz|zip|zst)",
    re.IGNORECASE,
)
_BEGINNINGS = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"RIFF",
    b"%PDF-",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\0asm",
    b"wOFF",
    b"wOF2",
    b"SQLite format 3\0",
)
"""Of pictures, archives, programs and fonts."""

_LATIN = "latin-1"
_WITHOUT_MARK = {1: "utf-16-le", 0: "utf-16-be"}
"""By which of the two bytes of a Latin letter is NUL."""


def decoded(path: str, data: bytes) -> str | None:
    """What a file that is no UTF-8 says, be it UTF-16, UTF-32 or Latin-1; None of a picture and its like."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if b"\0" not in data:
        return data.decode(_LATIN)
    if _BINARY.fullmatch(path) or data.startswith(_BEGINNINGS):
        return None
    for first, encoding in _WITHOUT_MARK.items():
        if data[first::2].count(0) * 4 > len(data) and 0 not in data[1 - first :: 2]:
            return data.decode(encoding, "replace")
    return data.replace(b"\0", b"").decode(_LATIN)
