"""Releases as a build would hand them over, for the tests of what the publish job makes of them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chittyactions import tarball
from chittyactions.publish.artifact import take_over
from chittyactions.publish.manifest import content_type
from chittyactions.publish.model import Release
from chittyactions.publish.source import Source, read_source

COMMIT = "c0ffee" + "0" * 34
REF = "refs/heads/main"
NAME, VERSION = "@chittyos/hello", "1.2.3"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def integrity(content: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def npm_tarball(
    name: str = NAME, version: str = VERSION, files: Mapping[str, str] | None = None, **manifest: Any
) -> bytes:
    """The bytes of an npm package, the same for the same arguments."""
    contents = {"package.json": json.dumps({"name": name, "version": version, **manifest}), **(files or {})}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=1, format=tarfile.USTAR_FORMAT) as tar:
        for path, text in contents.items():
            member = tarfile.TarInfo(f"package/{path}")
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    data = bytearray(out.getvalue())
    data[4:8] = b"\0\0\0\0"  # the time in gzip's header
    return bytes(data)


def write_package(checkout: Path, name: str = NAME, version: str = VERSION, **more: Any) -> Path:
    """A repository with one package.json."""
    checkout.mkdir(parents=True, exist_ok=True)
    (checkout / "package.json").write_text(json.dumps({"name": name, "version": version, **more}))
    return checkout


def manifest_of(source: Source, contents: Mapping[str, bytes], **changes: Any) -> dict[str, Any]:
    """The manifest of an honest build of `source`, with some fields changed."""
    return {
        "format": 1,
        "service": "hello",
        "ecosystem": source.ecosystem,
        "name": source.name,
        "version": str(source.version),
        "commit": COMMIT,
        "ref": REF,
        "integrity": integrity(next(iter(contents.values()))),
        "platforms": ["any"],
        "files": [
            {"name": name, "size": len(data), "sha256": sha(data), "platform": "", "content_type": content_type(name)}
            for name, data in contents.items()
        ],
        **changes,
    }


def write_tar(path: Path, manifest: Any, *contents: bytes) -> Path:
    """An artifact in the right form around any manifest."""
    listed = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    tarball.write(path, [("manifest.json", listed), *((f"files/{sha(c)}", c) for c in dict.fromkeys(contents))])
    return path


def packed(folder: Path, contents: Mapping[str, bytes] | None = None, **changes: Any) -> Path:
    """The artifact of an npm package in `folder` (its repository: folder/repo), as package-build writes it."""
    source = read_source(write_package(folder / "repo"), service="hello")
    contents = contents or {"chittyos-hello-1.2.3.tgz": npm_tarball()}
    manifest = manifest_of(source, contents, **changes)
    return write_tar(folder / "chittyops-package-hello.tar", manifest, *contents.values())


def release_of(
    folder: Path, *, name: str = NAME, version: str = VERSION, service: str = "hello", **more: Any
) -> Release:
    """A whole release of an npm package, with its file in `folder`, as `take_over` returns it."""
    source = read_source(write_package(folder / f"repo-{version}", name, version, **more), service=service)
    assert source.version
    data = npm_tarball(name, version, **more)
    files = {f"{name.removeprefix('@').replace('/', '-')}-{version}.tgz": data}
    platforms = list(source.platforms or ("any",))
    tar = folder / f"{service}-{version}.tar"
    write_tar(tar, manifest_of(source, files, service=service, platforms=platforms), data)
    return take_over(tar, folder / f"release-{version}", source=source, service=service, commit=COMMIT, ref=REF)
