"""`worker-deploy`: check an artifact, deploy it, or settle what a killed deploy left."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chittyactions.cancel import Cancellation
from chittyactions.deploy import secrets
from chittyactions.deploy.announce import tell
from chittyactions.deploy.build import Build
from chittyactions.deploy.config import read_plan
from chittyactions.deploy.flow import Flow
from chittyactions.deploy.guard import guard, intentions, same_account, same_journal, warnings
from chittyactions.deploy.journal import Journal
from chittyactions.deploy.outcome import Outcome
from chittyactions.deploy.plan import Plan, Upload
from chittyactions.deploy.prepare import prepare_checkout, prepare_upload
from chittyactions.deploy.rehearse import rehearse
from chittyactions.deploy.report import summary, withheld
from chittyactions.deploy.request import Request, read_inputs
from chittyactions.deploy.restore import put_back
from chittyactions.deploy.services import Services
from chittyactions.deploy.situation import Situation, look
from chittyactions.deploy.toolchain import Wrangler, ensure_wrangler, wrangler_environment
from chittyactions.deploy.traffic import Traffic
from chittyactions.deploy.upload import Job
from chittyactions.ecosystem.cloudflare import Cloudflare
from chittyactions.entries import guarded
from chittyactions.environment import tool_cache
from chittyactions.errors import Cancelled, ChittyError
from chittyactions.inputs import Inputs
from chittyactions.project.steps import Talk
from chittyactions.runner import Runner

__all__ = ["main", "read_inputs"]


class Step:
    """One run of the action."""

    def __init__(self, runner: Runner, request: Request, cancel: Cancellation) -> None:
        self.runner = runner
        self.cancel = cancel
        self.request = request
        self.environ = runner.environ
        self.services = Services(request, runner.environ, runner.info)
        self.checkout = Path(self.environ.get("GITHUB_WORKSPACE") or ".").resolve()
        self.temp = Path(self.environ.get("RUNNER_TEMP") or tempfile.gettempdir())
        self.commit = self.environ.get("GITHUB_SHA", "")
        self.journal = Journal.of(self.temp, request.service_name, request.environment)

    # -- phases ------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Everything that needs no credential: the Worker's secrets, the config, the tools, the artifact."""
        if secrets.VARIABLE in self.environ:
            self._secrets()  # a mistake in them is told before a credential is issued
        with self._folder() as folder:
            plan, wrangler = self._plan(), self._wrangler()
            for text in plan.warnings:
                self.runner.warning(text)
            if not plan.isolated:
                self._build(plan)
            upload = self._upload(plan, folder)
            if plan.isolated:
                rehearse(wrangler, upload, self.environ)
        self.runner.info(f"{plan.script} is ready for wrangler {wrangler.version}: {upload.bundle_size} bytes of code.")

    def deploy(self) -> None:
        """Deploy, report, and raise what went wrong."""
        worker_secrets = self._secrets()
        plan = self._plan()
        api = self.services.cloudflare(plan.compliance_region)
        same_account(plan, api.account_id)
        situation = look(api, plan, domain=self.request.domain, health_path=self.request.choice.health_path)
        outcome = self._outcome(situation)
        try:
            with self._folder() as folder:
                self._intend(situation, plan, outcome)
                job = self._job(self._wrangler(), self._upload(plan, folder), folder, worker_secrets)
                outcome.sizes = (job.upload.bundle_size, situation.previous_size)
                if not self.request.dry_run:
                    self._flow(api, situation, outcome, job).run()
        except ChittyError as failure:
            outcome.failure = failure
        with self.cancel.held(lambda: None):
            self._report(outcome)
        if not isinstance(outcome.failure, Cancelled) and not self.request.dry_run:
            self._tell(outcome)
        if outcome.failure:
            raise outcome.failure

    def settle(self) -> None:
        """Put back what served before a deploy that was killed; nothing to do otherwise."""
        entry = self.journal.read()
        if entry is None:
            self.runner.info("Nothing to settle: no deploy of this job was cut short.")
            return
        api = self.services.cloudflare(entry.region)
        same_journal(entry, api.account_id)
        traffic = Traffic(api, self.journal, say=self.runner.info)
        done = put_back(api, traffic, self.journal, None, None, self.cancel, self.runner.info)
        self.runner.warning(f"The deploy of {entry.script} was cut short. {done.told}.", title="Settled")
        self.runner.summary(f"### {entry.script} was settled\n\nThe deploy was cut short. {done.told}.\n")
        self.runner.output("rolled_back", str(done.changed).lower())

    # -- what they are made of ---------------------------------------------------------------------------------

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        """A folder of this run alone, gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="chittyops-deploy-", dir=self.temp, ignore_cleanup_errors=True) as name:
            yield Path(name)

    def _plan(self) -> Plan:
        request = self.request
        return read_plan(
            self.checkout,
            request.working_directory,
            service=request.service_name,
            environment=request.environment,
            isolated=request.isolation,
        )

    def _wrangler(self) -> Wrangler:
        cache, version = tool_cache(self.environ), self.request.wrangler_version
        wrangler = ensure_wrangler(cache, version, environ=self.environ, report=self.runner.info)
        if not wrangler.locked:
            self.runner.warning(f"wrangler {wrangler.version} is not the one that this action locks by hashes.")
        return wrangler

    def _build(self, plan: Plan) -> None:
        talk = Talk(say=self.runner.info, warn=self.runner.warning, group=self.runner.group)
        build = Build(self.checkout, self.request.working_directory, self.environ, talk)
        build.project(plan.wrangler_env, beacon=self.request.include_beacon, tests=False)

    def _upload(self, plan: Plan, folder: Path) -> Upload:
        tar, place = Path(self.request.artifact), folder / "upload"
        if plan.isolated:
            return prepare_upload(plan, tar, place, commit=self.commit)
        return prepare_checkout(plan, self.checkout, self.request.working_directory, tar, place, commit=self.commit)

    def _secrets(self) -> dict[str, str]:
        return secrets.taken(self.environ.get(secrets.VARIABLE, ""), self.request.secrets_from, self.runner.mask)

    def _outcome(self, situation: Situation) -> Outcome:
        serves = situation.current.versions if situation.current else ()
        return Outcome(
            service=self.request.service_name,
            environment=self.request.environment,
            script=situation.script,
            commit=self.commit,
            way=situation.way,
            dry_run=self.request.dry_run,
            deployment_url=situation.address.root if situation.address else "",
            before=serves,
            serves=serves,
        )

    def _intend(self, situation: Situation, plan: Plan, outcome: Outcome) -> None:
        """Refuse what must not be done, and say what will be."""
        outcome.order = guard(
            situation,
            self.commit,
            github=self.services.github(),
            checkout=self.checkout,
            allow_older=self.request.allow_older,
            allow_domain_takeover=self.request.allow_domain_takeover,
        )
        with self.runner.group("Plan"):
            for line in intentions(situation, plan, self.request.choice.strategy, outcome.order):
                self.runner.info(line)
        for text in warnings(situation, plan):
            outcome.notes.append(text)
            self.runner.warning(text)

    def _job(self, wrangler: Wrangler, upload: Upload, folder: Path, worker_secrets: dict[str, str]) -> Job:
        run = f"{self.environ.get('GITHUB_RUN_ID', '0')}.{self.environ.get('GITHUB_RUN_ATTEMPT', '1')}"
        environment = wrangler_environment(
            wrangler,
            self.environ,
            folder / "home",
            token=self.request.cloudflare_token,
            account_id=self.request.account_id,
            api=self.services.cloudflare_url(upload.plan.compliance_region),
        )
        return Job(
            wrangler=wrangler,
            upload=upload,
            environment=environment,
            scratch=folder,
            mark=f"chittyops:{run}.{os.urandom(4).hex()}",
            secrets=worker_secrets,
            echo=lambda line: self.runner.info("  " + line),
            redact=self.runner.redact,
            say=self.runner.info,
        )

    def _flow(self, api: Cloudflare, situation: Situation, outcome: Outcome, job: Job) -> Flow:
        return Flow(
            api=api,
            ask=self.services.ask(),
            job=job,
            journal=self.journal,
            choice=self.request.choice,
            situation=situation,
            outcome=outcome,
            cancel=self.cancel,
            say=self.runner.info,
        )

    # -- reporting ---------------------------------------------------------------------------------------------

    def _report(self, outcome: Outcome) -> None:
        for name, value in outcome.outputs().items():
            self.runner.output(name, value)
        for text in withheld(outcome.outputs(), self.runner.redact):
            self.runner.warning(text)
        who = {"Run": f"{self.environ.get('GITHUB_WORKFLOW', '')} by {self.environ.get('GITHUB_ACTOR', '')}"}
        self.runner.summary(summary(outcome, who))

    def _tell(self, outcome: Outcome) -> None:
        """The registry, the beacon and the pull request. What they refuse is a warning."""
        for item in tell(outcome, self.request, self.services):
            self.runner.warning(item.text)
            if item.yaml:
                self.runner.info("\n" + item.yaml + "\n")


def main() -> int:
    """Run the phase that the inputs name."""

    def action(runner: Runner) -> int:
        request = read_inputs(Inputs.load(runner.environ))
        for name in ("cloudflare_token", "register_token", "github_token"):
            if value := getattr(request, name):
                runner.mask(name, value)
        with Cancellation() as cancel:
            step = Step(runner, request, cancel)
            {"check": step.check, "deploy": step.deploy, "settle": step.settle}[request.phase]()
        return 0

    return guarded(action, Runner())
