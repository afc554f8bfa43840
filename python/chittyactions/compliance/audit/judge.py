"""One repository judged as GitHub shows it: by the base facts where they are enough, else by the whole commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chittyactions.compliance.assemble import Assembled
from chittyactions.compliance.audit.glimpse import Glimpse
from chittyactions.compliance.audit.guarded import NOTHING_TO_ASK, Guarded
from chittyactions.compliance.audit.keeping import checked, kept_service
from chittyactions.compliance.audit.listing import NOTHING, WORKFLOWS
from chittyactions.compliance.audit.plan import Planned, Target, digest_of
from chittyactions.compliance.audit.query import Base
from chittyactions.compliance.audit.record import CheckRecord, DimensionRecord, ServiceRecord, Standing
from chittyactions.compliance.audit.rules import Rules
from chittyactions.compliance.audit.said import Asking, Said
from chittyactions.compliance.audit.state import Kept, KeptService
from chittyactions.compliance.audit.twice import registered_once
from chittyactions.compliance.claims import asked
from chittyactions.compliance.facts import Fact, NotKnown, State, Undecided, Wrong
from chittyactions.compliance.files import Files, Unreadable
from chittyactions.compliance.identity import identify
from chittyactions.compliance.model import Checked, Service, Verdict
from chittyactions.compliance.reports.json_report import document
from chittyactions.compliance.repository import Observed, Repository
from chittyactions.compliance.settings import FILE, read_settings
from chittyactions.ecosystem.github_guard import Switches
from chittyactions.errors import ChittyError, ConfigError, CredentialError, InputError

ALL_ON = Switches(())


@dataclass
class _Held:
    """What one reading of a repository gathers."""

    repository: Repository
    said: Said
    settings: str | None = None
    kept: dict[str, KeptService] = field(default_factory=dict)


class Judge:
    """Judges repositories by `rules`; used by many threads."""

    def __init__(self, rules: Rules, asking: Asking) -> None:
        self._rules = rules
        self._asking = asking
        self._plain = rules.assembled()

    def digest(self, target: Target, base: Base) -> str:
        """What a target's verdicts rest on beside its commit: the rules, and what it is called."""
        entries = [(one.organization, one.name, one.entry.model_dump(mode="json")) for one in target.services]
        about = (base.name, self._several(target), entries)
        rules = self._rules
        return digest_of(rules.checks_text, self._plain.registry.compliance_profiles, sorted(rules.left_out), about)

    def _several(self, target: Target) -> bool:
        """Whether the registry has several services in the repository, asked for or not."""
        return len(self._plain.registry.within(target.repository)) > 1

    def registered_once(self, target: Target, base: Base) -> Base:
        """What GitHub says of a target, where the registry has no second entry for it; see twice.py."""
        return registered_once(self._plain.registry, target, base)

    # -- with the content --------------------------------------------------------------------------------------

    def judge(
        self, target: Target, base: Base, before: Kept | None = None, heard: Said | None = None
    ) -> tuple[list[ServiceRecord], Kept | None, bool]:
        """The records of a target's services, what is worth keeping, and whether the whole commit was needed.

        `before` is what was kept, of another commit perhaps; `heard` is what `again` was told before it gave up.
        """
        if base.standing is not Standing.JUDGED or base.listing is None:
            return self.unjudged(target, base), None, False
        name, remote = base.name.partition("/")[2], f"https://github.com/{base.name}"
        glimpse = Glimpse(base.listing, base.commit, name=name, remote=remote)
        if heard and heard.fits(base):
            said = heard
        else:
            known = before.switches if before else None
            said = Said(replace(known, asked=0) if known else None)  # of another repository, for all we know
        found = self._all(target, base, glimpse, said)
        if not glimpse.asked.paths:
            return *found, False
        try:
            with self._asking.whole(base) as files:
                return *self._all(target, base, files, said), True
        except ChittyError as error:
            reason = f"{error.what} {error.why}".strip()
        except Unreadable as error:
            reason = f"The commit can't be read: {error.reason}."
        return self.unjudged(target, base, Standing.UNKNOWN, reason), None, True

    def _all(self, target: Target, base: Base, files: Files, said: Said) -> tuple[list[ServiceRecord], Kept | None]:
        held = _Held(Repository(files), said)
        records = [self._one(target, planned, base, held) for planned in target.services]
        if len(held.kept) < len(target.services) or files.failed:
            return records, None  # what is not known today is asked again
        told = said.switches or Fact.unknown("")
        workflows = _has_workflows(files)
        switches = told.found or said.before or ALL_ON
        return records, Kept(
            repository=target.repository.lower(),
            asked=switches.asked if workflows else NOTHING_TO_ASK,
            etag=switches.etag if workflows else "",
            guarded=said.kept.asked,
            branch=said.kept.branch,
            guard=said.kept.found,
            tried=said.tried or said.last,
            private=base.private,
            commit=base.commit,
            digest=self.digest(target, base),
            off=switches.off if workflows else None,
            why=told.why,
            settings=held.settings,
            services=held.kept,
        )

    def _one(self, target: Target, planned: Planned, base: Base, held: _Held) -> ServiceRecord:
        try:
            verdict = self._whole(target, planned, base, held)
        except (ConfigError, InputError) as error:
            return self._unjudged(planned, base, Standing.INVALID, f"{error.what} {error.why}".strip())
        except (Wrong, Undecided) as error:
            return self._unjudged(planned, base, Standing.INVALID, error.finding.message)
        except NotKnown as error:
            return self._unjudged(planned, base, Standing.UNKNOWN, str(error))
        except CredentialError as error:  # of the owner that the repository has moved to, for one
            return self._unjudged(planned, base, Standing.UNKNOWN, f"{error.what} {error.why}".strip())
        return self._judged(planned, base, verdict)

    def _whole(self, target: Target, planned: Planned, base: Base, held: _Held) -> Verdict:
        """The verdict by the content. Raises what keeps anybody from saying what the service is."""
        repository = held.repository
        path = repository.find(FILE)
        held.settings = (repository.text(path) or "") if path else None
        settings = read_settings(held.settings or "", path) if path else None
        assembled = self._rules.assembled(settings) if settings else self._plain
        # The registry knows the repository by the name that it had; its own name tells one of several services.
        given = asked(planned.name) if self._several(target) else None
        service = identify(repository, assembled.registry, settings, given, slug=target.repository)
        off = self._off(base, repository.files, held.said)
        before, observed = held.said.observed.get(planned.key, (None, Observed()))
        if before is None or not _alike(before, service):
            observed = held.said.of(self._asking, base, service, assembled, off)
            held.said.observed[planned.key] = (service, observed)
        observed = replace(observed, disabled_workflows=off)
        seen = Repository(repository.files, "", observed)
        made = _made(assembled, seen, service)
        if off.state is State.PRESENT:
            held.kept[planned.key] = kept_service(service, made)
        else:  # what comes of it with the states that are likely, so that the next audit has but to ask for them
            likely = Fact.present((held.said.before or ALL_ON).off)
            sure = Repository(repository.files, "", replace(observed, disabled_workflows=likely))
            held.kept[planned.key] = kept_service(service, _made(assembled, sure, service), made)
        return self._verdict(assembled, seen, service, made)

    def _off(self, base: Base, files: Files, said: Said) -> Fact[tuple[str, ...]]:
        """The workflows that are off. What only REST tells is asked for once."""
        workflows = _has_workflows(files)
        said.ask(self._asking, base, workflows=workflows)
        return _paths(said.switches) if workflows and said.switches else Fact.present(())

    def _verdict(
        self, assembled: Assembled, repository: Repository, service: Service, made: Mapping[str, Checked]
    ) -> Verdict:
        waivers = assembled.waivers_for(service)
        return assembled.engine.judge(repository, service, waivers=waivers, today=self._rules.today, known=made)

    # -- without it --------------------------------------------------------------------------------------------

    def again(
        self, target: Target, base: Base, kept: Kept, said: Said
    ) -> tuple[list[ServiceRecord], Switches | None, Guarded | None] | None:
        """The records where the commit is the one of `kept`; None where its content has to be read once more.

        What services say is asked anew, for `said`; waivers count by today's date. With the states of workflows that
        were told now, and are those of `kept`; with what is to be kept of protection, where that is something else.
        """
        if base.commit != kept.commit or self.digest(target, base) != kept.digest:
            return None
        said.ask(self._asking, base, workflows=kept.off is not None)
        told = said.switches or Fact.present(ALL_ON)
        unsure = told.found is None
        if (told.found and kept.off is not None and told.found.off != kept.off) or (unsure and told.why != kept.why):
            return None
        nothing = Glimpse(NOTHING, base.commit, name=base.name.partition("/")[2], remote="")
        records: list[ServiceRecord] = []
        for planned in target.services:
            held = kept.services.get(planned.key)
            if held is None or (unsure and held.unsure is None):
                return None
            settings = read_settings(kept.settings, FILE) if kept.settings is not None else None
            assembled = self._rules.assembled(settings) if settings else self._plain
            service = Service(held.name, held.type, held.tier, held.domain, held.organization, target.repository)
            observed = said.of(self._asking, base, service, assembled, _paths(told))
            said.observed[planned.key] = (service, observed)
            known = {one.id: one for one in checked(held.checks, assembled)}
            if unsure:
                known |= {one.id: one for one in checked(held.unsure or (), assembled)}
            verdict = self._verdict(assembled, Repository(nothing, "", observed), service, known)
            if nothing.asked.paths:
                return None
            records.append(self._judged(planned, base, verdict))
        switches = None if told.found in (None, ALL_ON, kept.switches) else told.found
        return records, switches, None if said.kept == kept.protection else said.kept

    # -- records -----------------------------------------------------------------------------------------------

    def unjudged(
        self, target: Target, base: Base, standing: Standing | None = None, reason: str = ""
    ) -> list[ServiceRecord]:
        """The records of a target's services that nobody can judge, by default for what GitHub says of it."""
        return [self._unjudged(one, base, standing, reason) for one in target.services]

    def _unjudged(
        self, planned: Planned, base: Base, standing: Standing | None = None, reason: str = ""
    ) -> ServiceRecord:
        return self._record(planned, base).model_copy(
            update={"standing": standing or base.standing, "reason": reason or base.reason}
        )

    def _judged(self, planned: Planned, base: Base, verdict: Verdict) -> ServiceRecord:
        told = document(verdict)
        return self._record(planned, base).model_copy(
            update={
                "standing": Standing.JUDGED,
                "type": verdict.service.type,
                "tier": verdict.service.tier,
                "domain": verdict.service.domain,
                "judged_at": self._rules.now,
                "outcome": verdict.outcome,
                "score": verdict.score,
                "dimensions": {name: DimensionRecord(**one) for name, one in told["dimensions"].items()},
                "checks": tuple(CheckRecord(**one) for one in told["checks"]),
            }
        )

    def _record(self, planned: Planned, base: Base) -> ServiceRecord:
        entry = planned.entry
        return ServiceRecord(
            organization=planned.organization,
            name=planned.name,
            repository=entry.repo,
            type=entry.type,
            tier=entry.tier,
            domain=entry.domain or "",
            territory=entry.territory,
            standing=Standing.UNKNOWN,
            moved_to=base.name if base.name.lower() != entry.repo.lower() else "",
            private=base.private,
            branch=base.branch,
            commit=base.commit,
        )


def _alike(one: Service, other: Service) -> bool:
    """Whether both are asked about in the same words."""
    return all(getattr(one, of) == getattr(other, of) for of in ("name", "type", "tier", "domain", "organization"))


def _has_workflows(files: Files) -> bool:
    return any(path.endswith((".yml", ".yaml")) for path, _ in files.within(WORKFLOWS, deep=False))


def _made(assembled: Assembled, repository: Repository, service: Service) -> dict[str, Checked]:
    """What comes of each check."""
    return {one.id: assembled.engine.check(one, repository, service) for one in assembled.engine.catalogue.checks}


def _paths(switches: Fact[Switches]) -> Fact[tuple[str, ...]]:
    return Fact.present(switches.found.off) if switches.found else Fact.unknown(switches.why)
