"""A formula proposed to a tap: one branch and one pull request a version, whatever was there before."""

from __future__ import annotations

import pytest
from semver import Version

from chittyactions.errors import AnswerLost, Refused, ServiceError
from chittyactions.publish.tap import Edit, Found, New, Written
from chittylocal import Fault
from publish.tap.workshop import FORMULA, OLD, Workshop, tap_of

pytestmark = pytest.mark.engines

BRANCH = "chittyops/hello-1.0.1"
BODY = "Its sha256 is as served.\n"


def to(version: str) -> Edit:
    """An edit of the version alone, which leaves a formula that has it."""

    def edit(found: Found | None) -> New | None:
        assert found
        new = found.text.replace('"1.0.0"', f'"{version}"')
        return New(found.path, new) if new != found.text else None

    return edit


def propose(workshop: Workshop, version: str = "1.0.1", body: str = BODY) -> Written:
    """Propose the formula at a version."""
    return workshop.tap.propose(
        "hello", to(version), version=Version.parse(version), title=f"hello {version}", body=body
    )


def begin(workshop: Workshop, branch: str = BRANCH) -> None:
    """A branch at the tap's head."""
    repository = workshop.local.github.repositories.find(workshop.repository)
    assert repository
    head = repository.resolve("main")
    assert head
    repository.set_branch(branch, head)


def pulls(workshop: Workshop) -> list[tuple[str, str]]:
    """Branch and state of every pull request."""
    return [(pull["head"]["ref"], pull["state"]) for pull in workshop.local.github.pull_requests(workshop.repository)]


def test_a_proposal(workshop: Workshop) -> None:
    """A branch with one commit, and a pull request of it; the tap itself is as it was."""
    written = propose(workshop)
    (pull,) = workshop.local.github.pull_requests(workshop.repository)
    assert (written.url, written.changed) == (pull["html_url"], True)
    assert (pull["title"], pull["body"], pull["head"]["ref"], pull["base"]["ref"]) == (
        "hello 1.0.1", BODY, BRANCH, "main"
    )  # fmt: skip
    assert "1.0.1" in workshop.text(branch=BRANCH)
    assert workshop.messages(BRANCH) == ["hello 1.0.1", "First commit"]
    assert workshop.text() == OLD


def test_the_same_again_changes_nothing(workshop: Workshop) -> None:
    """A rerun finds the pull request open with that content."""
    first = propose(workshop)
    workshop.local.forget_requests()
    again = propose(workshop)
    assert (again.url, again.changed) == (first.url, False)
    assert workshop.writes() == []


def test_a_proposal_that_was_merged(workshop: Workshop) -> None:
    """The tap has it: nothing is proposed."""
    workshop.local.github.push(workshop.repository, {FORMULA: OLD.replace("1.0.0", "1.0.1")})
    assert not propose(workshop).changed
    assert pulls(workshop) == []


def test_an_open_proposal_is_brought_up_to_date(workshop: Workshop) -> None:
    """Rebuilt from another commit: the same pull request says so, on top of what people added to the branch."""
    first = propose(workshop, body=f"Built from {'a' * 40}.")
    workshop.local.github.push(workshop.repository, {"README.md": "a maintainer's"}, "theirs", BRANCH)
    edit: Edit = lambda _: New(FORMULA, "rebuilt")  # noqa: E731
    body = f"Built from {'b' * 40}."
    again = workshop.tap.propose("hello", edit, version=Version(1, 0, 1), title="hello 1.0.1", body=body)
    assert (again.url, again.changed) == (first.url, True)
    assert workshop.text(branch=BRANCH) == "rebuilt"
    assert workshop.messages(BRANCH) == ["hello 1.0.1", "theirs", "hello 1.0.1", "First commit"]
    assert workshop.local.github.pull_requests(workshop.repository)[0]["body"] == body


def test_what_people_made_of_a_proposal_stays(workshop: Workshop) -> None:
    """A maintainer's work on the branch, and their title and text, outlive a rerun, which finds nothing to do."""
    propose(workshop)
    theirs = workshop.text(branch=BRANCH).replace("end", 'depends_on "node@22"\nend')
    workshop.local.github.push(workshop.repository, {FORMULA: theirs}, "theirs", BRANCH)
    workshop.local.github.change_pull(workshop.repository, 1, {"title": "hello: 1.0.1", "body": "[x] read by Ann"})
    workshop.local.forget_requests()
    assert not propose(workshop).changed
    assert workshop.writes() == []
    assert workshop.text(branch=BRANCH) == theirs


def test_a_formula_that_people_moved_in_a_proposal_is_edited_there(workshop: Workshop) -> None:
    """The branch's own folders count: no second file of the name is made."""
    propose(workshop)
    repository = workshop.local.github.repositories.find(workshop.repository)
    assert repository
    moved = "Formula/h/hello.rb"
    first = workshop.local.github.push(workshop.repository, {"README.md": "# Tap\n"}, "no formula", "bare")
    repository.set_branch(BRANCH, first)
    workshop.local.github.push(workshop.repository, {moved: OLD}, "moved", BRANCH)
    assert propose(workshop).changed
    assert workshop.text(moved, BRANCH) == OLD.replace("1.0.0", "1.0.1")
    assert repository.entry(BRANCH, FORMULA) is None


def test_a_cask_and_a_formula_of_one_name(workshop: Workshop) -> None:
    """Each has its own branch and pull request."""
    cask = "Casks/hello.rb"
    workshop.local.github.push(workshop.repository, {cask: OLD})
    for formula in (FORMULA, cask):
        assert workshop.tap.propose(formula, to("1.0.1"), version=Version(1, 0, 1), title="t", body="b").changed
    assert pulls(workshop) == [(BRANCH, "open"), ("chittyops/casks/hello-1.0.1", "open")]
    assert "1.0.0" in workshop.text(cask, BRANCH)


@pytest.mark.parametrize("path", ["*/pulls", "*/git/ref/*", "*/compare/*"])
@pytest.mark.parametrize("fault", [Fault("reset"), Fault("status", status=502)], ids=["reset", "502"])
def test_a_lost_question_leaves_nothing_unknown(workshop: Workshop, path: str, fault: Fault) -> None:
    """Until the first write only questions are asked: what is lost of them is a failure, and the tap is as it was."""
    begin(workshop)
    workshop.local.github.push(workshop.repository, {FORMULA: OLD.replace("1.0.0", "1.0.1")}, "m", BRANCH)
    workshop.local.fault("github", "GET", path, fault)
    with pytest.raises(ServiceError) as caught:
        propose(workshop)
    assert not isinstance(caught.value, AnswerLost)
    assert "the tap is as it was" in caught.value.why
    assert workshop.writes() == []


@pytest.mark.parametrize("text", ["stale", OLD.replace("1.0.0", "1.0.1")], ids=["another text", "the same text"])
def test_a_branch_that_was_left_behind_begins_anew(workshop: Workshop, text: str) -> None:
    """A branch of an old run without a pull request grows from the tap as it is now, whatever it holds."""
    begin(workshop)
    workshop.local.github.push(workshop.repository, {FORMULA: text}, "of an old run", BRANCH)
    workshop.local.github.push(workshop.repository, {"README.md": "newer"}, "newer")
    assert propose(workshop).changed
    assert workshop.messages(BRANCH) == ["hello 1.0.1", "newer", "First commit"]


def test_a_killed_run_is_finished(workshop: Workshop) -> None:
    """Branch and commit are there, the pull request is not: a rerun opens it and commits nothing more."""
    begin(workshop)
    workshop.local.github.push(workshop.repository, {FORMULA: OLD.replace("1.0.0", "1.0.1")}, "hello 1.0.1", BRANCH)
    assert propose(workshop).changed
    assert workshop.messages(BRANCH) == ["hello 1.0.1", "First commit"]
    assert workshop.writes() == [("POST", "pulls")]


def test_a_slow_run_does_not_propose_below_a_higher_version(workshop: Workshop) -> None:
    """1.1.0 is open: 1.0.1 proposes nothing, and says why; a name that only begins alike does not count."""
    higher = propose(workshop, "1.1.0")
    written = propose(workshop)
    assert (written.url, written.changed, written.why) == (higher.url, False, "1.1.0 is proposed already")
    assert pulls(workshop) == [("chittyops/hello-1.1.0", "open")]
    workshop.local.github.push(workshop.repository, {"Formula/hell.rb": OLD})
    assert workshop.tap.propose("hell", to("1.0.1"), version=Version(1, 0, 1), title="t", body="b").changed


@pytest.mark.parametrize("path", ["git/refs", "contents/Formula/hello.rb", "pulls"])
@pytest.mark.parametrize("after_effect", [True, False], ids=["after it took effect", "on the way"])
def test_a_lost_answer_at_each_step(workshop: Workshop, path: str, after_effect: bool) -> None:
    """Whatever was lost, one branch and one commit are the result, and one pull request or an honest unknown."""
    workshop.local.fault("github", "P*T", f"/repos/*/{path}", Fault("reset", times=1, after_effect=after_effect))
    lost = not after_effect and path != "contents/Formula/hello.rb"
    if lost:
        with pytest.raises(AnswerLost):
            propose(workshop)
    assert propose(workshop).changed
    assert pulls(workshop) == [(BRANCH, "open")]
    assert workshop.messages(BRANCH) == ["hello 1.0.1", "First commit"]


def test_a_tap_that_lets_nobody_push_is_proposed_to(workshop: Workshop) -> None:
    """The protected branch is why there is this mode."""
    workshop.local.github.protect(workshop.repository)
    assert propose(workshop).changed


def test_an_empty_tap_takes_no_proposal(workshop: Workshop) -> None:
    """There is no branch to propose to: told with the remedy."""
    workshop.local.github.repository(f"{workshop.repository}-empty")
    tap = tap_of(workshop.local, f"{workshop.repository}-empty", [])
    edit: Edit = lambda _: New(FORMULA, "new")  # noqa: E731
    with pytest.raises(Refused, match="is empty") as caught:
        tap.propose("hello", edit, version=Version(1, 0, 1), title="t", body="b")
    assert "first commit" in caught.value.fix


def test_who_may_not_open_pull_requests(workshop: Workshop) -> None:
    """The workflow's own token in an organisation that forbids it: a TAP_TOKEN is asked for."""
    said = {"message": "GitHub Actions is not permitted to create or approve pull requests."}
    workshop.local.fault("github", "POST", "*/pulls", Fault("status", status=403, body=said))
    with pytest.raises(Refused, match="may not open pull requests") as caught:
        propose(workshop)
    assert "TAP_TOKEN" in caught.value.yaml
