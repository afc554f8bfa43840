"""Whether an artifact is the release that this run may publish: held to the commit and to the workflow's inputs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from semver import Version

from chittyactions.errors import ArtifactError
from chittyactions.publish.manifest import RELEASE_LIMIT, Manifest, content_type, name_problem
from chittyactions.publish.npm_tarball import read_manifest
from chittyactions.publish.source import Source
from chittyactions.publish.version import from_python, parse
from chittyactions.tarball import refused

DOCS = "package-build.md#artifact"


@dataclass(frozen=True)
class Expected:
    """What the artifact has to be: of this service, commit and ref, for these platforms.

    `patterns` is the input `platforms` as `read_platforms` gives it: each platform, and the glob of its file or "".
    """

    service: str
    commit: str
    ref: str
    platforms: tuple[str, ...]
    patterns: Mapping[str, str] = field(default_factory=dict)


def tarball_name(name: str, version: Version) -> str:
    """The file name of an npm package: `@chittyos/hello` 1.0.0 → `chittyos-hello-1.0.0.tgz`, as npm pack names it."""
    return f"{name.removeprefix('@').replace('/', '-')}-{version}.tgz"


def judge(manifest: Manifest, source: Source, expected: Expected) -> Version:
    """The version that may be published out of an artifact with this manifest. Raises ArtifactError for all others."""
    _same(manifest, source, expected)
    names = [file.name for file in manifest.files]
    for file in manifest.files:
        problem = name_problem(file.name)
        if problem:
            raise refused(f"{file.name!r} {problem}")
        if file.content_type != content_type(file.name):
            raise refused(f"{file.name} has a content type that is not its own")
    if len({name.casefold() for name in names}) < len(names):
        raise refused("two files in it have one name, or differ in case alone")
    if sum(file.size for file in manifest.files) > RELEASE_LIMIT:
        raise refused(f"its files have more than {RELEASE_LIMIT // 1024**3} GiB")
    version = _version(manifest, source, names)
    if source.ecosystem == "npm" and names[0] != tarball_name(source.name, version):
        raise refused(f"its first file is {names[0]}, and not the package {tarball_name(source.name, version)}")
    _platforms(manifest, expected)
    return version


def judge_package(tgz: Path, source: Source, version: Version) -> None:
    """The package.json inside an npm tarball names the package and version that are committed."""
    inside = package_inside(tgz)
    name, stated = str(inside.get("name")), str(inside.get("version"))
    if name != source.name or not _says(stated, version):
        raise _differs(
            f"The tarball holds {name[:100]}@{stated[:100]}",
            f"{source.where} is {source.name}@{version}",
            "Commit name and version as they are released: something changes package.json while it is packed",
        )


def package_inside(tgz: Path) -> dict[str, Any]:
    """The package.json inside an npm tarball. Raises ArtifactError where it can't be read."""
    try:
        data = json.loads(read_manifest(tgz).decode("utf-8-sig"))
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise refused(f"{tgz.name} has no package.json that can be read")
    return data


def built_version(names: Iterable[str], source: Source) -> Version | None:
    """The version in the names of a Python package's built files; None where no file is one of this package.

    Raises ArtifactError where two of them differ, or one differs from the version that is committed.
    """
    seen = source.version
    found = False
    for name in names:
        text = _python_version(name, source.name)
        if not text:
            continue
        try:
            version = from_python(text)
        except ValueError as error:
            raise refused(f"{name} has a version that cannot be published: {error}") from None
        if seen is not None and (version != seen or version.build != seen.build):
            raise _differs(
                f"{name} was built as {version}",
                f"{'the others are' if found else 'this release is'} {seen}",
                "Let the build take the version from where the release has it, and remove files of earlier builds",
            )
        seen, found = version, True
    return seen if found else None


def _same(manifest: Manifest, source: Source, expected: Expected) -> None:
    wanted = {
        "service": expected.service,
        "commit": expected.commit,
        "ref": expected.ref,
        "ecosystem": source.ecosystem,
        "name": source.name,
    }
    for key, value in wanted.items():
        if getattr(manifest, key) != value:
            raise _differs(
                f"The artifact is for another {key}: {str(getattr(manifest, key))[:100]!r}",
                f"this run publishes {key} {value!r}",
                "Download the artifact of this run's build job, for this service",
            )


def _version(manifest: Manifest, source: Source, names: list[str]) -> Version:
    try:
        version = parse(manifest.version)
    except ValueError as error:
        raise refused(str(error)) from None
    if str(version) != manifest.version:
        raise refused(f"{manifest.version!r} is not a version as it is written")
    if source.version is not None and manifest.version != str(source.version):
        raise _differs(
            f"The artifact is for version {version}",
            f"this commit is version {source.version}",
            "Commit the version that is released: a build must not change it",
        )
    if source.ecosystem == "python":
        built = built_version(names, source)
        if source.version is None and str(built or "") != manifest.version:
            raise refused("no file in it has a name that tells its version")
    return version


def _platforms(manifest: Manifest, expected: Expected) -> None:
    if manifest.platforms != expected.platforms:
        raise _differs(
            f"The artifact is for the platforms {', '.join(manifest.platforms)[:200]}",
            f"this run publishes {', '.join(expected.platforms)}",
            "Give package-build and package-publish the same platforms",
        )
    has = {file.platform: file.name for file in manifest.files if file.platform}
    wanted = {name: pattern.rpartition("/")[2] for name, pattern in expected.patterns.items() if pattern}
    several = len(has) < sum(1 for file in manifest.files if file.platform)
    if several or has.keys() != wanted.keys() or not all(fnmatchcase(has[name], wanted[name]) for name in has):
        raise refused("its files are not those of the platforms that the workflow names")


def _says(text: str, version: Version) -> bool:
    try:
        return str(parse(text)) == str(version)
    except ValueError:
        return False


def _python_version(file: str, project: str) -> str:
    """The version in the name of a wheel or source distribution of `project`; "" for any other file."""
    kind = re.fullmatch(r"([^-]+)-([^-]+)(?:-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl|(.+)-([^-]+)\.(?:tar\.gz|zip)", file)
    if not kind:
        return ""
    name, version = (kind[1], kind[2]) if kind[1] else (kind[3], kind[4])
    same = re.sub(r"[-_.]+", "-", name).lower() == re.sub(r"[-_.]+", "-", project).lower()
    return version if same and version[0].isdigit() else ""


def _differs(what: str, why: str, fix: str) -> ArtifactError:
    return ArtifactError(f"{what}.", why=f"{why[:1].upper()}{why[1:]}.", fix=f"{fix}.", docs=DOCS)
