"""The dashboard's issue: one, edited in place, and silent about what is private where it is public."""

from __future__ import annotations

import time
from typing import Any

import pytest

from chittyactions.compliance.audit.record import Standing
from chittyactions.compliance.audit.reports import markdown
from chittyactions.compliance.audit.reports.view import view
from chittyactions.compliance.remediation.dashboard_issue import Dashboard, dashboard_of, keep_dashboard
from chittyactions.compliance.remediation.issue_text import LIMIT
from chittyactions.compliance.remediation.keeping import Manner
from chittyactions.compliance.reports.markup import utf16
from chittyactions.ecosystem.github_issues import Issues
from chittyactions.errors import DOCS, InputError, ServiceError
from chittyactions.http import Client, Deadline
from chittylocal import Fault, Local
from compliance.remediation.audits import audit, check, service

HOME, ME = "chittyos/chittyops", "github-actions[bot]"


@pytest.fixture
def issues(local: Local) -> Issues:
    """The issues of the repository that has the dashboard."""
    local.github.repository(HOME, {"README.md": "Home"})
    client = Client("GitHub's API", Deadline(20), environ={}, sleep=lambda _: None)
    return Issues(client, repository=HOME, token=local.github_token, base_url=local.urls()["GITHUB_API_URL"])


def keep(issues: Issues, text: str, *, rehearse: bool = False, private: frozenset[str] = frozenset()) -> str:
    row, _ = keep_dashboard(issues, Manner(ME, ("compliance",)), Dashboard(text, private), rehearse=rehearse)
    return row.verb


def there(local: Local) -> list[tuple[int, str, str]]:
    found: list[dict[str, Any]] = local.github.issues.of(HOME)
    return [(one["number"], one["state"], one["body"].split("\n\n", 2)[-1]) for one in found]


def test_one_issue_edited_in_place(local: Local, issues: Issues) -> None:
    """Made, kept, edited without a comment, and opened again where somebody closed it."""
    assert [keep(issues, one) for one in ("First", "First", "Second")] == ["create", "keep", "edit"]
    local.github.issues.change(HOME, 1, state="closed")
    assert keep(issues, "Second") == "reopen"
    assert there(local) == [(1, "open", "Second")]
    assert local.github.comments(HOME, 1) == []


def test_a_note_above_it_makes_no_second_one(local: Local, issues: Issues) -> None:
    """The text below is known, and written anew with the next report alone; a quoted line is no dashboard."""
    keep(issues, "First")
    body = Dashboard("First").body
    local.github.issues.change(HOME, 1, body=f"Read this first!\n\n{body}")
    local.github.issues.open(HOME, "Notes", f"Notes.\n\n{body.splitlines()[0]}\n\nMore")
    assert keep(issues, "First") == "keep"
    assert [one[:2] for one in there(local)] == [(1, "open"), (2, "open")]
    assert local.github.issues.of(HOME)[0]["body"].startswith("Read this first!")
    assert keep(issues, "Second") == "edit"
    assert local.github.issues.of(HOME)[0]["body"] == Dashboard("Second").body


def test_a_rehearsal_makes_none(local: Local, issues: Issues) -> None:
    """It says what would happen."""
    assert (keep(issues, "First", rehearse=True), there(local)) == ("create", [])


def test_closed_as_not_planned_it_stays_closed(local: Local, issues: Issues) -> None:
    """A person's word."""
    keep(issues, "First")
    local.github.issues.change(HOME, 1, state="closed", state_reason="not_planned")
    assert (keep(issues, "Second"), there(local)) == ("leave", [(1, "closed", "First")])


def test_of_two_the_lower_number_goes_on(local: Local, issues: Issues) -> None:
    """A lost answer makes no second one; and a person's is no dashboard of ours."""
    body = Dashboard("Pasted").body
    local.github.issues.open(HOME, "Theirs", body, author={"login": "mallory", "type": "User"})
    local.fault("github", "POST", f"/repos/{HOME}/issues", Fault("reset", after_effect=True, times=1))
    keep(issues, "First")
    local.github.issues.open(HOME, "Another run's", Dashboard("First").body)
    keep(issues, "First")
    assert [one[:2] for one in there(local)] == [(1, "open"), (2, "open"), (3, "closed")]


@pytest.mark.parametrize(
    "text",
    [
        "see ChittyOS/Secret.",
        "https://github.com/chittyos/secret/issues/1",
        "chittyos/old",
        "https://github.com/chittyos/secret.git",
        "chittyos/secret.git.",
        f"{DOCS}audit.md#chittyos/secret",
        "chittyos/my\\_own",
        "chittyos/www<!-- -->.site",
        "_chittyos/secret_",
        "__chittyos/secret__, and more",
        "so_chittyos/secret_.",
        "chittyos/secret.md",
        "chittyos/secret.old",
        "It is chittyos/secret...",
        "…see:.chittyos/secret",
        "--chittyos/secret--that one",
        "chittyos/secret-",
        "[_chittyos/secret_](https://example.test)",
    ],
)
def test_a_public_one_names_nothing_private(local: Local, issues: Issues, text: str) -> None:
    """In whatever case, under each of its names; in a private repository it may."""
    others = [service(name=name, private=True) for name in ("my_own", "www.site")]
    found = audit(service(name="secret", private=True, repository="chittyos/old", moved_to="chittyos/secret"), *others)
    board = dashboard_of(found, text)
    with pytest.raises(InputError, match="would name 1 repository that is private") as caught:
        keep(issues, text, private=board.private)
    assert "secret" not in str(caught.value).lower()
    assert there(local) == []
    local.github.profile(HOME).private = True
    assert keep(issues, text, private=board.private) == "create"


@pytest.mark.parametrize(
    "text",
    [
        "chittyos/secret-2",
        "_chittyos/secret_2_",
        "mychittyos/secret",
        "my-chittyos/secret",
        "https://www.chittyos/secret",
        "chittyos/secrets.",
        "secret",
        "secret/chittyos",
    ],
)
def test_a_name_that_merely_looks_alike_is_none(local: Local, issues: Issues, text: str) -> None:
    """Another repository's, or an ordinary word."""
    assert keep(issues, text, private=frozenset({"chittyos/secret"})) == "create"


@pytest.mark.parametrize("name", ["secret-other", "secret.old", "secret_", "secret.md"])
@pytest.mark.parametrize("text", ["{}", "_{}_", "{}.", "https://github.com/{}.git", "{}.md", "{}/issues, {}"])
def test_a_longer_name_that_is_public_may_stand_there(name: str, text: str) -> None:
    """Also where a private repository's is the beginning of it; by itself that one still may not."""
    found = audit(service(name="secret", private=True), service(name=name))
    text = text.replace("{}", f"chittyos/{name}")
    assert dashboard_of(found, text).reveals("chittyos/chittyops") == 0
    assert dashboard_of(found, f"{text} chittyos/secret").reveals("chittyos/chittyops") == 1


def test_an_owner_may_end_like_another() -> None:
    """With the public name of the longer one, which only an enterprise's accounts have."""
    board = Dashboard("so_chittyos/secret", frozenset({"chittyos/secret"}), frozenset({"so_chittyos/secret"}))
    assert (board.reveals(), Dashboard(board.text, board.private).reveals()) == (0, 1)


def test_what_is_long_is_looked_through_in_time() -> None:
    """A text full of what may be names, against thousands of them."""
    private = frozenset(f"chittyos/private-{one}" for one in range(10_000))
    text = ("a" * 30_000 + "/") * 2 + "._-" * 10_000 + "/" + "chittyos/private-x " * 1_000 + "_chittyos/private-77_"
    began = time.process_time()
    assert Dashboard(text, private).reveals() == 1
    assert time.process_time() - began < 5


def test_our_own_pages_are_no_names(local: Local, issues: Issues) -> None:
    """Every report leads to them, also where nobody knows whether the repository that has them is public."""
    local.github.repository("chittyos/hub", {"README.md": "Hub"})
    issues = Issues(
        Client("GitHub's API", Deadline(20), environ={}, sleep=lambda _: None),
        repository="chittyos/hub", token=local.github_token, base_url=local.urls()["GITHUB_API_URL"],
    )  # fmt: skip
    unknown = service(name="chittyops", organization="CHITTYOS", standing=Standing.UNKNOWN, outcome=None)
    found = audit(unknown, service(check("chittycanon.codeowners"), name="auth"))
    text = markdown.render(view(found, public=True)) + f"\n{DOCS}compliance/health_endpoint.md#x\n"
    assert f"{DOCS}audit" in text
    private = dashboard_of(found, text).private
    assert private == {"chittyos/chittyops"}
    assert keep(issues, text, private=private) == "create"
    with pytest.raises(InputError, match="would name 1 repository"):
        keep(issues, f"{text}\n{DOCS.partition('/blob')[0]}", private=private)


def test_the_repository_that_it_is_in_is_no_secret(local: Local, issues: Issues) -> None:
    """Its report leads to the run there, whatever the audit knew of it."""
    text = f"https://github.com/{HOME}/actions/runs/1"
    assert keep(issues, text, private=frozenset({HOME})) == "create"


def test_a_text_that_is_too_long_is_cut_at_a_line() -> None:
    """With a word that it is."""
    body = Dashboard("| a row of the table 😀 |\n" * 5000).body
    assert LIMIT - 100 < utf16(body) <= LIMIT
    assert body.endswith("|\n\n_This is cut short: the report holds the rest._\n")


def test_why_it_could_not_be_kept(local: Local, issues: Issues) -> None:
    """As for any issue."""
    local.github.profile(HOME).has_issues = False
    with pytest.raises(ServiceError, match="chittyos/chittyops takes no issues"):
        keep(issues, "First")
