"""One service's issue in the embedded GitHub, over HTTP: the whole life of it, and every way to be cut short."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from chittyactions.compliance.audit.record import Scope, ServiceRecord
from chittyactions.compliance.model import Outcome
from chittyactions.compliance.remediation.fingerprint import line_of, read_mark
from chittyactions.compliance.remediation.issue_text import comment_of
from chittyactions.compliance.remediation.keeping import Keeper, Manner
from chittyactions.compliance.remediation.once import COLOUR
from chittyactions.compliance.remediation.pace import Pace, PacedClient
from chittyactions.compliance.remediation.reconcile import Verb, decide
from chittyactions.compliance.remediation.wanted import Wanted, wanted
from chittyactions.ecosystem.github_app import Installations
from chittyactions.ecosystem.github_issues import Account, Issues
from chittyactions.errors import AnswerLost, Refused, ServiceError
from chittyactions.http import ASKING, Client, Deadline, Response
from chittyactions.publish.app_token import sign
from chittylocal import Fault, Local
from compliance.remediation.audits import BEACON, OWNERS, TRUST, check, service

NAME = "chittyos/auth"
FAILS, PASSES = service(check(OWNERS)), service(check(OWNERS, Outcome.PASS))
WORSE = service(check(OWNERS), check(BEACON))
UNKNOWN = service(check(OWNERS, Outcome.UNKNOWN))


class Killed(BaseException):
    """The end of a process, wherever it is."""


class Mortal(PacedClient):
    """A client whose process ends after so many changes."""

    def __init__(self, changes: int) -> None:
        super().__init__(Pace(longest=0, sleep=lambda _: None), environ={})
        self.left = changes

    def send(self, method: str, url: str, **options: Any) -> Response:
        if method in ASKING:
            return super().send(method, url, **options)
        if self.left == 0:
            raise Killed
        self.left -= 1
        return super().send(method, url, **options)


ENDLESS = 10**6


@pytest.fixture
def local(local: Local) -> Local:
    """With one repository."""
    local.github.repository(NAME, {"README.md": "Auth"})
    return local


def keeper(local: Local, *, token: str = "", client: PacedClient | None = None, labels: Sequence[str] = ()) -> Keeper:
    client, url = client or Mortal(ENDLESS), local.urls()["GITHUB_API_URL"]
    token = token or local.github_token
    me = Account(client, token=token, base_url=url).login() if client.left else "github-actions[bot]"  # type: ignore[attr-defined]
    issues = Issues(client, repository=NAME, token=token, base_url=url)
    return Keeper(issues, Manner(me, tuple(labels)))


def keep(local: Local, one: ServiceRecord, **how: Any) -> Verb:
    """A run over one service; what it did."""
    aim = wanted(one, Scope())
    hand = keeper(local, **how)
    decision = hand.decide(aim)
    hand.do(aim, decision)
    return decision.verb


def issues(local: Local) -> list[dict[str, Any]]:
    return local.github.issues.of(NAME)


def app_token(local: Local) -> str:
    url, key = local.urls()["GITHUB_API_URL"], local.github.app("123456", [NAME], {"issues": "write"})
    client = Client("GitHub's API", Deadline(10), environ={})
    found = Installations(client, assertion=sign("123456", key, time.time()), base_url=url)
    return found.token(found.of(NAME), repository=NAME, permissions={"issues": "write"}).token


def comments(local: Local, number: int = 1) -> list[str]:
    return [str(one["body"]) for one in local.github.comments(NAME, number)]


def state(local: Local) -> list[tuple[int, str, list[str]]]:
    """Number, state, and what each issue is about; [] for one that is nobody's any more."""
    marks = [(one, read_mark(one["body"])) for one in issues(local)]
    return [(one["number"], one["state"], sorted(mark.checks) if mark else []) for one, mark in marks]


def changes(local: Local) -> list[str]:
    return [
        f"{one['method']} {one['path']}"
        for one in local.requests("github")
        if one["method"] != "GET" and not one["path"].endswith("/graphql")
    ]


def test_a_whole_life(local: Local) -> None:
    """Created, kept, edited with a word, closed with a word, reopened with a word; unknown changes nothing."""
    did = [keep(local, one) for one in (UNKNOWN, FAILS, FAILS, WORSE, UNKNOWN, PASSES, PASSES, UNKNOWN, FAILS)]
    assert did == [
        Verb.LEAVE, Verb.CREATE, Verb.KEEP, Verb.EDIT, Verb.LEAVE, Verb.CLOSE, Verb.KEEP, Verb.LEAVE, Verb.REOPEN,
    ]  # fmt: skip
    assert state(local) == [(1, "open", [OWNERS])]
    told = comments(local)
    assert [one.splitlines()[1] for one in told] == [
        "The findings changed:", "Everything that is required passes. Thank you.", "1 required check fails again:",
    ]  # fmt: skip


def test_labels_are_made_where_they_lack(local: Local) -> None:
    """With colour and description; one that is there stays as it is."""
    local.github.labels.make(NAME, "Mine", "ffffff")
    keep(local, FAILS, labels=("mine", "compliance"))
    found = {one["name"]: (one["color"], one["description"]) for one in local.github.labels.of(NAME)}
    assert found["Mine"] == ("ffffff", None)
    assert found["compliance"] == (COLOUR, "The service fails required compliance checks")
    assert issues(local)[0]["labels"] == ["Mine", "compliance"]


def test_a_passing_service_is_asked_for_and_not_changed(local: Local) -> None:
    """Its issues are read once."""
    keep(local, PASSES)
    assert changes(local) == []


def test_an_unknown_service_is_not_even_asked_for(local: Local) -> None:
    """Nothing could follow from it."""
    hand = keeper(local)
    local.forget_requests()
    assert hand.decide(wanted(UNKNOWN, Scope())).verb is Verb.LEAVE
    assert local.requests("github") == []


def test_a_persons_issue_with_our_line_is_theirs(local: Local) -> None:
    """It is neither edited nor taken for ours; ours is made beside it."""
    aim = wanted(FAILS, Scope())
    mark = decide(aim, ()).mark
    assert mark
    theirs = f"{line_of(mark)}\nMine."
    local.github.issues.open(NAME, "Pasted", theirs, author={"login": "mallory", "type": "User"})
    keep(local, FAILS)
    keep(local, PASSES)
    assert [(one["number"], one["state"], one["body"] == theirs) for one in issues(local)] == [
        (1, "open", True), (2, "closed", False),
    ]  # fmt: skip


@pytest.mark.parametrize("token", ["workflow", "person", "app"])
def test_whose_the_token_is(local: Local, token: str) -> None:
    """The workflow's, a person's or an app's: each finds its own again."""
    values = {"workflow": local.github_token, "person": local.github.person("octocat"), "app": app_token(local)}
    value = values[token]
    assert [keep(local, FAILS, token=value) for _ in range(2)] == [Verb.CREATE, Verb.KEEP]


def test_what_is_closed_as_not_planned_stays_closed(local: Local) -> None:
    """A person's word; reopened by a person, it goes on."""
    keep(local, FAILS)
    local.github.issues.change(NAME, 1, state="closed", state_reason="not_planned")
    assert [keep(local, one) for one in (FAILS, WORSE)] == [Verb.LEAVE, Verb.LEAVE]
    local.github.issues.change(NAME, 1, state="open")
    assert keep(local, WORSE) is Verb.EDIT


# -- two at once -------------------------------------------------------------------------------------------------------


def test_two_runs_at_once_leave_one_open_issue(local: Local) -> None:
    """Both have read that there is none when they create; the lowest number goes on, and later runs find it."""
    aim = wanted(FAILS, Scope())
    hands = [keeper(local), keeper(local), keeper(local)]
    decisions = [hand.decide(aim) for hand in hands]
    barrier, failures = threading.Barrier(len(hands)), []

    def go(number: int) -> None:
        barrier.wait()
        try:
            hands[number].do(aim, decisions[number])
        except ServiceError as failure:
            failures.append(failure)

    threads = [threading.Thread(target=go, args=(number,)) for number in range(len(hands))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failures == []
    assert [one for one in state(local) if one[1] == "open"] == [(1, "open", [OWNERS])]
    assert len(state(local)) == 3
    assert keep(local, FAILS) is Verb.KEEP


def test_two_runs_at_once_tell_a_change_once(local: Local) -> None:
    """Both have read that it is not told yet: one of both comments goes."""
    keep(local, FAILS)
    aim, hands = wanted(WORSE, Scope()), [keeper(local), keeper(local)]
    decisions = [hand.decide(aim) for hand in hands]
    unread = Fault("status", status=200, body=[], times=1)
    hands[0].do(aim, decisions[0])
    local.fault("github", "GET", "*/comments", unread)
    hands[1].do(aim, decisions[1])
    assert (state(local), len(comments(local))) == ([(1, "open", [BEACON, OWNERS])], 1)


@pytest.mark.parametrize("first", [0, 1])
def test_one_after_the_other_that_did_not_see_it(local: Local, first: int) -> None:
    """Whichever is done first: the one with the higher number is closed, says so, and is nobody's."""
    aim = wanted(FAILS, Scope())
    hands = [keeper(local), keeper(local)]
    decisions = [hand.decide(aim) for hand in hands]
    for number in (first, 1 - first):
        hands[number].do(aim, decisions[number])
    assert state(local) == [(1, "open", [OWNERS]), (2, "closed", [])]
    assert issues(local)[1]["body"].startswith("A duplicate of #1:")
    keep(local, PASSES)
    assert [one[1] for one in state(local)] == ["closed", "closed"]


def test_a_list_that_does_not_show_ours_yet(local: Local) -> None:
    """A lower number is there, and ours is not in the list: ours is looked at by itself and closed."""
    keep(local, FAILS)
    listed = [local.github.issues.shown(NAME, one) for one in issues(local)]
    aim, hand = wanted(FAILS, Scope()), keeper(local)
    local.fault("github", "GET", f"/repos/{NAME}/issues", Fault("status", status=200, body=listed))
    hand.do(aim, decide(aim, ()))
    local.clear_faults()
    assert state(local) == [(1, "open", [OWNERS]), (2, "closed", [])]


def test_a_list_that_never_shows_ours_is_told(local: Local) -> None:
    """It is not called done; the next run finds it."""
    aim, hand = wanted(FAILS, Scope()), keeper(local)
    local.fault("github", "GET", f"/repos/{NAME}/issues", Fault("status", status=200, body=[]))
    with pytest.raises(ServiceError, match="does not show the new issue #1"):
        hand.do(aim, decide(aim, ()))
    local.clear_faults()
    assert keep(local, FAILS) is Verb.KEEP


# -- lost and killed ---------------------------------------------------------------------------------------------------

LOST = [Fault("reset", after_effect=True, times=1), Fault("status", status=502, after_effect=True, times=1)]


@pytest.mark.parametrize("fault", LOST, ids=["reset", "502"])
def test_a_lost_create_is_looked_up(local: Local, fault: Fault) -> None:
    """It was made, and is not made twice."""
    local.fault("github", "POST", f"/repos/{NAME}/issues", fault)
    assert keep(local, FAILS) is Verb.CREATE
    assert state(local) == [(1, "open", [OWNERS])]


def test_a_lost_create_that_was_not_made_is_told(local: Local) -> None:
    """It is not repeated, since nobody knows; the next run makes it."""
    local.fault("github", "POST", f"/repos/{NAME}/issues", Fault("reset", times=1))
    with pytest.raises(AnswerLost):
        keep(local, FAILS)
    assert state(local) == []
    assert keep(local, FAILS) is Verb.CREATE


@pytest.mark.parametrize("fault", LOST, ids=["reset", "502"])
def test_a_lost_comment_is_looked_up(local: Local, fault: Fault) -> None:
    """It is there once."""
    keep(local, FAILS)
    local.fault("github", "POST", "*/comments", fault)
    keep(local, WORSE)
    assert len(comments(local)) == 1


@pytest.mark.parametrize("fault", LOST, ids=["reset", "502"])
def test_a_lost_edit_is_sent_again(local: Local, fault: Fault) -> None:
    """The same text twice is the same text."""
    keep(local, FAILS)
    local.fault("github", "PATCH", "*", fault)
    keep(local, WORSE)
    assert state(local) == [(1, "open", [BEACON, OWNERS])]


def test_a_person_silences_no_comment(local: Local) -> None:
    """Who pastes its hidden line has told nothing for us."""
    keep(local, FAILS)
    aim, hand = wanted(WORSE, Scope()), keeper(local)
    decision = hand.decide(aim)
    said = comment_of(aim, decision).split("\n", 1)[0]
    local.github.add_comment(NAME, 1, said, {"login": "mallory", "type": "User"})
    hand.do(aim, decision)
    assert len(comments(local)) == 2


def test_a_locked_issue_is_edited_without_a_comment(local: Local) -> None:
    """It takes none."""
    keep(local, FAILS)
    aim, hand = wanted(WORSE, Scope()), keeper(local)
    decision = hand.decide(aim)
    assert decision.seen
    locked = replace(decision.seen, issue=decision.seen.issue.model_copy(update={"locked": True}))
    hand.do(aim, replace(decision, seen=locked))
    assert (state(local), comments(local)) == ([(1, "open", [BEACON, OWNERS])], [])


Story = tuple[ServiceRecord, ...]
STORIES: dict[str, tuple[Story, ServiceRecord]] = {
    "create": ((), FAILS),
    "edit": ((FAILS,), WORSE),
    "close": ((FAILS,), PASSES),
    "reopen": ((FAILS, PASSES), WORSE),
}


@pytest.mark.parametrize("after", range(6))
@pytest.mark.parametrize("name", STORIES)
def test_killed_after_any_change(local: Local, name: str, after: int) -> None:
    """The next run ends where one that was not killed would have: the same issue, the same comments, each once."""
    before, then = STORIES[name]
    for one in before:
        keep(local, one)
    client = Mortal(ENDLESS)
    hand = keeper(local, client=client, labels=("compliance", "chittyops"))
    aim = wanted(then, Scope())
    decision = hand.decide(aim)
    client.left = after
    try:
        hand.do(aim, decision)
    except Killed:
        keep(local, then, labels=("compliance", "chittyops"))
    assert keep(local, then) is Verb.KEEP
    ends = {
        "create": ([(1, "open", [OWNERS])], 0), "edit": ([(1, "open", [BEACON, OWNERS])], 1),
        "close": ([(1, "closed", [])], 1), "reopen": ([(1, "open", [BEACON, OWNERS])], 2),
    }  # fmt: skip
    assert (state(local), len(comments(local))) == ends[name]
    if name == "create":
        assert issues(local)[0]["labels"] == ["compliance", "chittyops"]


def test_another_change_after_a_run_that_told_one_and_was_killed(local: Local) -> None:
    """The comment that is there tells of what is over: it is not taken for what is to be told now."""
    keep(local, FAILS)
    client = Mortal(ENDLESS)
    hand, aim = keeper(local, client=client), wanted(WORSE, Scope())
    decision = hand.decide(aim)
    client.left = 1
    with pytest.raises(Killed):
        hand.do(aim, decision)
    assert [one.splitlines()[1] for one in comments(local)] == ["The findings changed:"]
    for _ in range(2):
        keep(local, PASSES)
    assert state(local) == [(1, "closed", [])]
    assert [one.splitlines()[1] for one in comments(local)] == [
        "The findings changed:", "Everything that is required passes. Thank you.",
    ]  # fmt: skip


def test_a_person_who_writes_above_our_line(local: Local) -> None:
    """The issue stays the one; the line goes back to the top with the next text."""
    keep(local, FAILS)
    local.github.issues.change(NAME, 1, body=f"Note by Ann: in June.\n\n{issues(local)[0]['body']}")
    assert [keep(local, one) for one in (FAILS, WORSE)] == [Verb.KEEP, Verb.EDIT]
    assert state(local) == [(1, "open", [BEACON, OWNERS])]
    assert issues(local)[0]["body"].startswith("<!-- chittyops:compliance-issue:1 service=chittyos/auth revision=2 ")


def test_the_same_change_twice_is_told_twice(local: Local) -> None:
    """What comes back and goes again is news each time."""
    for one in (FAILS, WORSE, FAILS, WORSE):
        keep(local, one)
    assert len(comments(local)) == 3


# -- refusals ----------------------------------------------------------------------------------------------------------


def gone(local: Local) -> None:
    local.github.profile(NAME).has_issues = False


def archived(local: Local) -> None:
    local.github.profile(NAME).archived = True


def renamed(local: Local) -> None:
    local.github.rename(NAME, "chittyos/auth-service")


def unwritable(local: Local) -> None:
    local.github.read_only = True


def deleted(local: Local) -> None:
    local.github.delete(NAME)


@pytest.mark.parametrize(
    "happens, words",
    [
        (gone, "Issues are switched off there."),
        (archived, "The repository was archived meanwhile."),
        (renamed, "chittyos/auth was renamed since the audit."),
        (unwritable, "The token may not write issues there"),
        (deleted, "There is no such repository for this token."),
    ],
)
def test_why_an_issue_could_not_be_made(local: Local, happens: Callable[[Local], None], words: str) -> None:
    """In the words of what happened to the repository."""
    hand = keeper(local)
    aim: Wanted = wanted(FAILS, Scope())
    happens(local)
    with pytest.raises(ServiceError) as caught:
        hand.do(aim, hand.decide(aim))
    assert words in str(caught.value)


def test_without_issues_a_passing_service_is_well(local: Local) -> None:
    """There is nothing to close; it is not even asked whether they are on."""
    gone(local)
    local.forget_requests()
    assert keep(local, PASSES) is Verb.KEEP
    assert sum(not one["path"].endswith("/graphql") for one in local.requests("github")) == 1


def test_a_text_that_github_refuses_is_no_success(local: Local) -> None:
    """422 is told."""
    local.fault("github", "POST", f"/repos/{NAME}/issues", Fault("status", status=422, body={"message": "No"}))
    with pytest.raises(Refused, match="422"):
        keep(local, FAILS)


def test_other_checks_of_the_same_repository(local: Local) -> None:
    """Two services of one repository have an issue each."""
    other = service(check(TRUST), name="id", repository=NAME)
    for one in (FAILS, other, FAILS, other):
        keep(local, one)
    assert state(local) == [(1, "open", [OWNERS]), (2, "open", [TRUST])]
