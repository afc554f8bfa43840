"""`package-build`: install, build, test and pack a release without credentials, and hand over one tar."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chittyactions.cancel import Cancellation
from chittyactions.entries import guarded
from chittyactions.entries.building import (
    NAME,
    NODE_VERSION,
    commit_of,
    commit_time,
    say_node,
    sha256_of,
    warn_of_credentials,
)
from chittyactions.errors import InputError
from chittyactions.inputs import Inputs
from chittyactions.project.steps import Talk
from chittyactions.publish.manifest import Manifest
from chittyactions.publish.packing import Order, Packing
from chittyactions.publish.platforms import read_platforms
from chittyactions.publish.source import read_source
from chittyactions.runner import Runner


@dataclass(frozen=True)
class Wanted:
    """The inputs of the action."""

    service_name: str
    working_directory: str
    package: str
    node_version: str
    publish_npm: bool
    order: Order
    artifact: str


def read_inputs(read: Inputs) -> Wanted:
    """Read every input, and raise InputError for all that can't be used."""
    wanted = Wanted(
        service_name=read.text("service_name", pattern=NAME, like="chittyauth", required=True),
        working_directory=read.text("working_directory", "."),
        package=read.text("package"),
        node_version=read.text("node_version", "22", pattern=NODE_VERSION, like="22"),
        publish_npm=read.flag("publish_npm", default=False),
        order=Order(
            files=read.names("files"),
            platforms=read.parsed("platforms", "", read_platforms),
            command=read.text("build_command"),
        ),
        artifact=read.text("artifact"),
    )
    read.finish()
    return wanted


def build(runner: Runner, wanted: Wanted, checkout: Path) -> Manifest:
    """Build the release in `checkout`, write the artifact, and set the outputs."""
    environ = dict(runner.environ)
    ref = environ.get("GITHUB_REF", "")
    # Before anything runs: most mistakes are in what is committed, and cost nothing yet.
    source = read_source(
        checkout,
        wanted.working_directory,
        service=wanted.service_name,
        package=wanted.package,
        ref=ref,
        npm=wanted.publish_npm,
    )
    seconds = environ.get("SOURCE_DATE_EPOCH") or commit_time(environ, checkout)
    if seconds:  # by which builders date what they pack: building a commit again gives the same bytes
        environ["SOURCE_DATE_EPOCH"] = seconds
    talk = Talk(say=runner.info, warn=runner.warning, group=runner.group)
    work = Packing(checkout, source, wanted.order, environ, talk)
    warn_of_credentials(runner, work.found)
    where = f" ({source.where})" if source.where else ""
    runner.info(f"{source.name} {source.version or 'with a version that its build tells'}{where}")
    if source.ecosystem == "npm":
        say_node(runner, wanted.node_version, environ)
    target = Path(wanted.artifact or default_artifact(environ, wanted))
    manifest = work.pack(target, service=wanted.service_name, commit=commit_of(environ, checkout), ref=ref)
    runner.output("artifact", str(target))
    runner.output("artifact_name", target.name)
    runner.output("version", manifest.version)
    runner.output("tarball", manifest.files[0].name)
    runner.output("integrity", manifest.integrity)
    runner.output("sha256", sha256_of(target))
    _report(runner, manifest, target)
    return manifest


def default_artifact(environ: Mapping[str, str], wanted: Wanted) -> Path:
    """Where the artifact goes when nobody says: its name is the artifact's, and tells service and package."""
    folder = environ.get("RUNNER_TEMP") or environ.get("TMPDIR") or "/tmp"  # noqa: S108 - outside a runner
    # Several packages of one service may be built in one run, and GitHub keeps an artifact by its name.
    words = re.findall(r"\w[\w.]*", f"{wanted.working_directory} {wanted.package}", re.ASCII)
    return Path(folder) / f"chittyops-package-{'-'.join([wanted.service_name, *words])[:200]}.tar"


def _report(runner: Runner, manifest: Manifest, target: Path) -> None:
    for file in manifest.files:
        runner.info(f"{target.name}: {file.name}, {_size(file.size)}, sha256 {file.sha256}")
    rows = "".join(
        f"| `{file.name}` | {file.platform or 'any'} | {_size(file.size)} | `{file.sha256}` |\n"
        for file in manifest.files
    )
    runner.summary(
        f"### Packed `{manifest.name}` {manifest.version}\n\n"
        f"Commit `{manifest.commit[:12]}`, for {', '.join(manifest.platforms)}\n\n"
        f"| File | Platform | Size | SHA-256 |\n|---|---|---|---|\n{rows}"
    )


def _size(size: int) -> str:
    return f"{size / 1024:.1f} KiB" if size < 1024**2 else f"{size / 1024**2:.1f} MiB"


def main() -> int:
    """Run the action on the job's checkout."""

    def action(runner: Runner) -> int:
        try:
            wanted = read_inputs(Inputs.load(runner.environ))
        except InputError as error:
            error.docs = "package-build.md#inputs"
            raise
        started = time.monotonic()
        with Cancellation():  # which ends the program that is at work, and all that it started
            build(runner, wanted, Path(runner.environ.get("GITHUB_WORKSPACE") or os.getcwd()))  # noqa: PTH109
        runner.info(f"Packed in {time.monotonic() - started:.1f} s")
        return 0

    return guarded(action, Runner(), "package-build.md#when-a-step-fails")
