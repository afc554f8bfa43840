"""The tar between the two jobs: written by the build, and taken over by the publish as if an enemy had packed it.

`manifest.json` comes first, then each content once as `files/<its SHA-256>`. What is published under which name and
version is told by the commit (`Source`) and the workflow's inputs; the artifact brings the bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pydantic import ValidationError
from semver import Version

from chittyactions import tarball
from chittyactions.errors import ArtifactError
from chittyactions.publish.judgement import Expected, judge, judge_package
from chittyactions.publish.manifest import MANIFEST_LIMIT, RELEASE_LIMIT, File, Manifest, content_type
from chittyactions.publish.model import Release, ReleaseFile
from chittyactions.publish.platforms import platforms_of, read_platforms
from chittyactions.publish.source import Source
from chittyactions.tarball import refused

TAR_LIMIT = RELEASE_LIMIT + 2 * MANIFEST_LIMIT
DOCS = "package-build.md#artifact"


@dataclass(frozen=True)
class Packed:
    """A file that the build made for the release: under which name it goes out, and for which platform."""

    path: Path
    name: str
    platform: str = ""


def write_artifact(
    path: Path, files: Sequence[Packed], *, source: Source, version: Version, expected: Expected
) -> Manifest:
    """Pack `files` (the first stands for the release) into the tar at `path`, and judge it as the publish job will."""
    entries = []
    contents: dict[str, Path] = {}
    integrity = ""
    for file in files:
        size, sha256, sha512 = _hashes(file.path)
        integrity = integrity or sha512
        contents[sha256] = file.path
        entries.append(
            {
                "name": file.name,
                "size": size,
                "sha256": sha256,
                "platform": file.platform,
                "content_type": content_type(file.name),
            }
        )
    listed = {
        "service": expected.service,
        "ecosystem": source.ecosystem,
        "name": source.name,
        "version": str(version),
        "commit": expected.commit,
        "ref": expected.ref,
        "integrity": integrity,
        "platforms": expected.platforms,
        "files": entries,
    }
    text = json.dumps({"format": 1, **listed}, ensure_ascii=False, indent=1).encode()
    with _as_package():
        manifest = _manifest(text)
        judge(manifest, source, expected)
        if source.ecosystem == "npm":
            judge_package(files[0].path, source, version)
        path.parent.mkdir(parents=True, exist_ok=True)
        members: list[tuple[str, Path | bytes]] = [("manifest.json", text)]
        members += [(f"files/{digest}", contents[digest]) for digest in sorted(contents)]
        tarball.write(path, members)
    return manifest


def take_over(
    tar: Path, folder: Path, *, source: Source, service: str, commit: str, ref: str, platforms: str = ""
) -> Release:
    """Extract the artifact at `tar` into the new folder `folder`, and return the release that it holds.

    `source` is what is committed; `platforms` the workflow's input. Each file lies at `folder/<its name>`, mode 0600,
    with the size and hash that the manifest says. Raises ArtifactError for an artifact of another commit or package,
    or one that a build of ours would not have written. Needs no credential and sends nothing.
    """
    wanted = read_platforms(platforms)
    expected = Expected(service, commit, ref, platforms_of(wanted, source.platforms), wanted)
    with _as_package():
        members = tarball.read(tar, TAR_LIMIT)
        first = next(members, None)
        if first is None or first.name != "manifest.json" or first.size > MANIFEST_LIMIT:
            raise refused("it does not begin with its manifest")
        manifest = _manifest(b"".join(first.chunks()))
        version = judge(manifest, source, expected)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ArtifactError(f"The folder {folder.name} for the release is not empty.", fix="Run the job again.")
        places: dict[str, list[File]] = {}
        for file in manifest.files:
            places.setdefault(file.sha256, []).append(file)
        for member in members:
            files = places.pop(member.name.removeprefix("files/"), None)
            if files is None:
                raise refused(f"{member.name} is not in its manifest, or twice in it")
            _extract(member, folder, files, manifest.integrity if manifest.files[0] in files else "")
        if places:
            raise refused(f"{next(iter(places.values()))[0].name} is missing")
        release = _release(manifest, version, folder)
        if source.ecosystem == "npm":
            judge_package(release.tarball.path, source, version)
    return release


def _release(manifest: Manifest, version: Version, folder: Path) -> Release:
    return Release(
        service=manifest.service,
        ecosystem=manifest.ecosystem,
        name=manifest.name,
        version=version,
        commit=manifest.commit,
        files=tuple(
            ReleaseFile(file.name, folder / file.name, file.size, file.sha256, file.platform, file.content_type)
            for file in manifest.files
        ),
        integrity=manifest.integrity,
        platforms=manifest.platforms,
    )


def _manifest(data: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:80]
        raise refused(f"its manifest cannot be used ({where}: {first['msg'][:120]})") from None


def _extract(member: tarball.Member, folder: Path, files: Sequence[File], integrity: str) -> None:
    """Write one content under each of its names; `integrity` is its sha512, or "" where none is known."""
    if any(file.size != member.size for file in files):
        raise refused(f"{files[0].name} does not have the size that the manifest says")
    sha256, sha512 = hashlib.sha256(), hashlib.sha512()
    try:
        with ExitStack() as stack:
            streams = [stack.enter_context(_create(folder / file.name)) for file in files]
            for piece in member.chunks():
                sha256.update(piece)
                sha512.update(piece)
                for stream in streams:
                    stream.write(piece)
    except OSError as error:
        raise refused(f"{files[0].name} cannot be written ({error.strerror})") from None
    if f"files/{sha256.hexdigest()}" != member.name or integrity not in ("", _integrity(sha512.digest())):
        raise refused(f"{files[0].name} does not have the content that the manifest says")


def _create(path: Path) -> IO[bytes]:
    """A new file, mode 0600: never one that is there already, and never through a link."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def _hashes(path: Path) -> tuple[int, str, str]:
    """Size in bytes, SHA-256 in hex, and sha512 as npm writes it."""
    size, sha256, sha512 = 0, hashlib.sha256(), hashlib.sha512()
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            size += len(piece)
            sha256.update(piece)
            sha512.update(piece)
    return size, sha256.hexdigest(), _integrity(sha512.digest())


def _integrity(digest: bytes) -> str:
    return "sha512-" + base64.b64encode(digest).decode()


@contextmanager
def _as_package() -> Iterator[None]:
    """The tar's own errors lead to the page of this artifact."""
    try:
        yield
    except ArtifactError as error:
        error.docs = DOCS
        raise
