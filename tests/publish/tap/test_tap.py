"""One formula of a tap, read and changed by commits: no work of others is lost, no answer is guessed."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from chittyactions.errors import AnswerLost, BadAnswer, ConfigError, Refused, ServiceError
from chittyactions.publish.formula import FormulaError
from chittyactions.publish.tap import Edit, Found, Moved, New
from chittyactions.publish.tap_change import TRIES
from chittylocal import Fault
from publish.tap.workshop import FORMULA, OLD, Workshop, tap_of

pytestmark = pytest.mark.engines

NEW = OLD.replace("1.0.0", "1.0.1")
CONTENTS = f"/repos/*/contents/{FORMULA}"


def to(text: str, path: str = FORMULA) -> Edit:
    """An edit that always wants this text."""
    return lambda _: New(path, text)


def bump(found: Found | None) -> New | None:
    """An edit that changes the version and nothing else."""
    assert found
    return New(found.path, found.text.replace('"1.0.0"', '"1.0.1"'))


@pytest.mark.parametrize("path", ["Formula/tools/x.rb", "Casks/x/x.rb", "HomebrewFormula/x.rb", "x.rb"])
def test_a_formula_is_found_wherever_homebrew_would(workshop: Workshop, path: str) -> None:
    """In the tap's one folder of formulae, in any depth, then among its casks."""
    repository = f"{workshop.repository}-own"
    workshop.local.github.repository(repository, {path: "x", "README.md": "# Tap\n"})
    found = tap_of(workshop.local, repository, []).find("x")
    assert found is not None
    assert (found.path, found.text) == (path, "x")


def test_a_formula_that_homebrew_does_not_read_is_none(workshop: Workshop) -> None:
    """Beside a folder Formula, what lies at the root or in HomebrewFormula reaches nobody, and is not changed."""
    workshop.local.github.push(workshop.repository, {"x.rb": "x", "HomebrewFormula/x.rb": "x"})
    assert workshop.tap.find("x") is None
    assert workshop.tap.place("x") == "Formula/x.rb"
    workshop.local.github.push(workshop.repository, {"Formula/h/hello.rb": OLD})
    with pytest.raises(FormulaError, match="can't be told") as refused:
        workshop.tap.find("hello")
    assert "Formula/h/hello.rb and Formula/hello.rb" in refused.value.why


def test_a_tap_of_which_github_does_not_list_all(workshop: Workshop) -> None:
    """In a list that is cut, a formula that is missing may be there: nothing is guessed."""
    cut = {"sha": "1" * 40, "tree": [], "truncated": True}
    workshop.local.fault("github", "GET", "*/git/trees/*", Fault("status", status=200, body=cut))
    with pytest.raises(BadAnswer, match="did not list all files"):
        workshop.tap.find("hello")


def test_a_path_is_looked_at_alone(workshop: Workshop) -> None:
    """Who asks for the cask doesn't get the formula of that name."""
    assert workshop.tap.find("Casks/hello.rb") is None
    assert workshop.tap.find(FORMULA) is not None
    assert workshop.tap.find("none") is None


def test_a_commit(workshop: Workshop) -> None:
    """The file has the new text, in one commit with the message, whose page is returned."""
    written = workshop.tap.commit("hello", bump, "hello 1.0.1")
    head = workshop.local.github.log(workshop.repository)[0]
    assert (workshop.text(), head.message) == (NEW, "hello 1.0.1")
    assert (written.url, written.changed) == (f"https://github.com/{workshop.repository}/commit/{head.sha}", True)
    assert workshop.text("README.md") == "# Tap\n"


def test_a_new_formula(workshop: Workshop) -> None:
    """A file that the tap has not is made."""
    assert workshop.tap.commit("fresh", to("new", "Formula/fresh.rb"), "fresh 1.0.0").changed
    assert workshop.text("Formula/fresh.rb") == "new"


@pytest.mark.parametrize("edit", [lambda _: None, to(OLD)], ids=["an edit that leaves it", "the same text"])
def test_nothing_to_do(workshop: Workshop, edit: Edit) -> None:
    """No commit is made, and nothing is even asked for."""
    assert not workshop.tap.commit("hello", edit, "m").changed
    assert workshop.writes() == []


def test_bytes_that_nobody_edits_stay(workshop: Workshop) -> None:
    """A byte order mark, CRLF and a Latin-1 comment come out as they went in."""
    strange = b'\xef\xbb\xbf# caf\xe9\r\nversion "1.0.0"\r\n'
    workshop.local.github.push(workshop.repository, {FORMULA: strange.decode("utf-8", "surrogateescape")})
    workshop.tap.commit("hello", bump, "m")
    folder = workshop.local.github.git_folder(workshop.repository)
    shown = subprocess.run(["git", "show", f"main:{FORMULA}"], cwd=folder, capture_output=True, check=True).stdout
    assert shown == strange.replace(b"1.0.0", b"1.0.1")


def test_an_edit_is_made_on_what_others_wrote_meanwhile(workshop: Workshop) -> None:
    """The tap moved between reading and writing: it is read again, and both changes are in."""
    seen: list[str] = []

    def edit(found: Found | None) -> New | None:
        assert found
        seen.append(found.text)
        if len(seen) == 1:
            workshop.local.github.push(workshop.repository, {FORMULA: OLD + "# theirs\n"}, "theirs")
        return bump(found)

    assert workshop.tap.commit("hello", edit, "ours").changed
    assert workshop.text() == NEW + "# theirs\n"
    assert workshop.messages()[:2] == ["ours", "theirs"]
    assert "changed while it was edited" in workshop.said[0]


def test_others_may_have_done_it_already(workshop: Workshop) -> None:
    """The tap moved to the very text that is wanted: nothing more is done, and it was not us."""

    def edit(found: Found | None) -> New | None:
        if found and found.text == OLD:
            workshop.local.github.push(workshop.repository, {FORMULA: NEW}, "theirs")
        return bump(found)

    assert not workshop.tap.commit("hello", edit, "ours").changed
    assert workshop.messages()[0] == "theirs"


def test_a_tap_that_never_stands_still(workshop: Workshop) -> None:
    """After a few tries it is told, and nothing of others was overwritten."""
    count = 0

    def edit(found: Found | None) -> New | None:
        nonlocal count
        count += 1
        workshop.local.github.push(workshop.repository, {FORMULA: f"theirs {count}"}, "theirs")
        return New(FORMULA, "ours")

    with pytest.raises(Moved, match="changed while it was edited"):
        workshop.tap.commit("hello", edit, "ours")
    assert workshop.text() == f"theirs {TRIES}"


def test_two_runs_make_the_same_new_file(workshop: Workshop) -> None:
    """Who comes second finds it there: a file that was not there before is not replaced."""
    path = "Formula/fresh.rb"

    def edit(found: Found | None) -> New | None:
        if found is None:
            workshop.local.github.push(workshop.repository, {path: "theirs"}, "theirs")
            return New(path, "ours")
        return None

    assert not workshop.tap.commit("fresh", edit, "ours").changed
    assert workshop.text(path) == "theirs"


def test_githubs_word_for_a_branch_that_moved_between(workshop: Workshop) -> None:
    """GitHub also answers 409 when anything else came to the branch in that moment: the same again does it."""
    said = {"message": "Formula/hello.rb is at 2a but expected 1b"}
    workshop.local.fault("github", "PUT", CONTENTS, Fault("status", status=409, body=said, times=1))
    assert workshop.tap.commit("hello", bump, "hello 1.0.1").changed
    assert workshop.messages() == ["hello 1.0.1", "First commit"]


def test_runs_at_the_same_time(workshop: Workshop) -> None:
    """Four runs of one release make one commit; runs of other formulas at the same time lose nothing."""
    formulas = {f"Formula/other{number}.rb": OLD for number in range(3)}
    workshop.local.github.push(workshop.repository, formulas)

    def run(formula: str) -> bool:
        tap = tap_of(workshop.local, workshop.repository, [])
        edit: Edit = lambda found: New(found.path, NEW) if found and found.text != NEW else None  # noqa: E731
        return tap.commit(formula, edit, f"{formula} 1.0.1").changed

    with ThreadPoolExecutor(7) as pool:
        changed = list(pool.map(run, ["hello"] * 4 + [f"other{number}" for number in range(3)]))
    assert (sum(changed[:4]), changed[4:]) == (1, [True] * 3)
    assert {workshop.text(path) for path in [FORMULA, *formulas]} == {NEW}
    assert len(workshop.messages()) == 2 + 4


def test_an_error_of_the_edit_is_the_callers(workshop: Workshop) -> None:
    """What an edit raises reaches who gave it, and nothing was sent."""

    def edit(_: Found | None) -> New | None:
        raise ConfigError("a shape that is not recognised")

    with pytest.raises(ConfigError):
        workshop.tap.commit("hello", edit, "m")
    assert workshop.writes() == []


# -- answers that are lost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["reset", "truncated", "empty", "502"])
def test_a_commit_whose_answer_is_lost_is_found(workshop: Workshop, kind: str) -> None:
    """It was made and the answer lost: the tap is read, the commit counts as ours, and there is one."""
    how = {"kind": "status", "status": 502} if kind == "502" else {"kind": kind}
    workshop.local.fault("github", "PUT", CONTENTS, Fault(**how, after_effect=True, times=1))
    written = workshop.tap.commit("hello", bump, "hello 1.0.1")
    assert written.changed
    assert written.url.endswith(workshop.local.github.log(workshop.repository)[0].sha)
    assert workshop.messages() == ["hello 1.0.1", "First commit"]
    assert "the commit was made" in workshop.said[0]


def test_a_commit_is_found_at_the_second_look(workshop: Workshop) -> None:
    """The write and the first look after it were lost: the next look shows it, and it counts as ours."""
    workshop.local.fault("github", "PUT", CONTENTS, Fault("reset", after_effect=True, times=1))
    workshop.local.fault("github", "GET", CONTENTS, Fault("status", status=500, skip=1, times=1))
    written = workshop.tap.commit("hello", bump, "hello 1.0.1")
    assert written.changed
    assert written.url.endswith(workshop.local.github.log(workshop.repository)[0].sha)
    assert workshop.writes() == [("PUT", "hello.rb")]


def test_a_commit_that_was_lost_on_the_way_is_sent_again(workshop: Workshop) -> None:
    """The connection broke and the tap shows nothing: the same change, on the same blob, is sent once more."""
    workshop.local.fault("github", "PUT", CONTENTS, Fault("reset", times=1))
    assert workshop.tap.commit("hello", bump, "hello 1.0.1").changed
    assert workshop.messages() == ["hello 1.0.1", "First commit"]
    assert workshop.writes() == [("PUT", "hello.rb")] * 2


def test_what_cannot_be_cleared_up_is_unknown(workshop: Workshop) -> None:
    """No answer to the write, and none to the question whether it was made: unknown, not failed."""
    workshop.local.fault("github", "PUT", CONTENTS, Fault("reset", after_effect=True))
    workshop.local.fault("github", "GET", CONTENTS, Fault("reset", skip=1))
    with pytest.raises(AnswerLost):
        workshop.tap.commit("hello", bump, "hello 1.0.1")


def test_a_lost_question_leaves_nothing_unknown(workshop: Workshop) -> None:
    """Only a question was asked: that is a failure, and it says that the tap is as it was."""
    workshop.local.fault("github", "GET", "*", Fault("reset"))
    with pytest.raises(ServiceError) as caught:
        workshop.tap.commit("hello", bump, "hello 1.0.1")
    assert not isinstance(caught.value, AnswerLost)
    assert "the tap is as it was" in caught.value.why


# -- refusals ------------------------------------------------------------------------------------------------------

REFUSALS = {
    "no such tap": (Fault("status", status=404), "There is no tap", "TAP_TOKEN"),
    "a bad token": (Fault("status", status=401), "does not take the token", "TAP_TOKEN"),
    "no permission": (Fault("status", status=403), "may not change", "contents: write"),
    "a limit": (
        Fault("status", status=403, headers={"x-ratelimit-remaining": "0"}), "takes no more requests", "Run again later"
    ),
    "single sign-on": (Fault("status", status=403, headers={"X-GitHub-SSO": "required"}), "may not be", "Authorise"),
    "archived": (
        Fault("status", status=403, body={"message": "Repository was archived so is read-only."}), "is archived", "tap"
    ),
    "renamed": (Fault("redirect", status=301), "has another name now", "as it is called now"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_say_what_to_do(workshop: Workshop, name: str) -> None:
    """Each names the tap, the cause and the remedy; the token is in none."""
    fault, words, fix = REFUSALS[name]
    workshop.local.fault("github", "*", "/repos/*", fault)
    with pytest.raises(Refused, match=words) as caught:
        workshop.tap.commit("hello", bump, "m")
    assert fix in caught.value.fix + caught.value.yaml
    assert "package-publish.md#" in caught.value.link
    assert "a-token" not in str(caught.value)
    assert workshop.local.requests("elsewhere") == []


def test_a_tap_that_is_not_there(workshop: Workshop) -> None:
    """GitHub's own 404 reads the same."""
    tap = tap_of(workshop.local, "chittyos/none", [])
    with pytest.raises(Refused, match="There is no tap chittyos/none for this token"):
        tap.find("hello")


def test_a_protected_branch(workshop: Workshop) -> None:
    """Commits are refused, and the way by pull request is shown."""
    workshop.local.github.protect(workshop.repository)
    with pytest.raises(Refused, match="takes no direct commits") as caught:
        workshop.tap.commit("hello", bump, "m")
    assert "tap_mode: pull-request" in caught.value.yaml
    assert workshop.text() == OLD


def test_an_empty_tap_gets_its_first_formula(workshop: Workshop) -> None:
    """A tap without a commit is a tap: the formula is its first file."""
    workshop.local.github.repository(f"{workshop.repository}-empty")
    tap = tap_of(workshop.local, f"{workshop.repository}-empty", [])
    assert tap.commit("hello", to(NEW), "hello 1.0.1").changed
    assert workshop.local.github.read(f"{workshop.repository}-empty", FORMULA) == NEW


# -- dispatch ------------------------------------------------------------------------------------------------------


def test_a_dispatch(workshop: Workshop) -> None:
    """The event of today with its four fields."""
    release = {"formula": "hello", "version": "1.0.1", "sha256": "ab" * 32, "url": "https://git.chitty.cc/hello@1.0.1"}
    workshop.tap.dispatch(**release)
    assert workshop.local.github.dispatches(workshop.repository) == [
        {"event_type": "update-formula", "client_payload": release}
    ]


@pytest.mark.parametrize("fault", [Fault("reset", after_effect=True), Fault("status", status=502)])
def test_a_lost_dispatch_is_unknown_and_not_repeated(workshop: Workshop, fault: Fault) -> None:
    """Nobody can ask whether it arrived: it is told as unknown, and sent once."""
    workshop.local.fault("github", "POST", "*/dispatches", fault)
    with pytest.raises(AnswerLost):
        workshop.tap.dispatch(formula="hello", version="1.0.1", sha256="", url="")
    assert workshop.writes() == [("POST", "dispatches")]
