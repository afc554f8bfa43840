"""The package.json that a tarball carries, and whether npm may be given it beside a token.

Everything in it was written by whoever wrote the package: npm takes settings out of it (`publishConfig`), and its
`tag` decides over the dist-tag that npm is told.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chittyactions.errors import ArtifactError, ConfigError
from chittyactions.publish.npm_tarball import read_manifest, refused
from chittyactions.publish.publish_config import judge_publish_config
from chittyactions.publish.version import parse

NAME = re.compile(r"(@[A-Za-z0-9~-][A-Za-z0-9._~-]*/)?[A-Za-z0-9~-][A-Za-z0-9._~-]*")
"""A package's name: it stands in addresses and on npm's command line."""

NAME_LIMIT = 214


@dataclass(frozen=True)
class PackageJson:
    """What publishing needs of a package.json. `publish_config` is judged; `version` is as it stands there."""

    name: str
    version: str
    publish_config: Mapping[str, Any]

    @property
    def scope(self) -> str:
        """`@chittyos` of `@chittyos/hello`; "" without one."""
        return self.name.partition("/")[0] if self.name.startswith("@") else ""


def judge_package(tarball: Path, *, name: str, version: str, registry_url: str) -> PackageJson:
    """The package.json in `tarball`, if npm may publish it to `registry_url` as `name` and `version`.

    Raises ArtifactError for a tarball that is not what the build job packs, ConfigError for settings that could lead
    npm astray. To be called before any credential is there.
    """
    data = parse_manifest(read_manifest(tarball))
    if data.get("name") != name or bare(str(data.get("version"))) != bare(version):
        raise ArtifactError(
            f"The tarball holds {str(data.get('name'))[:100]!r} {str(data.get('version'))[:60]!r}.",
            why=f"The release is {name} {version}.",
            fix="Commit the name and version that are to be published; the build may not change them.",
            docs="package-publish.md#artifact",
        )
    if not NAME.fullmatch(name) or len(name) > NAME_LIMIT:
        raise ConfigError(
            f"{name[:100]!r} is no name for a package.",
            why="npm takes letters, digits, dots, dashes and underscores, with a scope (@owner/) or without.",
            fix="Correct `name` in package.json.",
            docs="package-publish.md#publish-config",
        )
    _judge_fields(data)
    config = data.get("publishConfig")
    judge_publish_config(config, registry=registry_url, scoped=name.startswith("@"))
    return PackageJson(name, str(data["version"]), config or {})


def programs_of(tarball: Path) -> tuple[str, ...]:
    """The commands that the package in `tarball` installs. Raises ArtifactError for one that can't be read."""
    data = parse_manifest(read_manifest(tarball))
    return _programs(data, str(data.get("name")))


def parse_manifest(raw: bytes) -> dict[str, Any]:
    """A package.json that every reader of JSON understands alike. Raises ArtifactError."""
    try:
        data = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise refused("its package.json is not plain JSON in UTF-8") from None
    if not isinstance(data, dict):
        raise refused("its package.json is no object")
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are read alike by everybody."""
    counts = Counter(name for name, _ in pairs)
    twice = {name for name in ("name", "version", "publishConfig", "tag", "private") if counts[name] > 1}
    if odd := twice | ({"__proto__"} & set(counts)):
        raise refused(f"its package.json has {min(odd)!r} in a way that can be read differently")
    return dict(pairs)


def _no_constant(_: str) -> None:
    raise ValueError


def _judge_fields(data: dict[str, Any]) -> None:
    """Top-level fields by which npm would refuse, or not do what it is told."""
    if data.get("private"):
        raise ConfigError(
            "The package is marked as private.",
            why='package.json has "private": true, and npm publishes no such package.',
            fix='Remove "private", or set publish_npm: false.',
            docs="package-publish.md#publish-config",
        )
    if "tag" in data:
        raise ConfigError(
            'package.json has "tag" at its top level.',
            why="npm publishes under that tag whatever it is told, so that a prerelease could take latest.",
            fix='Remove it; name a tag by dist_tag in the workflow, or by "publishConfig": {"tag": …}.',
            docs="package-publish.md#dist-tags",
        )
    if "packageExtensions" in data:
        raise ConfigError(
            'package.json has "packageExtensions".',
            why="npm refuses to publish a package that has them: they work at a project's root only.",
            fix="Remove them from the package that is published.",
            docs="package-publish.md#publish-config",
        )
    _judge_folder_of_programs(data)


def _judge_folder_of_programs(data: dict[str, Any]) -> None:
    """npm makes every file below `directories.bin` executable; of a folder that is none it makes absolute paths."""
    folders = data.get("directories")
    folder = folders.get("bin") if isinstance(folders, dict) else None
    if not folder:
        return
    name = folder.replace("\\", "/").replace(":", "/") if isinstance(folder, str) else ""
    if not posixpath.normpath(f"/{name}").strip("/"):
        raise ConfigError(
            f"package.json has {str(folder)[:60]!r} for directories.bin, which is no folder of the package.",
            why="npm would take the files in it for absolute paths, and change their rights on this machine.",
            fix='Name the folder that holds the programs, such as "bin", or use "bin" in place of "directories".',
            docs="package-publish.md#publish-config",
        )


def bare(version: str) -> str:
    """A version as npm compares it: without `v` and without build metadata."""
    try:
        return str(parse(version).replace(build=None))
    except ValueError:
        return version


def _programs(data: dict[str, Any], name: str) -> tuple[str, ...]:
    programs = data.get("bin")
    if isinstance(programs, str):
        return (name.rpartition("/")[2],)
    return tuple(programs) if isinstance(programs, dict) else ()
