"""GitHub's issues: what the client asks for, and what it makes of the answers."""

from __future__ import annotations

import pytest

from chittyactions.ecosystem.github_issues import PER_PAGE, Account, Issues, graphql_base
from chittyactions.ecosystem.github_pulls import PullRequests
from chittyactions.errors import AnswerLost, BadAnswer, Refused
from chittyactions.http import Client, Deadline
from chittylocal import Fault, Local

NAME = "acme/hello"
ME = {"login": "octocat", "type": "User"}


@pytest.fixture
def client() -> Client:
    """Waits are not slept."""
    return Client("GitHub's API", Deadline(20), environ={}, sleep=lambda _: None)


@pytest.fixture
def issues(local: Local, client: Client) -> Issues:
    """Of a repository, with a person's token."""
    local.github.repository(NAME, {"README.md": "Hello"})
    token, url = local.github.person("octocat"), local.urls()["GITHUB_API_URL"]
    return Issues(client, repository=NAME, token=token, base_url=url)


def test_an_issue_from_beginning_to_end(local: Local, issues: Issues) -> None:
    """Made, edited, closed with a reason and opened again, each as GitHub then has it."""
    made = issues.create("Title", "Text", ("one",))
    assert (made.number, made.state, made.author, made.labels[0].name) == (1, "open", "octocat", "one")
    assert issues.edit(1, body="Other").body == "Other"
    closed = issues.close(1, body="Last", reason="not_planned")
    assert (closed.state, closed.state_reason, closed.body) == ("closed", "not_planned", "Last")
    opened = issues.reopen(1, body="Again")
    assert (opened.state, issues.get(1).body, issues.get(1).title) == ("open", "Again", "Title")


def test_the_list_is_whole(local: Local, issues: Issues) -> None:
    """Every page, open and closed, of one author, the oldest first; never a pull request, and never the search."""
    for number in range(PER_PAGE + 3):
        local.github.issues.open(NAME, f"{number}", author=ME, state="closed" if number % 2 else "open")
    local.github.issues.open(NAME, "Theirs", author={"login": "mallory", "type": "User"})
    local.github.push(NAME, {"x": "y"}, branch="theirs")
    local.github.add_pull(NAME, "A pull request", "theirs", "main", "")
    assert [one.number for one in issues.by("octocat")] == list(range(1, PER_PAGE + 4))
    assert [one.number for one in issues.by("github-actions[bot]")] == []
    assert not any("search" in one["path"] for one in local.requests("github"))


def test_a_list_without_end_is_an_error(local: Local, issues: Issues) -> None:
    """What was not read could be ours, so that nothing may follow from it."""
    page = [{"number": number, "state": "open", "user": ME} for number in range(PER_PAGE)]
    local.fault("github", "GET", "*/issues", Fault("status", status=200, body=page))
    with pytest.raises(BadAnswer, match="more than 5000 issues by octocat"):
        issues.by("octocat")


def test_comments_on_every_page(local: Local, issues: Issues) -> None:
    """The oldest first, with their authors."""
    issues.create("Title", "Text", ())
    for number in range(PER_PAGE):
        local.github.add_comment(NAME, 1, f"{number}")
    issues.note(1, "Last")
    found = issues.notes(1)
    issues.remove_note(found[1].id)
    issues.remove_note(found[1].id)
    assert len(issues.notes(1)) == PER_PAGE
    assert (len(found), found[0].body, found[-1].body, found[-1].author) == (PER_PAGE + 1, "0", "Last", "octocat")


def test_labels(local: Local, issues: Issues) -> None:
    """Whatever is in their names; one that is made meanwhile is as good."""
    for name in ("plain", "a/b c?d#é"):
        assert issues.has_label(name) is False
        issues.make_label(name, colour="d93f0b", description="About")
        assert issues.has_label(name) is True
        issues.make_label(name, colour="ffffff", description="Other")
    assert {one["color"] for one in local.github.labels.of(NAME)} == {"d93f0b"}
    with pytest.raises(Refused):
        issues.make_label("x", colour="red", description="")


def test_what_is_new_is_sent_once(local: Local, issues: Issues) -> None:
    """A lost answer may have made it."""
    local.fault("github", "POST", "*", Fault("reset", after_effect=True))
    for make in (lambda: issues.create("Title", "Text", ()), lambda: issues.note(1, "Text")):
        with pytest.raises(AnswerLost):
            make()
    assert (len(local.github.issues.of(NAME)), len(local.github.comments(NAME, 1))) == (1, 1)


def test_whether_a_repository_is_private(local: Local, issues: Issues) -> None:
    """As GitHub says."""
    local.github.profile(NAME).private = True
    assert issues.is_private() is True


def test_whose_a_token_is(local: Local, client: Client) -> None:
    """A person's, and the workflow's of whom REST's user knows nothing."""
    url = local.urls()["GITHUB_API_URL"]
    found = [
        Account(client, token=token, base_url=url).login()
        for token in (local.github.person("octocat"), local.github_token)
    ]
    assert found == ["octocat", "github-actions[bot]"]


@pytest.mark.parametrize(
    "rest, base",
    [
        ("https://api.github.com", "https://api.github.com"),
        ("https://ghe.example.com/api/v3/", "https://ghe.example.com/api"),
    ],
)
def test_where_graphql_is(rest: str, base: str) -> None:
    """An enterprise server has it beside REST's version."""
    assert graphql_base(rest) == base


@pytest.mark.parametrize(
    "answers, pinned, asked",
    [
        ([{"data": {"node": {"isPinned": True}}}], True, 1),
        ([{"data": {"node": {"isPinned": False}}}, {"data": {"pinIssue": {"issue": {"id": "I"}}}}], True, 2),
        ([{"data": {"node": None}}, {"data": None, "errors": [{"message": "No"}]}], False, 2),
    ],
)
def test_pinning(local: Local, client: Client, answers: list[object], pinned: bool, asked: int) -> None:
    """Once; and whether GitHub did it."""
    for answer in answers:
        local.fault("github", "POST", "/graphql", Fault("status", status=200, body=answer, times=1))
    account = Account(client, token="a-token", base_url=local.urls()["GITHUB_API_URL"])
    assert (account.pin("I"), len(local.requests("github"))) == (pinned, asked)


# -- pull requests -----------------------------------------------------------------------------------------------------


def test_the_pull_requests_of_a_branch(local: Local, client: Client) -> None:
    """Open and closed, the newest first; made, told anew and closed."""
    local.github.repository(NAME, {"README.md": "Hello"})
    token, url = local.github.person("octocat"), local.urls()["GITHUB_API_URL"]
    pulls = PullRequests(client, repository=NAME, token=token, base_url=url)
    for branch in ("ours/x", "ours/x-2"):
        local.github.push(NAME, {"x": branch}, branch=branch)
    assert pulls.of("ours/x") == ()
    first = pulls.open(branch="ours/x", base="main", title="Title", body="Text")
    pulls.open(branch="ours/x-2", base="main", title="Title", body="Text")
    pulls.edit(first.number, "Other")
    pulls.close(first.number, "Last")
    pulls.open(branch="ours/x", base="main", title="Title", body="New")
    found = [(one.number, one.state, one.body, one.author) for one in pulls.of("ours/x")]
    assert found == [(3, "open", "New", "octocat"), (1, "closed", "Last", "octocat")]
    with pytest.raises(Refused) as caught:
        pulls.open(branch="ours/x", base="main", title="Title", body="Text")
    assert caught.value.code == "pull request exists"
