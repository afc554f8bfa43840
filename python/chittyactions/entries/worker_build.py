"""`worker-build`: install, build, test and bundle a Worker without credentials, and hand over one tar."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from chittyactions.cancel import Cancellation
from chittyactions.deploy.artifact import Manifest, agree
from chittyactions.deploy.build import Build, write_artifact
from chittyactions.deploy.config import read_plan
from chittyactions.deploy.plan import Plan
from chittyactions.deploy.toolchain import Wrangler, ensure_wrangler
from chittyactions.entries import guarded
from chittyactions.entries.building import NAME, NODE_VERSION, commit_of, say_node, sha256_of, warn_of_credentials
from chittyactions.environment import tool_cache
from chittyactions.inputs import Inputs
from chittyactions.project.steps import Talk
from chittyactions.runner import Runner


@dataclass(frozen=True)
class Wanted:
    """The inputs of the action."""

    service_name: str
    environment: str
    working_directory: str
    node_version: str
    include_beacon: bool
    wrangler_version: str
    isolation: bool
    artifact: str


def read_inputs(read: Inputs) -> Wanted:
    """Read every input, and raise InputError for all that can't be used."""
    wanted = Wanted(
        service_name=read.text("service_name", pattern=NAME, like="chittyauth", required=True),
        environment=read.text("environment", "production", pattern=NAME, like="staging"),
        working_directory=read.text("working_directory", "."),
        node_version=read.text("node_version", "22", pattern=NODE_VERSION, like="22"),
        include_beacon=read.flag("include_beacon", default=True),
        wrangler_version=read.text("wrangler_version", pattern=r"\d+\.\d+\.\d+(-[\w.-]+)?", like="4.164.0"),
        isolation=read.flag("isolation", default=True),
        artifact=read.text("artifact"),
    )
    read.finish()
    return wanted


def build(runner: Runner, wanted: Wanted, checkout: Path) -> Manifest:
    """Build the Worker in `checkout`, write the artifact, and set the outputs."""
    environ = dict(runner.environ)
    talk = Talk(say=runner.info, warn=runner.warning, group=runner.group)
    work = Build(checkout, wanted.working_directory, environ, talk)
    warn_of_credentials(runner, work.found)

    def plan() -> Plan:
        return read_plan(
            checkout,
            wanted.working_directory,
            service=wanted.service_name,
            environment=wanted.environment,
            isolated=wanted.isolation,
        )

    committed = plan()  # before anything runs: most mistakes are in here, and cost nothing yet
    for warning in committed.warnings:
        runner.warning(warning)
    wrangler = ensure_wrangler(tool_cache(environ), wanted.wrangler_version, environ=environ, report=runner.info)
    if not wrangler.locked:
        runner.warning(f"wrangler {wrangler.version} is not the locked one: its packages are not held by hashes.")
    say_node(runner, wanted.node_version, environ)
    work.project(committed.wrangler_env, beacon=wanted.include_beacon)
    seen = plan()  # as the build left it: the deploy job compares it with what is committed
    bundle, static = work.bundle(seen, wrangler)
    target = Path(wanted.artifact or _default_artifact(environ, wanted))
    commit = commit_of(environ, checkout)
    manifest = write_artifact(target, seen, wrangler, bundle, static, commit)
    agree(committed, commit)(manifest)  # the deploy job will: a build that changes its configuration is told here
    runner.output("artifact", str(target))
    runner.output("artifact_name", target.name)
    runner.output("bundle_size", str(manifest.bundle_size))
    runner.output("sha256", sha256_of(target))
    _report(runner, manifest, target, wrangler)
    return manifest


def _default_artifact(environ: dict[str, str], wanted: Wanted) -> Path:
    folder = environ.get("RUNNER_TEMP") or environ.get("TMPDIR") or "/tmp"  # noqa: S108 - outside a runner
    return Path(folder) / f"chittyops-worker-{wanted.service_name}-{wanted.environment}.tar"


def _report(runner: Runner, manifest: Manifest, target: Path, wrangler: Wrangler) -> None:
    code = [module for module in manifest.modules if module.kind != "source-map"]
    size = f"{manifest.bundle_size / 1024:.1f} KiB, {manifest.bundle_gzip / 1024:.1f} KiB gzipped"
    assets = f", {len(manifest.assets)} assets" if manifest.assets is not None else ""
    runner.info(f"{target.name}: {len(code)} modules{assets}, {size}")
    runner.summary(
        f"### Built `{manifest.script}`\n\n"
        "| | |\n|---|---|\n"
        f"| Environment | {manifest.environment} |\n"
        f"| Commit | `{manifest.commit[:12]}` |\n"
        f"| Bundle | {size} |\n"
        f"| Modules | {len(code)}{assets} |\n"
        f"| wrangler | {wrangler.version}{'' if wrangler.locked else ' (not locked)'} |\n"
    )


def main() -> int:
    """Run the action on the job's checkout."""

    def action(runner: Runner) -> int:
        wanted = read_inputs(Inputs.load(runner.environ))
        started = time.monotonic()
        with Cancellation():  # which ends the program that is at work, and all that it started
            build(runner, wanted, Path(runner.environ.get("GITHUB_WORKSPACE") or os.getcwd()))  # noqa: PTH109
        runner.info(f"Built in {time.monotonic() - started:.1f} s")
        return 0

    return guarded(action, Runner())
