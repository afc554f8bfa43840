"""Packages with their repositories, published by the real action to one local registry, bucket and tap."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chittyactions.publish.source import read_source
from chittylocal import Local
from deploy.workers import NODE, TOOL_CACHE
from protocol.runner import ActionRun, ActionRunner, RunningAction
from publish.releases import manifest_of, npm_tarball, write_package, write_tar

BUCKET = "chittyos-packages"
TAP = "chittyos/homebrew-tap"
STATUSES = ("npm_status", "r2_status", "brew_status")
CHANGES = "[!GH]*"
"""Methods that change something: all but GET and HEAD."""
PATIENCE = 60.0
_PAIR = re.compile(r'^\s*(url|sha256) "([^"]*)"', re.MULTILINE)


@dataclass(frozen=True)
class Tap:
    """The one tap of a backend, with the app that may write to it."""

    local: Local
    app_id: str
    key: str

    @classmethod
    def made(cls, local: Local) -> Tap:
        """An empty tap."""
        local.github.repository(TAP, {"README.md": "A tap.\n"})
        return cls(local, "4177", local.github.app("4177", [TAP]))


@dataclass(frozen=True)
class Out:
    """What is out of one package: all that a second publish could double, and nothing that tells the time.

    Attributes:
        npm: versions with their integrity.
        tags: dist-tags.
        objects: keys with SHA-256, `metadata.json` left out.
        metadata: that, without its time.
        uploads: keys of open multipart uploads.
        formula: the text in the tap.
        commits: messages of the commits that changed the formula.
    """

    npm: Mapping[str, str]
    tags: Mapping[str, str]
    objects: Mapping[str, str]
    metadata: Mapping[str, Any]
    uploads: tuple[str, ...]
    formula: str
    commits: tuple[str, ...]


_numbers = itertools.count(1)


@dataclass
class Package:
    """One package on its way: `publish` runs the action as a job of its own would, on an artifact of that version.

    Attributes:
        folder: for the jobs.
        content: of the package's one file, by version: the same version twice has the same bytes.
        manifest: further fields of package.json.
        files: plain files instead of an npm package: name → bytes. Their version is the tag's.
    """

    tap: Tap
    folder: Path
    service: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.number = next(_numbers)
        self.service = self.service or f"greet{self.number}"
        self._jobs = itertools.count(1)

    @property
    def local(self) -> Local:
        """The backend."""
        return self.tap.local

    @property
    def name(self) -> str:
        """The npm package."""
        return f"@chittyos/{self.service}"

    def start(self, version: str = "1.0.0", **inputs: str) -> RunningAction:
        """Start the publish of a version, as a job on a machine of its own."""
        runner = ActionRunner(self.folder / self.service / str(next(self._jobs)), watch_argv=False)
        commit = hashlib.sha1(f"{self.service} {version}".encode()).hexdigest()
        ref = f"refs/tags/v{version}"
        if self.files:
            source, contents = read_source(runner.workspace, service=self.service, ref=ref), dict(self.files)
        else:
            write_package(runner.workspace, self.name, version, **self.manifest)
            source = read_source(runner.workspace, service=self.service, ref=ref, npm=True)
            contents = {f"chittyos-{self.service}-{version}.tgz": npm_tarball(self.name, version, **self.manifest)}
        manifest = manifest_of(source, contents, service=self.service, commit=commit, ref=ref, version=version)
        tar = write_tar(runner.temp / f"chittyops-package-{self.service}.tar", manifest, *contents.values())
        given = {
            "phase": "publish",
            "service_name": self.service,
            "publish_npm": str(not self.files).lower(),
            "publish_r2": "true",
            "brew_formula": self.service,
            "tap": TAP,
            "artifact": str(tar),
            "cloudflare_token": self.local.cloudflare_token,
            "account_id": self.local.account_id,
            "npm_token": self.local.npm_token,
            "github_app_id": self.tap.app_id,
            "github_app_private_key": self.tap.key,
            **inputs,
        }
        return runner.start_action(
            "package-publish", given, {"GITHUB_SHA": commit, "GITHUB_REF": ref, **self._environment()}
        )

    def publish(self, version: str = "1.0.0", **inputs: str) -> ActionRun:
        """Publish a version and wait for the end."""
        return self.start(version, **inputs).wait(100)

    def kill_at(self, service: str, nth: int, *, after: bool, **inputs: str) -> bool:
        """Publish 1.0.0 and SIGKILL the action at its nth change of a service (from 0), before or after its effect.

        Whether it got that far: else it ended by itself.
        """
        local = self.local
        local.forget_requests()
        local.fault(service, CHANGES, "*", hang(nth, after=after))
        running = self.start(**inputs)
        reached = until(running, lambda: any(entry["fault"] == "hang" for entry in local.requests(service)))
        running.process.kill()
        running.wait(10)
        local.clear_faults()
        return reached

    def _environment(self) -> dict[str, str]:
        return {
            **self.local.env("none"),
            "PATH": f"{NODE}:/usr/local/bin:/usr/bin:/bin",
            "RUNNER_TOOL_CACHE": str(TOOL_CACHE),
            "GITHUB_REPOSITORY": f"chittyos/{self.service}",
            "GITHUB_REPOSITORY_OWNER": "chittyos",
            **self.env,
        }

    def out(self) -> Out:
        """Look at registry, bucket and tap themselves."""
        local = self.local
        packument = local.npm.packument(self.name) or {}
        kept = {key: found.sha256 for key, found in local.r2.objects().items() if key.startswith(f"{self.service}/")}
        pointer = f"{self.service}/metadata.json"
        metadata = json.loads(local.r2.read(BUCKET, pointer)) if pointer in kept else {}
        path = f"Formula/{self.service}.rb"
        try:
            formula = local.github.read(TAP, path)
        except KeyError:
            formula = ""
        return Out(
            npm={version: each["dist"]["integrity"] for version, each in packument.get("versions", {}).items()},
            tags=packument.get("dist-tags", {}),
            objects={key: digest for key, digest in kept.items() if key != pointer},
            metadata={name: value for name, value in metadata.items() if name != "published"},
            uploads=tuple(each["key"] for each in local.r2.uploads() if each["key"].startswith(f"{self.service}/")),
            formula=formula,
            commits=tuple(c.message for c in local.github.log(TAP) if self.service in c.message.split()),
        )

    def check_pointers(self) -> None:
        """Whatever happened: `metadata.json` and the formula name what is there, byte for byte."""
        out = self.out()
        if out.metadata:
            key = f"{self.service}/{out.metadata['version']}/{out.metadata['tarball']}"
            assert out.objects.get(key) == out.metadata["sha256"], out
            assert out.objects.get(f"{self.service}/latest/{out.metadata['tarball']}") == out.metadata["sha256"], out
        for _, digest in (pair for pair in _PAIR.findall(out.formula) if pair[0] == "sha256"):
            assert digest in out.objects.values(), out


def hang(nth: int, *, after: bool) -> Any:
    """A fault that stops whoever sends the nth request (from 0), before or after its effect."""
    from chittylocal import Fault

    return Fault("hang", skip=nth, times=1, after_effect=after)


def until(running: RunningAction, condition: Callable[[], bool]) -> bool:
    """Wait for a condition as long as the action runs; whether it came to be."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, running.lines
        if running.process.poll() is not None:
            return condition()
        time.sleep(0.02)
    return True


def statuses(run: ActionRun) -> list[str]:
    """Of npm, R2 and Homebrew."""
    return [run.outputs.get(name, "") for name in STATUSES]
