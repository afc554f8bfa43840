"""`package-publish`: check what was packed, then publish it on every channel that was asked for."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chittyactions.cancel import Cancellation
from chittyactions.entries import guarded, unexpected
from chittyactions.environment import tool_cache
from chittyactions.errors import InputError
from chittyactions.inputs import Inputs
from chittyactions.publish.artifact import take_over
from chittyactions.publish.flow import run_all
from chittyactions.publish.formula import About
from chittyactions.publish.model import Release
from chittyactions.publish.npm_cli import ensure_npm, npm_registry_url
from chittyactions.publish.npm_unpack import check_unpacking
from chittyactions.publish.outcome import NAMES, Outcome, identity
from chittyactions.publish.package_json import judge_package, programs_of
from chittyactions.publish.refusals import refuse_pull_requests, refuse_settings
from chittyactions.publish.report import headline, log_table, summary
from chittyactions.publish.request import Request, read_inputs
from chittyactions.publish.services import Services, Talk
from chittyactions.publish.source import read_source
from chittyactions.runner import Runner

__all__ = ["main", "read_inputs"]

ERRORS = "package-publish.md#errors"
TOKENS = ("cloudflare_token", "npm_token", "tap_token", "github_app_private_key")


class Voice:
    """The runner's log for several threads: whole lines, each with its channel's name."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._lock = threading.Lock()

    def say(self, channel: str, text: str) -> None:
        """Show a line of a channel."""
        with self._lock:
            self._runner.info("\n".join(f"{NAMES[channel]}: {line}" for line in text.splitlines()))

    def mask(self, name: str, secret: str) -> None:
        """Hide a secret from now on."""
        with self._lock:
            self._runner.mask(name, secret)

    def redact(self, text: str) -> str:
        """`text` without what is masked."""
        with self._lock:
            return self._runner.redact(text)


class Step:
    """One run of the action."""

    def __init__(self, runner: Runner, request: Request, cancel: Cancellation) -> None:
        self.runner = runner
        self.request = request
        self.cancel = cancel
        self.environ = runner.environ
        self.temp = Path(self.environ.get("RUNNER_TEMP") or tempfile.gettempdir())

    # -- phases ------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Everything that needs no credential: the run, the artifact, the settings, the tools."""
        refuse_pull_requests(self.environ, dry_run=self.request.dry_run)
        with self._release() as (release, _):
            refuse_settings(self.request, release)
            if self.request.publish_npm:
                self._check_npm(release)
        prerelease = bool(release.version.prerelease)
        self.runner.outputs(
            {
                **identity(release),
                "credentials": ",".join(self.request.credentials(prerelease=prerelease)),
                "required": ",".join(self.request.required(prerelease=prerelease)),
            }
        )
        files = ", ".join(f"{file.name} ({file.size} bytes)" for file in release.files)
        self.runner.info(f"{release.name} {release.version} is ready: {files}.")

    def publish(self) -> int:
        """Publish, report, and return the exit code."""
        refuse_pull_requests(self.environ, dry_run=self.request.dry_run)
        voice = Voice(self.runner)
        with self._release() as (release, about):
            refuse_settings(self.request, release)
            talk = Talk(voice.say, voice.mask, voice.redact)
            services = Services(self.request, release, self.environ, self.temp, about, talk)
            tasks, dry_run = services.tasks(), self.request.dry_run
            results, cancelled = run_all(tasks, stopping=services.stopping, defect=unexpected, dry_run=dry_run)
            outcome = Outcome(release, results, dry_run=dry_run, cancelled=cancelled)
            with self.cancel.held(lambda: None):
                self._report(outcome)
        return outcome.exit_code

    # -- what they are made of ---------------------------------------------------------------------------------

    @contextmanager
    def _release(self) -> Iterator[tuple[Release, About]]:
        """The release out of the artifact, verified against what is committed, and what the project says of itself.

        The files are there within `with`.
        """
        request, environ = self.request, self.environ
        ref, service = environ.get("GITHUB_REF", ""), request.service_name
        source = read_source(
            Path(environ.get("GITHUB_WORKSPACE") or ".").resolve(),
            request.working_directory,
            service=service,
            package=request.package,
            ref=ref,
            npm=request.publish_npm,
        )
        with tempfile.TemporaryDirectory(
            prefix="chittyops-publish-", dir=self.temp, ignore_cleanup_errors=True
        ) as name:
            release = take_over(
                Path(request.artifact),
                Path(name) / "files",
                source=source,
                service=service,
                commit=environ.get("GITHUB_SHA", ""),
                ref=ref,
                platforms=request.platforms,
            )
            npm_formula = request.brew_formula and release.ecosystem == "npm"
            programs = programs_of(release.tarball.path) if npm_formula else ()
            yield release, About(source.description, source.homepage, source.license, programs)

    def _check_npm(self, release: Release) -> None:
        """The npm that publishes is there, and what the package says of publishing sends no token elsewhere."""
        cli = ensure_npm(tool_cache(self.environ), environ=self.environ, report=self.runner.info)
        registry = npm_registry_url(cli, self.environ, self.request.registry_url)
        tarball = release.tarball.path
        judge_package(tarball, name=release.name, version=str(release.version), registry_url=registry)
        check_unpacking(cli, tarball, environ=self.environ, temp=self.temp)

    # -- reporting ---------------------------------------------------------------------------------------------

    def _report(self, outcome: Outcome) -> None:
        runner = self.runner
        for result in outcome.failed:
            if result.failure:
                result.failure.docs = result.failure.docs or ERRORS
        runner.outputs(outcome.outputs())
        runner.summary(summary(outcome))
        runner.info(headline(outcome) + ".")
        if outcome.results:
            runner.info(log_table(outcome))
        for result in outcome.results.values():
            for note in result.notes:
                (runner.info if outcome.dry_run else runner.warning)(f"{NAMES[result.channel]}: {note}")
            if result.failure:
                runner.failed(result.failure)
        if not outcome.dry_run and (outcome.was_out or not outcome.results):
            runner.notice(headline(outcome) + ". There was nothing to do.")


def main() -> int:
    """Run the phase that the inputs name."""

    def action(runner: Runner) -> int:
        request = _read(runner)
        for name in TOKENS:
            if value := getattr(request, name):
                runner.mask(name, value)
        with Cancellation() as cancel:
            step = Step(runner, request, cancel)
            if request.phase == "publish":
                return step.publish()
            step.check()
        return 0

    return guarded(action, Runner(), ERRORS)


def _read(runner: Runner) -> Request:
    try:
        return read_inputs(Inputs.load(runner.environ))
    except InputError as error:
        error.docs = "package-publish.md#inputs"
        raise
