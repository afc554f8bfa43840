"""One repository's verdict: from the base facts, from the whole commit, from what was kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from chittyactions.compliance.assemble import Assembled
from chittyactions.compliance.audit.guarded import Guarded
from chittyactions.compliance.audit.judge import Judge
from chittyactions.compliance.audit.listing import NOTHING, Listing
from chittyactions.compliance.audit.plan import Target, Wish, planned
from chittyactions.compliance.audit.query import Base
from chittyactions.compliance.audit.record import ServiceRecord, Standing
from chittyactions.compliance.audit.rules import Rules
from chittyactions.compliance.audit.said import Asking, Said
from chittyactions.compliance.audit.state import Kept
from chittyactions.compliance.facts import Fact
from chittyactions.compliance.files import Files, Kind, Unreadable
from chittyactions.compliance.model import Outcome, Service
from chittyactions.compliance.repository import Observed, Protection
from chittyactions.ecosystem.github_guard import Switches
from chittyactions.errors import CredentialError, ServiceError
from compliance.audit.made import NOW, TODAY, checks, registry, security
from compliance.compliant import compliant

COMMIT = "c" * 40
SYNC_FILE = ".github/workflows/sync.yml"


def listing(files: dict[str, str]) -> Listing:
    """Base facts that hold all of some files."""
    folders = {path[:at] for path in files for at, sign in enumerate(path) if sign == "/"} | {""}
    return Listing(
        dict.fromkeys(files, Kind.FILE),
        frozenset(folders),
        frozenset(),
        {path: text.encode() for path, text in files.items()},
    )


def base(files: dict[str, str] | None = None, **more: object) -> Base:
    """A repository of these files."""
    shown = listing(compliant("tool") if files is None else files)
    made = Base(Standing.JUDGED, "made/flat", branch="main", commit=COMMIT, told=True, listing=shown)
    return replace(made, **more)  # type: ignore[arg-type]


class Asked:
    """Services that say what they are told to, and how often they were asked."""

    def __init__(self) -> None:
        self.observed = Observed(default_branch="main", protection=Fact.absent())
        self.told: Fact[Switches] = Fact.present(Switches((), "e", 5))
        self.tried = 5
        self.before: list[Switches | None] = []
        self.guard: tuple[Guarded, Fact[Protection]] = (Guarded(5, "main", ()), Fact.absent())
        self.held: list[Guarded] = []
        self.services: list[Service] = []
        self.commits = 0
        self.failure: Exception | None = None
        self.files: Callable[[], Files] | None = None

    def switches(self, _base: Base, held: Switches | None) -> tuple[Fact[Switches], int]:
        self.before.append(held)
        return self.told, self.tried

    def observe(self, _base: Base, service: Service, _assembled: Assembled, off: Fact[tuple[str, ...]]) -> Observed:
        self.services.append(service)
        if isinstance(self.failure, CredentialError):
            raise self.failure
        return replace(self.observed, disabled_workflows=off)

    def guarded(self, _base: Base, held: Guarded) -> tuple[Guarded, Fact[Protection], int]:
        self.held.append(held)
        return *self.guard, 9

    @contextmanager
    def together(self, _base: Base) -> Iterator[None]:
        yield

    @contextmanager
    def whole(self, _base: Base) -> Iterator[Files]:
        self.commits += 1
        if self.failure:
            raise self.failure
        assert self.files
        yield self.files()


@pytest.fixture
def asked() -> Asked:
    """All is well."""
    return Asked()


def rules(text: str = "", *without: str) -> Rules:
    return Rules(checks(), text or registry("flat"), TODAY, NOW, frozenset((*security(), *without)))


def judge(asked: Asked, by: Rules | None = None) -> Judge:
    return Judge(by or rules(), Asking(asked.observe, asked.switches, asked.whole, asked.guarded, asked.together))


def target(by: Rules | None = None, *services: str) -> Target:
    assembled = (by or rules()).assembled()
    return planned(assembled.registry, assembled.engine.catalogue, Wish(services=services))[0]


def again(
    by: Judge, target: Target, base: Base, kept: Kept, said: Said | None = None
) -> tuple[list[ServiceRecord], Switches | None, Guarded | None] | None:
    return by.again(target, base, kept, said or Said(kept.switches, kept.protection))


def outcome(record: ServiceRecord, check: str) -> Outcome:
    return next(one.outcome for one in record.checks if one.id == check)


def test_base_facts_that_are_enough(asked: Asked) -> None:
    """One verdict, one thing to keep, no commit fetched."""
    (record,), kept, archive = judge(asked).judge(target(), base())
    assert (record.standing, record.outcome, record.judged_at) == (Standing.JUDGED, Outcome.FAIL, NOW)
    assert (record.branch, record.commit, record.moved_to) == ("main", COMMIT, "")
    assert [one.id for one in record.failing()] == ["chittycanon.protection"]
    assert (kept is not None, archive, asked.commits, len(asked.services)) == (True, False, 0, 1)


def test_what_was_kept_is_the_same_verdict(asked: Asked) -> None:
    """Without its content; protection is today's."""
    by = judge(asked)
    records, kept, _ = by.judge(target(), base())
    assert kept
    later = base(listing=None)
    assert again(by, target(), later, kept) == (records, None, None)
    asked.observed = replace(asked.observed, protection=Fact.unknown("It did not say."))
    (changed,), *_ = again(by, target(), later, kept) or ([],)
    assert (changed.outcome, outcome(changed, "chittycanon.protection")) == (Outcome.UNKNOWN, Outcome.UNKNOWN)


def test_what_was_kept_is_of_no_use(asked: Asked) -> None:
    """Of another commit, under another name, under other rules, with another workflow switched off."""
    by = judge(asked)
    _, kept, _ = by.judge(target(), base())
    assert kept
    assert again(by, target(), base(commit="d" * 40), kept) is None
    assert again(by, target(), base(name="made/renamed"), kept) is None
    assert again(judge(asked, rules("", "chittytrust")), target(), base(), kept) is None
    typed = rules(registry("flat").replace("made/flat, type: tool", "made/flat, type: documentation"))
    assert again(judge(asked, typed), target(typed), base(), kept) is None
    assert again(by, target(), base(), kept.model_copy(update={"services": {}})) is None
    asked.told = Fact.present(Switches((SYNC_FILE,)))
    assert again(by, target(), base(), kept) is None
    asked.told = Fact.unknown("It did not say.")
    assert again(by, target(), base(), kept) is None


def test_states_that_are_told_again(asked: Asked) -> None:
    """They are handed back, to be kept with when and under which name that was."""
    by = judge(asked)
    records, kept, _ = by.judge(target(), base())
    assert kept
    assert (kept.switches, kept.why) == (Switches((), "e", 5), "")
    asked.told = later = Fact.present(Switches((), "f", 9))
    assert again(by, target(), base(), kept) == (records, later.found, None)
    assert asked.before == [None, Switches((), "e", 5)]


def test_states_that_are_not_told_are_asked_again(asked: Asked) -> None:
    """Of what the commit decides nothing is lost: what is unknown today is known as soon as they are told."""
    by = judge(asked)
    expected, _, _ = by.judge(target(), base())
    asked.told = Fact.unknown("It did not say.")
    (record,), kept, _ = by.judge(target(), base())
    assert outcome(record, "chittyconnect.sync-workflow") is Outcome.UNKNOWN
    assert kept
    assert (kept.switches, kept.why) == (Switches(()), "It did not say.")
    assert again(by, target(), base(), kept) == ([record], None, None)
    asked.told = Fact.unknown("It said something else.")
    assert again(by, target(), base(), kept) is None
    asked.told = Fact.present(Switches((SYNC_FILE,)))
    assert again(by, target(), base(), kept) is None
    asked.told = Fact.present(Switches((), "e", 5))
    assert again(by, target(), base(), kept) == (expected, asked.told.found, None)


def test_states_of_another_commit(asked: Asked) -> None:
    """They are asked for by the name of the last answer, and are likely to be the same; they do not stand alone."""
    by = judge(asked)
    asked.told = Fact.present(Switches((SYNC_FILE,), "e", 5))
    (off,), kept, _ = by.judge(target(), base())
    assert kept
    asked.told = Fact.unknown("It did not say.")
    moved = base(commit="d" * 40)
    (record,), now, _ = by.judge(target(), moved, kept)
    assert asked.before[-1] == Switches((SYNC_FILE,), "e", 0)
    assert outcome(record, "chittyconnect.sync-workflow") is not outcome(off, "chittyconnect.sync-workflow")
    assert now
    assert now.switches == Switches((SYNC_FILE,), "e", 0)
    asked.told = Fact.present(Switches((SYNC_FILE,), "e", 7))
    ((later,), *_) = again(by, target(), moved, now) or ([],)
    assert later.checks == off.checks


def test_states_are_asked_for_once(asked: Asked) -> None:
    """Not for each service of a repository, and not where there is no workflow."""
    lines = "      one: {repo: made/flat, type: tool}\n      two: {repo: made/flat, type: documentation}\n"
    by = rules(registry(services=lines))
    files = {path: text for path, text in compliant("tool").items() if path != ".chittyconnect.yml"}
    judged = judge(asked, by)
    _, kept, _ = judged.judge(target(by), base(files))
    assert kept
    assert (len(asked.services), len(asked.before)) == (2, 1)
    again(judged, target(by), base(files), kept)
    assert (len(asked.services), len(asked.before)) == (4, 2)
    none = {path: text for path, text in files.items() if not path.startswith(".github/workflows")}
    _, kept, _ = judged.judge(target(by), base(none))
    assert kept
    again(judged, target(by), base(none), kept)
    assert (kept.off, len(asked.before)) == (None, 2)


def test_what_was_said_is_not_asked_twice(asked: Asked) -> None:
    """Neither GitHub nor a service, where what was kept is of no use and the same commit is read anew."""
    by = judge(asked)
    untold = base(told=False)
    asked.told = Fact.unknown("It did not say.")
    _, kept, _ = by.judge(target(), untold)
    assert kept
    asked.told, said = Fact.unknown("It said something else."), Said(kept.switches, kept.protection, kept.tried)
    assert again(by, target(), replace(untold, listing=None), kept, said) is None
    (record,), now, _ = by.judge(target(), untold, kept, said)
    assert (len(asked.before), len(asked.held), len(asked.services)) == (2, 2, 2)
    assert now
    assert (now.why, now.guarded) == ("It said something else.", 5)
    assert record == by.judge(target(), untold, kept)[0][0]
    assert again(by, target(), untold, now) == ([record], None, None)


@pytest.mark.parametrize("more", [{"commit": "d" * 40}, {"branch": "trunk"}, {"name": "made/other"}])
def test_what_was_said_of_another_commit_is_asked_anew(asked: Asked, more: dict[str, Any]) -> None:
    """Somebody may have pushed in the middle of the audit."""
    by = judge(asked)
    _, kept, _ = by.judge(target(), base())
    assert kept
    asked.told, said = Fact.present(Switches((SYNC_FILE,))), Said(kept.switches)
    assert again(by, target(), base(), kept, said) is None
    asked.told = Fact.present(Switches((), "", 9))
    _, now, _ = by.judge(target(), base(**more), kept, said)
    assert now
    assert (now.off, now.asked, len(asked.before)) == ((), 9, 3)


def test_services_that_were_asked_are_not_asked_twice(asked: Asked) -> None:
    """Where another service of the repository needs its content."""
    lines = "      one: {repo: made/flat, type: tool}\n      two: {repo: made/flat, type: documentation}\n"
    by = rules(registry(services=lines))
    judged = judge(asked, by)
    files = {path: text for path, text in compliant("tool").items() if path != ".chittyconnect.yml"}
    _, kept, _ = judged.judge(target(by), base(files))
    assert kept
    asked.services.clear()
    first = kept.model_copy(update={"services": {"made/one": kept.services["made/one"]}})
    said = Said(kept.switches)
    assert again(judged, target(by), base(files), first, said) is None
    judged.judge(target(by), base(files), first, said)
    assert [one.type for one in asked.services] == ["tool", "documentation"]


@pytest.mark.parametrize(
    "failure, told",
    [
        (ServiceError("It broke.", service="git", why="Nobody knows."), "It broke. Nobody knows."),
        (CredentialError("There is no token for other.", why="It moved."), "There is no token for other. It moved."),
        (Unreadable("It is odd", ours=False), "The commit can't be read: It is odd."),
    ],
)  # fmt: skip
def test_a_commit_that_cannot_be_had(asked: Asked, failure: Exception, told: str) -> None:
    """Nobody has a verdict, and it is said why."""
    asked.failure = failure
    (record,), kept, _ = judge(asked).judge(target(), base(listing=NOTHING))
    assert (record.standing, record.reason, record.outcome, record.checks) == (Standing.UNKNOWN, told, None, ())
    assert kept is None


def test_no_token_for_the_owner_that_it_moved_to(asked: Asked) -> None:
    """One repository is unknown, and no other one with it."""
    asked.failure = CredentialError("There is no token for other.")
    (record,), kept, _ = judge(asked).judge(target(), base(name="other/flat"))
    assert (record.standing, record.moved_to, kept) == (Standing.UNKNOWN, "other/flat", None)


@pytest.mark.parametrize("standing", [one for one in Standing if one is not Standing.JUDGED])
def test_what_cannot_be_judged(asked: Asked, standing: Standing) -> None:
    """It is told as GitHub told it, and nothing is asked."""
    (record,), kept, archive = judge(asked).judge(target(), Base(standing, "made/flat", "Why."))
    assert (record.standing, record.reason, record.outcome, kept, archive) == (standing, "Why.", None, None, False)
    assert (asked.services, asked.commits) == ([], 0)


def test_settings_of_its_own_that_are_wrong(asked: Asked) -> None:
    """Nobody can say what it is to be held to."""
    (record,), kept, _ = judge(asked).judge(target(), base({".chittyops.yml": "waiver: []\n"}))
    assert (record.standing, kept) == (Standing.INVALID, None)
    assert "waiver" in record.reason


def test_several_services_are_told_apart_whoever_is_asked_for(asked: Asked) -> None:
    """By the registry's names, also when one of them alone is looked at, or the other one is not active."""
    lines = "      one: {repo: made/flat, type: tool}\n      two: {repo: made/FLAT, type: documentation%s}\n"
    files = {path: text for path, text in compliant("tool").items() if path != ".chittyconnect.yml"}
    for text in (registry(services=lines % ""), registry(services=lines % ", active: false")):
        by = rules(text)
        (record,), _, _ = judge(asked, by).judge(target(by, "one"), base(files))
        assert (record.name, record.type) == ("one", "tool")


def test_services_are_asked_about_what_the_whole_commit_says(asked: Asked) -> None:
    """Where it says otherwise than the base facts did, what was answered for those does not count."""
    from chittyactions.compliance.audit.glimpse import Glimpse

    whole = {
        **compliant("tool"),
        ".chittyconnect.yml": compliant("tool")[".chittyconnect.yml"].replace("hello", "other"),
    }
    asked.files = lambda: Glimpse(listing(whole), COMMIT, name="flat", remote="")
    shown = listing(compliant("tool"))
    texts = {path: text for path, text in shown.texts.items() if path != "CHARTER.md"}
    (record,), _, archive = judge(asked).judge(target(), base(listing=replace(shown, texts=texts)))
    assert (archive, [one.name for one in asked.services]) == (True, ["hello", "other"])
    assert record.standing is Standing.JUDGED
