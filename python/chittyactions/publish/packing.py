"""Build a release: install, build, test, pack. Everything here is strangers' code at work.

So it runs in a job without credentials, and hands nothing on but one tar. What is committed is read before anything
runs, and what was built is held to it before it is handed over.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from semver import Version

from chittyactions.errors import ConfigError
from chittyactions.project.packages import Packages, find_packages
from chittyactions.project.steps import Steps, Talk
from chittyactions.publish.artifact import Packed, write_artifact
from chittyactions.publish.judgement import Expected, built_version
from chittyactions.publish.manifest import Manifest
from chittyactions.publish.pack_npm import pack_npm
from chittyactions.publish.pack_python import distributions, pack_python
from chittyactions.publish.platforms import platforms_of
from chittyactions.publish.release_files import find_files, judge_names
from chittyactions.publish.source import Source

BASH = ("/usr/bin/env", "bash", "-euo", "pipefail", "-c")


@dataclass(frozen=True)
class Order:
    """What to build: `files` are globs, `platforms` what `read_platforms` gives, `command` replaces the build."""

    files: tuple[str, ...] = ()
    platforms: Mapping[str, str] = field(default_factory=dict)
    command: str = ""


class Packing:
    """One build of the package `source` in `checkout`, with `environ` less every credential."""

    def __init__(self, checkout: Path, source: Source, order: Order, environ: Mapping[str, str], talk: Talk) -> None:
        self.checkout = checkout.resolve()
        self.source = source
        self.order = order
        self.talk = talk
        self._steps = Steps(checkout, environ, talk, "package-build.md#when-a-step-fails")
        self.found = self._steps.found
        self.environ = self._steps.environ
        self._patterns = order.files
        _judge_order(source, order)

    def pack(self, target: Path, *, service: str, commit: str, ref: str) -> Manifest:
        """Build it, and write the artifact to `target`. Raises ConfigError, ArtifactError or ToolError."""
        with tempfile.TemporaryDirectory(prefix="package-", dir=self.environ.get("RUNNER_TEMP") or None) as scratch:
            files = self._build(Path(scratch))
            files += [file for file in self._named() if file.path not in {known.path for known in files}]
            judge_names(files)
            expected = Expected(
                service, commit, ref, platforms_of(self.order.platforms, self.source.platforms), self.order.platforms
            )
            return write_artifact(target, files, source=self.source, version=self._version(files), expected=expected)

    def _build(self, scratch: Path) -> list[Packed]:
        """Run what builds; the files that the packer itself made."""
        kind, command = self.source.ecosystem, self.order.command
        packages = find_packages(self.checkout, self.source.folder, self.environ) if kind == "npm" else None
        if packages:
            self._install(packages)
        if command:
            self._steps.run(_short(command), (*BASH, command), self.source.root)
        if packages:
            for script in ("test",) if command else ("build", "test"):
                self._script(packages, script)
            version = self.source.version
            assert version
            return [pack_npm(self._steps, packages, self.source, version, scratch)]
        if kind == "python" and not command:
            out = self.source.folder / "dist" if self.order.files else scratch
            pack_python(self._steps, self.source, out)
            return [] if self.order.files else distributions(out)
        if kind == "python" and not self.order.files:
            self._patterns = ("dist/*",)
        return []

    def _install(self, packages: Packages) -> None:
        if packages.warning:
            self.talk.warn(packages.warning)
        title = " ".join((packages.manager, *packages.install))
        self._steps.run(title, (*packages.program, *packages.install), packages.root)

    def _script(self, packages: Packages, script: str) -> None:
        if packages.has(script):
            title = f"{packages.manager} run {script}"
            self._steps.run(title, (*packages.program, "run", script), self.source.folder)
        else:
            self.talk.say(f"There is no {script} script in {self.source.where}: nothing to {script}.")

    def _named(self) -> list[Packed]:
        return find_files(self.checkout, self.source.root, self._patterns, self.order.platforms)

    def _version(self, files: list[Packed]) -> Version:
        version = self.source.version
        if version is not None:
            return version
        version = built_version((file.name for file in files), self.source)
        if version is None:
            raise ConfigError(
                f"There is no version for {self.source.name}.",
                why=f"{self.source.where} leaves it to the build, this run is for no tag, and no file that was built "
                "has a name that tells it.",
                fix="Run it on a tag such as v1.2.3, or state the version in pyproject.toml.",
                docs="package-build.md#python",
            )
        self.talk.warn(
            f"{self.source.where} leaves the version to the build: {version} is what the built files are called. "
            "On a tag, the tag decides."
        )
        return version


def _judge_order(source: Source, order: Order) -> None:
    """Whether enough is said to build and to find the release."""
    kind = source.ecosystem
    if kind in ("rust", "go") and not order.command:
        raise ConfigError(
            f"{source.where} is {'Rust' if kind == 'rust' else 'Go'}, and nothing says how its release is built.",
            why="Which targets a release has, and how they are packed, is each project's own.",
            fix="Give build_command and files (or platforms):",
            yaml=_EXAMPLE[kind],
            docs=f"package-build.md#{kind}",
        )
    if kind in ("rust", "go", "files") and not order.files and not any(order.platforms.values()):
        raise ConfigError(
            "Nothing says which files the release has.",
            why=f"{source.where or 'The folder'} is no package that has a packer of its own.",
            fix="Give files, or platforms with a file for each:",
            yaml='with:\n  files: "dist/*.tar.gz"',
            docs="package-build.md#files",
        )


_EXAMPLE = {
    "rust": "with:\n"
    "  build_command: |\n"
    "    cargo build --release --locked\n"
    "    tar -czf hello-linux-x64.tar.gz -C target/release hello\n"
    "  platforms: linux-x64=hello-linux-x64.tar.gz",
    "go": "with:\n"
    "  build_command: |\n"
    "    GOOS=darwin GOARCH=arm64 go build -trimpath -o hello . && tar -czf hello-darwin-arm64.tar.gz hello\n"
    "    GOOS=linux GOARCH=amd64 go build -trimpath -o hello . && tar -czf hello-linux-x64.tar.gz hello\n"
    "  platforms: darwin-arm64=hello-darwin-arm64.tar.gz, linux-x64=hello-linux-x64.tar.gz",
}


def _short(command: str) -> str:
    """A command as the name of its step: its first line, at most 60 characters."""
    first = re.sub(r"\s+", " ", command.strip().splitlines()[0])
    return first if len(first) <= 60 else first[:57] + "…"
