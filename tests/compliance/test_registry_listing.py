"""GitHub asked for an organisation's repositories: over HTTP, from the backend that runs queries by GitHub's schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chittyactions.compliance.registry_listing import PAGE, Ask, Listed, Listing, listed
from chittyactions.ecosystem.github_budget import Budget
from chittyactions.ecosystem.github_graphql import GraphQL
from chittyactions.ecosystem.github_graphql_answers import Answered
from chittyactions.http import Client, Deadline
from chittylocal import Fault, Local

CONNECT = "service:\n  name: one\n"


@pytest.fixture
def local() -> Iterator[Local]:
    """A backend with three repositories of Acme."""
    with Local() as running:
        running.github.repository("Acme/one", {".chittyconnect.yml": CONNECT})
        running.github.repository("Acme/two", {"README.md": "# Two\n"})
        running.github.repository("Acme/void")
        yield running


def ask(local: Local) -> Ask:
    """What puts queries to it, and never waits."""
    client = Client("GitHub's API", Deadline(30), environ={}, sleep=lambda _: None)
    budget = Budget(longest=0.0)
    return GraphQL(
        client, token=lambda: local.github_token, url=local.urls()["GITHUB_GRAPHQL_URL"], budget=budget
    ).ask  # fmt: skip


def by_name(listing: Listing) -> dict[str, Listed]:
    """The repositories by their names."""
    return {one.name: one for one in listing.repositories}


def test_everything_that_is_asked_of_a_repository(local: Local) -> None:
    """The query is one of GitHub's schema; what each repository is and has comes back."""
    profile = local.github.profile("Acme/two")
    profile.archived = profile.fork = profile.private = profile.template = True
    found = listed(ask(local), "acme", ["Acme/one"])
    assert found.incomplete == ()
    assert by_name(found) == {
        "one": Listed("Acme/one", connect=CONNECT),
        "two": Listed("Acme/two", archived=True, fork=True, private=True, template=True),
        "void": Listed("Acme/void", empty=True),
    }


def test_many_repositories_come_in_pages(local: Local, tmp_path: Path) -> None:
    """One query a hundred, and every repository once."""
    (tmp_path / "CLAUDE.md").write_text("x")
    for number in range(PAGE + 30):
        local.github.folder(f"Acme/r{number}", tmp_path)
    before = local.github.budget.used
    found = listed(ask(local), "Acme", [])
    assert (len(found.repositories), found.incomplete) == (PAGE + 33, ())
    assert local.github.budget.used - before == 2


def test_a_page_that_is_too_large_is_halved(local: Local) -> None:
    """GitHub answers 502 where a page is too much for it."""
    local.fault("github", "POST", "/graphql", Fault("status", status=502, times=2))
    found = listed(ask(local), "Acme", [])
    assert (len(found.repositories), found.incomplete) == (3, ())


def test_a_service_that_stays_away_is_no_empty_organisation(local: Local) -> None:
    """What GitHub did not say is not known: it is said why."""
    local.fault("github", "POST", "/graphql", Fault("status", status=502))
    found = listed(ask(local), "Acme", ["Acme/gone"])
    assert (found.repositories, found.followed) == ((), {})
    assert found.incomplete[0].startswith("Acme: GitHub's API refused a query (HTTP 502).")


def test_registered_repositories_that_are_not_listed(local: Local) -> None:
    """What GitHub leads to, or nothing: a renamed one, a deleted one, one that never was."""
    local.github.rename("Acme/one", "Acme/first")
    local.github.delete("Acme/two")
    found = listed(ask(local), "Acme", ["Acme/one", "acme/TWO", "Acme/never", "Acme/void"])
    assert found.followed == {
        "acme/one": Listed("Acme/first", connect=CONNECT), "acme/two": None, "acme/never": None
    }  # fmt: skip
    assert found.incomplete == ()


def test_a_refusal_is_not_a_repository_that_is_gone(local: Local) -> None:
    """Single sign-on, or too much asked: what is missing stays unknown, and the others are told."""
    local.github.limits.errors["Acme/two"] = ("FORBIDDEN", "Resource protected by organization SAML enforcement.")
    local.github.profile("Acme/two").accessible = False
    found = listed(ask(local), "Acme", ["Acme/two", "Acme/gone"])
    assert found.followed == {"acme/gone": None}
    assert found.incomplete == ("Acme: Acme/two is not listed. This token may not read it.",)


def test_a_file_that_github_did_not_answer(local: Local) -> None:
    """It is unknown, and not absent."""
    local.github.limits.errors["Acme/one:HEAD:.chittyconnect.yml"] = ("SERVICE_UNAVAILABLE", "Try again later.")
    found = listed(ask(local), "Acme", [])
    said = "GitHub did not answer what is in .chittyconnect.yml of Acme/one (SERVICE_UNAVAILABLE)."
    assert by_name(found)["one"].unread == said
    assert found.incomplete == (f"Acme: {said}",)


def test_a_text_that_github_did_not_answer() -> None:
    """The same where the file is told, and not what is in it: it is not taken for one that is no text."""
    node = {"nameWithOwner": "Acme/one", "connect": {"__typename": "Blob", "text": None, "isTruncated": False}}
    data = {"repositories": {"totalCount": 1, "nodes": [node], "pageInfo": {"hasNextPage": False}}}
    nested: dict[tuple[str | int, ...], str] = {
        ("organization", "repositories", "nodes", 0, "connect", "text"): "INTERNAL"
    }
    found = listed(lambda _query, _variables: Answered({"organization": data}, nested=nested), "Acme", [])
    assert found.incomplete == ("Acme: GitHub did not answer what is in .chittyconnect.yml of Acme/one (INTERNAL).",)


def test_files_that_cannot_be_read(local: Local) -> None:
    """A folder of that name, a binary one, one that is cut off: each with its reason, and nothing is incomplete."""
    local.github.repository("Acme/folder", {".chittyconnect.yml/x": "x"})
    local.github.repository("Acme/binary", {".chittyconnect.yml": "a\0b"})
    local.github.repository("Acme/long", {".chittyconnect.yml": "# x\n" * 200_000})
    found = listed(ask(local), "Acme", [])
    unread = {name: one.unread.rpartition(" is ")[2] for name, one in by_name(found).items() if one.unread}
    assert unread == {"folder": "no file", "binary": "no text", "long": "larger than GitHub shows"}
    assert found.incomplete == ()


@pytest.mark.parametrize("login", ["Nobody", "octocat"])
def test_no_organisation(local: Local, login: str) -> None:
    """One that is not there, and a person, list nothing, and say so."""
    local.github.repository("octocat/own")
    local.github.rules.set_person("octocat")
    found = listed(ask(local), login, [f"{login}/own"])
    assert found == Listing(login, incomplete=(f"{login}: GitHub knows no organisation of that name.",))


def test_points_that_are_used_up(local: Local) -> None:
    """A wait that would be too long makes it incomplete, and nothing is said to be gone."""
    local.github.budget.use_up()
    found = listed(ask(local), "Acme", ["Acme/gone"])
    assert found.followed == {}
    assert found.incomplete
