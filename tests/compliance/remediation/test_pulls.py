"""What is to be done about a pull request, by what would be written and what is there."""

from __future__ import annotations

import pytest

from chittyactions.compliance.fixing.plan import Change, Left
from chittyactions.compliance.remediation.pull_text import (
    BRANCH,
    PASSES,
    Tip,
    body_of,
    ended,
    fixes_of,
    mark_of,
    message_of,
)
from chittyactions.compliance.remediation.pulls import Move, Neighbours, Owners, step
from chittyactions.ecosystem.github_pulls import PullRequest
from compliance.verdicts import HOSTILE

ME = "chitty[bot]"
CHANGES = (Change("CODEOWNERS", None, b"* @x\n", ("chittycanon.codeowners",)), Change("a.yml", b"a", b"b", ()))
FIXES = fixes_of(CHANGES)
BODY = body_of(CHANGES, (), FIXES)
TREE = "ab" * 20
OURS = Tip("cd" * 20, TREE, message_of(CHANGES, TREE, FIXES))


def pull(state: str = "open", *, number: int = 3, author: str = ME, body: str = BODY, merged: str = "") -> PullRequest:
    given = {"number": number, "state": state, "body": body, "user": {"login": author}, "merged_at": merged or None}
    return PullRequest.model_validate(given | {"head": {"ref": BRANCH}})


@pytest.mark.parametrize(
    "fixes, there, tip, move, pushes",
    [
        ("", [], None, Move.KEEP, False),
        (FIXES, [], None, Move.CREATE, True),
        (FIXES, [], OURS, Move.CREATE, False),
        ("00", [], OURS, Move.CREATE, True),
        (FIXES, [pull()], OURS, Move.KEEP, False),
        (FIXES, [pull(body=BODY.replace("\n", "\r\n"))], OURS, Move.KEEP, False),
        (FIXES, [pull(body=BODY + "more")], OURS, Move.EDIT, False),
        ("00", [pull()], OURS, Move.EDIT, True),
        ("", [pull()], OURS, Move.CLOSE, False),
        (FIXES, [pull("closed")], OURS, Move.LEAVE, False),
        ("00", [pull("closed")], OURS, Move.CREATE, True),
        (FIXES, [pull("closed", merged="2026-01-01T00:00:00Z")], OURS, Move.CREATE, True),
        (FIXES, [pull("closed", body=ended("x"))], OURS, Move.CREATE, False),
        (FIXES, [pull("closed", number=9, body=ended("x")), pull("closed")], OURS, Move.CREATE, False),
        (FIXES, [pull("closed", author="mallory")], OURS, Move.CREATE, False),
        (FIXES, [pull(author="mallory")], OURS, Move.LEAVE, False),
        ("", [pull(author="mallory")], OURS, Move.LEAVE, False),
        (FIXES, [pull(body="Mine")], OURS, Move.LEAVE, False),
    ],
)
def test_each_case(fixes: str, there: list[PullRequest], tip: Tip | None, move: Move, pushes: bool) -> None:
    """Opened once, kept, told anew, closed; what a person closed or opened is theirs."""
    found = step(fixes, BODY, there, tip, ME)
    assert (found.move, found.pushes) == (move, pushes)


@pytest.mark.parametrize("message", ["Fix it by hand", OURS.message.replace(TREE, "cd" * 20), ""])
@pytest.mark.parametrize("fixes", ["", FIXES, "00"])
def test_a_branch_that_a_person_changed_is_left_alone(message: str, fixes: str) -> None:
    """Whatever would be written, and whether a pull request is open."""
    for there in ([], [pull()]):
        assert step(fixes, BODY, there, Tip("ef" * 20, TREE, message), ME).move is Move.LEAVE


WITHOUT = Tip("cd" * 20, TREE, message_of(CHANGES[1:], TREE, FIXES))


@pytest.mark.parametrize(
    "owners, fixes, tip, waits",
    [
        (Owners.KNOWN, FIXES, OURS, False),
        (Owners.KNOWN, "", OURS, False),
        (Owners.UNKNOWN, FIXES, None, True),
        (Owners.UNKNOWN, "00", WITHOUT, True),
        (Owners.UNTOLD, FIXES, None, False),
        (Owners.UNTOLD, "00", WITHOUT, False),
        (Owners.UNTOLD, "00", OURS, True),
        (Owners.UNTOLD, "", WITHOUT, True),
    ],
)
@pytest.mark.parametrize("there", [[], [pull()]], ids=["none", "open"])
def test_owners_that_are_not_known(
    owners: Owners, fixes: str, tip: Tip | None, waits: bool, there: list[PullRequest]
) -> None:
    """Nothing is pushed or closed for want of them; who may never know them proposes the rest."""
    found = step(fixes, BODY, there, tip, ME, owners)
    assert (found.why == "who owns it is not known now") is waits
    assert not waits or (found.move, found.pushes) == (Move.LEAVE, False)


def test_what_a_commit_writes() -> None:
    """A file by its name, in whatever folder; no part of a name."""
    deep = Tip("", TREE, message_of((Change(".github/CODEOWNERS", None, b"", ()),), TREE, FIXES))
    other = Tip("", TREE, message_of((Change("MYCODEOWNERS", None, b"", ()),), TREE, FIXES))
    assert [one.writes("CODEOWNERS") for one in (OURS, deep, WITHOUT, other)] == [True, True, False, False]


def test_a_digest_is_of_paths_and_contents() -> None:
    """And of nothing there is none."""
    other = (Change("CODEOWNERS", None, b"* @y\n", ()), CHANGES[1])
    assert fixes_of(()) == ""
    assert len({fixes_of(CHANGES), fixes_of(other), fixes_of(CHANGES[:1])}) == 3


@pytest.mark.parametrize(
    "neighbours, root, why",
    [
        (Neighbours(), "", ""),
        (Neighbours(), "other", ""),
        (Neighbours(("web",)), "Auth_", ""),
        (Neighbours(("web",)), "web", "the root is that of web, and which folder is its own is not known"),
        (Neighbours(("id", "web")), "", "shares the root with id, web, and nothing there says whose it is"),
        (
            Neighbours(whole=False),
            "",
            "others may share the root: the audit is of a part, and neither root nor registry says whose it is",
        ),
        (Neighbours(whole=False), "auth", ""),
        (Neighbours(whole=False), "web", "the root is that of web, and which folder is its own is not known"),
    ],
)
def test_whose_the_root_is(neighbours: Neighbours, root: str, why: str) -> None:
    """A service alone in its repository; of several the one that the root's files name, and nobody else."""
    assert neighbours.why_not("auth", root) == why


def test_whose_the_root_is_is_said_in_a_line() -> None:
    """Whatever somebody calls a service."""
    for said in (Neighbours((HOSTILE,)).why_not("auth", ""), Neighbours(("web",)).why_not("auth", HOSTILE)):
        assert len(said) <= 100
        assert "\n" not in said


def test_the_text_is_harmless() -> None:
    """Names of files and reasons are text."""
    made = body_of((Change(HOSTILE, None, b"", (HOSTILE,)),), (Left(HOSTILE, (HOSTILE,), HOSTILE),), FIXES)
    assert mark_of(made) == FIXES
    assert "Left to a person" in made
    assert "\x1b" not in made
    assert "\u202e" not in message_of((Change(HOSTILE, None, b"", ()),), TREE, FIXES)


def test_what_is_no_mark() -> None:
    """It stands alone in the first line, or right above what our text begins with."""
    assert mark_of(BODY) == FIXES
    assert mark_of(ended("Done.")) == ""
    assert [mark_of(one) for one in (None, "", "Text\n" + BODY.split("\n")[0], "> " + BODY)] == [None] * 4
    made = body_of((Change("a", None, b"", ()),), (), FIXES)
    assert [mark_of(f"Not now.\r\n\r\n{one}") for one in (made, ended(PASSES), ended("Done."))] == [FIXES, "", None]
