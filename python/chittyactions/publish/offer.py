"""What Homebrew's users are offered of a release: which of its files, and at which public addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlsplit

from chittyactions.errors import ConfigError
from chittyactions.publish.addresses import PLACEHOLDERS, address
from chittyactions.publish.formula import DOCS, Download, Wanted, machines_of
from chittyactions.publish.model import Release, ReleaseFile

PUBLIC_URL = "https://git.chitty.cc/{service}@{version}"
"""Where a user downloads the release's tarball, unless the caller says otherwise."""

PUBLIC_FILE_URL = PUBLIC_URL + "/{file}"
"""And where any other of its files."""


@dataclass(frozen=True)
class Offer:
    """Files of `release`, each with its address in `places`, and what a formula is to say of them."""

    release: Release
    files: tuple[ReleaseFile, ...]
    places: tuple[str, ...]

    @property
    def wanted(self) -> Wanted:
        """Version and downloads, as a formula states them."""
        downloads = [
            Download(url, file.sha256, file.platform) for file, url in zip(self.files, self.places, strict=True)
        ]
        return Wanted(self.release.version, tuple(downloads))

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each file that is for some platform and reaches nobody by Homebrew."""
        left = [file for file in self.release.files if file.platform and file not in self.files]
        return tuple(f"{file.name} is for {file.platform}, and not offered to Homebrew's users." for file in left)

    @property
    def names(self) -> dict[str, str]:
        """The file's name at each address."""
        return {url: file.name for file, url in zip(self.files, self.places, strict=True)}


def offer(release: Release, template: str) -> Offer:
    """One file for each of Homebrew's platforms, or the one that is for all, at the addresses of `template`.

    `template` may be "" for the usual addresses. Raises ConfigError when two files are for one machine or would have
    one address, for a release that has none for them, and for a template that makes no address.
    """
    files = _chosen(release)
    if not template:
        template = PUBLIC_URL if files == (release.tarball,) else PUBLIC_FILE_URL
    places = tuple(_filled(template, release, file) for file in files)
    if len(set(places)) < len(places):
        raise ConfigError(
            "public_url gives several files the same address.",
            why=f"{template} does not tell {', '.join(file.name for file in files)} apart.",
            fix="Use {file} or {platform} in public_url, such as " + PUBLIC_FILE_URL + ".",
            docs=DOCS,
        )
    return Offer(release, files, places)


def _chosen(release: Release) -> tuple[ReleaseFile, ...]:
    files = [file for file in release.files if file.platform and machines_of(file.platform)]
    # Beside a file for the usual C library, one for musl is for systems without Homebrew.
    usual = {machine for file in files if "musl" not in file.platform for machine in machines_of(file.platform)}
    files = [file for file in files if "musl" not in file.platform or not machines_of(file.platform) & usual]
    for at, file in enumerate(files):
        for other in files[:at]:
            if machines_of(file.platform) & machines_of(other.platform):
                raise ConfigError(
                    f"{other.name} and {file.name} are both for {file.platform}.",
                    why="A formula has one file for each platform.",
                    fix="Leave one of them out of `files`, or name its platform.",
                    docs=DOCS,
                )
    return tuple(files) or tuple(file for file in release.files if not file.platform)[:1] or _nothing(release)


def _nothing(release: Release) -> NoReturn:
    raise ConfigError(
        "The release has no file for Homebrew's users.",
        why="Homebrew is for macOS and Linux on arm64 and x64, and its files are for "
        f"{', '.join(sorted({file.platform for file in release.files}))}.",
        fix="Publish a file for one of them, such as darwin-arm64=dist/hello.tar.gz in `platforms`, or leave "
        "brew_formula empty.",
        docs=DOCS,
    )


def _filled(template: str, release: Release, file: ReleaseFile) -> str:
    try:
        url = address(template, release, file)
        split = urlsplit(url)
    except (ValueError, KeyError, IndexError, AttributeError, TypeError):
        url, split = "", urlsplit("")
    local = split.scheme == "http" and split.hostname in ("127.0.0.1", "localhost", "::1")
    if (
        not (split.scheme == "https" or local)
        or not split.hostname
        or "@" in split.netloc
        or set(url) & set(" \"'<>\\")
    ):
        raise ConfigError(
            "public_url can't be used.",
            why=f"{template[:100]!r} does not make an https address.",
            fix=f"Give a template such as {PUBLIC_FILE_URL}; it may hold "
            + ", ".join(f"{{{key}}}" for key in PLACEHOLDERS)
            + ".",
            docs=DOCS,
        )
    return url
