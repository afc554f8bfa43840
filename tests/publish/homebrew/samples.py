"""Formulae and casks in the forms that are found in the wild, and what a release of each consists of."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from semver import Version

from chittyactions.publish.formula import Download, Wanted

FOLDER = Path(__file__).parent / "samples"
FOUR = ("darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64")


@dataclass(frozen=True)
class Sample:
    """A formula in samples/. `url` is where a release is served: {v}, {p}latform, {os} and {cpu} are filled in."""

    name: str
    url: str
    platforms: tuple[str, ...] = ("",)

    @property
    def text(self) -> str:
        """The formula as it lies in the tap."""
        return (FOLDER / f"{self.name}.rb").read_bytes().decode("utf-8", "surrogateescape")

    def wanted(self, version: str) -> Wanted:
        """A release of it; the hashes are made up from the addresses."""
        downloads = []
        for platform in self.platforms:
            system, _, processor = platform.partition("-")
            url = self.url.format(v=version, p=platform, os=system, cpu=processor, dashed=version.replace(".", "-"))
            downloads.append(Download(url, hashlib.sha256(url.encode()).hexdigest(), platform))
        return Wanted(Version.parse(version), tuple(downloads))


SAMPLES = {
    sample.name: sample
    for sample in (
        Sample("npm", "https://git.chitty.cc/hello@{v}"),
        Sample("github_archive", "https://github.com/acme/tool/archive/refs/tags/v{v}.tar.gz"),
        Sample("goreleaser", "https://git.chitty.cc/ship@{v}/ship_{p}.tar.gz", FOUR),
        Sample(
            "cargo",
            "https://git.chitty.cc/cargo@{v}/cargo-{p}.tar.xz",
            ("aarch64-apple-darwin", "x86_64-apple-darwin", "x86_64-unknown-linux-musl"),
        ),
        Sample("on_blocks", "https://git.chitty.cc/blocks@{v}/blocks-{p}.tar.gz", (*FOUR[:2], FOUR[3])),
        Sample("if_os", "https://git.chitty.cc/if@{v}/{p}.zip", FOUR),
        Sample("systems", "https://git.chitty.cc/systems@{v}/systems-{p}.tar.gz", ("darwin", "linux")),
        Sample("override", "https://override.example/v{v}/override-{p}.tar.gz", ("darwin", "linux")),
        Sample("stable", "https://stable.example/stable-{v}.tar.gz"),
        Sample("quotes", "https://git.chitty.cc/quotes@{v}"),
        Sample("modifiers", "https://git.chitty.cc/modifiers@{v}/{p}.tgz", ("macos", "linux")),
        Sample("strategy", "https://git.chitty.cc/strategy@{v}/strategy.tgz"),
        Sample("data", "https://data.example/data-{v}.tar.xz"),
        Sample("mac_only", "https://git.chitty.cc/mac@{v}", ("darwin-arm64",)),
        Sample("cask_arch", "https://github.com/acme/app/releases/download/v{v}/app-{p}.zip", FOUR[:2]),
        Sample("cask_blocks", "https://git.chitty.cc/blocks@{v}/{cpu}.zip", FOUR[:2]),
        Sample("cask_os", "https://os.example/v{v}/os-{os}-{cpu}.tar.gz", FOUR),
        Sample(
            "cask_linux",
            "https://github.com/acme/workbench/releases/download/v{v}/workbench-{cpu}.tar.gz",
            ("linux-arm64", "linux-amd64"),
        ),
        Sample("cask_simple", "https://simple.example/2/{dashed}/Simple.dmg"),
    )
}
