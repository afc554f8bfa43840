"""What is to be on npm's registry: a release as npm has it, and whether what is there is the same."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from semver import Version

from chittyactions.errors import ArtifactError, ConfigError
from chittyactions.publish.model import Release
from chittyactions.publish.npm_registry import Bytes, Packument
from chittyactions.publish.npm_said import PAGE
from chittyactions.publish.package_json import PackageJson, judge_package


@dataclass(frozen=True)
class Wish:
    """A release as npm has it: `version` is without build metadata, which npm drops; `tag` is the one asked for."""

    package: PackageJson
    version: Version
    integrity: str
    shasum: str
    tag: str
    access: str

    @property
    def name(self) -> str:
        """The package's name."""
        return self.package.name

    @property
    def number(self) -> str:
        """The version as the registry writes it."""
        return str(self.version)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def is_in(self, packument: Packument) -> bool:
        """Whether the version is there with these bytes. Raises ConfigError when it is there with others."""
        held = packument.versions.get(self.number)
        if held is None:
            return False
        if self.integrity in held.integrity.split() or (not held.integrity and held.shasum == self.shasum):
            return True
        raise _other_bytes(self, held)


def wish_for(release: Release, *, dist_tag: str, access: str, registry_url: str) -> Wish:
    """What the workflow wants of `release`, with the package's own wishes where it says nothing.

    Raises ConfigError and ArtifactError for a package that may not be published so; asks nobody.
    """
    if release.ecosystem != "npm":
        raise ConfigError(
            f"{release.name} is no npm package.",
            why=f"The release was built from a {release.ecosystem} project.",
            fix="Set publish_npm: false.",
            docs=f"{PAGE}#other-ecosystems",
        )
    path, version = release.tarball.path, release.version.replace(build=None)
    package = judge_package(path, name=release.name, version=str(release.version), registry_url=registry_url)
    integrity, shasum = hashes(path)
    if integrity != release.integrity:
        raise ArtifactError(
            f"{release.tarball.name} is not the file that was built.",
            why=f"Its integrity is {integrity}; the release says {release.integrity}.",
            fix="Run the workflow again; if it comes back, look at what else runs on this machine.",
            docs=f"{PAGE}#artifact",
        )
    config = package.publish_config
    wanted = dist_tag if dist_tag != "auto" else str(config.get("tag") or "auto")
    if wanted == "latest" and dist_tag == "auto" and version.prerelease:
        wanted = "auto"  # the package's default is for its stable versions
    return Wish(package, version, integrity, shasum, wanted, access or str(config.get("access") or ""))


def hashes(path: Path) -> tuple[str, str]:
    """(integrity, SHA-1 in hex) of a file."""
    sha512, sha1 = hashlib.sha512(), hashlib.sha1(usedforsecurity=False)
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            sha512.update(piece)
            sha1.update(piece)
    return "sha512-" + base64.b64encode(sha512.digest()).decode(), sha1.hexdigest()


def _other_bytes(wish: Wish, held: Bytes) -> ConfigError:
    return ConfigError(
        f"{wish} is out already, with other bytes.",
        why=f"The registry has {held.integrity or 'SHA-1 ' + held.shasum}; this build has {wish.integrity}. "
        "A version never changes, so nothing was sent.",
        fix="Raise the version in package.json. If nothing was to change, the build does not make equal bytes of "
        "equal sources: look for times and paths in what it writes.",
        docs=f"{PAGE}#version-exists",
    )
