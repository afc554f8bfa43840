"""The manifest out of a hostile tarball: read as npm reads it, or refused."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chittyactions.errors import ArtifactError, ConfigError
from chittyactions.publish import npm_tarball
from chittyactions.publish.npm_tarball import read_manifest
from chittyactions.publish.package_json import judge_package
from publish.npm.packages import package, tarball

GOOD = json.dumps({"name": "hello", "version": "1.0.0"})
PLAIN = {"package/package.json": GOOD, "package/index.js": "1\n"}


def read(tmp_path: Path, data: bytes) -> bytes:
    file = tmp_path / "it.tgz"
    file.write_bytes(data)
    return read_manifest(file)


def entry(path: str, content: str | bytes = b"", kind: bytes = tarfile.REGTYPE, **fields: object):  # type: ignore[no-untyped-def]
    info = tarfile.TarInfo(path)
    info.type = kind
    for key, value in fields.items():
        setattr(info, key, value)
    return info, content.encode() if isinstance(content, str) else content


FIRST = entry("package/package.json", GOOD)


def changed(change: Callable[[bytearray], None]) -> bytes:
    """A plain tarball with something changed in its tar, checksums of the first header put right."""
    raw = bytearray(gzip.decompress(tarball(PLAIN)))
    change(raw)
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw[:512])
    return gzip.compress(bytes(raw))


def patch(place: int, data: bytes) -> Callable[[bytearray], None]:
    def change(raw: bytearray) -> None:
        raw[place : place + len(data)] = data

    return change


def test_what_packers_write(tmp_path: Path) -> None:
    """Folders, long paths, names beyond ASCII and every order are well."""
    deep = f"package/{'a' * 90}/{'ü' * 80}"
    members = [
        entry("package", kind=tarfile.DIRTYPE),
        entry("package/lib/", kind=tarfile.DIRTYPE),
        entry(deep, "x"),
        entry("package/lib/package.json", "{}"),
        entry("package/lib/PACKAG~1.JSO", "{}"),
        entry("package/index.js~", "1"),
        FIRST,
    ]
    assert read(tmp_path, tarball(members)) == GOOD.encode()


@pytest.mark.parametrize(
    "members, words",
    [
        ([FIRST, entry("package/package.json", "{}")], "stands in it twice"),
        ([FIRST, entry("package/a", "1"), entry("package/a", "2")], "stands in it twice"),
        ([FIRST, entry("evil/package.json", "{}")], "not below package/"),
        ([FIRST, entry("./package/package.json", "{}")], "not below package/"),
        ([FIRST, entry("/package/package.json", "{}")], "not below package/"),
        ([FIRST, entry("package.json", "{}")], "not below package/"),
        ([FIRST, entry("package", "{}")], "not below package/"),
        ([FIRST, entry("package/./package.json", "{}")], "no plain path"),
        ([FIRST, entry("package//package.json", "{}")], "no plain path"),
        ([FIRST, entry("package/x/../package.json", "{}")], "no plain path"),
        ([FIRST, entry("package\\package.json", "{}")], "not below package/"),
        ([FIRST, entry("package/a\\b", "{}")], "no plain path"),
        ([FIRST, entry("package/a\nb", "{}")], "can be read in two ways|no plain path"),
        ([FIRST, entry("package/c:package.json", "{}")], "has a colon"),
        ([FIRST, entry("package/c:/package.json", "{}")], "has a colon"),
        ([FIRST, entry("package/C:d:package.json", "{}")], "has a colon"),
        ([FIRST, entry("package/C:", kind=tarfile.DIRTYPE)], "has a colon"),
        ([FIRST, entry("package/c:package.json", "{}", pax_headers={"path": "package/x"})], "has two paths"),
        ([FIRST, entry("package/Package.JSON", "{}")], "could take the manifest's place"),
        ([FIRST, entry("package/package.json/x", "{}")], "could take the manifest's place"),
        ([FIRST, entry("package/package.json", kind=tarfile.DIRTYPE)], "could take the manifest's place"),
        ([FIRST, entry("package/ｐackage.json", "{}")], "could take the manifest's place"),  # noqa: RUF001
        ([FIRST, entry("package/package.json.", "{}")], "could take the manifest's place"),
        ([FIRST, entry("package/package.json .", "{}")], "could take the manifest's place"),
        ([FIRST, entry("package/PACKAG~1.JSO", "{}")], "could take the manifest's place"),
        ([FIRST, entry("package/git~2/HEAD", "{}")], "could take the manifest's place"),
        ([entry("package/package.json", kind=tarfile.SYMTYPE, linkname="x")], "a symbolic link"),
        ([entry("package/package.json", kind=tarfile.LNKTYPE, linkname="x")], "a hard link"),
        ([FIRST, entry("package/x", kind=tarfile.SYMTYPE, linkname="..")], "a symbolic link"),
        ([FIRST, entry("package/x", kind=tarfile.CHRTYPE)], "a device"),
        ([FIRST, entry("package/x", kind=tarfile.FIFOTYPE)], "a pipe"),
        ([FIRST, entry("package/x", "1", tarfile.CONTTYPE)], "an old kind of file"),
        ([FIRST, entry("package/x", "1", pax_headers={"type": "0"})], "sets 'type'"),
        ([FIRST, entry("package/x", "1", pax_headers={"linkpath": "package.json"})], "sets 'linkpath'"),
        ([FIRST, entry("package/x", "1", pax_headers={"GNU.sparse.name": "package/package.json"})], "sets 'GNU.sparse"),
        ([FIRST, entry("package/x", "1", pax_headers={"size": "0"})], "has two sizes"),
        ([entry("package/index.js", "1")], "holds no package/package.json"),
        ([entry("package/package.json", "")], "package.json has 0 bytes"),
        ([], "holds no package/package.json"),
    ],
)
def test_what_could_be_read_differently(tmp_path: Path, members: list[object], words: str) -> None:
    """Whatever is not one plain file under one plain path is refused, with what it is."""
    with pytest.raises(ArtifactError, match="tarball is refused") as raised:
        read(tmp_path, tarball(members))  # type: ignore[arg-type]
    assert any(word in raised.value.why for word in words.split("|"))


@pytest.mark.parametrize(
    "data, words",
    [
        (changed(patch(257, b"ustar  \0")), "not of the usual kind"),
        (changed(patch(124, b"\x80" + bytes(11))), "not of the usual kind"),
        (changed(patch(1024 + 148, b"0000000")), "not of the usual kind"),
        (gzip.decompress(tarball(PLAIN)), "not compressed by gzip"),
        (zlib.compress(gzip.decompress(tarball(PLAIN))), "not compressed by gzip"),
        (tarball(PLAIN)[:-9], "gzip stream ends in the middle"),
        (tarball(PLAIN) + b"\0", "after its gzip stream"),
        (tarball(PLAIN) + tarball(PLAIN), "after its gzip stream"),
        (gzip.compress(gzip.decompress(tarball(PLAIN))[:1024] + bytes(512) + b"x" * 512), "after its end"),
        (gzip.compress(gzip.decompress(tarball(PLAIN))[:1500]), "ends in the middle"),
        (b"", "gzip stream ends in the middle"),
    ],
)
def test_damaged_and_doubled(tmp_path: Path, data: bytes, words: str) -> None:
    """What is cut off, or holds more than its first reading shows, is refused."""
    with pytest.raises(ArtifactError) as raised:
        read(tmp_path, data)
    assert words in raised.value.why


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file that unpacks to a large one, to many, or to a large manifest ends early."""
    monkeypatch.setattr(npm_tarball, "UNPACKED_LIMIT", 1 << 20)
    monkeypatch.setattr(npm_tarball, "ENTRIES_LIMIT", 10)
    monkeypatch.setattr(npm_tarball, "MANIFEST_LIMIT", 1000)
    many = {f"package/{number}": "" for number in range(12)}
    cases: list[tuple[dict[str, str | bytes], str]] = [
        ({"package/zeros": bytes(2 << 20), **PLAIN}, "unpacks to more"),
        ({**PLAIN, **many}, "more than 10 files"),
        ({"package/package.json": " " * 2000}, "package.json has 2000 bytes"),
    ]
    for content, words in cases:
        with pytest.raises(ArtifactError) as raised:
            read(tmp_path, tarball(content))
        assert words in raised.value.why


@pytest.mark.parametrize(
    "manifest",
    [
        b"\xff{}",
        b"[]",
        b'{"name": "hello", "version": "1.0.0", "size": NaN}',
        b'{"name": "hello", "name": "evil", "version": "1.0.0"}',
        b'{"name": "hello", "version": "1.0.0", "publishConfig": {}, "publishConfig": {"proxy": "x"}}',
        b'{"name": "hello", "version": "1.0.0", "__proto__": {"tag": "latest"}}',
        b'{"name": "hello", "version": "1.0.0", // no JSON\n}',
        b"[" * 20_000,
    ],
)
def test_manifests_that_are_no_plain_json(tmp_path: Path, manifest: bytes) -> None:
    """What JSON readers understand differently is refused."""
    with pytest.raises(ArtifactError, match="tarball is refused"):
        judge(tmp_path, tarball({"package/package.json": manifest}))


def judge(tmp_path: Path, data: bytes, version: str = "1.0.0", name: str = "hello") -> None:
    file = tmp_path / "it.tgz"
    file.write_bytes(data)
    judge_package(file, name=name, version=version, registry_url="https://npm.example/")


@pytest.mark.parametrize("fields", [{"name": "other"}, {"version": "1.0.1"}, {"version": 1}, {"name": None}])
def test_another_package_inside(tmp_path: Path, fields: dict[str, object]) -> None:
    """The tarball's own name and version are those of the commit."""
    with pytest.raises(ArtifactError, match="The tarball holds"):
        judge(tmp_path, tarball({"package/package.json": json.dumps({"name": "hello", "version": "1.0.0", **fields})}))


def test_a_byte_order_mark_and_build_metadata(tmp_path: Path) -> None:
    """npm takes both, so they are no reason to refuse."""
    content = b"\xef\xbb\xbf" + json.dumps({"name": "hello", "version": "v1.0.0+build.5"}).encode()
    judge(tmp_path, tarball({"package/package.json": content}), "1.0.0+build.5")


@pytest.mark.parametrize(
    "fields, words",
    [
        ({"private": True}, "marked as private"),
        ({"tag": "latest"}, '"tag" at its top level'),
        ({"packageExtensions": {}}, "packageExtensions"),
        ({"publishConfig": {"access": "restricted"}}, "only a scoped package"),
        *(
            ({"directories": {"bin": folder}}, "directories.bin")
            for folder in (".", "./", "/", "//", "..", "../..", "x/..", "\\", ":", ["x"], {"a": 1}, 7, True)
        ),
    ],
)
def test_fields_that_decide_over_the_workflow(tmp_path: Path, fields: dict[str, Any], words: str) -> None:
    """What npm would take from package.json in place of what it is told."""
    with pytest.raises(ConfigError, match=words):
        judge(tmp_path, package("1.0.0", name="hello", **fields))


@pytest.mark.parametrize("folder", ["bin", "./bin", "../bin", "a/../b", "", None])
def test_a_folder_of_programs(tmp_path: Path, folder: str | None) -> None:
    """npm cuts what leads up back to the package's own folder, and passes over none."""
    judge(tmp_path, package("1.0.0", name="hello", directories={"bin": folder}))


def test_a_publish_config_that_holds_nothing(tmp_path: Path) -> None:
    """null is as good as none, for npm too."""
    file = tmp_path / "it.tgz"
    file.write_bytes(package("1.0.0", name="hello", publishConfig=None))
    judged = judge_package(file, name="hello", version="1.0.0", registry_url="https://npm.example/")
    assert judged.publish_config == {}


def test_names_that_are_none(tmp_path: Path) -> None:
    """A name goes into addresses and arguments."""
    for name in ("--registry=x", "@a/../b", "a b", "@/x", "x" * 215, ""):
        with pytest.raises(ConfigError, match="no name for a package"):
            judge(tmp_path, package("1.0.0", name=name), name=name)


def test_memory_stays_flat(tmp_path: Path) -> None:
    """Content is passed over in pieces: nothing is kept of a large file."""
    import tracemalloc

    data = tarball({"package/large": bytes(10 << 20), **PLAIN})
    tracemalloc.start()
    try:
        read(tmp_path, data)
        assert tracemalloc.get_traced_memory()[1] < 5 << 20
    finally:
        tracemalloc.stop()


def test_the_reader_is_given_tars_of_python_too(tmp_path: Path) -> None:
    """A tar as tarfile writes it by default for plain names is read alike (an oracle for the header's fields)."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz", format=tarfile.USTAR_FORMAT) as tar:
        for path, content in PLAIN.items():
            info = tarfile.TarInfo(path)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content.encode()))
    assert read(tmp_path, raw.getvalue()) == GOOD.encode()
