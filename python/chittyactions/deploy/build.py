"""Build a Worker: install, ChittyBeacon, build, test, bundle. Everything here is strangers' code at work.

So it runs in a job without credentials, and hands nothing on but one tar. Each step says what it runs and how long it
took; the first that fails ends the build with its name and its last lines.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from chittyactions.deploy.artifact import Manifest, fingerprints, pack
from chittyactions.deploy.bundle import Bundle, Static, read_assets, read_bundle
from chittyactions.deploy.packages import BEACON, Packages, find_packages
from chittyactions.deploy.plan import Plan
from chittyactions.deploy.toolchain import Wrangler
from chittyactions.deploy.wranglerfile import REDIRECT, folder_within, redirected
from chittyactions.errors import ConfigError, ToolError
from chittyactions.process import Finished, run

STEP_SECONDS = 3600.0
"""For one step; the job's own timeout-minutes ends it earlier where it is set."""

LAST_LINES = 12

CREDENTIALS = (
    *("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "CHITTYCONNECT_API_KEY", "WORKER_SECRETS"),
    *("CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY", "CF_API_TOKEN", "CF_API_KEY", "GITHUB_TOKEN", "GH_TOKEN"),
)
"""What a build has no use for. NODE_AUTH_TOKEN and npm's own settings stay: private packages need them."""

_RUNNERS_OWN = ("CHITTY_INPUTS", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE", "ACTIONS_RUNTIME_TOKEN")


@dataclass(frozen=True)
class Talk:
    """How a build is told to a person: a line, a warning, and a folded part of the log around a step."""

    say: Callable[[str], None]
    warn: Callable[[str], None]
    group: Callable[[str], AbstractContextManager[None]]


class Build:
    """One build of the Worker in `working_directory` of `checkout`, with `environ` less every credential."""

    def __init__(self, checkout: Path, working_directory: str, environ: Mapping[str, str], talk: Talk) -> None:
        self.checkout = checkout.resolve()
        self.folder = folder_within(checkout, working_directory)
        self.found = tuple(name for name in CREDENTIALS if environ.get(name))
        self.environ = {k: v for k, v in environ.items() if k not in CREDENTIALS and k not in _RUNNERS_OWN}
        self.environ |= {"CI": "true", "COREPACK_ENABLE_DOWNLOAD_PROMPT": "0", "WRANGLER_SEND_METRICS": "false"}
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
        self._step(
            " ".join((packages.manager, *packages.install)), (*packages.program, *packages.install), packages.root
        )
        if beacon:
            self._beacon(packages)
        for script in ("build", "test") if tests else ("build",):
            if packages.has(script):
                self._step(f"{packages.manager} run {script}", (*packages.program, "run", script), self.folder)
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
                self._step(
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
        self._step(f"{packages.manager} add {package}", (*packages.program, *packages.add, package), self.folder)

    def _step(self, title: str, command: Sequence[str], cwd: Path) -> Finished:
        started = time.monotonic()
        with self.talk.group(title):
            done = run(command, cwd=cwd, env=self.environ, seconds=STEP_SECONDS, echo=self.talk.say, name=title)
        seconds = time.monotonic() - started
        if done.code:
            self.talk.say(f"✗ {title} failed after {seconds:.1f} s")
            raise ToolError(
                f"`{title}` failed with exit code {done.code}.",
                why="Its last lines were:\n" + last_lines(done) if last_lines(done) else "It said nothing.",
                fix=f"Run it in {_shown(cwd, self.checkout)} on your machine; the build job has no credentials, "
                "so a step that needs one belongs elsewhere.",
                docs="worker-build.md#when-a-step-fails",
            )
        self.talk.say(f"✓ {title} ({seconds:.1f} s)")
        return done


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


def last_lines(done: Finished) -> str:
    """The end of what a program said, without colours."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", done.stdout + done.stderr)
    lines = [line.rstrip()[:200] for line in text.splitlines() if line.strip()]
    return "\n".join(lines[-LAST_LINES:])


def _npm(packages: Packages) -> tuple[str, ...]:
    return packages.program[:1] if packages.manager == "npm" else ("npm",)


def _shown(folder: Path, root: Path) -> str:
    return "the repository's root" if folder == root else folder.relative_to(root).as_posix()
