"""Build a Worker: install, ChittyBeacon, build, test, bundle. Everything here is strangers' code at work.

So it runs in a job without credentials, and hands nothing on but one tar. Each step says what it runs and how long it
took; the first that fails ends the build with its name and its last lines.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from chittyactions.deploy.artifact import Manifest, fingerprints, pack
from chittyactions.deploy.bundle import Bundle, Static, read_assets, read_bundle
from chittyactions.deploy.plan import Plan
from chittyactions.deploy.toolchain import Wrangler
from chittyactions.deploy.wranglerfile import REDIRECT, redirected
from chittyactions.errors import ConfigError
from chittyactions.process import run
from chittyactions.project.folder import folder_within
from chittyactions.project.packages import Packages, find_packages
from chittyactions.project.steps import Steps, Talk

BEACON = "@chittycorp/app-beacon"
"""ChittyBeacon's package. Another scope's name is another author's package, so there is no second choice."""


class Build:
    """One build of the Worker in `working_directory` of `checkout`, with `environ` less every credential."""

    def __init__(self, checkout: Path, working_directory: str, environ: Mapping[str, str], talk: Talk) -> None:
        self.checkout = checkout.resolve()
        self.folder = folder_within(checkout, working_directory)
        self._steps = Steps(checkout, environ, talk, "worker-build.md#when-a-step-fails")
        self.found = self._steps.found
        self.environ = self._steps.environ
        self.environ["WRANGLER_SEND_METRICS"] = "false"
        self.talk = talk

    def project(self, wrangler_env: str, *, beacon: bool, tests: bool = True) -> None:
        """Install the packages, and run the project's own build and tests, for the environment `wrangler_env`."""
        packages = find_packages(self.checkout, self.folder, self.environ)
        if packages is None:
            self.talk.say("There is no package.json: nothing to install.")
            return
        if wrangler_env:
            self.environ["CLOUDFLARE_ENV"] = wrangler_env  # by which framework builds know their environment
        if packages.warning:
            self.talk.warn(packages.warning)
        self._steps.run(
            " ".join((packages.manager, *packages.install)), (*packages.program, *packages.install), packages.root
        )
        if beacon:
            self._beacon(packages)
        for script in ("build", "test") if tests else ("build",):
            if packages.has(script):
                self._steps.run(f"{packages.manager} run {script}", (*packages.program, "run", script), self.folder)
            else:
                self.talk.say(f"There is no {script} script in package.json: nothing to {script}.")

    def bundle(self, plan: Plan, wrangler: Wrangler) -> tuple[Bundle, Static | None]:
        """Bundle the code by wrangler's dry run, and list the assets that the build left.

        Without isolation nothing is handed over, so the bundle has its sizes alone.
        """
        generated = redirected(self.folder)
        if generated and plan.isolated:
            name = generated[0].relative_to(self.folder).as_posix()
            raise ConfigError(
                f"The build generates its own wrangler configuration ({name}), which cannot be separated from it.",
                why=f"{REDIRECT} leads to it; what is deployed would be told by the build, not by {plan.config_file}.",
                fix="Turn isolation off, which builds and uploads in the job that holds the credentials:",
                yaml="with:\n  isolation: off",
                docs="worker-build.md#isolation",
            )
        config = self.checkout / plan.config_file
        # Always --config: wrangler would otherwise look into the parent folders, and follow what it finds there.
        target = ("--config", str(config), f"--env={plan.wrangler_env}")
        if generated:
            target = ("--config", str(generated[0]), "--env=")
        bundle = Bundle(main="", modules=(), contents={}, size=0, gzip=0)
        if plan.main:
            with tempfile.TemporaryDirectory(prefix="bundle-") as scratch:
                form = Path(scratch) / "upload.form"
                output = ("--outdir", str(Path(scratch) / "out"), "--outfile", str(form))
                self._steps.run(
                    f"wrangler {wrangler.version} deploy --dry-run",
                    wrangler.command("deploy", "--dry-run", *target, *output),
                    self.folder,
                )
                bundle = read_bundle(form)
        if not plan.isolated:
            return replace(bundle, main="", modules=(), contents={}), None
        return bundle, read_assets(config.parent / plan.assets.directory) if plan.assets else None

    def _beacon(self, packages: Packages) -> None:
        """ChittyBeacon, where it exists: a registry without it is no reason to fail, and no reason to be silent."""
        if BEACON in packages.dependencies:
            self.talk.say(f"{BEACON} is among the dependencies already.")
            return
        view = (*(find_npm := _npm(packages)), "view", f"{BEACON}@latest", "version")
        seen = run(view, cwd=self.folder, env=self.environ, seconds=120, name=find_npm[0])
        version = seen.stdout.strip()
        if seen.code or not re.fullmatch(r"\d+\.\d+\.\d+\S*", version):
            missing = "E404" in seen.stderr or "404" in seen.stderr
            self.talk.warn(
                f"ChittyBeacon is not included: {BEACON} "
                + ("is not on the registry." if missing else "could not be looked up on the registry.")
                + " Set include_beacon: false to build without it and without this warning."
            )
            return
        package = f"{BEACON}@{version}"
        self._steps.run(f"{packages.manager} add {package}", (*packages.program, *packages.add, package), self.folder)


def write_artifact(
    path: Path, plan: Plan, wrangler: Wrangler, bundle: Bundle, static: Static | None, commit: str
) -> Manifest:
    """Pack what was built, with the digests of the settings that the build saw, into the tar at `path`."""
    manifest = Manifest(
        service=plan.service,
        environment=plan.environment,
        script=plan.script,
        commit=commit,
        isolated=plan.isolated,
        wrangler=wrangler.version,
        main=bundle.main,
        modules=bundle.modules,
        assets=static.files if static else None,
        bundle_size=bundle.size,
        bundle_gzip=bundle.gzip,
        settings=fingerprints(plan.settings),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    pack(path, manifest, {**(static.contents if static else {}), **bundle.contents})
    return manifest


def _npm(packages: Packages) -> tuple[str, ...]:
    return packages.program[:1] if packages.manager == "npm" else ("npm",)
