"""One deploy, from what serves now to what serves then: capture, upload, check, promote, gate, triggers; or back.

What serves is only ever changed through `Traffic`, after the journal has it; whatever goes wrong after the first
change, a cancellation included, leads to `restore`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from chittyactions.cancel import Cancellation
from chittyactions.deploy import endings
from chittyactions.deploy.gate import Verdict, watch
from chittyactions.deploy.health import Address, Ask
from chittyactions.deploy.journal import Entry, Journal
from chittyactions.deploy.outcome import Outcome, Step
from chittyactions.deploy.restore import HURRY, put_back
from chittyactions.deploy.situation import Situation, Way
from chittyactions.deploy.strategy import Check, Choice, check_of, percent, steps_of
from chittyactions.deploy.traffic import Traffic, described, shared, whole
from chittyactions.deploy.triggers import take_routes
from chittyactions.deploy.upload import Job, Uploaded, apply_triggers, deploy_at_once, upload_version
from chittyactions.ecosystem.cloudflare import Cloudflare
from chittyactions.errors import Cancelled, ChittyError, GateError, Superseded

UNVERSIONED = ("logpush", "tail_consumers", "streaming_tail_consumers", "observability")
"""Keys of the config that belong to no version: `versions upload` leaves them as they are."""


@dataclass
class Flow:
    """The deploy of one version. `run` fills `outcome`, and never raises a ChittyError."""

    api: Cloudflare
    ask: Ask
    job: Job
    journal: Journal
    choice: Choice
    situation: Situation
    outcome: Outcome
    cancel: Cancellation
    say: Callable[[str], None]

    def run(self) -> Outcome:
        """Deploy, or put everything back; what happened is in the outcome."""
        try:
            if self.situation.way is Way.GRADUAL:
                self._gradually()
            else:
                self._at_once()
        except ChittyError as failure:
            self.outcome.failure = failure
            if not self.outcome.deployed:
                self.outcome.health = None  # a good answer of a version that does not serve any more
        return self.outcome

    # -- the usual way -----------------------------------------------------------------------------------------

    def _gradually(self) -> None:
        current = self.situation.current
        assert current is not None
        with self._step("Upload") as step:
            uploaded = upload_version(self.job, self.api)
            step.append(f"version {uploaded.version_id}")
        self._know(uploaded)
        self.journal.begin(
            Entry(
                account_id=self.api.account_id,
                region=self.job.upload.plan.compliance_region,
                script=self.situation.script,
                mark=self.job.mark,
                captured=current,
                version_id=uploaded.version_id,
            )
        )
        traffic = Traffic(self.api, self.journal, say=self.say)
        try:
            self._check(traffic, uploaded)
            self._promote(traffic, uploaded)
            self._apply_triggers(traffic, uploaded)
        except Superseded as failure:
            raise self._left(traffic, failure) from None
        except ChittyError as failure:
            raise self._back(traffic, failure) from None
        except Exception as error:
            raise self._back(traffic, endings.unexpected(error)) from error
        self.journal.close()
        self.outcome.serves = whole(uploaded.version_id)

    def _check(self, traffic: Traffic, uploaded: Uploaded) -> None:
        """Ask the new version before it takes traffic, where it can be addressed."""
        way = check_of(self.choice.strategy, preview=self._previewed(uploaded), override=self.situation.can_override)
        if way is None:
            raise endings.not_addressable("what serves is split or has no address for the override header")
        if way is Check.NONE:
            return
        with self._step("Check before traffic") as step:
            if way is Check.PREVIEW:
                address = self._preview(uploaded)
            else:
                assert self.situation.address_now
                traffic.give(shared(uploaded.version_id, 0, self.situation.main_version), "check at 0 %")
                address = self.situation.address_now.pinned(self.situation.script, uploaded.version_id)
            verdict = self._gate(address, uploaded, others_serve=way is Check.OVERRIDE)
            if verdict.asserted:
                step.append(f"{verdict}, asked {way.value}")
                return
            step.append(f"{verdict}: its answers name no version, so this was no check of the new one")
            if self.choice.strategy == "preview":
                raise endings.not_addressable("its answers to the override header name no version")

    def _previewed(self, uploaded: Uploaded) -> bool:
        """Whether the version has a preview URL that answers to us: some are behind a login."""
        if not uploaded.preview_url or self.choice.strategy == "direct":
            return False
        answer = self.ask(self._preview(uploaded), self.choice.seconds)
        if answer.guarded and self.choice.strategy != "preview":
            self.say(f"{uploaded.preview_url} answers {answer}, as if it were behind a login: it is passed over.")
            return False
        return True

    def _preview(self, uploaded: Uploaded) -> Address:
        return Address(uploaded.preview_url + self.choice.health_path, names_version=True)

    def _promote(self, traffic: Traffic, uploaded: Uploaded) -> None:
        address = self.situation.address_now
        for share in steps_of(self.choice.strategy, self.choice.steps):
            with self._step(f"{percent(share)} of the traffic") as step:
                split = shared(uploaded.version_id, share, self.situation.main_version)
                traffic.give(split, f"{percent(share)} to {self.outcome.commit[:12]}")
                if address is None:
                    step.append("not asked: there is no address yet")
                    continue
                others = share < 100
                asked = address.pinned(self.situation.script, uploaded.version_id) if others else address
                verdict = self._gate(asked, uploaded, others_serve=others)
                self.outcome.health = verdict
                step.append(str(verdict))

    def _apply_triggers(self, traffic: Traffic, uploaded: Uploaded) -> None:
        traffic.hold()
        if self.situation.survey.apply:
            with self._step("Triggers") as step:
                self.journal.note(triggers=self.situation.survey.now)
                take_routes(self.api, self.situation.script, self.situation.survey.taken)
                apply_triggers(self.job)
                self.outcome.triggers = self.situation.survey.changes
                step.append(", ".join(self.outcome.triggers) or "applied")
            self._last_gate(uploaded)
            traffic.hold()
        settings = {key: value for key, value in self.job.upload.plan.settings.items() if key in UNVERSIONED}
        if settings:
            self.api.change_settings(self.situation.script, settings)

    # -- the way without a return ------------------------------------------------------------------------------

    def _at_once(self) -> None:
        try:
            with self._step("Deploy") as step:
                uploaded = deploy_at_once(self.job, self.api)
                step.append(f"version {uploaded.version_id} takes all traffic")
        except Cancelled as failure:
            with self.cancel.held(lambda: self.api.hurry(HURRY)):
                raise endings.cut_short(failure, self.api, self.situation) from None
        self._know(uploaded)
        self.outcome.triggers = self.situation.survey.changes
        self.outcome.serves = whole(uploaded.version_id)
        try:
            self._last_gate(uploaded)
        except (GateError, Cancelled) as failure:
            raise endings.no_way_back(failure, self.situation, self.outcome) from None

    # -- both --------------------------------------------------------------------------------------------------

    def _last_gate(self, uploaded: Uploaded) -> None:
        """Ask where the service is asked from now on."""
        if self.situation.address is None:
            return
        with self._step("Health") as step:
            verdict = self._gate(self.situation.address, uploaded)
            self.outcome.health = verdict
            step.append(str(verdict))

    def _gate(self, address: Address, uploaded: Uploaded, *, others_serve: bool = False) -> Verdict:
        version = uploaded.version_id
        verdict = watch(
            self.ask,
            address,
            frozenset({version}),
            seconds=self.choice.seconds,
            others_serve=others_serve,
            say=self.say,
        )
        if not verdict.open:
            self.outcome.failed_gate = verdict
            raise endings.stayed_shut(version, address, verdict, self.choice.seconds)
        return verdict

    def _back(self, traffic: Traffic, failure: ChittyError) -> ChittyError:
        """Put back what served, and return the failure as it is to be told."""
        if not self.choice.rollback and not self.cancel.arrived:
            self.journal.close()
            self.outcome.serves = traffic.given
            self.outcome.notes.append(f"rollback is off: {described(self.outcome.serves)} serves.")
            return failure
        try:
            with self._step("Restore" if traffic.changed else "What serves") as step:
                done = put_back(self.api, traffic, self.journal, self.situation, self.ask, self.cancel, self.say)
                step.append(done.told)
        except Superseded as other:
            self.journal.close()
            self.outcome.serves = traffic.found or ()
            return other
        except ChittyError as second:
            self.outcome.serves = traffic.given
            return endings.not_put_back(failure, second, self.situation)
        self.outcome.rolled_back = done.changed
        self.outcome.serves = done.serves
        self.outcome.triggers = ()
        self.outcome.restored_answer = done.answer
        return endings.failure_after(failure, self.outcome)

    def _left(self, traffic: Traffic, failure: Superseded) -> Superseded:
        """Leave what serves to whoever deployed it, and the triggers as they are by now."""
        assert self.journal.entry is not None
        touched = self.journal.entry.triggers is not None
        self.journal.close()
        self.outcome.serves = traffic.found or ()
        return endings.overtaken(failure, touched, self.situation)

    def _know(self, uploaded: Uploaded) -> None:
        self.outcome.version_id = uploaded.version_id
        self.outcome.preview_url = uploaded.preview_url

    @contextmanager
    def _step(self, name: str) -> Iterator[list[str]]:
        """Time a step; what it appends is its result."""
        start = time.monotonic()
        results: list[str] = []
        self.say(f"— {name}")
        step = Step(name, "failed", 0.0)
        try:
            yield results
            step = replace(step, result="; ".join(results) or "done")
        finally:
            self.outcome.steps.append(replace(step, seconds=time.monotonic() - start))
            self.say(f"  {name}: {step.result} ({time.monotonic() - start:.1f} s)")
