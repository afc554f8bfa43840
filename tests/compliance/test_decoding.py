"""Files that are no UTF-8, as a search reads them."""

from __future__ import annotations

import codecs

import pytest

from chittyactions.compliance.decoding import decoded

TEXT = "// Zürich\ndebugger;\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode("latin-1"),
        *(
            TEXT.encode(encoding)
            for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
        ),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"),
        TEXT.encode("latin-1") + b"\0",
        b"\0" + TEXT.encode("latin-1"),
    ],
)
def test_a_text_is_read_in_every_encoding(data: bytes) -> None:
    """With a mark or without one, and with a NUL in it."""
    assert decoded("src/a.ts", data) == TEXT


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_known_by_its_nuls(encoding: str) -> None:
    """Where most of the text is Latin, what is not is read as well."""
    assert decoded("a.ts", "abc Ж".encode(encoding)) == "abc Ж"
    assert decoded("a.ts", "abcЖЖ".encode(encoding)) == "abcЖЖ"
    half = "abЖЖ".encode(encoding)
    assert decoded("a.ts", half) == half.replace(b"\0", b"").decode("latin-1"), "it may be a text with NULs in it"


@pytest.mark.parametrize("data", [b"a\0b\0\0\0", b"\0a\0b\0\0", b"a\0\0b", b"\0\0a\0b\0"])
def test_nuls_on_both_sides_are_no_utf_16(data: bytes) -> None:
    """They say nothing."""
    assert decoded("a.ts", data) == "ab"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_half_a_sign_at_the_end_hides_nothing(encoding: str) -> None:
    """The rest is read."""
    assert decoded("a.ts", TEXT.encode(encoding)[:-1]) == TEXT[:-1] + "\ufffd"
    assert decoded("a.ts", "abc".encode("utf-16-be") + b"\0") == "abc\ufffd"


@pytest.mark.parametrize(
    "path", ["a.png", "b/A.JPG", "a.jpeg", "a.woff2", "a.woff", "a.wasm", "a.mp4", "a.sqlite", "a.tar.gz", "a.ttf"]
)
def test_a_picture_is_known_by_its_name(path: str) -> None:
    """Where it has NULs as well."""
    assert decoded(path, b"x\0yz") is None
    assert decoded(path, b"x\xff") == "xÿ"
    assert decoded(f"{path}.ts", b"x\0yz") == "xyz"
    assert decoded(path.replace(".", ""), b"x\0yz") == "xyz"


@pytest.mark.parametrize(
    "beginning",
    [b"\x89PNG\r\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"PK\x03\x04", b"\x1f\x8b\x08", b"\x7fELF", b"\0asm\1"],
)
def test_a_program_without_a_name_is_known_by_its_beginning(beginning: bytes) -> None:
    """And by nothing further on."""
    assert decoded("tool", beginning + b"\0x") is None
    assert decoded("tool", b"x" + beginning + b"\0x") is not None
